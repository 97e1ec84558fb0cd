"""A scripted upstream: a raw TCP server whose every answer is a script, for tests of what providers do wrong.

    def script(request: Received) -> Script:
        return [answer(200, b'{"ok":true}')]

    async with Scripted(script) as server:
        ... ask server.url ...
        assert server.requests[0].header("accept-encoding") == "identity"
        await server.connections[0].closed_by_peer()

A script is a function of one request and gives steps, played in order on that request's connection:

    bytes             sent as they are, however wrong; waits while the peer does not read
    float or int      seconds to wait
    asyncio.Event     waits until the test sets it
    callable          called with the Connection (to count, to set an event, ...)
    CLOSE             FIN: what was sent arrives, then the end
    RESET             RST (SO_LINGER 0): the peer loses what it has not read
    HANG              nothing more, until the peer closes or the server stops

After the last step the connection waits for its next request (keep-alive). `greeting` is a script for the moment of accepting,
before any byte is read. Steps may be a generator: it is run as the steps are played. Builders: `answer`, `head`, `chunked`,
`event_stream`. Everything is seen: `connections`, each with its `requests`, `sent` bytes and how it ended (`ended`: "fin" or
"rst" by the peer, "here" by a step). Nothing is timed except by the script.
"""

import asyncio
import contextlib
import socket
import ssl
import struct
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from enum import Enum
from types import TracebackType
from typing import Final, Literal, Self, TypeAlias, cast

PATIENCE: Final = 20.0
"""Seconds the waiting helpers wait before they fail the test: generous, never a measurement."""


class End(Enum):
    """Steps that end a connection, or never do."""

    CLOSE = "close"
    RESET = "reset"
    HANG = "hang"


CLOSE, RESET, HANG = End.CLOSE, End.RESET, End.HANG

Step: TypeAlias = "bytes | float | asyncio.Event | End | Callable[[Connection], object]"
Script: TypeAlias = Iterable[Step]


class Received:
    """One request as it came. `number`: its place on its connection, from 0. `raw`: every byte of it."""

    def __init__(self, raw: bytes, body: bytes, connection: "Connection", number: int) -> None:
        self.raw, self.body, self.connection, self.number = raw, body, connection, number
        self.head = raw[: len(raw) - len(body)]
        first, *fields = self.head.decode("latin-1").split("\r\n")
        self.method, self.target, self.version = first.split(" ", 2)
        self.headers = [(name, value.strip()) for name, _, value in (field.partition(":") for field in fields if field)]

    def header(self, name: str) -> str | None:
        """The first value of a header, in any case."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    def __repr__(self) -> str:
        return f"<{self.method} {self.target} #{self.number} on connection {self.connection.number}>"


class Connection(asyncio.Protocol):
    """One accepted connection, from this side. `number`: in order of accepting, from 0. `sent`: bytes handed to the kernel."""

    def __init__(self, server: "Scripted", number: int) -> None:
        self.server, self.number = server, number
        self.requests: list[Received] = []
        self.ended: Literal["fin", "rst", "here"] | None = None
        self.sent = 0
        self._buffer = b""
        self._ended = asyncio.Event()
        self._writable = asyncio.Event()
        self._writable.set()
        self._news = asyncio.Event()
        self._transport: asyncio.Transport | None = None
        self._task: asyncio.Task[None] | None = None

    async def closed_by_peer(self) -> Literal["fin", "rst"]:
        """Wait until the peer has closed; fails where it does not, or where this side closed first."""
        async with asyncio.timeout(PATIENCE):
            await self._ended.wait()
        assert self.ended in ("fin", "rst"), f"connection {self.number} was ended by {self.ended}, not by the peer"
        return self.ended

    def stop_reading(self) -> None:
        """Leave what the peer sends in the kernel's buffers, as an upstream that is stuck. Usable as a step."""
        assert self._transport is not None
        self._transport.pause_reading()

    def read_again(self) -> None:
        """After `stop_reading`: take what has come meanwhile, the peer's close included."""
        assert self._transport is not None
        self._transport.resume_reading()

    async def run(self) -> None:
        try:
            await self._play(self.server.greeting)
            while self.ended is None:
                request = await self._next()
                if request is None:
                    return
                await self._play(self.server.script(request))
        except ConnectionError:
            return

    async def _next(self) -> Received | None:
        while (request := self._parse()) is None:
            if self.ended is not None:
                return None
            self._news.clear()
            await self._news.wait()
        self.requests.append(request)
        self.server.heard(request)
        return request

    def _parse(self) -> Received | None:
        end = self._buffer.find(b"\r\n\r\n") + 4
        if end == 3:
            return None
        lengths = [
            int(line.partition(b":")[2])
            for line in self._buffer[:end].split(b"\r\n")
            if line.lower().startswith(b"content-length:")
        ]
        whole = end + (lengths[0] if lengths else 0)
        if len(self._buffer) < whole:
            return None
        raw, self._buffer = self._buffer[:whole], self._buffer[whole:]
        return Received(raw, raw[end:], self, len(self.requests))

    async def _play(self, script: Script) -> None:
        for step in script:
            if self._transport is None or self._transport.is_closing():
                return
            await self._step(step)

    async def _step(self, step: Step) -> None:
        transport = self._transport
        assert transport is not None
        match step:
            case bytes():
                transport.write(step)
                await self._writable.wait()
                self.sent += len(step)
            case int() | float():
                await self._unless_ended(asyncio.sleep(step))
            case asyncio.Event():
                await self._unless_ended(step.wait())
            case End.CLOSE:
                self._end_here()
                transport.close()
            case End.RESET:
                self._end_here()
                linger = struct.pack("ii" if hasattr(socket, "AF_UNIX") else "hh", 1, 0)
                transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                transport.abort()
            case End.HANG:
                await self._ended.wait()
            case _:
                step(self)

    async def _unless_ended(self, waiting: Coroutine[object, object, object]) -> None:
        tasks = [asyncio.ensure_future(waiting), asyncio.ensure_future(self._ended.wait())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()

    def _end_here(self) -> None:
        if self.ended is None:
            self.ended = "here"
            self._ended.set()

    def stop(self) -> None:
        """The server stops: nothing of this connection may be left."""
        self._end_here()
        if self._task is not None:
            self._task.cancel()
        if self._transport is not None:
            self._transport.abort()

    # asyncio calls what follows

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(high=1, low=0)
        self._task = asyncio.get_running_loop().create_task(self.run())

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        self._news.set()

    def eof_received(self) -> None:
        if self.ended is None:
            self.ended = "fin"
            self._ended.set()
        self._news.set()

    def connection_lost(self, exc: Exception | None) -> None:
        if self.ended is None:
            self.ended = "fin" if exc is None else "rst"
            self._ended.set()
        self._transport = None
        self._news.set()
        self._writable.set()

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()


class Scripted:
    """The server. An async context manager; `url` is http(s)://127.0.0.1:port (with `host` in place of the number, if given)."""

    def __init__(
        self,
        script: Callable[[Received], Script],
        *,
        greeting: Sequence[Step] = (),
        tls: ssl.SSLContext | None = None,
        host: str = "127.0.0.1",
        bind: str = "127.0.0.1",
    ) -> None:
        self.script, self.greeting = script, greeting
        self.connections: list[Connection] = []
        self.requests: list[Received] = []
        self.port = 0
        self._tls, self._host, self._bind = tls, host, bind
        self._server: asyncio.Server | None = None
        self._heard = asyncio.Event()

    @property
    def url(self) -> str:
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"{'https' if self._tls is not None else 'http'}://{host}:{self.port}"

    @property
    def open(self) -> list[Connection]:
        """Connections that nobody has closed."""
        return [connection for connection in self.connections if connection.ended is None]

    async def heard_requests(self, count: int) -> None:
        """Wait until `count` whole requests have come."""
        await self._until(lambda: len(self.requests) >= count, self._heard)

    async def all_closed(self) -> None:
        """Wait until no connection is open."""
        async with asyncio.timeout(PATIENCE):
            for connection in self.connections:
                await connection._ended.wait()

    async def _until(self, true: Callable[[], bool], news: asyncio.Event) -> None:
        async with asyncio.timeout(PATIENCE):
            while not true():
                news.clear()
                await news.wait()

    def heard(self, request: Received) -> None:
        self.requests.append(request)
        self._heard.set()

    def _accept(self) -> Connection:
        connection = Connection(self, len(self.connections))
        self.connections.append(connection)
        return connection

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._accept, self._bind, 0, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None) -> None:
        assert self._server is not None
        self._server.close()
        for connection in self.connections:
            connection.stop()
        tasks = [connection._task for connection in self.connections if connection._task is not None]
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*tasks, return_exceptions=True)


