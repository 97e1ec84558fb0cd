"""Who stops waiting closes the provider's connection at once, at any await, and never harms the pool."""

import asyncio
import gc
import random
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from dragoman.core.errors import CallError, ErrorKind
from dragoman.relay.resolver import Resolver
from dragoman.relay.upstream import Outgoing, Response, Upstream
from support.scripted import HANG, Received, Script, Scripted, Step, answer, black_hole, chunked, event_stream, head

BOTH_LOOPS = True


def ask(url: str) -> Outgoing:
    return Outgoing(method="POST", url=url, headers=(), body=b"{}", timeout_idle=60.0, allow_private=True)


@pytest_asyncio.fixture
async def upstream() -> AsyncIterator[Upstream]:
    client = Upstream(timeout_connect=30.0)
    yield client
    await client.close()


PHASES: dict[str, list[Step]] = {
    "before the head": [HANG],
    "in the head": [b"HTTP/1.1 200 OK\r\nCont", HANG],
    "after the head": [head(200, [("Content-Length", "9")]), HANG],
    "in a body with a length": [head(200, [("Content-Length", "9")]), b"half", HANG],
    "in a stream": [*event_stream(b"1", b"2", end=False), HANG],
    "in a body without a length": [head(200), b"half", HANG],
}


async def whole(upstream: Upstream, url: str) -> bytes:
    response = await upstream.send(ask(url))
    return await response.read(1 << 20)


@pytest.mark.parametrize("reused", [False, True])
@pytest.mark.parametrize("phase", PHASES)
async def test_cancelling_closes_the_connection(upstream: Upstream, phase: str, reused: bool) -> None:
    reached = asyncio.Event()
    steps = [*PHASES[phase][:-1], lambda peer: reached.set(), HANG]
    async with Scripted(lambda request: [answer()] if request.target == "/first" else steps) as server:
        if reused:
            await whole(upstream, f"{server.url}/first")
        call = asyncio.create_task(whole(upstream, server.url))
        await reached.wait()
        await asyncio.sleep(0.02)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await server.connections[0].closed_by_peer()
        assert len(server.connections) == 1
        assert (upstream.pool.idle, len(upstream.pool.open)) == (0, 0)


async def test_cancelling_while_connecting_leaves_nothing(upstream: Upstream) -> None:
    with black_hole("127.0.0.1") as port:
        call = asyncio.create_task(upstream.send(ask(f"http://127.0.0.1:{port}/")))
        await asyncio.sleep(0.05)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert len(upstream.pool.open) == 0


async def test_cancelling_while_the_name_is_asked_for_leaves_the_answer_to_others() -> None:
    gate = asyncio.Event()

    class Slow(Resolver):
        async def look_up(self, host: str) -> tuple[str, ...]:
            await gate.wait()
            return await super().look_up(host)

    upstream = Upstream(resolver=Slow())
    async with Scripted(lambda request: [answer(200, b"ok")], host="localhost") as server:
        calls = [asyncio.create_task(whole(upstream, server.url)) for _ in range(2)]
        await asyncio.sleep(0.02)
        calls[0].cancel()
        with pytest.raises(asyncio.CancelledError):
            await calls[0]
        gate.set()
        assert await calls[1] == b"ok"
    await upstream.close()


async def test_abort_closes_at_once_wakes_the_taker_and_may_be_repeated(upstream: Upstream) -> None:
    async with Scripted(lambda request: PHASES["in a stream"]) as server:
        response = await upstream.send(ask(server.url))
        taker = asyncio.create_task(response.read(1 << 20))
        await asyncio.sleep(0.05)
        response.abort()
        response.abort()
        with pytest.raises(CallError) as caught:
            await taker
        assert caught.value.error.kind is ErrorKind.CANCELLED
        with pytest.raises(CallError):
            await response.chunk()
        await server.connections[0].closed_by_peer()


async def test_abort_after_the_end_leaves_the_connection_to_the_next(upstream: Upstream) -> None:
    async with Scripted(lambda request: [answer(200, b"ok")] if request.number == 0 else chunked(b"next")) as server:
        first = await upstream.send(ask(server.url))
        assert await first.chunk() == b"ok"
        second = await upstream.send(ask(server.url))
        first.abort()
        del first
        assert await second.read(100) == b"next"
        assert len(server.connections) == 1


async def test_an_answer_that_nobody_holds_any_more_is_closed(upstream: Upstream) -> None:
    async with Scripted(lambda request: PHASES["in a stream"]) as server:
        response = await upstream.send(ask(server.url))
        del response
        gc.collect()
        await server.connections[0].closed_by_peer()


def test_an_answer_that_outlives_its_loop_is_dropped_in_silence(recwarn: pytest.WarningsRecorder) -> None:
    async def call() -> Response:
        async with Scripted(lambda request: PHASES["in a stream"]) as server:
            return await Upstream().send(ask(server.url))

    response = asyncio.run(call())
    del response
    gc.collect()
    assert [str(warning.message) for warning in recwarn if "Exception ignored" in str(warning.message)] == []


async def test_thousands_of_cancelled_calls_do_not_poison_the_pool(upstream: Upstream) -> None:
    """The failure of httpcore that this client exists for: cancels under contention, then nothing is served any more."""

    def script(request: Received) -> Script:
        if request.target == "/good":
            return [answer(200, request.body)]
        return [0.001, *event_stream(b"1", b"2", b"3", pause=0.001)]

    chance = random.Random(7)

    async def victim(url: str) -> None:
        for _ in range(60):
            call = asyncio.create_task(whole(upstream, url))
            await asyncio.sleep(chance.random() * 0.006)
            call.cancel()
            await asyncio.gather(call, return_exceptions=True)

    async with Scripted(script) as server:
        await asyncio.gather(*(victim(f"{server.url}/stream") for _ in range(70)))
        for _ in range(50):
            assert await whole(upstream, f"{server.url}/good") == b"{}"
        assert len(upstream.pool.open) == upstream.pool.idle
        await upstream.close()
        await server.all_closed()
        assert len([each for each in server.connections if each.ended is None]) == 0
