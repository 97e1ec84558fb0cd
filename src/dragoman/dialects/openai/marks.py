"""Prompt-cache breakpoints: OpenAI's `prompt_cache_breakpoint`, and the `cache_control` that OpenRouter and others take.

Rule: `mode` in a mark's extras tells that it was one of OpenAI's.
"""

from collections.abc import Sequence
from typing import Any, Final

from dragoman.core.errors import bad_request
from dragoman.core.parts import CacheMark, Media, Text, ToolCall, ToolResult
from dragoman.core.quirks import Quirks
from dragoman.core.request import Request, Tool
from dragoman.dialects.ledger import Ledger
from dragoman.dialects.marks import LONG, MOST, Takes, standing
from dragoman.wire import json
from dragoman.wire.json import Members, name_of

_CONTROL: Final = "cache_control"
_BREAKPOINT: Final = "prompt_cache_breakpoint"
# Anthropic's and OpenAI's guides to prompt caching (2026-11).
_TIMES: Final = {_CONTROL: ("5m", "1h"), _BREAKPOINT: ("30m", "12h")}
"""How long what is marked is kept: (the shorter time, the longer one)."""


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


class Marks:
    """The marks of one request in the form that its target takes. `takes`: where they may stand in the dialect that is built."""

    __slots__ = ("_form", "_kept", "_ledger", "_long", "_standing")

    def __init__(self, request: Request, quirks: Quirks, ledger: Ledger, takes: Takes) -> None:
        self._form, self._long, self._ledger = quirks.cache_marks, quirks.cache_long, ledger
        self._standing = () if ledger.own or self._form is None else standing(request, takes)
        self._kept = frozenset(self._standing[-MOST:])

    def told(self, piece: Text | Media | ToolCall | ToolResult | Tool) -> dict[str, Any]:
        """The member to write beside a piece; nothing where it has no mark, or where none stays."""
        cache = piece.cache
        if cache is None:
            return {}
        if self._ledger.own:
            return _own(cache, self._form)
        at = cache.at or f"{piece.at}/cache_control"
        if self._form is None or id(cache) not in self._kept:
            self._ledger.hint(at, self._why(cache))
            return {}
        self._ledger.extras(cache.extras, at, "cache_control")
        short, longer = _TIMES[self._form]
        ttl = longer if cache.ttl in LONG and self._long else short
        if cache.ttl not in (None, ttl):
            self._ledger.hint(f"{at}/ttl", f"kept for {ttl}")
        return _spelled(self._form, {} if cache.ttl is None else {"ttl": ttl})

    def of_result(self, result: ToolResult, pieces: Sequence[Any], *, apart: bool = True) -> dict[str, Any]:
        """A result's own mark, for the last piece of its content. `apart`: the pieces are told apart."""
        if result.cache is None:
            return {}
        if self._form is None or (pieces and apart):
            return self.told(result)
        self._ledger.hint(result.cache.at or f"{result.at}/cache_control", "only a part of a text takes a cache mark")
        return {}

    def _why(self, cache: CacheMark) -> str:
        if self._form is None:
            return "no cache marks here"
        return f"no more than {MOST} cache marks" if id(cache) in self._standing else "a cache mark stands on content only"


def _own(cache: CacheMark, form: str | None) -> dict[str, Any]:
    """As the client wrote it, but for a target that knows the other form only."""
    told = {**({} if cache.ttl is None else {"ttl": cache.ttl}), **{n: raw for n, raw in cache.extras.items() if n != "mode"}}
    return _spelled(form or (_BREAKPOINT if "mode" in cache.extras else _CONTROL), told)


def _spelled(form: str, told: dict[str, Any]) -> dict[str, Any]:
    return {form: {"type": "ephemeral", **told} if form == _CONTROL else {"mode": "explicit", **told}}
