"""A gateway with four providers behind it, all the sandbox, each with one dialect: a client of any meets a provider of each.

`a` speaks Anthropic Messages, `c` OpenAI Chat, `r` OpenAI Responses, `g` Gemini.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from support.server import Server, serving

DIALECTS = {
    "a": ("anthropic", "anthropic", ""),
    "c": ("openai", "openai-chat", "/v1"),
    "r": ("openai", "openai-responses", "/v1"),
    "g": ("google", "gemini", "/v1beta"),
}
"""Name of the provider -> its type, its only dialect, the path of its base URL."""
PROVIDERS = tuple(DIALECTS)
MODELS = ("a:sandbox", "c:sandbox", "r:sandbox", "g:gemini-3-flash-preview")
"""One of each provider; Gemini's is one that insists on the signatures of its calls."""

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
"""A picture of one pixel, in base64."""


@dataclass(frozen=True)
class Stack:
    """`gateway`: base URL without `/v1`."""

    server: Server
    sandbox: Server

    @property
    def gateway(self) -> str:
        return self.server.base


@contextmanager
def stacked(folder: Path, env: dict[str, str] | None = None) -> Iterator[Stack]:
    """Both processes, and the providers made through the admin API."""
    (folder / "sandbox").mkdir()
    (folder / "gateway").mkdir()
    with (
        serving(folder / "sandbox", verb="sandbox") as sandbox,
        serving(folder / "gateway", env={"DRAGOMAN_ALLOW_PRIVATE": "true", **(env or {})}) as server,
    ):
        for name, (kind, dialect, path) in DIALECTS.items():
            made = server.ask("POST", "/admin/providers", provider(name, kind, dialect, sandbox.base + path))
            assert made.status == 201, made.body
        yield Stack(server, sandbox)


def provider(name: str, kind: str, dialect: str, base_url: str, **more: object) -> dict[str, object]:
    """A record as `POST /admin/providers` takes it."""
    return {
        "name": name,
        "provider_type": kind,
        "base_url": base_url,
        "api_key": "sandbox-key",
        "big_model": "sandbox",
        "medium_model": "sandbox",
        "small_model": "sandbox",
        "is_active": True,
        "priority": 1,
        "dialects": [dialect],
        **more,
    }
