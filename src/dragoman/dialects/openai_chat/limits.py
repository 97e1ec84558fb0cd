"""What a target refuses or renames at the top level, for both lanes: the last step before a body goes out.

Rule: works on wire members by their usual names, decoded values or exact bytes alike; what changes is told.
"""

from dragoman.core.quirks import Quirks
from dragoman.dialects.effort import clamp
from dragoman.dialects.ledger import Ledger
from dragoman.dialects.openai.limits import Members, PathOf, drop, length, refused_and_renamed, sampling, thinks, value_of

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
    reasons = quirks.reasoning_model and thinks(value_of(members.get("reasoning_effort")), quirks)
    sampling(members, quirks, ledger, path, _SAMPLING if reasons else ())
    _stop(members, quirks, ledger, path)
    for name in ("max_tokens", "max_completion_tokens"):
        length(members, quirks, ledger, path, name)
    refused_and_renamed(members, quirks, ledger, path, _ONLY_HINTS)


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


def _stop(members: Members, quirks: Quirks, ledger: Ledger, path: PathOf) -> None:
    if quirks.stop_max is None or (stop := value_of(members.get("stop"))) is None:
        return
    if quirks.stop_max == 0:
        drop(members, "stop", ledger, path, "this model takes no stop sequences")
    elif isinstance(stop, list) and len(stop) > quirks.stop_max:
        members["stop"] = stop[: quirks.stop_max]
        ledger.drop(path("stop"), f"at most {quirks.stop_max} here")
