"""Parts of an answer on their way to an Anthropic client: one small state a part, for streams and whole bodies alike.

Rule: a block begins when there is something to say in it, so a stream never holds an empty block that the provider's own
dialect did not have.

Arguments of a tool call are JSON objects here, and clients take broken ones for `{}` without a word. So those of a foreign
provider are held until they are complete, as the vendor does itself; what is none is then wrapped (dialects/arguments), and an
object keeps its exact text. A tool with `eager_input_streaming` asks for them as they come, broken or not.
"""

import re
from typing import Any, ClassVar

from msgspec import Raw

from dragoman.core.events import Citation, PartClosed, PartOpened
from dragoman.core.parts import Extras
from dragoman.core.request import Tool
from dragoman.dialects.anthropic.frames import frame
from dragoman.dialects.arguments import EMPTY, is_exact, is_whole, object_of
from dragoman.dialects.base import Answering
from dragoman.dialects.free_text import wrapped
from dragoman.dialects.ledger import NO_PLACE, RESPONSE, Ledger
from dragoman.dialects.names import digest62
from dragoman.wire import json

_ID = re.compile(r"[a-zA-Z0-9_-]{1,128}\Z")
_EAGER, _TRUE = "eager_input_streaming", Raw(b"true")


class Sheet:
    """What the parts of one answer share. `called`, `refused`: what the stop reason must say. `blocks`: how many began."""

    __slots__ = ("_eager", "_ids", "answering", "blocks", "called", "ledger", "own", "refused")

    def __init__(self, answering: Answering, own: bool) -> None:
        self.answering = answering
        self.own = own
        self.ledger = Ledger(own=own, weights=answering.weights)
        self.blocks = 0
        self.called = False
        self.refused = False
        self._ids: set[str] = set()
        self._eager: frozenset[str] | None = None

    def is_eager(self, name: str | None) -> bool:
        """The client asked for this tool's arguments as they come."""
        if self._eager is None:
            self._eager = frozenset(
                tool.name for tool in self.answering.request.tools if isinstance(tool, Tool) and tool.extras.get(_EAGER) == _TRUE
            )
        return name in self._eager

    def tool_id(self, told: str | None) -> str:
        """An id of this dialect's form, once in an answer: the provider's where it is one."""
        found = told or ""
        if found and _ID.match(found) is None:
            found = f"toolu_{digest62(found, 24)}"
        if not found or self.answering.new_ids or found in self._ids:
            found = self.answering.stamp.make_id("toolu_")
        self._ids.add(found)
        return found


class Writer:
    """`begin`, `more` and `end` write a stream; `whole` the complete block, None where there is none to show."""

    delta: ClassVar[tuple[str, str]] = ("text_delta", "text")
    __slots__ = ("_begun", "_prefix", "extras", "opened", "sheet")

    def __init__(self, sheet: Sheet, opened: PartOpened) -> None:
        self.sheet = sheet
        self.opened = opened
        self.extras: Extras = self.told_extras()
        self._begun = False
        self._prefix = b""

    @property
    def at(self) -> str:
        """Where a loss of the part is told."""
        return RESPONSE + self.opened.at

    def told_extras(self) -> Extras:
        return self.sheet.ledger.extras(self.opened.extras, self.at)

    def announced(self) -> dict[str, Any]:
        """The block as `content_block_start` shows it."""
        return {"type": "text", "text": "", **self.extras}

    def start(self) -> bytes:
        """What is written as soon as the part opens."""
        return b""

    def more(self, text: str) -> bytes:
        begun = b"" if self._begun else self.begin(self.announced())
        return b"%b%b%b}}\n\n" % (begun, self._prefix, json.encode(text))

    def end(self, closed: PartClosed) -> bytes:
        """What is left to write. A block without a word is shown only if its own dialect had it."""
        self.closing(closed)
        if not self._begun and not self.sheet.own:
            return b""
        begun = b"" if self._begun else self.begin(self.announced())
        cited = (self.told({"type": "citations_delta", "citation": each.raw}) for each in self.cited(closed.citations))
        return begun + b"".join(cited) + self.stop()

    def broken_off(self) -> bytes:
        """What is left to write where the answer breaks off inside the part."""
        return b""

    def whole(self, text: str, closed: PartClosed) -> dict[str, Any] | Raw | None:
        extras = self.closing(closed)
        if not text and not self.sheet.own:
            return None
        cited = [each.raw for each in self.cited(closed.citations)]
        return {"type": "text", "text": text, **self.extras, **extras, **({"citations": cited} if cited else {})}

    def closing(self, closed: PartClosed) -> Extras:
        return self.sheet.ledger.extras(closed.extras, self.at)

    def begin(self, block: Any) -> bytes:
        index = self.sheet.blocks
        self.sheet.blocks += 1
        self._begun = True
        kind, member = self.delta
        start = f'{{"type":"content_block_delta","index":{index},"delta":{{"type":"{kind}","{member}":'
        self._prefix = f"event: content_block_delta\ndata: {start}".encode()
        return frame("content_block_start", {"type": "content_block_start", "index": index, "content_block": block})

    def stop(self) -> bytes:
        return frame("content_block_stop", {"type": "content_block_stop", "index": self.index})

    @property
    def index(self) -> int:
        """Of the block that is open: blocks are written one after the other."""
        return self.sheet.blocks - 1

    def told(self, delta: dict[str, Any]) -> bytes:
        return frame("content_block_delta", {"type": "content_block_delta", "index": self.index, "delta": delta})

    def cited(self, citations: tuple[Citation, ...]) -> tuple[Citation, ...]:
        """Those of this dialect. A foreign one is told as a loss: it would need an index that only the vendor can make."""
        if self.sheet.own:
            return citations
        for each in citations:
            self.sheet.ledger.drop(RESPONSE + each.at, "what a text cites can be told only in the vendor's own form")
        return ()


