"""Connections that wait for their next request: last in, first out, bounded in number and age.

Rule: only a connection without an answer under way is here, and it leaves the moment its peer closes.
"""

import asyncio
from typing import Final

from dragoman.relay.connection import Connection, Place

IDLE_EACH: Final = 256
IDLE_ALL: Final = 1024
IDLE_AGE: Final = 60.0
"""Seconds without a request after which a kept connection is closed."""
MAX_AGE: Final = 300.0
"""Seconds after which a connection is not kept again, so that a provider's new addresses are used."""


class Pool:
    """`open`: all connections, busy ones included."""

    def __init__(
        self, each: int = IDLE_EACH, total: int = IDLE_ALL, idle_age: float = IDLE_AGE, max_age: float = MAX_AGE
    ) -> None:
        self._each, self._total, self._idle_age, self._max_age = each, total, idle_age, max_age
        self._idle: dict[Place, list[Connection]] = {}
        self._sweeper: asyncio.TimerHandle | None = None
        self.open: set[Connection] = set()
        self.idle = 0

    def take(self, place: Place) -> Connection | None:
        """The connection used last, which is the likeliest to be alive and warm."""
        kept = self._idle.get(place)
        if not kept:
            return None
        connection = kept.pop()
        connection.kept = False
        self.idle -= 1
        return connection

    def put(self, connection: Connection) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        kept = self._idle.get(connection.place)
        if kept is None:
            kept = self._idle[connection.place] = []
        if now - connection.born > self._max_age or len(kept) >= self._each or self.idle >= self._total:
            connection.abort()
            return
        connection.kept, connection.since = True, now
        kept.append(connection)
        self.idle += 1
        if self._sweeper is None:
            self._sweeper = loop.call_later(self._idle_age, self._sweep)

    def lost(self, connection: Connection) -> None:
        """It is closed, or about to be."""
        self.open.discard(connection)
        if connection.kept:
            connection.kept = False
            self._idle[connection.place].remove(connection)
            self.idle -= 1

    def close(self) -> None:
        """Abort every connection, busy or not."""
        for connection in list(self.open):
            connection.abort()
        if self._sweeper is not None:
            self._sweeper.cancel()
            self._sweeper = None

    def _sweep(self) -> None:
        loop = asyncio.get_running_loop()
        limit = loop.time() - self._idle_age
        for place, kept in list(self._idle.items()):
            for connection in [each for each in kept if each.since <= limit]:
                connection.abort()
            if not kept:
                del self._idle[place]
        oldest = min((kept[0].since for kept in self._idle.values()), default=None)
        self._sweeper = None if oldest is None else loop.call_at(oldest + self._idle_age, self._sweep)
