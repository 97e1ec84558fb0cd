"""What a target refuses or renames at the top level, for both lanes: the last step before a body goes out.

Rule: works on wire members by their usual names, decoded values or exact bytes alike; what changes is told.
"""

from collections.abc import Callable
from typing import Any

from msgspec import Raw

from dragoman.core.loss import LossKind
from dragoman.core.quirks import Quirks
from dragoman.dialects.effort import clamp
from dragoman.dialects.ledger import Ledger
from dragoman.dialects.openai_responses.facts import ENCRYPTED
from dragoman.wire import json

Members = dict[str, Any]
PathOf = Callable[[str], str]
"""Wire name -> JSON Pointer into the client's request."""
_SAMPLING = ("temperature", "top_p", "top_logprobs", "presence_penalty", "frequency_penalty")
"""What OpenAI's models refuse while they reason (OpenAI's guide to reasoning, 2026-11)."""
_ONLY_HINTS = frozenset(
    {"prompt_cache_key", "prompt_cache_options", "prompt_cache_retention", "user", "safety_identifier", "metadata", "store",
     "service_tier", "stream_options", "parallel_tool_calls", "include", "client_metadata", "max_tool_calls"}
)  # fmt: skip
"""Members whose absence does not change what a model says."""

_DOES_NOT_THINK = "this model does not think"


def fit(members: Members, quirks: Quirks, ledger: Ledger, path: PathOf) -> None:
    """Bring `members` into what the target takes, in place."""
    _effort(members, quirks, ledger, path)
    _sampling(members, quirks, ledger, path)
    _limit(members, quirks, ledger, path)
    for name in sorted(quirks.drop & members.keys()):
        del members[name]
        ledger.lose(path(name), LossKind.HINT if name in _ONLY_HINTS else LossKind.DROPPED, "this target refuses it")
    for name, taken in quirks.rename.items():
        if name in members:
            value = members.pop(name)
            members.setdefault(taken, value)


def value_of(value: Any) -> Any:
    """A member's value, of exact bytes too."""
    return json.decode(value) if isinstance(value, Raw) else value


def never_thinks(quirks: Quirks) -> bool:
    """The model has no effort to set and does not think by itself: it refuses `reasoning` and has nothing to encrypt."""
    return quirks.efforts == () and not quirks.thinking_default


def _asked(members: Members) -> dict[str, Any]:
    found = members.get("reasoning")
    if isinstance(found, Raw):
        return dict(json.members(found)) if json.is_object(found) else {}
    return found if isinstance(found, dict) else {}


def _effort(members: Members, quirks: Quirks, ledger: Ledger, path: PathOf) -> None:
    asked = _asked(members)
    level = value_of(asked.get("effort"))
    if never_thinks(quirks):
        _no_thinking(members, level, ledger, path)
        return
    if quirks.efforts is None or not isinstance(level, str):
        return
    taken = clamp(level, quirks.efforts)
    if taken == level:
        return
    if taken is None:
        rest = {name: value for name, value in asked.items() if name != "effort"}
        _no_effort(level, ledger, path)
    else:
        rest = {**asked, "effort": taken}
        ledger.approximate(path("effort"), f"{level} is not taken here: {taken}")
    if rest:
        members["reasoning"] = rest
    else:
        del members["reasoning"]


def _no_effort(level: str, ledger: Ledger, path: PathOf) -> None:
    ledger.lose(path("effort"), LossKind.HINT if level == "none" else LossKind.DROPPED, "this model takes no effort")


def _no_thinking(members: Members, level: Any, ledger: Ledger, path: PathOf) -> None:
    """Such a model refuses all that is said about thinking."""
    asked = _asked(members)
    if isinstance(level, str):
        _no_effort(level, ledger, path)
    for name in sorted(asked.keys() - {"effort"}):
        ledger.hint(f"{path('reasoning')}/{name}", _DOES_NOT_THINK)
    if members.pop("reasoning", None) is not None and not asked:
        ledger.hint(path("reasoning"), _DOES_NOT_THINK)
    included = value_of(members.get("include"))
    if isinstance(included, list) and ENCRYPTED in included:
        ledger.hint(path("include"), _DOES_NOT_THINK)
        rest = [what for what in included if what != ENCRYPTED]
        if rest:
            members["include"] = rest
        else:
            del members["include"]


def _reasons(members: Members, quirks: Quirks) -> bool:
    """Whether the model will think: asked to, or by itself and not told to stop."""
    effort = value_of(_asked(members).get("effort"))
    if effort is not None:
        return bool(effort != "none")
    return quirks.thinking_default or quirks.efforts is None or "none" not in quirks.efforts


def _sampling(members: Members, quirks: Quirks, ledger: Ledger, path: PathOf) -> None:
    if quirks.reasoning_model and _reasons(members, quirks):
        for name in _SAMPLING:
            _drop(members, name, ledger, path, "refused while the model reasons")
    if quirks.sampling == "none":
        for name in ("temperature", "top_p"):
            _drop(members, name, ledger, path, "this model takes no sampling parameters")
    elif quirks.sampling == "one" and "temperature" in members:
        _drop(members, "top_p", ledger, path, "this model takes temperature or top_p")
    highest, heat = quirks.temperature_max, value_of(members.get("temperature"))
    if highest is not None and isinstance(heat, int | float) and heat > highest:
        members["temperature"] = int(highest) if highest == int(highest) else highest
        ledger.approximate(path("temperature"), f"at most {highest:g} here")


def _limit(members: Members, quirks: Quirks, ledger: Ledger, path: PathOf) -> None:
    lowest, highest = quirks.min_output_tokens, None if ledger.own else quirks.max_output_tokens
    asked = value_of(members.get("max_output_tokens"))
    if lowest is not None and isinstance(asked, int) and asked < lowest:
        members["max_output_tokens"] = lowest
        ledger.approximate(path("max_output_tokens"), f"at least {lowest} here")
    elif highest is not None and isinstance(asked, int) and asked > highest:
        members["max_output_tokens"] = highest
        ledger.approximate(path("max_output_tokens"), f"at most {highest} here")


def _drop(members: Members, name: str, ledger: Ledger, path: PathOf, why: str) -> None:
    if members.pop(name, None) is not None:
        ledger.drop(path(name), why)
