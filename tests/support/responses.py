"""Drives OpenAI Responses as the tests of its folder need it: requests and answers written as Python values."""

import json
from collections.abc import Iterable
from typing import Any

from dragoman.core import seal
from dragoman.core.config import Provider, Target
from dragoman.core.events import Event, Failed
from dragoman.core.loss import Loss
from dragoman.core.quirks import Quirks
from dragoman.core.request import Envelope, Headers, Request
from dragoman.dialects.base import NOTHING, Answering, Built, Stamp, Undo
from dragoman.dialects.openai_responses import DIALECT

KEY = b"a key of these tests"
ORIGIN = "openai-responses:example"


def target(model: str = "up-model", quirks: Quirks | None = None, **more: Any) -> Target:
    provider = Provider(id=1, name="Example", slug="example", provider_type="custom", base_url="https://api.example/v1")
    members = {"base": "https://api.example/v1", **more}
    return Target(provider=provider, model=model, dialect=DIALECT.id, quirks=quirks or Quirks(), **members)


def envelope(body: Any, path: str = "/v1/responses", headers: Headers = ()) -> Envelope:
    data = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    return DIALECT.peek("POST", path, "", headers, data)


def parse(body: Any) -> Request:
    return DIALECT.parse_request(envelope(body), lambda text: seal.unseal(text, KEY))


def ask(*items: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"model": "m", "input": list(items) or [{"role": "user", "content": "Hi"}], **members}


def build(request: Request, **quirks: Any) -> Built:
    found = Quirks(**quirks)
    return DIALECT.build_request(request, target(quirks=found), found)


def built(request: Request, **quirks: Any) -> dict[str, Any]:
    """The body alone, as a value."""
    found: dict[str, Any] = json.loads(build(request, **quirks).body)
    return found


def told(losses: Iterable[Loss]) -> dict[str, str]:
    return {loss.path: loss.kind.value for loss in losses}


def lines(*events: dict[str, Any], named: bool = True) -> bytes:
    """A stream of events."""
    data = [(event["type"], json.dumps(event, ensure_ascii=False)) for event in events]
    return "".join(f"event: {kind}\ndata: {each}\n\n" if named else f"data: {each}\n\n" for kind, each in data).encode()


def response(*output: dict[str, Any], **members: Any) -> dict[str, Any]:
    head = {"id": "resp_1", "object": "response", "created_at": 1700000000, "model": "real-model", "status": "completed"}
    return {**head, "output": list(output), **members}


def whole(*output: dict[str, Any], **members: Any) -> bytes:
    return json.dumps(response(*output, **members), ensure_ascii=False).encode()


def created() -> dict[str, Any]:
    return {"type": "response.created", "response": response(status="in_progress")}


def completed(*output: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"type": "response.completed", "response": response(*output, **members)}


def message(*texts: str, **members: Any) -> dict[str, Any]:
    content = [{"type": "output_text", "text": text, "annotations": []} for text in texts]
    return {"id": "msg_1", "type": "message", "role": "assistant", "status": "completed", "content": content, **members}


def decode(data: bytes | list[bytes], *, stream: bool = True, quirks: Quirks | None = None, undo: Undo = NOTHING) -> list[Event]:
    return decode_with_losses(data, stream=stream, quirks=quirks, undo=undo)[0]


def decode_with_losses(
    data: bytes | list[bytes], *, stream: bool = True, quirks: Quirks | None = None, undo: Undo = NOTHING
) -> tuple[list[Event], list[Loss]]:
    decoder = DIALECT.decoder(stream, quirks or Quirks(), undo)
    events = [event for piece in ([data] if isinstance(data, bytes) else data) for event in decoder.feed(piece)]
    return events + decoder.close(), decoder.losses


def encode(
    events: list[Event], *, stream: bool = True, provider: str = "anthropic", body: Any = None
) -> tuple[bytes, list[Loss]]:
    """`body`: what the client asked."""
    counter = iter(range(1, 1000))
    answering = Answering(
        request=parse(ask() if body is None else body),
        stream=stream,
        stamp=Stamp(1_800_000_000, lambda prefix: f"{prefix}{next(counter):03d}"),
        seal=lambda value, kind: seal.seal(seal.Proof(f"{provider}:acme", kind, value), KEY),
        provider_dialect=provider,
        model="fallback-model",
    )
    encoder = DIALECT.encoder(answering)
    out = b"".join(encoder.encode(event) for event in events)
    return out + (b"" if isinstance(events[-1], Failed) and stream else encoder.close()), encoder.losses


def events_of(data: bytes) -> list[dict[str, Any]]:
    """The events of a stream."""
    return [json.loads(each.partition("\ndata: ")[2]) for each in data.decode().split("\n\n") if each]
