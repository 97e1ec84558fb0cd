"""Clients of one dialect, providers of the other: what goes out, what comes back, and what is told of losses."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from support.callers import ANTHROPIC_MESSAGES, HELLO, MESSAGES, Caller, chunks_of, provided, record, streamed_text, text_of
from support.scripted import Received, Script, answer, event_stream
from support.server import Server
from support.vendors import TEXT, Vendors

pytestmark = pytest.mark.e2e
NAME = "do-anthropic-claude-4.5-sonnet"
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
WEATHER = {"name": "get_weather", "description": "The weather.", "input_schema": SCHEMA}
FUNCTION = {"type": "function", "function": {"name": "get_weather", "description": "The weather.", "parameters": SCHEMA}}
CALLS = [
    {"index": 0, "id": "call_1", "type": "function", "function": {"name": "get_weather", "arguments": '{"city":'}},
    {"index": 1, "id": "call_2", "type": "function", "function": {"name": "get_weather", "arguments": '{"city":'}},
    {"index": 0, "function": {"arguments": '"Rome"}'}},
    {"index": 1, "function": {"arguments": '"Oslo"}'}},
]
"""Two calls, their arguments interleaved as OpenAI may send them."""


@pytest.fixture
def pair(workshop: Server, vendors: Vendors) -> Iterator[Caller]:
    """`c` speaks Chat only, and has a model of a name that a gateway's user made up; `a` speaks Messages only."""
    chat = record("c", f"{vendors.url}/c/v1", models=["chat-model", NAME], dialects=["openai-chat"])
    anthropic = record("a", f"{vendors.url}/a", "anthropic", models=["claude-model"], dialects=["anthropic"])
    with provided(workshop, chat, anthropic):
        yield Caller(workshop)


# Messages client, Chat provider


@pytest.mark.requirement("S3-25", "S3-30", "S3-31", "S3-32", "S3-33", "S3-34", "S3-35", "S3-36", "S3-40", "S0-2")
def test_every_documented_field_of_messages_is_mapped(pair: Caller, vendors: Vendors) -> None:
    turns = [
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": "Hi."},
        {"role": "user", "content": [{"type": "text", "text": "How are"}, {"type": "text", "text": " you?"}]},
    ]
    fields: dict[str, Any] = {"temperature": 0.5, "top_p": 0.8, "stop_sequences": ["END"], "stream": False, "max_tokens": 64}
    reply = pair.messages("c:chat-model", messages=turns, system="Be kind.", **fields)
    assert text_of(reply) == TEXT
    body = vendors.last.body
    assert body["messages"][0] == {"role": "system", "content": "Be kind."}
    assert [one["role"] for one in body["messages"]] == ["system", "user", "assistant", "user"]
    assert [flat(one["content"]) for one in body["messages"]] == ["Be kind.", "Hello", "Hi.", "How are you?"]
    limit = body.get("max_tokens", body.get("max_completion_tokens"))
    assert (limit, body["temperature"], body["top_p"], body["stop"]) == (64, 0.5, 0.8, ["END"])
    assert not body.get("stream")


def flat(content: Any) -> str:
    return content if isinstance(content, str) else "".join(part["text"] for part in content)


@pytest.mark.requirement("S3-37")
@pytest.mark.parametrize("stream", [False, True])
def test_top_k_is_dropped_and_told(pair: Caller, vendors: Vendors, stream: bool) -> None:
    reply = pair.messages("c:chat-model", top_k=5, stream=stream)
    assert reply.status == 200
    assert "top_k" not in vendors.last.body
    assert reply.headers["x-dragoman-losses"] == '"/top_k";kind=dropped'
    refused = pair.messages("c:chat-model", top_k=5, headers={"x-dragoman-strict": "true"})
    assert (refused.status, "top_k" in refused.json["error"]["message"]) == (400, True)


