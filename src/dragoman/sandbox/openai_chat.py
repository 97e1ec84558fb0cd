"""OpenAI Chat Completions, as its vendor speaks it (API reference, 2026-11). Rule: every frame is written out, none is built."""

from collections.abc import Iterator
from itertools import chain, zip_longest

from msgspec.structs import replace

from dragoman.sandbox.mind import Answer, Finish, Part, Refuse, Say, Thought, ToolUse, pieces
from dragoman.sandbox.openai import error, model, models, no_path, not_allowed, refuse, stream_headers, unauthorized, whole
from dragoman.sandbox.openai_chat_request import read
from dragoman.sandbox.reply import Fault, Heard, Incoming, Reply, optional, string
from dragoman.wire import json

__all__ = ["error_frame", "failed", "keepalive", "read", "refuse", "write"]
__all__ += ["model", "models", "no_path", "not_allowed", "unauthorized"]

FINISH_REASONS: dict[Finish, bytes] = {
    "stop": b'"stop"',
    "length": b'"length"',
    "stop_sequence": b'"stop"',
    "tools": b'"tool_calls"',
    "refusal": b'"stop"',
    "filtered": b'"content_filter"',
    "none": b"null",
}


def write(call: Incoming, heard: Heard, answer: Answer) -> Reply:
    if heard.stream:
        return _stream(call, heard, answer)
    choices = b",".join(_choice(call, answer, at) for at in range(heard.choices))
    usage = b"" if heard.usage == "none" else b',"usage":%b' % _usage(answer, heard.choices)
    body = (
        b'{"id":"chatcmpl-%b","object":"chat.completion","created":%d,"model":%b,"choices":[%b]%b,'
        b'"service_tier":"default","system_fingerprint":"fp_sandbox"}'
    ) % (call.nonce.encode(), call.now, json.encode(heard.model), choices, usage)
    return whole(call, body)


def failed(call: Incoming, heard: Heard, fault: Fault) -> Reply:
    return replace(refuse(call, fault), status=200)


def error_frame(call: Incoming, heard: Heard, fault: Fault, after: int) -> bytes:
    return b'data: {"error":%b}\n\n' % error(fault)


def keepalive(call: Incoming, heard: Heard) -> bytes:
    return b": keep-alive\n\n"


def _usage(answer: Answer, choices: int) -> bytes:
    said = answer.output_tokens * choices
    return (
        b'{"prompt_tokens":%d,"completion_tokens":%d,"total_tokens":%d,'
        b'"prompt_tokens_details":{"cached_tokens":%d,"audio_tokens":0},'
        b'"completion_tokens_details":{"reasoning_tokens":%d,"audio_tokens":0,'
        b'"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}'
    ) % (answer.input_tokens, said, answer.input_tokens + said, answer.cached, answer.thinking_tokens * choices)


def _call_id(call: Incoming, choice: int, at: int) -> bytes:
    return b"call_%b%02d%02d" % (call.nonce[:20].encode(), choice, at)


def _choice(call: Incoming, answer: Answer, index: int) -> bytes:
    said = "".join(part.text for part in answer.parts if isinstance(part, Say))
    refused = next((part.text for part in answer.parts if isinstance(part, Refuse)), None)
    thought = "".join(part.text for part in answer.parts if isinstance(part, Thought) and not part.redacted)
    calls = [part for part in answer.parts if isinstance(part, ToolUse)]
    content = string(said, answer.escaped) if said or not (calls or refused) else b"null"
    return (
        b'{"index":%d,"message":{"role":"assistant","content":%b%b,"refusal":%b,"annotations":[]%b},"logprobs":null,'
        b'"finish_reason":%b}'
    ) % (
        index,
        content,
        b',"reasoning_content":%b' % json.encode(thought) if thought else b"",
        optional(refused),
        b',"tool_calls":[%b]' % b",".join(_whole_call(call, index, n, use) for n, use in enumerate(calls)) if calls else b"",
        FINISH_REASONS[answer.finish],
    )


