"""Dialogues about the two lanes: what passes as it is, what is translated, and what is refused."""

from pathlib import Path
from typing import Any

import pytest

from support.dialogue import GOOD, WHOLE, good, provider
from support.gateway import HELLO, Gateway
from support.scripted import RESET, Received, Scripted, Step, answer, chunked, event_stream


async def test_copied_bytes_are_the_providers(scene: Any) -> None:
    odd = b'{ "id" : "x",\n "choices":[{"index":0,"message":{"role":"assistant","content":"A", "n": 1.50},'
    odd += b'"finish_reason":"stop"}] }'
    play = await scene(lambda _: [answer(200, odd)])
    body = b'{ "messages": [ {"role":"user","content":"Hello"} ], "temperature": 1.50, "new_field": {"a":1E2}, "model":"m"}'
    reply = await play.gateway.ask("/v1/chat/completions", body)
    assert reply.body == odd
    assert b'"temperature":1.50' in play.servers[0].requests[0].body.replace(b": ", b":")
    assert b'{"a":1E2}' in play.servers[0].requests[0].body


async def test_a_usage_chunk_nobody_asked_for_is_taken_out_and_still_counted(scene: Any) -> None:
    usage = b'{"id":"x","object":"chat.completion.chunk","choices":[],'
    usage += b'"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}'
    play = await scene(lambda _: event_stream(*GOOD[:-1], usage, b"[DONE]"))
    reply = await play.gateway.chat("m", stream=True)
    assert b'"include_usage":true' in play.servers[0].requests[0].body.replace(b" ", b"")
    assert b"prompt_tokens" not in reply.body
    record = (await play.gateway.recorded())[0]
    assert record.usage is not None
    assert (record.usage.input, record.usage.output) == (3, 2)
    asked = await play.gateway.chat("m", stream=True, stream_options={"include_usage": True})
    assert b"prompt_tokens" in asked.body


async def test_translated_from_messages_to_chat_with_its_losses(scene: Any) -> None:
    play = await scene(good)
    reply = await play.gateway.messages("m", top_k=5)
    assert reply.json["content"] == [{"type": "text", "text": "Hi from good"}]
    assert reply.json["stop_reason"] == "end_turn"
    assert (reply.json["usage"]["input_tokens"], reply.json["usage"]["output_tokens"]) == (3, 2)
    assert reply.headers["x-dragoman-losses"] == '"/top_k";kind=dropped'
    streamed = await play.gateway.messages("m", stream=True)
    assert streamed.body.count(b"event: message_start") == streamed.body.count(b"event: message_stop") == 1


async def test_strict_refuses_what_would_be_dropped(scene: Any) -> None:
    play = await scene(good)
    body = {"model": "m", "max_tokens": 9, "messages": HELLO, "top_k": 5}
    reply = await play.gateway.ask("/v1/messages", body, x_dragoman_strict="true")
    assert reply.status == 400
    assert "top_k" in reply.json["error"]["message"]
    assert play.asked == [0]


async def test_what_one_target_cannot_say_goes_to_one_that_can(tmp_path: Path) -> None:
    """`n` > 1 has no place in Messages: the Anthropic provider is passed over, unasked."""
    async with Scripted(good) as first, Scripted(good) as second:
        anthropic = {**provider("p1", first.url), "provider_type": "anthropic", "base_url": first.url, "dialects": ["anthropic"]}
        async with Gateway(tmp_path, anthropic, provider("p2", second.url)) as gateway:
            reply = await gateway.chat("m", n=2)
            assert reply.headers["x-dragoman-target"] == "p2:m"
            alone = await gateway.ask("/v1/chat/completions", {"model": "p1:m", "messages": HELLO, "n": 2})
            assert alone.status == 400
            assert alone.json["error"]["param"] == "n"
        assert not first.requests


async def test_a_thread_is_pinned_in_the_copy_lane_and_refused_elsewhere(tmp_path: Path) -> None:
    async with Scripted(lambda _: [answer(500, b"{}")]) as first, Scripted(good) as second:
        anthropic = {**provider("p1", first.url), "provider_type": "anthropic", "base_url": first.url, "dialects": ["anthropic"]}
        async with Gateway(tmp_path, anthropic, provider("p2", second.url)) as gateway:
            pinned = await gateway.messages("m", thread={"type": "create"})
            assert pinned.status == 500
            refused = await gateway.messages("p2:m", thread={"type": "create"})
            assert refused.status == 400
            assert refused.json["error"]["details"]["error_code"] == "thread_unsupported_request"
        assert (len(first.requests), len(second.requests)) == (1, 0)


