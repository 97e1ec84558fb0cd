"""Clients of a running server in few words: a Chat call, a Messages call, a provider that is there for a while."""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from support.server import PATIENCE, Reply, Server

CHAT, MESSAGES, ANTHROPIC_MESSAGES = "/v1/chat/completions", "/v1/messages", "/api/anthropic/v1/messages"
HELLO = [{"role": "user", "content": "Hello"}]
OMITTED: Any = object()
T = TypeVar("T")


@dataclass(frozen=True)
class Caller:
    """A client with its headers. A model that is OMITTED is not in the body at all; None is there as null."""

    server: Server
    headers: Mapping[str, str] = field(default_factory=dict)

    def chat(self, model: Any = OMITTED, *, headers: Mapping[str, str] | None = None, **more: Any) -> Reply:
        body = {"messages": HELLO, **more}
        return self.post(CHAT, body if model is OMITTED else {"model": model, **body}, headers)

    def messages(
        self, model: Any = OMITTED, *, path: str = MESSAGES, headers: Mapping[str, str] | None = None, **more: Any
    ) -> Reply:
        body = {"max_tokens": 100, "messages": HELLO, **more}
        return self.post(path, body if model is OMITTED else {"model": model, **body}, headers)

    def post(self, path: str, body: Any, headers: Mapping[str, str] | None = None) -> Reply:
        return self.server.ask("POST", path, body, {**self.headers, **(headers or {})})

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Reply:
        return self.server.ask("GET", path, None, {**self.headers, **(headers or {})})


def bearer(key: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}"}


def text_of(reply: Reply) -> str:
    """The text of a whole answer of either dialect."""
    assert reply.status == 200, reply.body
    answer = reply.json
    if "choices" in answer:
        return str(answer["choices"][0]["message"]["content"])
    return "".join(block["text"] for block in answer["content"] if block["type"] == "text")


def chunks_of(reply: Reply) -> list[Any]:
    """The data of a stream's events, in order; `[DONE]` as text."""
    assert reply.status == 200, reply.body
    assert reply.headers["content-type"].startswith("text/event-stream")
    data = [line[6:] for line in reply.body.decode().split("\n") if line.startswith("data: ")]
    return [text if text == "[DONE]" else json.loads(text) for text in data]


def streamed_text(reply: Reply) -> str:
    """The text of a streamed answer of either dialect."""
    words = []
    for chunk in chunks_of(reply):
        if isinstance(chunk, dict):
            deltas = [choice["delta"] for choice in chunk.get("choices", [])] or [chunk.get("delta") or {}]
            words += [delta.get("content") or delta.get("text") or "" for delta in deltas]
    return "".join(words)


def record(name: str, url: str, kind: str = "custom", **more: Any) -> dict[str, Any]:
    """A provider as a person POSTs it, but for the tiers."""
    return {
        "name": name,
        "provider_type": kind,
        "base_url": url,
        "api_key": f"sk-of-{name}-0123456789",
        "is_active": True,
        **more,
    }


@contextmanager
def provided(server: Server, *records: Mapping[str, Any]) -> Iterator[Sequence[dict[str, Any]]]:
    """These providers, from `POST /admin/providers`, until the block ends."""
    with ExitStack() as stack:
        made = []
        for one in records:
            reply = server.ask("POST", "/admin/providers", one)
            assert reply.status == 201, reply.body
            made.append(reply.json)
            stack.callback(server.ask, "DELETE", f"/admin/providers/{reply.json['id']}")
        yield made


def soon(look: Callable[[], T], true: Callable[[T], bool]) -> T:
    """What `look` gives once it is right; fails with the last it gave."""
    deadline = time.monotonic() + PATIENCE
    while not true(found := look()):
        assert time.monotonic() < deadline, f"still {found!r}"
        time.sleep(0.05)
    return found


def records_of(server: Server, count: int) -> list[Any]:
    """The last `count` records in the server's log, once there are as many."""
    lines = soon(lambda: _calls(server), lambda found: len(found) >= count)
    return lines[-count:]


def record_of(server: Server, reply: Reply) -> Any:
    """The record of one answered call."""
    wanted = reply.headers["x-dragoman-request-id"]
    found = soon(lambda: [one for one in _calls(server) if one["id"] == wanted], bool)
    assert len(found) == 1
    return found[0]


def _calls(server: Server) -> list[Any]:
    return [json.loads(line) for line in server.said().splitlines() if line.startswith('{"event":"call"')]
