"""What went wrong, in OpenAI's words, and out of the words of every compatible provider.

Rule: decided by code, then type, then a dated message pattern, then status. The provider's message text is kept whole.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from dragoman.core.errors import Error, ErrorKind
from dragoman.core.loss import Loss
from dragoman.core.request import Headers
from dragoman.dialects.advice import retry_after, should_retry
from dragoman.wire import json
from dragoman.wire.json import name_of
from dragoman.wire.sse import write

K = ErrorKind

CODES: Mapping[str, ErrorKind] = {
    # OpenAI and Azure, 2026-11
    "context_length_exceeded": K.CONTEXT_OVERFLOW,
    "string_above_max_length": K.CONTEXT_OVERFLOW,
    "invalid_api_key": K.AUTH,
    "model_not_found": K.NOT_FOUND,
    "DeploymentNotFound": K.NOT_FOUND,
    "model_not_supported": K.NOT_FOUND,
    "rate_limit_exceeded": K.RATE_LIMIT,
    "slow_down": K.RATE_LIMIT,
    "insufficient_quota": K.BILLING,
    "credit_balance_exhausted": K.BILLING,
    "billing_hard_limit_reached": K.BILLING,
    "organization_spend_limit_exceeded": K.BILLING,
    "project_spend_limit_exceeded": K.BILLING,
    "organization_usage_limit_exceeded": K.BILLING,
    "billing_not_active": K.BILLING,
    "account_deactivated": K.PERMISSION,
    "timeout": K.TIMEOUT,
    "server_is_overloaded": K.OVERLOADED,
    "content_filter": K.CONTENT_POLICY,
    "content_policy_violation": K.CONTENT_POLICY,
    "ResponsibleAIPolicyViolation": K.CONTENT_POLICY,
    # Mistral (2026-11): flat bodies, numbers as strings
    "1300": K.RATE_LIMIT,
    "3505": K.OVERLOADED,
    # Z.ai, 2026-11
    "1113": K.BILLING,
    "1301": K.CONTENT_POLICY,
    "1302": K.RATE_LIMIT,
    "1303": K.RATE_LIMIT,
    "1305": K.OVERLOADED,
    "1308": K.BILLING,
    "1309": K.BILLING,
    "1310": K.BILLING,
    "1311": K.BILLING,
    "1312": K.OVERLOADED,
    "1313": K.BILLING,
    "1000": K.AUTH,
    "1001": K.AUTH,
    "1002": K.AUTH,
    "1003": K.AUTH,
    "1211": K.NOT_FOUND,
    "1261": K.CONTEXT_OVERFLOW,
    # Groq, Google's compatible endpoint, Alibaba (2026-11)
    "tool_use_failed": K.BAD_REQUEST,
    "json_validate_failed": K.BAD_REQUEST,
    "capacity_exceeded": K.OVERLOADED,
    "DataInspectionFailed": K.CONTENT_POLICY,
    "data_inspection_failed": K.CONTENT_POLICY,
    "Arrearage": K.BILLING,
}

TYPES: Mapping[str, ErrorKind] = {
    "authentication_error": K.AUTH,
    "permission_error": K.PERMISSION,
    "not_found_error": K.NOT_FOUND,
    "insufficient_quota": K.BILLING,
    "exceeded_current_quota_error": K.BILLING,  # Moonshot
    "billing_error": K.BILLING,
    "rate_limit_error": K.RATE_LIMIT,
    "rate_limit_reached_error": K.RATE_LIMIT,  # Moonshot
    "rate_limited": K.RATE_LIMIT,  # Mistral
    "tokens": K.RATE_LIMIT,
    "requests": K.RATE_LIMIT,
    "engine_overloaded_error": K.OVERLOADED,  # Moonshot
    "overloaded_error": K.OVERLOADED,
    "service_unavailable_error": K.OVERLOADED,
    "content_filter": K.CONTENT_POLICY,
    "timeout_error": K.TIMEOUT,
    "UNAUTHENTICATED": K.AUTH,
    "PERMISSION_DENIED": K.PERMISSION,
    "RESOURCE_EXHAUSTED": K.RATE_LIMIT,
    "UNAVAILABLE": K.OVERLOADED,
    "DEADLINE_EXCEEDED": K.TIMEOUT,
}

_VAGUE: Mapping[str, ErrorKind] = {"invalid_request_error": K.BAD_REQUEST, "invalid_request": K.BAD_REQUEST}
"""Types that say less than a status, read where there is none."""

PATTERNS: tuple[tuple[re.Pattern[str], frozenset[int], ErrorKind], ...] = (
    # messages of providers that give no code of their own (recorded 2026-11): pattern, statuses it counts for, kind
    (re.compile(r"maximum context length|context window|prompt is too long|input is too long|exceeds? the context"),
     frozenset({400, 413, 422}), K.CONTEXT_OVERFLOW),  # DeepSeek, vLLM, Together, llama.cpp
    (re.compile(r"(?i)insufficient balance|credit balance|exceeded your current quota|insufficient credits"),
     frozenset({400, 402, 403, 429}), K.BILLING),  # DeepSeek, OpenRouter
    (re.compile(r"(?i)incorrect api key|invalid api key|api key not valid"), frozenset({400, 401, 403}), K.AUTH),  # xAI, Google
    (re.compile(r"(?i)violates? usage guidelines|flagged for|content management policy"),
     frozenset({400}), K.CONTENT_POLICY),  # xAI, Azure
)  # fmt: skip

STATUSES: Mapping[int, ErrorKind] = {
    400: K.BAD_REQUEST, 401: K.AUTH, 402: K.BILLING, 403: K.PERMISSION, 404: K.NOT_FOUND, 405: K.BAD_REQUEST, 408: K.TIMEOUT,
    409: K.CONFLICT, 413: K.TOO_LARGE, 415: K.BAD_REQUEST, 422: K.BAD_REQUEST, 424: K.SERVER, 425: K.OVERLOADED,
    429: K.RATE_LIMIT, 498: K.OVERLOADED, 499: K.CANCELLED, 502: K.SERVER, 503: K.OVERLOADED, 504: K.TIMEOUT,
    520: K.SERVER, 524: K.TIMEOUT, 529: K.OVERLOADED,
}  # fmt: skip

ANSWERS: Mapping[ErrorKind, tuple[int, str, str | None]] = {
    # kind -> (status, type, code) as OpenAI answers
    K.BAD_REQUEST: (400, "invalid_request_error", None),
    K.CONTEXT_OVERFLOW: (400, "invalid_request_error", "context_length_exceeded"),
    K.AUTH: (401, "invalid_request_error", "invalid_api_key"),
    K.PERMISSION: (403, "invalid_request_error", None),
    K.BILLING: (429, "insufficient_quota", "insufficient_quota"),
    K.NOT_FOUND: (404, "invalid_request_error", "model_not_found"),
    K.TOO_LARGE: (413, "invalid_request_error", None),
    K.CONFLICT: (409, "invalid_request_error", None),
    K.RATE_LIMIT: (429, "rate_limit_error", "rate_limit_exceeded"),
    K.OVERLOADED: (503, "service_unavailable_error", "server_is_overloaded"),
    K.TIMEOUT: (504, "server_error", "timeout"),
    K.SERVER: (500, "server_error", "server_error"),
    K.CONTENT_POLICY: (400, "invalid_request_error", "content_filter"),
    K.UNSUPPORTED: (400, "invalid_request_error", "unsupported_parameter"),
    K.CANCELLED: (499, "invalid_request_error", None),
}
_KEPT = frozenset({400, 405, 415, 422, 502, 503, 504})
"""Statuses that a client sees as the provider sent them, where they fit the kind."""
_OWN_CREDENTIALS = frozenset({K.AUTH, K.PERMISSION, K.BILLING})
_TYPES = {
    "str": "a string",
    "int": "an integer",
    "float": "a decimal",
    "int | float": "a number",
    "bool": "a boolean",
    "array": "an array",
    "object": "an object",
}
_OURS = re.compile(r": Expected `([^`]+?)(?: \| null)?`, got `(\w+)`$")


def parse_error(status: int, headers: Headers, body: bytes) -> Error:
    """Any error body: OpenAI's, flat, nested in a message, a string, a list, HTML."""
    try:
        value: Any = json.decode(body)
    except json.JSONError:
        value = body.decode("utf-8", "replace").strip()
    error = told_by(value, status)
    return Error(
        kind=error.kind, message=error.message, status=status, code=error.code, type_=error.type_, param=error.param,
        retry_after=retry_after(headers), should_retry=should_retry(headers), details=error.details,
        body=body, content_type=next((value for name, value in headers if name == "content-type"), None),
    )  # fmt: skip


