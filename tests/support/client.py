"""A client over a raw socket: sends one request, reads what comes as it comes, and can go away at any moment."""

import asyncio
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import httptools

from dragoman.wire import json

PATIENCE = 20.0


class Client:
    """One request on one connection. `status` and `headers` are there after `head()`, `body` grows while it is read."""

    def __init__(self, base: str) -> None:
        url = urlsplit(base)
        self._host, self._port = url.hostname or "127.0.0.1", url.port or 80
        self._parser = httptools.HttpResponseParser(self)
        self._reader: asyncio.StreamReader
        self._writer: asyncio.StreamWriter
        self.headers: dict[str, str] = {}
        self.body = b""
        self.whole = False
        self.has_head = False

    async def __aenter__(self) -> Self:
        self._reader, self._writer = await asyncio.open_connection(self._host, self._port)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None) -> None:
        self.leave()

    @property
    def status(self) -> int:
        return self._parser.get_status_code()

    @property
    def json(self) -> Any:
        return json.decode(self.body)

    async def send(self, path: str, body: Any, headers: Mapping[str, str] | None = None, method: str = "POST") -> None:
        """A body that is not bytes is sent as JSON."""
        data = body if isinstance(body, bytes) else json.encode(body)
        fields = {"host": f"{self._host}:{self._port}", "content-type": "application/json", "content-length": str(len(data))}
        lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in {**fields, **(headers or {})}.items())]
        self._writer.write(("\r\n".join(lines) + "\r\n\r\n").encode() + data)
        await self._writer.drain()

    async def head(self) -> Self:
        return await self._until(lambda: self.has_head)

    async def seen(self, text: bytes) -> Self:
        """Read until `text` is in the body."""
        return await self._until(lambda: text in self.body)

    async def read(self) -> Self:
        """Read to the end of the answer."""
        return await self._until(lambda: self.whole)

    def leave(self) -> None:
        """Go away at once."""
        self._writer.transport.abort()

    async def _until(self, true: Any) -> Self:
        async with asyncio.timeout(PATIENCE):
            while not true():
                data = await self._reader.read(65536)
                assert data, f"the gateway closed the connection after {self.body!r}"
                self._parser.feed_data(data)
        return self

    # httptools calls what follows

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers[name.decode().lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        self.has_head = True

    def on_body(self, data: bytes) -> None:
        self.body += data

    def on_message_complete(self) -> None:
        self.whole = True


async def ask(base: str, path: str, body: Any, headers: Mapping[str, str] | None = None, method: str = "POST") -> Client:
    """One request and its whole answer."""
    async with Client(base) as client:
        await client.send(path, body, headers, method)
        return await client.read()
