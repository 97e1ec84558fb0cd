"""What the dialect is called, its limits and words. Tables, no code.

Source: Amazon's API reference of Converse and botocore 1.44.5 (2026-11), unless a line says otherwise.
"""

import re
from collections.abc import Mapping
from typing import Final

from dragoman.core.events import Reason
from dragoman.core.loss import LossKind

ID: Final = "bedrock"
NAME_MAX: Final = 64
ID_MAX: Final = 64
DOCUMENT_NAME_MAX: Final = 200
NAME: Final = re.compile(r"[a-zA-Z0-9_-]")
CALL_ID: Final = re.compile(r"[a-zA-Z0-9_.:-]")
TAG: Final = re.compile(r"[a-zA-Z0-9\s:_@$#=/+,.-]{0,256}")
"""What a value (and a name) of `requestMetadata` may be."""
TAGS_MAX: Final = 16
THINKING_LIMIT: Final = 32000
"""The limit of an answer that thinks with a budget, where the client gave none: the model's own may be smaller."""

REASONS: Final[Mapping[str, Reason]] = {
    "end_turn": "stop",
    "tool_use": "tool",
    "max_tokens": "length",
    "stop_sequence": "stop_sequence",
    "guardrail_intervened": "refusal",
    "content_filtered": "refusal",
    "malformed_model_output": "other",
    "malformed_tool_use": "other",
    "model_context_window_exceeded": "context",
}
TIERS: Final[Mapping[str, str]] = {
    "default": "default",
    "standard_only": "default",
    "flex": "flex",
    "priority": "priority",
}
"""Other dialects' service tiers -> Amazon's. One that is not listed has no equal here."""

IMAGES: Final[Mapping[str, str]] = {
    "image/png": "png", "image/jpeg": "jpeg", "image/jpg": "jpeg", "image/gif": "gif", "image/webp": "webp",
}  # fmt: skip
DOCUMENTS: Final[Mapping[str, str]] = {
    "application/pdf": "pdf",
    "text/csv": "csv",
    "application/msword": "doc",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.ms-excel": "xls",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "text/html": "html",
    "text/plain": "txt",
    "text/markdown": "md",
}
VIDEOS: Final[Mapping[str, str]] = {
    "video/x-matroska": "mkv", "video/quicktime": "mov", "video/mov": "mov", "video/mp4": "mp4", "video/webm": "webm",
    "video/x-flv": "flv", "video/mpeg": "mpeg", "video/mpg": "mpg", "video/x-ms-wmv": "wmv", "video/wmv": "wmv",
    "video/3gpp": "three_gp",
}  # fmt: skip
AUDIOS: Final[Mapping[str, str]] = {
    "audio/mpeg": "mp3", "audio/mp3": "mp3", "audio/opus": "opus", "audio/wav": "wav", "audio/x-wav": "wav", "audio/wave": "wav",
    "audio/aac": "aac", "audio/flac": "flac", "audio/mp4": "mp4", "audio/ogg": "ogg", "audio/m4a": "m4a", "audio/x-m4a": "m4a",
    "audio/pcm": "pcm", "audio/webm": "webm",
}  # fmt: skip

_HINT = LossKind.HINT
ANSWER: Final[Mapping[str, LossKind | None]] = {
    "metrics": None,
    "performanceConfig": None,
    "serviceTier": _HINT,
    "trace": _HINT,
    "role": None,
}
"""What losing a member of an answer means to clients of other dialects (as Request.weights)."""
