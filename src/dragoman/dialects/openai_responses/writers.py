"""Parts of an answer on their way to a Responses client: one small state a part, for streams and whole bodies alike.

Rule: an item is announced before its first piece and told whole when it is done, under one id and one place, so that clients that
read only deltas and clients that read only what is done get the same.
"""

from collections.abc import Iterator
from typing import Any

from msgspec import Raw

from dragoman.core.events import Citation, PartClosed, PartOpened
from dragoman.core.parts import Extras
from dragoman.dialects.base import Answering
from dragoman.dialects.ledger import NO_PLACE, RESPONSE
from dragoman.dialects.openai_responses.answering import Frame
from dragoman.dialects.openai_responses.facts import ITEM, ITEM_ID
from dragoman.wire import json, sse


class Message:
    """A message item on its way. `parts`: its content; `open`: how many of them are not done."""

    __slots__ = ("extras", "id", "index", "open", "parts")

    def __init__(self, ident: str, index: int) -> None:
        self.id = ident
        self.index = index
        self.parts: list[Any] = []
        self.open = 0
        self.extras: Extras = {}


class Sheet:
    """What the parts of one answer share. `called`, `refused`: what the ending must say. A whole answer needs no events."""

    __slots__ = ("_items", "_messages", "_number", "_taken", "_waiting", "answering", "called", "frame", "refused", "streams")

    def __init__(self, answering: Answering, frame: Frame) -> None:
        self.answering = answering
        self.frame = frame
        self.streams = answering.stream
        self.called = False
        self.refused = False
        self._number = 0
        self._items: dict[int, Any] = {}
        self._messages: dict[bytes, Message] = {}
        self._waiting: Message | None = None
        self._taken: set[str] = set()

    @property
    def own(self) -> bool:
        return self.frame.own

    @property
    def output(self) -> list[Any]:
        """The items that are done, in their order."""
        return [self._items[index] for index in sorted(self._items) if self._items[index] is not None]

    def event(self, kind: str, members: dict[str, Any]) -> bytes:
        if not self.streams:
            return b""
        data = json.encode({"type": kind, **members, "sequence_number": self.number()})
        return sse.write(json.compact(data) if b"\n" in data or b"\r" in data else data, kind)

    def number(self) -> int:
        number, self._number = self._number, self._number + 1
        return number

    def place(self) -> int:
        """The place of a new item."""
        index = len(self._items)
        self._items[index] = None
        return index

    def added(self, index: int, item: Any) -> bytes:
        return self.event("response.output_item.added", {"output_index": index, "item": item})

    def done(self, index: int, item: Any) -> bytes:
        self._items[index] = item
        return self.event("response.output_item.done", {"output_index": index, "item": item})

    def item_id(self, opened: PartOpened, prefix: str) -> str:
        """The provider's own id of an item, if it is one of this dialect."""
        told = opened.extras.get(ITEM_ID) if self.own and not self.answering.new_ids else None
        ident = "" if told is None else json.decode(told, str)
        if not ident or ident in self._taken:
            ident = self.answering.stamp.make_id(prefix)
        self._taken.add(ident)
        return ident

    def call_id(self, told: str | None) -> str:
        """Every call has an id of its own."""
        if not told or told in self._taken or self.answering.new_ids:
            told = self.answering.stamp.make_id("call_")
        self._taken.add(told)
        return told

    def message(self, opened: PartOpened) -> tuple[Message, bytes]:
        """The message a part stands in, and what announces it. Of another dialect's answer each text is one of its own."""
        ident = opened.extras.get(ITEM_ID) if self.own else None
        key = None if ident is None else bytes(ident)
        found = self._messages.get(key) if key is not None else None
        if found is not None:
            return found, b""
        found = Message(self.item_id(opened, "msg_"), self.place())
        if key is not None:
            self._messages[key] = found
        item = {"id": found.id, "type": "message", "status": "in_progress", "role": "assistant", "content": []}
        return found, self.added(found.index, item)

    def told(self, message: Message) -> bytes:
        """All of a message is known. What it was for in another dialect's answer shows in what follows."""
        if not self.own:
            self._waiting = message
            return b""
        self._messages = {key: value for key, value in self._messages.items() if value is not message}
        return self._message_done(message)

    def release(self, phase: str, status: str = "completed") -> bytes:
        """The message that waited is done."""
        message, self._waiting = self._waiting, None
        if message is None:
            return b""
        message.extras = {"status": json.raw(status), "phase": json.raw(phase)}
        return self._message_done(message)

    def _message_done(self, message: Message) -> bytes:
        head = {"id": message.id, "type": "message", "status": "completed", "role": "assistant"}
        return self.done(message.index, {**head, **message.extras, "content": message.parts})


