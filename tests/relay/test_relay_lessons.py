"""Dialogues about refusals that teach: a member that a provider does not know is left out, told, and remembered for a day."""

import time
from pathlib import Path
from typing import Any

import pytest

from dragoman.dialects.registry import CLIENTS, DIALECTS
from dragoman.routing.learned import DAY
from support.client import Client
from support.dialogue import good, provider
from support.gateway import HELLO, Gateway
from support.refusing import asking, holding, refusal, refusing
from support.scripted import Received, Scripted, Step, answer, event_stream

DEPRECATED = "`temperature` is deprecated for this model."
HOT: dict[str, Any] = {"temperature": 0.5}
PAIRS = [(client, target) for client in CLIENTS for target in DIALECTS if client != target]


def counts(client: str) -> bool:
    return any(door.operation == "count_tokens" for door in CLIENTS[client].paths)


def names(reply: Client, member: str) -> bool:
    return f'{member}";kind=dropped' in reply.headers.get("x-dragoman-losses", "")


@pytest.mark.parametrize(("client", "target"), PAIRS)
async def test_a_refused_member_is_left_out_once_and_from_then_on(tmp_path: Path, client: str, target: str) -> None:
    script = refusing(target, holding("temperature", DEPRECATED))
    async with Scripted(script) as server, Gateway(tmp_path, provider("p", server.url, dialects=[target])) as gateway:
        first = await gateway.ask(*asking(client, **HOT))
        assert (first.status, first.headers["x-dragoman-attempts"], len(server.requests)) == (200, "2", 2)
        assert names(first, "temperature")
        assert [b'"temperature"' in request.body for request in server.requests] == [True, False]
        second = await gateway.ask(*asking(client, **HOT))
        assert (second.status, second.headers["x-dragoman-attempts"], len(server.requests)) == (200, "1", 3)
        assert names(second, "temperature")
        cool = await gateway.ask(*asking(client))
        assert "temperature" not in cool.headers.get("x-dragoman-losses", "")
        records = await gateway.recorded(3)
        assert [(attempt.status, attempt.error) for attempt in records[0].attempts] == [(400, "bad_request"), (200, None)]
        assert [len(record.attempts) for record in records] == [2, 1, 1]
        assert [loss.path for loss in records[1].losses if loss.path.endswith("temperature")] != []
        (fact,) = gateway.app.live.relay.lessons.learned.facts(time.time())
        assert (fact.provider, fact.model, fact.dialect, fact.said) == ("p", "m", target, DEPRECATED)
        assert fact.member.endswith("temperature")


async def test_it_is_tried_again_after_a_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = refusing("openai-chat", holding("temperature", DEPRECATED))
    async with Scripted(script) as server, Gateway(tmp_path, provider("p", server.url)) as gateway:
        await gateway.messages("m", **HOT)
        tomorrow = time.time() + DAY + 1
        monkeypatch.setattr("dragoman.relay.lessons.time.time", lambda: tomorrow)
        again = await gateway.messages("m", **HOT)
        assert again.headers["x-dragoman-attempts"] == "2"
        assert [b'"temperature"' in request.body for request in server.requests] == [True, False, True, False]


async def test_streams_too(tmp_path: Path) -> None:
    def script(request: Received) -> list[Step]:
        return [refusal("openai-chat", DEPRECATED)] if b'"temperature"' in request.body else good(request)

    async with Scripted(script) as server, Gateway(tmp_path, provider("p", server.url)) as gateway:
        reply = await gateway.messages("m", stream=True, **HOT)
        assert names(reply, "temperature")
        assert reply.body.count(b"event: message_start") == reply.body.count(b"event: message_stop") == 1
        assert len(server.requests) == 2


async def test_a_refusal_inside_a_200_teaches_as_well(tmp_path: Path) -> None:
    told = (
        b'{"error":{"message":"Unknown parameter: \'temperature\'.","type":"invalid_request_error","code":"unknown_parameter"}}'
    )

    def script(request: Received) -> list[Step]:
        return event_stream(told) if b'"temperature"' in request.body else good(request)

    async with Scripted(script) as server, Gateway(tmp_path, provider("p", server.url)) as gateway:
        reply = await gateway.messages("m", stream=True, **HOT)
        assert (reply.status, names(reply, "temperature"), len(server.requests)) == (200, True, 2)


REFUSED_FOR_GOOD = {
    "a value out of range": "Unsupported value: 'temperature' does not support 0.5 with this model. Only the default (1) is.",
    "a value too high": "temperature: range: 0..0.4",
    "a required field": "Unknown parameter: 'messages'.",
    "the model": "Unsupported parameter: 'model' is not supported with this model.",
    "the stream": "Unrecognized request argument supplied: stream",
    "the tools": "Unsupported parameter: 'tools' is not supported with this model.",
    "what is not there": "Unknown parameter: 'frobnicate'.",
    "something else": "the vendor says no",
}  # fmt: skip


