"""Dialogues about losses of an answer: whole they are told in the header, streamed in a comment before the end."""

import json
from pathlib import Path
from typing import Any

import pytest

from support.client import Client
from support.dialogue import provider
from support.gateway import HELLO, Gateway
from support.scripted import Received, Scripted, Step, answer, event_stream

HEAD = {"id": "chatcmpl-1", "created": 1, "model": "real-model"}
LOGS = {"content": [{"token": "x", "logprob": -0.5, "bytes": None, "top_logprobs": []}]}
CALL = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "not JSON"}}
SPENT = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5, "prompt_tokens_details": {"cached_tokens": 9}}
CHAT_LOSSES = {
    "/response/choices/0/logprobs": "dropped",
    "/response/choices/0/message/tool_calls/0/function/arguments": "approximated",
    "/response/usage/prompt_tokens_details/cached_tokens": "approximated",
}

TEXT = {"type": "text", "text": "Grass.", "citations": [{"type": "char_location", "cited_text": "Grass."}]}
TRACE = {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {"query": "grass"}}
USE = {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {}}
COUNTS = {
    "input_tokens": 3,
    "cache_creation_input_tokens": 7,
    "cache_creation": {"ephemeral_1h_input_tokens": 7},
    "output_tokens": 2,
}
MESSAGE = {"id": "msg_1", "type": "message", "role": "assistant", "model": "real-model", "usage": COUNTS}
MESSAGES_LOSSES = {
    "/response/content/0/citations/0": "dropped",
    "/response/content/1": "dropped",
    "/response/stop_reason": "approximated",
    "/response/usage/cache_creation/ephemeral_1h_input_tokens": "hint",
}


def said(value: Any) -> bytes:
    return json.dumps(value).encode()


def chat(request: Received) -> list[Step]:
    """A Chat provider: log probabilities, a call with broken arguments, more tokens cached than there were."""
    if json.loads(request.body).get("stream"):
        ended = {"index": 0, "delta": {}, "finish_reason": "tool_calls"}
        pieces = [
            {"index": 0, "delta": {"role": "assistant", "content": "x"}, "logprobs": LOGS, "finish_reason": None},
            {"index": 0, "delta": {"tool_calls": [{"index": 0, **CALL}]}, "finish_reason": None},
            ended,
        ]
        chunks = [{**HEAD, "object": "chat.completion.chunk", "choices": [piece]} for piece in pieces]
        return event_stream(*map(said, [*chunks, {**chunks[0], "choices": [], "usage": SPENT}]), b"[DONE]")
    message = {"role": "assistant", "content": "x", "tool_calls": [CALL]}
    choice = {"index": 0, "message": message, "logprobs": LOGS, "finish_reason": "tool_calls"}
    return [answer(200, said({**HEAD, "object": "chat.completion", "choices": [choice], "usage": SPENT}))]


def messages(request: Received) -> list[Step]:
    """An Anthropic provider: a citation of a document, a server tool's trace, a call, a reason that Chat has no word for."""
    if json.loads(request.body).get("stream"):
        blocks = [
            event
            for place, block in enumerate((TEXT, TRACE, USE))
            for event in (
                {"type": "content_block_start", "index": place, "content_block": block},
                {"type": "content_block_stop", "index": place},
            )
        ]
        start = {"type": "message_start", "message": {**MESSAGE, "content": [], "stop_reason": None}}
        end = {"type": "message_delta", "delta": {"stop_reason": "pause_turn"}, "usage": COUNTS}
        return event_stream(*map(said, [start, *blocks, end, {"type": "message_stop"}]))
    return [answer(200, said({**MESSAGE, "content": [TEXT, TRACE, USE], "stop_reason": "pause_turn"}))]


CASES = {
    "messages over chat": (chat, "openai-chat", "/v1/messages", CHAT_LOSSES, b"event: message_delta"),
    "chat over messages": (messages, "anthropic", "/v1/chat/completions", MESSAGES_LOSSES, b'"finish_reason":"'),
}


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("case", CASES)
async def test_losses_of_an_answer_are_told(tmp_path: Path, case: str, stream: bool) -> None:
    script, dialect, path, losses, ending = CASES[case]
    async with Scripted(script) as server, Gateway(tmp_path, provider("p", server.url, dialects=[dialect])) as gateway:
        tools = (
            [{"type": "function", "function": {"name": "f"}}]
            if path.endswith("completions")
            else [{"name": "f", "input_schema": {}}]
        )
        body = {"model": "m", "max_tokens": 9, "messages": HELLO, "tools": tools, "stream": stream}
        reply = await gateway.ask(path, body)
        assert reply.status == 200
        assert told(in_comment(reply, ending) if stream else reply.headers["x-dragoman-losses"]) == losses
        (record,) = await gateway.recorded()
        assert {loss.path: loss.kind.value for loss in record.losses} == losses


def in_comment(reply: Client, ending: bytes) -> str:
    """The only such comment, which stands before the ending."""
    before, mark, after = reply.body.partition(b": x-dragoman-losses: ")
    assert mark
    assert mark not in after
    assert ending not in before
    assert ending in after
    return after.partition(b"\n\n")[0].decode()


def told(field: str) -> dict[str, str]:
    """Path -> kind of the items of the field."""
    items = (item.partition(";kind=") for item in field.split(", "))
    return {path.strip('"'): kind for path, _, kind in items}
