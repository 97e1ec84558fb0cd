"""Files in a conversation that are told by their ids: who issued one is the only provider that can read it.

Rule: a body without such a member is not looked into; each dialect says where in one a file can stand.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final, TypeVar

from msgspec import Struct

from dragoman.wire import json

T = TypeVar("T", bound=Struct)
_MEMBER: Final = b'"file_id"'


def last(body: bytes, type_: type[T], ids: Callable[[T], Iterable[Any]]) -> str | None:
    """Of several files the one that was attached last. `type_`: a conversation as far as files stand in it; a body of another
    form has none."""
    if _MEMBER not in body:
        return None
    try:
        found = [id_ for id_ in ids(json.decode(body, type_)) if isinstance(id_, str) and id_]
    except json.JSONError:
        return None
    return found[-1] if found else None
