"""What providers do wrong: each ends in one clear error of the right kind, a closed connection and a pool that still serves."""

import asyncio
import gzip
import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from dragoman.core.errors import CallError, ErrorKind
from dragoman.relay.connection import HIGH_WATER
from dragoman.relay.upstream import Outgoing, Upstream
from dragoman.wire.inflate import STEP
from support.scripted import CLOSE, HANG, RESET, Scripted, Step, answer, chunk, head
from support.upstream import ask, drain, script_of

BOTH_LOOPS = True


@pytest_asyncio.fixture
async def upstream() -> AsyncIterator[Upstream]:
    client = Upstream(timeout_connect=10.0)
    yield client
    await client.close()


async def still_serves(upstream: Upstream, server: Scripted) -> None:
    """Nothing of the broken answer is left, and the next request is answered."""
    while len(upstream.pool.open) > upstream.pool.idle:
        await asyncio.sleep(0.01)
    for _ in range(2):
        assert await drain(upstream, ask(f"{server.url}/ok")) == (b"ok", None)


HALF = head(200, [("Content-Length", "10")]) + b"half"
STREAM = head(200, [("Transfer-Encoding", "chunked")]) + chunk(b"half")
OPEN = head(200) + b"half"
CUTS: dict[str, tuple[list[object], bytes, str]] = {
    "closed at once": ([CLOSE], b"", "closed without an answer"),
    "reset at once": ([RESET], b"", "reset before the answer"),
    "closed in the head": ([b"HTTP/1.1 200 OK\r\nConten", CLOSE], b"", "in the middle"),
    "closed after an interim answer": ([head(100), CLOSE], b"", "in the middle"),
    "closed in a body with a length": ([HALF, CLOSE], b"half", "in the middle"),
    "reset in a body with a length": ([HALF, 0.05, RESET], b"half", "in the middle"),
    "closed in a chunked body": ([STREAM, CLOSE], b"half", "in the middle"),
    "closed in a chunk": ([STREAM, b"5\r\nab", CLOSE], b"halfab", "in the middle"),
    "closed before the last chunk's end": ([STREAM, b"0\r\n", CLOSE], b"half", "in the middle"),
    "reset in a chunked body": ([STREAM, 0.05, RESET], b"half", "in the middle"),
    "reset in a body without a length": ([OPEN, 0.05, RESET], b"half", "in the middle"),
    "closed in a gzip body": (
        [head(200, [("Content-Encoding", "gzip")]), gzip.compress(b"half")[:-4], CLOSE],
        b"half",
        "cut off",
    ),
    "garbage": ([b"\x00\x01garbage\r\n\r\n"], b"", "not HTTP/1.1"),
    "garbage in a chunked body": ([STREAM, 0.05, b"CANARY\r\n"], b"half", "not HTTP/1.1"),
    "length and chunked": (
        [head(200, [("Content-Length", "2"), ("Transfer-Encoding", "chunked")]), b"ok"],
        b"",
        "Transfer-Encoding",
    ),
    "brotli": ([answer(200, b"\x8b\x02\x80CANARY\x03", [("Content-Encoding", "br")])], b"", "content-encoding"),
    "not gzip": ([answer(200, b"CANARY", [("Content-Encoding", "gzip")])], b"", "not valid gzip"),
    "headers without end": ([b"HTTP/1.1 200 OK\r\n", b"a: b\r\n" * 20_000, HANG], b"", "headers"),
    "interim answers without end": ([head(103) * 1000, HANG], b"", "interim"),
    "switching protocols": ([head(101, [("Upgrade", "h2c"), ("Connection", "upgrade")]), HANG], b"", "101"),
}


@pytest.mark.parametrize("case", CUTS)
async def test_a_broken_answer_is_an_error_never_an_end(upstream: Upstream, case: str) -> None:
    steps, body, message = CUTS[case]
    async with Scripted(script_of(*steps)) as server:
        got, error = await drain(upstream, ask(server.url))
        assert got == body
        assert error is not None
        assert (error.kind, error.status) == (ErrorKind.SERVER, None)
        assert message in error.message
        await still_serves(upstream, server)


@pytest.mark.parametrize(
    ("greeting", "message"),
    [
        ([CLOSE], "closed|reset"),
        ([RESET], "closed|reset"),
        ([b"220 mail.test ESMTP\r\n", HANG], "before the request|not HTTP/1.1"),
    ],
)
async def test_a_peer_that_does_not_wait_for_the_request(upstream: Upstream, greeting: list[Step], message: str) -> None:
    async with Scripted(script_of(), greeting=greeting) as server:
        for pause in (0.0, 0.02):
            connecting = asyncio.create_task(drain(upstream, ask(server.url)))
            await asyncio.sleep(pause)
            _, error = await connecting
            assert error is not None
            assert error.kind is ErrorKind.SERVER
            assert re.search(message, error.message)
        assert len(upstream.pool.open) == 0


async def test_an_error_is_told_again_to_who_asks_again(upstream: Upstream) -> None:
    for steps in ([HALF, CLOSE], [answer(200, b"no gzip", [("Content-Encoding", "gzip")])]):
        async with Scripted(script_of(*steps)) as server:
            response = await upstream.send(ask(server.url))
            with pytest.raises(CallError) as first:
                await response.read(100)
            with pytest.raises(CallError) as second:
                await response.chunk()
            response.abort()
            assert first.value.error == second.value.error