def told_by(value: Any, status: int | None) -> Error:
    """The error in a decoded body or stream event. `status` None: it came inside an answer."""
    inner = _inner(value)
    code, type_ = _word(inner.get("code")), _word(inner.get("type")) or _word(inner.get("status"))
    nested = _nested(inner)
    words = list(dict.fromkeys(filter(None, (*_deep_codes(inner, nested), code))))
    message = _message(value, inner, nested) or f"the provider answered with status {status}" * (status is not None)
    known = status if status is not None else _status_in(inner)
    kind = (
        next((CODES[word] for word in words if word in CODES), None)
        or (TYPES.get(type_) if type_ else None)
        or (TYPES.get(code) if code else None)
        or _by_message(message, known)
        or (_VAGUE.get(type_ or "") if known is None else None)
        or _by_status(known)
    )
    return Error(
        kind=kind, message=message or "the provider told an error without words", status=status, code=code, type_=type_,
        param=_word(inner.get("param")), details=json.raw(inner["details"]) if inner.get("details") else None,
    )  # fmt: skip


def build_error(error: Error) -> tuple[int, bytes]:
    """(HTTP status, body) as OpenAI would answer. A provider's refusal of our own credentials is not the client's fault."""
    status, _, _ = ANSWERS[error.kind]
    if error.ours and error.status is not None:
        status = error.status
    elif not error.ours and error.kind in _OWN_CREDENTIALS:
        status = 502
    elif error.status in _KEPT and STATUSES[error.status] == error.kind:
        status = error.status
    return status, json.encode({"error": describe(error)})


