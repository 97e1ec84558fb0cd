"""Events to Gemini answers, streamed (`StreamEncoder`) and whole (`WholeEncoder`).

Rule: texts and thoughts go out as they come. From the first call on everything waits for the last chunk, which also tells why the
answer ended: clients run the calls of the last chunk alone, and nothing may follow it. No comments, no `[DONE]`.
"""

from typing import Any, Final

from dragoman.core.events import Event, Failed, Finished, PartClosed, PartDelta, PartOpened, Started
from dragoman.core.loss import Loss
from dragoman.dialects.arguments import is_whole
from dragoman.dialects.base import Answering
from dragoman.dialects.gemini.answering import Sheet, line
from dragoman.dialects.gemini.compose import Composer
from dragoman.dialects.gemini.errors import build_error, error_event
from dragoman.dialects.gemini.parse import ARRAY
from dragoman.wire import json

_LIVE: Final = frozenset({"text", "refusal", "reasoning"})


class _Slot:
    """A part on its way. `before`, `after`: the bytes around the JSON string of its deltas, where it goes out as it comes."""

    __slots__ = ("after", "before", "closed", "opened", "pieces")

    def __init__(self, opened: PartOpened) -> None:
        self.opened = opened
        self.pieces: list[str] = []
        self.closed: PartClosed | None = None
        self.before = b""
        self.after = b""

    @property
    def text(self) -> str:
        return "".join(self.pieces)


class StreamEncoder:
    """`losses`: what the provider's answer told and this dialect cannot."""

    def __init__(self, answering: Answering) -> None:
        self._sheet = Sheet(answering)
        self._composer = Composer(self._sheet)
        self._framing = answering.framing
        self._slots: dict[int, _Slot] = {}
        self._named = b""
        self._begun = False
        self._holding = False

    @property
    def losses(self) -> list[Loss]:
        return self._sheet.ledger.losses

    def encode(self, event: Event) -> bytes:
        if isinstance(event, PartDelta):
            slot = self._slots[event.index]
            slot.pieces.append(event.text)
            if slot.before:
                return b"%b%b%b" % (slot.before, json.encode(event.text), slot.after)
            return self._first(slot, event.text)
        match event:
            case Started():
                self._start(event)
            case PartOpened():
                self._holding = self._holding or event.kind in ("tool", "custom")
                self._slots[event.index] = _Slot(event)
            case PartClosed():
                return self._close(event)
            case Finished():
                return self._finish(event)
            case Failed():
                return self._break_off() + error_event(event.error, self._framing, begun=self._begun)
        return b""

    def close(self) -> bytes:
        if self._framing != ARRAY:
            return b""
        return b"\r\n]" if self._begun else b"[]"

    def _start(self, event: Started) -> None:
        self._sheet.start(event)
        self._named = json.encode(self._sheet.named())[1:-1]

    def _first(self, slot: _Slot, text: str) -> bytes:
        """The first words of a part, and with them whether it can go out as it comes."""
        if self._holding or slot.opened.kind not in _LIVE or self._composer.waits(slot.opened):
            return b""
        if not self._named:
            self._start(Started())
        out = self._parts(self._composer.before(slot.opened))
        thought = b',"thought":true' if slot.opened.kind == "reasoning" else b""
        before, after = (
            b'{"candidates":[{"content":{"parts":[{"text":',
            b'%b}],"role":"model"},"index":0}],%b}' % (thought, self._named),
        )
        first, slot.before, slot.after = self._around(before, after)
        return b"%b%b%b%b" % (out, first, json.encode(text), slot.after)

    def _around(self, before: bytes, after: bytes) -> tuple[bytes, bytes, bytes]:
        """(what begins this chunk, what begins further ones, what ends them)."""
        begun, self._begun = self._begun, True
        if self._framing == ARRAY:
            return (b",\r\n" if begun else b"[") + before, b",\r\n" + before, after
        return b"data: " + before, b"data: " + before, after + b"\r\n\r\n"

    def _chunk(self, value: Any) -> bytes:
        first, _, after = self._around(line(value), b"")
        return first + after

    def _parts(self, parts: list[Any]) -> bytes:
        if not parts:
            return b""
        candidate = {"content": {"parts": parts, "role": "model"}, "index": 0}
        return self._chunk({"candidates": [candidate], **self._sheet.named()})

    def _close(self, event: PartClosed) -> bytes:
        slot = self._slots[event.index]
        slot.closed = event
        if slot.before:
            del self._slots[event.index]
            return self._parts(self._composer.after(slot.opened, slot.text, event))
        if self._holding:
            return b""
        del self._slots[event.index]
        return self._parts(self._composer.whole(slot.opened, slot.text, event))

    def _break_off(self) -> bytes:
        """Calls that are complete are told before the error; and what is known of usage, which this dialect tells all along."""
        if not self._begun and not self._holding:
            return b""
        parts: list[Any] = []
        for slot in self._slots.values():
            if slot.closed is not None or (slot.opened.kind == "tool" and is_whole(slot.text)):
                parts += self._composer.whole(slot.opened, slot.text, slot.closed or PartClosed(index=slot.opened.index))
        told = self._sheet.so_far()
        candidates = [{"content": {"parts": parts, "role": "model"}, "index": 0}] if parts else None
        if candidates is None and told is None:
            return b""
        counted = {} if told is None else {"usageMetadata": told}
        return self._chunk({**({} if candidates is None else {"candidates": candidates}), **counted, **self._sheet.named()})

    def _finish(self, event: Finished) -> bytes:
        if not self._named:
            self._start(Started())
        parts: list[Any] = []
        for index, slot in sorted(self._slots.items()):
            closed = slot.closed or PartClosed(index=index)
            told = self._composer.after if slot.before else self._composer.whole
            parts += told(slot.opened, slot.text, closed)
        parts += self._composer.rest()
        return self._chunk(self._sheet.ending(event, parts, called=self._composer.called))


class WholeEncoder:
    """Collects, and writes the body at its end."""

    def __init__(self, answering: Answering) -> None:
        self._sheet = Sheet(answering)
        self._composer = Composer(self._sheet)
        self._slots: dict[int, _Slot] = {}
        self._started = False
        self._body = b""

    @property
    def losses(self) -> list[Loss]:
        return self._sheet.ledger.losses

    def encode(self, event: Event) -> bytes:
        match event:
            case PartDelta():
                self._slots[event.index].pieces.append(event.text)
            case PartOpened():
                self._slots[event.index] = _Slot(event)
            case PartClosed():
                self._slots[event.index].closed = event
            case Started():
                self._started = True
                self._sheet.start(event)
            case Finished():
                self._body = self._complete(event)
            case Failed():
                self._body = build_error(event.error)[1]
        return b""

    def close(self) -> bytes:
        return self._body

    def _complete(self, event: Finished) -> bytes:
        """Made when the answer ends, so that its losses are known before it is written."""
        if not self._started:
            self._sheet.start(Started())
        parts: list[Any] = []
        for index, slot in sorted(self._slots.items()):
            parts += self._composer.whole(slot.opened, slot.text, slot.closed or PartClosed(index=index))
        parts += self._composer.rest()
        return json.encode(self._sheet.ending(event, parts, called=self._composer.called))
