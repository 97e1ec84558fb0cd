"""Pieces of a Cohere message, from a stream or a whole answer, -> parts in events. Owns which parts are open.

Rule: a text is closed when something else begins, not when its block ends, so that citations that come late still belong to it.
"""

from typing import Any

from msgspec import Raw

from dragoman.core.events import Citation, Event, PartClosed, PartDelta, PartKind, PartOpened
from dragoman.core.parts import Extras
from dragoman.dialects.base import Undo
from dragoman.dialects.cohere.citations import block_of, citations
from dragoman.dialects.free_text import unwrapped
from dragoman.wire import json

_NULL = "null"
PLAN, WORDS = -1, -2
"""Stand for the block of the plan, and of a content that is one text: neither is a block of a list."""


class _Call:
    """A call on its way. `held`: what cannot be told in pieces."""

    __slots__ = ("custom", "held", "index", "told")

    def __init__(self, index: int, *, custom: bool) -> None:
        self.index, self.custom = index, custom
        self.held = ""
        self.told = False


class Assembly:
    """Feed it pieces; take `out`. `extras`: members of the message that no event has a place for."""

    def __init__(self, undo: Undo) -> None:
        self.out: list[Event] = []
        self.extras: dict[str, Raw] = {}
        self.calls = self._next = self._notes = 0
        self._undo = undo
        self._block: tuple[PartKind, int] | None = None
        self._said = 0
        self._cited: list[Citation] = []
        self._uncited: list[dict[str, Any]] = []
        self._expected: dict[int, list[Citation]] = {}
        self._open: dict[int, _Call] = {}

    @property
    def any(self) -> bool:
        """Whether anything was said."""
        return self._next > 0

    def say(self, kind: PartKind, text: str, block: int) -> None:
        """`block`: its place in the content, PLAN or WORDS."""
        if not text:
            return
        if self._block != (kind, block):
            self._close_block()
            self._block, self._said = (kind, block), self._new()
            place, told_in = _place(kind, block)
            self.out.append(PartOpened(index=self._said, kind=kind, at=place, told_in=told_in))
        self.out.append(PartDelta(self._said, text))

    def other(self, place: int, block: dict[str, Any]) -> None:
        """A block of a kind that is not known here."""
        self._close_block()
        index = self._new()
        kind, at = _text(block.get("type")), f"/message/content/{place}"
        self.out.append(PartOpened(index=index, kind="opaque", raw=json.raw(block), opaque_kind=kind, at=at))
        self.out.append(PartClosed(index=index))

    def expect(self, notes: list[dict[str, Any]], texts: list[int]) -> None:
        """The citations of a whole answer. `texts`: the places of its texts; what says nothing of a place is of the first."""
        for place, note in enumerate(notes):
            block = block_of(note)
            block = texts[0] if block is None and texts else block
            if block in texts:
                self._expected.setdefault(block, []).extend(citations(note, place))
            else:
                self._uncited.append(note)

    def cite(self, note: dict[str, Any]) -> None:
        """A citation of a stream."""
        block, place = block_of(note), self._notes
        self._notes += 1
        if self._block is not None and self._block[0] == "text" and block in (None, self._block[1]):
            self._cited += citations(note, place)
        else:
            self._uncited.append(note)

    def call(self, place: int, told: dict[str, Any]) -> None:
        """A call begins. `place`: its index among the calls of the answer."""
        self._close_block()
        function = told.get("function")
        function = function if isinstance(function, dict) else {}
        wire, id_ = _text(function.get("name")), _text(told.get("id")) or None
        custom = wire in self._undo.custom
        call = self._open[place] = _Call(self._new(), custom=custom)
        kind: PartKind = "custom" if custom else "tool"
        name, at = self._undo.names.get(wire, wire), f"/message/tool_calls/{self.calls}"
        self.calls += 1
        self.out.append(PartOpened(index=call.index, kind=kind, id=id_, name=name, at=at, told_in="/function/arguments"))
        self.argue(place, function.get("arguments"))

    def argue(self, place: int, arguments: Any) -> None:
        """More of a call's arguments. `null` for none is held back until it is sure not to be one."""
        call = self._open.get(place)
        text = arguments if isinstance(arguments, str) else "" if arguments is None else json.text(arguments)
        if call is None or not text:
            return
        call.held += text
        if not call.custom and (call.told or not _NULL.startswith(call.held.strip())):
            self.out.append(PartDelta(call.index, call.held))
            call.held, call.told = "", True

    def end_call(self, place: int) -> None:
        """Arguments are never empty: `{}` where none came."""
        call = self._open.pop(place, None)
        if call is None:
            return
        text = unwrapped(call.held) if call.custom else "" if call.told else "{}"
        if text:
            self.out.append(PartDelta(call.index, text))
        self.out.append(PartClosed(index=call.index))

    def close(self) -> Extras:
        """Close what is open; the extras of the message."""
        self._close_block()
        for place in sorted(self._open):
            self.end_call(place)
        self._uncited += [json.decode(left.raw) for known in self._expected.values() for left in known]
        if self._uncited:
            self.extras["/message/citations"] = json.raw(self._uncited)
        return self.extras

    def _new(self) -> int:
        index, self._next = self._next, self._next + 1
        return index

    def _close_block(self) -> None:
        if self._block is not None:
            known = self._expected.pop(self._block[1], []) if self._block[0] == "text" else []
            self.out.append(PartClosed(index=self._said, citations=(*known, *self._cited)))
            self._block, self._cited = None, []


def _place(kind: PartKind, block: int) -> tuple[str, str]:
    """(where the part stands, where in it its text)."""
    if block in (PLAN, WORDS):
        return "/message/tool_plan" if block == PLAN else "/message/content", ""
    return f"/message/content/{block}", "/thinking" if kind == "reasoning" else "/text"


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
