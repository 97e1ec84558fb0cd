"""Getting to a provider: which addresses are tried and which never, and what is said where none answers."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from dragoman.core.errors import ErrorKind
from dragoman.relay.resolver import Resolver
from dragoman.relay.upstream import Upstream
from support.scripted import Scripted, answer, black_hole
from support.upstream import ask, drain, script_of

BOTH_LOOPS = True


@pytest_asyncio.fixture
async def upstream() -> AsyncIterator[Upstream]:
    client = Upstream(timeout_connect=10.0)
    yield client
    await client.close()


async def test_a_refused_connection_is_told_without_the_url(upstream: Upstream) -> None:
    async with Scripted(script_of()) as server:
        port = server.port
    _, error = await drain(upstream, ask(f"http://127.0.0.1:{port}/v1?key=CANARY"))
    assert error is not None
    assert (error.kind, error.message) == (ErrorKind.SERVER, f"cannot connect to 127.0.0.1:{port}: connection refused")


async def test_a_name_that_does_not_resolve(upstream: Upstream) -> None:
    _, error = await drain(upstream, ask("http://nowhere.invalid/v1?key=CANARY"))
    assert error is not None
    assert (error.kind, error.message) == (
        ErrorKind.SERVER, "cannot connect to nowhere.invalid:80: the host name does not resolve",
    )  # fmt: skip


@pytest.mark.parametrize("url", ["ftp://h/", "http://u:CANARY@h/", "http://h/#CANARY", "http://h:99999/CANARY", "nonsense"])
async def test_a_url_that_cannot_be_used(upstream: Upstream, url: str) -> None:
    _, error = await drain(upstream, ask(url))
    assert error is not None
    assert error.kind is ErrorKind.SERVER
    assert error.message.startswith("the request cannot be sent: the URL ")


class Zone(Resolver):
    """DNS as a table: name -> what each question is answered, the last answer for ever."""

    def __init__(self, ttl: float = 0.0, **names: list[tuple[str, ...]]) -> None:
        super().__init__(ttl)
        self.names = names

    async def look_up(self, host: str) -> tuple[str, ...]:
        answers = self.names[host]
        return answers.pop(0) if len(answers) > 1 else answers[0]


@pytest.mark.parametrize("private", [False, True])
async def test_metadata_is_never_connected_whatever_its_name(private: bool) -> None:
    upstream = Upstream(resolver=Zone(friendly=[("169.254.169.254", "fd00:ec2::254")]))
    _, error = await drain(upstream, ask("http://friendly/latest?CANARY", private=private))
    assert error is not None
    assert error.kind is ErrorKind.SERVER
    assert "metadata service" in error.message
    await upstream.close()


async def test_loopback_needs_leave_and_the_message_says_which() -> None:
    upstream = Upstream()
    async with Scripted(script_of(answer())) as server:
        for host in ("127.0.0.1", "localhost", "127.1", "0x7f000001", "2130706433", "[::1]", "[::ffff:127.0.0.1]"):
            _, error = await drain(upstream, ask(f"http://{host}:{server.port}/", private=False))
            assert error is not None
            assert ("loopback" in error.message and "DRAGOMAN_ALLOW_PRIVATE" in error.message) or "resolve" in error.message
        assert server.connections == []
    await upstream.close()


async def test_the_address_that_is_checked_is_the_one_that_is_connected() -> None:
    """A name that answers publicly first and privately later (rebinding), or both at once: the private one is never opened."""
    zone = Zone(rebinding=[("192.0.2.1",), ("127.0.0.1",)], mixed=[("127.0.0.1", "169.254.169.254")])
    upstream = Upstream(timeout_connect=0.2, resolver=zone)
    async with Scripted(script_of(answer(200, b"in"))) as server:
        for _ in range(2):
            _, error = await drain(upstream, ask(f"http://rebinding:{server.port}/", private=False))
            assert error is not None
            assert "is not connected" in error.message
        assert server.connections == []
        assert await drain(upstream, ask(f"http://mixed:{server.port}/")) == (b"in", None)
        assert server.requests[0].header("host") == f"mixed:{server.port}"
    await upstream.close()


async def test_addresses_are_tried_in_order() -> None:
    async with Scripted(script_of(answer(200, b"in")), bind="127.0.0.2") as server:
        upstream = Upstream(resolver=Zone(name=[("127.0.0.3", "127.0.0.2")]))
        assert await drain(upstream, ask(f"http://name:{server.port}/")) == (b"in", None)
        await upstream.close()


async def test_a_provider_that_moved_is_found_at_the_next_call() -> None:
    async with Scripted(script_of(answer(200, b"in")), bind="127.0.0.2") as server:
        upstream = Upstream(resolver=Zone(ttl=300.0, name=[("127.0.0.3",), ("127.0.0.2",)]))
        _, error = await drain(upstream, ask(f"http://name:{server.port}/"))
        assert error is not None
        assert error.message.endswith("connection refused")
        assert await drain(upstream, ask(f"http://name:{server.port}/")) == (b"in", None)
        await upstream.close()


async def test_an_address_that_swallows_packets_leaves_time_for_the_others() -> None:
    """A listener whose queue is full answers no SYN: the nearest thing to a black hole on a loopback."""
    async with Scripted(script_of(answer(200, b"in")), bind="127.0.0.2") as server:
        with black_hole("127.0.0.3", server.port):
            upstream = Upstream(timeout_connect=1.0, resolver=Zone(name=[("127.0.0.3", "127.0.0.2")], hole=[("127.0.0.3",)]))
            assert await drain(upstream, ask(f"http://name:{server.port}/")) == (b"in", None)
            upstream.timeout_connect = 0.1
            _, error = await drain(upstream, ask(f"http://hole:{server.port}/"))
            assert error is not None
            assert (error.kind, error.message) == (
                ErrorKind.TIMEOUT, f"cannot connect to hole:{server.port}: nothing within 0.1 s",
            )  # fmt: skip
            await upstream.close()
