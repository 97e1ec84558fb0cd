"""The way out over real sockets: what is sent, what comes back, and which connections serve again."""

import asyncio
import gzip
import socket
import zlib
from collections.abc import AsyncIterator, Callable

import pytest
import pytest_asyncio

from dragoman.core.errors import CallError, ErrorKind
from dragoman.core.request import Headers
from dragoman.relay.upstream import Outgoing, Upstream
from support.scripted import CLOSE, HANG, RESET, Received, Script, Scripted, answer, chunked, event_stream, head

BOTH_LOOPS = True


def ask(
    url: str, body: bytes = b"{}", *, method: str = "POST", headers: Headers = (), idle: float = 20.0, private: bool = True
) -> Outgoing:
    return Outgoing(method=method, url=url, headers=headers, body=body, timeout_idle=idle, allow_private=private)


async def fetch(upstream: Upstream, outgoing: Outgoing) -> tuple[int, bytes]:
    response = await upstream.send(outgoing)
    return response.status, await response.read(1 << 24)


@pytest_asyncio.fixture
async def upstream() -> AsyncIterator[Upstream]:
    client = Upstream(timeout_connect=10.0)
    yield client
    await client.close()


def always(*steps: object) -> Callable[[Received], Script]:
    return lambda request: steps  # type: ignore[return-value]


# what is sent


async def test_a_request_is_sent_exactly_as_built(upstream: Upstream) -> None:
    async with Scripted(always(answer())) as server:
        headers = (("content-type", "application/json"), ("authorization", "Bearer k"), ("x-a", "1"), ("x-a", "2"))
        await fetch(upstream, ask(f"{server.url}/v1/../%2e%2e/é?q=a/..", b'{"a":1}', headers=headers))
        assert (
            server.requests[0].raw
            == (
                f"POST /v1/../%2e%2e/%C3%A9?q=a/.. HTTP/1.1\r\nhost: 127.0.0.1:{server.port}\r\naccept-encoding: identity\r\n"
                "content-length: 7\r\ncontent-type: application/json\r\nauthorization: Bearer k\r\nx-a: 1\r\nx-a: 2\r\n\r\n"
                '{"a":1}'
            ).encode()
        )


