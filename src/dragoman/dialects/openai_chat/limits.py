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
from dragoman.wire import json

Members = dict[str, Any]
PathOf = Callable[[str], str]
"""Wire name -> JSON Pointer into the client's request."""

_SAMPLING = ("temperature", "top_p", "presence_penalty", "frequency_penalty", "logprobs", "top_logprobs", "logit_bias")
"""What OpenAI's models refuse while they reason (OpenAI's guide to reasoning, 2026-11)."""
_ONLY_HINTS = frozenset(
    {"prompt_cache_key", "prompt_cache_options", "prompt_cache_retention", "user", "safety_identifier", "metadata", "store",
     "service_tier", "stream_options", "parallel_tool_calls", "prediction"}
)  # fmt: skip
"""Members whose absence does not change what a model says."""


def fit(members: Members, quirks: Quirks, ledger: Ledger, path: PathOf) -> None:
    """Bring `members` into what the target takes, in place."""
    _tools_or_reasoning(members, quirks, ledger, path)
    _effort(members, quirks, ledger, path)
    _sampling(members, quirks, ledger, path)
    _stop(members, quirks, ledger, path)
    _limit(members, quirks, ledger, path)
    for name in sorted(quirks.drop & members.keys()):
        del members[name]
        ledger.lose(path(name), LossKind.HINT if name in _ONLY_HINTS else LossKind.DROPPED, "this target refuses it")
    for name, taken in quirks.rename.items():
        if name in members:
            value = members.pop(name)
            members.setdefault(taken, value)


def reasons(members: Members, quirks: Quirks) -> bool:
    """Whether the model will think: asked to, or by itself and not told to stop."""
    effort = value_of(members.get("reasoning_effort"))
    if effort is not None:
        return bool(effort != "none")
    return quirks.thinking_default or quirks.efforts is None or "none" not in quirks.efforts


def value_of(value: Any) -> Any:
    """A member's value, of exact bytes too."""
    return json.decode(value) if isinstance(value, Raw) else value


def _tools_or_reasoning(members: Members, quirks: Quirks, ledger: Ledger, path: PathOf) -> None:
    if quirks.tools_with_reasoning or not value_of(members.get("tools")):
        return
    asked = value_of(members.get("reasoning_effort"))
    if asked == "none":
        return
    members["reasoning_effort"] = "none"
    told = path("reasoning_effort" if asked is not None else "tools")
    ledger.drop(told, "this model takes no tools while it reasons: it answers without reasoning")


def _effort(members: Members, quirks: Quirks, ledger: Ledger, path: PathOf) -> None:
    if quirks.efforts is None or not isinstance(level := value_of(members.get("reasoning_effort")), str):
        return
    taken = clamp(level, quirks.efforts)
    if taken == level:
        return
    if taken is None:
        del members["reasoning_effort"]
        ledger.drop(path("reasoning_effort"), "this model takes no effort")
    elif quirks.tools_with_reasoning or level != "none":
        members["reasoning_effort"] = taken
        ledger.approximate(path("reasoning_effort"), f"{level} is not taken here: {taken}")


def _sampling(members: Members, quirks: Quirks, ledger: Ledger, path: PathOf) -> None:
    if quirks.reasoning_model and reasons(members, quirks):
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


def _stop(members: Members, quirks: Quirks, ledger: Ledger, path: PathOf) -> None:
    if quirks.stop_max is None or (stop := value_of(members.get("stop"))) is None:
        return
    if quirks.stop_max == 0:
        _drop(members, "stop", ledger, path, "this model takes no stop sequences")
    elif isinstance(stop, list) and len(stop) > quirks.stop_max:
        members["stop"] = stop[: quirks.stop_max]
        ledger.drop(path("stop"), f"at most {quirks.stop_max} here")


def _limit(members: Members, quirks: Quirks, ledger: Ledger, path: PathOf) -> None:
    lowest, highest = quirks.min_output_tokens, None if ledger.own else quirks.max_output_tokens
    for name in ("max_tokens", "max_completion_tokens"):
        asked = value_of(members.get(name))
        if lowest is not None and isinstance(asked, int) and asked < lowest:
            members[name] = lowest
            ledger.approximate(path(name), f"at least {lowest} here")
        elif highest is not None and isinstance(asked, int) and asked > highest:
            members[name] = highest
            ledger.approximate(path(name), f"at most {highest} here")


def _drop(members: Members, name: str, ledger: Ledger, path: PathOf, why: str) -> None:
    if members.pop(name, None) is not None:
        ledger.drop(path(name), why)
