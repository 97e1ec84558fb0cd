"""What went wrong, in Anthropic's words."""

from collections.abc import Mapping
from typing import Any, Final

from dragoman.core.errors import Error, ErrorKind
from dragoman.core.loss import Loss
from dragoman.dialects.anthropic.frames import frame
from dragoman.dialects.anthropic.wording import unknown, worded
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
_USED_UP = (429, "rate_limit_error")
"""A quota that is used up, told by a provider: 400 or 429 without a time to wait (Anthropic's page on errors, 2026-11)."""
THREAD = "thread_unsupported_request"
"""What tells Anthropic's SDKs to send the whole conversation again, without `thread`."""


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
    """What a client is told whose request no target can say: its fields by name, in the words that its programs act on."""
    names = list(dict.fromkeys(name_of(loss.path) for loss in losses))
    why = next((f": {loss.why}" for loss in losses if loss.why), "")
    thread = "thread" in names
    return Error(
        kind=ErrorKind.UNSUPPORTED,
        message=f"{'; '.join(map(_refused, names))} (not supported by the model's provider{why})",
        status=400,
        code=THREAD if thread else None,
        param=names[0] if names else None,
        details=json.raw({"error_code": THREAD, "unsupported": ["thread"]}) if thread else None,
        ours=True,
    )


def _refused(name: str) -> str:
    """Claude Code leaves out a top-level member that is refused in these words."""
    return name if "." in name else unknown(name)


def _spelled(error: Error) -> tuple[int, str]:
    """A provider's refusal of our own credentials is a fault of the server: the client's key is not concerned."""
    if error.own_account:
        return 502, "api_error"
    if error.kind is ErrorKind.BILLING and not error.ours:
        return _USED_UP if error.status != 400 else _WRITE[ErrorKind.BAD_REQUEST]
    return _WRITE[error.kind]


def _body(error: Error) -> dict[str, Any]:
    inner: dict[str, Any] = {"type": _spelled(error)[1], "message": worded(error)}
    if error.details is not None:
        inner["details"] = error.details
    return {"type": "error", "error": inner}