@pytest.mark.requirement("S3-20", "S3-26", "S3-38", "S3-39", "S3-40", "D12", "S0-2")
@pytest.mark.parametrize("path", [MESSAGES, ANTHROPIC_MESSAGES])
def test_the_answer_is_a_message(pair: Caller, path: str) -> None:
    message = pair.messages(NAME, path=path).json
    assert re.fullmatch(r"msg_\w+", message.pop("id"))
    assert message == {
        "type": "message",
        "role": "assistant",
        "model": NAME,
        "content": [{"type": "text", "text": TEXT}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": 9, "output_tokens": 4},
    }


@pytest.mark.requirement("S3-39")
@pytest.mark.parametrize(
    ("finish", "stop"),
    [("stop", "end_turn"), ("length", "max_tokens"), ("tool_calls", "tool_use"), ("content_filter", "refusal")],
)
def test_finish_reasons_become_stop_reasons(pair: Caller, vendors: Vendors, finish: str, stop: str) -> None:
    tools = [{"id": "call_1", "type": "function", "function": {"name": "get_weather", "arguments": "{}"}}]
    message = {"role": "assistant", "content": "Hm.", **({"tool_calls": tools} if finish == "tool_calls" else {})}
    whole = {"id": "x", "object": "chat.completion", "created": 1, "model": "chat-model"}
    body = json.dumps({**whole, "choices": [{"index": 0, "message": message, "finish_reason": finish}]}).encode()
    with vendors.plays("chat-model", lambda _: [answer(200, body)]):
        assert pair.messages("c:chat-model", tools=[WEATHER]).json["stop_reason"] == stop


@pytest.mark.requirement("S3-41", "S0-7")
@pytest.mark.parametrize("path", [MESSAGES, ANTHROPIC_MESSAGES])
def test_a_stream_is_anthropics_events_in_their_order(pair: Caller, path: str) -> None:
    reply = pair.messages("c:chat-model", path=path, stream=True)
    events = [event for event in chunks_of(reply) if event["type"] != "ping"]
    names = [line[7:] for line in reply.body.decode().splitlines() if line.startswith("event: ") and line != "event: ping"]
    kinds = [event["type"] for event in events]
    assert names == kinds
    deltas = kinds.count("content_block_delta")
    assert kinds == [
        *("message_start", "content_block_start"),
        *["content_block_delta"] * deltas,
        *("content_block_stop", "message_delta", "message_stop"),
    ]
    assert deltas >= 4
    start = events[0]["message"]
    assert (start["type"], start["role"], start["content"], start["stop_reason"]) == ("message", "assistant", [], None)
    assert streamed_text(reply) == TEXT
    assert events[-2]["delta"] == {"stop_reason": "end_turn", "stop_sequence": None}
    assert events[-2]["usage"]["output_tokens"] == 4


@pytest.mark.requirement("S0-8", "S0-2")
@pytest.mark.parametrize(
    ("choice", "wanted"),
    [
        ({"type": "auto"}, "auto"),
        ({"type": "any"}, "required"),
        ({"type": "none"}, "none"),
        ({"type": "tool", "name": "get_weather"}, {"type": "function", "function": {"name": "get_weather"}}),
    ],
)
def test_tools_and_their_results_reach_a_chat_provider(pair: Caller, vendors: Vendors, choice: Any, wanted: Any) -> None:
    turns = [
        *HELLO,
        {
            "role": "assistant",
            "content": [{"type": "tool_use", "id": "toolu_1", "name": "get_weather", "input": {"city": "Rome"}}],
        },
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "toolu_1", "content": "Sunny"}]},
    ]
    pair.messages("c:chat-model", messages=turns, tools=[WEATHER], tool_choice=choice)
    body = vendors.last.body
    assert (body["tools"], body["tool_choice"]) == ([FUNCTION], wanted)
    (call,) = body["messages"][1]["tool_calls"]
    assert (call["id"], call["function"]["name"], json.loads(call["function"]["arguments"])) == (
        "toolu_1",
        "get_weather",
        {"city": "Rome"},
    )
    assert body["messages"][2] == {"role": "tool", "tool_call_id": "toolu_1", "content": "Sunny"}


def calling(request: Received) -> Script:
    """Two calls at once, whole or streamed."""
    head = {"id": "x", "created": 1, "model": "chat-model"}
    if json.loads(request.body).get("stream"):
        chunks = [{"role": "assistant", "content": None}, *({"tool_calls": [call]} for call in CALLS), {}]
        return event_stream(
            *(
                json.dumps(
                    {
                        **head,
                        "object": "chat.completion.chunk",
                        "choices": [{"index": 0, "delta": delta, "finish_reason": None if delta else "tool_calls"}],
                    }
                ).encode()
                for delta in chunks
            ),
            b"[DONE]",
        )
    calls = [
        {"id": f"call_{n}", "type": "function", "function": {"name": "get_weather", "arguments": json.dumps({"city": city})}}
        for n, city in ((1, "Rome"), (2, "Oslo"))
    ]
    message = {"role": "assistant", "content": None, "tool_calls": calls}
    whole = {**head, "object": "chat.completion", "choices": [{"index": 0, "message": message, "finish_reason": "tool_calls"}]}
    return [answer(200, json.dumps(whole).encode())]