class RefusalWriter(Writer):
    """A refusal in words: a text, and a stop reason that says so."""

    def __init__(self, sheet: Sheet, opened: PartOpened) -> None:
        super().__init__(sheet, opened)
        sheet.refused = True


class ThinkingWriter(Writer):
    """Thinking with its proof. A foreign proof travels sealed; thinking of which only the proof is known travels redacted."""

    delta = ("thinking_delta", "thinking")

    def announced(self) -> dict[str, Any]:
        return {"type": "thinking", "thinking": "", "signature": "", **self.extras}

    def end(self, closed: PartClosed) -> bytes:
        self.closing(closed)
        if self.hidden(closed):
            return self.begin(self.redacted(closed)) + self.stop()
        if not self._begun and not self.sheet.own:
            return b""
        begun = b"" if self._begun else self.begin(self.announced())
        signature = self.signature(closed)
        signed = self.told({"type": "signature_delta", "signature": signature}) if signature else b""
        return begun + signed + self.stop()

    def whole(self, text: str, closed: PartClosed) -> dict[str, Any] | Raw | None:
        self.closing(closed)
        self._begun = bool(text)
        if self.hidden(closed):
            return self.redacted(closed)
        if not text and not self.sheet.own:
            return None
        return {"type": "thinking", "thinking": text, "signature": self.signature(closed), **self.extras}

    def hidden(self, closed: PartClosed) -> bool:
        return self.opened.redacted or bool(closed.proof and not self._begun and not self.sheet.own)

    def redacted(self, closed: PartClosed) -> dict[str, Any]:
        data = closed.proof or ""
        if not self.sheet.own:
            data = self.sheet.answering.seal(data, "red" if self.opened.redacted else "sig")
        return {"type": "redacted_thinking", "data": data, **self.extras}

    def signature(self, closed: PartClosed) -> str:
        proof = closed.proof or ""
        return proof if self.sheet.own else self.sheet.answering.seal(proof, "sig" if proof else "none")


class ToolWriter(Writer):
    delta = ("input_json_delta", "partial_json")
    __slots__ = ("_eager", "_held", "_passes")

    def __init__(self, sheet: Sheet, opened: PartOpened) -> None:
        super().__init__(sheet, opened)
        sheet.called = True
        self._held: list[str] = []
        self._passes = sheet.own and opened.kind == "tool"
        self._eager = opened.kind == "tool" and sheet.is_eager(opened.name)

    def announced(self) -> dict[str, Any]:
        called = {"type": "tool_use", "id": self.sheet.tool_id(self.opened.id), "name": self.opened.name or ""}
        return {**called, "input": EMPTY, **self.extras}

    def start(self) -> bytes:
        return self.begin(self.announced())

    def more(self, text: str) -> bytes:
        if self._passes:
            return super().more(text)
        self._held.append(text)
        if not self._eager or not "".join(self._held).lstrip().startswith("{"):
            return b""
        self._passes = True
        return super().more("".join(self._held))

    def end(self, closed: PartClosed) -> bytes:
        self.closing(closed)
        if self._passes:
            return self.stop()
        found = self.input("".join(self._held))
        return (b"" if found == EMPTY else super().more(bytes(found).decode())) + self.stop()

    def broken_off(self) -> bytes:
        """A whole call is told as one; of another, what came of it."""
        held = "".join(self._held)
        if self._passes or not held:
            return b""
        return self.end(PartClosed(index=self.opened.index)) if is_whole(held) else super().more(held)

    def whole(self, text: str, closed: PartClosed) -> dict[str, Any] | Raw | None:
        self.closing(closed)
        return {**self.announced(), "input": self.input(text)}

    def input(self, arguments: str) -> Raw:
        if self.opened.kind == "custom":
            self.sheet.ledger.approximate(self.at, "a free text call is told as a function call")
            return wrapped(arguments)
        found = object_of(arguments)
        if not self.sheet.own and not is_exact(found, arguments):
            at = self.at + self.opened.told_in
            self.sheet.ledger.approximate(at, "arguments that are no JSON object are wrapped in one")
        return found

    def closing(self, closed: PartClosed) -> Extras:
        if closed.proof:
            self.sheet.ledger.drop(self.at, "a tool call has no place for a proof here")
        return super().closing(closed)


class OpaqueWriter(Writer):
    """A block of this dialect's own, with its exact bytes; anything else is told as a loss, whole."""

    def told_extras(self) -> Extras:
        return {}

    def more(self, text: str) -> bytes:
        return b""

    def end(self, closed: PartClosed) -> bytes:
        block = self.whole("", closed)
        return b"" if block is None else self.begin(block) + self.stop()

    def whole(self, text: str, closed: PartClosed) -> dict[str, Any] | Raw | None:
        if self.opened.kind == "opaque" and self.sheet.own and self.opened.raw is not None:
            return self.opened.raw
        name = self.opened.opaque_kind or (self.opened.media.kind if self.opened.media is not None else self.opened.kind)
        self.sheet.ledger.drop(self.at, NO_PLACE + name)
        return None


_WRITERS: dict[str, type[Writer]] = {
    "text": Writer,
    "refusal": RefusalWriter,
    "reasoning": ThinkingWriter,
    "tool": ToolWriter,
    "custom": ToolWriter,
    "media": OpaqueWriter,
    "opaque": OpaqueWriter,
}


def writer_of(sheet: Sheet, opened: PartOpened) -> Writer:
    return _WRITERS[opened.kind](sheet, opened)
