"""The client's side of one call: an ASGI `send`, and the keep-alives while the provider is silent.

Rule: what is written is whole events, so a ping can go between any two writes.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from dragoman.core.request import Headers

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
JSON = "application/json"


class Outlet:
    """`status`: what the client was told, None until then. `begun`: it has bytes of the answer. `ended`: nothing more can be
    written. `close`: closes the connection in the middle of an answer, where the server offers that."""

    __slots__ = ("_close", "_loop", "_send", "begun", "ended", "last", "sending", "status")

    def __init__(self, send: Send, close: Callable[[], object] | None = None) -> None:
        self._send, self._close = send, close
        self._loop = asyncio.get_running_loop()
        self.status: int | None = None
        self.begun = False
        self.ended = False
        self.sending = False
        self.last = self._loop.time()

    async def start(self, status: int, headers: Headers) -> None:
        """Status and headers of a streamed answer; once."""
        self.status = status
        await self._send({"type": "http.response.start", "status": status, "headers": _wire(headers)})

    async def start_stream(self, content_type: str, headers: Headers) -> None:
        await self.start(200, (("content-type", content_type), ("cache-control", "no-cache"), *headers))

    async def write(self, data: bytes) -> None:
        """Waits while the client does not read (back-pressure)."""
        if not data:
            return
        self.begun = self.sending = True
        self.last = self._loop.time()
        try:
            await self._send({"type": "http.response.body", "body": data, "more_body": True})
        finally:
            self.sending = False

    async def end(self, data: bytes = b"") -> None:
        if not self.ended:
            self.ended = True
            await self._send({"type": "http.response.body", "body": data, "more_body": False})

    def cut(self) -> None:
        """End in the middle, so that the client knows: a server closes the connection of an answer that was not ended."""
        self.ended = True
        if self._close is not None:
            self._close()

    async def whole(self, status: int, headers: Headers, body: bytes) -> None:
        """A whole answer with its length."""
        await self.start(status, (*headers, ("content-length", str(len(body)))))
        await self.end(body)


class Pulse:
    """Keep-alives for one streaming client: after `every` seconds without a write, `beat` is called, then again and again."""

    __slots__ = ("_beat", "_every", "_handle", "_loop", "_outlet", "_task")

    def __init__(self, outlet: Outlet, every: float, beat: Callable[[], Awaitable[None]]) -> None:
        self._outlet, self._every, self._beat = outlet, every, beat
        self._loop = asyncio.get_running_loop()
        self._task: asyncio.Future[None] | None = None
        self._handle = self._loop.call_later(every, self._tick)

    def stop(self) -> None:
        self._handle.cancel()

    async def settle(self) -> None:
        """A beat under way is finished first."""
        self.stop()
        if self._task is not None and not self._task.done():
            await asyncio.wait([self._task])

    def _tick(self) -> None:
        if self._outlet.ended:
            return
        silent = self._loop.time() - self._outlet.last
        wait = self._every
        if silent < self._every:
            wait = self._every - silent
        elif not self._outlet.sending:
            self._task = asyncio.ensure_future(self._beat())
        self._handle = self._loop.call_later(max(wait, 0.01), self._tick)


def _wire(headers: Headers) -> list[tuple[bytes, bytes]]:
    return [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in headers]
