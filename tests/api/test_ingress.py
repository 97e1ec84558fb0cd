"""Connections of hostile clients to a server on a real socket: nothing is kept beyond the limits, and silence ends it."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn

from dragoman.api import ingress
from dragoman.api.ingress import CLOSE, MAX_HEAD, MAX_HEADERS, Ingress
from dragoman.relay.outlet import Outlet

START = b"POST / HTTP/1.1\r\nhost: localhost\r\n"
WAIT = 20.0


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Answers with the size of the body."""
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size, more = size + len(message["body"]), message.get("more_body", False)
    told = b"%d" % size
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(told))]})
    await send({"type": "http.response.body", "body": told})


@asynccontextmanager
async def serving(app: Any = echo) -> AsyncIterator[int]:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, http=Ingress, ws="none", lifespan="off", log_config=None, access_log=False))
    task = asyncio.create_task(server._serve([listener]))
    while not server.started:
        await asyncio.sleep(0.005)
    try:
        yield listener.getsockname()[1]
    finally:
        server.should_exit = server.force_exit = True
        await task


async def said(port: int, *pieces: bytes, pause: float = 0.0) -> bytes:
    """What is answered until the server closes; the client never does."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        async with asyncio.timeout(WAIT):
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(pause)
            return await reader.read(-1)
    except ConnectionError:
        return b""
    finally:
        writer.transport.abort()


@pytest.mark.parametrize(
    "head",
    [
        START + b"x-a: b\r\n" * (MAX_HEADERS + 1) + b"\r\n",
        START + b"x-a: " + b"b" * 2 * MAX_HEAD + b"\r\n\r\n",
        START + b"x-a: " + b"b" * 4 * MAX_HEAD,
        b"GET /" + b"a" * 2 * MAX_HEAD + b" HTTP/1.1\r\nhost: localhost\r\n\r\n",
        b"GET /" + b"a" * 8 * MAX_HEAD,
    ],
    ids=["many", "long", "long without an end", "path", "path without an end"],
)
async def test_a_head_past_the_limits_is_431(head: bytes) -> None:
    async with serving() as port:
        for size in (len(head), 8192):
            pieces = [head[at : at + size] for at in range(0, len(head), size)]
            answer = await said(port, *pieces)
            assert answer == b"" or answer.startswith(b"HTTP/1.1 431 ")


async def test_headers_without_end_are_not_collected() -> None:
    async with serving() as port:
        answer = await said(port, START, *(b"x-a: %b\r\n" % (b"b" * 60_000) for _ in range(100)))
        assert answer == b"" or answer.startswith(b"HTTP/1.1 431 ")


async def test_what_is_within_the_limits_is_served_however_it_is_cut() -> None:
    body = b"x" * (5 * MAX_HEAD)
    close = b"connection: close\r\n"
    fields = b"x-a: b\r\n" * (MAX_HEADERS - 4) + b"x-b: %b\r\n" % (b"c" * (MAX_HEAD // 2))
    call = START + fields + b"content-length: %d\r\n" % len(body)
    twice = call + b"\r\n" + body + call + close + b"\r\n" + body
    async with serving() as port:
        for size in (len(twice), 100_000, 3_001):
            pieces = [twice[at : at + size] for at in range(0, len(twice), size)]
            answer = await said(port, *pieces)
            assert answer.count(b"HTTP/1.1 200 OK") == 2
            assert answer.count(b"%d" % len(body)) == 2


@pytest.mark.parametrize(
    "begun",
    [
        (),
        (b"POST / HT",),
        (START,),
        (START + b"content-length: 9\r\n\r\nx",),
        (b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n", b"GET / HT"),
    ],
    ids=["nothing", "a line", "a head", "a body", "a second one"],
)
async def test_silence_in_the_middle_ends_the_connection(monkeypatch: pytest.MonkeyPatch, begun: tuple[bytes, ...]) -> None:
    monkeypatch.setattr(ingress, "PATIENCE", 0.1)
    async with serving() as port:
        answer = await said(port, *begun, pause=0.02)
        assert answer.count(b"HTTP/1.1 200 OK") == len(begun) // 2


async def test_a_head_that_drips_is_ended_and_a_body_that_goes_on_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingress, "PATIENCE", 0.3)
    async with serving() as port:
        assert await said(port, START, *(b"x-a: b\r\n" for _ in range(20)), b"\r\n", pause=0.05) == b""
        head = START + b"connection: close\r\ncontent-length: 20\r\n\r\n"
        assert b"HTTP/1.1 200 OK" in await said(port, head, *(b"x" for _ in range(20)), pause=0.05)


async def test_an_answer_that_nobody_reads_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingress, "UNREAD", 0.1)
    over = asyncio.Event()

    async def endless(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        writing = asyncio.create_task(_write(send))
        while (await receive())["type"] != "http.disconnect":
            pass
        writing.cancel()
        over.set()

    async with serving(endless) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n")
        assert isinstance(writer.transport, asyncio.ReadTransport)
        writer.transport.pause_reading()
        async with asyncio.timeout(WAIT):
            await over.wait()
        writer.transport.abort()
        assert not reader.at_eof()


async def test_an_answer_that_is_read_slowly_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingress, "UNREAD", 0.5)
    size = 20_000_000

    async def long(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % size)]})
        for _ in range(20):
            await send({"type": "http.response.body", "body": b"x" * (size // 20), "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    async with serving(long) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n")
        await reader.readuntil(b"\r\n\r\n")
        for _ in range(20):
            await reader.readexactly(size // 20)
            await asyncio.sleep(0.05)
        writer.transport.abort()


async def _write(send: Any) -> None:
    while True:
        await send({"type": "http.response.body", "body": b"x" * 65536, "more_body": True})


async def test_white_space_keeps_no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingress, "PATIENCE", 0.1)
    async with serving() as port:
        answer = await said(port, b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n", b"\r\n", pause=0.05)
        assert answer.count(b"HTTP/1.1 200 OK") == 1


async def test_between_two_requests_a_client_may_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingress, "PATIENCE", 0.1)
    get = b"GET / HTTP/1.1\r\nhost: localhost\r\n"
    async with serving() as port:
        answer = await said(port, get + b"\r\n", get + b"connection: close\r\n\r\n", pause=0.3)
        assert answer.count(b"HTTP/1.1 200 OK") == 2


async def test_an_answer_can_be_ended_in_the_middle(caplog: pytest.LogCaptureFixture) -> None:
    """All that was written is sent, the end is not, and nobody wonders about it in the log. Other connections go on."""

    async def half(scope: Any, receive: Any, send: Any) -> None:
        outlet = Outlet(send, scope["state"][CLOSE])
        await outlet.start(200, (("content-type", "audio/mpeg"),))
        await outlet.write(b"half" * 50_000)
        if scope["path"] == "/cut":
            outlet.cut()
        else:
            await outlet.end()

    async with serving(half) as port:
        whole, cut = await asyncio.gather(
            *(said(port, b"GET %b HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n" % path) for path in (b"/whole", b"/cut"))
        )
    assert whole.endswith(b"half\r\n0\r\n\r\n")
    assert cut.endswith(b"half\r\n")
    assert cut.count(b"half") == 50_000
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []
