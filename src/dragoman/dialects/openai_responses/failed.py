"""How a stream breaks off: `response.failed`, whose codes Codex and the SDKs act on; `error` where no answer can be told.

Rule: a code that Responses knows is kept, else it is the kind's; the provider's message is kept whole.
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
    K.TIMEOUT: "server_error",
    K.CONTENT_POLICY: "invalid_prompt",
}
_KNOWN = frozenset(
    {"server_error", "rate_limit_exceeded", "slow_down", "invalid_prompt", "context_length_exceeded", "insufficient_quota",
     "usage_not_included", "server_is_overloaded", "cyber_policy", "bio_policy", "misalignment_policy_violation",
     "data_residency_mismatch", "vector_store_timeout", "image_content_policy_violation", "invalid_image",
     "invalid_image_format", "invalid_base64_image", "invalid_image_url", "invalid_image_mode", "image_too_large",
     "image_too_small", "image_parse_error", "image_file_too_large", "image_file_not_found", "empty_image_file",
     "unsupported_image_media_type", "failed_to_download_image"}
)  # fmt: skip
"""Codes of a response that failed (SDK 3.51.0), and those that Codex 0.169.0 looks for."""
_WAIT = "try again in"
"""The words by which Codex knows how long to wait."""


def failure(error: Error) -> dict[str, Any]:
    """The `error` object of a response."""
    message = error.message
    if error.kind is K.RATE_LIMIT and error.retry_after is not None and _WAIT not in message:
        message = f"{message} Please {_WAIT} {error.retry_after:g}s."
    code = error.code if error.code in _KNOWN else _CODES.get(error.kind) or ANSWERS[error.kind][2]
    return {"code": code or "server_error", "message": message}


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
