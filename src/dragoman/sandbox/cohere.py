"""Cohere's API v2, as its vendor speaks it (API reference, 2026-11). Rule: every frame is written out, none is built."""

from collections.abc import Iterator

from msgspec.structs import replace

from dragoman.core.errors import ErrorKind
from dragoman.sandbox.cohere_request import bad, read, read_body
from dragoman.sandbox.endpoints.vectors import packed, tokens, vector
from dragoman.sandbox.mind import Answer, Finish, Part, Thought, ToolUse, pieces
from dragoman.sandbox.reply import Fault, Heard, Incoming, Reply, string
from dragoman.wire import json

__all__ = ["error_frame", "failed", "keepalive", "read", "refuse", "write"]
__all__ += ["model", "models", "no_path", "not_allowed", "unauthorized"]

STATUSES: dict[ErrorKind, int] = {
    ErrorKind.BAD_REQUEST: 400,
    ErrorKind.CONTEXT_OVERFLOW: 400,
    ErrorKind.CONTENT_POLICY: 422,
    ErrorKind.UNSUPPORTED: 405,
    ErrorKind.AUTH: 401,
    ErrorKind.BILLING: 402,
    ErrorKind.PERMISSION: 403,
    ErrorKind.NOT_FOUND: 404,
    ErrorKind.CONFLICT: 409,
    ErrorKind.TOO_LARGE: 413,
    ErrorKind.RATE_LIMIT: 429,
    ErrorKind.TIMEOUT: 504,
    ErrorKind.OVERLOADED: 503,
}
FINISH_REASONS: dict[Finish, bytes] = {
    "stop": b'"COMPLETE"',
    "length": b'"MAX_TOKENS"',
    "stop_sequence": b'"STOP_SEQUENCE"',
    "tools": b'"TOOL_CALL"',
    "refusal": b'"COMPLETE"',
    "filtered": b'"COMPLETE"',
    "none": b"null",
}
SIZE, SIZES = 1536, (256, 512, 1024, 1536)
"""Numbers in an embedding, and those that can be had."""
Event = tuple[bytes, bytes]
"""(type, the other members)."""


def write(call: Incoming, heard: Heard, answer: Answer) -> Reply:
    if heard.stream:
        return _stream(call, heard, answer)
    usage = b"" if heard.usage == "none" else b',"usage":%b' % _usage(answer)
    body = b'{"id":"%b","message":{"role":"assistant",%b},"finish_reason":%b%b}'
    return whole(call, body % (_id(call), _message(call, answer), FINISH_REASONS[answer.finish], usage))


def refuse(call: Incoming, fault: Fault) -> Reply:
    status = STATUSES.get(fault.kind, 500) if fault.status is None else fault.status
    headers = (("retry-after", str(fault.retry_after)),) if fault.retry_after is not None else ()
    return whole(call, b'{"id":"%b","message":%b}' % (_id(call), json.encode(fault.message)), status, headers)


def failed(call: Incoming, heard: Heard, fault: Fault) -> Reply:
    return replace(refuse(call, fault), status=200)


def error_frame(call: Incoming, heard: Heard, fault: Fault, after: int) -> bytes:
    return _frame((b"message-end", b'"delta":{"error":%b,"finish_reason":"ERROR"}' % json.encode(fault.message)))


def keepalive(call: Incoming, heard: Heard) -> bytes:
    return b": keep-alive\n\n"


def models(call: Incoming, names: tuple[str, ...]) -> Reply:
    return whole(call, b'{"models":[%b]}' % b",".join(_model(name) for name in names))


def model(call: Incoming, name: str) -> Reply:
    return whole(call, _model(name))


def embed(call: Incoming) -> Reply:
    """`POST /v2/embed`."""
    body = read_body(call, {"model": (str,), "texts": (list,), "input_type": (str,), "output_dimension": (int,)})
    texts, size, forms = body.get("texts", []), body.get("output_dimension", SIZE), body.get("embedding_types", ["float"])
    if "input_type" not in body:
        bad("invalid request: input_type is required.")
    if not texts or not all(isinstance(text, str) for text in texts):
        bad("invalid request: texts must be a list of at least one string.")
    if size not in SIZES:
        bad(f"invalid request: output_dimension must be one of {', '.join(map(str, SIZES))}.")
    if not isinstance(forms, list) or not all(form in ("float", "base64") for form in forms):
        bad("invalid request: embedding_types must be of float and base64.")
    vectors = [vector(text, size) for text in texts]
    told = {form: vectors if form == "float" else [packed(each) for each in vectors] for form in forms}
    used, name = sum(tokens(text) for text in texts), str(body["model"])
    answer = (
        b'{"id":"%b","response_type":"embeddings_by_type","embeddings":%b,"texts":%b,'
        b'"meta":{"api_version":{"version":"2"},"billed_units":{"input_tokens":%d}}}'
    ) % (_id(call), json.encode(told), json.encode(texts), used)
    return whole(call, answer, model=name)


def unauthorized(presented: str | None, header: str) -> Fault:
    return Fault(kind=ErrorKind.AUTH, message="no api key supplied" if presented is None else "invalid api token")


def no_path(call: Incoming) -> Fault:
    return Fault(kind=ErrorKind.NOT_FOUND, message=f"{call.path} not found")


def not_allowed(call: Incoming) -> Fault:
    return Fault(kind=ErrorKind.UNSUPPORTED, message=f"{call.method} is not allowed on {call.path}")


