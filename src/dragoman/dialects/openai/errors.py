"""What went wrong, in OpenAI's words."""

import re
from collections.abc import Mapping
from typing import Any

from dragoman.core.errors import Error, ErrorKind
from dragoman.core.loss import Loss
from dragoman.dialects.faults.tables import STATUSES
from dragoman.wire import json
from dragoman.wire.json import name_of
from dragoman.wire.sse import write

K = ErrorKind

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


def build_error(error: Error) -> tuple[int, bytes]:
    """(HTTP status, body) as OpenAI would answer. A provider's refusal of our own credentials is not the client's fault."""
    status, _, _ = ANSWERS[error.kind]
    if error.ours and error.status is not None:
        status = error.status
    elif error.own_account:
        status = 502
    elif error.status in _KEPT and STATUSES[error.status] == error.kind:
        status = error.status
    return status, json.encode({"error": describe(error)})


def error_event(error: Error) -> bytes:
    """The event that ends a stream which breaks."""
    return write(json.encode({"error": describe(error)}))


def describe(error: Error) -> dict[str, Any]:
    """The `error` object, of HTTP bodies and stream events alike. A number is no code here: others tell the status there."""
    _, type_, code = ANSWERS[error.kind]
    message, param = error.message, error.param
    if error.ours and param:
        message, param, code = _in_openai_words(message, param, code)
    word = None if error.code is None or error.code.isdigit() else error.code
    named = word or code if error.ours else code or word
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