def error_event(error: Error) -> bytes:
    """The event that ends a stream which breaks."""
    return write(json.encode({"error": describe(error)}))


def describe(error: Error) -> dict[str, Any]:
    """The `error` object, of HTTP bodies and stream events alike."""
    _, type_, code = ANSWERS[error.kind]
    message, param = error.message, error.param
    if error.ours and param:
        message, param, code = _in_openai_words(message, param, code)
    named = error.code or code if error.ours else code or error.code
    return {"message": message, "type": type_, "param": param, "code": named}


def refusal(losses: tuple[Loss, ...] | list[Loss]) -> Error:
    """What a client is told when no target can say what it asked for."""
    names = list(dict.fromkeys(_brackets(name_of(loss.path)) for loss in losses))
    why = next((loss.why for loss in losses if loss.why), "")
    quoted = ", ".join(f"'{name}'" for name in names)
    message = f"Unsupported parameter: {quoted} cannot be served by any provider of this model{f' ({why})' if why else ''}."
    return Error(kind=K.UNSUPPORTED, message=message, param=name_of(losses[0].path) if losses else None, status=400, ours=True)


def _in_openai_words(message: str, param: str, code: str | None) -> tuple[str, str, str | None]:
    """Our own findings about a request, as OpenAI would put them."""
    shown = _brackets(param)
    if message == f"{param}: Field required":
        return f"Missing required parameter: '{shown}'.", shown, "missing_required_parameter"
    found = _OURS.search(message)
    if found is not None and message.startswith(f"{param}:"):
        wanted, got = (_TYPES.get(word, word) for word in found.groups())
        return f"Invalid type for '{shown}': expected {wanted}, but got {got} instead.", shown, "invalid_type"
    return message.replace(param, shown, 1) if message.startswith(f"{param}:") else message, shown, code


