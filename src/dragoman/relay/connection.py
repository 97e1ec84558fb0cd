"""One connection to a provider: an asyncio Protocol around `wire.http1`.

Rule: whoever stops waiting closes the connection at once; it goes back to the pool only with its answer complete and taken.
The path of a chunk is one callback, one future and no task: this is where a gateway's CPU goes.
"""

import asyncio
import socket
from typing import Final, Protocol, cast

from dragoman.core.errors import CallError, Error, ErrorKind
from dragoman.wire.http1 import AnswerError, AnswerReader

HIGH_WATER: Final = 64 * 1024
"""Bytes of an answer that wait for their taker before the provider is made to wait."""
JOIN_BELOW: Final = 64 * 1024
"""Bodies up to this size go out in one write with their head; a copy of more costs more than a second write."""
KEEPALIVE_AFTER: Final = 60
"""Seconds of silence before TCP asks whether the peer is there: a model may think for minutes behind a forgetful NAT."""
GIVEN_UP: Final = Error(kind=ErrorKind.CANCELLED, message="the call was given up", ours=True)

Place = tuple[str, str, int, bool]
"""What connections are shared by: scheme, host, port, and whether private addresses were allowed."""


class StaleError(Exception):
    """A kept connection was closed by the peer before any byte of the answer: the request may be sent once more."""


class Home(Protocol):
    """Who owns connections."""

    def put(self, connection: "Connection") -> None: ...
    def lost(self, connection: "Connection") -> None: ...


class Connection(asyncio.Protocol):
    """`error` is set once it is unusable. `busy`: an answer is under way. `uses`: requests sent. `born`: when it opened.

    The pool's own marks: `kept`, and `since` when.
    """

    __slots__ = (
        "_deadline", "_home", "_idle", "_loop", "_paused", "_peer_closed", "_timer", "_timer_at", "_transport", "_unsent",
        "_waiter", "born", "busy", "error", "kept", "place", "reader", "since", "uses",
    )  # fmt: skip

    def __init__(self, loop: asyncio.AbstractEventLoop, home: Home, place: Place) -> None:
        self._loop, self._home, self.place = loop, home, place
        self.reader = AnswerReader()
        self.error: Error | None = None
        self.busy = self.kept = self._paused = self._peer_closed = False
        self.uses = self._unsent = 0
        self.born = self.since = loop.time()
        self._idle = self._deadline = self._timer_at = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._transport: asyncio.Transport | None = None
        self._waiter: asyncio.Future[None] | None = None

    async def ask(self, method: str, head: bytes, body: bytes, timeout_idle: float) -> None:
        """Send a request and wait until the head of its answer is in `reader`. Raises CallError, StaleError."""
        reader = self.reader
        reader.expect(method)
        self.busy = True
        self.uses += 1
        self._idle = timeout_idle
        self._unsent = 0
        self._arm()
        self._write(head, body)
        while not reader.status:
            if self.error is not None:
                if self._peer_closed and self.uses > 1 and not reader.begun:
                    raise StaleError
                raise CallError(self.error)
            try:
                await self.news()
            except BaseException:
                self.abort()
                raise

    def _write(self, head: bytes, body: bytes) -> None:
        transport = self._transport
        if transport is None or transport.is_closing():
            self._peer_closed = True
            self._fail(ErrorKind.SERVER, "connection closed before the request")
        elif len(body) <= JOIN_BELOW:
            transport.write(head + body)
        else:
            transport.write(head)
            transport.write(body)
            self._unsent = transport.get_write_buffer_size()

    def news(self) -> "asyncio.Future[None]":
        """Done at the next byte, the end, or a failure. One waiter at a time; who stops waiting must `abort`."""
        waiter = self._waiter = self._loop.create_future()
        return waiter

    def take(self) -> bytes:
        """What is here of the body; the peer may send on."""
        data = self.reader.take()
        if self._paused:
            self._paused = False
            self._deadline = self._loop.time() + self._idle
            if self._transport is not None and not self._transport.is_closing():
                self._transport.resume_reading()
        return data

    def release(self) -> None:
        """The answer was complete and is taken: back to the pool, if the connection can serve again."""
        self.busy = False
        transport = self._transport
        if (
            self.reader.reusable
            and self.error is None
            and not self._peer_closed
            and transport is not None
            and not transport.is_closing()
            and not transport.get_write_buffer_size()
        ):
            self._home.put(self)
        else:
            self.abort()

    def abort(self, error: Error = GIVEN_UP) -> None:
        """Close at once, whatever is under way. Idempotent: the first error stays."""
        if self.error is None:
            self.error = error
        if self._transport is not None:
            self._transport.abort()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._home.lost(self)
        self._wake()

    def _wake(self) -> None:
        waiter = self._waiter
        if waiter is not None:
            self._waiter = None
            if not waiter.done():
                waiter.set_result(None)

    def _fail(self, kind: ErrorKind, message: str) -> None:
        self.abort(Error(kind=kind, message=message, ours=True))

    # asyncio calls what follows

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        sock = transport.get_extra_info("socket")
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        if hasattr(socket, "TCP_KEEPIDLE"):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, KEEPALIVE_AFTER)

    def data_received(self, data: bytes) -> None:
        if not self.busy:
            self._fail(ErrorKind.SERVER, "something came before the request")  # whose answer comes next is unknown
            return
        reader = self.reader
        try:
            reader.feed(data)
        except AnswerError as error:
            self._fail(ErrorKind.SERVER, str(error))
            return
        self._deadline = self._loop.time() + self._idle
        if reader.size > HIGH_WATER and not self._paused and not reader.complete and self._transport is not None:
            self._paused = True
            self._transport.pause_reading()
        waiter = self._waiter
        if waiter is not None:
            self._waiter = None
            if not waiter.done():
                waiter.set_result(None)

    def eof_received(self) -> None:
        """None: the transport closes itself."""
        self._peer_closed = True
        try:
            if not self.busy:
                raise AnswerError("connection closed before the request")
            self.reader.close()
        except AnswerError as error:
            self._fail(ErrorKind.SERVER, str(error))
        else:
            self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if self.error is None:
            if exc is None:
                self.eof_received()
            else:
                self._peer_closed = True
                if not self.reader.complete:
                    self._fail(ErrorKind.SERVER, f"connection reset {_when(self.reader)}")
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._home.lost(self)

    # one timer a connection, set anew only when it fires early

    def _arm(self) -> None:
        self._deadline = deadline = self._loop.time() + self._idle
        if self._timer is not None:
            if self._timer_at <= deadline:
                return
            self._timer.cancel()
        self._timer_at = deadline
        self._timer = self._loop.call_at(deadline, self._tick)

    def _tick(self) -> None:
        self._timer = None
        if not self.busy or self.reader.complete or self._transport is None:
            return
        unsent = self._transport.get_write_buffer_size()
        if self._paused or 0 < unsent < self._unsent:  # we make it wait, or the request is still on its way
            self._deadline = self._loop.time() + self._idle
        self._unsent = unsent
        if self._loop.time() < self._deadline:
            self._timer_at = self._deadline
            self._timer = self._loop.call_at(self._deadline, self._tick)
        else:
            self._fail(ErrorKind.TIMEOUT, f"nothing was received for {self._idle:g} s {_when(self.reader)}")


def _when(reader: AnswerReader) -> str:
    return "in the middle of the answer" if reader.begun else "before the answer"
