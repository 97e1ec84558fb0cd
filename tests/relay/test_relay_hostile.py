"""Dialogues with providers that mean no good: what they send is bounded, their secrets stay in, and an ending is an ending."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dragoman.relay import delivery
from dragoman.wire import sse
from support.dialogue import GOOD, ROLE, good, provider, said
from support.gateway import HELLO, Gateway
from support.scripted import HANG, RESET, Scripted, Step, answer, event_stream, head

BARE = head(200, [("Content-Type", "text/event-stream"), ("Connection", "close")])
ENDED = b"".join(b"data: %b\n\n" % event for event in GOOD)
SMALL = 64 * 1024


def floods() -> Iterator[Any]:
    """Answers that never come to anything, without end."""
    yield pytest.param(b"{", b" " * SMALL, id="whole body")
    yield pytest.param(b"", b" " * SMALL, id="white space")
    yield pytest.param(b"", b": x\n\n" * 4096, id="comments")
    yield pytest.param(b"data: ", b"a" * SMALL, id="a line without an end")


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(("first", "block"), list(floods()))
async def test_what_is_held_of_an_answer_is_bounded(
    scene: Any, monkeypatch: pytest.MonkeyPatch, first: bytes, block: bytes, stream: bool
) -> None:
    monkeypatch.setattr(delivery, "LIMIT", 8 * SMALL)
    monkeypatch.setattr(sse, "MAX_EVENT", 4 * SMALL)

    def flood() -> Iterator[Step]:
        yield BARE + first
        for _ in range(1000):
            yield block

    play = await scene(lambda _: flood(), good)
    reply = await play.gateway.chat("m", stream=stream)
    assert reply.status == 200
    assert reply.headers["x-dragoman-target"] == "p2:m"
    await play.servers[0].connections[0].closed_by_peer()
    assert play.servers[0].connections[0].sent < 1000 * len(block)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("after", [HANG, RESET], ids=["keeps the connection", "resets it"])
@pytest.mark.parametrize("dialect", ["chat", "messages"])
async def test_after_an_ending_nothing_is_waited_for(
    scene: Any, monkeypatch: pytest.MonkeyPatch, dialect: str, after: Step, stream: bool
) -> None:
    monkeypatch.setattr(delivery, "AFTER_ENDING", 0.05)
    play = await scene(lambda _: [BARE + ENDED, 0.02, after])
    reply = await getattr(play.gateway, dialect)("m", stream=stream)
    assert reply.status == 200
    assert b"there" in reply.body
    assert b"error" not in reply.body
    record = (await play.gateway.recorded())[0]
    assert (record.error, record.attempts[0].error) == (None, None)
    assert play.asked == [1]


async def test_what_comes_after_an_ending_is_bounded(scene: Any) -> None:
    more = b"data: %b\n\n" % said(b"more")

    def endless() -> Iterator[Step]:
        yield BARE + ENDED
        for _ in range(1000):
            yield more * 100

    play = await scene(lambda _: endless())
    reply = await play.gateway.chat("m", stream=True)
    assert len(reply.body) < 1_000_000
    assert reply.body.endswith(b"\n\n")
    assert b'"error"' not in reply.body
    await play.servers[0].connections[0].closed_by_peer()


def echoes() -> Iterator[Any]:
    told = (
        b'{"error":{"message":"the key key-of-p1 is bad, and so is tok-CANARY-0815","type":"invalid_request_error","code":400}}'
    )
    yield pytest.param([answer(400, told)], id="status")
    yield pytest.param([answer(200, told)], id="inside a 200")
    yield pytest.param(event_stream(ROLE, told), id="event before content")
    yield pytest.param(event_stream(ROLE, said(b"Hi"), told, pause=0.02), id="event after content")


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("dialect", ["chat", "messages"])
@pytest.mark.parametrize("script", list(echoes()))
async def test_a_provider_that_tells_our_secrets_is_not_repeated(
    tmp_path: Path, script: list[Step], dialect: str, stream: bool
) -> None:
    async with Scripted(lambda _: script) as server:
        secretive = provider("p1", server.url, headers={"x-auth-token": "Token tok-CANARY-0815"})
        async with Gateway(tmp_path, secretive) as gateway:
            reply = await getattr(gateway, dialect)("m", stream=stream)
            record = (await gateway.recorded())[0]
    assert b"is bad" in reply.body
    assert b"key-of-p1" not in reply.body
    assert b"CANARY" not in reply.body
    assert "key-of-p1" not in repr(record)
    assert "CANARY" not in repr(record)


@pytest.mark.parametrize("encoding", ["gzip", "br", "gzip, gzip"])
async def test_a_compressed_request_is_415(scene: Any, encoding: str) -> None:
    play = await scene(good)
    for path in ("/v1/chat/completions", "/v1/messages", "/v1/messages/count_tokens"):
        reply = await play.gateway.ask(path, b"\x1f\x8b", content_encoding=encoding)
        assert reply.status == 415
        assert b"content-encoding" in reply.body
    assert (
        await play.gateway.ask("/v1/chat/completions", {"model": "m", "messages": HELLO}, content_encoding="identity")
    ).status == 200


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/messages", "/v1/messages/count_tokens"])
async def test_a_models_name_is_no_way_into_a_header(scene: Any, path: str) -> None:
    play = await scene(good)
    for name in ("m\r\nx-evil: 1", "p1:m\r\nx-evil: 1", "p1:m\x00", "p1:m\x1b", "p1:" + "m" * 100_000):
        reply = await play.gateway.ask(path, {"model": name, "max_tokens": 5, "messages": HELLO})
        assert reply.status in (200, 404)
        assert "x-evil" not in reply.headers
    assert len(repr(await play.gateway.recorded(5))) < 20_000
    reply = await play.gateway.ask(path, {"model": "p1:mé☃", "max_tokens": 5, "messages": HELLO})
    assert reply.status == 200
    assert reply.headers.get("x-dragoman-target", "p1:m\\xe9\\u2603") == "p1:m\\xe9\\u2603"


@pytest.mark.parametrize("number", ["1e400", "9" * 5000, "[1e999]"])
@pytest.mark.parametrize("dialect", ["chat", "messages"])
async def test_a_number_that_nobody_can_hold_is_the_clients_fault(scene: Any, dialect: str, number: str) -> None:
    play = await scene(good)
    body = f'{{"model":"m","max_tokens":{number},"messages":[{{"role":"user","content":"a"}}]}}'.encode()
    reply = await play.gateway.ask("/v1/chat/completions" if dialect == "chat" else "/v1/messages", body)
    assert reply.status == 400
    assert play.asked == [0]
