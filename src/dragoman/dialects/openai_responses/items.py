"""Items of an answer on their way to events: one small state an item, the same for whole bodies and streams.

Rule: `delta` takes a piece as it comes, `whole` all of it at once: what was not told yet follows. An item that is done says what
holds, and closes its parts.
"""

from typing import Any, ClassVar

from msgspec import Raw

from dragoman.core.events import Citation, PartClosed, PartDelta, PartKind
from dragoman.core.parts import Extras
from dragoman.dialects.free_text import unwrapped
from dragoman.dialects.ledger import RESPONSE
from dragoman.dialects.openai_responses.facts import CONTENT, ITEM, ITEM_ID
from dragoman.dialects.openai_responses.reasoning import PAUSE, PIECES, pieces, proof_of, words_of
from dragoman.dialects.openai_responses.sink import Sink
from dragoman.wire import json

TYPES: dict[str, PartKind] = {"output_text": "text", "text": "text", "refusal": "refusal"}
"""Content of a message -> part. Anything else is told whole."""
_TRUE = Raw(b"true")
_USUAL = frozenset({"type", "id", "role"})


class Item:
    """`members`: as it was announced. `at`: where it stands in the whole answer."""

    __slots__ = ("at", "members", "sink")

    def __init__(self, sink: Sink, members: dict[str, Raw], at: str) -> None:
        self.sink = sink
        self.members = members
        self.at = at

    def begin(self, place: int, kind: str) -> None:
        """A content part was announced."""

    def delta(self, member: str, place: int, text: str) -> None:
        """More of a piece."""

    def whole(self, member: str, place: int, text: str) -> None:
        """All of a piece."""

    def note(self, place: int, annotation: Raw) -> None:
        """What a text is based on."""

    def done(self, members: dict[str, Raw]) -> None:
        """The item as it is at last."""

    def rest(self, told: list[str], text: str, at: str = "") -> str | None:
        """What of a whole piece its deltas left out; None where it says nothing, or says it otherwise and so comes too late."""
        before = "".join(told)
        if text.startswith(before):
            return text[len(before) :]
        if text:
            self.sink.approximate(f"{RESPONSE}{self.at}{at}", "its pieces are not what its end says")
        return None

    def opened_extras(self) -> Extras:
        ident = self.members.get("id")
        return {ITEM_ID: ident.copy()} if ident is not None and json.is_string(ident) else {}


class _Piece:
    """A content part of a message. `told`: its text so far."""

    __slots__ = ("index", "kind", "notes", "told")

    def __init__(self, index: int, kind: PartKind) -> None:
        self.index = index
        self.kind = kind
        self.told: list[str] = []
        self.notes: list[Raw] = []


