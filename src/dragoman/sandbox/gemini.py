"""Gemini generateContent, as its vendor speaks it (API reference, 2026-11). Rule: every frame is written out, none is built.

With `alt=sse` a stream is server-sent events with CRLF, without comments; without it, a JSON array that comes piece by piece.
"""

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from dragoman.sandbox.gemini_errors import as_events, common_headers, error, no_path, not_allowed, refuse, unauthorized, whole
from dragoman.sandbox.gemini_request import model_and_method, read, read_body, read_request
from dragoman.sandbox.gemini_rules import OLD, bad, broken_rule
from dragoman.sandbox.mind import Answer, Finish, Part, Refuse, Thought, ToolUse, pieces
from dragoman.sandbox.reply import Fault, Heard, Incoming, Reply, asked_number, string
from dragoman.sandbox.signature import sign
from dragoman.wire import json

__all__ = ["error_frame", "failed", "keepalive", "read", "refuse", "write"]
__all__ += ["model", "models", "no_path", "not_allowed", "unauthorized"]

FINISH_REASONS: dict[Finish, bytes] = {
    "stop": b',"finishReason":"STOP"',
    "length": b',"finishReason":"MAX_TOKENS"',
    "stop_sequence": b',"finishReason":"STOP"',
    "tools": b',"finishReason":"STOP"',
    "refusal": b"",
    "filtered": b',"finishReason":"SAFETY"',
    "none": b"",
}
_RATINGS = b'"safetyRatings":[{"category":"HARM_CATEGORY_DANGEROUS_CONTENT","probability":"HIGH","blocked":true}]'
_BLOCKED = b'"promptFeedback":{"blockReason":"PROHIBITED_CONTENT"}'
PAGE = 50


class _Told(Struct, frozen=True):
    """What a part becomes: whole, and in a stream: in pieces, or at once with the ending."""

    whole: bytes
    pieces: tuple[bytes, ...] = ()
    last: bytes = b""


def write(call: Incoming, heard: Heard, answer: Answer) -> Reply:
    if answer.finish == "refusal":
        answer = replace(answer, output_tokens=0, thinking_tokens=0)
    told = list(_told(call, heard, answer))
    if heard.stream:
        return _stream(call, heard, answer, told)
    usage = b"" if heard.usage == "none" else _usage(heard, answer)
    if answer.finish == "refusal":
        return whole(call, _response(call, heard, _BLOCKED, usage))
    parts = b",".join(part.whole for part in told)
    return whole(call, _response(call, heard, _candidates(heard, parts, answer.finish), usage))


def count(call: Incoming) -> Reply:
    """`countTokens`: the same number that a call's usage tells."""
    model, _ = model_and_method(call)
    body = read_body(call)
    inner = body.get("generateContentRequest")
    if inner is not None and "contents" in body:
        bad("Only one of contents and generate_content_request can be set.")
    if inner is not None and not isinstance(inner, dict):
        broken_rule("generateContentRequest", "generate_content_request must be a message")
    heard = read_request(inner or body, model, stream=False, strict=False)
    tokens = heard.ask.input_tokens
    text = b'{"totalTokens":%d,"promptTokensDetails":[{"modality":"TEXT","tokenCount":%d}]}' % (tokens, tokens)
    return whole(call, text, model=model)


def failed(call: Incoming, heard: Heard, fault: Fault) -> Reply:
    return replace(refuse(call, fault), status=200)


def error_frame(call: Incoming, heard: Heard, fault: Fault, after: int) -> bytes:
    body = b'{"error":%b}' % error(fault)
    return b"data: %b\r\n\r\n" % body if as_events(call) else (b",\r\n" if after else b"[") + body + b"\n]"


def keepalive(call: Incoming, heard: Heard) -> bytes:
    """Its stream has no place for comments: a response that says nothing; white space between the items of an array."""
    if not as_events(call):
        return b"\n"
    name = json.encode(heard.model)
    return b'data: {"candidates":[{"content":{"role":"model"},"index":0}],"modelVersion":%b,"responseId":"%b"}\r\n\r\n' % (
        name,
        call.nonce.encode(),
    )


def models(call: Incoming, names: tuple[str, ...]) -> Reply:
    """One page of the list: `pageSize` (50), `pageToken`."""
    start = asked_number(call, "pageToken", 0)
    end = start + max(1, min(asked_number(call, "pageSize", PAGE), 1000))
    more = b',"nextPageToken":"%d"' % end if end < len(names) else b""
    return whole(call, b'{"models":[%b]%b}' % (b",".join(_model(name) for name in names[start:end]), more))


def model(call: Incoming, name: str) -> Reply:
    return whole(call, _model(name))


def _model(name: str) -> bytes:
    return (
        b'{"name":%b,"version":"001","displayName":%b,"description":"A model of the sandbox","inputTokenLimit":1048576,'
        b'"outputTokenLimit":65536,"supportedGenerationMethods":["generateContent","countTokens","embedContent"],'
        b'"temperature":1,"topP":0.95,"topK":64,"maxTemperature":2,"thinking":true}'
    ) % (json.encode(f"models/{name}"), json.encode(name))


