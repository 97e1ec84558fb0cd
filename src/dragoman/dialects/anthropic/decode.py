"""Anthropic answers, whole or streamed, to events.

Rule: what the body is decides how it is read, not what was asked for: a JSON object is a whole answer, anything else a
stream. Oddities of compatible providers (a second `message_start`, missing starts, stops, names or types) are tolerated;
a broken answer is Failed, never silently short.
"""

from typing import Final

from msgspec import Raw, Struct
from msgspec.structs import replace

from dragoman.core.errors import Error, ErrorKind
from dragoman.core.events import Event, Failed, Finished, Started, Usage
from dragoman.core.loss import Loss, LossKind
from dragoman.core.parts import Extras
from dragoman.core.quirks import Quirks
from dragoman.dialects.anthropic import reasons, usage
from dragoman.dialects.anthropic.blocks import Block, Delta, OpaqueBlock, ToolBlock, block_of, string
from dragoman.dialects.base import Undo
from dragoman.dialects.faults.read import told_by
from dragoman.dialects.ledger import RESPONSE
from dragoman.wire import json, sse

ENDING = frozenset({"container", "context_management", "input_transformations", "stop_details"})
"""Members of a message that streams tell at its end; any other extra is told at its start."""
PATHS: Final = {
    "reason": "/stop_reason",
    "cache_read": "/usage/cache_read_input_tokens",
    "cache_write_1h": "/usage/cache_creation/ephemeral_1h_input_tokens",
}
_MESSAGE = ("type", "role", "content", "id", "model", "usage", "stop_reason", "stop_sequence")
_QUICK = b"event: content_block_delta\ndata: "
_BLANK = b" \t\r\n\xef\xbb\xbf"
_SSE_STARTS = b"edir:"
"""First letters of the lines a stream may begin with: event, data, id, retry, comments."""
_IMPLIED = {"text_delta": Raw(b'{"type":"text"}'), "thinking_delta": Raw(b'{"type":"thinking"}')}


class _Frame(Struct):
    type: str = ""
    index: int | None = None
    delta: Delta | None = None


class _Parts(Struct):
    """The members of the rarer events, unread."""

    index: int | None = None
    message: Raw = Raw()
    content_block: Raw = Raw()
    delta: Raw = Raw()