class MessageItem(Item):
    """The last piece of a text waits for what comes next: its end may say that it was otherwise (decision 0015)."""

    __slots__ = ("_pieces",)

    def __init__(self, sink: Sink, members: dict[str, Raw], at: str) -> None:
        super().__init__(sink, members, at)
        self._pieces: dict[int, _Piece] = {}

    def begin(self, place: int, kind: str) -> None:
        known = TYPES.get(kind)
        if known is not None:
            self._piece(place, known)

    def delta(self, member: str, place: int, text: str) -> None:
        piece = self._pieces.get(place) or self._piece(place, "refusal" if member == "refusal" else "text")
        if text:
            piece.told.append(text)
            self.sink.hold(piece.index, text)

    def whole(self, member: str, place: int, text: str) -> None:
        piece = self._piece(place, "refusal" if member == "refusal" else "text")
        held = self.sink.take_back(piece.index)
        if held:
            piece.told.pop()
        more = self.rest(piece.told, text, f"/content/{place}")
        more = held if more is None else more
        if more:
            piece.told.append(more)
            self.sink.hold(piece.index, more)

    def note(self, place: int, annotation: Raw) -> None:
        self._piece(place, "text").notes.append(annotation.copy())

    def _piece(self, place: int, kind: PartKind) -> _Piece:
        piece = self._pieces.get(place)
        if piece is None:
            at = f"{self.at}/content/{place}"
            index = self.sink.open(kind, at=at, told_in=f"/{kind}", extras=self.opened_extras())
            piece = self._pieces[place] = _Piece(index, kind)
            self.sink.refused = self.sink.refused or kind == "refusal"
        return piece

    def done(self, members: dict[str, Raw]) -> None:
        content = members.pop("content", None)
        about = {name: value for name, value in members.items() if not _is_usual(name, value)}
        item: Extras = {ITEM: json.raw(about)} if about else {}
        known: dict[int, dict[str, Raw]] = {}
        for place, raw in enumerate(list_of(content)):
            part = object_of(raw)
            kind = TYPES.get(string(part.pop("type", None)) or "output_text")
            if kind is None:
                self.sink.opaque(raw, f"{self.at}/content/{place}", self.opened_extras())
            else:
                self.whole(kind, place, string(part.pop(kind, None)) or "")
                known[place] = part
        for place in sorted(self._pieces):
            self._close(place, known.get(place, {}), item)
            item = {}

    def _close(self, place: int, part: dict[str, Raw], item: Extras) -> None:
        piece = self._piece(place, "text")
        notes = list_of(part.pop("annotations", None)) or piece.notes
        at = f"{self.at}/content/{place}/annotations/"
        citations = tuple(_citation(raw, f"{at}{number}") for number, raw in enumerate(notes))
        extras = {name: value.copy() for name, value in part.items() if not json.is_null(value) and bytes(value) != b"[]"}
        self.sink.emit(PartClosed(index=piece.index, citations=citations, extras={**extras, **item}))


class ReasoningItem(Item):
    """One thought, whatever its pieces. It opens with its first words; one without words is its ciphertext."""

    __slots__ = ("_index", "_last", "_told")

    def __init__(self, sink: Sink, members: dict[str, Raw], at: str) -> None:
        super().__init__(sink, members, at)
        self._index: int | None = None
        self._last: tuple[str, int] | None = None
        self._told: dict[tuple[str, int], list[str]] = {}

    def delta(self, member: str, place: int, text: str) -> None:
        if not text:
            return
        key = (member, place)
        if self._index is None:
            extras = self.opened_extras()
            if member == CONTENT:
                extras[CONTENT] = _TRUE
            self._index = self.sink.open("reasoning", at=self.at, told_in=f"/{member}", extras=extras)
        elif self._last != key:
            self.sink.emit(PartDelta(self._index, PAUSE, apart=True))
        self._last = key
        self._told.setdefault(key, []).append(text)
        self.sink.say(self._index, text)

    def whole(self, member: str, place: int, text: str) -> None:
        self.delta(member, place, self.rest(self._told.get((member, place), []), text) or "")

    def done(self, members: dict[str, Raw]) -> None:
        texts = {name: pieces(members.get(name)) for name, _ in PIECES}
        for member, place, text in words_of(texts):
            self.whole(member, place, text)
        proof = proof_of(members, texts)
        if self._index is None:
            more: dict[str, Any] = {"redacted": True} if proof is not None else {}
            self._index = self.sink.open("reasoning", at=self.at, extras=self.opened_extras(), **more)
        kept = {
            name: value.copy()
            for name, value in members.items()
            if proof is None and name not in texts and not _is_usual(name, value)
        }
        self.sink.emit(PartClosed(index=self._index, proof=proof, extras=kept))


