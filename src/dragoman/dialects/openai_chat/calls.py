"""The tool calls of one answer as their pieces come, and which piece belongs to which."""

from typing import Any

from dragoman.wire import json


class Call:
    """A tool call on its way. `index` None until its name is known. `held`: what cannot be told in pieces."""

    __slots__ = ("custom", "extras", "held", "id", "index", "name", "text", "told")

    def __init__(self, ident: str | None, custom: bool) -> None:
        self.id = ident
        self.name = ""
        self.custom = custom
        self.text = False
        self.index: int | None = None
        self.held: list[str] = []
        self.told: list[str] = []
        self.extras: dict[str, Any] = {}


class Calls:
    """`all`: in the order of their first pieces."""

    def __init__(self) -> None:
        self.all: list[Call] = []
        self._by_index: dict[int, Call] = {}

    def new(self, index: Any, ident: str | None, custom: bool) -> Call:
        call = Call(ident, custom)
        self.all.append(call)
        if isinstance(index, int):
            self._by_index[index] = call
        return call

    def of(self, index: Any, ident: str | None, name: str) -> Call | None:
        """The call a piece belongs to; None for a new one. Some leave out the index, repeat ids and names, reuse an index."""
        if isinstance(index, int):
            call = self._by_index.get(index)
            if call is None or not name or not call.name:
                return call
            if ident is not None and call.id is not None:
                return call if ident == call.id else next((other for other in self.all if other.id == ident), None)
            return None if ident is None and call.id is None and _complete(call) else call
        if ident is not None:
            return next((call for call in self.all if call.id == ident), None)
        return None if name or not self.all else self.all[-1]


def _complete(call: Call) -> bool:
    """Whether the arguments so far are a whole JSON object."""
    try:
        return isinstance(json.decode("".join(call.told)), dict)
    except json.JSONError:
        return False