class Writer:
    """`open`, `more` and `close` write the events of a part; `close` leaves its item with the sheet."""

    __slots__ = ("_pieces", "after", "before", "opened", "sheet")

    def __init__(self, sheet: Sheet, opened: PartOpened) -> None:
        self.sheet = sheet
        self.opened = opened
        self._pieces: list[str] = []
        self.before = b""
        self.after = b""

    @property
    def at(self) -> str:
        """Where a loss of the part is told."""
        return RESPONSE + self.opened.at

    @property
    def text(self) -> str:
        return "".join(self._pieces)

    def open(self) -> bytes:
        return b""

    def more(self, text: str, apart: bool) -> bytes:
        self._pieces.append(text)
        if not self.before:
            return b""
        return b"%b%b%b%d}\n\n" % (self.before, json.encode(text), self.after, self.sheet.number())

    def close(self, closed: PartClosed) -> bytes:
        return b""

    def cut(self) -> bytes:
        """The answer breaks off before the part is done: what there is of it."""
        return b""

    def around(self, kind: str, members: dict[str, Any], more: bytes = b"") -> None:
        """The bytes around the text of a delta, made once."""
        if self.sheet.streams:
            self.before = b"event: %b\ndata: %b" % (kind.encode(), json.encode({"type": kind, **members})[:-1] + b',"delta":')
            self.after = more + b',"sequence_number":'

    def lose(self, closed: PartClosed) -> None:
        """Members of a part of another dialect's answer."""
        if not self.sheet.own:
            self.sheet.frame.ledger.response(self.opened.extras, self.opened.at, "content")
            self.sheet.frame.ledger.response(closed.extras, self.opened.at, "content")


class TextWriter(Writer):
    __slots__ = ("_message", "_place")

    def open(self) -> bytes:
        self._message, out = self.sheet.message(self.opened)
        self._place = len(self._message.parts)
        self._message.parts.append(None)
        self._message.open += 1
        out += self.sheet.event("response.content_part.added", {**self._where, "part": self._part("")})
        self.around("response.output_text.delta", self._where, b',"logprobs":[]')
        return out

    @property
    def _where(self) -> dict[str, Any]:
        return {"item_id": self._message.id, "output_index": self._message.index, "content_index": self._place}

    def _part(self, text: str, **more: Any) -> dict[str, Any]:
        return {"type": "output_text", "annotations": [], "logprobs": [], "text": text, **more}

    def close(self, closed: PartClosed) -> bytes:
        self.lose(closed)
        notes = list(self._notes(closed.citations))
        out = [
            self.sheet.event(
                "response.output_text.annotation.added", {**self._where, "annotation_index": number, "annotation": note}
            )
            for number, note in enumerate(notes)
        ]
        extras = self._own(closed)
        text = self.text
        logprobs: Any = extras.get("logprobs", [])
        out.append(self.sheet.event("response.output_text.done", {**self._where, "text": text, "logprobs": logprobs}))
        return b"".join(out) + self._end(self._part(text, annotations=notes, **extras))

    def cut(self) -> bytes:
        self._message.extras = {"status": Raw(b'"incomplete"')}
        return self.close(PartClosed(index=self.opened.index)) + self.sheet.release("commentary", "incomplete")

    def _own(self, closed: PartClosed) -> Extras:
        if not self.sheet.own:
            return {}
        about = closed.extras.get(ITEM)
        if about is not None:
            self._message.extras.update(json.members(about))
        return {name: raw for name, raw in closed.extras.items() if name != ITEM}

    def _end(self, part: dict[str, Any]) -> bytes:
        out = self.sheet.event("response.content_part.done", {**self._where, "part": part})
        self._message.parts[self._place] = part
        return out + self._part_done()

    def _part_done(self) -> bytes:
        self._message.open -= 1
        return b"" if self._message.open else self.sheet.told(self._message)

    def _notes(self, citations: tuple[Citation, ...]) -> Iterator[Any]:
        """Of another dialect those of web pages."""
        for citation in citations:
            if self.sheet.own:
                yield citation.raw
            elif citation.url is not None:
                end = len(self.text) if citation.end is None else citation.end
                page = {"type": "url_citation", "url": citation.url, "title": citation.title or ""}
                yield {**page, "start_index": citation.start or 0, "end_index": end}
            else:
                self.sheet.frame.ledger.drop(RESPONSE + citation.at, "only citations of web pages can be told")


class RefusalWriter(TextWriter):
    __slots__ = ()

    def open(self) -> bytes:
        self.sheet.refused = True
        out = super().open()
        self.around("response.refusal.delta", self._where)
        return out

    def _part(self, text: str, **more: Any) -> dict[str, Any]:
        return {"type": "refusal", "refusal": text, **more}

    def close(self, closed: PartClosed) -> bytes:
        self.lose(closed)
        extras = self._own(closed)
        out = self.sheet.event("response.refusal.done", {**self._where, "refusal": self.text})
        return out + self._end(self._part(self.text, **extras))


class OpaqueWriter(TextWriter):
    """An item of this dialect's own, or a part of a message, with its exact bytes; anything else is told as a loss, whole."""

    __slots__ = ()

    def open(self) -> bytes:
        opened, sheet = self.opened, self.sheet
        if not sheet.own or opened.raw is None:
            sheet.frame.ledger.drop(self.at, NO_PLACE + (opened.opaque_kind or opened.kind))
            return b""
        if ITEM_ID in opened.extras:
            self._message, out = sheet.message(opened)
            self._message.parts.append(opened.raw)
            self._message.open += 1
            return out
        index = sheet.place()
        return sheet.added(index, opened.raw) + sheet.done(index, opened.raw)

    def close(self, closed: PartClosed) -> bytes:
        return self._part_done() if self.sheet.own and ITEM_ID in self.opened.extras else b""

    def cut(self) -> bytes:
        return b""
