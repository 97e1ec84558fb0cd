"""Prompt-cache breakpoints: OpenAI's `prompt_cache_breakpoint`, and the `cache_control` that OpenRouter and others take.

Rule: `mode` in a mark's extras tells that it was one of OpenAI's.
"""

from typing import Any

from dragoman.core.errors import bad_request
from dragoman.core.parts import CacheMark
from dragoman.dialects.ledger import Ledger
from dragoman.wire import json
from dragoman.wire.json import Members, name_of


def cache_mark(part: Members) -> CacheMark | None:
    """Takes the mark of a piece, in either form."""
    mark = part.take_object("prompt_cache_breakpoint")
    if mark is not None:
        mode = mark.take("mode", str) or "explicit"
        if mode != "explicit":
            raise bad_request(f"Invalid value: '{mode}'. Supported values are: 'explicit'.", name_of(mark.path("mode")))
        return CacheMark(ttl=mark.take("ttl", str), extras={"mode": json.raw(mode), **mark.rest()}, at=mark.at)
    mark = part.take_object("cache_control")
    if mark is None:
        return None
    mark.take_raw("type")
    return CacheMark(ttl=mark.take("ttl", str), extras=mark.rest(), at=mark.at)


def marked(cache: CacheMark | None, at: str, form: str | None, ledger: Ledger) -> dict[str, Any]:
    """A breakpoint in the form this target takes. `form`: a quirk's word; None: as the client's own dialect wrote it."""
    if cache is None:
        return {}
    if form is None and ledger.own:
        form = "prompt_cache_breakpoint" if "mode" in cache.extras else "cache_control"
    ttl = {} if cache.ttl is None else {"ttl": cache.ttl}
    extras = {name: raw for name, raw in cache.extras.items() if name != "mode"} if ledger.own else {}
    if form == "cache_control":
        return {form: {"type": "ephemeral", **ttl, **extras}}
    if form == "prompt_cache_breakpoint":
        told = ttl if ledger.own else {} if cache.ttl is None else {"ttl": "12h" if cache.ttl == "1h" else "30m"}
        return {form: {"mode": "explicit", **told, **extras}}
    ledger.hint(cache.at or f"{at}/cache_control", "no cache marks here")
    return {}
