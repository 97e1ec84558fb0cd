"""What the pieces of one request share while it is built. Rule: state of one build, never of the dialect."""

import re
from typing import Final

from dragoman.core.config import Target
from dragoman.core.parts import ToolCall, ToolResult
from dragoman.core.quirks import Quirks
from dragoman.core.request import Request, Tool
from dragoman.dialects import marks
from dragoman.dialects.anthropic.parse_content import ID
from dragoman.dialects.base import Undo
from dragoman.dialects.history import paired
from dragoman.dialects.ledger import Ledger
from dragoman.dialects.names import map_ids, map_names

# Anthropic's API reference (2026-11).
NAME_MAX: Final = 128
ID_MAX: Final = 64
_WORD = re.compile(r"[a-zA-Z0-9_-]")
_ALNUM = re.compile(r"[a-zA-Z0-9]")


class Draft:
    """`own`: the client speaks this dialect, so what it said is written back. `origin`: where proofs of this target are valid.

    `names`, `ids`: the client's -> on the wire, for those that must change. `instructions`: what is added to the system prompt,
    because a member has no place here. `marks`: the cache breakpoints that stay; `short`: one for the shorter time is written.
    """

    def __init__(self, request: Request, target: Target, quirks: Quirks) -> None:
        self.own = request.dialect == ID
        self.origin = target.origin
        self.quirks = quirks
        self.ledger = Ledger(own=self.own, weights=request.weights, whys=request.whys)
        self.marks = frozenset() if self.own else marks.kept(request)
        self.short = False
        self.instructions: list[str] = []
        self.messages = request.messages if self.own else paired(request.messages)
        self.names = self._names(request)
        self.ids = self._ids()
        self.custom = frozenset(self.name(tool.name) for tool in request.tools if isinstance(tool, Tool) and tool.custom)

    def name(self, name: str) -> str:
        return self.names.get(name, name)

    def id(self, id_: str) -> str:
        return self.ids.get(id_, id_)

    def undo(self) -> Undo:
        return Undo(
            names={wire: name for name, wire in self.names.items()},
            ids={wire: id_ for id_, wire in self.ids.items()},
            custom=self.custom,
        )

    def _names(self, request: Request) -> dict[str, str]:
        """The client's own tools come first, so that their names do not depend on the history."""
        limit = self.quirks.tool_name_max
        if self.own and limit is None:
            return {}
        offered = [tool.name for tool in request.tools if isinstance(tool, Tool)]
        called = [part.name for message in self.messages for part in message.parts if isinstance(part, ToolCall)]
        return map_names([*offered, *called], limit or NAME_MAX, _WORD)

    def _ids(self) -> dict[str, str]:
        exact = 9 if self.quirks.tool_id == "alnum9" else None
        if self.own and exact is None:
            return {}
        parts = [part for message in self.messages for part in message.parts if isinstance(part, ToolCall | ToolResult)]
        return map_ids([part.id for part in parts], exact or ID_MAX, _ALNUM if exact else _WORD, exact)