async def test_what_came_before_the_failure_is_not_lost(upstream: Upstream) -> None:
    """The failure is known before the taker comes: it still gets every byte, then the error."""
    async with Scripted(script_of(STREAM, chunk(b" more"), RESET)) as server:
        response = await upstream.send(ask(server.url))
        await server.all_closed()
        await asyncio.sleep(0.05)
        got, cut = b"", None
        try:
            while data := await response.chunk():
                got += data
        except CallError as failure:
            cut = failure.error
        assert cut is not None
        assert b"half more".startswith(got)


# silence


@pytest.mark.parametrize(
    ("steps", "body", "message"),
    [
        ([HANG], b"", "before the answer"),
        ([b"HTTP/1.1 200 OK\r\n", HANG], b"", "in the middle"),
        ([HALF, HANG], b"half", "in the middle"),
        ([STREAM, HANG], b"half", "in the middle"),
        ([OPEN, HANG], b"half", "in the middle"),
    ],
)
async def test_silence_is_a_timeout_and_closes_the_connection(
    upstream: Upstream, steps: list[object], body: bytes, message: str
) -> None:
    async with Scripted(script_of(*steps)) as server:
        got, error = await drain(upstream, ask(server.url, idle=0.1))
        assert got == body
        assert error is not None
        assert error.kind is ErrorKind.TIMEOUT
        assert error.message.startswith("nothing was received for 0.1 s")
        assert message in error.message
        await server.connections[0].closed_by_peer()
        await still_serves(upstream, server)


async def test_every_byte_starts_the_silence_anew(upstream: Upstream) -> None:
    whole = answer(200, b"slow but sure")
    steps = [step for at in range(0, len(whole), 6) for step in (whole[at : at + 6], 0.03)]
    async with Scripted(script_of(*steps)) as server:
        assert await drain(upstream, ask(server.url, idle=0.3)) == (b"slow but sure", None)


async def test_each_request_has_its_own_patience(upstream: Upstream) -> None:
    async with Scripted(script_of(0.3, answer(200, b"late"))) as server:
        assert await drain(upstream, ask(f"{server.url}/ok", idle=300.0)) == (b"ok", None)
        _, error = await drain(upstream, ask(server.url, idle=0.05))
        assert error is not None
        assert error.kind is ErrorKind.TIMEOUT
        assert await drain(upstream, ask(f"{server.url}/ok", idle=0.05)) == (b"ok", None)
        assert await drain(upstream, ask(server.url, idle=20.0)) == (b"late", None)


async def test_a_taker_that_is_slow_is_no_silence(upstream: Upstream) -> None:
    body = b"x" * (8 * HIGH_WATER)
    async with Scripted(script_of(answer(200, body))) as server:
        response = await upstream.send(ask(server.url, idle=0.1))
        got = await response.chunk()
        await asyncio.sleep(0.4)
        while data := await response.chunk():
            got += data
        assert got == body


async def test_a_request_nobody_reads_is_a_timeout(upstream: Upstream) -> None:
    async with Scripted(script_of(), greeting=[lambda peer: peer.stop_reading(), HANG]) as server:
        outgoing = Outgoing(
            method="POST", url=server.url, headers=(), body=b"x" * 20_000_000, timeout_idle=0.1, allow_private=True
        )
        _, error = await drain(upstream, outgoing)
        assert error is not None
        assert error.kind is ErrorKind.TIMEOUT


# too much


async def test_a_slow_taker_makes_the_provider_wait(upstream: Upstream) -> None:
    """What is buffered here stays small, however much the provider pushes."""
    part = chunk(b"x" * 65536)
    async with Scripted(script_of(head(200, [("Transfer-Encoding", "chunked")]), *[part] * 600, chunk(b""))) as server:
        response = await upstream.send(ask(server.url))
        connection = next(iter(upstream.pool.open))
        await asyncio.sleep(0.2)
        assert connection.reader.size < HIGH_WATER + 512 * 1024
        assert server.connections[0].sent < 24 * 1024 * 1024
        total = 0
        while data := await response.chunk():
            total += len(data)
            assert connection.reader.size < HIGH_WATER + 512 * 1024
        assert total == 65536 * 600
        assert upstream.pool.idle == 1


async def test_a_bomb_comes_in_small_steps_and_others_run_between_them(upstream: Upstream) -> None:
    bomb = gzip.compress(b"\0" * 16 * 1024 * 1024)
    async with Scripted(script_of(answer(200, bomb, [("Content-Encoding", "gzip")]))) as server:
        response = await upstream.send(ask(server.url))
        turns = 0

        async def other() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        running = asyncio.create_task(other())
        steps = 0
        while data := await response.chunk():
            assert len(data) <= STEP
            steps += 1
        running.cancel()
        assert steps == 256
        assert turns >= steps
        assert upstream.pool.idle == 1


async def test_a_bomb_is_stopped_by_the_limit_of_read(upstream: Upstream) -> None:
    bomb = gzip.compress(b"\0" * 16 * 1024 * 1024)
    async with Scripted(script_of(answer(200, bomb, [("Content-Encoding", "gzip")]), HANG)) as server:
        response = await upstream.send(ask(server.url))
        with pytest.raises(CallError, match="more than 1000000 bytes"):
            await response.read(1_000_000)