@pytest.mark.parametrize("message", REFUSED_FOR_GOOD.values(), ids=list(REFUSED_FOR_GOOD))
async def test_other_refusals_are_final(tmp_path: Path, message: str) -> None:
    async with (
        Scripted(refusing("openai-chat", lambda _: message)) as server,
        Gateway(tmp_path, provider("p", server.url)) as gateway,
    ):
        tools = [{"name": "f", "input_schema": {"type": "object"}}]
        reply = await gateway.messages("m", tools=tools, stream=True, **HOT)
        assert reply.status == 400
        assert message in reply.json["error"]["message"]
        assert len(server.requests) == 1


async def test_never_in_the_copy_lane(tmp_path: Path) -> None:
    """Clients negotiate by these errors: each byte is the provider's."""
    body = b'{ "type":"error","error":{"type":"invalid_request_error","message":"`temperature` is deprecated for this model.",'
    body += b'"details":{"error_code":"x","n":1.50}}, "request_id":"req_vendor" }'
    async with (
        Scripted(lambda _: [answer(400, body)]) as server,
        Gateway(tmp_path, provider("p", server.url, dialects=["anthropic"])) as gateway,
    ):
        gateway.app.live.relay.lessons.learned.refuses(
            await target(gateway), ("temperature",), "as other calls taught", time.time()
        )
        reply = await gateway.messages("m", **HOT)
        assert (reply.status, reply.body, len(server.requests)) == (400, body, 1)
        assert b'"temperature"' in server.requests[0].body


async def target(gateway: Gateway) -> Any:
    live = gateway.app.live
    return live.relay.plans.named(live.snapshot, "m", "anthropic").targets[0]


async def test_never_under_strict(tmp_path: Path) -> None:
    script = refusing("openai-chat", holding("temperature", DEPRECATED))
    async with Scripted(script) as server, Gateway(tmp_path, provider("p", server.url)) as gateway:
        body = {"model": "m", "max_tokens": 9, "messages": HELLO, **HOT}
        strict = await gateway.ask("/v1/messages", body, x_dragoman_strict="true")
        assert (strict.status, len(server.requests)) == (400, 1)
        await gateway.ask("/v1/messages", body)
        again = await gateway.ask("/v1/messages", body, x_dragoman_strict="true")
        assert (again.status, b'"temperature"' in server.requests[-1].body) == (400, True)


async def test_what_did_not_help_is_not_remembered_and_the_first_refusal_is_told(tmp_path: Path) -> None:
    def refuses(body: bytes) -> str | None:
        return DEPRECATED if b'"temperature"' in body else "no, and not without it either"

    async with Scripted(refusing("openai-chat", refuses)) as server, Gateway(tmp_path, provider("p", server.url)) as gateway:
        reply = await gateway.messages("m", **HOT)
        assert (reply.status, len(server.requests)) == (400, 2)
        assert DEPRECATED in reply.json["error"]["message"]
        assert gateway.app.live.relay.lessons.learned.facts(time.time()) == ()
        assert reply.headers["x-dragoman-attempts"] == "2"


async def test_a_provider_that_names_one_after_the_other_is_learned_call_by_call(tmp_path: Path) -> None:
    def refuses(body: bytes) -> str | None:
        named = [name for name in ("temperature", "top_p") if f'"{name}"'.encode() in body]
        return f"Unsupported parameter: '{named[0]}' is not supported with this model." if named else None

    async with Scripted(refusing("openai-chat", refuses)) as server, Gateway(tmp_path, provider("p", server.url)) as gateway:
        first = await gateway.messages("m", top_p=0.5, **HOT)
        assert (first.status, len(server.requests)) == (400, 2)
        assert "'top_p'" in first.json["error"]["message"]
        second = await gateway.messages("m", top_p=0.5, **HOT)
        assert (second.status, len(server.requests)) == (200, 4)
        assert (names(second, "/temperature"), names(second, "/top_p")) == (True, True)
        third = await gateway.messages("m", top_p=0.5, **HOT)
        assert (third.status, len(server.requests)) == (200, 5)


async def test_several_at_once(tmp_path: Path) -> None:
    told = '[{"type":"extra_forbidden","loc":["body","temperature"],"msg":"Extra inputs are not permitted"},'
    told += '{"type":"extra_forbidden","loc":["body","top_p"],"msg":"Extra inputs are not permitted"}]'

    def script(request: Received) -> list[Step]:
        return [answer(422, b'{"detail":%b}' % told.encode())] if b'"top_p"' in request.body else good(request)

    async with Scripted(script) as server, Gateway(tmp_path, provider("p", server.url)) as gateway:
        reply = await gateway.messages("m", top_p=0.5, **HOT)
        assert (reply.status, len(server.requests)) == (200, 2)
        assert (names(reply, "/temperature"), names(reply, "/top_p")) == (True, True)


