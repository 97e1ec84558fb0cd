"""Answers that a host wraps: the events of a dialect's stream inside Amazon's event stream (InvokeModelWithResponseStream).

Rule: what comes out is the stream as the dialect's own vendor sends it, so both lanes read it as any other; an exception of the
host is raised, as a broken connection is.
"""

import base64
import binascii
from typing import Protocol

from msgspec import Struct

from dragoman.core.errors import CallError, Error, ErrorKind
from dragoman.core.request import Headers
from dragoman.dialects.faults.amazon import plain
from dragoman.dialects.faults.read import told_by
from dragoman.relay.response import Response
from dragoman.wire import json, sse
from dragoman.wire.eventstream import CONTENT_TYPE, BrokenFrameError, Frame, Reader


class Body(Protocol):
    """What is read of an answer."""

    @property
    def headers(self) -> Headers: ...

    async def chunk(self) -> bytes: ...


class _Chunk(Struct):
    bytes: str = ""


class _Typed(Struct):
    type: str = ""


class _Exception(Struct, rename="camel"):
    message: str | None = None
    original_message: str | None = None
    original_status_code: int | None = None


def is_framed(response: Response) -> bool:
    return (response.header("content-type") or "").partition(";")[0].strip().lower() == CONTENT_TYPE


class Unwrapped:
    """The events in an answer, as server-sent events."""

    __slots__ = ("_failure", "_reader", "_response", "headers")

    def __init__(self, response: Response) -> None:
        self._response = response
        self._reader = Reader()
        self._failure: CallError | None = None
        self.headers: Headers = response.headers

    async def chunk(self) -> bytes:
        """The next events; b"" at the end. Raises CallError, also for what the host says went wrong."""
        while self._failure is None:
            data = await self._response.chunk()
            if not data:
                if self._reader.tail:
                    raise CallError(_broken("the provider's answer broke off inside a message"))
                return b""
            if events := self._events(data):
                return events
        raise self._failure

    def _events(self, data: bytes) -> bytes:
        """What came before a failure counts: the failure is raised by the next `chunk`."""
        events: list[bytes] = []
        try:
            for frame in self._reader.feed(data):
                events.append(_event(frame))
        except (BrokenFrameError, json.JSONError, binascii.Error) as error:
            self._failure = CallError(_broken(f"the provider's answer is broken: {error}"))
        except CallError as failure:
            self._failure = failure
        return b"".join(events)


def _event(frame: Frame) -> bytes:
    if frame.kind != "event":
        raise CallError(_told(frame))
    if frame.name != "chunk":
        return b""
    data = base64.b64decode(json.decode(frame.payload, _Chunk).bytes, validate=True)
    return sse.write(json.compact(data) if b"\n" in data else data, json.decode(data, _Typed).type)


def _told(frame: Frame) -> Error:
    try:
        said = json.decode(frame.payload, _Exception)
    except json.JSONError:
        said = _Exception()
    message = said.original_message or said.message or frame.headers.get(":error-message", "")
    code = {} if said.original_status_code is None else {"status_code": said.original_status_code}
    return told_by({"error": {"message": message, "type": plain(frame.name), **code}}, None)


def _broken(message: str) -> Error:
    return Error(kind=ErrorKind.SERVER, message=message, ours=True)