def whole(call: Incoming, body: bytes, status: int = 200, headers: tuple[tuple[str, str], ...] = (), *, model: str = "") -> Reply:
    """A JSON body. `model`: which answered, for what is no generation."""
    every = (("content-type", "application/json"), ("x-debug-trace-id", call.nonce), *headers)
    return Reply(status=status, headers=every, frames=(body,), model=model)


def _id(call: Incoming) -> bytes:
    """As a UUID."""
    n = call.nonce
    return f"{n[:8]}-{n[8:12]}-4{n[12:15]}-8{n[15:18]}-{n[18:24]}{n[:6]}".encode()


def _model(name: str) -> bytes:
    return b'{"name":%b,"endpoints":["chat"],"finetuned":false,"context_length":128000}' % json.encode(name)


def _call(call: Incoming, at: int, use: ToolUse, arguments: bytes) -> bytes:
    id_ = f"{use.name[:16]}_{call.nonce[:16]}{at:02}"
    function = b'{"name":%b,"arguments":%b}' % (json.encode(use.name), arguments)
    return b'{"id":%b,"type":"function","function":%b}' % (json.encode(id_), function)


def _message(call: Incoming, answer: Answer) -> bytes:
    """What is said before calls is their plan."""
    calls = [part for part in answer.parts if isinstance(part, ToolUse)]
    said = [part for part in answer.parts if not isinstance(part, ToolUse) and not (isinstance(part, Thought) and part.redacted)]
    told = []
    if calls:
        plan = "".join(part.text for part in said if not isinstance(part, Thought))
        whole_ = (_call(call, at, use, json.encode(use.arguments)) for at, use in enumerate(calls))
        told += [b'"tool_plan":%b' % string(plan, answer.escaped), b'"tool_calls":[%b]' % b",".join(whole_)]
        said = [part for part in said if isinstance(part, Thought)]
    content = b",".join(_content(part, string(part.text, answer.escaped)) for part in said)
    return b",".join([b'"content":[%b]' % content, *told] if content or not calls else told)


def _content(part: Part, text: bytes) -> bytes:
    kind = b"thinking" if isinstance(part, Thought) else b"text"
    return b'{"type":"%b","%b":%b}' % (kind, kind, text)


def _stream(call: Incoming, heard: Heard, answer: Answer) -> Reply:
    start: Event = (
        b"message-start",
        b'"id":"%b","delta":{"message":{"role":"assistant","content":[],"tool_plan":"","tool_calls":[],"citations":[]}}'
        % _id(call),
    )
    told = list(_events(call, answer))
    usage = b"" if heard.usage == "none" else b',"usage":%b' % _usage(answer)
    end: Event = (b"message-end", b'"id":"%b","delta":{"finish_reason":%b%b}' % (_id(call), FINISH_REASONS[answer.finish], usage))
    opened = bool(told) and told[0][0] != b"tool-plan-delta"
    return Reply(
        headers=(("content-type", "text/event-stream"), ("x-debug-trace-id", call.nonce)),
        frames=tuple(_frame(event) for event in (start, *told, end)),
        content=2 if opened else 1,
        ending=len(told) + 1,
        stream=True,
    )


def _events(call: Incoming, answer: Answer) -> Iterator[Event]:
    planned = any(isinstance(part, ToolUse) for part in answer.parts)
    content = calls = 0
    for part in answer.parts:
        if isinstance(part, ToolUse):
            yield from _call_events(call, calls, part)
            calls += 1
        elif planned and not isinstance(part, Thought):
            for at, piece in enumerate(pieces(part)):
                plan = string(piece, answer.escaped and at % 2 == 1)
                yield b"tool-plan-delta", b'"delta":{"message":{"tool_plan":%b}}' % plan
        elif not (isinstance(part, Thought) and part.redacted):
            yield from _content_events(content, part, answer.escaped)
            content += 1


def _content_events(index: int, part: Part, escaped: bool) -> Iterator[Event]:
    kind = b"thinking" if isinstance(part, Thought) else b"text"
    yield b"content-start", b'"index":%d,"delta":{"message":{"content":%b}}' % (index, _content(part, b'""'))
    for at, piece in enumerate(pieces(part)):
        text = string(piece, escaped and at % 2 == 1)
        yield b"content-delta", b'"index":%d,"delta":{"message":{"content":{"%b":%b}}}' % (index, kind, text)
    yield b"content-end", b'"index":%d' % index


def _call_events(call: Incoming, index: int, use: ToolUse) -> Iterator[Event]:
    yield b"tool-call-start", b'"index":%d,"delta":{"message":{"tool_calls":%b}}' % (index, _call(call, index, use, b'""'))
    for piece in pieces(use):
        told = b'"index":%d,"delta":{"message":{"tool_calls":{"function":{"arguments":%b}}}}' % (index, json.encode(piece))
        yield b"tool-call-delta", told
    yield b"tool-call-end", b'"index":%d' % index


def _frame(event: Event) -> bytes:
    kind, members = event
    return b'event: %b\ndata: {"type":"%b",%b}\n\n' % (kind, kind, members)


def _usage(answer: Answer) -> bytes:
    counts = b'{"input_tokens":%d,"output_tokens":%d}' % (answer.input_tokens, answer.output_tokens)
    return b'{"billed_units":%b,"tokens":%b,"cached_tokens":%d}' % (counts, counts, answer.cached)
