"""The client both proxies serve: keep-alive connections that send one request after the other and read answers to their end."""

import asyncio

import httptools


class Wire(asyncio.Protocol):
    """One keep-alive connection. `ask` sends a request and waits for its whole answer."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport
        self._done: asyncio.Future[int] | None = None
        self._parser = httptools.HttpResponseParser(self)
        self.body = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]

    def connection_lost(self, exc: Exception | None) -> None:
        if self._done is not None and not self._done.done():
            self._done.set_exception(ConnectionError("the proxy closed the connection"))

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_body(self, data: bytes) -> None:
        self.body += data

    def on_message_complete(self) -> None:
        status = self._parser.get_status_code()
        self._parser = httptools.HttpResponseParser(self)
        if self._done is not None and not self._done.done():
            self._done.set_result(status)

    async def ask(self, request: bytes) -> int:
        self.body.clear()
        self._done = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._done

    def close(self) -> None:
        self._transport.close()


def request(path: str, body: bytes, port: int, headers: dict[str, str]) -> bytes:
    """The bytes of one POST."""
    lines = [f"POST {path} HTTP/1.1", f"host: 127.0.0.1:{port}", "content-type: application/json", f"content-length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


async def run(port: int, message: bytes, total: int, concurrency: int, must_hold: bytes) -> None:
    """`total` requests over `concurrency` connections. Raises RuntimeError where an answer is not 200 or lacks `must_hold`."""
    left = total

    async def one() -> None:
        nonlocal left
        _, wire = await asyncio.get_running_loop().create_connection(Wire, "127.0.0.1", port)
        while left > 0:
            left -= 1
            status = await wire.ask(message)
            if status != 200 or must_hold not in wire.body:
                raise RuntimeError(f"{status}: {bytes(wire.body[:500])!r}")
        wire.close()

    await asyncio.gather(*(one() for _ in range(concurrency)))
