"""Dialogues: a client, the gateway, scripted providers. What happens at each provider's fault, and what the client sees."""

from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from support.gateway import HELLO, Gateway
from support.scripted import CLOSE, HANG, RESET, Received, Scripted, Step, answer, chunked, event_stream

CHUNK = b'{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"real-model","choices":[{"index":0,"delta":%b,'
CHUNK += b'"finish_reason":%b}]}'
ROLE = CHUNK % (b'{"role":"assistant","content":""}', b"null")
STOP = CHUNK % (b"{}", b'"stop"')
WHOLE = (
    b'{"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"real-model","choices":[{"index":0,"message":{"role":'
    b'"assistant","content":"Hi from %b"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}'
)
ERROR = b'{"error":{"message":"the vendor says no","type":"%b","code":null,"param":null}}'


def said(text: bytes) -> bytes:
    return CHUNK % (b'{"content":"%b"}' % text, b"null")


GOOD = [ROLE, said(b"Hi"), said(b" there"), STOP, b"[DONE]"]


def good(request: Received) -> list[Step]:
    if b'"stream":true' in request.body.replace(b" ", b""):
        return event_stream(*GOOD)
    return [answer(200, WHOLE % b"good")]


def provider(name: str, url: str, **more: Any) -> dict[str, Any]:
    record = {"name": name, "provider_type": "openai", "base_url": url + "/v1", "api_key": f"key-of-{name}", "models": ["m"]}
    return {**record, "dialects": ["openai-chat"], **more}


class Scene:
    """A gateway with one scripted provider after the other, all of them having the model `m`."""

    def __init__(self, gateway: Gateway, servers: list[Scripted]) -> None:
        self.gateway, self.servers = gateway, servers

    @property
    def asked(self) -> list[int]:
        return [len(server.requests) for server in self.servers]


@pytest.fixture
async def scene(tmp_path: Path) -> Any:
    async with AsyncExitStack() as stack:

        async def made(*scripts: Any, **settings: Any) -> Scene:
            servers = [await stack.enter_async_context(Scripted(script)) for script in scripts]
            records = [provider(f"p{place}", server.url) for place, server in enumerate(servers, 1)]
            gateway = await stack.enter_async_context(Gateway(tmp_path, *records, **settings))
            return Scene(gateway, servers)

        yield made


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


async def test_copied_bytes_are_the_providers(scene: Any) -> None:
    odd = b'{ "id" : "x",\n "choices":[{"index":0,"message":{"role":"assistant","content":"A", "n": 1.50},"finish_reason":"stop"}] }'
    play = await scene(lambda _: [answer(200, odd)])
    body = b'{ "messages": [ {"role":"user","content":"Hello"} ], "temperature": 1.50, "new_field": {"a":1E2}, "model":"m"}'
    reply = await play.gateway.ask("/v1/chat/completions", body)
    assert reply.body == odd
    assert b'"temperature":1.50' in play.servers[0].requests[0].body.replace(b": ", b":")
    assert b'{"a":1E2}' in play.servers[0].requests[0].body


async def test_a_usage_chunk_nobody_asked_for_is_taken_out_and_still_counted(scene: Any) -> None:
    usage = b'{"id":"x","object":"chat.completion.chunk","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}'
    play = await scene(lambda _: event_stream(*GOOD[:-1], usage, b"[DONE]"))
    reply = await play.gateway.chat("m", stream=True)
    assert b'"include_usage":true' in play.servers[0].requests[0].body.replace(b" ", b"")
    assert b"prompt_tokens" not in reply.body
    record = (await play.gateway.recorded())[0]
    assert record.usage is not None
    assert (record.usage.input, record.usage.output) == (3, 2)
    asked = await play.gateway.chat("m", stream=True, stream_options={"include_usage": True})
    assert b"prompt_tokens" in asked.body


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