def head(status: int = 200, headers: Iterable[tuple[str, str]] = (), version: str = "1.1") -> bytes:
    """Status line and headers, with the blank line, exactly as given: no length is added."""
    fields = "".join(f"{name}: {value}\r\n" for name, value in headers)
    return f"HTTP/{version} {status} Status\r\n{fields}\r\n".encode("latin-1")


def answer(
    status: int = 200, body: bytes = b"", headers: Iterable[tuple[str, str]] = (), type_: str = "application/json"
) -> bytes:
    """A whole, correct answer with its content-length."""
    return head(status, [("Content-Type", type_), ("Content-Length", str(len(body))), *headers]) + body


def chunk(data: bytes) -> bytes:
    """One chunk of a chunked body; b"" is the last."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def chunked(*parts: bytes, status: int = 200, type_: str = "text/event-stream", end: bool = True) -> list[Step]:
    """Steps of a chunked answer: head, one step a part, and the last chunk unless `end` is False."""
    begin = head(status, [("Content-Type", type_), ("Transfer-Encoding", "chunked")])
    return [begin, *(chunk(part) for part in parts), *([chunk(b"")] if end else [])]


def event_stream(*events: bytes, end: bool = True, pause: float = 0.0) -> list[Step]:
    """Steps of a streamed answer: each item of `events` is one event's data. `end` False: the stream is left unfinished."""
    begin, *rest = chunked(*(b"data: %b\n\n" % event for event in events), end=end)
    steps: list[Step] = [begin]
    for part in rest:
        steps += [part, pause] if pause else [part]
    return steps


@contextlib.contextmanager
def black_hole(address: str, port: int = 0) -> Iterator[int]:
    """A port that answers no SYN: a listener whose queue is full. Gives the port. Linux only."""
    with contextlib.ExitStack() as sockets:
        listener = sockets.enter_context(socket.socket())
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, port))
        listener.listen(0)
        for _ in range(4):
            filler = sockets.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]
