"""The limits of a client's connection that uvicorn has not: the size of a request's head, how long it may take to come, and how
long an answer may lie unread.

Rule: nothing of a request is kept beyond these limits, and nobody keeps a connection by sending nothing. They hold before
anybody is known, so they are the same for all.
"""

import asyncio
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from dragoman.api.joined import Joined

MAX_HEAD: Final = 64 * 1024
"""Bytes of a request line and its headers."""
MAX_HEADERS: Final = 200
PATIENCE: Final = 30.0
"""Seconds for a whole head, and of silence in the middle of a body."""
UNREAD: Final = 60.0
"""Seconds in which a client that lets an answer pile up must read some of it: a provider waits meanwhile."""
CLOSE: Final = "dragoman.close"
"""In the `state` of a request: closes its connection in the middle of an answer."""
_TOO_LARGE: Final = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-type: text/plain; charset=utf-8\r\nconnection: close\r\n"
    b"content-length: 34\r\n\r\nThe headers are more than allowed."
)


class _HeadTooLargeError(Exception):
    """Ends the parsing of a head."""


class Ingress(HttpToolsProtocol):
    """One connection. `_heading`: a head is under way. `_due`: when silence ends the connection, None where it may be silent."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._heading = self._over = False
        self._unfinished = True
        self._read = self._first = self._raw = 0
        self._due: float | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._unread: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(Joined(transport, self.loop))
        self.app_state = {**self.app_state, CLOSE: self._close}
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._due = None
        self.app_state = {}
        if self._timer is not None:
            self._timer.cancel()
        if self._unread is not None:
            self._unread.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._read = len(data)
        if self._heading:
            self._raw += len(data)
        super().data_received(data)
        if self._heading:
            if self._raw > MAX_HEAD:
                self._over = True
                self.send_400_response("")
            elif self._due is None:
                self._wait()
        elif self._unfinished and self.cycle is not None:
            self._wait()
        elif not self._unfinished:
            self._due = None
            if self.cycle.response_complete:  # white space between requests, which ends uvicorn's own waiting
                self._wait()

    def pause_writing(self) -> None:
        self._unread = self.loop.call_later(UNREAD, self.transport.abort)
        super().pause_writing()

    def resume_writing(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        """Also what is told of a head past its limits."""
        if self._over:
            self.transport.write(_TOO_LARGE)
            self.transport.close()
        else:
            super().send_400_response(msg)

    def _close(self) -> None:
        """In the middle of an answer: what was written is still sent, and uvicorn need not wonder that there is no end."""
        self.cycle.disconnected = True
        self.transport.close()

    def _wait(self) -> None:
        self._due = self.loop.time() + PATIENCE
        if self._timer is None:
            self._timer = self.loop.call_at(self._due, self._tick)

    def _tick(self) -> None:
        self._timer = None
        if self._due is None:
            return
        if self.loop.time() < self._due:
            self._timer = self.loop.call_at(self._due, self._tick)
        else:
            self.transport.close()

    # the parser calls what follows

    def on_message_begin(self) -> None:
        self._heading = self._unfinished = True
        self._first, self._raw = self._read, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Sizes are summed only where the head could be too large: nearly all are smaller than what came with them."""
        headers = self.headers
        self._over = len(headers) > MAX_HEADERS or (
            self._first + self._raw > MAX_HEAD
            and len(self.url) + sum(len(name) + len(value) for name, value in headers) > MAX_HEAD
        )
        if self._over:
            raise _HeadTooLargeError
        super().on_headers_complete()
        self._heading = False

    def on_message_complete(self) -> None:
        self._unfinished = False
        super().on_message_complete()
