"""Dialogues of Google's clients: doors, framings, keep-alives, counts, both spellings. A Gemini provider and a Chat provider."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from dragoman.wire import json
from support.dialogue import ROLE, STOP, good, provider, said
from support.gateway import Gateway
from support.scripted import Received, Scripted, Step, answer, chunked, event_stream

HELLO = {"contents": [{"role": "user", "parts": [{"text": "Hello"}]}]}
PIECE = b'{"candidates":[{"content":{"parts":[{"text":"Hi"}],"role":"model"},"index":0}],"modelVersion":"x","responseId":"r"}'
LAST = (
    b'{"candidates":[{"content":{"parts":[{"text":" there"}],"role":"model"},"finishReason":"STOP","index":0}],'
    b'"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":2,"totalTokenCount":5},"modelVersion":"x","responseId":"r"}'
)


def target(request: Received) -> str:
    """Path and query of a request line."""
    return request.raw.split(b" ", 2)[1].decode()


def google(request: Received) -> list[Step]:
    """A provider of Google's dialect: as its URL asks."""
    asked = target(request)
    if ":countTokens" in asked:
        return [answer(200, b'{"totalTokens":7}')]
    if "alt=sse" in asked:
        return chunked(b"data: %b\r\n\r\n" % PIECE, b"data: %b\r\n\r\n" % LAST)
    if ":streamGenerateContent" in asked:
        return chunked(b"[%b" % PIECE, b",\r\n%b" % LAST, b"]", type_="application/json")
    return [answer(200, LAST)]


def at_google(url: str, **more: Any) -> dict[str, Any]:
    return {**provider("g", url), "provider_type": "gemini", "base_url": url + "/v1beta", "dialects": ["gemini"], **more}


class Both:
    """A gateway with a provider of Google's dialect (`g:m`) and one of Chat (`c:m`)."""

    def __init__(self, gateway: Gateway, google: Scripted, chat: Scripted) -> None:
        self.gateway, self.google, self.chat = gateway, google, chat


@pytest.fixture
async def both(tmp_path: Path) -> AsyncIterator[Both]:
    async with (
        Scripted(google) as first,
        Scripted(good) as second,
        Gateway(tmp_path, at_google(first.url), provider("c", second.url)) as gateway,
    ):
        yield Both(gateway, first, second)


@pytest.mark.parametrize("version", ["v1beta", "v1"])
@pytest.mark.parametrize("name", ["m", "g:m", "g:some/model:with-colons", "g:models/m"])
async def test_the_method_is_what_follows_the_last_colon(both: Both, version: str, name: str) -> None:
    reply = await both.gateway.ask(f"/{version}/models/{name}:generateContent", HELLO)
    assert (reply.status, reply.body) == (200, LAST)
    model = name.removeprefix("g:").removeprefix("models/")
    assert target(both.google.requests[0]) == f"/v1beta/models/{model}:generateContent"


@pytest.mark.parametrize("name", ["c:m", "c:some/model:with-colons"])
async def test_such_a_model_of_another_dialect(both: Both, name: str) -> None:
    reply = await both.gateway.ask(f"/v1/models/{name}:generateContent", HELLO)
    assert reply.json["candidates"][0]["content"]["parts"] == [{"text": "Hi from good"}]
    assert json.decode(both.chat.requests[0].body)["model"] == name.removeprefix("c:")


async def test_a_method_that_is_none_is_told_in_the_clients_words(both: Both) -> None:
    reply = await both.gateway.ask("/v1beta/models/m:guessContent", HELLO, x_goog_api_key="k")
    assert reply.json["error"]["code"] == reply.status == 404
    assert reply.json["error"]["status"] == "NOT_FOUND"


@pytest.mark.parametrize("model", ["g:m", "c:m"])
async def test_events_and_nothing_else(both: Both, model: str) -> None:
    reply = await both.gateway.ask(f"/v1beta/models/{model}:streamGenerateContent?alt=sse", HELLO)
    assert reply.headers["content-type"].startswith("text/event-stream")
    told = events(reply.body)
    assert "".join(part["text"] for each in told for part in each["candidates"][0]["content"]["parts"]) == "Hi there"
    assert told[-1]["candidates"][0]["finishReason"] == "STOP"


