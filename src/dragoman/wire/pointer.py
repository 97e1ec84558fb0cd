"""JSON Pointers (RFC 6901): the places of a document, for programs and for people. A null counts as absent, so it is no place."""

from collections.abc import Iterator
from typing import Any

from dragoman.wire.json import escape, unescape


def leaves(document: Any, at: str = "") -> Iterator[str]:
    """Pointers of all scalars and empty containers, in their order. `at`: where the document itself stands."""
    if isinstance(document, dict) and document:
        for name, value in document.items():
            yield from leaves(value, f"{at}/{escape(name)}")
    elif isinstance(document, list) and document:
        for place, value in enumerate(document):
            yield from leaves(value, f"{at}/{place}")
    elif document is not None:
        yield at


def inside(pointer: str, outer: str) -> bool:
    """The place is `outer`, or below it."""
    return pointer == outer or pointer.startswith(outer + "/")


def labelled(document: Any, pointer: str) -> str:
    """The pointer for a person: a place in a list is told as the role, the type or the only content of what stands there, in
    brackets, else as `*`."""
    value, told = document, []
    for step in pointer.split("/")[1:]:
        in_list = isinstance(value, list)
        value = _below(value, step)
        told.append(_label(value) if in_list else step)
    return "".join(f"/{step}" for step in told)


def _below(value: Any, step: str) -> Any:
    if isinstance(value, list):
        return value[int(step)]
    return value.get(unescape(step)) if isinstance(value, dict) else None


def _label(value: Any) -> str:
    """`{"functionCall": {...}, "thoughtSignature": "..."}` says what it is by its first member, `{"name": ..., ...}` does not."""
    if not isinstance(value, dict) or not value:
        return "*"
    named = next((value[key] for key in ("role", "type") if isinstance(value.get(key), str)), None)
    if named is not None:
        return f"[{named}]"
    first = next(iter(value))
    return f"[{first}]" if len(value) == 1 or isinstance(value[first], dict | list) else "*"
