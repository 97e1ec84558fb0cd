"""How a stream breaks off: `response.failed`, whose codes Codex and the SDKs act on; `error` where no answer can be told.

Rule: the code is the kind's; the provider's message is kept whole.
"""

from collections.abc import Mapping
from typing import Any

from dragoman.core.errors import Error, ErrorKind
from dragoman.dialects.openai.errors import ANSWERS, describe
from dragoman.wire import json, sse

K = ErrorKind
_CODES: Mapping[ErrorKind, str] = {
    # OpenAI's API reference, and what Codex 0.169.0 takes for final (2026-11)
    K.BAD_REQUEST: "invalid_prompt",
    K.UNSUPPORTED: "invalid_prompt",
    K.TOO_LARGE: "context_length_exceeded",
    K.NOT_FOUND: "model_not_found",
    K.AUTH: "server_error",
    K.PERMISSION: "server_error",
    K.CONFLICT: "server_error",
    K.CANCELLED: "server_error",
}
_WAIT = "try again in"
"""The words by which Codex knows how long to wait."""


def failure(error: Error) -> dict[str, Any]:
    """The `error` object of a response."""
    message = error.message
    if error.kind is K.RATE_LIMIT and error.retry_after is not None and _WAIT not in message:
        message = f"{message} Please {_WAIT} {error.retry_after:g}s."
    return {"code": _CODES.get(error.kind) or ANSWERS[error.kind][2] or "server_error", "message": message}


def error_event(error: Error, request_id: str, *, begun: bool) -> bytes:
    """What ends a stream of whose answer nothing is known: SDKs raise the first event, Codex reads the second.

    A stream that has begun tells an answer with an id of its own, so no other may follow.
    """
    told = sse.write(json.encode({"type": "error", "sequence_number": 0, "error": describe(error)}), "error")
    if begun:
        return told
    response = {"id": f"resp_{request_id.removeprefix('req_')}", "object": "response", "status": "failed", "output": []}
    failed = {"type": "response.failed", "sequence_number": 1, "response": {**response, "error": failure(error)}}
    return told + sse.write(json.encode(failed), "response.failed")
