"""The sandbox as an HTTP/1.1 server of its own, on bare asyncio, so that it can cut, reset, dribble and hang at will.

Rule: it plays scripts and writes down what it saw; what to say is decided at the desk.
"""

import asyncio
import hashlib
import time
from collections import deque
from collections.abc import Callable

from dragoman.core.errors import ErrorKind
from dragoman.sandbox.connection import Connection
from dragoman.sandbox.desk import Desk
from dragoman.sandbox.reply import Fault, Incoming
from dragoman.sandbox.script import Script
from dragoman.sandbox.seen import Seen

MAX_BODY = 32 * 1024 * 1024
REMEMBERED = 256


class Sandbox:
    """A provider that is not real. `key`: the only one it takes (None: all but `sandbox-wrong-key`). `now`: the wall clock.

    `seen`: the last 256 requests, oldest first; `count`: all of them; `connections`: those open; `port`: 0 while not listening.
    """

    def __init__(self, *, key: str | None = None, max_body: int = MAX_BODY, now: Callable[[], float] = time.time) -> None:
        self.max_body = max_body
        self.seen: deque[Seen] = deque(maxlen=REMEMBERED)
        self.count = 0
        self.port = 0
        self.connections: set[Connection] = set()
        self._desk = Desk(key)
        self._now = now
        self._server: asyncio.Server | None = None
        self._news = asyncio.Event()

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> int:
        """Listen; the port that was bound."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: Connection(self), host, port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self.port

    async def stop(self) -> None:
        """Close the port and every connection."""
        if self._server is None:
            return
        self._server.close()
        for connection in tuple(self.connections):
            connection.abort()
        await self._server.wait_closed()
        self._server, self.port = None, 0

    async def serve_forever(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Serve until cancelled."""
        await self.start(host, port)
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            await self.stop()

    async def arrived(self, count: int = 1) -> Seen:
        """Wait until `count` requests have arrived in all; the last of them."""
        while self.count < count:
            await self._news.wait()
        return self.seen[-1 - (self.count - count)]

    # For its connections.

    def note(self, seen: Seen) -> None:
        self.seen.append(seen)
        self.count += 1
        self._news.set()
        self._news = asyncio.Event()

    def script(self, seen: Seen) -> Script:
        return self._desk.script(self._incoming(seen))

    def too_large(self, seen: Seen) -> Script:
        fault = Fault(kind=ErrorKind.TOO_LARGE, message=f"Request exceeds the maximum size of {self.max_body} bytes")
        return self._desk.refused(self._incoming(seen), fault)

    def _incoming(self, seen: Seen) -> Incoming:
        digest = hashlib.sha256(b"%d\n%b\n%b" % (self.count, seen.path.encode("utf-8", "replace"), seen.body))
        return Incoming(
            method=seen.method,
            path=seen.path,
            query=seen.query,
            headers={name.lower(): value for name, value in seen.headers},
            body=seen.body,
            nonce=digest.hexdigest()[:24],
            now=int(self._now()),
        )
