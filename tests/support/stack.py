"""A gateway with two providers behind it, both the sandbox: `a` speaks Anthropic Messages only, `c` OpenAI Chat only."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from support.server import Server, serving

MODELS = ("a:sandbox", "c:sandbox")
DIALECTS = {"a": ("anthropic", "anthropic", ""), "c": ("openai", "openai-chat", "/v1")}


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
