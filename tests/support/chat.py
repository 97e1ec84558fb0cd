"""Drives OpenAI Chat as the tests of its folder need it: requests and answers written as Python values."""

import json
from collections.abc import Iterable
from typing import Any

from dragoman.core import seal
from dragoman.core.config import Provider, Target
from dragoman.core.events import Event, Failed
from dragoman.core.loss import Loss
from dragoman.core.quirks import Quirks
from dragoman.core.request import Envelope, Request
from dragoman.dialects.base import NOTHING, Answering, Built, Stamp, Undo
from dragoman.dialects.openai_chat import DIALECT

KEY = b"a key of these tests"
ORIGIN = "openai-chat:example"


def target(model: str = "up-model", quirks: Quirks | None = None, **more: Any) -> Target:
    provider = Provider(id=1, name="Example", slug="example", provider_type="custom", base_url="https://api.example/v1")
    members = {"base": "https://api.example/v1", **more}
    return Target(provider=provider, model=model, dialect=DIALECT.id, quirks=quirks or Quirks(), **members)


def envelope(body: Any) -> Envelope:
    data = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    return DIALECT.peek("POST", "/v1/chat/completions", "", (), data)


def parse(body: Any) -> Request:
    return DIALECT.parse_request(envelope(body), lambda text: seal.unseal(text, KEY))


def ask(*messages: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"model": "m", "messages": list(messages) or [{"role": "user", "content": "Hi"}], **members}


def build(request: Request, quirks: Quirks | None = None) -> Built:
    return DIALECT.build_request(request, target(quirks=quirks), quirks or Quirks())


def built(request: Request, quirks: Quirks | None = None) -> dict[str, Any]:
    """The body alone, as a value."""
    found: dict[str, Any] = json.loads(build(request, quirks).body)
    return found


def told(losses: Iterable[Loss]) -> dict[str, str]:
    return {loss.path: loss.kind.value for loss in losses}


def lines(*chunks: Any, done: bool = True) -> bytes:
    """A stream of chunks."""
    data = [chunk if isinstance(chunk, str) else json.dumps(chunk, ensure_ascii=False) for chunk in chunks]
    return "".join(f"data: {each}\n\n" for each in [*data, *(["[DONE]"] if done else [])]).encode()


def chunk(delta: dict[str, Any] | None = None, reason: str | None = None, **more: Any) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta or {}, "finish_reason": reason}
    head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1700000000, "model": "real-model"}
    return {**head, "choices": [choice], **more}


def whole(message: dict[str, Any], reason: str | None = "stop", **more: Any) -> bytes:
    choice = {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": reason}
    head = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1700000000, "model": "real-model"}
    return json.dumps({**head, "choices": [choice], **more}, ensure_ascii=False).encode()


def decode(data: bytes | list[bytes], *, stream: bool = True, quirks: Quirks | None = None, undo: Undo = NOTHING) -> list[Event]:
    decoder = DIALECT.decoder(stream, quirks or Quirks(), undo)
    events = [event for piece in ([data] if isinstance(data, bytes) else data) for event in decoder.feed(piece)]
    return events + decoder.close()


def encode(
    events: list[Event], *, stream: bool = True, provider: str = "anthropic", body: Any = None
) -> tuple[bytes, list[Loss]]:
    """`body`: what the client asked; by default a stream with usage."""
    counter = iter(range(1, 1000))
    asked = parse(ask(stream=True, stream_options={"include_usage": True}) if body is None else body)
    answering = Answering(
        request=asked,
        stream=stream,
        stamp=Stamp(1_800_000_000, lambda prefix: f"{prefix}{next(counter):03d}"),
        seal=lambda value, kind: seal.seal(seal.Proof(f"{provider}:acme", kind, value), KEY),
        provider_dialect=provider,
        model="fallback-model",
    )
    encoder = DIALECT.encoder(answering)
    out = b"".join(encoder.encode(event) for event in events)
    return out + (b"" if isinstance(events[-1], Failed) and stream else encoder.close()), encoder.losses


def chunks(data: bytes) -> list[dict[str, Any]]:
    """The chunks of a stream, `[DONE]` left out."""
    found = [line.removeprefix("data: ") for line in data.decode().split("\n\n") if line]
    return [json.loads(each) for each in found if each != "[DONE]"]
