"""Dialogues about faults: what a client sees of what providers do wrong."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.dialogue import ERROR, GOOD, ROLE, good, provider, said
from support.gateway import Gateway
from support.scripted import CLOSE, RESET, Step, answer, chunked, event_stream


def faults() -> Iterator[Any]:
    """What a first target may do wrong before any content, by name."""
    yield pytest.param([answer(500, ERROR % b"server_error")], id="500")
    yield pytest.param([answer(503, ERROR % b"service_unavailable_error")], id="503")
    yield pytest.param([answer(529, b"overloaded")], id="529 without JSON")
    yield pytest.param([answer(429, ERROR % b"rate_limit_error", [("Retry-After", "1")])], id="429")
    yield pytest.param([answer(401, ERROR % b"invalid_api_key")], id="401")
    yield pytest.param([answer(402, ERROR % b"billing")], id="402")
    yield pytest.param([answer(404, ERROR % b"not_found")], id="404")
    yield pytest.param([answer(408, b"")], id="408")
    yield pytest.param([answer(302, b"", [("Location", "http://127.0.0.1:1/")])], id="redirect")
    yield pytest.param([RESET], id="reset")
    yield pytest.param([CLOSE], id="closed before the answer")
    yield pytest.param([b"garbage\r\n\r\n", CLOSE], id="no HTTP")
    yield pytest.param([answer(200, b"")], id="200 with nothing")
    yield pytest.param([answer(200, b"<html>busy</html>", type_="text/html")], id="200 with HTML")
    yield pytest.param([answer(200, b'{"error":{"message":"no","code":500}}')], id="an error inside a 200")
    yield pytest.param([answer(200, b'{"id":"x","choices":null}')], id="choices null")
    yield pytest.param(event_stream(ROLE, b'{"error":{"message":"mid","code":502}}'), id="error event before content")
    yield pytest.param(event_stream(ROLE), id="stream without content or ending")
    yield pytest.param([*event_stream(ROLE, end=False), CLOSE], id="cut before content")
    yield pytest.param(event_stream(b"{not json"), id="malformed stream")


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("fault", list(faults()))
async def test_a_fault_before_content_is_unseen(scene: Any, fault: list[Step], stream: bool) -> None:
    play = await scene(lambda _: fault, good)
    reply = await play.gateway.chat("m", stream=stream)
    assert reply.status == 200
    assert b"Hi" in reply.body
    assert b"error" not in reply.body
    assert play.asked == [1, 1]
    assert reply.headers["x-dragoman-target"] == "p2:m"
    assert reply.headers["x-dragoman-attempts"] == "2"
    record = (await play.gateway.recorded())[0]
    assert [attempt.provider for attempt in record.attempts] == ["p1", "p2"]
    assert record.attempts[0].error is not None
    assert record.attempts[1].error is None
    assert (record.target, record.error, record.status) == ("p2:m", None, 200)


@pytest.mark.parametrize("status", [400, 413, 422])
async def test_a_request_error_never_moves_on_and_passes_as_it_is(scene: Any, status: int) -> None:
    play = await scene(lambda _: [answer(status, ERROR % b"invalid_request_error")], good)
    reply = await play.gateway.chat("m")
    assert (reply.status, reply.body) == (status, ERROR % b"invalid_request_error")
    assert play.asked == [1, 0]


@pytest.mark.parametrize("status", [401, 402, 403])
async def test_a_refusal_of_our_credentials_is_a_502_without_the_vendors_body(scene: Any, status: int) -> None:
    play = await scene(lambda _: [answer(status, ERROR % b"key-of-p1 is bad")])
    reply = await play.gateway.chat("m")
    assert reply.status == 502
    assert b"key-of-p1" not in reply.body
    assert reply.headers["x-should-retry"] == "false"


async def test_when_all_fail_the_most_useful_error_is_told(scene: Any) -> None:
    limited = [answer(429, ERROR % b"rate_limit_error", [("Retry-After", "7")])]
    play = await scene(lambda _: [answer(500, ERROR % b"server_error")], lambda _: limited, lambda _: [RESET])
    reply = await play.gateway.chat("m")
    assert reply.status == 429
    assert reply.headers["retry-after"] == "7"
    assert play.asked == [1, 1, 1]


async def test_after_the_first_content_nobody_is_switched(scene: Any) -> None:
    play = await scene(lambda _: [*event_stream(ROLE, said(b"Half an"), end=False), 0.05, RESET], good)
    reply = await play.gateway.chat("m", stream=True)
    assert reply.status == 200
    assert b"Half an" in reply.body
    assert b'"error"' in reply.body
    assert b"[DONE]" not in reply.body
    assert play.asked == [1, 0]
    record = (await play.gateway.recorded())[0]
    assert record.error == "server"


async def test_a_stream_without_an_ending_is_never_a_success(scene: Any) -> None:
    play = await scene(lambda _: [*event_stream(ROLE, said(b"Half an"), b"[DONE]")])
    reply = await play.gateway.chat("m", stream=True)
    assert b'"error"' in reply.body
    assert (await play.gateway.recorded())[0].error == "server"


async def test_an_error_event_after_content_passes_once(scene: Any) -> None:
    play = await scene(lambda _: event_stream(ROLE, said(b"Half an"), b'{"error":{"message":"mid","code":502}}', pause=0.02))
    reply = await play.gateway.chat("m", stream=True)
    assert reply.body.count(b'"error"') == 1


async def test_a_provider_that_is_not_there_is_a_502_that_names_no_address(tmp_path: Path) -> None:
    """The address stands in the record."""
    async with Gateway(tmp_path, provider("p1", "http://127.0.0.1:9")) as gateway:
        reply = await gateway.chat("m")
        assert reply.status == 502
        assert b"127.0.0.1" not in reply.body
        assert "127.0.0.1:9" in ((await gateway.recorded())[0].attempts[0].message or "")


async def test_what_a_provider_says_after_its_own_error_event_goes_on(scene: Any) -> None:
    usage = b'{"id":"x","object":"chat.completion.chunk","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2}}'
    error = b'{"error":{"message":"mid","code":502}}'
    events = [ROLE, said(b"Half an"), error, usage]
    play = await scene(lambda _: event_stream(*events, pause=0.02))
    reply = await play.gateway.chat("m", stream=True, stream_options={"include_usage": True})
    assert reply.body == b"".join(b"data: %b\n\n" % event for event in events)
    assert (await play.gateway.recorded())[0].error == "server"


async def test_a_last_event_without_its_blank_line_reaches_the_client(scene: Any) -> None:
    cut = b"data: [DONE]"
    whole = b"".join(b"data: %b\n\n" % event for event in GOOD[:-1]) + cut
    play = await scene(lambda _: chunked(whole))
    assert (await play.gateway.chat("m", stream=True)).body == whole