def _brackets(name: str) -> str:
    """`messages.0.content` as OpenAI writes it: `messages[0].content`."""
    return re.sub(r"\.(\d+)(?=\.|$)", r"[\1]", name)


def _inner(value: Any) -> dict[str, Any]:
    """The object that tells the error, wherever the body keeps it."""
    if isinstance(value, list) and value:
        value = value[0]
    if not isinstance(value, dict):
        return {}
    inner = value.get("error")
    if isinstance(inner, dict):
        return inner
    if isinstance(inner, str):
        return {**value, "message": inner}
    return value


def _message(value: Any, inner: dict[str, Any], nested: Any) -> str:
    """The words; an aggregator's general ones together with those of the provider behind it."""
    message = next((text for text in map(_words, (inner.get("message"), inner.get("detail"), inner.get("msg"))) if text), "")
    if not message and isinstance(value, str):
        message = value
    behind = _behind(inner, nested)
    return f"{message}: {behind}" if behind and behind not in message else message


def _words(value: Any) -> str:
    return value if isinstance(value, str) else json.text(value) if value else ""


def _nested(inner: dict[str, Any]) -> Any:
    """OpenRouter's `metadata.raw`, decoded where it is JSON."""
    metadata = inner.get("metadata")
    raw = metadata.get("raw") if isinstance(metadata, dict) else None
    if not isinstance(raw, str):
        return raw
    try:
        return json.decode(raw)
    except json.JSONError:
        return raw


def _behind(inner: dict[str, Any], nested: Any) -> str:
    if isinstance(nested, dict):
        return _message(nested, _inner(nested), None) or json.text(nested)
    if isinstance(nested, str):
        return nested
    metadata = inner.get("metadata")
    reasons = metadata.get("reasons") if isinstance(metadata, dict) else None
    return f"flagged for {', '.join(map(str, reasons))}" if isinstance(reasons, list) and reasons else ""


def _deep_codes(inner: dict[str, Any], nested: Any) -> Iterator[str | None]:
    """Codes inside the error: of the provider behind an aggregator, Azure's `innererror`."""
    if isinstance(nested, dict):
        yield _word(_inner(nested).get("code"))
    for name in ("innererror", "inner_error"):
        deep = inner.get(name)
        if isinstance(deep, dict):
            yield _word(deep.get("code"))


def _word(value: Any) -> str | None:
    if isinstance(value, bool):
        return None
    return value or None if isinstance(value, str) else str(value) if isinstance(value, int) else None


def _status_in(inner: dict[str, Any]) -> int | None:
    """The HTTP status that an error inside an answer tells (OpenRouter `code`, Groq `status_code`)."""
    for name in ("status_code", "status", "code"):
        value = inner.get(name)
        if isinstance(value, str) and value.isdigit():
            value = int(value)
        if isinstance(value, int) and not isinstance(value, bool) and 400 <= value < 600:
            return value
    return None


def _by_message(message: str, status: int | None) -> ErrorKind | None:
    for pattern, statuses, kind in PATTERNS:
        if (status is None or status in statuses) and pattern.search(message):
            return kind
    return None


def _by_status(status: int | None) -> ErrorKind:
    if status is None:
        return K.SERVER
    return STATUSES.get(status, K.SERVER if status >= 500 or status < 400 else K.BAD_REQUEST)
