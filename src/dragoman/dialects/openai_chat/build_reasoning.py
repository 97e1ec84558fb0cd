"""Thinking on the way out: earlier thoughts in the history, and how much to think now.

Rule: a thought goes back only to where its proof is valid; elsewhere its text goes where the target wants earlier thinking.
"""

from collections.abc import Sequence
from typing import Any

from dragoman.core.parts import Reasoning
from dragoman.core.request import ReasoningAsk
from dragoman.dialects.effort import clamp
from dragoman.dialects.openai.effort import asked_level
from dragoman.dialects.openai_chat.build_content import Building
from dragoman.dialects.openai_chat.facts import ID
from dragoman.dialects.openai_chat.reasoning import detail_of

_UNKNOWN = " "
"""What DeepSeek and Moonshot take where the earlier thinking is not known (2026-11)."""
_ROUTER = "reasoning"
"""The form of asking that is OpenRouter's."""
_HIDDEN = frozenset({"omitted", "none"})
"""Thinking that is not to be shown."""


def reasoning_members(building: Building, thoughts: Sequence[Reasoning], calls: bool) -> dict[str, Any]:
    """The members of an assistant message that hold its thinking."""
    quirks, strings, told = building.quirks, dict[str, str](), []
    for part in thoughts:
        native = building.own and part.proof_from in (None, ID)
        valid = native or part.proof_from == building.target.origin
        detail = detail_of(part.proof, part.text) if valid and part.proof else None
        if detail is not None:
            told.append(detail)
        slot = quirks.reasoning_back or (part.slot if native and part.slot not in quirks.drop else None)
        if slot and part.text:
            strings[slot] = strings.get(slot, "") + part.text
            if not valid and part.proof:
                building.ledger.hint(part.at, "another maker's proof")
        elif detail is None:
            building.ledger.drop(part.at, "earlier thinking cannot be told here")
    if quirks.reasoning_required and quirks.reasoning_back and calls and not strings:
        strings[quirks.reasoning_back] = _UNKNOWN
    return {**strings, **({"reasoning_details": told} if told else {})}


def reasoning_options(building: Building) -> dict[str, Any]:
    """The top-level members that ask for thinking."""
    ask = building.request.reasoning
    if ask is None:
        return {}
    form = building.quirks.effort_form
    if building.own and ask.extras and form is None:
        return {**ask.extras, **({"reasoning_effort": ask.effort} if "reasoning" not in ask.extras and ask.effort else {})}
    at = ask.at or building.request.at("reasoning")
    if not building.own:
        building.ledger.extras(ask.extras, at, "reasoning")
    if ask.summary is not None and not (form == _ROUTER and ask.summary in _HIDDEN):
        building.ledger.hint(building.request.at("summary"), "how thinking is shown is the provider's to say")
    if ask.open and form != _ROUTER:
        return {}
    match form:
        case "reasoning":
            return _router(ask)
        case "thinking":
            return _switch(building, ask, at)
        case "enable_thinking":
            return _qwen(building, ask, at)
        case _:
            return _effort(building, ask, at)


def _effort(building: Building, ask: ReasoningAsk, at: str) -> dict[str, Any]:
    level = asked_level(ask, at, building.ledger)
    if level is None:
        building.ledger.hint(at, "how much to think is left to the model")
        return {}
    taken = building.quirks.efforts
    if level == "none" and taken is None and not building.own:
        building.ledger.hint(at, "whether to think is left to the model")
        return {}
    found, at = clamp(level, taken), _effort_at(building, ask, at)
    if found is None:
        if level != "none":
            building.ledger.drop(at, "this model takes no effort")
        else:
            building.ledger.hint(at, "this model does not think")
        return {}
    if found != level:
        building.ledger.approximate(at, f"{level} is not taken here: {found}")
    return {"reasoning_effort": found}


def _router(ask: ReasoningAsk) -> dict[str, Any]:
    """OpenRouter's object."""
    said: dict[str, Any] = {"exclude": True} if ask.summary in _HIDDEN else {}
    if ask.mode == "off" or ask.effort == "none":
        said["enabled"] = False
    elif ask.effort is not None:
        said["effort"] = ask.effort
    elif ask.budget is not None:
        said["max_tokens"] = ask.budget
    elif ask.mode is not None:
        said["enabled"] = True
    return {"reasoning": said} if said else {}


def _switch(building: Building, ask: ReasoningAsk, at: str) -> dict[str, Any]:
    """DeepSeek, Moonshot, Z.ai: thinking on or off, and an effort where levels are listed."""
    level = asked_level(ask, at, building.ledger)
    on = {"thinking": {"type": "enabled" if level != "none" else "disabled"}}
    if level in (None, "none"):
        return on
    if not building.quirks.efforts:
        _as_a_switch(building, ask, at)
        return on
    return {**on, **_effort(building, ask, at)}


def _qwen(building: Building, ask: ReasoningAsk, at: str) -> dict[str, Any]:
    thinks = ask.mode != "off" and ask.effort != "none"
    on: dict[str, Any] = {"enable_thinking": thinks}
    if thinks:
        _as_a_switch(building, ask, at)
    return {**on, "thinking_budget": ask.budget} if ask.budget is not None and thinks else on


def _as_a_switch(building: Building, ask: ReasoningAsk, at: str) -> None:
    if ask.effort is not None:
        building.ledger.approximate(_effort_at(building, ask, at), "an effort as thinking that is on")


def _effort_at(building: Building, ask: ReasoningAsk, at: str) -> str:
    """Where the level that is told stood."""
    return building.request.paths.get("effort", at) if ask.effort is not None and ask.mode != "off" else at
