"""How much a model shall think: on or off, and a budget of tokens (Cohere's guide to reasoning, 2026-08)."""

from typing import Any

from dragoman.core.loss import LossKind
from dragoman.core.quirks import Quirks
from dragoman.dialects.drafting import Draft
from dragoman.dialects.effort import budget_of

_UNLIMITED = ("high", "xhigh", "max")
"""Levels at which a model thinks as long as it likes, which is what the vendor recommends."""


def thinks(quirks: Quirks) -> bool:
    """The model tells its thinking, and is told it again, as such; others tell a plan of their calls."""
    return quirks.efforts != ()


def thinking(draft: Draft) -> dict[str, Any] | None:
    """`thinking`; None where the client leaves it to the model, or the model does not think."""
    ask, ledger = draft.request.reasoning, draft.ledger
    if ask is None:
        return None
    at = ask.at or draft.request.at("reasoning")
    told = draft.request.paths.get("effort", at) if ask.effort is not None else at
    ledger.extras(ask.extras, at, "reasoning")
    off = ask.mode == "off" or ask.effort == "none"
    found: dict[str, Any] | None = None
    if not thinks(draft.quirks):
        ledger.lose(told, LossKind.HINT if off else LossKind.DROPPED, "this model does not think")
    elif off:
        found = {"type": "disabled"}
    elif ask.budget is not None:
        found = {"type": "enabled", "token_budget": ask.budget}
        if ask.effort is not None:
            ledger.approximate(told, "a budget says how much")
    elif ask.effort is not None:
        budget = None if ask.effort in _UNLIMITED else budget_of(ask.effort, draft.request.max_output_tokens)
        ledger.approximate(told, "a level as thinking without a budget" if budget is None else "a level as a budget")
        found = {"type": "enabled", **({} if budget is None else {"token_budget": budget})}
    elif ask.mode == "on":
        found = {"type": "enabled"}
    else:
        ledger.hint(at, "how much to think is left to the model")
    if ask.summary is not None:
        ledger.hint(at, "how thinking is shown is the provider's to say")
    return found