@pytest.mark.parametrize("size", [0, 1, 64 * 1024, 64 * 1024 + 1, 5_000_000])
async def test_bodies_of_every_size_arrive_whole(upstream: Upstream, size: int) -> None:
    body = bytes(range(256)) * (size // 256 + 1)
    async with Scripted(lambda request: [answer(200, str(len(request.body)).encode())]) as server:
        for _ in range(2):
            assert await fetch(upstream, ask(server.url, body[:size])) == (200, str(size).encode())
        assert [request.body == body[:size] for request in server.requests] == [True, True]
        assert len(server.connections) == 1


async def test_ipv6_hosts_are_named_in_brackets(upstream: Upstream) -> None:
    if not socket.has_ipv6:
        pytest.skip("no IPv6 here")
    try:
        async with Scripted(always(answer()), host="::1", bind="::1") as server:
            assert await fetch(upstream, ask(server.url)) == (200, b"")
            assert server.requests[0].header("host") == f"[::1]:{server.port}"
    except OSError:
        pytest.skip("no IPv6 loopback here")


@pytest.mark.parametrize("headers", [(("host", "evil"),), (("transfer-encoding", "chunked"),), (("x", "CANARY\r\ny: z"),)])
async def test_headers_that_would_break_the_framing_are_never_sent(upstream: Upstream, headers: Headers) -> None:
    async with Scripted(always(answer())) as server:
        with pytest.raises(CallError) as caught:
            await upstream.send(ask(server.url, headers=headers))
        assert caught.value.error.kind is ErrorKind.SERVER
        assert caught.value.error.ours
        assert "CANARY" not in str(caught.value)
        assert server.connections == []


# what comes back


@pytest.mark.parametrize("status", [200, 201, 204, 301, 302, 304, 307, 308, 400, 401, 404, 429, 500, 503, 529])
async def test_every_status_is_an_answer_and_no_redirect_is_followed(upstream: Upstream, status: int) -> None:
    async with Scripted(always(answer(), CLOSE)) as elsewhere:
        fields = [("Location", elsewhere.url), ("Refresh", f"0; url={elsewhere.url}"), ("Alt-Svc", 'h2=":443"')]
        body = b"" if status in (204, 304) else b"{}"
        async with Scripted(always(answer(status, body, fields))) as server:
            response = await upstream.send(ask(server.url))
            assert (response.status, response.header("location"), response.header("nothing")) == (status, elsewhere.url, None)
            assert await response.read(100) == body
            assert elsewhere.connections == []


async def test_chunks_come_as_they_are_sent(upstream: Upstream) -> None:
    gates = [asyncio.Event() for _ in range(3)]
    first, one, two, three, last = chunked(b"one", b"two", b"three")
    script = always(first, gates[0], one, gates[1], two, gates[2], three, last)
    async with Scripted(script) as server:
        response = await upstream.send(ask(server.url))
        assert response.header("content-type") == "text/event-stream"
        got = []
        for gate in gates:
            gate.set()
            got.append(await response.chunk())
        assert got == [b"one", b"two", b"three"]
        assert [await response.chunk(), await response.chunk()] == [b"", b""]
        response.abort()
        assert await fetch_again(upstream, server) == 1


async def fetch_again(upstream: Upstream, server: Scripted) -> int:
    """One more request; the number of connections there were in the end."""
    server.script = always(answer(200, b"again"))
    assert await fetch(upstream, ask(server.url)) == (200, b"again")
    return len(server.connections)


@pytest.mark.parametrize("pause", [0.0, 0.001])
async def test_a_stream_in_single_bytes_is_the_same(upstream: Upstream, pause: float) -> None:
    whole = b"".join(step for step in event_stream(b'{"a":1}', b'{"b":"\xc3\xa9"}', b"[DONE]") if isinstance(step, bytes))
    steps = [step for byte in whole for step in (bytes([byte]), pause)]
    async with Scripted(always(*steps)) as server:
        assert await fetch(upstream, ask(server.url)) == (200, b'data: {"a":1}\n\ndata: {"b":"\xc3\xa9"}\n\ndata: [DONE]\n\n')
        assert upstream.pool.idle == 1


async def test_a_body_that_ends_with_its_connection_is_whole(upstream: Upstream) -> None:
    async with Scripted(always(head(200, [("Content-Type", "text/plain")]), b"some ", 0.01, b"text", CLOSE)) as server:
        for _ in range(2):
            assert await fetch(upstream, ask(server.url)) == (200, b"some text")
        assert len(server.connections) == 2


async def test_an_answer_to_head_has_no_body(upstream: Upstream) -> None:
    async with Scripted(always(head(200, [("Content-Length", "500"), ("Content-Encoding", "br")]))) as server:
        for _ in range(2):
            assert await fetch(upstream, ask(server.url, b"", method="HEAD")) == (200, b"")


async def test_interim_answers_are_skipped(upstream: Upstream) -> None:
    early = b"HTTP/1.1 100 Continue\r\n\r\n"
    async with Scripted(always(early, 0.01, early + head(103, [("Link", "x")]), answer(200, b"ok"))) as server:
        assert await fetch(upstream, ask(server.url)) == (200, b"ok")


async def test_read_has_a_limit(upstream: Upstream) -> None:
    async with Scripted(always(answer(200, b"x" * 1000))) as server:
        response = await upstream.send(ask(server.url))
        assert await response.read(1000) == b"x" * 1000
        response = await upstream.send(ask(server.url))
        with pytest.raises(CallError, match="more than 999 bytes"):
            await response.read(999)
        assert await fetch(upstream, ask(server.url)) == (200, b"x" * 1000)


@pytest.mark.parametrize(
    ("encoding", "encode"), [("gzip", gzip.compress), ("GZIP", gzip.compress), ("deflate", zlib.compress), ("identity", bytes)]
)
async def test_an_encoding_nobody_asked_for_is_decoded(
    upstream: Upstream, encoding: str, encode: Callable[[bytes], bytes]
) -> None:
    text = b'{"text":"' + b"abc " * 50_000 + b'"}'
    async with Scripted(always(answer(200, encode(text), [("Content-Encoding", encoding)]))) as server:
        for _ in range(2):
            response = await upstream.send(ask(server.url))
            assert await response.read(1 << 20) == text
            assert response.header("content-encoding") in (None, "identity")
            assert response.header("content-length") == (str(len(text)) if encoding == "identity" else None)
            assert await response.chunk() == b""
        assert len(server.connections) == 1


# which connections serve again


async def test_a_kept_connection_serves_again_last_in_first_out(upstream: Upstream) -> None:
    gate = asyncio.Event()
    async with Scripted(lambda request: [gate, answer(200, str(request.connection.number).encode())]) as server:
        both = [asyncio.create_task(fetch(upstream, ask(server.url))) for _ in range(2)]
        await server.heard_requests(2)
        gate.set()
        await asyncio.gather(*both)
        latest = upstream.pool._idle[next(iter(upstream.pool._idle))][-1]
        for _ in range(3):
            await fetch(upstream, ask(server.url))
            assert upstream.pool._idle[latest.place][-1] is latest
        assert (len(server.connections), upstream.pool.idle) == (2, 2)


@pytest.mark.parametrize(
    "last",
    [
        [answer(200, b"x", [("Connection", "close")])],
        [answer(200, b"x") + b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison"],
        [answer(200, b"x") + b"x"],
        [answer(200, b"x"), 0.01, b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n"],
        [answer(200, b"x"), 0.01, b"\r\n"],
        [answer(200, b"x"), CLOSE],
        [answer(200, b"x"), 0.01, RESET],
        [head(200, [("Content-Length", "1")], version="1.0") + b"x"],
    ],
)
async def test_a_connection_with_anything_odd_about_it_does_not(upstream: Upstream, last: list[object]) -> None:
    async with Scripted(always(*last)) as server:
        assert await fetch(upstream, ask(server.url)) == (200, b"x")
        await server.all_closed()
        while upstream.pool.idle:
            await asyncio.sleep(0.01)
        assert await fetch_again(upstream, server) == 2


async def test_an_answer_before_the_request_was_sent_whole_ends_the_connection(upstream: Upstream) -> None:
    async with Scripted(always(), greeting=[lambda peer: peer.stop_reading(), answer(413, b"too much")]) as server:
        assert await fetch(upstream, ask(server.url, b"x" * 30_000_000)) == (413, b"too much")
        assert upstream.pool.idle == 0
        server.connections[0].read_again()
        await server.connections[0].closed_by_peer()


async def test_a_stale_connection_is_replaced_once_and_unseen(upstream: Upstream) -> None:
    def script(request: Received) -> Script:
        return [answer(200, b"ok")] if request.number == 0 else [CLOSE if request.connection.number % 2 else RESET]

    async with Scripted(script) as server:
        for _ in range(6):
            assert await fetch(upstream, ask(server.url)) == (200, b"ok")
        assert len(server.requests) == 6 + 5
        assert [len(connection.requests) for connection in server.connections] == [2, 2, 2, 2, 2, 1]


async def test_a_fresh_connection_that_fails_is_not_tried_again(upstream: Upstream) -> None:
    def script(request: Received) -> Script:
        return [answer(200, b"ok")] if len(server.requests) == 1 else [CLOSE]

    async with Scripted(script) as server:
        await fetch(upstream, ask(server.url))
        with pytest.raises(CallError, match="closed without an answer") as caught:
            await fetch(upstream, ask(server.url))
        assert caught.value.error.kind is ErrorKind.SERVER
        assert len(server.requests) == 3


@pytest.mark.parametrize("begun", [b"H", b"HTTP/1.1 200 OK\r\n", head(100)])
async def test_a_request_is_never_sent_again_once_a_byte_came(upstream: Upstream, begun: bytes) -> None:
    async with Scripted(lambda request: [begun, CLOSE] if request.number else [answer()]) as server:
        await fetch(upstream, ask(server.url))
        with pytest.raises(CallError, match="in the middle"):
            await fetch(upstream, ask(server.url))
        assert len(server.requests) == 2


async def test_silence_on_a_kept_connection_is_not_stale(upstream: Upstream) -> None:
    async with Scripted(lambda request: [HANG] if request.number else [answer()]) as server:
        await fetch(upstream, ask(server.url))
        with pytest.raises(CallError) as caught:
            await fetch(upstream, ask(server.url, idle=0.05))
        assert caught.value.error.kind is ErrorKind.TIMEOUT
        assert len(server.requests) == 2


async def test_a_connection_that_needed_leave_serves_nobody_without_it(upstream: Upstream) -> None:
    async with Scripted(always(answer())) as server:
        await fetch(upstream, ask(server.url))
        assert upstream.pool.idle == 1
        with pytest.raises(CallError, match="loopback"):
            await fetch(upstream, ask(server.url, private=False))
        assert len(server.requests) == 1


async def test_kept_connections_are_bounded_in_number() -> None:
    gate = asyncio.Event()
    upstream = Upstream(idle_each=3, idle_all=4)
    async with Scripted(always(gate, answer())) as one, Scripted(always(gate, answer())) as two:
        calls = [asyncio.create_task(fetch(upstream, ask(server.url))) for server in (one, two) for _ in range(8)]
        await one.heard_requests(8)
        await two.heard_requests(8)
        gate.set()
        await asyncio.gather(*calls)
        while len(upstream.pool.open) > 4:
            await asyncio.sleep(0.01)
        assert upstream.pool.idle == 4
        assert max(len(kept) for kept in upstream.pool._idle.values()) <= 3
        await upstream.close()
        await one.all_closed()
        await two.all_closed()


async def test_kept_connections_are_bounded_in_age() -> None:
    upstream = Upstream(idle_age=0.05)
    async with Scripted(always(answer())) as server:
        await fetch(upstream, ask(server.url))
        assert upstream.pool.idle == 1
        await server.connections[0].closed_by_peer()
        assert (upstream.pool.idle, upstream.pool._idle) == (0, {})
        assert await fetch_again(upstream, server) == 2
    await upstream.close()


async def test_old_connections_are_not_kept_so_that_new_addresses_are_used() -> None:
    upstream = Upstream(max_age=0.0)
    async with Scripted(always(0.01, answer())) as server:
        for _ in range(2):
            await fetch(upstream, ask(server.url))
        assert len(server.connections) == 2
    await upstream.close()


async def test_close_ends_what_is_under_way_and_what_is_kept(upstream: Upstream) -> None:
    async with Scripted(lambda request: [HANG] if request.target == "/hang" else [answer()]) as server:
        await fetch(upstream, ask(server.url))
        hanging = asyncio.create_task(fetch(upstream, ask(f"{server.url}/hang")))
        await server.heard_requests(2)
        await upstream.close()
        with pytest.raises(CallError):
            await hanging
        with pytest.raises(CallError, match="shutting down"):
            await fetch(upstream, ask(server.url))
        await server.all_closed()
