"""What losing a member that only this dialect can say means to another one. Rule: a table, by what the vendor documents.

Keys as in core `Request.weights`: a member's name, or `parent.name`; `*.name` anywhere. None: nothing another dialect could
miss. What is not listed is dropped.
"""

from collections.abc import Mapping
from typing import Final

from dragoman.core.loss import LossKind

_HINT, _NEAR, _REFUSED = LossKind.HINT, LossKind.APPROXIMATED, LossKind.REFUSED

# Anthropic's API reference and SDK, beta members included (2026-11).
REQUEST: Final[Mapping[str, LossKind | None]] = {
    "thread": _REFUSED,
    "cache_control": _HINT,
    "diagnostics": _HINT,
    "speed": _HINT,
    "fallbacks": _HINT,
    "fallback_credit_token": _HINT,
    "billing_policy": _HINT,
    "user_profile_id": _HINT,
    "workspace_id": _HINT,
    "cache_control.scope": _HINT,
    "tools.eager_input_streaming": _HINT,
    "*.caller": None,
    "*.toolset_name": None,
    "*.transformations": _HINT,
    # A block told as text in its place (see parse_content.shown): its type is what changes, the words are there.
    "*.type": _NEAR,
    "*.tool_name": None,
    "*.text": None,
    "*.content": None,
    "*.source": _NEAR,
    "*.title": None,
    "*.cache_control": _HINT,
}

# Likewise, of answers.
ANSWER: Final[Mapping[str, LossKind | None]] = {
    "container": _HINT,
    "diagnostics": _HINT,
    "context_management": _HINT,
    "input_transformations": _HINT,
    "stop_details": _NEAR,
    "*.caller": None,
    "*.toolset_name": None,
}
