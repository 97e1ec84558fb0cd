"""What losing a member that only this dialect can say means to another one. Rule: a table, by what the vendor documents.

Keys as in core `Request.weights`: a member's name, or `parent.name`; `*.name` anywhere. None: nothing another dialect could
miss. What is not listed is dropped.
"""

from collections.abc import Mapping
from typing import Final

from dragoman.core.loss import LossKind
from dragoman.dialects.billing import WHY

_HINT, _NEAR, _REFUSED = LossKind.HINT, LossKind.APPROXIMATED, LossKind.REFUSED

# Anthropic's API reference and SDK, beta members included (2026-11).
REQUEST: Final[Mapping[str, LossKind | None]] = {
    "thread": _REFUSED,
    # which version of this dialect is spoken, for Vertex and Bedrock
    "anthropic_version": None,
    "anthropic_beta": _HINT,
    "/metadata/*": _HINT,
    # what dialects.billing finds: leaving it out changes no answer
    "/system": _HINT,
    "/system/*": _HINT,
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
    "*.source": _NEAR,
    "*.cache_control": _HINT,
    # Members of a block that is told by its words (parse_content.shown).
    "shown.type": None,
    "shown.tool_name": None,
    "shown.title": None,
    "shown.source": None,
    "shown.content": None,
}
WHYS: Final[Mapping[str, str]] = {
    "thread": "a thread is kept at Anthropic",
    "container": "code runs in a container only at Anthropic",
    "mcp_servers": "Anthropic calls MCP servers itself, others do not",
    "context_management": "nothing is cleared from the context",
    "inference_geo": "where a model runs cannot be chosen",
    "/output_config/task_budget": "no budget for a whole task",
    "/system": WHY,
    "/system/*": WHY,
    "cache_control": "no cache marks here",
    "fallbacks": "the gateway's own routes are the fallbacks",
    "speed": "no faster mode",
    "diagnostics": "no diagnostics",
    "content.citations": "citations cannot be asked for or told",
    "shown.citations": "citations cannot be asked for",
    "content.context": "a document has no context beside it",
    "content.source": "a source has no such members here",
    "/source/content/*": "of a document that is told by its words nothing else is",
    "tools.allowed_callers": "tools are called by the model only",
    "tools.input_examples": "a tool has no examples",
    "tools.eager_input_streaming": "arguments are streamed as the provider does it",
}
"""Why a member is lost in another dialect, in a few words."""

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