def _told(call: Incoming, heard: Heard, answer: Answer) -> Iterator[_Told]:
    """The parts. A step's first call is signed; where nothing is called, a thought is proven at the end of the text."""
    thought = next((part.text for part in answer.parts if isinstance(part, Thought)), "")
    called = any(isinstance(part, ToolUse) for part in answer.parts)
    unsigned = called
    for at, part in enumerate(answer.parts):
        if isinstance(part, ToolUse):
            yield _call(call, heard, at, part, signed=unsigned)
            unsigned = False
        elif isinstance(part, Thought):
            if heard.show_thinking and not part.redacted:
                yield _text(part, answer.escaped, b',"thought":true')
        elif not isinstance(part, Refuse):
            yield _text(part, answer.escaped, proof=sign(thought, "thought") if thought and not called else "")


def _text(part: Part, escaped: bool, more: bytes = b"", proof: str = "") -> _Told:
    """A proof of what is streamed comes behind it, with a text of nothing."""
    assert not isinstance(part, ToolUse)
    said = (string(piece, escaped and n % 2 == 1) for n, piece in enumerate(pieces(part)))
    signed = b',"thoughtSignature":"%b"' % proof.encode() if proof else b""
    return _Told(
        b'{"text":%b%b%b}' % (string(part.text, escaped), more, signed),
        tuple(b'{"text":%b%b}' % (piece, more) for piece in said),
        b'{"text":""%b}' % signed if signed else b"",
    )


def _call(call: Incoming, heard: Heard, at: int, use: ToolUse, *, signed: bool) -> _Told:
    id_ = b"" if OLD.match(heard.model) else b'"id":"%b%02d",' % (call.nonce[:16].encode(), at)
    proof = b',"thoughtSignature":"%b"' % sign(use.arguments, "thought").encode() if signed else b""
    whole_ = b'{"functionCall":{%b"name":%b,"args":%b}%b}' % (id_, json.encode(use.name), use.arguments.encode(), proof)
    return _Told(whole_, last=whole_)


def _stream(call: Incoming, heard: Heard, answer: Answer, told: list[_Told]) -> Reply:
    """What is said piece by piece; calls and the ending together, in the last frame."""
    zeros = b',"usageMetadata":{"promptTokenCount":0,"totalTokenCount":0}' if heard.usage == "late" else b""
    said = [piece for part in told for piece in part.pieces]
    chunks = [_response(call, heard, _candidates(heard, piece, "none"), zeros) for piece in said]
    usage = b"" if heard.usage == "none" else _usage(heard, answer)
    last = b",".join(part.last for part in told if part.last) or b'{"text":""}'
    ended = _BLOCKED if answer.finish == "refusal" else _candidates(heard, last, answer.finish)
    chunks.append(_response(call, heard, ended, usage))
    sse = as_events(call)
    kind = "text/event-stream" if sse else "application/json; charset=UTF-8"
    return Reply(
        headers=(("content-type", kind), *common_headers(call)),
        frames=tuple(_framed(chunk, at, len(chunks), sse) for at, chunk in enumerate(chunks)),
        ending=len(said),
        stream=True,
    )


def _framed(chunk: bytes, at: int, count: int, sse: bool) -> bytes:
    if sse:
        return b"data: %b\r\n\r\n" % chunk
    return (b",\r\n" if at else b"[") + chunk + (b"\n]" if at + 1 == count else b"")


def _candidates(heard: Heard, parts: bytes, finish: Finish) -> bytes:
    content = b'{"parts":[%b],"role":"model"}' % parts if parts else b'{"role":"model"}'
    rated = b"," + _RATINGS if finish == "filtered" else b""
    each = (b'{"content":%b%b,"index":%d%b}' % (content, FINISH_REASONS[finish], at, rated) for at in range(heard.choices))
    return b'"candidates":[%b]' % b",".join(each)


def _response(call: Incoming, heard: Heard, told: bytes, usage: bytes) -> bytes:
    return b'{%b%b,"modelVersion":%b,"responseId":"%b"}' % (told, usage, json.encode(heard.model), call.nonce.encode())


def _usage(heard: Heard, answer: Answer) -> bytes:
    """Thoughts are counted beside what is said; what is zero is left out, as in every message of the vendor's."""
    said = (answer.output_tokens - answer.thinking_tokens) * heard.choices
    thought = answer.thinking_tokens * heard.choices
    counts = (
        (b"candidatesTokenCount", said),
        (b"cachedContentTokenCount", answer.cached),
        (b"thoughtsTokenCount", thought),
    )
    more = b"".join(b',"%b":%d' % (name, count) for name, count in counts if count)
    return (
        b',"usageMetadata":{"promptTokenCount":%d,"totalTokenCount":%d%b,'
        b'"promptTokensDetails":[{"modality":"TEXT","tokenCount":%d}]}'
    ) % (answer.input_tokens, answer.input_tokens + said + thought, more, answer.input_tokens)
