"""What the dialect is called, its limits and words, and what losing its members means. Dated tables, no code.

Source of all rows: OpenAI's API reference and SDK 3.51.0 (2026-11), what Codex 0.169.0 sends (2026-11), answers of compatible
providers as recorded (2026-11).
"""

from collections.abc import Mapping

from dragoman.core.events import PIECE_ID, Reason
from dragoman.core.loss import LossKind

ID = "openai-responses"
NAME_MAX = 128
"""Characters a tool name may have."""
ID_MAX = 64
"""Characters a `call_id` may have."""
MIN_OUTPUT = 16
"""The smallest `max_output_tokens`."""
ROLES = ("user", "assistant", "system", "developer")
LOGPROBS = "message.output_text.logprobs"
ENCRYPTED = "reasoning.encrypted_content"
"""Values of `include`."""
ITEM = "item"
ITEM_ID = PIECE_ID
"""Extras of a part of an answer: what its item told beside the part, and the item's id."""
CONTENT = "content"
"""Extras of thinking that stood in an item's `content` and not in its `summary`."""

_HINT, _NEAR, _LOST, _REFUSED = LossKind.HINT, LossKind.APPROXIMATED, LossKind.DROPPED, LossKind.REFUSED

REQUEST_WEIGHTS: Mapping[str, LossKind | None] = {
    "*": _LOST,
    # state that is kept at the vendor
    "previous_response_id": _REFUSED,
    "conversation": _REFUSED,
    "prompt": _REFUSED,
    "background": _REFUSED,
    "opaque.item_reference": _REFUSED,
    "opaque.compaction_trigger": _REFUSED,
    # what only helps cost, latency, caching or accounting
    "include": _HINT,
    "stream_options": _HINT,
    "max_tool_calls": _HINT,
    "prompt_cache_options": _HINT,
    "prompt_cache_retention": _HINT,
    "client_metadata": _HINT,
    "moderation": _HINT,
    "access_programs": _HINT,
    "image": _HINT,
    "provider": _HINT,
    "reasoning.context": _HINT,
    "reasoning.generate_summary": _HINT,
    "content.detail": _HINT,
    "tools.async": _HINT,
    "tools.function": _HINT,
    "tools.allowed_callers": _HINT,
    "tools.output_schema": _HINT,
    # told in another way, or bookkeeping of the vendor's store
    "*.type": None,
    "*.id": None,
    "*.status": None,
    "*.phase": None,
    "*.caller": None,
    "*.async": None,
    "*.namespace": None,
    "*.created_by": None,
    "*.execution": None,
    "*.max_output_length": None,
    "tools.name": None,
    "tool_calls.name": None,
    "content.name": None,
    "cache_control.mode": None,
    "tool_choice.tools": None,
    "*.annotations": _HINT,
    "*.logprobs": _HINT,
    # whole pieces
    "opaque.namespace": _NEAR,
    "opaque.tool_search": _NEAR,
    "opaque.tool_search (server)": _HINT,
    "opaque.local_shell": _NEAR,
    "opaque.shell": _NEAR,
    "opaque.apply_patch": _NEAR,
    "opaque.additional_tools": _HINT,
    "opaque.tool_search_call": _NEAR,
    "opaque.tool_search_output": _NEAR,
    "opaque.tool_search_call (unfound)": _REFUSED,
    "opaque.mcp_list_tools": _HINT,
}

REQUEST_WHYS: Mapping[str, str] = {
    "previous_response_id": "an earlier answer is kept at its maker only",
    "conversation": "a conversation is kept at its vendor only",
    "prompt": "a prompt is kept at its vendor only",
    "background": "no answers in the background",
    "opaque.item_reference": "item_reference: the item is kept at its vendor only",
    "opaque.compaction_trigger": "compaction_trigger: only the client's vendor makes compaction items",
    "include": "no such data with an answer",
    "truncation": "a conversation is never cut",
    "context_management": "a conversation is not compacted on the way",
    "max_tool_calls": "no tools of a vendor",
    "stream_options": "streams are not padded",
    "prompt_cache_options": "prompts are cached in another way",
    "prompt_cache_retention": "prompts are cached in another way",
    "client_metadata": "it is for the client's vendor",
    "moderation": "no moderation to choose",
    "reasoning.context": "which thinking is read again is the provider's to say",
    "reasoning.mode": "no such mode of thinking",
    "tools.function": "beside a flat name it is passed over",
    "content.detail": "how closely a file is read cannot be chosen",
    "*.annotations": "what an earlier text was based on",
    "opaque.namespace": "its tools are offered one by one, by names that begin with its own",
    "opaque.tool_search": "offered as a function",
    "opaque.tool_search (server)": "all tools are offered at once",
    "opaque.local_shell": "offered as a function",
    "opaque.shell": "offered as a function",
    "opaque.apply_patch": "offered as a function",
    "opaque.additional_tools": "offered with the other tools",
    "opaque.tool_search_call": "a search is told by the tools it found",
    "opaque.tool_search_output": "the tools that were found are offered with the others",
    "opaque.tool_search_call (unfound)": "tool_search_call: without its tool_search_output nobody else can offer what it found",
}
"""Why a member is lost in another dialect, in a few words."""

ANSWER_WEIGHTS: Mapping[str, LossKind | None] = {"*": None, "logprobs": _LOST, "media.*": _HINT}

TAKEN = frozenset(
    {"id", "object", "created_at", "model", "status", "output", "usage", "error", "incomplete_details", "sequence_number"}
)
"""Members of a response with a place of their own."""
ENDING = frozenset(
    {"completed_at", "service_tier", "billing", "moderation", "tool_usage", "input_transformations", "prompt_cache_diagnostics",
     "content_filters", "status_details"}
)  # fmt: skip
"""Members of a response that its end tells; any other extra is told at its beginning."""
STATUS = "/status"
"""Where an answer tells how it ended."""
UNENDED = frozenset({"queued", "in_progress", "cancelled"})
"""Statuses of a whole body that is no answer yet, or never will be: a call in the background."""
REASONS: Mapping[str, Reason] = {"max_output_tokens": "length", "content_filter": "refusal"}
"""Why an answer is incomplete."""
INCOMPLETE: Mapping[Reason, str] = {"length": "max_output_tokens", "context": "max_output_tokens", "refusal": "content_filter"}
"""The reasons with which an answer is incomplete here."""
ECHOED = (
    "background", "conversation", "max_tool_calls", "moderation", "previous_response_id", "prompt", "prompt_cache_options",
    "prompt_cache_retention", "truncation",
)  # fmt: skip
"""Members of a request that the vendor's answer repeats, which have no canonical form."""
