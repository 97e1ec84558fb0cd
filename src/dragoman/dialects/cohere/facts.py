"""What the dialect is called, its limits and words, and what losing its members means. Dated tables, no code.

Source of all rows, unless one says otherwise: Cohere's OpenAPI document and pages of 2026-08-20, SDK 7.3.1 (2026-11).
"""

from collections.abc import Mapping

from dragoman.core.errors import ErrorKind
from dragoman.core.events import Reason
from dragoman.core.loss import LossKind
from dragoman.dialects.faults.tables import STATUSES

ID = "cohere"
NAME_MAX = 128
"""Characters of a tool name; no limit is documented, but which characters (its page on errors)."""
STOP_MAX = 5
RANGES: Mapping[str, tuple[str, float, float]] = {
    "temperature": ("temperature", 0, 1),
    "p": ("top_p", 0.01, 0.99),
    "k": ("top_k", 0, 500),
    "frequency_penalty": ("frequency_penalty", 0, 1),
    "presence_penalty": ("presence_penalty", 0, 1),
}
"""Member -> the canonical one, the least and the most that is taken."""

OWN_MEMBERS = frozenset({"documents", "citation_options", "safety_mode", "priority", "strict_tools"})
"""Members that are its own words, whichever dialect's client writes them."""

REASONS: Mapping[str, Reason] = {
    "COMPLETE": "stop",
    "STOP_SEQUENCE": "stop_sequence",
    "MAX_TOKENS": "length",
    "TOOL_CALL": "tool",
}
FAILURES: Mapping[str, ErrorKind] = {"ERROR": ErrorKind.SERVER, "TIMEOUT": ErrorKind.TIMEOUT}
"""Finish reasons that tell a failure."""

KINDS: Mapping[int, ErrorKind] = {**STATUSES, 498: ErrorKind.CONTENT_POLICY}
"""Statuses: 498 is a request or an answer with a token on its deny list."""

ANSWER_WEIGHTS: Mapping[str, LossKind | None] = {
    "*": LossKind.DROPPED,
    "meta": None,  # what `usage` tells, and the version of the API (answers before 2025)
}
