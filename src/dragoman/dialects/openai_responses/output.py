"""The items of one answer, by where they stand: events of a stream, or a whole list, to what each item makes of them.

Rule: an item is known by its place (`output_index`), for its id may change. What was not announced begins with its first piece.
"""

from typing import Any, Protocol

from msgspec import Raw

from dragoman.dialects.base import Undo
from dragoman.dialects.openai_responses.facts import CONTENT
from dragoman.dialects.openai_responses.images import CALL, ImageItem
from dragoman.dialects.openai_responses.items import (
    CallItem,
    CustomItem,
    Item,
    MessageItem,
    OpaqueItem,
    ReasoningItem,
    list_of,
    object_of,
    string,
)
from dragoman.dialects.openai_responses.reasoning import SUMMARY
from dragoman.dialects.openai_responses.sink import Sink
from dragoman.wire import json

_PIECES = {
    # event -> (member, the type of item that has it, where all of the piece is told; "" in a delta)
    "response.output_text.delta": ("text", "message", ""),
    "response.output_text.done": ("text", "message", "text"),
    "response.refusal.delta": ("refusal", "message", ""),
    "response.refusal.done": ("refusal", "message", "refusal"),
    "response.function_call_arguments.delta": ("arguments", "function_call", ""),
    "response.function_call_arguments.done": ("arguments", "function_call", "arguments"),
    "response.custom_tool_call_input.delta": ("input", "custom_tool_call", ""),
    "response.custom_tool_call_input.done": ("input", "custom_tool_call", "input"),
    "response.reasoning_summary_text.delta": (SUMMARY, "reasoning", ""),
    "response.reasoning_summary_text.done": (SUMMARY, "reasoning", "text"),
    "response.reasoning_text.delta": (CONTENT, "reasoning", ""),
    "response.reasoning_text.done": (CONTENT, "reasoning", "text"),
}
_KINDS: dict[str, type[Item]] = {
    "message": MessageItem,
    "reasoning": ReasoningItem,
    "function_call": CallItem,
    "custom_tool_call": CustomItem,
    CALL: ImageItem,
}


class Told(Protocol):
    """An event of a stream (decode)."""

    output_index: int | None
    content_index: int | None
    summary_index: int | None
    item_id: str | None
    delta: Any
    item: Raw
    part: Raw
    annotation: Raw


class Output(Sink):
    """Owns the items. `out`: what they tell."""

    def __init__(self, undo: Undo) -> None:
        super().__init__(undo)
        self._items: dict[int, Item] = {}
        self._finished: set[int] = set()
        self._idents: dict[str, int] = {}

    def text(self, index: int | None, ident: str | None, place: int, text: str) -> None:
        """The event that most are: more of a text."""
        self._find(index, ident, "message").delta("text", place, text)

    def told(self, kind: str, told: Told) -> None:
        piece = _PIECES.get(kind)
        if piece is not None:
            member, type_, whole = piece
            text = getattr(told, whole) if whole else told.delta
            if isinstance(text, str):
                item = self._find(told.output_index, told.item_id, type_)
                place = told.summary_index if member == SUMMARY else told.content_index
                (item.whole if whole else item.delta)(member, place or 0, text)
            return
        match kind:
            case "response.output_item.added":
                self._add(told.output_index, object_of(told.item))
            case "response.output_item.done":
                self._done(told.output_index, object_of(told.item))
            case "response.content_part.added":
                part = string(object_of(told.part).get("type")) or ""
                self._find(told.output_index, told.item_id, "message").begin(told.content_index or 0, part)
            case "response.output_text.annotation.added" if bytes(told.annotation):
                self._find(told.output_index, told.item_id, "message").note(told.content_index or 0, told.annotation)

    def finish(self, output: Raw | None) -> None:
        """The end: items that were never done are as the whole answer tells them, and those it has beyond them are told now."""
        final = [object_of(raw) for raw in list_of(output)]
        for index in list(self._items):
            if index not in self._finished:
                self._done(index, final[index] if index < len(final) else {})
        for index in range(len(self._items), len(final)):
            self._done(index, final[index])

    def _add(self, index: int | None, members: dict[str, Raw]) -> Item:
        place = index if index is not None else len(self._items)
        kind = string(members.get("type"))
        item = _KINDS.get(kind or "", OpaqueItem)(self, members, f"/output/{place}")
        self._items[place] = item
        ident = string(members.get("id"))
        if ident:
            self._idents[ident] = place
        return item

    def _find(self, index: int | None, ident: str | None, kind: str) -> Item:
        if index is None:
            index = self._idents.get(ident or "", max(self._items, default=0))
        item = self._items.get(index)
        if item is not None:
            return item
        return self._add(index, {"type": json.raw(kind), **({"id": json.raw(ident)} if ident else {})})

    def _done(self, index: int | None, members: dict[str, Raw]) -> None:
        if index is None:
            index = self._idents.get(string(members.get("id")) or "", max(self._items, default=0))
        if index in self._finished:
            return
        item = self._items.get(index) or self._add(index, members)
        self._finished.add(index)
        item.done(dict(members))
