"""Dialogues about time: clients that leave, providers that are silent, targets that cool down."""

from pathlib import Path
from typing import Any

import pytest

from support.dialogue import ERROR, ROLE, good, provider, said
from support.gateway import HELLO, Gateway
from support.scripted import HANG, Scripted, Step, answer, event_stream


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("script", [[HANG], [*event_stream(ROLE, said(b"Hi"), end=False), HANG]], ids=["silent", "in the middle"])
async def test_a_client_that_leaves_takes_the_provider_with_it(scene: Any, script: list[Step], stream: bool) -> None:
    play = await scene(lambda _: script)
    async with play.gateway.client() as client:
        await client.send("/v1/chat/completions", {"model": "m", "messages": HELLO, "stream": stream})
        await play.servers[0].heard_requests(1)
        client.leave()
        await play.servers[0].connections[0].closed_by_peer()
    record = (await play.gateway.recorded())[0]
    assert (record.error, record.status) == ("cancelled", 499)


async def test_a_silent_provider_means_keep_alives_and_failover_goes_on(scene: Any) -> None:
    play = await scene(lambda _: [0.4, answer(500, ERROR % b"server_error")], good, keepalive=0.1)
    async with play.gateway.client() as client:
        await client.send("/v1/chat/completions", {"model": "m", "messages": HELLO, "stream": True})
        await client.head()
        assert client.status == 200
        await client.seen(b":")
        await client.read()
        assert b"Hi" in client.body
        assert b"error" not in client.body
    assert play.asked == [1, 1]


async def test_a_final_failure_after_keep_alives_is_an_event(scene: Any) -> None:
    play = await scene(lambda _: [0.4, answer(500, ERROR % b"server_error")], keepalive=0.1)
    reply = await play.gateway.chat("m", stream=True)
    assert reply.status == 200
    assert b'"error"' in reply.body
    anthropic = await play.gateway.messages("m", stream=True)
    assert b"event: ping" in anthropic.body or anthropic.status != 200


async def test_an_idle_provider_times_out(scene: Any, tmp_path: Path) -> None:
    async with Scripted(lambda _: [HANG]) as silent, Scripted(good) as other:
        records = [provider("slow", silent.url, timeout=0.2), provider("fast", other.url)]
        async with Gateway(tmp_path, *records) as gateway:
            reply = await gateway.chat("m")
            assert reply.headers["x-dragoman-target"] == "fast:m"
            assert (await gateway.recorded())[0].attempts[0].error == "timeout"


async def test_the_whole_call_has_a_deadline(scene: Any) -> None:
    play = await scene(lambda _: [HANG], good, total=0.3)
    reply = await play.gateway.chat("m")
    assert reply.status == 504
    await play.servers[0].connections[0].closed_by_peer()
    assert play.asked == [1, 0]


async def test_a_target_that_failed_cools_down(scene: Any) -> None:
    play = await scene(lambda _: [answer(503, ERROR % b"server_error", [("Retry-After", "30")])], good)
    for _ in range(3):
        assert (await play.gateway.chat("m")).status == 200
    assert play.asked == [1, 3]


async def test_attempts_per_target(scene: Any) -> None:
    play = await scene(lambda _: [answer(500, ERROR % b"server_error")], good, attempts=2)
    reply = await play.gateway.chat("m")
    assert play.asked == [2, 1]
    assert reply.headers["x-dragoman-attempts"] == "3"


async def test_records_without_a_timeout_have_the_operators(scene: Any) -> None:
    play = await scene(lambda _: [HANG], good, timeout_idle=0.2)
    assert (await play.gateway.chat("m")).headers["x-dragoman-target"] == "p2:m"
    assert (await play.gateway.recorded())[0].attempts[0].error == "timeout"
