"""How much a model shall think, in the forms that models on Bedrock take: members that Converse hands on to the model.

Rule: which form a model takes is a quirk row's to say (`effort_form`). Of a model that no row knows nothing is asked, which is
told.
"""

from typing import Any, Final, NamedTuple

from dragoman.core.request import ReasoningAsk, Request
from dragoman.dialects import effort
from dragoman.dialects.bedrock.draft import Draft
from dragoman.dialects.bedrock.facts import THINKING_LIMIT

_KNOWN: Final = frozenset({"on", "off"})
_LOOP: Final = "no thinking between calls whose own thought cannot be sent back"
_EFFORTS: Final = ("low", "medium", "high")


class _Where(NamedTuple):
    """Where thinking is asked for, and where how much."""

    ask: str
    effort: str


def thinking(
    request: Request, draft: Draft, messages: list[dict[str, Any]], *, forced: bool
) -> tuple[dict[str, Any], str | None]:
    """(members of `additionalModelRequestFields`, `outputConfig.effort`). `messages`: as they are built. `forced`: a tool must be
    called, which excludes a budget to think with."""
    ask = request.reasoning
    if ask is None:
        return {}, None
    at = ask.at or request.at("reasoning")
    where = _Where(at, request.paths.get("effort", at) if ask.effort is not None else at)
    draft.ledger.extras(ask.extras, at, "reasoning")
    if ask.summary is not None:
        draft.ledger.hint(request.at("summary"), "how thinking is shown is the model's to say")
    match draft.quirks.effort_form:
        case "thinking":
            loop = _thoughtless(messages)
            return _claude(ask, where, draft, _limit(request, draft), forced=forced, loop=loop)
        case "reasoning_effort":
            level = _level(ask, where, draft)
            return ({} if level is None else {"reasoning_effort": level}), None
        case "reasoning_config":
            return _switched(ask, where, draft), None
        case _:
            return _unknown(ask, where, draft), None


def _limit(request: Request, draft: Draft) -> int:
    limit = request.max_output_tokens if request.max_output_tokens is not None else THINKING_LIMIT
    return min(limit, draft.quirks.max_output_tokens or limit)


def _thoughtless(messages: list[dict[str, Any]]) -> bool:
    """Results are sent for calls whose thought is not: it was another maker's, or refused. No budget is thought with then."""
    if len(messages) < 2 or not any("toolResult" in block for block in messages[-1]["content"]):
        return False
    return "reasoningContent" not in messages[-2]["content"][0]


def _is_off(ask: ReasoningAsk) -> bool:
    return ask.mode == "off" or ask.effort == "none" or ask.budget == 0


def _says_nothing(ask: ReasoningAsk) -> bool:
    return ask.mode is None and ask.effort is None and ask.budget is None


def _unknown(ask: ReasoningAsk, where: _Where, draft: Draft) -> dict[str, Any]:
    if _is_off(ask):
        draft.ledger.hint(where.ask, "whether to think is left to the model")
    elif not _says_nothing(ask):
        for place in where:
            draft.ledger.drop(place, "this model is not known to think on demand")
    return {}


def _level(ask: ReasoningAsk, where: _Where, draft: Draft) -> str | None:
    """The effort asked for, as this model takes it; None where the client left it to the model."""
    if _is_off(ask):
        level: str | None = "none"
    elif ask.effort is None and ask.budget is not None:
        draft.ledger.approximate(where.ask, "a budget is told as an effort")
        level = effort.level_of(ask.budget)
    else:
        level = ask.effort
    if level is None:
        draft.ledger.hint(where.ask, "how much to think is left to the model")
        return None
    return _effort(level, where, draft)


def _switched(ask: ReasoningAsk, where: _Where, draft: Draft) -> dict[str, Any]:
    """Nova: on or off, with an effort (Amazon's guide to Nova 2, 2026-11)."""
    if _is_off(ask):
        return {"reasoningConfig": {"type": "disabled"}}
    level = _level(ask, where, draft)
    return {"reasoningConfig": {"type": "enabled", **({} if level is None else {"maxReasoningEffort": level})}}


def _claude(
    ask: ReasoningAsk, where: _Where, draft: Draft, limit: int, *, forced: bool, loop: bool
) -> tuple[dict[str, Any], str | None]:
    modes = draft.quirks.thinking if draft.quirks.thinking is not None else _KNOWN
    modes -= {"on"} if loop else set()
    if _is_off(ask):
        return _off(modes, where, draft)
    if _says_nothing(ask):
        return {}, None
    if ask.mode == "between_tools" and "between_tools" in modes:
        return {"thinking": {"type": "between_tools"}}, _effort(ask.effort, where, draft)
    wants_budget = ask.budget is not None and ask.budget > 0 and ask.effort is None
    if "adaptive" in modes and not (wants_budget and "on" in modes):
        if wants_budget and ask.budget is not None:
            draft.ledger.approximate(where.ask, "a budget is told as an effort")
            return {"thinking": {"type": "adaptive"}}, _effort(effort.level_of(ask.budget), where, draft)
        return {"thinking": {"type": "adaptive"}}, _effort(ask.effort, where, draft)
    if "on" not in modes:
        for place in where:
            if loop:
                draft.ledger.approximate(place, _LOOP)
            else:
                draft.ledger.drop(place, "this model does not think on demand")
        return {}, None
    if forced:
        for place in where:
            draft.ledger.approximate(place, "no thinking where a tool must be called")
        return {}, None
    return _budget(ask, where, draft, limit), None


def _off(modes: frozenset[str], where: _Where, draft: Draft) -> tuple[dict[str, Any], str | None]:
    if "off" in modes or not modes:
        return ({"thinking": {"type": "disabled"}} if modes else {}), None
    draft.ledger.approximate(where.ask, "this model always thinks: as little as it can")
    if "between_tools" in modes:
        return {"thinking": {"type": "between_tools"}}, None
    return {}, effort.clamp("low", draft.quirks.efforts if draft.quirks.efforts is not None else _EFFORTS)


def _effort(level: str | None, where: _Where, draft: Draft) -> str | None:
    if level is None:
        return None
    found = effort.clamp(level, draft.quirks.efforts if draft.quirks.efforts is not None else _EFFORTS)
    if found != level:
        draft.ledger.approximate(
            where.effort, f"{level} is told as {found}" if found is not None else "no effort can be told here"
        )
    return found


def _budget(ask: ReasoningAsk, where: _Where, draft: Draft, limit: int) -> dict[str, Any]:
    """Tokens to think with, below the limit of the answer."""
    if ask.budget is not None and ask.effort is None:
        budget: int | None = min(max(ask.budget, effort.MIN_BUDGET), limit - 1) if limit > effort.MIN_BUDGET else None
    else:
        budget = effort.budget_of(ask.effort or "medium", limit)
    if budget is None:
        for place in where:
            draft.ledger.drop(place, "the answer's token limit leaves no room for thinking")
        return {}
    if budget != ask.budget:
        draft.ledger.approximate(where.effort, f"told as a budget of {budget} tokens")
    return {"thinking": {"type": "enabled", "budget_tokens": budget}}
