"""Host names to addresses, with a short memory. Rule: what is remembered is bounded, and many callers ask DNS once."""

import asyncio
import socket
from typing import Final

TTL: Final = 30.0
"""Seconds an answer is used. The system's resolver tells no TTL."""
KEPT: Final = 1000


class Resolver:
    """`resolve` on the loop it was first used on; blocking calls run beside it."""

    def __init__(self, ttl: float = TTL, kept: int = KEPT) -> None:
        self._ttl, self._limit = ttl, kept
        self._known: dict[str, tuple[float, tuple[str, ...]]] = {}
        self._asking: dict[str, asyncio.Task[tuple[str, ...] | OSError]] = {}

    async def resolve(self, host: str) -> tuple[str, ...]:
        """Every address, as the system orders them. Raises OSError (socket.gaierror) where there is none."""
        loop = asyncio.get_running_loop()
        known = self._known.get(host)
        if known is not None and known[0] > loop.time():
            return known[1]
        asking = self._asking.get(host)
        if asking is None:
            asking = self._asking[host] = loop.create_task(self._ask(host))
        # Shielded: one caller that gives up must not take the answer from the others.
        found = await asyncio.shield(asking)
        if isinstance(found, OSError):
            raise found
        return found

    def forget(self, host: str) -> None:
        """Its addresses did not serve: ask again next time."""
        self._known.pop(host, None)

    async def look_up(self, host: str) -> tuple[str, ...]:
        """Ask the system. Raises OSError."""
        try:
            rows = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
        except UnicodeError:
            raise socket.gaierror(socket.EAI_NONAME, "not a host name") from None
        return tuple(dict.fromkeys(_address(row[4]) for row in rows))

    async def _ask(self, host: str) -> tuple[str, ...] | OSError:
        try:
            found = await self.look_up(host)
        except OSError as error:
            return error
        finally:
            del self._asking[host]
        self._known.pop(host, None)
        while len(self._known) >= self._limit:
            del self._known[next(iter(self._known))]
        self._known[host] = (asyncio.get_running_loop().time() + self._ttl, found)
        return found


def _address(sockaddr: tuple[object, ...]) -> str:
    """The address, with its zone where it needs one (link-local IPv6)."""
    zone = sockaddr[3] if len(sockaddr) == 4 else 0
    return f"{sockaddr[0]}%{zone}" if zone else str(sockaddr[0])
