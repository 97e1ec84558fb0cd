"""Errors in Anthropic's shape, read and written.

Rule: the kind is decided by the error's type or code, then by the dated rows that read messages, then by the status.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from msgspec import Raw

from dragoman.core.errors import Error, ErrorKind
from dragoman.core.loss import Loss
from dragoman.core.request import Headers
from dragoman.dialects.advice import retry_after, should_retry
from dragoman.dialects.anthropic.frames import frame
from dragoman.wire import json
from dragoman.wire.json import name_of

_WRITE: Final[Mapping[ErrorKind, tuple[int, str]]] = {
    ErrorKind.BAD_REQUEST: (400, "invalid_request_error"),
    ErrorKind.CONTEXT_OVERFLOW: (400, "invalid_request_error"),
    ErrorKind.CONTENT_POLICY: (400, "invalid_request_error"),
    ErrorKind.UNSUPPORTED: (400, "invalid_request_error"),
    ErrorKind.AUTH: (401, "authentication_error"),
    ErrorKind.BILLING: (402, "billing_error"),
    ErrorKind.PERMISSION: (403, "permission_error"),
    ErrorKind.NOT_FOUND: (404, "not_found_error"),
    ErrorKind.CONFLICT: (409, "conflict_error"),
    ErrorKind.TOO_LARGE: (413, "request_too_large"),
    ErrorKind.RATE_LIMIT: (429, "rate_limit_error"),
    ErrorKind.CANCELLED: (499, "api_error"),
    ErrorKind.SERVER: (500, "api_error"),
    ErrorKind.TIMEOUT: (504, "timeout_error"),
    ErrorKind.OVERLOADED: (529, "overloaded_error"),
}
_CREDENTIALS = frozenset({ErrorKind.AUTH, ErrorKind.BILLING, ErrorKind.PERMISSION})
_TYPES: Final[Mapping[str, ErrorKind]] = {
    **{word: kind for kind, (status, word) in _WRITE.items() if status not in (400, 499)},
    "invalid_request_error": ErrorKind.BAD_REQUEST,
    "not_found": ErrorKind.NOT_FOUND,
    "rate_limit_exceeded": ErrorKind.RATE_LIMIT,
    "context_length_exceeded": ErrorKind.CONTEXT_OVERFLOW,
    "insufficient_quota": ErrorKind.BILLING,
    "content_filter": ErrorKind.CONTENT_POLICY,
}
"""`error.type` and `error.code`, the vendor's and those that compatible providers borrow from OpenAI (2026-11)."""
_STATUSES: Final[Mapping[int, ErrorKind]] = {
    400: ErrorKind.BAD_REQUEST,
    401: ErrorKind.AUTH,
    402: ErrorKind.BILLING,
    403: ErrorKind.PERMISSION,
    404: ErrorKind.NOT_FOUND,
    408: ErrorKind.TIMEOUT,
    409: ErrorKind.CONFLICT,
    413: ErrorKind.TOO_LARGE,
    422: ErrorKind.BAD_REQUEST,
    429: ErrorKind.RATE_LIMIT,
    499: ErrorKind.CANCELLED,
    503: ErrorKind.OVERLOADED,
    504: ErrorKind.TIMEOUT,
    529: ErrorKind.OVERLOADED,
}
_WIDE = frozenset({ErrorKind.BAD_REQUEST, ErrorKind.RATE_LIMIT, ErrorKind.PERMISSION})
"""Kinds that say little, so the message may make them narrower."""
_DETAILS: Final[Mapping[str, ErrorKind]] = {
    # Anthropic's errors, 2026-11: spend caps come as 429 without retry-after.
    "enforced_spend_limit_reached": ErrorKind.BILLING,
    "workspace_spend_limit_reached": ErrorKind.BILLING,
    "organization_spend_limit_reached": ErrorKind.BILLING,
}
_MESSAGES: Final = tuple(
    (re.compile(pattern, re.IGNORECASE), kind)
    for pattern, kind in (
        # 2026-11, Anthropic's own words, which its clients read as well.
        (r"prompt is too long", ErrorKind.CONTEXT_OVERFLOW),
        (r"exceeds? (the )?context (limit|window)", ErrorKind.CONTEXT_OVERFLOW),
        (r"credit balance is too low", ErrorKind.BILLING),
        (r"(spend|usage) limits?\b.*\b(reached|exceeded)|(reached|exceeded)\b.*\b(spend|usage) limits?", ErrorKind.BILLING),
        # 2026-11, compatible providers (DeepSeek, Moonshot, Z.ai).
        (r"maximum context length", ErrorKind.CONTEXT_OVERFLOW),
        (r"insufficient (balance|credits?|funds)", ErrorKind.BILLING),
    )
)
_TAG = re.compile(r"<[^>]*>")
_TITLE = re.compile(r"<title[^>]*>(.*?)</title", re.IGNORECASE | re.DOTALL)
_LONGEST = 2000
THREAD = "thread_unsupported_request"
"""What tells Anthropic's SDKs to send the whole conversation again, without `thread`."""


