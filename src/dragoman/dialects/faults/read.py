"""An error out of a body or a stream event.

Rule: decided by code, then type, then a dated message pattern, then status. The provider's message text is kept whole.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from dragoman.core.errors import Error, ErrorKind
from dragoman.core.request import Headers
from dragoman.dialects.faults import amazon
from dragoman.dialects.faults.advice import retry_after, should_retry
from dragoman.dialects.faults.google import reasons, retry_delay
from dragoman.dialects.faults.tables import CODES, EARLY, PATTERNS, STATUSES, TYPES, VAGUE
from dragoman.wire import json

_TAG = re.compile(r"<[^>]*>")
_TITLE = re.compile(r"<title[^>]*>(.*?)</title", re.IGNORECASE | re.DOTALL)
_LONGEST = 2000
"""Characters that are taken of a page."""


def parse_error(status: int, headers: Headers, body: bytes, statuses: Mapping[int, ErrorKind] = STATUSES) -> Error:
    """Any error body: OpenAI's, flat, nested in a message, a string, a list, HTML. `statuses`: what they mean at this vendor."""
    try:
        value: Any = json.decode(body)
    except json.JSONError:
        value = _words_of_page(body)
    error, delay = told_by(value, status, amazon.exception(value, headers), statuses), retry_after(headers)
    return Error(
        kind=error.kind, message=error.message, status=status, code=error.code, type_=error.type_, param=error.param,
        retry_after=error.retry_after if delay is None else delay, should_retry=should_retry(headers), details=error.details,
        body=body, content_type=next((value for name, value in headers if name == "content-type"), None),
    )  # fmt: skip


def told_by(value: Any, status: int | None, named: str | None = None, statuses: Mapping[int, ErrorKind] = STATUSES) -> Error:
    """The error in a decoded body or stream event. `status` None: it came inside an answer. `named`: its type, told beside it."""
    inner = _inner(value)
    nested, details = _nested(inner), inner.get("details")
    coded = details.get("error_code") if isinstance(details, dict) else None
    code, type_ = _word(inner.get("code")) or _word(coded), _word(inner.get("type")) or _word(inner.get("status")) or named
    words = list(dict.fromkeys(filter(None, (*_deep_codes(inner, nested), code))))
    message = _message(value, inner, nested) or f"the provider answered with status {status}" * (status is not None)
    known = status if status is not None else _status_in(inner)
    kind = (
        next((CODES[word] for word in words if word in CODES), None)
        or _by_message(message, known, EARLY)
        or (TYPES.get(type_) if type_ else None)
        or (TYPES.get(code) if code else None)
        or _by_message(message, known)
        or (VAGUE.get(type_ or "") if known is None else None)
        or _by_status(known, statuses)
    )
    return Error(
        kind=kind, message=message or "the provider told an error without words", status=status, code=code, type_=type_,
        param=_word(inner.get("param")), details=json.raw(details) if isinstance(details, dict | list) else None,
        retry_after=retry_delay(details),
    )  # fmt: skip


def _words_of_page(body: bytes) -> str:
    """Plain text as it is; a page's title, else its words."""
    text = body.decode("utf-8", "replace").strip()
    if not text.startswith("<"):
        return text
    title = _TITLE.search(text)
    return " ".join(_TAG.sub(" ", title.group(1) if title is not None else text).split())[:_LONGEST]


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
    message = next(
        (
            text
            for text in map(_words, (inner.get("message"), inner.get("detail"), inner.get("msg"), inner.get("Message")))
            if text
        ),
        "",
    )
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
    """Codes inside the error: of the provider behind an aggregator, Azure's `innererror`, details of Anthropic and Google."""
    if isinstance(nested, dict):
        yield _word(_inner(nested).get("code"))
    for name, member in (("innererror", "code"), ("inner_error", "code"), ("details", "error_code")):
        deep = inner.get(name)
        if isinstance(deep, dict):
            yield _word(deep.get(member))
    yield from reasons(inner.get("details"))


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


def _by_message(
    message: str, status: int | None, patterns: tuple[tuple[re.Pattern[str], frozenset[int], ErrorKind], ...] = PATTERNS
) -> ErrorKind | None:
    for pattern, statuses, kind in patterns:
        if (status is None or status in statuses) and pattern.search(message):
            return kind
    return None


def _by_status(status: int | None, statuses: Mapping[int, ErrorKind]) -> ErrorKind:
    if status is None:
        return ErrorKind.SERVER
    return statuses.get(status, ErrorKind.SERVER if status >= 500 or status < 400 else ErrorKind.BAD_REQUEST)
