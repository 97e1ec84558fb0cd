"""Events to Anthropic answers, streamed (`StreamEncoder`) and whole (`WholeEncoder`).

Rule: the grammar of Anthropic's streams whatever comes in: one `message_start`, blocks one after the other with contiguous
indexes, exactly one `message_delta` with a usage, `message_stop`. A part that opens while another is being written waits.
"""

from typing import Any

from dragoman.core.events import Event, Failed, Finished, PartClosed, PartDelta, PartOpened, Started
from dragoman.core.loss import Loss
from dragoman.core.parts import Extras
from dragoman.dialects.anthropic import reasons
from dragoman.dialects.anthropic.errors import build_error, error_event
from dragoman.dialects.anthropic.frames import frame
from dragoman.dialects.anthropic.usage import spelled
from dragoman.dialects.anthropic.writers import Sheet, Writer, writer_of
from dragoman.dialects.base import Answering
from dragoman.dialects.ledger import RESPONSE
from dragoman.wire import json

_IN_DELTA = ("container", "stop_details")
"""Members of the ending that stand inside `delta`; the others stand beside it."""
_STOPPED = frame("message_stop", {"type": "message_stop"})
_UNCOUNTED = {"input_tokens": 0, "output_tokens": 0}
_EMPTY_TEXT = {"type": "text", "text": ""}


class _Slot:
    """A part that waits, or is being written. `ended`: all of it is known."""

    __slots__ = ("closed", "texts", "writer")

    def __init__(self, writer: Writer) -> None:
        self.writer = writer
        self.texts: list[str] = []
        self.closed: PartClosed | None = None

    @property
    def proves_only(self) -> bool:
        """It has no words, and stands for another maker's proof."""
        return self.writer.opened.redacted and not self.writer.sheet.own


class _Answer:
    """What both encoders know of an answer."""

    def __init__(self, answering: Answering, dialect: str) -> None:
        self._answering = answering
        self._sheet = Sheet(answering, answering.provider_dialect == dialect)
        self._counted: dict[str, Any] | None = None

    @property
    def losses(self) -> list[Loss]:
        return self._sheet.ledger.losses

    def _head(self, event: Started) -> dict[str, Any]:
        answering, own = self._answering, self._sheet.own
        known = event.id if own and not answering.new_ids else None
        if event.usage is not None:
            self._counted = spelled(event.usage)
            if own and not event.usage.cache_write_1h:
                self._counted.pop("cache_creation", None)
        return {
            "id": known or answering.stamp.make_id("msg_"),
            "type": "message",
            "role": "assistant",
            "model": event.model or answering.model,
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": self._counted or {"input_tokens": answering.input_estimate, "output_tokens": 0},
            **self._sheet.ledger.response(event.extras, ""),
        }

    def _leave(self, slot: _Slot) -> None:
        """A proof behind the last words is not told: clients take the last block for the answer (Claude Code 2.1.328)."""
        self._sheet.ledger.hint(slot.writer.at, "a proof that nothing follows")

    def _ending(self, event: Finished) -> tuple[dict[str, Any], Extras]:
        """(stop reason and sequence, the extras of the ending)."""
        sheet = self._sheet
        if event.reason == "other" and not sheet.own:
            sheet.ledger.approximate(RESPONSE + event.at("reason"), f"{event.raw_reason} has no word here")
        word = reasons.write(event, own=sheet.own, called=sheet.called, refused=sheet.refused)
        extras = sheet.ledger.response(event.extras, "")
        return {"stop_reason": word, "stop_sequence": event.stop_sequence}, extras

    def _usage(self, event: Finished) -> Any:
        """The final counts: complete, so that nothing told at the start is left standing."""
        found = event.usage
        if found is None:
            return {"output_tokens": 0}
        if self._sheet.own and found.raw is not None:
            return found.raw
        if found.cache_read + found.cache_write > found.input:
            self._sheet.ledger.approximate(RESPONSE + event.at("cache_read"), "more tokens cached than there were")
        counts = spelled(found)
        for name in self._counted or ():
            if name not in counts:
                counts[name] = {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0} if name == "cache_creation" else 0
        return counts