@pytest.mark.requirement("S0-8")
def test_parallel_calls_come_back_as_blocks(pair: Caller, vendors: Vendors) -> None:
    with vendors.plays("chat-model", calling):
        whole = pair.messages("c:chat-model", tools=[WEATHER]).json
        stream = chunks_of(pair.messages("c:chat-model", tools=[WEATHER], stream=True))
    assert whole["stop_reason"] == "tool_use"
    assert [(block["id"], block["input"]) for block in whole["content"]] == [
        ("call_1", {"city": "Rome"}),
        ("call_2", {"city": "Oslo"}),
    ]
    starts = [event["content_block"] for event in stream if event["type"] == "content_block_start"]
    assert [(block["type"], block["id"], block["name"]) for block in starts] == [
        ("tool_use", "call_1", "get_weather"),
        ("tool_use", "call_2", "get_weather"),
    ]
    arguments = ["", ""]
    for event in stream:
        if event["type"] == "content_block_delta":
            arguments[event["index"]] += event["delta"]["partial_json"]
    assert [json.loads(text) for text in arguments] == [{"city": "Rome"}, {"city": "Oslo"}]
    order = [event["index"] for event in stream if event["type"].startswith("content_block")]
    assert order == sorted(order)


# Chat client, Messages provider


@pytest.mark.requirement("S0-2", "S0-8")
def test_tools_and_their_results_reach_a_messages_provider(pair: Caller, vendors: Vendors) -> None:
    call = {"id": "call_1", "type": "function", "function": {"name": "get_weather", "arguments": '{"city":"Rome"}'}}
    turns = [
        *HELLO,
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_1", "content": "Sunny"},
    ]
    pair.chat("a:claude-model", messages=turns, tools=[FUNCTION], tool_choice="required", parallel_tool_calls=False)
    body = vendors.last.body
    assert vendors.last.path == "/a/v1/messages"
    (tool,) = body["tools"]
    assert (tool["name"], tool["description"], tool["input_schema"]) == ("get_weather", "The weather.", SCHEMA)
    assert body["tool_choice"] == {"type": "any", "disable_parallel_tool_use": True}
    (used,) = body["messages"][1]["content"]
    assert (used["type"], used["id"], used["input"]) == ("tool_use", "call_1", {"city": "Rome"})
    (result,) = body["messages"][2]["content"]
    assert (result["type"], result["tool_use_id"], flat(result["content"])) == ("tool_result", "call_1", "Sunny")
    assert body["max_tokens"] > 0


@pytest.mark.requirement("S1-7", "S1-59", "S0-7")
@pytest.mark.parametrize("model", ["a:claude-model", "c:chat-model"])
def test_a_chat_stream_is_chunks_in_their_order(pair: Caller, model: str) -> None:
    """First the role, then content, last an empty delta with the reason, then [DONE]; usage only where it was asked for."""
    chunks = chunks_of(pair.chat(model, stream=True))
    assert chunks.pop() == "[DONE]"
    assert {chunk["object"] for chunk in chunks} == {"chat.completion.chunk"}
    assert len({chunk["id"] for chunk in chunks}) == 1
    deltas = [chunk["choices"][0]["delta"] for chunk in chunks]
    assert deltas[0]["role"] == "assistant"
    assert not deltas[0].get("content")
    assert [delta["content"] for delta in deltas[1:-1]] == ["Hello", " from", " the", " vendor"]
    assert deltas[-1] == {}
    assert [chunk["choices"][0]["finish_reason"] for chunk in chunks] == [None] * (len(chunks) - 1) + ["stop"]
    assert all(chunk.get("usage") is None for chunk in chunks)
    told = chunks_of(pair.chat(model, stream=True, stream_options={"include_usage": True}))
    assert (told[-2]["choices"], told[-2]["usage"]["total_tokens"]) == ([], 13)


@pytest.mark.requirement("S1-7", "S0-2", "D12")
@pytest.mark.parametrize("model", ["a:claude-model", "c:chat-model"])
def test_a_chat_answer_is_a_completion(pair: Caller, model: str) -> None:
    whole = pair.chat(model).json
    assert whole["id"].startswith("chatcmpl-")
    assert (whole["object"], whole["model"]) == ("chat.completion", model.partition(":")[2])
    (choice,) = whole["choices"]
    assert (choice["index"], choice["finish_reason"]) == (0, "stop")
    assert (choice["message"]["role"], choice["message"]["content"]) == ("assistant", TEXT)
    usage = whole["usage"]
    assert (usage["prompt_tokens"], usage["completion_tokens"], usage["total_tokens"]) == (9, 4, 13)


