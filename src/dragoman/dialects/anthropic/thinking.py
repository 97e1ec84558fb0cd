"""How much a model shall think, in the forms a Claude model or a compatible one takes.

Rule: which forms are taken is a quirk row's to say. Where no row says anything: `enabled` with a budget, which every
provider of this dialect knows; the newest forms are never assumed.
"""

from typing import Any, Final

from dragoman.core.request import ReasoningAsk, Request
from dragoman.dialects import effort
from dragoman.dialects.anthropic.draft import Draft
from dragoman.wire import json

_MODES: Final = {"off": "disabled", "on": "enabled", "adaptive": "adaptive", "between_tools": "between_tools"}
_KNOWN: Final = frozenset({"on", "off"})
# Anthropic's model overview (2026-11): what every model with efforts takes.
_EFFORTS: Final = ("low", "medium", "high")
_LOOP: Final = "no thinking between calls whose own thought cannot be sent back"
_SHOWN: Final = frozenset({"auto", "concise", "detailed", "summarized"})


def thinking(
    request: Request, draft: Draft, max_tokens: int | None, messages: list[dict[str, Any]], *, forced: bool
) -> tuple[dict[str, Any] | None, str | None]:
    """(`thinking`, `output_config.effort`). `messages`: as they are built. `forced`: a tool must be called, which `enabled`
    thinking refuses."""
    ask = request.reasoning
    if ask is None:
        return None, None
    at = ask.at or request.at("reasoning")
    loop = _thoughtless(messages)
    if draft.own and loop and ask.mode == "on":
        draft.ledger.approximate(at, _LOOP)
        return None, ask.effort
    if draft.own:
        return _own(ask), ask.effort
    draft.ledger.extras(ask.extras, at, "reasoning")
    found, level = _asked(ask, at, draft, max_tokens, loop=loop)
    if found is not None and found["type"] == "enabled" and forced:
        draft.ledger.approximate(at, "no thinking where a tool must be called")
        found = None
    shown = found is not None and found["type"] in ("enabled", "adaptive") and ask.summary in _SHOWN
    if found is not None and shown:
        found["display"] = "summarized"
    if ask.summary is not None and not (shown and ask.summary in ("auto", "summarized")):
        draft.ledger.hint(request.at("summary"), "how thinking is shown cannot be chosen here")
    return found, level


def _thoughtless(messages: list[dict[str, Any]]) -> bool:
    """Results are sent for calls whose thought is not: it was another maker's, or refused. No budget is thought with then."""
    if len(messages) < 2 or "tool_result" not in _kinds(messages[-1]):
        return False
    return (_kinds(messages[-2]) or [""])[0] not in ("thinking", "redacted_thinking")


def _kinds(message: dict[str, Any]) -> list[str]:
    """The types of a message's blocks."""
    content = message["content"]
    if isinstance(content, str):
        return ["text"]
    return [str((block if isinstance(block, dict) else json.decode(block)).get("type")) for block in content]


def unthinking(edits: Any) -> Any:
    """`context_management.edits` for a model that is not to think: clearing thoughts is refused then (the guide to context
    editing, 2026-11)."""
    if not isinstance(edits, list):
        return edits
    return [edit for edit in edits if not str(edit.get("type") if isinstance(edit, dict) else "").startswith("clear_thinking")]


def _own(ask: ReasoningAsk) -> dict[str, Any] | None:
    if ask.mode is None:
        return None
    budget = {} if ask.budget is None else {"budget_tokens": ask.budget}
    display = {} if ask.summary is None else {"display": ask.summary}
    return {"type": _MODES[ask.mode], **budget, **display, **ask.extras}


def _asked(
    ask: ReasoningAsk, at: str, draft: Draft, max_tokens: int | None, *, loop: bool
) -> tuple[dict[str, Any] | None, str | None]:
    modes = draft.quirks.thinking if draft.quirks.thinking is not None else _KNOWN
    modes -= {"on"} if loop else set()
    if ask.mode == "off" or ask.effort == "none" or ask.budget == 0:
        return _off(modes, at, draft)
    if ask.open:
        return None, None
    if ask.mode == "between_tools" and "between_tools" in modes:
        return {"type": "between_tools"}, _level(ask.effort, at, draft)
    wants_budget = ask.budget is not None and ask.budget > 0 and ask.effort is None
    if "adaptive" in modes and not (wants_budget and "on" in modes):
        level = effort.level_of(ask.budget) if wants_budget and ask.budget is not None else ask.effort
        if wants_budget:
            draft.ledger.approximate(at, "a budget is told as an effort")
        return {"type": "adaptive"}, _level(level, at, draft)
    if "on" in modes:
        return _budget(ask, at, draft, max_tokens), None
    if loop:
        draft.ledger.approximate(at, _LOOP)
    else:
        draft.ledger.drop(at, "this model does not think on demand")
    return None, None


def _off(modes: frozenset[str], at: str, draft: Draft) -> tuple[dict[str, Any] | None, str | None]:
    if "off" in modes:
        return {"type": "disabled"}, None
    if not modes:
        return None, None
    draft.ledger.approximate(at, "this model always thinks: as little as it can")
    if "between_tools" in modes:
        return {"type": "between_tools"}, None
    return None, effort.clamp("low", draft.quirks.efforts if draft.quirks.efforts is not None else _EFFORTS)


def _level(level: str | None, at: str, draft: Draft) -> str | None:
    if level is None:
        return None
    found = effort.clamp(level, draft.quirks.efforts if draft.quirks.efforts is not None else _EFFORTS)
    if found != level:
        draft.ledger.approximate(at, f"{level} is told as {found}" if found is not None else "no effort can be told here")
    return found


def _budget(ask: ReasoningAsk, at: str, draft: Draft, max_tokens: int | None) -> dict[str, Any] | None:
    """Tokens to think with, below the limit of the answer."""
    if ask.budget is not None and ask.budget > 0 and ask.effort is None:
        budget: int | None = max(ask.budget, effort.MIN_BUDGET)
        if max_tokens is not None and ask.budget >= max_tokens:
            budget = max_tokens - 1 if max_tokens > effort.MIN_BUDGET else None
        if budget != ask.budget and budget is not None:
            draft.ledger.approximate(at, f"a budget of {budget} tokens")
    else:
        budget = effort.budget_of(ask.effort or "medium", max_tokens)
        if budget is not None:
            draft.ledger.approximate(at, f"told as a budget of {budget} tokens")
    if budget is None:
        draft.ledger.drop(at, "the answer's token limit leaves no room for thinking")
        return None
    return {"type": "enabled", "budget_tokens": budget}
