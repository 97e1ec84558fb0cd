"""Content blocks of an answer on their way to events: one small state a block, the same for whole bodies and streams.

Rule: `start` takes the block as it was announced, `delta` what follows, `stop` what is left to say. A whole block is one that
was announced complete and stopped at once.
"""

from collections.abc import Callable
from typing import Any, ClassVar

from msgspec import Raw, Struct

from dragoman.core.events import Citation, Event, PartClosed, PartDelta, PartKind, PartOpened
from dragoman.core.parts import Extras
from dragoman.dialects.anthropic.frames import one_line
from dragoman.dialects.base import Undo
from dragoman.dialects.free_text import unwrapped
from dragoman.wire import json


class Delta(Struct):
    """The deltas that most events of a stream are."""

    type: str = ""
    text: str | None = None
    thinking: str | None = None
    partial_json: str | None = None
    signature: str | None = None
    citation: Raw = Raw()


class Block:
    """`number`: gives the part its index, once it opens. `at`: where the block stands in the whole answer."""

    takes: ClassVar[str] = "none"
    """The type of delta that carries this block's text."""

    __slots__ = ("at", "index", "members", "number", "raw")

    def __init__(self, raw: Raw, members: dict[str, Raw], number: Callable[[], int], at: str) -> None:
        self.at = at
        self.raw = raw
        self.members = members
        self.number = number
        self.index = -1

    def start(self) -> list[Event]:
        return []

    def text(self, piece: str) -> list[Event]:
        """More of what this block is about."""
        return [PartDelta(self.index, piece)] if piece else []

    def other(self, delta: Delta, raw: Raw) -> None:
        """A delta that carries something else: a signature, a citation."""

    def stop(self) -> list[Event]:
        return [PartClosed(index=self.index)]

    def take_text(self, name: str) -> str:
        """Pop a member that should be a string; "" where it is none."""
        return string(self.members.pop(name, None)) or ""

    def extras(self) -> Extras:
        return {name: value for name, value in self.members.items() if not json.is_null(value)} if self.members else {}


class TextBlock(Block):
    takes = "text_delta"
    __slots__ = ("_citations",)

    def start(self) -> list[Event]:
        self.index = self.number()
        text = self.take_text("text")
        self._citations = [each.copy() for each in _items(self.members.pop("citations", None))]
        return [PartOpened(index=self.index, kind="text", extras=self.extras(), at=self.at), *self.text(text)]

    def other(self, delta: Delta, raw: Raw) -> None:
        if delta.type == "citations_delta" and bytes(delta.citation) and not json.is_null(delta.citation):
            self._citations.append(delta.citation.copy())

    def stop(self) -> list[Event]:
        told = enumerate(self._citations)
        citations = tuple(_citation(raw, f"{self.at}/citations/{place}") for place, raw in told) if self._citations else ()
        return [PartClosed(index=self.index, citations=citations)]


class ThinkingBlock(Block):
    takes = "thinking_delta"
    __slots__ = ("_proof",)

    def start(self) -> list[Event]:
        self.index = self.number()
        text, self._proof = self.take_text("thinking"), self.take_text("signature")
        return [PartOpened(index=self.index, kind="reasoning", extras=self.extras(), at=self.at), *self.text(text)]

    def other(self, delta: Delta, raw: Raw) -> None:
        if delta.signature is not None:
            self._proof += delta.signature

    def stop(self) -> list[Event]:
        return [PartClosed(index=self.index, proof=self._proof)]


class RedactedBlock(Block):
    __slots__ = ("_proof",)

    def start(self) -> list[Event]:
        self.index = self.number()
        self._proof = self.take_text("data")
        return [PartOpened(index=self.index, kind="reasoning", redacted=True, extras=self.extras(), at=self.at)]

    def stop(self) -> list[Event]:
        return [PartClosed(index=self.index, proof=self._proof)]