@pytest.mark.parametrize("model", ["g:m", "c:m"])
async def test_an_array_where_events_are_not_asked_for(both: Both, model: str) -> None:
    reply = await both.gateway.ask(f"/v1beta/models/{model}:streamGenerateContent", HELLO)
    assert reply.headers["content-type"].startswith("application/json")
    told = reply.json
    assert "".join(part["text"] for each in told for part in each["candidates"][0]["content"]["parts"]) == "Hi there"
    assert told[-1]["candidates"][0]["finishReason"] == "STOP"


@pytest.mark.parametrize("query", ["?alt=sse", ""])
async def test_a_copied_stream_keeps_its_framing_and_bytes(both: Both, query: str) -> None:
    reply = await both.gateway.ask(f"/v1/models/g:m:streamGenerateContent{query}", HELLO)
    assert target(both.google.requests[0]) == f"/v1beta/models/m:streamGenerateContent{query}"
    framed = b"data: %b\r\n\r\ndata: %b\r\n\r\n" if query else b"[%b,\r\n%b]"
    assert reply.body == framed % (PIECE, LAST)


@pytest.mark.parametrize("query", ["?alt=sse", ""])
async def test_silence_is_not_filled_with_comments(tmp_path: Path, query: str) -> None:
    """Its clients read a comment as broken JSON."""

    def slow(request: Received) -> list[Step]:
        begin, *rest = event_stream(ROLE, said(b"Hi there"), STOP, b"[DONE]")
        return [begin, 0.2, *(step for each in rest for step in (each, 0.06))]

    async with Scripted(slow) as server, Gateway(tmp_path, provider("c", server.url), keepalive=0.02) as gateway:
        reply = await gateway.ask(f"/v1beta/models/m:streamGenerateContent{query}", HELLO)
    told = events(reply.body) if query else reply.json
    assert [part for each in told for part in each["candidates"][0]["content"]["parts"]] == [{"text": "Hi there"}, {"text": ""}]


@pytest.mark.parametrize("query", ["?alt=sse", ""])
async def test_a_stream_that_breaks_ends_with_an_error_in_its_framing(tmp_path: Path, query: str) -> None:
    async with (
        Scripted(lambda _: event_stream(ROLE, said(b"Hi"))) as server,
        Gateway(tmp_path, provider("c", server.url)) as gateway,
    ):
        reply = await gateway.ask(f"/v1beta/models/m:streamGenerateContent{query}", HELLO)
    told = events(reply.body) if query else reply.json
    assert told[0]["candidates"][0]["content"]["parts"] == [{"text": "Hi"}]
    assert told[-1]["error"]["code"] >= 500


async def test_losses_of_a_stream_are_in_its_head_and_in_no_comment(both: Both) -> None:
    body = {**HELLO, "safetySettings": [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}]}
    reply = await both.gateway.ask("/v1beta/models/c:m:streamGenerateContent?alt=sse", body)
    assert "/safetySettings" in reply.headers["x-dragoman-losses"]
    events(reply.body)


SPELLINGS: dict[str, dict[str, Any]] = {
    "camel": {
        "systemInstruction": {"parts": [{"text": "Be terse."}]},
        "tools": [
            {"functionDeclarations": [{"name": "f", "parametersJsonSchema": {"type": "object", "properties": {"a_b": {}}}}]}
        ],
        "toolConfig": {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["f"]}},
        "generationConfig": {"maxOutputTokens": 9, "stopSequences": ["x"], "thinkingConfig": {"thinkingLevel": "LOW"}},
    },
    "snake": {
        "system_instruction": {"parts": [{"text": "Be terse."}]},
        "tools": [
            {"function_declarations": [{"name": "f", "parameters_json_schema": {"type": "object", "properties": {"a_b": {}}}}]}
        ],
        "tool_config": {"function_calling_config": {"mode": "ANY", "allowed_function_names": ["f"]}},
        "generation_config": {"max_output_tokens": 9, "stop_sequences": ["x"], "thinking_config": {"thinking_level": "LOW"}},
    },
    "mixed": {
        "system_instruction": {"parts": [{"text": "Be terse."}]},
        "tools": [
            {"functionDeclarations": [{"name": "f", "parameters_json_schema": {"type": "object", "properties": {"a_b": {}}}}]}
        ],
        "toolConfig": {"function_calling_config": {"mode": "ANY", "allowedFunctionNames": ["f"]}},
        "generationConfig": {"maxOutputTokens": 9, "stop_sequences": ["x"], "thinkingConfig": {"thinking_level": "LOW"}},
    },
}


