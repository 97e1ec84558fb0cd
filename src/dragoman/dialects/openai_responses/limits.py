"""What a target refuses or renames at the top level, for both lanes: the last step before a body goes out.

Rule: works on wire members by their usual names, decoded values or exact bytes alike; what changes is told.
"""

from typing import Any

from msgspec import Raw

from dragoman.core.loss import LossKind
from dragoman.core.quirks import Quirks
from dragoman.dialects.effort import clamp
from dragoman.dialects.ledger import Ledger
from dragoman.dialects.openai.limits import Members, PathOf, length, refused_and_renamed, sampling, thinks, value_of
from dragoman.dialects.openai_responses.facts import ENCRYPTED
from dragoman.wire import json

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
    reasons = quirks.reasoning_model and thinks(value_of(_asked(members).get("effort")), quirks)
    sampling(members, quirks, ledger, path, _SAMPLING if reasons else ())
    length(members, quirks, ledger, path, "max_output_tokens")
    refused_and_renamed(members, quirks, ledger, path, _ONLY_HINTS)


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
