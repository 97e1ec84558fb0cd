"""Content blocks of an answer on their way to events: one small state a block, the same for whole bodies and streams.

Rule: a block opens with the first that is told of it (only calls are announced), `more` takes what follows, `stop` says what is
left. A whole block is one that was told at once and stopped.
"""

from collections.abc import Callable
from typing import Any

from msgspec import Raw

from dragoman.core.events import Citation, Event, PartClosed, PartDelta, PartKind, PartOpened
from dragoman.core.parts import Media
from dragoman.dialects.base import Undo
from dragoman.dialects.bedrock.facts import IMAGES
from dragoman.dialects.free_text import unwrapped
from dragoman.wire import json

_MIMES = {form: mime for mime, form in reversed(tuple(IMAGES.items()))}


class Block:
    """`index`: of its part. `at`: where the block stands in the whole answer."""

    __slots__ = ("at", "index")

    def __init__(self, index: int, at: str) -> None:
        self.index, self.at = index, at

    def start(self) -> list[Event]:
        return []

    def more(self, member: str, raw: Raw) -> list[Event]:
        """A member of a delta."""
        return []

    def stop(self) -> list[Event]:
        return [PartClosed(index=self.index)]

    def _delta(self, text: str | None) -> list[Event]:
        return [PartDelta(self.index, text)] if text else []


class TextBlock(Block):
    """Text, and what it is based on. Whether there is that is known at its end, so where the text stands is told no closer than
    the block."""

    __slots__ = ("_citations",)

    def __init__(self, index: int, at: str) -> None:
        super().__init__(index, at)
        self._citations: list[Citation] = []

    def start(self) -> list[Event]:
        return [PartOpened(index=self.index, kind="text", at=self.at)]

    def more(self, member: str, raw: Raw) -> list[Event]:
        if member == "citation":
            self.cite(raw)
            return []
        return self._delta(string(raw))

    def cite(self, raw: Raw) -> None:
        place = f"{self.at}/citationsContent/citations/{len(self._citations)}"
        self._citations.append(_citation(raw, place))

    def stop(self) -> list[Event]:
        return [PartClosed(index=self.index, citations=tuple(self._citations))]


class ReasoningBlock(Block):
    """`proof` None: the model gave none, as those do that sign nothing."""

    __slots__ = ("_proof", "_redacted")

    def __init__(self, index: int, at: str, *, redacted: bool) -> None:
        super().__init__(index, at)
        self._redacted = redacted
        self._proof: str | None = None

    def start(self) -> list[Event]:
        told_in = "/reasoningContent/redactedContent" if self._redacted else "/reasoningContent/reasoningText/text"
        return [PartOpened(index=self.index, kind="reasoning", redacted=self._redacted, at=self.at, told_in=told_in)]

    def more(self, member: str, raw: Raw) -> list[Event]:
        if member == "text":
            return self._delta(string(raw))
        if member in ("signature", "redactedContent"):
            self._proof = (self._proof or "") + (string(raw) or "")
        return []

    def stop(self) -> list[Event]:
        return [PartClosed(index=self.index, proof=self._proof)]


class ToolBlock(Block):
    """Arguments as the model wrote them; `{}` where it wrote none. A function that stands for a client's free text tool gives its
    text when it is complete."""

    __slots__ = ("_custom", "_id", "_name", "_pieces")

    def __init__(self, index: int, at: str, members: dict[str, Raw], undo: Undo) -> None:
        super().__init__(index, at)
        wire = string(members.get("name")) or ""
        self._id, self._name = string(members.get("toolUseId")) or None, undo.names.get(wire, wire)
        self._custom = wire in undo.custom
        self._pieces: list[str] = []

    def start(self) -> list[Event]:
        kind: PartKind = "custom" if self._custom else "tool"
        opened = PartOpened(index=self.index, kind=kind, id=self._id, name=self._name, at=self.at, told_in="/toolUse/input")
        return [opened]

    def more(self, member: str, raw: Raw) -> list[Event]:
        text = string(raw) if json.is_string(raw) else "{}" if json.is_null(raw) else bytes(raw).decode()
        if not text:
            return []
        self._pieces.append(text)
        return [] if self._custom else self._delta(text)

    def stop(self) -> list[Event]:
        told: list[Event] = [] if self._pieces or self._custom else self._delta("{}")
        if self._custom:
            told = self._delta(unwrapped("".join(self._pieces)))
        return [*told, *super().stop()]


class OpaqueBlock(Block):
    """Everything else: told whole, once it is complete. Of a stream, what was announced with its deltas in a list."""

    __slots__ = ("_deltas", "_kind", "_raw")

    def __init__(self, index: int, at: str, kind: str, raw: Raw) -> None:
        super().__init__(index, at)
        self._kind, self._raw = kind, raw.copy()
        self._deltas: list[Raw] = []

    def more(self, member: str, raw: Raw) -> list[Event]:
        self._deltas.append(json.raw({member: raw}))
        return []

    def stop(self) -> list[Event]:
        raw = json.raw({**json.members(self._raw), "deltas": self._deltas}) if self._deltas else self._raw
        opened = PartOpened(index=self.index, kind="opaque", raw=raw, opaque_kind=self._kind, at=self.at)
        return [opened, PartClosed(index=self.index)]


class ImageBlock(Block):
    """A picture that the model made."""

    __slots__ = ("_data", "_mime", "_raw")

    def __init__(self, index: int, at: str, raw: Raw) -> None:
        super().__init__(index, at)
        self._raw = raw.copy()
        self._mime, self._data = "", ""
        self._take(json.members(raw))

    def more(self, member: str, raw: Raw) -> list[Event]:
        if member == "image":
            self._take(json.members(raw))
        return []

    def stop(self) -> list[Event]:
        if not self._data:
            return OpaqueBlock(self.index, self.at, "image", json.raw({"image": self._raw})).stop()
        media = Media(kind="image", mime=self._mime or "image/png", data=self._data)
        return [PartOpened(index=self.index, kind="media", media=media, at=self.at), PartClosed(index=self.index)]

    def _take(self, members: dict[str, Raw]) -> None:
        self._mime = _MIMES.get(string(members.get("format")) or "", self._mime)
        source = members.get("source")
        if source is not None and json.is_object(source):
            self._data += string(json.members(source).get("bytes")) or ""


Number = Callable[[], int]


def string(raw: Raw | None) -> str | None:
    """A string value; None for anything else."""
    if raw is None or not json.is_string(raw):
        return None
    found: Any = json.decode(raw)
    return str(found)


def _citation(raw: Raw, at: str) -> Citation:
    """Of a web page, or of what only Bedrock can name: all of the text is meant."""
    members = json.members(raw) if json.is_object(raw) else {}
    location = members.get("location")
    web = json.members(location).get("web") if location is not None and json.is_object(location) else None
    url = string(json.members(web).get("url")) if web is not None and json.is_object(web) else None
    return Citation(raw=raw.copy(), url=url, title=string(members.get("title")), at=at)