async def test_both_spellings_and_their_mixture_ask_the_same(both: Both) -> None:
    for more in SPELLINGS.values():
        await both.gateway.ask("/v1beta/models/c:m:generateContent", {**HELLO, **more})
    first, *others = (json.decode(request.body) for request in both.chat.requests)
    assert others == [first, first]
    assert first["tools"][0]["function"]["parameters"]["properties"] == {"a_b": {}}
    assert first["messages"][0]["content"] == "Be terse."
    assert (first["tool_choice"]["function"]["name"], first["stop"], first["reasoning_effort"]) == ("f", ["x"], "low")


COUNTS: dict[str, dict[str, Any]] = {
    "contents": HELLO,
    "wrapped": {
        "generateContentRequest": {"model": "models/m", **HELLO, "systemInstruction": {"parts": [{"text": "Be terse."}]}}
    },
    "snake": {"generate_content_request": {"model": "models/m", **HELLO}},
    "nothing": {},
}


@pytest.mark.parametrize("body", COUNTS.values(), ids=COUNTS)
async def test_counts_of_a_provider_and_estimates_for_others(both: Both, body: dict[str, Any]) -> None:
    counted = await both.gateway.ask("/v1beta/models/g:m:countTokens", body)
    assert (counted.status, counted.json) == (200, {"totalTokens": 7})
    estimated = await both.gateway.ask("/v1/models/c:m:countTokens", body)
    assert estimated.status == 200
    assert estimated.json["totalTokens"] >= (body != {})
    assert not both.chat.requests


@pytest.mark.parametrize("body", COUNTS.values(), ids=COUNTS)
async def test_a_provider_that_cannot_count_is_stood_in_for(tmp_path: Path, body: dict[str, Any]) -> None:
    def broken(_: Received) -> list[Step]:
        return [answer(500, b"<html>")]

    async with Scripted(broken) as server, Gateway(tmp_path, at_google(server.url)) as gateway:
        reply = await gateway.ask("/v1beta/models/m:countTokens", body)
    assert reply.status == 200
    assert isinstance(reply.json["totalTokens"], int)


async def test_tokens_of_another_dialects_request_are_counted_whole(both: Both) -> None:
    body = {"model": "g:m", "system": "Be terse.", "messages": [{"role": "user", "content": "Hello"}]}
    reply = await both.gateway.ask("/v1/messages/count_tokens", body)
    assert reply.json == {"input_tokens": 7}
    assert json.decode(both.google.requests[0].body) == {
        "generateContentRequest": {
            "model": "models/m",
            **HELLO,
            "systemInstruction": {"parts": [{"text": "Be terse."}]},
        }
    }


def events(body: bytes) -> list[Any]:
    """The data of a stream that holds nothing but events of one line, as Google's clients demand it."""
    *frames, rest = body.split(b"\r\n\r\n")
    assert rest == b""
    assert all(frame.startswith(b"data: {") and b"\n" not in frame for frame in frames)
    return [json.decode(frame.removeprefix(b"data: ")) for frame in frames]


@pytest.mark.parametrize("depth", [95, 200, 440])
async def test_a_deep_schema_is_the_providers_to_judge(both: Both, depth: int) -> None:
    schema: Any = {"type": "string"}
    for _ in range(depth):
        schema = {"type": "object", "properties": {"a": schema}, "minProperties": 1}
    function = {"name": "f", "parameters": schema}
    body = {
        "model": "g:m",
        "messages": [{"role": "user", "content": "Hi"}],
        "tools": [{"type": "function", "function": function}],
    }
    assert (await both.gateway.ask("/v1/chat/completions", body)).status == 200
    told = {**HELLO, "tools": [{"functionDeclarations": [function]}]}
    assert (await both.gateway.ask("/v1beta/models/c:m:generateContent", told)).status == 200