class ToolBlock(Block):
    """Arguments as the model wrote them. Where no delta told any, those of the announcement: `{}` for a tool without."""

    takes = "input_json_delta"
    __slots__ = ("_told", "id", "input", "name")

    def start(self) -> list[Event]:
        self.id, self.name = self.take_text("id"), self.take_text("name")
        self.input = self.members.pop("input", Raw(b"{}"))
        self._told = False
        return self.open()

    def open(self) -> list[Event]:
        return [self.opened("tool")]

    def opened(self, kind: PartKind) -> PartOpened:
        self.index = self.number()
        return PartOpened(
            index=self.index,
            kind=kind,
            id=self.id or None,
            name=self.name,
            extras=self.extras(),
            at=self.at,
            told_in="/input",
        )

    def text(self, piece: str) -> list[Event]:
        if not piece:
            return []
        self._told = True
        return [PartDelta(self.index, piece)]

    def stop(self) -> list[Event]:
        closed: list[Event] = [PartClosed(index=self.index)]
        return closed if self._told else [PartDelta(self.index, announced(self.input)), *closed]


class CustomBlock(ToolBlock):
    """A function tool that stands for a client's custom tool: its `input` is the free text, known when it is complete."""

    __slots__ = ("_pieces",)

    def open(self) -> list[Event]:
        self._pieces: list[str] = []
        return [self.opened("custom")]

    def text(self, piece: str) -> list[Event]:
        self._pieces.append(piece)
        return []

    def stop(self) -> list[Event]:
        text = unwrapped("".join(self._pieces) or announced(self.input))
        return [*([PartDelta(self.index, text)] if text else []), PartClosed(index=self.index)]


class OpaqueBlock(Block):
    """Server tools and everything unknown: told whole, once it is complete."""

    __slots__ = ("_input", "_touched", "kind")

    def start(self) -> list[Event]:
        self.kind = string(self.members.get("type")) or ""
        self._input: list[str] = []
        self._touched = False
        return []

    def other(self, delta: Delta, raw: Raw) -> None:
        if delta.partial_json is not None:
            self._input.append(delta.partial_json)
            return
        self._touched = True
        for name, value in json.members(raw).items():
            if name == "citation":
                self.members["citations"] = json.raw([*_items(self.members.get("citations")), value])
            elif name != "type" and not json.is_null(value):
                self.members[name] = _grown(self.members.get(name), value)

    def stop(self) -> list[Event]:
        self.index = self.number()
        arguments = "".join(self._input)
        if arguments.strip() and _is_json(arguments):
            self.members["input"] = Raw(arguments.encode())
            self._touched = True
        raw = json.raw(self.members) if self._touched else self.raw
        opened = PartOpened(index=self.index, kind="opaque", raw=raw, opaque_kind=self.kind, at=self.at)
        return [opened, PartClosed(index=self.index)]


def block_of(raw: Raw, undo: Undo, number: Callable[[], int], at: str) -> Block:
    """The state of a block as it was announced. Raises JSONError where it is no object."""
    members = json.members(raw)
    kind = string(members.get("type"))
    found = _KINDS.get(kind or ("text" if "text" in members else ""), OpaqueBlock)
    if found is OpaqueBlock:
        return OpaqueBlock(raw.copy(), members, number, at)
    members.pop("type", None)
    if found is ToolBlock:
        wire = string(members.get("name")) or ""
        if wire in undo.names:
            members["name"] = json.raw(undo.names[wire])
        if wire in undo.custom:
            found = CustomBlock
    return found(raw, members, number, at)


def string(raw: Raw | None) -> str | None:
    """A string value; None for anything else."""
    if raw is None or not json.is_string(raw):
        return None
    found: Any = json.decode(raw)
    return str(found)


def announced(raw: Raw) -> str:
    """Arguments of a complete block as JSON text, exact but for line breaks between tokens; a null counts as none."""
    return "{}" if json.is_null(raw) else one_line(bytes(raw)).decode()


_KINDS: dict[str, type[Block]] = {
    "text": TextBlock,
    "thinking": ThinkingBlock,
    "redacted_thinking": RedactedBlock,
    "tool_use": ToolBlock,
}


def _citation(raw: Raw, at: str) -> Citation:
    """Of a web page: all of the text is meant."""
    members = json.members(raw) if json.is_object(raw) else {}
    return Citation(raw=raw, url=string(members.get("url")), title=string(members.get("title")), at=at)


def _items(raw: Raw | None) -> list[Raw]:
    return json.items(raw) if raw is not None and json.is_array(raw) else []


def _grown(before: Raw | None, more: Raw) -> Raw:
    """Deltas of a kind we do not know: strings grow, other values are replaced."""
    start, end = string(before), string(more)
    return json.raw(start + end) if start is not None and end is not None else more


def _is_json(text: str) -> bool:
    try:
        json.decode(text, Raw)
    except json.JSONError:
        return False
    return True
