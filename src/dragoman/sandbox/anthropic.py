"""Anthropic Messages, as its vendor speaks it (API reference, 2026-11). Rule: every frame is written out, none is built."""

from collections.abc import Iterator, Sequence
from urllib.parse import parse_qs

from msgspec import Struct
from msgspec.structs import replace

from dragoman.core.errors import ErrorKind
from dragoman.sandbox.anthropic_request import read as read_request
from dragoman.sandbox.mind import Answer, Finish, Part, Thought, ToolUse, pieces
from dragoman.sandbox.reply import Fault, Heard, Incoming, Reply, asked_number, optional, string
from dragoman.sandbox.signature import sign
from dragoman.wire import json

KINDS: dict[ErrorKind, tuple[int, str]] = {
    ErrorKind.BAD_REQUEST: (400, "invalid_request_error"),
    ErrorKind.CONTEXT_OVERFLOW: (400, "invalid_request_error"),
    ErrorKind.CONTENT_POLICY: (400, "invalid_request_error"),
    ErrorKind.UNSUPPORTED: (405, "invalid_request_error"),
    ErrorKind.AUTH: (401, "authentication_error"),
    ErrorKind.BILLING: (402, "billing_error"),
    ErrorKind.PERMISSION: (403, "permission_error"),
    ErrorKind.NOT_FOUND: (404, "not_found_error"),
    ErrorKind.CONFLICT: (409, "conflict_error"),
    ErrorKind.TOO_LARGE: (413, "request_too_large"),
    ErrorKind.RATE_LIMIT: (429, "rate_limit_error"),
    ErrorKind.SERVER: (500, "api_error"),
    ErrorKind.TIMEOUT: (504, "timeout_error"),
    ErrorKind.OVERLOADED: (529, "overloaded_error"),
}
"""Status and error type of each kind, as the vendor answers (2026-11)."""
RETRIED = frozenset({408, 409, 429})

STOP_REASONS: dict[Finish, bytes] = {
    "stop": b'"end_turn"',
    "length": b'"max_tokens"',
    "stop_sequence": b'"stop_sequence"',
    "tools": b'"tool_use"',
    "refusal": b'"refusal"',
    "filtered": b'"refusal"',
    "none": b"null",
}
_DETAILS = b'{"type":"refusal","category":"general_harms","explanation":"The sandbox was asked to refuse."}'
_TIER = b'"service_tier":"standard","inference_geo":"not_available"'


class _Block(Struct, frozen=True):
    """One content block: whole, and as stream."""

    whole: bytes
    start: bytes
    deltas: tuple[bytes, ...] = ()


def read(call: Incoming, *, strict: bool) -> Heard:
    return read_request(call, strict=strict, counting=False)


def count(call: Incoming, *, strict: bool = False) -> Reply:
    """`count_tokens`: the same number that a call's usage tells."""
    heard = read_request(call, strict=strict, counting=True)
    return replace(whole(call, b'{"input_tokens":%d}' % heard.ask.input_tokens), model=heard.model)


def write(call: Incoming, heard: Heard, answer: Answer) -> Reply:
    blocks = [_block(call, heard, answer, at, part) for at, part in enumerate(answer.parts)]
    if heard.stream:
        return _stream(call, heard, answer, blocks)
    usage = b"" if heard.usage == "none" else b',"usage":%b' % _usage(answer, whole=True)
    return whole(call, _message(call, heard, b",".join(block.whole for block in blocks), _ended(answer), usage))


def refuse(call: Incoming, fault: Fault) -> Reply:
    status = KINDS.get(fault.kind, (500, ""))[0] if fault.status is None else fault.status
    headers = (("retry-after", str(fault.retry_after)),) if fault.retry_after is not None else ()
    if 400 <= status < 500 and status not in RETRIED:
        headers = (*headers, ("x-should-retry", "false"))
    return whole(call, _error(call, fault), status, headers)


def failed(call: Incoming, heard: Heard, fault: Fault) -> Reply:
    return replace(refuse(call, fault), status=200)


def error_frame(call: Incoming, heard: Heard, fault: Fault, after: int) -> bytes:
    return b"event: error\ndata: %b\n\n" % _error(call, fault)


def keepalive(call: Incoming, heard: Heard) -> bytes:
    return b'event: ping\ndata: {"type": "ping"}\n\n'


def no_path(call: Incoming) -> Fault:
    return Fault(kind=ErrorKind.NOT_FOUND, message="Not Found")


