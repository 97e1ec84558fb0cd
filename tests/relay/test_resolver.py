"""Names to addresses: asked once for many, remembered for a short while, and never more than so many."""

import asyncio
import socket

import pytest

from dragoman.relay.resolver import Resolver

BOTH_LOOPS = True


class Counting(Resolver):
    asked = 0

    async def look_up(self, host: str) -> tuple[str, ...]:
        self.asked += 1
        return await super().look_up(host)


async def test_many_ask_and_dns_is_asked_once() -> None:
    resolver = Counting()
    answers = await asyncio.gather(*(resolver.resolve("localhost") for _ in range(20)))
    assert resolver.asked == 1
    assert len(set(answers)) == 1
    assert {"127.0.0.1", "::1"} >= set(answers[0])
    await resolver.resolve("localhost")
    assert resolver.asked == 1


async def test_an_answer_is_forgotten_after_a_while_or_when_told() -> None:
    resolver = Counting(ttl=0.0)
    for _ in range(2):
        await resolver.resolve("127.0.0.1")
    assert resolver.asked == 2
    resolver = Counting()
    for _ in range(2):
        await resolver.resolve("127.0.0.1")
        resolver.forget("127.0.0.1")
    assert resolver.asked == 2


async def test_what_is_remembered_is_bounded_and_the_oldest_goes() -> None:
    resolver = Resolver(kept=3)
    for last in range(1, 10):
        assert await resolver.resolve(f"127.0.0.{last}") == (f"127.0.0.{last}",)
    assert list(resolver._known) == ["127.0.0.7", "127.0.0.8", "127.0.0.9"]
    assert resolver._asking == {}


@pytest.mark.parametrize("host", ["nowhere.invalid", "a" * 64 + ".test", "a..b"])
async def test_a_name_that_is_none_is_an_error_and_not_remembered(host: str) -> None:
    resolver = Resolver()
    with pytest.raises(socket.gaierror):
        await resolver.resolve(host)
    assert host not in resolver._known
    assert resolver._asking == {}
