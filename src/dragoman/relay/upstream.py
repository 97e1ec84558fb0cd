"""THE WAY OUT: requests to providers over our own HTTP/1.1 client. The only file that opens a connection to a provider.

Rule: what is connected is the address that was checked, no redirect is followed, no proxy or .netrc is read from the
environment, and no message shows a path, a query or a header's value.
"""

import asyncio
import os
import socket
import ssl
from collections.abc import Sequence
from typing import Final

from dragoman.core.errors import UNREACHABLE, CallError, Error, ErrorKind
from dragoman.relay.addresses import refusal
from dragoman.relay.connection import Connection, Place, StaleError
from dragoman.relay.credentials import Credentials
from dragoman.relay.outgoing import Outgoing
from dragoman.relay.pool import IDLE_AGE, IDLE_ALL, IDLE_EACH, MAX_AGE, Pool
from dragoman.relay.resolver import Resolver
from dragoman.relay.response import Response, answer
from dragoman.wire.http1 import Url, parse_url, request_head

ADDRESSES_TRIED: Final = 6
_REFUSED: Final = 401

# 2026-11: where systems keep their trust store, for Pythons built to look elsewhere (uv's on Fedora, python.org's on macOS).
TRUST_STORES: Final = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)

__all__ = ["Outgoing", "Response", "Upstream"]


class Upstream:
    """Sends requests over kept connections. Belongs to one event loop. `tls`: in place of the system's trust store."""

    def __init__(
        self,
        *,
        timeout_connect: float = 5.0,
        idle_each: int = IDLE_EACH,
        idle_all: int = IDLE_ALL,
        idle_age: float = IDLE_AGE,
        max_age: float = MAX_AGE,
        tls: ssl.SSLContext | None = None,
        resolver: Resolver | None = None,
    ) -> None:
        self.timeout_connect = timeout_connect
        self.pool = Pool(idle_each, idle_all, idle_age, max_age)
        self._resolver = resolver or Resolver()
        self._tls = tls
        self._closed = False
        self._credentials = Credentials(self._send)

    async def send(self, outgoing: Outgoing) -> Response:
        """The answer, its head read. Raises CallError. A cancelled send closes its connection at once."""
        if outgoing.grant is None:
            return await self._send(outgoing)
        response = await self._send(await self._credentials.granted(outgoing))
        if response.status == _REFUSED:
            self._credentials.refused(outgoing)
        return response

    async def _send(self, outgoing: Outgoing) -> Response:
        """On a kept connection that the provider closed before any byte of an answer, the request is sent once more, on a new
        one."""
        body = outgoing.body
        try:
            url = parse_url(outgoing.url)
            head = request_head(outgoing.method, url, outgoing.headers, len(body))
        except ValueError as error:
            raise _failed(f"the request cannot be sent: {error}") from None
        place = (url.scheme, url.host, url.port, outgoing.allow_private)
        connection = None if outgoing.once else self.pool.take(place)
        if connection is not None:
            try:
                await connection.ask(outgoing.method, head, body, outgoing.timeout_idle)
                return answer(connection)
            except StaleError:
                pass
        connection = await self._connect(url, place)
        await connection.ask(outgoing.method, head, body, outgoing.timeout_idle)
        return answer(connection)

    async def close(self) -> None:
        """Abort everything that is open; nothing can be sent afterwards."""
        self._closed = True
        self.pool.close()
        await asyncio.sleep(0)

    async def _connect(self, url: Url, place: Place) -> Connection:
        if self._closed:
            raise _failed("the gateway is shutting down")
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self.timeout_connect
        addresses = await self._addresses(url, deadline, allow_private=place[3])
        context = self._context() if url.scheme == "https" else None
        reason: Exception = TimeoutError()
        for index, address in enumerate(addresses):
            # Each gets half of what is left, the last one all of it: one that swallows packets must not take the others' time.
            left = deadline - loop.time()
            share = deadline if index == len(addresses) - 1 else loop.time() + left / 2
            try:
                async with asyncio.timeout_at(share):
                    _, connection = await loop.create_connection(
                        lambda: Connection(loop, self.pool, place),
                        address,
                        url.port,
                        ssl=context,
                        server_hostname=url.host.rstrip(".") if context is not None else None,
                    )
                if self._closed:
                    connection.abort()
                elif connection.error is None:
                    self.pool.open.add(connection)
                return connection
            except ssl.SSLError as error:
                reason = error
                break  # the same service answers at its other addresses
            except OSError as error:  # TimeoutError is one
                reason = error
        self._resolver.forget(url.host)
        raise self._unreached(url, reason)

    async def _addresses(self, url: Url, deadline: float, *, allow_private: bool) -> list[str]:
        try:
            async with asyncio.timeout_at(deadline):
                found = await self._resolver.resolve(url.host)
        except OSError as error:
            raise self._unreached(url, error) from None
        allowed = [address for address in found if refusal(address, allow_private=allow_private) is None]
        if not allowed:
            message = f"{url.place} is not connected: it is {_why_not(found)}"
            raise CallError(Error(kind=ErrorKind.SERVER, message=message, status=502, ours=True))
        return allowed[:ADDRESSES_TRIED]

    def _unreached(self, url: Url, error: Exception) -> CallError:
        if isinstance(error, TimeoutError) and error.errno is None:
            message = f"cannot connect to {url.place}: nothing within {self.timeout_connect:g} s"
            return _unreachable(message, ErrorKind.TIMEOUT)
        return _unreachable(f"cannot connect to {url.place}: {_reason(error)}")

    def _context(self) -> ssl.SSLContext:
        if self._tls is None:
            self._tls = trusting()
        return self._tls


def trusting() -> ssl.SSLContext:
    """A client's context with the system's trust store. There is no way to leave certificates unchecked."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    if not context.cert_store_stats()["x509_ca"]:
        found = next(filter(os.path.isfile, TRUST_STORES), None)
        if found is not None:
            context.load_verify_locations(found)
    return context


def _unreachable(message: str, kind: ErrorKind = ErrorKind.SERVER) -> CallError:
    """The message names the address: for the record, not for clients."""
    return CallError(Error(kind=kind, message=message, code=UNREACHABLE, ours=True))


def _failed(message: str) -> CallError:
    return CallError(Error(kind=ErrorKind.SERVER, message=message, ours=True))


def _why_not(found: Sequence[str]) -> str:
    """What the first of the refused addresses is, and what an operator can do about it."""
    if not found:
        return "no address"
    never = refusal(found[0], allow_private=True)
    if never is not None:
        return never
    why = refusal(found[0], allow_private=False)
    return f"{why} (DRAGOMAN_ALLOW_PRIVATE allows it, and so does a provider_type of servers that people run themselves)"


def _reason(error: Exception) -> str:
    match error:
        case ssl.SSLCertVerificationError():
            return f"its TLS certificate is not accepted: {error.verify_message}"
        case ssl.SSLError():
            return f"TLS failed: {(error.reason or 'handshake').replace('_', ' ').lower()}"
        case socket.gaierror():
            return "the host name does not resolve"
        case ConnectionRefusedError():
            return "connection refused"
        case ConnectionError():
            return "connection closed while connecting"
        case OSError(errno=int(number)):
            return os.strerror(number).lower()
        case _:
            return "connecting failed"