def not_allowed(call: Incoming) -> Fault:
    return Fault(kind=ErrorKind.UNSUPPORTED, message="Method Not Allowed")


def unauthorized(presented: str | None, header: str) -> Fault:
    if presented is None:
        return Fault(kind=ErrorKind.AUTH, message="x-api-key header is required")
    return Fault(kind=ErrorKind.AUTH, message="Invalid bearer token" if header == "authorization" else "invalid x-api-key")


def models(call: Incoming, names: tuple[str, ...]) -> Reply:
    return page(call, [(name, _model(name)) for name in names])


def model(call: Incoming, name: str) -> Reply:
    return whole(call, _model(name))


def _model(name: str) -> bytes:
    return (
        b'{"type":"model","id":%b,"display_name":%b,"created_at":"2026-01-01T00:00:00Z","lifecycle":"active","line":null,'
        b'"max_input_tokens":200000,"max_tokens":64000,"deprecated_at":null,"retires_at":null,"capabilities":null}'
    ) % (json.encode(name), json.encode(name))


def page(call: Incoming, rows: Sequence[tuple[str, bytes]]) -> Reply:
    """One page of a list of (id, JSON): `limit` (20), `after_id`, `before_id`."""
    query = parse_qs(call.query)
    ids = [id_ for id_, _ in rows]
    size = max(1, min(1000, asked_number(call, "limit", 20)))
    after, before = query.get("after_id", [""])[0], query.get("before_id", [""])[0]
    start = ids.index(after) + 1 if after in ids else 0
    end = ids.index(before) if before in ids else len(ids)
    shown = rows[start:end][:size] if before not in ids or after in ids else rows[max(0, end - size) : end]
    more = b"true" if start + size < end else b"false"
    first, last = (json.encode(shown[0][0]), json.encode(shown[-1][0])) if shown else (b"null", b"null")
    data = b",".join(row for _, row in shown)
    return whole(call, b'{"data":[%b],"has_more":%b,"first_id":%b,"last_id":%b}' % (data, more, first, last))


def whole(call: Incoming, body: bytes, status: int = 200, headers: tuple[tuple[str, str], ...] = ()) -> Reply:
    """A JSON body."""
    return Reply(status=status, headers=(("content-type", "application/json"), *_headers(call), *headers), frames=(body,))


def _headers(call: Incoming) -> tuple[tuple[str, str], ...]:
    return (
        ("request-id", f"req_{call.nonce}"),
        ("anthropic-organization-id", "00000000-0000-4000-8000-000000000000"),
        ("anthropic-ratelimit-requests-limit", "4000"),
        ("anthropic-ratelimit-requests-remaining", "3999"),
        ("anthropic-ratelimit-requests-reset", "2026-01-01T00:00:00Z"),
        ("set-cookie", "sandbox=not-for-clients; path=/; HttpOnly"),
    )


def _error(call: Incoming, fault: Fault) -> bytes:
    type_ = KINDS.get(fault.kind, (500, "api_error"))[1]
    details = b"" if fault.details is None else b',"details":%b' % json.encode(fault.details)
    return b'{"type":"error","error":{"type":"%b","message":%b%b},"request_id":"req_%b"}' % (
        type_.encode(),
        json.encode(fault.message),
        details,
        call.nonce.encode(),
    )


def _message(call: Incoming, heard: Heard, content: bytes, ended: bytes, usage: bytes) -> bytes:
    return b'{"model":%b,"id":"msg_%b","type":"message","role":"assistant","content":[%b],%b%b}' % (
        json.encode(heard.model),
        call.nonce.encode(),
        content,
        ended,
        usage,
    )


def _ended(answer: Answer) -> bytes:
    refused = answer.finish in ("refusal", "filtered")
    return b'"stop_reason":%b,"stop_sequence":%b,"stop_details":%b' % (
        STOP_REASONS[answer.finish],
        optional(answer.stop_sequence),
        _DETAILS if refused else b"null",
    )


def _usage(answer: Answer, *, whole: bool) -> bytes:
    """A whole message's usage, or that of `message_start`, where hardly anything was said yet."""
    fresh = answer.input_tokens - answer.cached - answer.written
    return (
        b'{"input_tokens":%d,"cache_creation_input_tokens":%d,"cache_read_input_tokens":%d,"cache_creation":'
        b'{"ephemeral_5m_input_tokens":%d,"ephemeral_1h_input_tokens":0},"output_tokens":%d%b,%b}'
    ) % (
        fresh,
        answer.written,
        answer.cached,
        answer.written,
        answer.output_tokens if whole else 1,
        _thought_tokens(answer) if whole else b"",
        _TIER,
    )