class Decoder:
    """Owns the state of one answer. `losses`: what was told in a form that events do not have."""

    def __init__(self, stream: bool, quirks: Quirks, undo: Undo) -> None:
        self.losses: list[Loss] = []
        self._stream = stream
        self._quirks = quirks
        self._undo = undo
        self._head = b""
        self._whole: list[bytes] | None = None
        self._splitter: sse.Splitter | None = None
        self._open: dict[int | None, Block] = {}
        self._count = 0
        self._blocks = 0
        self._called = False
        self._started = False
        self._done = False
        self._reason: str | None = None
        self._sequence: str | None = None
        self._counts: Raw | None = None
        self._usages: list[Raw | None] = []
        self._extras: Extras = {}

    def feed(self, data: bytes) -> list[Event]:
        if self._splitter is not None:
            return self._split(data)
        if self._whole is not None:
            self._whole.append(data)
            return []
        self._head += data
        first = self._head.lstrip(_BLANK)[:1]
        if not first:
            return []
        head, self._head = self._head, b""
        if first == b"{" or (not self._stream and first not in _SSE_STARTS):
            self._whole = [head]
            return []
        self._splitter = sse.Splitter()
        return self._split(head)

    def close(self) -> list[Event]:
        if self._whole is not None:
            return self._message(json.mended(b"".join(self._whole).strip(_BLANK)))
        events: list[Event] = []
        if self._splitter is not None:
            for last in self._splitter.close():
                events += self._event(last, last=True)
        if self._done:
            return events
        if self._reason is not None or (not self._quirks.ending and self._count):
            return [*events, *self._finish()]
        return [
            *events,
            *self._fail("the provider's answer broke off before its end" if self._started else "the provider's answer is empty"),
        ]

    # streams

    def _split(self, data: bytes) -> list[Event]:
        assert self._splitter is not None
        try:
            whole = self._splitter.feed(data)
        except sse.EventTooLargeError as error:
            return self._fail(f"the provider's answer is broken: {error}")
        events: list[Event] = []
        for event in whole:
            events += self._event(event)
        return events

    def _event(self, event: bytes, *, last: bool = False) -> list[Event]:
        """What one event says. `last`: the stream ended in it, so it may be cut."""
        if self._done:
            return []
        if event.startswith(_QUICK) and event.find(b"\n", len(_QUICK)) == len(event) - 2:
            name, data = "content_block_delta", event[len(_QUICK) : -2]
        else:
            name, data = sse.fields(event)
            if not data or data == b"[DONE]":
                return []
        try:
            try:
                return self._say(name, data)
            except json.JSONError:
                return self._say(name, json.mended(data))
        except json.JSONError:
            return [] if last else self._fail("the provider's answer holds an event that cannot be read")

    def _say(self, name: str, data: bytes) -> list[Event]:
        frame = json.decode(data, _Frame)
        match frame.type or name:
            case "content_block_delta" if frame.delta is not None:
                return self._delta(frame.index, frame.delta, data)
            case "content_block_start":
                parts = json.decode(data, _Parts)
                return [*self._begin(), *self._block(parts.index, parts.content_block)]
            case "content_block_stop":
                return self._stop(frame.index)
            case "message_start":
                return self._message_start(json.decode(data, _Parts).message)
            case "message_delta":
                self._message_delta(json.members(data))
                return []
            case "message_stop":
                return [*self._begin(), *self._finish()]
            case "error":
                return self._failed(told_by(json.decode(data), None))
            case "ping":
                return []
            case _:
                broken = "error" in json.members(data)
                return self._failed(told_by(json.decode(data), None)) if broken else []

    def _message_start(self, message: Raw) -> list[Event]:
        if self._started or not bytes(message):
            return self._begin()
        members = json.members(message)
        content = members.get("content")
        started = self._begin(members)
        return [*started, *self._content(content)]

    def _begin(self, members: dict[str, Raw] | None = None) -> list[Event]:
        """The first event of an answer; nothing where it was told."""
        if self._started:
            return []
        self._started = True
        if members is None:
            return [Started()]
        self._counts = members.get("usage")
        self._reason = string(members.get("stop_reason")) or None
        self._sequence = string(members.get("stop_sequence"))
        extras = {name: value for name, value in members.items() if name not in _MESSAGE and not json.is_null(value)}
        self._extras = {name: value for name, value in extras.items() if name in ENDING}
        return [
            Started(
                id=string(members.get("id")) or None,
                model=string(members.get("model")) or None,
                usage=usage.before(usage.told(self._counts)),
                extras={name: value for name, value in extras.items() if name not in ENDING},
            )
        ]

    def _block(self, index: int | None, raw: Raw) -> list[Event]:
        events = self._stop(index) if index in self._open else []
        block = block_of(raw, self._undo, self._number, f"/content/{self._blocks}")
        self._blocks += 1
        if isinstance(block, ToolBlock):
            self._called = True
        self._open[index] = block
        return [*events, *block.start()]

    def _delta(self, index: int | None, delta: Delta, data: bytes) -> list[Event]:
        block = self._open.get(index)
        kind = delta.type or ("text_delta" if delta.text is not None else "")
        if block is not None and kind == block.takes:
            return block.text(
                (delta.text if kind == "text_delta" else delta.thinking if kind == "thinking_delta" else delta.partial_json) or ""
            )
        if kind in _IMPLIED and not isinstance(block, OpaqueBlock):
            events = [*self._begin(), *self._block(index, _IMPLIED[kind])]
            return [*events, *self._delta(index, replace(delta, type=kind), data)]
        if block is not None:
            block.other(delta, json.decode(data, _Parts).delta)
        else:
            place = self._blocks if index is None else index
            self.losses.append(Loss(f"{RESPONSE}/content/{place}", LossKind.DROPPED, "a delta of a block that was not announced"))
        return []

    def _stop(self, index: int | None) -> list[Event]:
        block = self._open.pop(index, None)
        return block.stop() if block is not None else []

    def _message_delta(self, members: dict[str, Raw]) -> None:
        delta = members.pop("delta", None)
        told = json.members(delta) if delta is not None and json.is_object(delta) else {}
        self._reason = string(told.pop("stop_reason", None)) or self._reason
        sequence = string(told.pop("stop_sequence", None))
        self._sequence = self._sequence if sequence is None else sequence
        self._usages.append(members.pop("usage", None))
        members.pop("type", None)
        for name, value in (*told.items(), *members.items()):
            if not json.is_null(value):
                self._extras[name] = value

    # whole bodies

    def _message(self, body: bytes) -> list[Event]:
        try:
            members = json.members(body)
            if string(members.get("type")) == "error" or ("error" in members and "content" not in members):
                return self._failed(told_by(json.decode(body), None))
            if "content" not in members:
                return self._fail("the provider's answer is no message")
            events = [*self._begin(members), *self._content(members["content"])]
        except json.JSONError:
            return self._fail("the provider's answer is no JSON that can be read")
        if self._reason is None:
            if not self._count:
                return self._fail("the provider's answer has neither content nor an ending")
            self.losses.append(Loss(f"{RESPONSE}/stop_reason", LossKind.APPROXIMATED, "the provider told none"))
        return [*events, *self._finish()]

    def _content(self, content: Raw | None) -> list[Event]:
        """Blocks that are complete. A bare string is one text."""
        if content is None or json.is_null(content):
            return []
        blocks = [json.raw({"type": "text", "text": content})] if json.is_string(content) else json.items(content)
        events: list[Event] = []
        for place, raw in enumerate(blocks):
            events += self._block(-1 - place, raw)
            events += self._stop(-1 - place)
        return events

    # endings

    def _finish(self) -> list[Event]:
        events: list[Event] = []
        for index in list(self._open):
            events += self._stop(index)
        self._done = True
        reason = reasons.read(self._reason, called=self._called)
        ended = Finished(
            reason=reason,
            raw_reason=self._reason,
            stop_sequence=self._sequence,
            usage=self._usage(),
            extras=self._extras,
            paths=PATHS,
        )
        return [*events, ended]

    def _usage(self) -> Usage | None:
        """All that was told. What a stream says at its start alone says nothing where it is 0: it was not known yet."""
        found = usage.told(self._counts, *self._usages)
        early = self._splitter is not None and usage.told(*self._usages) is None
        return None if early and found is not None and not (found.input or found.output) else found

    def _fail(self, message: str) -> list[Event]:
        return self._failed(Error(kind=ErrorKind.SERVER, message=message, ours=True))

    def _failed(self, error: Error) -> list[Event]:
        if self._done:
            return []
        self._done = True
        return [Failed(error)]

    def _number(self) -> int:
        self._count += 1
        return self._count - 1
