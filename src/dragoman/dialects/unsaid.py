"""Members of a request that a target has no word for or refuses, told as losses.

Rule: what says no more than the default says nothing.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from dragoman.core.loss import LossKind
from dragoman.core.quirks import Quirks
from dragoman.core.request import Request
from dragoman.dialects.ledger import Ledger

_HINT, _DROPPED, _REFUSED = LossKind.HINT, LossKind.DROPPED, LossKind.REFUSED
_WEIGHTS: Final[Mapping[str, tuple[LossKind, Any, str]]] = {
    "n": (_REFUSED, 1, "one answer at a time"),
    "top_k": (_DROPPED, None, "no such setting here"),
    "seed": (_DROPPED, None, "no such setting here"),
    "presence_penalty": (_DROPPED, 0, "no such setting here"),
    "frequency_penalty": (_DROPPED, 0, "no such setting here"),
    "logprobs": (_DROPPED, False, "no such setting here"),
    "top_logprobs": (_DROPPED, 0, "no such setting here"),
    "verbosity": (_DROPPED, "medium", "no such setting here"),
    "parallel_tools": (_DROPPED, True, "calls cannot be held to one at a time"),
    "user": (_HINT, None, "the user is not told"),
    "safety_identifier": (_HINT, None, "the user is not told"),
    "metadata": (_HINT, None, "answers are not stored"),
    "prompt_cache_key": (_HINT, None, "prompts are cached in another way"),
    "service_tier": (_HINT, None, "no tiers here"),
    "store": (_HINT, False, "answers are not stored"),
}
"""Canonical member -> what losing it means, what it says by default, why it is lost."""


def confess(request: Request, ledger: Ledger, members: Iterable[str]) -> None:
    """Tell those of the canonical `members` that the request has."""
    for name in members:
        value = getattr(request, name)
        kind, default, why = _WEIGHTS[name]
        if value is not None and value != default:
            ledger.lose(request.at(name), kind, why)


def idle(request: Request, ledger: Ledger) -> None:
    """Tell what is said about the calling of tools where none is offered: only who demands a call misses one."""
    choice = request.tool_choice
    if choice is not None and choice.mode in ("any", "tool"):
        ledger.hint(choice.at or request.at("tool_choice"), "no tools to choose from")


def fit(found: dict[str, Any], request: Request, quirks: Quirks, ledger: Ledger, told: Mapping[str, tuple[str, ...]]) -> None:
    """Take out of the members `found` what this target refuses, and give the rest the names it takes.

    `told`: name on the wire -> the canonical members that it tells."""
    for name in sorted(quirks.drop & found.keys() - {"model", "messages", "stream"}):
        del found[name]
        asked = [request.at(member) for member in told.get(name, ()) if getattr(request, member) is not None]
        for at in (*asked, *([f"/{name}"] if name in request.extras else [])):
            ledger.drop(at, "this target refuses it")
    for name, taken in quirks.rename.items():
        if name in found:
            found.setdefault(taken, found.pop(name))
