"""What went wrong, in Google's words: google.rpc.Status as JSON, with details for programs (AIP-193; Gemini API, 2026-11).

Rule: when to come back stands in `RetryInfo`, never in a header.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs

from dragoman.core.errors import ErrorKind
from dragoman.sandbox.reply import Fault, Incoming, Reply
from dragoman.wire import json

KINDS: dict[ErrorKind, tuple[int, str]] = {
    ErrorKind.BAD_REQUEST: (400, "INVALID_ARGUMENT"),
    ErrorKind.CONTEXT_OVERFLOW: (400, "INVALID_ARGUMENT"),
    ErrorKind.CONTENT_POLICY: (400, "INVALID_ARGUMENT"),
    ErrorKind.UNSUPPORTED: (501, "UNIMPLEMENTED"),
    ErrorKind.AUTH: (401, "UNAUTHENTICATED"),
    ErrorKind.BILLING: (429, "RESOURCE_EXHAUSTED"),
    ErrorKind.PERMISSION: (403, "PERMISSION_DENIED"),
    ErrorKind.NOT_FOUND: (404, "NOT_FOUND"),
    ErrorKind.CONFLICT: (409, "ABORTED"),
    ErrorKind.TOO_LARGE: (413, "INVALID_ARGUMENT"),
    ErrorKind.RATE_LIMIT: (429, "RESOURCE_EXHAUSTED"),
    ErrorKind.SERVER: (500, "INTERNAL"),
    ErrorKind.TIMEOUT: (504, "DEADLINE_EXCEEDED"),
    ErrorKind.OVERLOADED: (503, "UNAVAILABLE"),
}
"""Code and status of each kind, as the vendor answers (2026-11)."""
QUOTAS = {
    ErrorKind.RATE_LIMIT: "GenerateRequestsPerMinutePerProjectPerModel-FreeTier",
    ErrorKind.BILLING: "GenerateRequestsPerDayPerProjectPerModel-FreeTier",
}
_SERVICE = "generativelanguage.googleapis.com"
_TYPE = "type.googleapis.com/google.rpc."


def refuse(call: Incoming, fault: Fault) -> Reply:
    """Where an array was asked for, the error comes in one."""
    status = KINDS.get(fault.kind, (500, ""))[0] if fault.status is None else fault.status
    body = b'{\n  "error": %b\n}\n' % error(fault)
    in_array = call.path.endswith(":streamGenerateContent") and not as_events(call)
    return whole(call, b"[%b]\n" % body if in_array else body, status)


def as_events(call: Incoming) -> bool:
    """A stream is asked for as server-sent events."""
    return parse_qs(call.query).get("alt") == ["sse"]


def error(fault: Fault) -> bytes:
    """What stands under `error`."""
    code, status = KINDS.get(fault.kind, (500, "INTERNAL"))
    details = b",".join(json.encode(detail) for detail in _details(fault))
    return b'{"code":%d,"message":%b,"status":"%b"%b}' % (
        code if fault.status is None else fault.status,
        json.encode(fault.message),
        status.encode(),
        b',"details":[%b]' % details if details else b"",
    )


def unauthorized(presented: str | None, header: str) -> Fault:
    if presented is None:
        words = "Method doesn't allow unregistered callers (callers without established identity). "
        return Fault(
            kind=ErrorKind.PERMISSION,
            message=f"{words}Please use API Key or other form of API consumer identity to call this API.",
        )
    if header == "authorization":
        words = "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid "
        return Fault(kind=ErrorKind.AUTH, message=f"{words}authentication credential.")
    details = {"reason": "API_KEY_INVALID"}
    return Fault(kind=ErrorKind.BAD_REQUEST, message="API key not valid. Please pass a valid API key.", details=details)


def no_path(call: Incoming) -> Fault:
    return Fault(kind=ErrorKind.NOT_FOUND, message=f"The requested URL {call.path} was not found on this server.")


def not_allowed(call: Incoming) -> Fault:
    return Fault(kind=ErrorKind.NOT_FOUND, message=f"The requested URL {call.path} was not found for {call.method}.")


def whole(call: Incoming, body: bytes, status: int = 200, *, model: str = "") -> Reply:
    """A JSON body. `model`: which answered, for what is no generation."""
    headers = (("content-type", "application/json; charset=UTF-8"), *common_headers(call))
    return Reply(status=status, headers=headers, frames=(body,), model=model)


def common_headers(call: Incoming) -> tuple[tuple[str, str], ...]:
    return (
        ("vary", "Origin, X-Origin, Referer"),
        ("server-timing", "gfet4t7; dur=1"),
        ("x-content-type-options", "nosniff"),
        ("set-cookie", "sandbox=not-for-clients; path=/; HttpOnly"),
    )


def _details(fault: Fault) -> Iterator[dict[str, Any]]:
    told = fault.details or {}
    if "violations" in told:
        yield {"@type": f"{_TYPE}BadRequest", "fieldViolations": told["violations"]}
    if "reason" in told:
        yield {
            "@type": f"{_TYPE}ErrorInfo",
            "reason": told["reason"],
            "domain": "googleapis.com",
            "metadata": {"service": _SERVICE},
        }
        yield {"@type": f"{_TYPE}LocalizedMessage", "locale": "en-US", "message": fault.message}
    if fault.kind in QUOTAS:
        violation = {
            "quotaMetric": f"{_SERVICE}/generate_content_free_tier_requests",
            "quotaId": QUOTAS[fault.kind],
            "quotaDimensions": {"location": "global"},
            "quotaValue": "3",
        }
        yield {"@type": f"{_TYPE}QuotaFailure", "violations": [violation]}
        link = {"description": "Learn more about Gemini API quotas", "url": "https://ai.google.dev/gemini-api/docs/rate-limits"}
        yield {"@type": f"{_TYPE}Help", "links": [link]}
    if fault.retry_after is not None:
        yield {"@type": f"{_TYPE}RetryInfo", "retryDelay": f"{fault.retry_after}s"}
