"""Converse answers, whole JSON or Amazon's event stream, to events.

Rule: what the body is decides how it is read: a JSON object is a whole answer, anything else a stream. Usage comes after the
ending, so the end is told with it, or when the stream closes.
"""

from typing import Final

from msgspec import Raw

from dragoman.core.errors import Error, ErrorKind
from dragoman.core.events import Event, Failed, Finished, Started
from dragoman.core.loss import Loss, LossKind
from dragoman.core.parts import Extras
from dragoman.core.quirks import Quirks
from dragoman.dialects.base import Undo
from dragoman.dialects.bedrock import usage
from dragoman.dialects.bedrock.blocks import Block, ImageBlock, OpaqueBlock, ReasoningBlock, TextBlock, ToolBlock, string
from dragoman.dialects.bedrock.facts import REASONS
from dragoman.dialects.faults.amazon import plain
from dragoman.dialects.faults.read import told_by
from dragoman.dialects.ledger import RESPONSE
from dragoman.wire import json
from dragoman.wire.eventstream import BrokenFrameError, Frame, Reader

PATHS: Final = {
    "reason": "/stopReason",
    "input": "/usage/inputTokens",
    "output": "/usage/outputTokens",
    "cache_read": "/usage/cacheReadInputTokens",
    "cache_write": "/usage/cacheWriteInputTokens",
    "cache_write_1h": "/usage/cacheDetails",
}
_ANSWER = ("output", "stopReason", "usage")
_CONTENT = "/output/message/content"
_BLANK = b" \t\r\n"


