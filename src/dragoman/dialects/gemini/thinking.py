"""How much a model shall think: `thinkingConfig`, by levels or by a budget of tokens.

Rule: which of both a model takes is a quirk row's to say. Where no row says anything, each is told in the form it was asked in.
"""

from typing import Any, Final

from dragoman.core.request import ReasoningAsk, Request
from dragoman.dialects import effort
from dragoman.dialects.gemini.draft import Draft

_LEVELS: Final = ("minimal", "low", "medium", "high")
"""What every model with levels takes, or takes for the next one (Google's guide to thinking, 2026-11)."""
_BUDGETS: Final = {"minimal": 512, "low": 1024, "medium": 8192, "high": 24576, "xhigh": 32768, "max": 32768}
"""As Google's own compatible endpoint has it (2026-11); above that a model's own limit counts."""
_MOST: Final = (0, 32768)
_HIDDEN: Final = frozenset({"omitted", "none"})
_SHOWN: Final = frozenset({"auto", "summarized"})
_DYNAMIC: Final = -1


def thinking(request: Request, draft: Draft) -> Any:
    """None where nothing was asked, or nothing can be said."""
    ask = request.reasoning
    if ask is None:
        return None
    if draft.own:
        return ask.extras.get("thinkingConfig")
    at = ask.at or request.at("reasoning")
    draft.ledger.extras(ask.extras, at, "reasoning")
    modes, effort_at = draft.quirks.thinking, request.paths.get("effort", at)
    if ask.summary in _SHOWN and ask.open:
        draft.ledger.approximate(request.paths.get("summary", at), "thoughts are shown where there are any")
    elif ask.summary is not None and ask.summary not in _SHOWN | _HIDDEN:
        draft.ledger.hint(request.paths.get("summary", at), "thoughts are shown as Google sums them up")
    if modes is not None and not modes:
        if ask.mode != "off" and ask.effort != "none":
            for place in dict.fromkeys((at, effort_at if ask.effort is not None else at)):
                draft.ledger.drop(place, "this model does not think on demand")
        return None
    if ask.mode == "off" or ask.effort == "none" or ask.budget == 0:
        return _off(modes, at, draft)
    found = _asked(ask, modes, at, effort_at, draft)
    if found is None:
        return None
    return {"includeThoughts": False} | found if ask.summary in _HIDDEN else {"includeThoughts": True} | found


def _asked(ask: ReasoningAsk, modes: frozenset[str] | None, at: str, effort_at: str, draft: Draft) -> dict[str, Any] | None:
    """`effort_at`: where an effort stood."""
    by_budget, by_level = modes is None or "on" in modes, modes is None or "adaptive" in modes
    if ask.budget is not None and by_budget:
        if ask.effort is not None:
            draft.ledger.approximate(effort_at, "the budget is told, for only one of both can be")
        return _budget(ask.budget, at, draft)
    if ask.budget is not None:
        draft.ledger.approximate(at, "a budget is told as a level")
    if ask.effort is not None:
        return _level(ask.effort, effort_at, draft) if by_level else _budget_of(ask.effort, effort_at, draft)
    if ask.budget is not None:
        return _level(effort.level_of(ask.budget), at, draft)
    if ask.mode == "between_tools":
        draft.ledger.approximate(at, "when to think is the model's to say")
    if ask.mode is None:
        return None if ask.summary is None else {}
    return {"thinkingBudget": _DYNAMIC} if modes is not None and by_budget else {}


def _off(modes: frozenset[str] | None, at: str, draft: Draft) -> dict[str, Any] | None:
    if modes is None or "off" in modes:
        return {"thinkingBudget": 0}
    draft.ledger.approximate(at, "this model always thinks: as little as it can")
    if "adaptive" in modes:
        levels = draft.quirks.efforts if draft.quirks.efforts is not None else _LEVELS
        return {"thinkingLevel": levels[0].upper()} if levels else None
    least, _ = draft.quirks.thinking_budget or _MOST
    return {"thinkingBudget": least}


def _level(level: str, at: str, draft: Draft) -> dict[str, Any] | None:
    found = effort.clamp(level, draft.quirks.efforts if draft.quirks.efforts is not None else _LEVELS)
    if found is None:
        draft.ledger.drop(at, "this model takes no effort")
        return None
    if found != level:
        draft.ledger.approximate(at, f"{level} is told as {found}")
    return {"thinkingLevel": found.upper()}


def _budget_of(level: str, at: str, draft: Draft) -> dict[str, Any]:
    least, most = draft.quirks.thinking_budget or _MOST
    budget = min(max(_BUDGETS.get(level, _BUDGETS["medium"]), least), most)
    draft.ledger.approximate(at, f"told as a budget of {budget} tokens")
    return {"thinkingBudget": budget}


def _budget(budget: int, at: str, draft: Draft) -> dict[str, Any]:
    least, most = draft.quirks.thinking_budget or (0, budget)
    found = min(max(budget, least), most)
    if found != budget:
        draft.ledger.approximate(at, f"a budget of {found} tokens")
    return {"thinkingBudget": found}