async def test_members_inside_lists(tmp_path: Path) -> None:
    """All of them, whichever one was named; a cache mark is a hint only."""
    tools = [
        {"name": name, "input_schema": {"type": "object", "properties": {}, "additionalProperties": False}, "strict": True}
        for name in "fg"
    ]
    script = refusing("openai-chat", holding("strict", "Unknown parameter: 'tools[0].function.strict'."))
    async with Scripted(script) as server, Gateway(tmp_path, provider("p", server.url)) as gateway:
        reply = await gateway.messages("m", tools=tools)
        assert (reply.status, reply.headers["x-dragoman-losses"]) == (200, '"/tools/0";kind=dropped')
        assert b'"strict"' not in server.requests[-1].body
        (fact,) = gateway.app.live.relay.lessons.learned.facts(time.time())
        assert fact.member == "tools.*.function.strict"


async def test_a_cache_mark_is_a_hint(tmp_path: Path) -> None:
    marked = [{"role": "user", "content": [{"type": "text", "text": "Hi", "cache_control": {"type": "ephemeral"}}]}]
    script = refusing(
        "openai-chat", holding("cache_control", "messages.0.content.0.text.cache_control: Extra inputs are not permitted")
    )
    record = provider("p", "", overrides={"cache_marks": "cache_control"})
    async with Scripted(script) as server, Gateway(tmp_path, {**record, "base_url": f"{server.url}/v1"}) as gateway:
        body = {"model": "m", "max_tokens": 9, "messages": marked}
        reply = await gateway.ask("/v1/messages", body)
        assert reply.status == 200
        assert reply.headers["x-dragoman-losses"] == '"/messages/0/content/0/cache_control";kind=hint'
        assert len(server.requests) == 2


async def test_it_harms_nobodys_health_and_other_failures_move_on(tmp_path: Path) -> None:
    def script(request: Received) -> list[Step]:
        return [refusal("openai-chat", DEPRECATED) if b'"temperature"' in request.body else answer(500, b"{}")]

    async with (
        Scripted(script) as ill,
        Scripted(good) as well,
        Gateway(tmp_path, provider("p1", ill.url), provider("p2", well.url)) as gateway,
    ):
        reply = await gateway.messages("m", **HOT)
        assert (reply.headers["x-dragoman-target"], reply.headers["x-dragoman-attempts"]) == ("p2:m", "3")
        assert gateway.app.live.relay.lessons.learned.facts(time.time()) == ()


async def test_a_refusal_harms_nobodys_health(tmp_path: Path) -> None:
    """Even one that is told as a 404, which else means that the model is not there."""
    lost = b'{"error":{"message":"Item with id \'rs_1\' not found.","type":"invalid_request_error"}}'

    def script(request: Received) -> list[Step]:
        return [answer(404, lost)] if b"reasoning_content" in request.body else good(request)

    record = provider("p1", "", overrides={"reasoning_back": "reasoning_content"})
    async with Scripted(script) as first, Scripted(good) as second:
        records = ({**record, "base_url": f"{first.url}/v1"}, provider("p2", second.url))
        async with Gateway(tmp_path, *records) as gateway:
            turn = {"role": "assistant", "content": [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "Hi"}]}
            reply = await gateway.ask("/v1/messages", {"model": "m", "max_tokens": 9, "messages": [*HELLO, turn, *HELLO]})
            assert (reply.status, reply.headers["x-dragoman-target"]) == (200, "p1:m")
            assert (await target(gateway)).name == "p1:m"


async def test_only_that_model_of_that_provider(tmp_path: Path) -> None:
    script = refusing("openai-chat", holding("temperature", DEPRECATED))
    async with Scripted(script) as server, Gateway(tmp_path, provider("p", server.url, models=["m", "other"])) as gateway:
        await gateway.messages("m", **HOT)
        await gateway.messages("p:other", **HOT)
        assert [b'"temperature"' in request.body for request in server.requests] == [True, False, True, False]


COUNTING = [(client, server) for client, server in PAIRS if DIALECTS[server].counts and counts(client)]


@pytest.mark.parametrize(("client", "server"), COUNTING)
async def test_counting_leaves_it_out_as_well(tmp_path: Path, client: str, server: str) -> None:
    async with (
        Scripted(lambda _: [answer(200, b'{"input_tokens":42,"totalTokens":42}')]) as upstream,
        Gateway(tmp_path, provider("p", upstream.url, dialects=[server])) as gateway,
    ):
        live = gateway.app.live
        asked = live.relay.plans.named(live.snapshot, "m", client).targets[0]
        live.relay.lessons.learned.refuses(
            asked, ("tool_choice", "toolConfig", "toolConfig.toolChoice"), "as other calls taught", time.time()
        )
        tools = [{"type": "function", "function": {"name": "f"}}]
        body = asking(client, tools=tools, tool_choice="required")[1]
        door = next(door for door in CLIENTS[client].paths if door.operation == "count_tokens")
        await gateway.ask(door.pattern.replace("{model}", "m"), body)
        assert b'"tool_choice"' not in upstream.requests[-1].body
        assert b'"functionCallingConfig"' not in upstream.requests[-1].body
        assert b'"toolChoice"' not in upstream.requests[-1].body
