"""Variations of a JSON document in one leaf: left out, changed, or swapped with its like."""

import copy
import json
import re
from collections.abc import Iterator
from typing import Any

from dragoman.wire.pointer import leaves as places


def leaves(body: bytes) -> list[str]:
    """JSON Pointers of all scalars and empty containers. A null counts as absent, so it is none."""
    return list(places(json.loads(body)))


def variations(body: bytes, leaf: str) -> Iterator[bytes]:
    """The document without the leaf, with another value there, and with its value and that of a leaf in a like place swapped."""
    document = json.loads(body)
    steps = _steps(leaf)
    yield _with(document, steps, _ABSENT)
    value = _get(document, steps)
    yield _with(document, steps, _other(value))
    for other in likes(body, leaf):
        swapped = json.loads(_with(document, steps, _get(document, _steps(other))))
        yield _with(swapped, _steps(other), value)


def likes(body: bytes, leaf: str) -> list[str]:
    """Leaves in like places (other numbers in their pointers) with other values."""
    document = json.loads(body)
    value = _get(document, _steps(leaf))
    found = [other for other in leaves(body) if like(other) == like(leaf)]
    return [other for other in found if _get(document, _steps(other)) != value]


def like(pointer: str) -> str:
    """The pointer with `*` for its numbers."""
    return re.sub(r"/\d+(?=/|$)", "/*", pointer)


def respelled(body: bytes) -> bytes:
    """The document as its variations are spelled."""
    return json.dumps(json.loads(body)).encode()


def pointed(body: bytes, pointer: str) -> bool:
    """There is something at the pointer."""
    try:
        _get(json.loads(body), _steps(pointer))
    except (KeyError, IndexError, TypeError, ValueError):
        return False
    return True


def at(document: Any, pointer: str) -> Any:
    """What a pointer points to; text that is no pointer stands for itself."""
    return _get(document, _steps(pointer)) if pointer.startswith("/") else pointer


_ABSENT = object()


def _steps(pointer: str) -> list[str]:
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]


def _get(value: Any, steps: list[str]) -> Any:
    for step in steps:
        value = value[_place(step)] if isinstance(value, list) else value[step]
    return value


def _place(step: str) -> int:
    """A place in a list, as RFC 6901 spells it."""
    if not re.fullmatch(r"0|[1-9][0-9]*", step, re.ASCII):
        raise KeyError(step)
    return int(step)


def _with(document: Any, steps: list[str], value: Any) -> bytes:
    changed = copy.deepcopy(document)
    holder = _get(changed, steps[:-1])
    place: Any = int(steps[-1]) if isinstance(holder, list) else steps[-1]
    if value is _ABSENT:
        del holder[place]
    else:
        holder[place] = value
    return json.dumps(changed).encode()


def _other(value: Any) -> Any:
    match value:
        case bool():
            return not value
        case int() | float():
            return value + 1
        case str():
            return value + "x"
        case _:
            return "x"
