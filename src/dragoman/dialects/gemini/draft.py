"""What the pieces of one request share while it is built. Rule: state of one build, never of the dialect."""

import re
from typing import Final

from dragoman.core.config import Target
from dragoman.core.parts import ToolCall
from dragoman.core.quirks import Quirks
from dragoman.core.request import Request, Tool
from dragoman.dialects.base import Undo
from dragoman.dialects.gemini.facts import ID, NAME_MAX
from dragoman.dialects.history import paired
from dragoman.dialects.ledger import Ledger
from dragoman.dialects.names import map_names

_NAME: Final = re.compile(r"[a-zA-Z0-9_.:-]")
_FIRST: Final = re.compile(r"[a-zA-Z_]")


class Draft:
    """`own`: the client speaks this dialect, so what it said is written back. `origin`: where proofs of this target are valid.

    `names`: the client's -> on the wire, for those that must change. `custom`: wire names of functions that stand for custom
    tools. `called`: id of a call -> the name of what it calls.
    `instructions`: what is added to the instructions, because a member has no place here.
    """

    def __init__(self, request: Request, target: Target, quirks: Quirks) -> None:
        self.own = request.dialect == ID
        self.origin = target.origin
        self.quirks = quirks
        self.ledger = Ledger(own=self.own, weights=request.weights, whys=request.whys)
        self.instructions: list[str] = []
        self.messages = request.messages if self.own else paired(request.messages)
        self.names = self._names(request)
        self.custom = frozenset(self.name(tool.name) for tool in request.tools if isinstance(tool, Tool) and tool.custom)
        self.called = {
            part.id: part.name for message in self.messages for part in message.parts if isinstance(part, ToolCall) and part.id
        }

    def name(self, name: str) -> str:
        return self.names.get(name, name)

    def undo(self) -> Undo:
        return Undo(names={wire: name for name, wire in self.names.items()}, custom=self.custom)

    def _names(self, request: Request) -> dict[str, str]:
        """The client's own tools come first, so that their names do not depend on the history."""
        limit = self.quirks.tool_name_max
        if self.own and limit is None:
            return {}
        offered = [tool.name for tool in request.tools if isinstance(tool, Tool)]
        called = [part.name for message in self.messages for part in message.parts if isinstance(part, ToolCall)]
        choice = request.tool_choice
        chosen = [] if choice is None or choice.name is None else [choice.name]
        return map_names(filter(None, [*offered, *called, *chosen]), limit or NAME_MAX, _NAME, _FIRST)
