"""The vendors' real addresses, reached in here: a process that gets `environment()` finds every host name at the test's vendors.

Name lookup and connecting are changed in that process by a `sitecustomize` module, and nothing else is: URLs, names in TLS,
certificates and the guard of addresses are as on the internet. Without uvloop, whose sockets are not Python's.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from support.certificates import Authority
from support.vendors import Vendors

HOSTS = (
    *("api.openai.com", "your-resource.openai.azure.com", "api.anthropic.com", "generativelanguage.googleapis.com"),
    *("api.mistral.ai", "api.perplexity.ai", "your-custom-api.com", "api.groq.com", "openrouter.ai", "api.example.com"),
)
OLLAMA = 11434
ADDRESS = "93.184.215.14"
"""Any public one: it is never connected."""

_SITE = """
import socket, sys
sys.modules["uvloop"] = None
names, connect = socket.getaddrinfo, socket.socket.connect

def found(host, port, *args, **more):
    if host.replace(".", "").isdigit():
        return names(host, port, *args, **more)
    address = "127.0.0.1" if host == "localhost" else {address!r}
    return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, port or 0))]

def connected(self, address):
    port = {{({address!r}, 443): {secure}, ("127.0.0.1", {ollama}): {plain}}}.get(tuple(address[:2]))
    return connect(self, address if port is None else ("127.0.0.1", port))

socket.getaddrinfo, socket.socket.connect = found, connected
"""


@dataclass(frozen=True)
class Internet:
    """`vendors`: they are all of it."""

    vendors: Vendors
    folder: Path

    def environment(self) -> dict[str, str]:
        """For a process that shall live in it."""
        return {"PYTHONPATH": str(self.folder), "SSL_CERT_FILE": str(self.folder / "authority.pem")}


@contextmanager
def internet(folder: Path) -> Iterator[Internet]:
    if sys.platform == "win32":
        pytest.skip("connecting there is not a method of Python's sockets")
    authority = Authority(folder)
    (folder / "authority.pem").write_text(authority.pem, encoding="ascii")
    with Vendors(authority.server(*HOSTS)).running() as vendors:
        site = _SITE.format(address=ADDRESS, ollama=OLLAMA, secure=vendors.secure_port, plain=vendors.port)
        (folder / "sitecustomize.py").write_text(site, encoding="utf-8")
        yield Internet(vendors, folder)