class CallItem(Item):
    """A call of a function or of a custom tool. It opens when its name is known."""

    member: ClassVar[str] = "arguments"
    kind: ClassVar[PartKind] = "tool"
    __slots__ = ("_index", "_pieces", "_said", "_wraps")

    def __init__(self, sink: Sink, members: dict[str, Raw], at: str) -> None:
        super().__init__(sink, members, at)
        self._index: int | None = None
        self._pieces: list[str] = []
        self._said = 0
        self._wraps = False
        sink.called = True
        self._open(members)

    def _open(self, members: dict[str, Raw]) -> None:
        name = string(members.get("name"))
        if not name or self._index is not None:
            return
        undo = self.sink.undo
        ident, self._wraps = string(members.get("call_id")) or None, name in undo.custom
        extras = self.opened_extras()
        space = members.get("namespace")
        if space is not None and not json.is_null(space):
            extras["namespace"] = space.copy()
        self._index = self.sink.open(
            "custom" if self._wraps else self.kind, at=self.at, told_in=f"/{self.member}", extras=extras,
            id=undo.ids.get(ident, ident) if ident is not None else None, name=undo.names.get(name, name),
        )  # fmt: skip
        if not self._wraps:
            self._release()

    def _release(self) -> None:
        """Tell what was not told yet."""
        assert self._index is not None
        for text in self._pieces[self._said :]:
            self.sink.say(self._index, text)
        self._said = len(self._pieces)

    def delta(self, member: str, place: int, text: str) -> None:
        self._pieces.append(text)
        if self._index is not None and not self._wraps:
            self._release()

    def whole(self, member: str, place: int, text: str) -> None:
        if self._said:
            self.delta(member, place, self.rest(self._pieces, text) or "")
        elif text:
            self._pieces = []
            self.delta(member, place, text)

    def done(self, members: dict[str, Raw]) -> None:
        self._open(members)
        told = members.pop(self.member, None)
        if told is not None and not json.is_null(told):
            self.whole(self.member, 0, string(told) or "" if json.is_string(told) else bytes(told).decode())
        if self._index is None:
            return
        if self._wraps:
            self._pieces = [unwrapped("".join(self._pieces))]
            self._release()
        elif not any(self._pieces) and self.kind == "tool":
            self.sink.say(self._index, "{}")  # arguments are never empty
        known = {"call_id", "name", *(["namespace"] if "namespace" in self.members else [])}
        extras = {name: value.copy() for name, value in members.items() if name not in known and not _is_usual(name, value)}
        self.sink.emit(PartClosed(index=self._index, extras=extras))


class CustomItem(CallItem):
    member = "input"
    kind = "custom"
    __slots__ = ()


class OpaqueItem(Item):
    """What only this dialect has: told whole, once it is complete."""

    __slots__ = ()

    def done(self, members: dict[str, Raw]) -> None:
        self.sink.opaque(json.raw(members), self.at)


def string(raw: Raw | None) -> str | None:
    """A string value; None for anything else."""
    return json.decode(raw, str) if raw is not None and json.is_string(raw) else None


def object_of(raw: Raw | None) -> dict[str, Raw]:
    return json.members(raw) if raw is not None and bytes(raw) and json.is_object(raw) else {}


def list_of(raw: Raw | None) -> list[Raw]:
    return json.items(raw) if raw is not None and bytes(raw) and json.is_array(raw) else []


def _is_usual(name: str, value: Raw) -> bool:
    """A member that says nothing: its item tells it in another way, or every finished item has it."""
    return name in _USUAL or json.is_null(value) or (name == "status" and bytes(value) == b'"completed"')


def _citation(raw: Raw, at: str) -> Citation:
    """Of a web page; what else a text may be based on only this dialect can tell."""
    told = object_of(raw)
    page = string(told.get("type")) == "url_citation"
    url, title = (string(told.get(name)) if page else None for name in ("url", "title"))
    start, end = (_place(told.get(name)) for name in ("start_index", "end_index"))
    return Citation(raw=raw.copy(), url=url, title=title, start=start, end=end, at=at)


def _place(raw: Raw | None) -> int | None:
    told = json.decode(raw) if raw is not None else None
    return told if isinstance(told, int) and not isinstance(told, bool) and told >= 0 else None
