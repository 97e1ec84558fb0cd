"""A provider's answer, read from its connection as it comes.

Rule: b"" means complete by HTTP's own framing and nothing else; whether the answer itself is whole, its decoder judges.
"""

import asyncio
from contextlib import suppress

from dragoman.core.errors import CallError, Error, ErrorKind
from dragoman.core.request import Headers
from dragoman.relay.connection import GIVEN_UP, Connection
from dragoman.wire.http1 import AnswerError
from dragoman.wire.inflate import PLAIN, Inflater


class Response:
    """An answer whose head is here. Read it to b"" or `abort` it; dropping it aborts, too. One reader at a time.

    `headers`: lower-case names, values as latin-1.
    """

    __slots__ = ("_connection", "_error", "headers", "status")

    def __init__(self, connection: Connection) -> None:
        self._connection: Connection | None = connection
        self._error: Error | None = None
        self.status = connection.reader.status
        self.headers: Headers = connection.reader.headers

    def header(self, name: str) -> str | None:
        """The first value of a header; `name` in lower case."""
        return next((value for key, value in self.headers if key == name), None)

    async def chunk(self) -> bytes:
        """The next bytes of the body; b"" at its complete end. Raises CallError where it is cut, silent or malformed."""
        connection = self._connection
        if connection is None:
            if self._error is not None:
                raise CallError(self._error)
            return b""
        reader = connection.reader
        while not reader.size:
            if reader.complete:
                self._release(connection)
                return b""
            if connection.error is not None:
                self._connection, self._error = None, connection.error
                raise CallError(connection.error)
            try:
                await connection.news()
            except BaseException:
                self.abort()
                raise
        data = connection.take()
        if reader.complete:
            self._release(connection)
        return data

    async def read(self, limit: int) -> bytes:
        """The rest of the body, whole. Raises CallError, also where it has more than `limit` bytes."""
        parts, size = [], 0
        while data := await self.chunk():
            size += len(data)
            if size > limit:
                raise self._give_up(f"the answer has more than {limit} bytes")
            parts.append(data)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def abort(self) -> None:
        """Close the connection at once, unless the answer is complete and taken. Idempotent."""
        connection = self._connection
        if connection is not None:
            self._connection, self._error = None, connection.error or GIVEN_UP
            connection.abort()

    def _release(self, connection: Connection) -> None:
        self._connection = None
        connection.release()

    def _give_up(self, message: str) -> CallError:
        self.abort()
        self._error = Error(kind=ErrorKind.SERVER, message=message, ours=True)
        return CallError(self._error)

    def __del__(self) -> None:
        connection = self._connection
        if connection is not None:
            with suppress(RuntimeError):  # the event loop may be gone already, and the socket with it
                connection.abort()


class Encoded(Response):
    """An answer in a content-encoding, decoded here: its headers do not tell of the encoding any more."""

    __slots__ = ("_inflater",)

    def __init__(self, connection: Connection, encoding: str) -> None:
        super().__init__(connection)
        self._inflater = Inflater(encoding)
        self.headers = tuple(pair for pair in self.headers if pair[0] not in ("content-encoding", "content-length"))

    async def chunk(self) -> bytes:
        if self._error is not None:
            raise CallError(self._error)
        inflater = self._inflater
        try:
            while not (data := inflater.step()):
                encoded = await super().chunk()
                if not encoded:
                    inflater.close()
                    return b""
                inflater.feed(encoded)
        except AnswerError as error:
            raise self._give_up(str(error)) from None
        try:
            await asyncio.sleep(0)  # a few bytes may decode to many steps: others run between them
        except BaseException:
            self.abort()
            raise
        return data


def answer(connection: Connection) -> Response:
    """The Response for the head that has come."""
    for name, value in connection.reader.headers:
        if name == "content-encoding" and value.lower() not in PLAIN:
            every = [value for name, value in connection.reader.headers if name == "content-encoding"]
            return Encoded(connection, ", ".join(every))
    return Response(connection)
