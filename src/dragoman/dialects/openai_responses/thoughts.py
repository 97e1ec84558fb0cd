"""Thinking on its way to a Responses client: a reasoning item with its summary, or with the thoughts themselves.

Rule: an item begins when there is something to say. Another maker's proof travels sealed in the place of the ciphertext.
"""

from typing import Any

from dragoman.core.events import PartClosed, PartOpened
from dragoman.dialects.openai_responses.facts import CONTENT
from dragoman.dialects.openai_responses.reasoning import PAUSE, SUMMARY, item_of, spelled
from dragoman.dialects.openai_responses.writers import Sheet, Writer

_NAMES = {
    # member -> (name of its events, of its pieces, of their place)
    SUMMARY: ("response.reasoning_summary_text", "response.reasoning_summary_part", "summary_index"),
    CONTENT: ("response.reasoning_text", "response.content_part", "content_index"),
}
_TYPES = {SUMMARY: "summary_text", CONTENT: "reasoning_text"}


class ThoughtWriter(Writer):
    __slots__ = ("_done", "_id", "_index", "_member")

    def __init__(self, sheet: Sheet, opened: PartOpened) -> None:
        super().__init__(sheet, opened)
        self._member = CONTENT if sheet.own and CONTENT in opened.extras else SUMMARY
        self._index: int | None = None
        self._done: list[str] = []
        self._id = ""

    def more(self, text: str, apart: bool) -> bytes:
        if apart and self.sheet.own:
            return self._end_piece() + self._begin_piece()
        begun = self._begin() + self._begin_piece() if self._index is None else b""
        return begun + super().more(text, apart)

    def _begin(self) -> bytes:
        self._index, self._id = self.sheet.place(), self.sheet.item_id(self.opened, "rs_")
        item: dict[str, Any] = {"id": self._id, "type": "reasoning", "status": "in_progress", SUMMARY: [], self._member: []}
        return self.sheet.added(self._index, item)

    def _where(self) -> dict[str, Any]:
        return {"item_id": self._id, "output_index": self._index, _NAMES[self._member][2]: len(self._done)}

    def _piece(self, text: str) -> dict[str, Any]:
        return {"type": _TYPES[self._member], "text": text}

    def _begin_piece(self) -> bytes:
        texts, parts, _ = _NAMES[self._member]
        self.around(f"{texts}.delta", self._where())
        return self.sheet.event(f"{parts}.added", {**self._where(), "part": self._piece("")})

    def _end_piece(self) -> bytes:
        texts, parts, _ = _NAMES[self._member]
        where, text = self._where(), self.text
        self._pieces = []
        out = self.sheet.event(f"{texts}.done", {**where, "text": text})
        out += self.sheet.event(f"{parts}.done", {**where, "part": self._piece(text)})
        self._done.append(text)
        return out

    def close(self, closed: PartClosed) -> bytes:
        self.lose(closed)
        if self._index is None and not self._shows(closed):
            return b""
        out = self._begin() if self._index is None else self._end_piece()
        assert self._index is not None
        return out + self.sheet.done(self._index, self._item(closed))

    def cut(self) -> bytes:
        if self._index is None:
            return b""
        out = self._end_piece()
        return out + self.sheet.done(self._index, {**self._item(PartClosed(index=self.opened.index)), "status": "incomplete"})

    def _shows(self, closed: PartClosed) -> bool:
        """A thought without words: its own dialect's, or one of which there is a proof."""
        return self.sheet.own or bool(closed.proof)

    def _item(self, closed: PartClosed) -> dict[str, Any]:
        head = {"id": self._id, "type": "reasoning"}
        words = spelled({self._member: self._done})
        if self.sheet.own:
            found = item_of(closed.proof, PAUSE.join(self._done)) if closed.proof is not None else None
            return {**(found or words), **head, **closed.extras}
        proof = closed.proof or ""
        kind = "red" if self.opened.redacted else "sig" if proof else "none"
        return {**head, "status": "completed", **words, "encrypted_content": self.sheet.answering.seal(proof, kind)}
