"""What the pieces of one request share while it is built. Rule: state of one build, never of the dialect."""

import re

from dragoman.core.config import Target
from dragoman.core.parts import CacheMark, ToolCall, ToolResult
from dragoman.core.quirks import Quirks
from dragoman.core.request import Request, Tool
from dragoman.dialects.base import Undo
from dragoman.dialects.bedrock.facts import CALL_ID, DOCUMENT_NAME_MAX, ID_MAX, NAME, NAME_MAX
from dragoman.dialects.history import paired
from dragoman.dialects.ledger import Ledger
from dragoman.dialects.marks import LONG, MOST, kept
from dragoman.dialects.names import map_ids, map_names

_ODD = re.compile(r"[^A-Za-z0-9 \-()\[\]]+")


class Draft:
    """`origin`: where proofs of this target are valid. `marks`: the cache marks that stay. `instructions`: what is added to
    the system prompt, because a member has no place here. `undo`: how the answer is named back."""

    def __init__(self, request: Request, target: Target, quirks: Quirks) -> None:
        self.origin, self.quirks = target.origin, quirks
        self.ledger = Ledger(own=False, weights=request.weights, whys=request.whys)
        self.marks = kept(request, lambda piece, holder: not isinstance(holder, ToolResult))
        self.instructions: list[str] = []
        self.messages = paired(request.messages)
        self._documents: set[str] = set()
        self._names = self._wire_names(request)
        self._ids = self._wire_ids()
        custom = (tool.name for tool in request.tools if isinstance(tool, Tool) and tool.custom)
        self.undo = Undo(
            names={wire: name for name, wire in self._names.items()},
            ids={wire: id_ for id_, wire in self._ids.items()},
            custom=frozenset(map(self.name, custom)),
        )

    def name(self, name: str) -> str:
        return self._names.get(name, name)

    def id(self, id_: str) -> str:
        return self._ids.get(id_, id_)

    def document(self, title: str | None, at: str) -> str:
        """A name that a document may have, and that no other has: letters, digits, blanks, hyphens and brackets."""
        wanted = " ".join(_ODD.sub(" ", title or "").split())[: DOCUMENT_NAME_MAX - 6].rstrip() or "document"
        found, number = wanted, 1
        while found in self._documents:
            number += 1
            found = f"{wanted} {number}"
        self._documents.add(found)
        if title is not None and found != title:
            self.ledger.hint(at, f"named {found}")
        return found

    def marked(self, mark: CacheMark | None, at: str) -> list[dict[str, object]]:
        """The block of a cache breakpoint; nothing where there is none, or none is taken."""
        if mark is None:
            return []
        where = mark.at or at
        self.ledger.extras(mark.extras, where, "cache_control")
        if self.quirks.cache_marks != "cache_point":
            self.ledger.hint(where, "this model is not known to take cache points")
            return []
        if id(mark) not in self.marks:
            self.ledger.hint(where, f"no more than {MOST} cache points")
            return []
        if mark.ttl not in (None, "5m", "1h"):
            self.ledger.hint(where, "a cache point keeps for 5 minutes or 1 hour here")
        return [{"cachePoint": {"type": "default", **({"ttl": "1h"} if mark.ttl in LONG else {})}}]

    def _wire_names(self, request: Request) -> dict[str, str]:
        """The client's own tools come first, so that their names do not depend on the history."""
        offered = [tool.name for tool in request.tools if isinstance(tool, Tool)]
        called = [part.name for message in self.messages for part in message.parts if isinstance(part, ToolCall)]
        return map_names([*offered, *called], self.quirks.tool_name_max or NAME_MAX, NAME)

    def _wire_ids(self) -> dict[str, str]:
        parts = [part for message in self.messages for part in message.parts if isinstance(part, ToolCall | ToolResult)]
        return map_ids([part.id for part in parts], ID_MAX, CALL_ID)