class StreamEncoder(_Answer):
    def __init__(self, answering: Answering, dialect: str) -> None:
        super().__init__(answering, dialect)
        self._slots: dict[int, _Slot] = {}
        self._current: int | None = None
        self._writer: Writer | None = None

    def encode(self, event: Event) -> bytes:
        if type(event) is PartDelta:
            if event.index == self._current and self._writer is not None:
                return self._writer.more(event.text)
            self._slots[event.index].texts.append(event.text)
            return b""
        match event:
            case Started():
                return frame("message_start", {"type": "message_start", "message": self._head(event)})
            case PartOpened():
                self._slots[event.index] = _Slot(writer_of(self._sheet, event))
                return self._go_on() if self._writer is None else b""
            case PartClosed():
                return self._close_part(event)
            case Finished():
                return self._finish(event)
            case Failed():
                return self._break_off() + error_event(event.error)
            case _:
                return b""

    def close(self) -> bytes:
        return b""

    def _break_off(self) -> bytes:
        """What waited is told before the error; the last block may stay open."""
        out = [self._close_part(PartClosed(index=index)) for index in list(self._slots)[:-1]]
        if self._writer is not None:
            out.append(self._writer.broken_off())
        return b"".join(out)

    def _close_part(self, event: PartClosed) -> bytes:
        if event.index != self._current or self._writer is None:
            self._slots[event.index].closed = event
            return b""
        out = self._writer.end(event)
        del self._slots[event.index]
        self._current, self._writer = None, None
        return out + self._go_on()

    def _go_on(self) -> bytes:
        """Write the parts that waited, in the order they opened, up to one that is not complete."""
        out: list[bytes] = []
        while self._slots:
            index, slot = next(iter(self._slots.items()))
            if slot.proves_only and (slot.closed is None or len(self._slots) == 1):
                break  # until something follows it
            out.append(slot.writer.start())
            out.extend(slot.writer.more(text) for text in slot.texts)
            if slot.closed is None:
                slot.texts.clear()
                self._current, self._writer = index, slot.writer
                break
            out.append(slot.writer.end(slot.closed))
            del self._slots[index]
        return b"".join(out)

    def _finish(self, event: Finished) -> bytes:
        out: list[bytes] = []
        for index in list(self._slots):
            slot = self._slots.get(index)
            if slot is not None and slot.closed is None:
                out.append(self._close_part(PartClosed(index=index)))
        sheet = self._sheet
        for index, slot in list(self._slots.items()):
            if sheet.blocks:
                self._leave(slot)
            else:
                out.append(slot.writer.start() + slot.writer.end(slot.closed or PartClosed(index=index)))
        if not sheet.blocks and not sheet.own:
            out.append(_empty_block())
        delta, extras = self._ending(event)
        delta.update({name: extras[name] for name in _IN_DELTA if name in extras})
        beside = {name: value for name, value in extras.items() if name not in _IN_DELTA}
        data = {"type": "message_delta", "delta": delta, "usage": self._usage(event), **beside}
        return b"".join([*out, frame("message_delta", data), _STOPPED])


class WholeEncoder(_Answer):
    """Collects, and writes the body at its close."""

    def __init__(self, answering: Answering, dialect: str) -> None:
        super().__init__(answering, dialect)
        self._started = Started()
        self._slots: dict[int, _Slot] = {}
        self._finished: Finished | None = None
        self._failed: Failed | None = None

    def encode(self, event: Event) -> bytes:
        match event:
            case Started():
                self._started = event
            case PartOpened():
                self._slots[event.index] = _Slot(writer_of(self._sheet, event))
            case PartDelta():
                self._slots[event.index].texts.append(event.text)
            case PartClosed():
                self._slots[event.index].closed = event
            case Finished():
                self._finished = event
            case Failed():
                self._failed = event
        return b""

    def close(self) -> bytes:
        if self._failed is not None:
            return build_error(self._failed.error, "")[1]
        if self._finished is None:
            return b""
        slots = sorted(self._slots.items())
        while len(slots) > 1 and slots[-1][1].proves_only:
            self._leave(slots.pop()[1])
        blocks = [slot.writer.whole("".join(slot.texts), slot.closed or PartClosed(index=index)) for index, slot in slots]
        content = [block for block in blocks if block is not None]
        if not content and not self._sheet.own:
            content.append(_EMPTY_TEXT)
        head = self._head(self._started)
        ending, extras = self._ending(self._finished)
        counts = self._usage(self._finished)
        usage = _UNCOUNTED if self._finished.usage is None else counts
        return json.encode({**head, "content": content, **ending, "usage": usage, **extras})


def _empty_block() -> bytes:
    start = {"type": "content_block_start", "index": 0, "content_block": _EMPTY_TEXT}
    return frame("content_block_start", start) + frame("content_block_stop", {"type": "content_block_stop", "index": 0})