def _whole_call(call: Incoming, choice: int, at: int, use: ToolUse) -> bytes:
    kind, argument = _form(use)
    return b'{"id":"%b","type":"%b","%b":{"name":%b,"%b":%b}}' % (
        _call_id(call, choice, at),
        kind,
        kind,
        json.encode(use.name),
        argument,
        json.encode(use.arguments),
    )


def _form(use: ToolUse) -> tuple[bytes, bytes]:
    return (b"custom", b"input") if use.custom else (b"function", b"arguments")


def _stream(call: Incoming, heard: Heard, answer: Answer) -> Reply:
    told = heard.usage != "none" and (heard.usage_asked or heard.usage == "late")
    usage = b',"usage":null' if told and heard.usage_asked else b""

    def chunk(index: int, delta: bytes, reason: bytes = b"null") -> bytes:
        choice = b'{"index":%d,"delta":%b,"logprobs":null,"finish_reason":%b}' % (index, delta, reason)
        return _chunk(call, heard, choice, usage)

    every = range(heard.choices)
    opening = [chunk(at, b'{"role":"assistant","content":"","refusal":null}') for at in every]
    told_in_turn = zip_longest(*([chunk(at, delta) for delta in _deltas(call, answer, at)] for at in every))
    content = [frame for frame in chain.from_iterable(told_in_turn) if frame is not None]
    ending = [chunk(at, b"{}", FINISH_REASONS[answer.finish]) for at in every]
    if told:
        ending.append(_chunk(call, heard, b"", b',"usage":%b' % _usage(answer, heard.choices)))
    return Reply(
        headers=stream_headers(call),
        frames=(*opening, *content, *ending, b"data: [DONE]\n\n"),
        content=len(opening),
        ending=len(opening) + len(content),
        stream=True,
        signed_off=True,
    )


def _chunk(call: Incoming, heard: Heard, choice: bytes, usage: bytes) -> bytes:
    return (
        b'data: {"id":"chatcmpl-%b","object":"chat.completion.chunk","created":%d,"model":%b,"service_tier":"default",'
        b'"system_fingerprint":"fp_sandbox","choices":[%b]%b}\n\n'
    ) % (call.nonce.encode(), call.now, json.encode(heard.model), choice, usage)


def _deltas(call: Incoming, answer: Answer, choice: int) -> Iterator[bytes]:
    calls = [part for part in answer.parts if isinstance(part, ToolUse)]
    for part in answer.parts:
        if not isinstance(part, ToolUse):
            yield from _text_deltas(part, answer.escaped)
    streams = [list(_call_deltas(call, choice, at, use)) for at, use in enumerate(calls)]
    if answer.interleaved:
        yield from (delta for delta in chain.from_iterable(zip_longest(*streams)) if delta is not None)
    else:
        yield from chain.from_iterable(streams)


def _text_deltas(part: Part, escaped: bool) -> Iterator[bytes]:
    if isinstance(part, Thought) and part.redacted:
        return
    name = {Thought: b"reasoning_content", Refuse: b"refusal"}.get(type(part), b"content")
    for at, piece in enumerate(pieces(part)):
        yield b'{"%b":%b}' % (name, string(piece, escaped and at % 2 == 1))


def _call_deltas(call: Incoming, choice: int, at: int, use: ToolUse) -> Iterator[bytes]:
    kind, argument = _form(use)
    yield b'{"tool_calls":[{"index":%d,"id":"%b","type":"%b","%b":{"name":%b,"%b":""}}]}' % (
        at,
        _call_id(call, choice, at),
        kind,
        kind,
        json.encode(use.name),
        argument,
    )
    for piece in pieces(use):
        yield b'{"tool_calls":[{"index":%d,"%b":{"%b":%b}}]}' % (at, kind, argument, json.encode(piece))
