"""Google's models on generateContent. Rule: a version that no row knows is taken for the newest generation; a model that is
none of Google's has no quirk.
"""

from dragoman.providers.model_row import Members, ModelRow

_GEMINI = "gemini"
_NAME = r"^(?:models/|google/|publishers/google/models/)?"
_SPEC = "Google's API reference, guides to thinking, thought signatures and function calling, 2026-11-20"
_PARTS = _SPEC + "; gemini-cli issue 19436, 2026-02-18: no media in a function's response"
_GEMMA = "rig issue 788, 2025-09-08; adk-python issue 3900, 2025-12-12: instructions are refused"

_UNSIGNED: Members = {"tool_id": "none", "tools_with_schema": False, "media_in_results": False}
"""Before generation 3: calls are paired by order, JSON and functions exclude each other."""
_OLD: Members = {**_UNSIGNED, "thinking": (), "media_by_url": False}
_BUDGET: Members = {**_UNSIGNED, "thinking": ("on", "off"), "thinking_budget": (1, 24576)}
_LEVELS: Members = {"thinking": ("adaptive",), "reasoning_required": True, "efforts": ("low", "medium", "high")}


def _row(pattern: str, members: Members, source: str = _SPEC) -> ModelRow:
    return ModelRow(_NAME + pattern, _GEMINI, members, source)


GEMINI_ROWS = (
    _row(r"gemma-[1-3]", {**_OLD, "system_role": "user", "json_mode": False, "json_schema": False}, _GEMMA),
    _row(r"gemini-(?:1\b|pro$|pro-vision|exp)", {**_OLD, "schema_form": "openapi"}, _PARTS),
    _row(r"gemini-2\.0", _OLD, _PARTS),
    _row(r"gemini-2\.5-[a-z-]*(?:image|tts)", {**_UNSIGNED, "thinking": ()}, _PARTS),
    _row(r"gemini-2\.5-pro", {**_BUDGET, "thinking": ("on",), "thinking_budget": (128, 32768)}, _PARTS),
    _row(r"gemini-2\.5-flash-lite", {**_BUDGET, "thinking_budget": (512, 24576)}, _PARTS),
    _row(r"gemini-2", _BUDGET, _PARTS),
    _row(r"gemini-3-pro", {**_LEVELS, "efforts": ("low", "high")}),
    _row(r"gemini-3(?:\.1)?-flash", {**_LEVELS, "efforts": ("minimal", "low", "medium", "high")}),
    _row(r"gemini-", _LEVELS),
)
