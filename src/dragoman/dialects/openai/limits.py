"""What targets of OpenAI's dialects refuse or rename at the top level, where both dialects spell it alike.

Rule: works on wire members by their usual names, decoded values or exact bytes alike; what changes is told.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from msgspec import Raw

from dragoman.core.loss import LossKind
from dragoman.core.quirks import Quirks
from dragoman.dialects.ledger import Ledger
from dragoman.wire import json

Members = dict[str, Any]
PathOf = Callable[[str], str]
"""Wire name -> JSON Pointer into the client's request."""


def value_of(value: Any) -> Any:
    """A member's value, of exact bytes too."""
    return json.decode(value) if isinstance(value, Raw) else value


def drop(members: Members, name: str, ledger: Ledger, path: PathOf, why: str) -> None:
    if members.pop(name, None) is not None:
        ledger.drop(path(name), why)


def thinks(effort: Any, quirks: Quirks) -> bool:
    """Whether the model will think: asked to (`effort`, None where it was not), or by itself and not told to stop."""
    if effort is not None:
        return bool(effort != "none")
    return quirks.thinking_default or quirks.efforts is None or "none" not in quirks.efforts


_IDLE: Final[Mapping[str, Any]] = {
    "temperature": 1, "top_p": 1, "presence_penalty": 0, "frequency_penalty": 0, "logprobs": False, "top_logprobs": 0,
    "logit_bias": {},
}  # fmt: skip
"""What a model that takes no such member does by itself (OpenAI's API reference, 2026-11): leaving it out changes nothing."""


def sampling(members: Members, quirks: Quirks, ledger: Ledger, path: PathOf, refused: Iterable[str]) -> None:
    """`refused`: those that a model that reasons takes none of, where it will."""
    for name in refused:
        _unless_idle(members, name, ledger, path, "refused while the model reasons")
    if quirks.sampling == "none":
        for name in ("temperature", "top_p"):
            _unless_idle(members, name, ledger, path, "this model takes no sampling parameters")
    elif quirks.sampling == "one" and "temperature" in members:
        drop(members, "top_p", ledger, path, "this model takes temperature or top_p")
    highest, heat = quirks.temperature_max, value_of(members.get("temperature"))
    if highest is not None and isinstance(heat, int | float) and heat > highest:
        members["temperature"] = int(highest) if highest == int(highest) else highest
        ledger.approximate(path("temperature"), f"at most {highest:g} here")


def _unless_idle(members: Members, name: str, ledger: Ledger, path: PathOf, why: str) -> None:
    if value_of(members.get(name)) == _IDLE[name]:
        del members[name]
    drop(members, name, ledger, path, why)


def length(members: Members, quirks: Quirks, ledger: Ledger, path: PathOf, name: str) -> None:
    """`name`: the member that says how long the answer may be."""
    lowest, highest = quirks.min_output_tokens, None if ledger.own else quirks.max_output_tokens
    asked = value_of(members.get(name))
    if lowest is not None and isinstance(asked, int) and asked < lowest:
        members[name] = lowest
        ledger.approximate(path(name), f"at least {lowest} here")
    elif highest is not None and isinstance(asked, int) and asked > highest:
        members[name] = highest
        ledger.approximate(path(name), f"at most {highest} here")


def refused_and_renamed(members: Members, quirks: Quirks, ledger: Ledger, path: PathOf, hints: frozenset[str]) -> None:
    """The last step. `hints`: members whose absence does not change what a model says."""
    for name in sorted(quirks.drop & members.keys()):
        del members[name]
        ledger.lose(path(name), LossKind.HINT if name in hints else LossKind.DROPPED, "this target refuses it")
    for name, taken in quirks.rename.items():
        if name in members:
            value = members.pop(name)
            members.setdefault(taken, value)
