"""Whether an address, a Host header or an Origin is this machine. Rule: pure, by one parser, and what cannot be read is not."""

import ipaddress
from functools import lru_cache
from urllib.parse import urlsplit

_NAME = "localhost"
_KEPT = 1024
"""Answers kept: each call asks, and the same few hosts call."""
_HTTP = frozenset({"http", "https"})


@lru_cache(_KEPT)
def is_loopback(host: str) -> bool:
    """127.0.0.0/8, ::1 (also with the IPv4 address inside IPv6), `localhost`. Brackets around IPv6 are allowed."""
    if host.lower() == _NAME:
        return True
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    try:
        address = ipaddress.ip_address(bare)
    except ValueError:
        return False
    inner = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (inner or address).is_loopback


@lru_cache(_KEPT)
def is_loopback_authority(authority: str) -> bool:
    """A Host header's `host[:port]`."""
    host, port = authority, ""
    if authority.startswith("["):
        end = authority.find("]")
        host, port = authority[: end + 1], authority[end + 1 :].removeprefix(":")
    elif ":" in authority:
        host, _, port = authority.partition(":")
    return (port == "" or (port.isascii() and port.isdigit())) and is_loopback(host)


def from_here(host: str) -> str:
    """The host part of a URL by which this machine reaches a server that listens on `host`."""
    return {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104


def is_foreign_web_page(origin: str) -> bool:
    """An Origin of a page that is not from this machine, or that hides where it is from. Applications with schemes of their own
    are no web pages."""
    if origin == "null":
        return True
    try:
        parts = urlsplit(origin)
        return parts.scheme in _HTTP and not is_loopback(parts.hostname or "")
    except ValueError:
        return True