class Decoder:
    """Owns the state of one answer. `losses`: what was told in a form that events do not have."""

    def __init__(self, stream: bool, quirks: Quirks, undo: Undo) -> None:
        self.losses: list[Loss] = []
        self._undo = undo
        self._stream = stream
        self._head = b""
        self._whole: list[bytes] | None = None
        self._reader: Reader | None = None
        self._open: dict[int, Block] = {}
        self._parts = 0
        self._blocks = 0
        self._called = self._started = self._done = False
        self._reason: str | None = None
        self._usage: Raw | None = None
        self._extras: Extras = {}

    def feed(self, data: bytes) -> list[Event]:
        if self._reader is not None:
            return self._frames(data)
        if self._whole is not None:
            self._whole.append(data)
            return []
        self._head += data
        first = self._head.lstrip(_BLANK)[:1]
        if not first:
            return []
        head, self._head = self._head, b""
        if first == b"{" or not self._stream:
            self._whole = [head]
            return []
        self._reader = Reader()
        return self._frames(head)

    def close(self) -> list[Event]:
        if self._whole is not None:
            return self._message(json.mended(b"".join(self._whole)))
        if self._done:
            return []
        if self._reason is not None:
            return self._finish()
        return self._fail("the provider's answer broke off before its end" if self._started else "the provider's answer is empty")

    # streams

    def _frames(self, data: bytes) -> list[Event]:
        assert self._reader is not None
        if self._done:
            return []
        try:
            frames = self._reader.feed(data)
        except BrokenFrameError as error:
            return self._broken(f"the provider's answer is broken: {error}")
        events: list[Event] = []
        for frame in frames:
            if self._done:
                break
            try:
                events += self._say(frame)
            except (json.JSONError, KeyError):
                events += self._broken("the provider's answer holds an event that cannot be read")
        return events

    def _say(self, frame: Frame) -> list[Event]:
        if frame.kind != "event":
            return self._exception(frame)
        members = json.members(json.mended(frame.payload))
        match frame.name:
            case "messageStart":
                return self._begin()
            case "contentBlockStart":
                return [*self._begin(), *self._announced(json.decode(members["contentBlockIndex"], int), members["start"])]
            case "contentBlockDelta":
                return [*self._begin(), *self._delta(json.decode(members["contentBlockIndex"], int), members["delta"])]
            case "contentBlockStop":
                return self._stop(json.decode(members["contentBlockIndex"], int))
            case "messageStop":
                self._reason = string(members.pop("stopReason", None)) or "end_turn"
                self._keep(members)
                return self._begin()
            case "metadata":
                self._usage = members.pop("usage", None)
                self._keep(members)
                return [] if self._reason is None else self._finish()
            case _:
                return []

    def _exception(self, frame: Frame) -> list[Event]:
        """An exception in a stream; after the ending the answer is all there."""
        if self._reason is not None:
            return self._finish()
        try:
            members = json.members(frame.payload) if frame.payload.strip() else {}
        except json.JSONError:
            members = {}
        words = string(members.get("originalMessage")) or string(members.get("message"))
        message = words or frame.headers.get(":error-message", "")
        status = members.get("originalStatusCode")
        told = {"message": message, "type": plain(frame.name), **({} if status is None else {"status_code": json.decode(status)})}
        return self._failed(told_by({"error": told}, None))

    def _announced(self, index: int, raw: Raw) -> list[Event]:
        members = json.members(raw)
        name = next(iter(members), "")
        if not name:
            return []
        return self._opened(index, name, members[name])

    def _delta(self, index: int, raw: Raw) -> list[Event]:
        members = json.members(raw)
        events: list[Event] = []
        for name, value in members.items():
            if json.is_null(value):
                continue
            if index not in self._open:
                events += self._opened(index, name, value, implied=True)
            inner = json.members(value) if name in ("toolUse", "reasoningContent") and json.is_object(value) else {name: value}
            for member, said in inner.items():
                events += self._open[index].more(member, said)
        return events

    def _opened(self, index: int, name: str, value: Raw, *, implied: bool = False) -> list[Event]:
        """A block that begins. `implied`: by its first delta."""
        at = f"{_CONTENT}/{self._blocks}"
        number = self._parts
        members = json.members(value) if json.is_object(value) else {}
        block: Block
        match name:
            case "text" | "citation":
                block = TextBlock(number, at)
            case "reasoningContent":
                block = ReasoningBlock(number, at, redacted="redactedContent" in members)
            case "toolUse" if string(members.get("type")) != "server_tool_use":
                block = ToolBlock(number, at, members, self._undo)
                self._called = True
            case "image":
                block = ImageBlock(number, at, json.raw({}) if implied else value)
            case _:
                block = OpaqueBlock(number, at, name, json.raw({} if implied else {name: value}))
        self._parts += 1
        self._blocks += 1
        self._open[index] = block
        return block.start()

    def _stop(self, index: int) -> list[Event]:
        block = self._open.pop(index, None)
        return block.stop() if block is not None else []

    # whole bodies

    def _message(self, body: bytes) -> list[Event]:
        try:
            members = json.members(body)
            output = members.get("output")
            message = json.members(output).get("message") if output is not None and json.is_object(output) else None
            if message is None or not json.is_object(message):
                return self._failed(told_by(json.decode(body), None)) if _is_error(members) else self._fail(_NONE)
            self._reason = string(members.get("stopReason")) or None
            self._usage = members.get("usage")
            self._keep({name: value for name, value in members.items() if name not in _ANSWER})
            content = json.members(message).get("content")
            blocks = json.items(content) if content is not None and json.is_array(content) else []
            events = [*self._begin(), *(event for raw in blocks for event in self._whole_block(raw))]
        except json.JSONError:
            return self._fail("the provider's answer is no JSON that can be read")
        if self._reason is None:
            if not self._parts:
                return self._fail("the provider's answer has neither content nor an ending")
            self.losses.append(Loss(f"{RESPONSE}/stopReason", LossKind.APPROXIMATED, "the provider told none"))
        return [*events, *self._finish()]

    def _whole_block(self, raw: Raw) -> list[Event]:
        name, value = next(iter(json.members(raw).items()), ("", raw))
        if name == "citationsContent":
            return self._cited(json.members(value))
        events = self._opened(0, name, value)
        block = self._open[0]
        if name == "text":
            events += block.more("text", value)
        elif isinstance(block, ReasoningBlock):
            inner = json.members(value)
            text = inner.get("reasoningText")
            told = json.members(text) if text is not None and json.is_object(text) else inner
            for member, said in told.items():
                events += block.more(member, said)
        elif isinstance(block, ToolBlock):
            events += block.more("input", json.members(value).get("input", Raw(b"{}")))
        return [*events, *self._stop(0)]

    def _cited(self, members: dict[str, Raw]) -> list[Event]:
        """A text with what it is based on, as one block."""
        block = TextBlock(self._parts, f"{_CONTENT}/{self._blocks}")
        self._parts += 1
        self._blocks += 1
        events = block.start()
        for piece in _items(members.get("content")):
            events += block.more("text", json.members(piece).get("text", Raw(b'""')))
        for citation in _items(members.get("citations")):
            block.cite(citation)
        return [*events, *block.stop()]

    # endings

    def _begin(self) -> list[Event]:
        if self._started:
            return []
        self._started = True
        return [Started()]

    def _keep(self, members: dict[str, Raw]) -> None:
        self._extras.update({name: value.copy() for name, value in members.items() if not json.is_null(value) and name != "p"})

    def _finish(self) -> list[Event]:
        events = [event for index in list(self._open) for event in self._stop(index)]
        self._done = True
        reason = REASONS.get(self._reason or "end_turn", "other")
        if self._called and reason in ("stop", "stop_sequence"):
            reason = "tool"
        ended = Finished(reason=reason, raw_reason=self._reason, usage=usage.told(self._usage), extras=self._extras, paths=PATHS)
        return [*events, ended]

    def _broken(self, message: str) -> list[Event]:
        """Damage after the ending takes nothing from the answer."""
        return self._finish() if self._reason is not None else self._fail(message)

    def _fail(self, message: str) -> list[Event]:
        return self._failed(Error(kind=ErrorKind.SERVER, message=message, ours=True))

    def _failed(self, error: Error) -> list[Event]:
        if self._done:
            return []
        self._done = True
        return [Failed(error)]


_NONE: Final = "the provider's answer is no message"


def _is_error(members: dict[str, Raw]) -> bool:
    return bool({"message", "Message", "__type", "error"} & members.keys())


def _items(raw: Raw | None) -> list[Raw]:
    return json.items(raw) if raw is not None and json.is_array(raw) else []
