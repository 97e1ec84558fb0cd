"""Bedrock behind a running gateway: Converse for all, but for Claude and Anthropic's clients InvokeModel in the Copy lane."""

import base64
import json
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from dragoman.relay import signing
from support import aws_frames
from support.clouds import ACCESS, SECRET, SESSION, aws_key, signature_of, signed
from support.dialogue import good, provider
from support.fixtures import FIXTURES
from support.gateway import Gateway
from support.scripted import Received, Script, Scripted, answer, chunked

CLAUDE, NOVA = "us.anthropic.claude-haiku-4-5-20251001-v1:0", "us.amazon.nova-lite-v1:0"
FRAMES = "application/vnd.amazon.eventstream"
EVENTS = [
    b'{"type":"message_start","message":{"id":"msg_bdrk_1","type":"message","role":"assistant","model":"claude-haiku-4-5-20251001",'
    b'"content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":9,"output_tokens":1}}}',
    b'{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}',
    b'{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi"}}',
    b'{"type":"content_block_stop","index":0}',
    b'{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":4}}',
    b'{"type":"message_stop","amazon-bedrock-invocationMetrics":{"inputTokenCount":9,"outputTokenCount":4}}',
]
SSE = b"".join(b"event: %b\ndata: %b\n\n" % (json.loads(event)["type"].encode(), event) for event in EVENTS)


def bedrock(url: str, **more: Any) -> dict[str, Any]:
    record = {"name": "AWS", "provider_type": "bedrock", "base_url": url, "api_key": aws_key(), "models": [CLAUDE, NOVA, "m"]}
    return {**record, **more}


def fixture(name: str) -> bytes:
    return (FIXTURES / "bedrock" / "answers" / name).read_bytes()


def converse(request: Received) -> Script:
    if request.target.endswith("/converse-stream"):
        frames = aws_frames.written(fixture("tools.frames").decode())
        return chunked(*frames, type_=FRAMES)
    return [answer(200, fixture("tools.json"))]


