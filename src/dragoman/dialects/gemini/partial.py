"""Arguments of a call that come in pieces, each with the place it belongs to (Vertex, `streamFunctionCallArguments`, 2026-11).

A place is a JSON path of names and numbers: `$.orders[0].note`, `$['a b']`.
"""

import re
from collections.abc import Iterable
from itertools import pairwise
from typing import Any, Final

from dragoman.wire import json

_STEP: Final = re.compile(r"\.([^.\[]+)|\[(\d+)\]|\['((?:[^'\\]|\\.)*)'\]|\[\"((?:[^\"\\]|\\.)*)\"\]")
_ESCAPED: Final = re.compile(r"\\(.)")
_VALUES: Final = ("stringValue", "numberValue", "boolValue")
_LONGEST: Final = 100_000
"""A number in a path that is higher is no place in a list."""


class Arguments:
    """Feed it pieces; `text` is the JSON that they make."""

    def __init__(self, whole: Any = None) -> None:
        self._value: Any = whole if isinstance(whole, dict) else {}

    @property
    def text(self) -> str:
        return json.text(self._value)

    def add(self, piece: dict[str, Any]) -> None:
        """A string grows by more of it; any other value is put in its place."""
        steps = list(_steps(str(piece.get("jsonPath") or "")))
        if not steps:
            return
        value = next((piece[name] for name in _VALUES if name in piece), None)
        holder = self._value
        for step, following in pairwise(steps):
            holder = _inner(holder, step, [] if isinstance(following, int) else {})
        before = _get(holder, steps[-1])
        _put(holder, steps[-1], before + value if isinstance(before, str) and isinstance(value, str) else value)


def _steps(path: str) -> Iterable[str | int]:
    for dotted, number, single, double in _STEP.findall(path.removeprefix("$")):
        if number:
            yield int(number)
        else:
            yield dotted or _ESCAPED.sub(r"\1", single or double)


def _get(holder: Any, step: str | int) -> Any:
    if isinstance(holder, list) and isinstance(step, int):
        return holder[step] if step < len(holder) else None
    return holder.get(step) if isinstance(holder, dict) else None


def _put(holder: Any, step: str | int, value: Any) -> None:
    if isinstance(holder, list) and isinstance(step, int) and step < _LONGEST:
        holder.extend([None] * (step + 1 - len(holder)))
        holder[step] = value
    elif isinstance(holder, dict):
        holder[str(step)] = value


def _inner(holder: Any, step: str | int, new: Any) -> Any:
    """What stands at a step, made where it is not there."""
    found = _get(holder, step)
    if not isinstance(found, dict | list):
        _put(holder, step, new)
        return new
    return found
