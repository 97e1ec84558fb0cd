"""`options`, and the members that are Ollama's own words, whichever dialect's client writes them.

Rule: Ollama's words beat what the client says in its own dialect's members, and that is told.
"""

from collections.abc import Mapping
from typing import Any

from msgspec import Raw

from dragoman.core.parts import Extras
from dragoman.core.request import Request
from dragoman.dialects.drafting import Draft
from dragoman.dialects.ollama.facts import OPTIONS, OWN_MEMBERS, OWN_OPTIONS
from dragoman.dialects.unsaid import fit
from dragoman.wire import json

_TOLD: Mapping[str, tuple[str, ...]] = {name: (member,) for name, member in OPTIONS.items()}


def own_words(request: Request) -> Extras:
    """Of the members that only the client's dialect knows: those that Ollama knows."""
    return {
        name: raw
        for name, raw in request.extras.items()
        if name in OWN_MEMBERS or name in OWN_OPTIONS or (name == "options" and json.is_object(raw))
    }


def members(own: Mapping[str, Raw]) -> dict[str, Raw]:
    """Those of `own` that stand at the top level."""
    return {name: raw for name, raw in own.items() if name not in OWN_OPTIONS and not (name == "options" and json.is_object(raw))}


def options(draft: Draft, own: Extras) -> dict[str, Any]:
    """What the client says in its own dialect's members, then in Ollama's words, which win."""
    request, ledger = draft.request, draft.ledger
    said = {name: getattr(request, member) for name, member in OPTIONS.items()}
    found: dict[str, Any] = {name: value for name, value in said.items() if value is not None}
    if "num_predict" not in found and draft.quirks.max_tokens_default is not None:
        found["num_predict"] = draft.quirks.max_tokens_default
    _bound(draft, found)
    for words in (_bare(own), _object(own), _bare(request.passed), _object(request.passed)):
        for name in found.keys() & words.keys() & OPTIONS.keys():
            if getattr(request, OPTIONS[name]) is not None:
                ledger.approximate(request.at(OPTIONS[name]), f"said otherwise as {name}")
        found.update(words)
    fit(found, request, draft.quirks, ledger, _TOLD)
    return found


def _bare(words: Mapping[str, Raw]) -> dict[str, Raw]:
    """Options that stand beside the members of a request."""
    return {name: raw for name, raw in words.items() if name in OWN_OPTIONS}


def _object(words: Mapping[str, Raw]) -> dict[str, Raw]:
    """The members of `options`, where that is an object."""
    raw = words.get("options")
    return json.members(raw) if raw is not None and json.is_object(raw) else {}


def _bound(draft: Draft, found: dict[str, Any]) -> None:
    """What this target takes less of; no stop sequence is what nobody need say."""
    request, quirks = draft.request, draft.quirks
    if quirks.temperature_max is not None and found.get("temperature", 0) > quirks.temperature_max:
        found["temperature"] = quirks.temperature_max
        draft.ledger.approximate(request.at("temperature"), f"at most {quirks.temperature_max:g} here")
    stop = found.pop("stop", ())
    if quirks.stop_max is not None and len(stop) > quirks.stop_max:
        draft.ledger.drop(request.at("stop"), f"at most {quirks.stop_max} here")
        stop = stop[: quirks.stop_max]
    if stop:
        found["stop"] = stop
