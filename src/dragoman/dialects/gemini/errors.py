"""What went wrong, in Google's words (google.rpc, AIP-193; Gemini API, 2026-11)."""

import math
from collections.abc import Mapping
from typing import Any, Final

from dragoman.core.errors import Error, ErrorKind
from dragoman.core.loss import Loss
from dragoman.dialects.gemini.parse import ARRAY
from dragoman.wire import json
from dragoman.wire.json import name_of

K = ErrorKind
_RPC: Final = "type.googleapis.com/google.rpc."
_DOMAIN: Final = "dragoman"
ANSWERS: Final[Mapping[ErrorKind, tuple[int, str]]] = {
    K.BAD_REQUEST: (400, "INVALID_ARGUMENT"),
    K.CONTEXT_OVERFLOW: (400, "INVALID_ARGUMENT"),
    K.CONTENT_POLICY: (400, "INVALID_ARGUMENT"),
    K.UNSUPPORTED: (400, "INVALID_ARGUMENT"),
    K.AUTH: (401, "UNAUTHENTICATED"),
    K.PERMISSION: (403, "PERMISSION_DENIED"),
    K.NOT_FOUND: (404, "NOT_FOUND"),
    K.CONFLICT: (409, "ABORTED"),
    K.TOO_LARGE: (413, "INVALID_ARGUMENT"),
    K.BILLING: (429, "RESOURCE_EXHAUSTED"),
    K.RATE_LIMIT: (429, "RESOURCE_EXHAUSTED"),
    K.CANCELLED: (499, "CANCELLED"),
    K.SERVER: (500, "INTERNAL"),
    K.OVERLOADED: (503, "UNAVAILABLE"),
    K.TIMEOUT: (504, "DEADLINE_EXCEEDED"),
}
_PLAIN: Final = frozenset({K.BAD_REQUEST, K.NOT_FOUND, K.RATE_LIMIT, K.CANCELLED, K.SERVER, K.OVERLOADED, K.TIMEOUT})
"""Kinds that the status alone tells; of the others the reason does."""


def build_error(error: Error) -> tuple[int, bytes]:
    """(HTTP status, body). The status is the kind's; our own errors and plain server errors keep theirs."""
    described = describe(error)
    return described["code"], json.encode({"error": described})


def error_event(error: Error, framing: str = "", *, begun: bool = True) -> bytes:
    """What ends a stream which breaks. An array is closed with it, and opened where nothing of it was sent."""
    data = json.encode({"error": describe(error)})
    if framing == ARRAY:
        return (b",\r\n" if begun else b"[") + data + b"\r\n]"
    return b"data: %b\r\n\r\n" % data


def describe(error: Error) -> dict[str, Any]:
    """The `error` object. A provider's refusal of our own credentials is a fault of the server: the client's key is none."""
    code, status = ANSWERS[error.kind]
    if error.own_account:
        code, status = 502, "UNAVAILABLE"
    elif error.status is not None and (error.ours or (error.kind is K.SERVER and 500 <= error.status < 600)):
        code = error.status
    told = {"code": code, "message": error.message, "status": status}
    details = _details(error)
    return {**told, "details": details} if details else told


def refusal(losses: tuple[Loss, ...]) -> Error:
    """What a client is told whose request no target can say: its fields by name."""
    names = list(dict.fromkeys(name_of(loss.path) for loss in losses))
    why = next((f" ({loss.why})" for loss in losses if loss.why), "")
    return Error(
        kind=K.UNSUPPORTED, message=f"{', '.join(names)}: not supported by the model's provider{why}", status=400,
        param=names[0] if names else None, ours=True,
    )  # fmt: skip


def _details(error: Error) -> list[Any]:
    """Google's own details as they came; ours say what the status does not: the kind, the field, when to ask again."""
    told: list[Any] = json.decode(error.details) if error.details is not None and json.is_array(error.details) else []
    known = {str(each.get("@type", "")).removeprefix(_RPC) for each in told if isinstance(each, dict)}
    if error.kind not in _PLAIN and "ErrorInfo" not in known:
        told.append({"@type": f"{_RPC}ErrorInfo", "reason": error.kind.name, "domain": _DOMAIN})
    if error.param and error.kind in (K.BAD_REQUEST, K.UNSUPPORTED) and "BadRequest" not in known:
        violation = {"field": error.param, "description": error.message}
        told.append({"@type": f"{_RPC}BadRequest", "fieldViolations": [violation]})
    if error.retry_after is not None and "RetryInfo" not in known:
        told.append({"@type": f"{_RPC}RetryInfo", "retryDelay": f"{math.ceil(error.retry_after)}s"})
    return told