def parse_error(status: int, headers: Headers, body: bytes) -> Error:
    """Any error body, however odd: Anthropic's, OpenAI's, a string, a list, HTML, nothing."""
    found = _told(body)
    told = _Told(found if found is not None else _plain(body), status)
    return Error(
        kind=told.kind(status),
        message=told.message,
        status=status,
        code=told.code,
        type_=told.type_,
        retry_after=retry_after(headers),
        should_retry=should_retry(headers),
        details=told.details,
    )


def stream_error(data: Raw | bytes) -> Error:
    """The error of an `error` event, or of an error body that came with status 200."""
    found = _told(bytes(data))
    told = _Told(found if found is not None else {}, None)
    return Error(kind=told.kind(None), message=told.message, code=told.code, type_=told.type_, details=told.details)


def build_error(error: Error, request_id: str) -> tuple[int, bytes]:
    """(status, body). The status is the kind's; our own errors and plain server errors keep theirs."""
    status, _ = _spelled(error)
    if error.status is not None and (error.ours or (error.kind is ErrorKind.SERVER and 500 <= error.status < 600)):
        status = error.status
    return status, json.encode({**_body(error), "request_id": request_id})


def error_event(error: Error, request_id: str = "") -> bytes:
    """The event that ends a stream which breaks."""
    body = _body(error)
    if request_id:
        body["request_id"] = request_id
    return frame("error", body)


def refusal(losses: tuple[Loss, ...]) -> Error:
    """What a client is told whose request no target can say: its fields by name, `thread` in the words its SDKs act on."""
    names = list(dict.fromkeys(name_of(loss.path) for loss in losses))
    why = next((f" ({loss.why})" for loss in losses if loss.why), "")
    thread = "thread" in names
    return Error(
        kind=ErrorKind.UNSUPPORTED,
        message=f"{', '.join(names)}: not supported by the model's provider{why}",
        status=400,
        code=THREAD if thread else None,
        param=names[0] if names else None,
        details=json.raw({"error_code": THREAD, "unsupported": ["thread"]}) if thread else None,
        ours=True,
    )


def _spelled(error: Error) -> tuple[int, str]:
    """A provider's refusal of our own credentials is a fault of the server: the client's key is not concerned."""
    return (502, "api_error") if error.kind in _CREDENTIALS and not error.ours else _WRITE[error.kind]


def _body(error: Error) -> dict[str, Any]:
    inner: dict[str, Any] = {"type": _spelled(error)[1], "message": error.message}
    if error.details is not None:
        inner["details"] = error.details
    return {"type": "error", "error": inner}


class _Told:
    """The members of an error body, wherever it has them."""

    __slots__ = ("code", "details", "message", "type_")

    def __init__(self, body: dict[str, Any], status: int | None) -> None:
        inner = body.get("error")
        error = inner if isinstance(inner, dict) else body
        self.type_ = _word(error.get("type"))
        self.code = _word(error.get("code")) or _word(body.get("code"))
        self.details = json.raw(error["details"]) if isinstance(error.get("details"), dict | list) else None
        if isinstance(error.get("details"), dict):
            self.code = _word(error["details"].get("error_code")) or self.code
        spoken = (inner, error.get("message"), body.get("message"), body.get("detail"), body.get("msg"))
        words = next((text for text in spoken if isinstance(text, str) and text), None)
        if words is None and body.get("detail") is not None:
            words = json.text(body["detail"])
        self.message = words or (f"the provider answered {status} without a message" if status is not None else "unknown error")

    def kind(self, status: int | None) -> ErrorKind:
        for word in (self.code, self.type_):
            if word is not None and word in _DETAILS:
                return _DETAILS[word]
        named = next((_TYPES[word] for word in (self.code, self.type_) if word is not None and word in _TYPES), None)
        vague = named is ErrorKind.BAD_REQUEST or (status == 400 and named not in _NARROW)
        if named is None or (vague and status is not None):
            named = _by_status(status)
        if named in _WIDE:
            return next((kind for pattern, kind in _MESSAGES if pattern.search(self.message)), named)
        return named


_NARROW = frozenset(
    {ErrorKind.CONTEXT_OVERFLOW, ErrorKind.BILLING, ErrorKind.CONTENT_POLICY, ErrorKind.NOT_FOUND, ErrorKind.AUTH}
)
"""What a type or code may make of a status 400; any other contradiction is decided by the status."""


def _by_status(status: int | None) -> ErrorKind:
    if status is None or status < 400:
        return ErrorKind.SERVER
    found = _STATUSES.get(status)
    if found is not None:
        return found
    return ErrorKind.BAD_REQUEST if status < 500 else ErrorKind.SERVER


def _told(body: bytes) -> dict[str, Any] | None:
    try:
        found = json.decode(body)
    except json.JSONError:
        return None
    if isinstance(found, list) and found:
        found = found[0]
    if isinstance(found, str):
        return {"message": found}
    return found if isinstance(found, dict) else None


def _plain(body: bytes) -> dict[str, Any]:
    """A page or plain text: its title, else its words."""
    text = body.decode("utf-8", "replace")
    title = _TITLE.search(text)
    words = " ".join(_TAG.sub(" ", title.group(1) if title is not None else text).split())
    return {"message": words[:_LONGEST]} if words else {}


def _word(value: Any) -> str | None:
    if isinstance(value, str) and value:
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None
