"""How much a model shall think, in the forms a Claude model or a compatible one takes.

Rule: which forms are taken is a quirk row's to say. Where no row says anything: `enabled` with a budget, which every
provider of this dialect knows; the newest forms are never assumed.
"""

from typing import Any, Final

from dragoman.core.request import ReasoningAsk, Request
from dragoman.dialects import effort
from dragoman.dialects.anthropic.draft import Draft

_MODES: Final = {"off": "disabled", "on": "enabled", "adaptive": "adaptive", "between_tools": "between_tools"}
_KNOWN: Final = frozenset({"on", "off"})
# Anthropic's model overview (2026-11): what every model with efforts takes.
_EFFORTS: Final = ("low", "medium", "high")
_SHOWN: Final = frozenset({"auto", "concise", "detailed", "summarized"})


def thinking(
    request: Request, draft: Draft, max_tokens: int | None, *, hindered: str | None
) -> tuple[dict[str, Any] | None, str | None]:
    """(`thinking`, `output_config.effort`). `hindered`: why there can be no budget to think with."""
    ask = request.reasoning
    if ask is None:
        return None, None
    at = ask.at or request.at("reasoning")
    if draft.own:
        own = _own(ask)
        if own is not None and own["type"] == "enabled" and hindered is not None:
            draft.ledger.approximate(at, hindered)
            own = None
        return own, ask.effort
    draft.ledger.extras(ask.extras, at, "reasoning")
    found, level = _asked(ask, at, draft, max_tokens, hindered)
    shown = found is not None and found["type"] in ("enabled", "adaptive") and ask.summary in _SHOWN
    if found is not None and shown:
        found["display"] = "summarized"
    if ask.summary is not None and not (shown and ask.summary in ("auto", "summarized")):
        draft.ledger.hint(request.at("summary"), "how thinking is shown cannot be chosen here")
    return found, level


def hindrance(messages: list[dict[str, Any]], *, forced: bool) -> str | None:
    """Why there can be no budget to think with: a tool must be called (`forced`), or results end the conversation whose calls
    stand in a turn that does not begin with thinking, as where the thoughts were another maker's.

    Both are a 400 with `enabled` thinking and none with `adaptive` (Anthropic's guide to extended thinking, 2026-11).
    """
    if forced:
        return "no thinking where a tool must be called"
    turns = [message for message in messages if message["role"] != "system"]
    if len(turns) < 2 or turns[-1]["role"] != "user" or "tool_result" not in _kinds(turns[-1]):
        return None
    if turns[-2]["role"] != "assistant" or _kinds(turns[-2])[:1] in (["thinking"], ["redacted_thinking"]):
        return None
    return "no thinking in the midst of a step of tools that began without a thought of this maker"


def _kinds(turn: dict[str, Any]) -> list[str]:
    content = turn["content"]
    return ["text"] if isinstance(content, str) else [block["type"] if isinstance(block, dict) else "" for block in content]


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
    ask: ReasoningAsk, at: str, draft: Draft, max_tokens: int | None, hindered: str | None
) -> tuple[dict[str, Any] | None, str | None]:
    modes = draft.quirks.thinking if draft.quirks.thinking is not None else _KNOWN
    if ask.mode == "off" or ask.effort == "none" or ask.budget == 0:
        return _off(modes, at, draft)
    if ask.mode is None and ask.effort is None and ask.budget is None:
        return None, None
    if ask.mode == "between_tools" and "between_tools" in modes:
        return {"type": "between_tools"}, _level(ask.effort, at, draft)
    wants_budget = ask.budget is not None and ask.budget > 0 and ask.effort is None
    if "adaptive" in modes and not (wants_budget and "on" in modes):
        level = effort.level_of(ask.budget) if wants_budget and ask.budget is not None else ask.effort
        if wants_budget:
            draft.ledger.approximate(at, "a budget is told as an effort")
        return {"type": "adaptive"}, _level(level, at, draft)
    if "on" in modes and hindered is not None:
        draft.ledger.approximate(at, hindered)
        return None, None
    if "on" in modes:
        return _budget(ask, at, draft, max_tokens), None
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