def invoke(request: Received) -> Script:
    if request.target.endswith("-with-response-stream"):
        return chunked(*(aws_frames.chunk(event) for event in EVENTS), type_=FRAMES)
    body = {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude", "content": [{"type": "text", "text": "Hi"}]}
    return [
        answer(200, json.dumps({**body, "stop_reason": "end_turn", "usage": {"input_tokens": 9, "output_tokens": 4}}).encode())
    ]


@pytest.fixture
async def stack() -> Any:
    async with AsyncExitStack() as found:
        yield found


async def playing(stack: AsyncExitStack, folder: Path, script: Any, **more: Any) -> tuple[Gateway, Scripted]:
    server = await stack.enter_async_context(Scripted(script))
    return await stack.enter_async_context(Gateway(folder, bedrock(server.url, **more))), server


def test_the_check_of_signatures_is_right_itself() -> None:
    """The example of Amazon's guide."""
    headers = (
        "content-type:application/x-www-form-urlencoded; charset=utf-8\nhost:iam.amazonaws.com\nx-amz-date:20150830T123600Z\n"
    )
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    canonical = f"GET\n/\nAction=ListUsers&Version=2010-05-08\n{headers}\ncontent-type;host;x-amz-date\n{empty}"
    made = signature_of(canonical, "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "20150830T123600Z", "20150830", "us-east-1", "iam")
    assert made == "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"


async def test_a_chat_client_is_translated_to_converse_and_the_request_is_signed(stack: AsyncExitStack, tmp_path: Path) -> None:
    gateway, server = await playing(stack, tmp_path, converse)
    reply = await gateway.chat(CLAUDE, max_tokens=50, tools=[{"type": "function", "function": {"name": "get_weather"}}])
    assert reply.status == 200, reply.body
    call = reply.json["choices"][0]["message"]["tool_calls"][0]["function"]
    assert (call["name"], json.loads(call["arguments"])) == ("get_weather", {"city": "Köln", "days": 2})
    request = server.requests[0]
    assert request.target == "/model/us.anthropic.claude-haiku-4-5-20251001-v1%3A0/converse"
    assert signed(request, "bedrock") == ACCESS
    assert request.header("x-amz-security-token") is None
    assert json.loads(request.body)["inferenceConfig"] == {"maxTokens": 50}


async def test_a_stream_of_converse_is_read_and_a_session_token_is_sent_and_signed(stack: AsyncExitStack, tmp_path: Path) -> None:
    gateway, server = await playing(stack, tmp_path, converse, api_key=aws_key(SessionToken=SESSION))
    reply = await gateway.chat(CLAUDE, stream=True)
    assert b'"finish_reason":"tool_calls"' in reply.body
    signed(server.requests[0], "bedrock")
    assert server.requests[0].header("x-amz-security-token") == SESSION
    record = (await gateway.recorded())[0]
    assert (record.provider_dialect, record.lane) == ("bedrock", "translate")
    assert record.usage is not None
    assert (record.usage.input, record.usage.output) == (40, 30)


async def test_another_model_of_an_anthropic_client_goes_to_converse(stack: AsyncExitStack, tmp_path: Path) -> None:
    gateway, server = await playing(stack, tmp_path, converse)
    reply = await gateway.messages(NOVA)
    assert [block["type"] for block in reply.json["content"]] == ["text", "tool_use"]
    assert server.requests[0].target.endswith("/converse")


async def test_claude_for_an_anthropic_client_is_copied(stack: AsyncExitStack, tmp_path: Path) -> None:
    gateway, server = await playing(stack, tmp_path, invoke)
    body = b'{"model":"%b","max_tokens":9,"stream":false,"temperature":1.50,"messages":[ {"role":"user","content":"Hi"} ]}'
    reply = await gateway.ask(
        "/v1/messages", body % CLAUDE.encode(), anthropic_version="2023-06-01", anthropic_beta="context-1m-2025-08-07,files-api-1"
    )
    assert reply.json["content"] == [{"type": "text", "text": "Hi"}]
    request = server.requests[0]
    assert request.target == "/model/us.anthropic.claude-haiku-4-5-20251001-v1%3A0/invoke"
    assert request.body == (
        b'{"max_tokens":9,"temperature":1.50,"messages":[ {"role":"user","content":"Hi"} ],'
        b'"anthropic_version":"bedrock-2023-05-31","anthropic_beta":["context-1m-2025-08-07"]}'
    )
    assert request.header("anthropic-version") is request.header("anthropic-beta") is None
    signed(request, "bedrock")
    assert (await gateway.recorded())[0].lane == "copy"


async def test_the_newer_version_of_a_client_is_told_in_the_body(stack: AsyncExitStack, tmp_path: Path) -> None:
    gateway, server = await playing(stack, tmp_path, invoke)
    body = {"model": CLAUDE, "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]}
    await gateway.ask("/v1/messages", body, anthropic_version="2026-10-21")
    assert json.loads(server.requests[0].body)["anthropic_version"] == "2026-10-21"


async def test_a_stream_of_claude_is_unwrapped_and_copied(stack: AsyncExitStack, tmp_path: Path) -> None:
    gateway, server = await playing(stack, tmp_path, invoke)
    reply = await gateway.messages(CLAUDE, stream=True)
    assert reply.headers["content-type"].startswith("text/event-stream")
    assert reply.body == SSE
    assert "stream" not in json.loads(server.requests[0].body)
    record = (await gateway.recorded())[0]
    assert (record.lane, record.usage and record.usage.output) == ("copy", 4)


async def test_tokens_are_counted_by_bedrock(stack: AsyncExitStack, tmp_path: Path) -> None:
    gateway, server = await playing(stack, tmp_path, lambda _: [answer(200, b'{"inputTokens":77}')])
    body = {"model": CLAUDE, "messages": [{"role": "user", "content": "Hi"}]}
    reply = await gateway.ask("/v1/messages/count_tokens", body)
    assert reply.json == {"input_tokens": 77}
    assert "x-dragoman-estimated" not in reply.headers
    request = server.requests[0]
    assert request.target.endswith("/count-tokens")
    inner = json.loads(base64.b64decode(json.loads(request.body)["input"]["invokeModel"]["body"]))
    assert inner == {"messages": body["messages"], "anthropic_version": "bedrock-2023-05-31", "max_tokens": 32000}
    nova = await gateway.ask("/v1/messages/count_tokens", {**body, "model": NOVA})
    assert nova.json == {"input_tokens": 77}
    assert list(json.loads(server.requests[1].body)["input"]) == ["converse"]


@pytest.mark.parametrize("model", [CLAUDE, NOVA])
@pytest.mark.parametrize("stream", [False, True])
async def test_what_bedrock_throttles_goes_to_the_next_target(
    stack: AsyncExitStack, tmp_path: Path, model: str, stream: bool
) -> None:
    """Told as a status, or as an exception at the beginning of a stream."""

    def throttled(request: Received) -> Script:
        if stream:
            return chunked(aws_frames.exception("throttlingException", b'{"message":"slow down"}'), type_=FRAMES)
        told = ("x-amzn-ErrorType", "ThrottlingException:http://internal.amazon.com/coral/com.amazon.bedrock/")
        return [answer(429, b'{"message":"slow down"}', [told])]

    first = await stack.enter_async_context(Scripted(throttled))
    second = await stack.enter_async_context(Scripted(good))
    records = bedrock(first.url), provider("p2", second.url, models=[model])
    gateway = await stack.enter_async_context(Gateway(tmp_path, *records))
    reply = await gateway.messages(model, stream=stream)
    assert reply.status == 200
    assert b"Hi" in reply.body
    assert [attempt.error for attempt in (await gateway.recorded())[0].attempts] == ["rate_limit", None]


async def test_an_exception_after_the_first_words_is_the_dialects_own_error(stack: AsyncExitStack, tmp_path: Path) -> None:
    def breaks(_: Received) -> Script:
        frames = [
            *map(aws_frames.chunk, EVENTS[:3]),
            aws_frames.exception("modelStreamErrorException", b'{"message":"it broke"}'),
        ]
        return chunked(*frames, type_=FRAMES)

    gateway, _ = await playing(stack, tmp_path, breaks)
    reply = await gateway.messages(CLAUDE, stream=True)
    assert reply.body.count(b"event: content_block_delta") == 1
    last = reply.body.rstrip().rpartition(b"\n\n")[2]
    assert last.startswith(b"event: error")
    assert b"it broke" in last


@pytest.mark.parametrize("model", [CLAUDE, NOVA])
async def test_damage_in_a_stream_is_a_failure(stack: AsyncExitStack, tmp_path: Path, model: str) -> None:
    def damaged(_: Received) -> Script:
        frame = bytearray(aws_frames.chunk(EVENTS[0]))
        frame[-1] ^= 1
        return chunked(bytes(frame), type_=FRAMES)

    gateway, _ = await playing(stack, tmp_path, damaged)
    reply = await gateway.messages(model, stream=True)
    assert reply.status == 500
    assert "broken" in reply.json["error"]["message"]


async def test_a_stream_that_ends_inside_a_message_is_a_failure(stack: AsyncExitStack, tmp_path: Path) -> None:
    gateway, _ = await playing(stack, tmp_path, lambda _: chunked(aws_frames.chunk(EVENTS[0])[:-3], type_=FRAMES))
    assert (await gateway.messages(CLAUDE, stream=True)).status == 500


async def test_a_bedrock_api_key_is_sent_as_it_is(stack: AsyncExitStack, tmp_path: Path) -> None:
    gateway, server = await playing(stack, tmp_path, converse, api_key="bedrock-api-key-abcdef")
    await gateway.chat(CLAUDE)
    assert server.requests[0].header("authorization") == "Bearer bedrock-api-key-abcdef"


async def test_openai_models_of_a_chat_client_are_copied(stack: AsyncExitStack, tmp_path: Path) -> None:
    gateway, server = await playing(stack, tmp_path, good, models=["openai.gpt-oss-120b-1:0"])
    reply = await gateway.chat("openai.gpt-oss-120b-1:0")
    assert reply.json["choices"][0]["message"]["content"] == "Hi from good"
    assert server.requests[0].target == "/openai/v1/chat/completions"
    signed(server.requests[0], "bedrock")


async def test_mantle_signs_for_its_own_service_and_gives_new_ids(stack: AsyncExitStack, tmp_path: Path) -> None:
    def calls(_: Received) -> Script:
        call = {"id": "call_0", "type": "function", "function": {"name": "f", "arguments": "{}"}}
        choice = {
            "index": 0,
            "finish_reason": "tool_calls",
            "message": {"role": "assistant", "content": None, "tool_calls": [call]},
        }
        return [
            answer(
                200,
                json.dumps({"id": "c", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}).encode(),
            )
        ]

    gateway, server = await playing(stack, tmp_path, calls, provider_type="bedrock-mantle", models=["openai.gpt-oss-20b"])
    replies = [await gateway.chat("openai.gpt-oss-20b") for _ in range(2)]
    ids = [reply.json["choices"][0]["message"]["tool_calls"][0]["id"] for reply in replies]
    assert len({*ids, "call_0"}) == 3
    assert server.requests[0].target == "/v1/chat/completions"
    signed(server.requests[0], "bedrock-mantle")


async def test_a_provider_that_repeats_our_secret_is_not_repeated(stack: AsyncExitStack, tmp_path: Path) -> None:
    body = json.dumps({"message": f"the secret {SECRET} and the token {SESSION} do not fit"}).encode()
    gateway, _ = await playing(stack, tmp_path, lambda _: [answer(400, body)], api_key=aws_key(SessionToken=SESSION))
    reply = await gateway.chat(CLAUDE)
    assert SECRET.encode() not in reply.body
    assert SESSION.encode() not in reply.body
    assert b"do not fit" in reply.body


async def test_without_a_region_the_operator_is_told(stack: AsyncExitStack, tmp_path: Path) -> None:
    key = json.dumps({"AccessKeyId": ACCESS, "SecretAccessKey": SECRET})
    gateway, server = await playing(stack, tmp_path, converse, api_key=key)
    reply = await gateway.chat(CLAUDE)
    assert reply.status == 502
    assert "region" in ((await gateway.recorded())[0].attempts[0].message or "")
    assert server.requests == []


async def test_without_botocore_the_operator_is_told(
    stack: AsyncExitStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signing, "_MODULES", ("botocore_that_nobody_installed",))
    gateway, server = await playing(stack, tmp_path, converse)
    reply = await gateway.chat(CLAUDE)
    assert reply.status == 502
    assert "dragoman[aws]" in ((await gateway.recorded())[0].attempts[0].message or "")
    assert server.requests == []