def _thought_tokens(answer: Answer) -> bytes:
    return b',"output_tokens_details":{"thinking_tokens":%d}' % answer.thinking_tokens if answer.thinking_tokens else b""


def _last_usage(answer: Answer) -> bytes:
    return (b'{"input_tokens":%d,"cache_creation_input_tokens":%d,"cache_read_input_tokens":%d,"output_tokens":%d%b}') % (
        answer.input_tokens - answer.cached - answer.written,
        answer.written,
        answer.cached,
        answer.output_tokens,
        _thought_tokens(answer),
    )


def _block(call: Incoming, heard: Heard, answer: Answer, at: int, part: Part) -> _Block:
    if isinstance(part, Thought):
        return _thought(part, heard)
    texts = [string(piece, answer.escaped and n % 2 == 1) for n, piece in enumerate(pieces(part))]
    if isinstance(part, ToolUse):
        head = b'{"type":"tool_use","id":"toolu_%b%02d","name":%b' % (call.nonce[:22].encode(), at, json.encode(part.name))
        return _Block(
            whole=b'%b,"input":%b}' % (head, part.arguments.encode()),
            start=b'%b,"input":{}}' % head,
            deltas=(
                b'{"type":"input_json_delta","partial_json":""}',
                *_each(b'{"type":"input_json_delta","partial_json":%b}', texts),
            ),
        )
    return _Block(
        whole=b'{"type":"text","text":%b}' % string(part.text, answer.escaped),
        start=b'{"type":"text","text":""}',
        deltas=tuple(_each(b'{"type":"text_delta","text":%b}', texts)),
    )


def _thought(part: Thought, heard: Heard) -> _Block:
    if part.redacted:
        whole = b'{"type":"redacted_thinking","data":"%b"}' % sign(part.text, "redacted").encode()
        return _Block(whole, whole)
    text = part.text if heard.show_thinking else ""
    proof = sign(part.text).encode()
    return _Block(
        whole=b'{"type":"thinking","thinking":%b,"signature":"%b"}' % (json.encode(text), proof),
        start=b'{"type":"thinking","thinking":"","signature":""}',
        deltas=(
            *_each(b'{"type":"thinking_delta","thinking":%b}', [json.encode(p) for p in pieces(Thought(text))]),
            b'{"type":"signature_delta","signature":"%b"}' % proof,
        ),
    )


def _each(template: bytes, values: list[bytes]) -> Iterator[bytes]:
    return (template % value for value in values)


def _stream(call: Incoming, heard: Heard, answer: Answer, blocks: list[_Block]) -> Reply:
    known = answer if heard.usage == "usual" else Answer(parts=(), finish="none")
    usage = b"" if heard.usage == "none" else b',"usage":%b' % _usage(known, whole=False)
    start = _message(call, heard, b"", _ended(Answer(parts=(), finish="none")), usage)
    frames = [b'event: message_start\ndata: {"type":"message_start","message":%b}\n\n' % start]
    for at, block in enumerate(blocks):
        frames += _block_frames(at, block)
    content = min(2 if blocks and blocks[0].deltas else 1, len(frames))
    last = b"" if heard.usage == "none" else b',"usage":%b' % _last_usage(answer)
    ending = (
        b'event: message_delta\ndata: {"type":"message_delta","delta":{%b}%b}\n\n' % (_ended(answer), last),
        b'event: message_stop\ndata: {"type":"message_stop"}\n\n',
    )
    return Reply(
        headers=(("content-type", "text/event-stream; charset=utf-8"), ("cache-control", "no-cache"), *_headers(call)),
        frames=(*frames, *ending),
        content=content,
        ending=len(frames),
        stream=True,
        signed_off=True,
    )


def _block_frames(at: int, block: _Block) -> Iterator[bytes]:
    yield b'event: content_block_start\ndata: {"type":"content_block_start","index":%d,"content_block":%b}\n\n' % (
        at,
        block.start,
    )
    for delta in block.deltas:
        yield b'event: content_block_delta\ndata: {"type":"content_block_delta","index":%d,"delta":%b}\n\n' % (at, delta)
    yield b'event: content_block_stop\ndata: {"type":"content_block_stop","index":%d}\n\n' % at
