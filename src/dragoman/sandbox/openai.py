"""What OpenAI's dialects answer alike: errors, headers, lists of models (API reference, 2026-11). Rule: bytes are written out."""

from collections.abc import Sequence
from urllib.parse import parse_qs

from dragoman.core.errors import ErrorKind
from dragoman.sandbox.reply import MODEL_LIST_CREATED, Fault, Incoming, Reply, asked_number, optional
from dragoman.wire import json

KINDS: dict[ErrorKind, tuple[int, str, str | None]] = {
    ErrorKind.BAD_REQUEST: (400, "invalid_request_error", None),
    ErrorKind.CONTEXT_OVERFLOW: (400, "invalid_request_error", "context_length_exceeded"),
    ErrorKind.CONTENT_POLICY: (400, "invalid_request_error", "content_policy_violation"),
    ErrorKind.UNSUPPORTED: (405, "invalid_request_error", "method_not_supported"),
    ErrorKind.AUTH: (401, "invalid_request_error", "invalid_api_key"),
    ErrorKind.BILLING: (429, "insufficient_quota", "insufficient_quota"),
    ErrorKind.PERMISSION: (403, "invalid_request_error", None),
    ErrorKind.NOT_FOUND: (404, "invalid_request_error", "model_not_found"),
    ErrorKind.CONFLICT: (409, "invalid_request_error", None),
    ErrorKind.TOO_LARGE: (413, "invalid_request_error", None),
    ErrorKind.RATE_LIMIT: (429, "requests", "rate_limit_exceeded"),
    ErrorKind.SERVER: (500, "server_error", None),
    ErrorKind.TIMEOUT: (504, "server_error", None),
    ErrorKind.OVERLOADED: (503, "service_unavailable_error", "server_is_overloaded"),
}
"""Status, error type and code of each kind, as the vendor answers (2026-11)."""
PAGE, MAX_PAGE = 20, 100


def refuse(call: Incoming, fault: Fault) -> Reply:
    status = KINDS.get(fault.kind, (500, "", None))[0] if fault.status is None else fault.status
    headers = (("retry-after", str(fault.retry_after)),) if fault.retry_after is not None else ()
    return whole(call, b'{"error":%b}' % error(fault), status, headers)


def error(fault: Fault) -> bytes:
    """What stands under `error`."""
    _, type_, code = KINDS.get(fault.kind, (500, "server_error", None))
    return b'{"message":%b,"type":"%b","param":%b,"code":%b}' % (
        json.encode(fault.message),
        type_.encode(),
        optional(fault.param),
        optional(code if fault.code is None else fault.code or None),
    )


def unauthorized(presented: str | None, header: str) -> Fault:
    where = "You can find your API key at https://platform.openai.com/account/api-keys."
    if presented is None:
        words = "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth "
        return Fault(kind=ErrorKind.AUTH, message=f"{words}(i.e. Authorization: Bearer YOUR_KEY). {where}")
    masked = f"{presented[:8]}****{presented[-4:]}" if len(presented) > 12 else presented
    return Fault(kind=ErrorKind.AUTH, message=f"Incorrect API key provided: {masked}. {where}")


def no_path(call: Incoming) -> Fault:
    return Fault(kind=ErrorKind.NOT_FOUND, message=f"Invalid URL ({call.method} {call.path})", code="")


def not_allowed(call: Incoming) -> Fault:
    return Fault(kind=ErrorKind.UNSUPPORTED, message=f"Not allowed to {call.method} on {call.path}.")


def models(call: Incoming, names: tuple[str, ...]) -> Reply:
    return whole(call, b'{"object":"list","data":[%b]}' % b",".join(_model(name) for name in names))


def model(call: Incoming, name: str) -> Reply:
    return whole(call, _model(name))


def page(call: Incoming, rows: Sequence[tuple[str, bytes]]) -> Reply:
    """One page of a list of (id, JSON): `limit` (20), `after`."""
    after = parse_qs(call.query).get("after", [""])[0]
    ids = [id_ for id_, _ in rows]
    start = ids.index(after) + 1 if after in ids else 0
    shown = rows[start : start + max(1, min(asked_number(call, "limit", PAGE), MAX_PAGE))]
    first, last = (json.encode(shown[0][0]), json.encode(shown[-1][0])) if shown else (b"null", b"null")
    return whole(
        call,
        b'{"object":"list","data":[%b],"first_id":%b,"last_id":%b,"has_more":%b}'
        % (b",".join(row for _, row in shown), first, last, b"true" if start + len(shown) < len(rows) else b"false"),
    )


def whole(call: Incoming, body: bytes, status: int = 200, headers: tuple[tuple[str, str], ...] = (), *, model: str = "") -> Reply:
    """A JSON body. `model`: which answered, for what is no generation."""
    every = (("content-type", "application/json"), *common_headers(call), *headers)
    return Reply(status=status, headers=every, frames=(body,), model=model)


def stream_headers(call: Incoming) -> tuple[tuple[str, str], ...]:
    return (("content-type", "text/event-stream; charset=utf-8"), ("cache-control", "no-cache"), *common_headers(call))


def common_headers(call: Incoming) -> tuple[tuple[str, str], ...]:
    return (
        ("x-request-id", f"req_{call.nonce}"),
        ("openai-organization", "org-sandbox"),
        ("openai-processing-ms", "1"),
        ("openai-version", "2020-10-01"),
        ("x-ratelimit-limit-requests", "10000"),
        ("x-ratelimit-remaining-requests", "9999"),
        ("x-ratelimit-reset-requests", "6ms"),
        ("set-cookie", "sandbox=not-for-clients; path=/; HttpOnly"),
    )


def _model(name: str) -> bytes:
    return b'{"id":%b,"object":"model","created":%d,"owned_by":"sandbox"}' % (json.encode(name), MODEL_LIST_CREATED)
