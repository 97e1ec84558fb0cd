"""Members that nobody knows of an object inside a piece: of what an image, a call or a choice is about.

Rule: in every dialect they are extras of the piece, named by their pointer in it. So they are told where the client wrote them,
weigh what any other unknown member does, and go back to where they stood.
"""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from dragoman.core.parts import Extras
from dragoman.wire.json import Members, escape, unescape


def deeper(inner: Members, at: str) -> Extras:
    """What nobody took of `inner`, which stands in the piece at `at`; of the piece itself by its plain name."""
    place = inner.at.removeprefix(at)
    return {f"{place}/{escape(name)}" if place else name: value for name, value in inner.rest().items()}


def laid(piece: dict[str, Any], extras: Mapping[str, Any]) -> dict[str, Any]:
    """The piece with its extras, each in the object that it stood in; what holds exact bytes holds its own."""
    for name, value in extras.items():
        if name.startswith("/"):
            _lay(piece, [unescape(step) for step in name.split("/")[1:]], value)
        else:
            piece.setdefault(name, value)
    return piece


def _lay(holder: Any, steps: list[str], value: Any) -> None:
    """An object that is not there is made; a list is not, and nobody can say what would stand in it."""
    for step, below in pairwise(steps):
        if isinstance(holder, dict) and (step in holder or not below.isdigit()):
            holder = holder.setdefault(step, {})
        elif isinstance(holder, list) and step.isdigit() and int(step) < len(holder):
            holder = holder[int(step)]
        else:
            return
    if isinstance(holder, dict):
        holder.setdefault(steps[-1], value)
