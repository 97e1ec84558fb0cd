"""What the pieces of one request share while it is built. Rule: state of one build, never of the dialect."""

import re

from dragoman.core.quirks import Quirks
from dragoman.core.request import Request
from dragoman.dialects import functions
from dragoman.dialects.base import Undo
from dragoman.dialects.cohere.facts import NAME_MAX
from dragoman.dialects.ledger import Ledger
from dragoman.dialects.names import map_names

_WORD = re.compile(r"[a-zA-Z0-9_]")
_FIRST = re.compile(r"[a-zA-Z_]")


class Draft:
    """`thinks`: the model tells its thinking, and is told it again, as such; others tell a plan of their calls.

    `instructions`: what is added to the system prompt, because a member has no place here.
    """

    __slots__ = ("_custom", "_names", "instructions", "ledger", "quirks", "request")

    def __init__(self, request: Request, quirks: Quirks) -> None:
        self.request, self.quirks = request, quirks
        self.ledger = Ledger(own=False, weights=request.weights, whys=request.whys)
        self.instructions: list[str] = []
        self._custom = functions.custom(request)
        self._names = map_names(functions.names(request), quirks.tool_name_max or NAME_MAX, _WORD, _FIRST)

    @property
    def thinks(self) -> bool:
        return self.quirks.efforts != ()

    def name(self, name: str) -> str:
        """A tool's name on the wire."""
        return self._names.get(name, name)

    def undo(self) -> Undo:
        return Undo(
            names={wire: name for name, wire in self._names.items()}, custom=frozenset(self.name(name) for name in self._custom)
        )
