"""Anthropic Messages by hand: bodies and streams as a provider writes them, without our encoder."""

import json
from collections.abc import Iterable
from typing import Any

from dragoman.core.config import Provider, Target
from dragoman.core.events import Event
from dragoman.core.loss import LossKind
from dragoman.core.quirks import Quirks
from dragoman.core.request import Request
from dragoman.core.seal import Proof, seal, unseal
from dragoman.dialects.anthropic import DIALECT
from dragoman.dialects.base import NOTHING, Answering, Built, Stamp, Undo

KEY = b"a key for tests"
PROVIDER = Provider(id=1, name="Claude", slug="claude", provider_type="anthropic", base_url="https://api.example")


def target(model: str = "claude-x", **members: Any) -> Target:
    return Target(**{"provider": PROVIDER, "model": model, "dialect": "anthropic", "base": "https://api.example", **members})


def parse(body: Any, operation: str = "") -> Request:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    envelope = DIALECT.peek("POST", f"/v1/messages{operation}", "", (), data)
    return DIALECT.parse_request(envelope, lambda text: unseal(text, KEY))


def asked(*messages: Any, **members: Any) -> Request:
    """A request of an Anthropic client; a string is a user's turn."""
    turns = [{"role": "user", "content": each} if isinstance(each, str) else each for each in messages]
    return parse({"model": "m", "max_tokens": 64, "messages": turns, **members})


def build(request: Request, **quirks: Any) -> Built:
    return DIALECT.build_request(request, target(), Quirks(**quirks))


def body(request: Request, **quirks: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(build(request, **quirks).body)
    return found


def losses(request: Request, **quirks: Any) -> dict[str, LossKind]:
    return {loss.path: loss.kind for loss in build(request, **quirks).losses}


def stream(*events: dict[str, Any], names: bool = True, newline: str = "\n") -> bytes:
    lines = []
    for event in events:
        name = f"event: {event['type']}{newline}" if names else ""
        lines.append(f"{name}data: {json.dumps(event)}{newline}{newline}")
    return "".join(lines).encode()


def start(**members: Any) -> dict[str, Any]:
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-x", "content": [], **members}
    return {"type": "message_start", "message": {"usage": {"input_tokens": 7, "output_tokens": 1}, **message}}


def block(index: int, content: dict[str, Any], *deltas: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"type": "content_block_start", "index": index, "content_block": content},
        *({"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas),
        {"type": "content_block_stop", "index": index},
    ]


def text(index: int, *pieces: str) -> list[dict[str, Any]]:
    return block(index, {"type": "text", "text": ""}, *({"type": "text_delta", "text": piece} for piece in pieces))


def end(reason: str | None = "end_turn", **usage: Any) -> list[dict[str, Any]]:
    counts = {"output_tokens": 5, **usage}
    return [
        {"type": "message_delta", "delta": {"stop_reason": reason, "stop_sequence": None}, "usage": counts},
        {"type": "message_stop"},
    ]


def decode(
    data: bytes | Iterable[bytes], *, streamed: bool = True, quirks: Quirks | None = None, undo: Undo = NOTHING
) -> list[Event]:
    decoder = DIALECT.decoder(streamed, quirks or Quirks(), undo)
    events: list[Event] = []
    for piece in [data] if isinstance(data, bytes) else data:
        events += decoder.feed(piece)
    return events + decoder.close()


def answering(*, streamed: bool = True, provider: str = "openai-chat", **members: Any) -> Answering:
    numbers = iter(range(1, 1000))
    return Answering(
        stream=streamed,
        stamp=Stamp(0, lambda prefix: f"{prefix}{next(numbers)}"),
        seal=lambda value, kind: seal(Proof(f"{provider}:acc", kind, value), KEY),
        provider_dialect=provider,
        **{"model": "m", "request": Request(dialect="anthropic"), **members},
    )


def written(data: bytes) -> list[tuple[str, dict[str, Any]]]:
    """(name, data) of each event of a stream of ours, which has exactly two lines each."""
    found = []
    for event in data.decode().split("\n\n")[:-1]:
        name, payload = event.split("\n")
        found.append((name.removeprefix("event: "), json.loads(payload.removeprefix("data: "))))
    return found
