"""TLS to providers: the name is checked and sent, and what is wrong with a certificate is said in clear words."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from dragoman.core.errors import CallError, ErrorKind
from dragoman.relay.upstream import Outgoing, Upstream
from support.certificates import Authority
from support.scripted import CLOSE, HANG, RESET, Scripted, Step, answer, event_stream

BOTH_LOOPS = True


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tls"))


@pytest_asyncio.fixture
async def upstream(authority: Authority) -> AsyncIterator[Upstream]:
    client = Upstream(timeout_connect=10.0, tls=authority.trust())
    yield client
    await client.close()


async def fetch(upstream: Upstream, url: str, body: bytes = b"{}") -> bytes:
    outgoing = Outgoing(method="POST", url=url, headers=(), body=body, timeout_idle=20.0, allow_private=True)
    response = await upstream.send(outgoing)
    return await response.read(1 << 24)


async def failure(upstream: Upstream, url: str) -> str:
    with pytest.raises(CallError) as caught:
        await fetch(upstream, f"{url}/?key=CANARY")
    assert caught.value.error.kind is ErrorKind.SERVER
    assert "CANARY" not in caught.value.error.message
    return caught.value.error.message


async def test_calls_over_tls_share_a_connection_and_send_the_name(upstream: Upstream, authority: Authority) -> None:
    names: list[str | None] = []
    context = authority.server("localhost")
    context.sni_callback = lambda connection, name, whole: names.append(name)
    async with Scripted(lambda request: [answer(200, request.body)], tls=context, host="localhost") as server:
        for size in (2, 100_000, 3_000_000):
            assert await fetch(upstream, server.url, b"x" * size) == b"x" * size
        assert len(server.connections) == 1
        assert names == ["localhost"]


async def test_an_address_is_checked_against_its_certificate(upstream: Upstream, authority: Authority) -> None:
    async with Scripted(lambda request: event_stream(b"1", b"2"), tls=authority.server("127.0.0.1")) as server:
        assert await fetch(upstream, server.url) == b"data: 1\n\ndata: 2\n\n"


async def test_a_certificate_that_is_wrong_is_refused_before_a_byte_of_the_request(
    upstream: Upstream, authority: Authority, tmp_path: Path
) -> None:
    wrong = {
        "Hostname mismatch": authority.server("other.test"),
        "certificate has expired": authority.server("localhost", expired=True),
        "unable to get local issuer certificate": Authority(tmp_path).server("localhost"),
    }
    for reason, context in wrong.items():
        async with Scripted(lambda request: [answer()], tls=context, host="localhost") as server:
            message = await failure(upstream, server.url)
            assert message.startswith(f"cannot connect to localhost:{server.port}: its TLS certificate is not accepted: {reason}")
            assert server.requests == []


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
async def test_tls_1_1_is_refused(upstream: Upstream, authority: Authority) -> None:
    context = authority.server("localhost")
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    async with Scripted(lambda request: [answer()], tls=context, host="localhost") as server:
        message = await failure(upstream, server.url)
        assert "TLS failed" in message or "closed while connecting" in message
        assert server.requests == []


async def test_plain_http_where_tls_is_expected(upstream: Upstream) -> None:
    async with Scripted(lambda request: [], greeting=[b"HTTP/1.1 400 Bad Request\r\n\r\n"]) as server:
        assert "TLS failed: " in await failure(upstream, server.url.replace("http:", "https:"))


async def test_tls_where_plain_http_is_expected(upstream: Upstream, authority: Authority) -> None:
    async with Scripted(lambda request: [answer()], tls=authority.server("localhost")) as server:
        message = await failure(upstream, server.url.replace("https:", "http:"))
        assert "answer" in message


@pytest.mark.parametrize("end", [CLOSE, RESET])
async def test_a_peer_that_goes_away_in_the_handshake(upstream: Upstream, end: object) -> None:
    async with Scripted(lambda request: [], greeting=[0.01, end]) as server:  # type: ignore[list-item]
        message = await failure(upstream, server.url.replace("http:", "https:"))
        assert message.startswith(f"cannot connect to 127.0.0.1:{server.port}: ")


async def test_a_handshake_that_stalls_is_a_connect_timeout(authority: Authority) -> None:
    upstream = Upstream(timeout_connect=0.2, tls=authority.trust())
    async with Scripted(lambda request: [], greeting=[HANG]) as server:
        with pytest.raises(CallError, match=r"nothing within 0\.2 s") as caught:
            await fetch(upstream, server.url.replace("http:", "https:"))
        assert caught.value.error.kind is ErrorKind.TIMEOUT
        await server.connections[0].closed_by_peer()
    await upstream.close()


async def test_a_cut_answer_over_tls_is_an_error(upstream: Upstream, authority: Authority) -> None:
    for end in (CLOSE, RESET):
        script = [*event_stream(b"1", end=False), 0.02, end]
        async with Scripted(lambda request, script=script: script, tls=authority.server("localhost"), host="localhost") as server:  # type: ignore[misc]
            assert "in the middle of the answer" in await failure(upstream, server.url)
            assert (upstream.pool.idle, len(upstream.pool.open)) == (0, 0)


@pytest.mark.parametrize("phase", ["handshake", "head", "stream"])
async def test_cancelling_closes_a_tls_connection(upstream: Upstream, authority: Authority, phase: str) -> None:
    reached = asyncio.Event()
    steps: list[Step] = [*(event_stream(b"1", end=False) if phase == "stream" else []), lambda peer: reached.set(), HANG]
    tls = authority.server("localhost") if phase != "handshake" else None
    greeting: list[Step] = [lambda peer: reached.set(), HANG] if phase == "handshake" else []
    async with Scripted(lambda request: steps, greeting=greeting, tls=tls, host="localhost") as server:
        call = asyncio.create_task(fetch(upstream, server.url.replace("http:", "https:")))
        await reached.wait()
        await asyncio.sleep(0.05)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await server.connections[0].closed_by_peer()
        assert len(upstream.pool.open) == 0