# the Copy lane, clients' habits


@pytest.mark.requirement("D14", "S0-2")
def test_the_same_dialect_passes_byte_for_byte(pair: Caller, vendors: Vendors) -> None:
    """Only `model` differs; spelling, order, numbers and unknown members stay."""
    for path, model, name in (
        ("/v1/chat/completions", "c:chat-model", "chat-model"),
        (MESSAGES, "a:claude-model", "claude-model"),
    ):
        body = '{ "max_tokens":9, "temperature":1.50,"x_unknown": {"b":1e2 , "a":"\\u00e9"}, "model":"%s",\n'
        body += '"messages":[{"role":"user","content":"h\\u00ef"}]}'
        assert text_of(pair.post(path, (body % model).encode())) == TEXT
        sent = vendors.last.request.body.decode()
        for kept in ('"temperature":1.50', '{"b":1e2 , "a":"\\u00e9"}', '[{"role":"user","content":"h\\u00ef"}]'):
            assert kept in sent
        assert json.loads(sent) == {**json.loads(body % model), "model": name}


@pytest.mark.requirement("S3-22", "D14")
@pytest.mark.parametrize("betas", [None, "interleaved-thinking-2025-05-14,context-management-2025-06-27"])
def test_claude_codes_experimental_betas_may_be_there_or_not(pair: Caller, vendors: Vendors, betas: str | None) -> None:
    headers = {
        "anthropic-version": "2023-06-01",
        "user-agent": "claude-cli/2.1.0",
        **({"anthropic-beta": betas} if betas else {}),
    }
    for model in ("a:claude-model", "c:chat-model"):
        assert text_of(pair.messages(model, path=f"{MESSAGES}?beta=true", headers=headers)) == TEXT
    mark = len(vendors.asked)
    pair.messages("a:claude-model", headers=headers)
    assert vendors.since(mark)[0].header("anthropic-beta") == betas


@pytest.mark.requirement("D14")
def test_which_headers_pass(pair: Caller, vendors: Vendors) -> None:
    """In the Copy lane the vendors' own go in, and ids and rate limits come out; credentials, cookies and ours never pass."""
    sent = {"openai-organization": "org-1", "x-stainless-lang": "python", "idempotency-key": "i-1", "user-agent": "me/1"}
    kept_back = {
        "cookie": "a=b",
        "x-api-key": "left-over",
        "x-dragoman-strict": "false",
        "x-forwarded-proto": "https",
        "te": "trailers",
    }
    body = b'{"id":"x","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant",'
    body += b'"content":"Hi"},"finish_reason":"stop"}]}'
    given = [("x-request-id", "req_v"), ("x-ratelimit-remaining-requests", "9"), ("Set-Cookie", "a=b"), ("x-vendor", "no")]
    with vendors.plays("chat-model", lambda _: [answer(200, body, given)]):
        reply = pair.chat("c:chat-model", headers={**sent, **kept_back})
    assert sent.items() <= vendors.last.headers.items()
    assert not set(kept_back) & set(vendors.last.headers)
    assert (reply.headers["x-request-id"], reply.headers["x-ratelimit-remaining-requests"]) == ("req_v", "9")
    assert not {"set-cookie", "x-vendor"} & set(reply.headers)


@pytest.mark.requirement("S4-21", "S3-19")
@pytest.mark.parametrize("headers", [{}, {"anthropic-version": "2023-06-01"}])
def test_a_messages_call_without_any_key(fresh: Server, headers: dict[str, str]) -> None:
    """As Claude Code Multiport's documentation shows it."""
    said = [{"role": "user", "content": "Hello!"}]
    reply = fresh.ask("POST", MESSAGES, {"model": "claude-3-5-haiku-20241022", "max_tokens": 100, "messages": said}, headers)
    assert text_of(reply) == "You said: Hello!"


@pytest.mark.requirement("S3-19", "S4-21")
@pytest.mark.parametrize("path", [f"{MESSAGES}/count_tokens", f"{ANTHROPIC_MESSAGES}/count_tokens"])
def test_tokens_are_counted_by_the_provider_or_estimated(pair: Caller, path: str) -> None:
    own = pair.post(path, {"model": "a:claude-model", "messages": HELLO})
    assert (own.status, own.json["input_tokens"], own.headers.get("x-dragoman-estimated")) == (200, 77, None)
    guess = pair.post(path, {"model": "c:chat-model", "messages": HELLO})
    assert (guess.status, guess.json["input_tokens"] > 0, guess.headers["x-dragoman-estimated"]) == (200, True, "true")