async def test_a_body_that_is_too_large_is_refused_unread(scene: Any) -> None:
    play = await scene(good, max_body=1000)
    async with play.gateway.client() as client:
        await client.send("/v1/messages", b"x" * 10, {"content-length": "100000"})
        await client.read()
        assert client.status == 413
        assert client.json["error"]["type"] == "request_too_large"


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b'{"model": 5}', b'{"model":"m","stream":"yes"}', b"\xff\xfe"])
async def test_a_malformed_body_is_a_400_in_the_clients_dialect(scene: Any, body: bytes) -> None:
    play = await scene(good)
    chat = await play.gateway.ask("/v1/chat/completions", body)
    assert chat.status == 400
    assert chat.json["error"]["type"] == "invalid_request_error"
    messages = await play.gateway.ask("/v1/messages", body)
    assert (messages.status, messages.json["type"]) == (400, "error")
    assert play.asked == [0]


async def test_an_unknown_model_is_a_404(scene: Any) -> None:
    play = await scene(good, good)
    chat = await play.gateway.chat("no-such-model")
    assert (chat.status, chat.json["error"]["code"]) == (404, "model_not_found")
    messages = await play.gateway.messages("no-such-model")
    assert (messages.status, messages.json["error"]["type"]) == (404, "not_found_error")


async def test_headers_that_go_and_headers_that_stay(scene: Any) -> None:
    def script(_: Received) -> list[Step]:
        told = [("x-request-id", "req-1"), ("x-ratelimit-remaining-requests", "9"), ("Set-Cookie", "a=b"), ("Server", "vendor")]
        return [answer(200, WHOLE % b"x", told)]

    play = await scene(script)
    sent = {"authorization": "Bearer clients-own", "cookie": "c=d", "x-stainless-lang": "python", "openai-organization": "o"}
    reply = await play.gateway.ask("/v1/chat/completions", {"model": "m", "messages": HELLO}, **sent)
    request = play.servers[0].requests[0]
    assert request.header("authorization") == "Bearer key-of-p1"
    assert request.header("cookie") is None
    assert request.header("x-stainless-lang") == "python"
    assert request.header("accept-encoding") == "identity"
    assert reply.headers["x-request-id"] == "req-1"
    assert reply.headers["x-ratelimit-remaining-requests"] == "9"
    assert "set-cookie" not in reply.headers


async def test_a_provider_that_only_answers_whole_or_only_streams(scene: Any) -> None:
    whole_only = await scene(lambda _: [answer(200, WHOLE % b"whole")])
    streamed = await whole_only.gateway.chat("m", stream=True)
    assert b"chat.completion.chunk" in streamed.body
    assert b"[DONE]" in streamed.body


async def test_a_provider_that_streams_unasked(scene: Any) -> None:
    play = await scene(lambda _: event_stream(*GOOD))
    reply = await play.gateway.chat("m")
    assert reply.json["choices"][0]["message"]["content"] == "Hi there"


async def test_one_byte_at_a_time_and_crlf(scene: Any) -> None:
    data = b"".join(b"data: %b\r\n\r\n" % event for event in GOOD)
    play = await scene(lambda _: chunked(*(data[place : place + 1] for place in range(len(data)))))
    reply = await play.gateway.chat("m", stream=True)
    assert reply.body == data
    translated = await play.gateway.messages("m", stream=True)
    assert b'"text":"Hi"' in translated.body
    assert b"event: message_stop" in translated.body


async def test_count_tokens_always_answers(tmp_path: Path) -> None:
    async with Scripted(lambda _: [answer(200, b'{"input_tokens":42}')]) as counting, Scripted(lambda _: [RESET]) as broken:
        kind = {"provider_type": "anthropic", "dialects": ["anthropic"]}
        records = [
            {**provider("counts", counting.url), **kind, "base_url": counting.url},
            {**provider("broken", broken.url), **kind, "base_url": broken.url},
            provider("chat", counting.url),
        ]
        async with Gateway(tmp_path, *records) as gateway:
            told = await gateway.ask("/v1/messages/count_tokens", {"model": "counts:m", "messages": HELLO})
            assert (told.json, told.headers.get("x-dragoman-estimated")) == ({"input_tokens": 42}, None)
            for model in ("broken:m", "chat:m", "unknown"):
                reply = await gateway.ask("/v1/messages/count_tokens", {"model": model, "messages": HELLO})
                assert reply.json["input_tokens"] > 0
                assert reply.headers["x-dragoman-estimated"] == "true"
            assert (await gateway.messages("broken:m")).status >= 500
