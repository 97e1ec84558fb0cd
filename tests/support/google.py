"""Drives the Gemini dialect as the tests of its folder need it: requests and answers written as Python values."""

import json
from collections.abc import Iterable
from typing import Any

from dragoman.core.events import Event
from dragoman.core.loss import Loss
from dragoman.core.quirks import Quirks
from dragoman.core.request import Envelope, Request
from dragoman.dialects.base import NOTHING, Built, Undo
from dragoman.dialects.gemini import DIALECT
from support import speech

ID = DIALECT.id
URL = "/v1beta/models/m:generateContent"


def envelope(body: Any, url: str = URL, query: str = "") -> Envelope:
    return DIALECT.peek("POST", url, query, (), body if isinstance(body, bytes) else json.dumps(body).encode())


def parse(body: Any) -> Request:
    """A client's request; seals are not opened."""
    return DIALECT.parse_request(envelope(body), lambda text: None)


def ask(*parts: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"contents": [{"role": "user", "parts": list(parts) or [{"text": "Hi"}]}], **members}


def build(request: Request, quirks: Quirks | None = None) -> Built:
    return speech.build(request, ID, quirks)


def built(request: Request, quirks: Quirks | None = None) -> dict[str, Any]:
    """The body alone, as a value."""
    found: dict[str, Any] = json.loads(build(request, quirks).body)
    return found


def told(losses: Iterable[Loss]) -> dict[str, str]:
    return {loss.path: loss.kind.value for loss in losses}


def chunk(*parts: dict[str, Any], reason: str | None = None, **more: Any) -> dict[str, Any]:
    ended = {} if reason is None else {"finishReason": reason}
    candidate = {"content": {"parts": list(parts), "role": "model"}, **ended, "index": 0}
    return {"candidates": [candidate], "modelVersion": "gemini-x", "responseId": "r1", **more}


def lines(*chunks: Any) -> bytes:
    """A stream of events, as Google frames them."""
    return b"".join(b"data: %b\r\n\r\n" % json.dumps(each).encode() for each in chunks)


def decode(data: bytes, *, stream: bool = True, undo: Undo = NOTHING) -> list[Event]:
    return speech.decode(ID, data, stream=stream, undo=undo)


def frames(data: bytes) -> list[Any]:
    """The chunks of a stream that a client gets."""
    return [json.loads(each.removeprefix(b"data: ")) for each in data.split(b"\r\n\r\n") if each]
