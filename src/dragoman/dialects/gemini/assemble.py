"""Parts of an answer, as they come or all at once, -> parts in events. Owns which parts are open.

Rule: texts and thoughts that follow one another are one part, but a part with a signature is never joined to another. What a
signature signs is told directly after it.
"""

from typing import Any, Final

from msgspec import Raw

from dragoman.core.events import Citation, Event, PartClosed, PartDelta, PartKind, PartOpened
from dragoman.core.parts import Extras, Media
from dragoman.dialects.base import Undo
from dragoman.dialects.free_text import unwrapped
from dragoman.dialects.gemini.facts import PARTS
from dragoman.dialects.gemini.parse_content import is_stored, kind_of_media
from dragoman.dialects.gemini.partial import Arguments
from dragoman.dialects.gemini.proofs import Signed, proof_of
from dragoman.wire import json

_SIGNATURE: Final = "thoughtSignature"
_EMPTY: Final = "{}"
_NO_EXTRAS: Final[Extras] = {}


class Assembly:
    """Feed it parts; take `out`. `called`: a function was called."""

    def __init__(self, undo: Undo) -> None:
        self.out: list[Event] = []
        self.called = False
        self._undo = undo
        self._next = 0
        self._place = 0
        self._kind: PartKind | None = None
        self._index = -1
        self._sealed = False
        self._said: list[str] = []
        self._pending: str | None = None
        self._partial: Arguments | None = None
        self._custom = False

    @property
    def any(self) -> bool:
        """Whether anything was said."""
        return self._next > 0 or self._pending is not None

    @property
    def text(self) -> str:
        """The words of the text that is open."""
        return "".join(self._said) if self._kind == "text" else ""

    def say(self, text: str, kind: PartKind, place: int | None = None, extras: Extras = _NO_EXTRAS) -> None:
        """More text or thinking, without a signature."""
        if self._kind != kind or self._sealed or self._pending is not None or extras:
            self._settle()
            self._kind, self._sealed = kind, False
            self._index = self._open(kind, self._at(place), told_in="/text", extras=extras)
        self.out.append(PartDelta(self._index, text))
        self._said.append(text)

    def part(self, raw: Raw, place: int | None = None) -> None:
        """`place`: its number in a whole answer."""
        members = json.members(raw)
        signature = string(members.get(_SIGNATURE))
        if "text" in members:
            self._text(members, signature, place)
        elif "functionCall" in members and json.is_object(members["functionCall"]):
            self._call(members, signature, place)
        elif _holds_media(members):
            self._media(members, signature, place)
        elif members.keys() - {_SIGNATURE, "thought"}:
            self._opaque(raw, members, place)
        elif signature:
            self._text({}, signature, place)

    def close(self, citations: tuple[Citation, ...] = ()) -> None:
        """The end. `citations`: of the text that is open."""
        self._settle(citations)

    def _open(self, kind: PartKind, at: str, **more: Any) -> int:
        index, self._next = self._next, self._next + 1
        self.out.append(PartOpened(index=index, kind=kind, at=at, **more))
        return index

    def _at(self, place: int | None) -> str:
        if place is not None:
            self._place = place
        self._place += 1
        return f"{PARTS}{self._place - 1}"

    def _settle(self, citations: tuple[Citation, ...] = ()) -> None:
        """Close what is open, and tell the signature that stands by itself."""
        self._end_call()
        if self._kind is not None:
            self.out.append(PartClosed(index=self._index, citations=citations))
            self._kind = None
            self._said.clear()
        if self._pending is not None:
            signature, self._pending = self._pending, None
            self._sign(signature, "empty", self._at(None))

    def _sign(self, signature: str, signed: Signed, at: str) -> None:
        index = self._open("reasoning", f"{at}/{_SIGNATURE}", redacted=True)
        self.out.append(PartClosed(index=index, proof=proof_of(signature, signed)))

    def _text(self, members: dict[str, Raw], signature: str | None, place: int | None) -> None:
        text = string(members.pop("text", None)) or ""
        thought = members.pop("thought", None) == _TRUE
        members.pop(_SIGNATURE, None)
        extras = _told(members)
        if thought:
            self._thought(text, signature, place, extras)
        elif signature is None:
            if text:
                self.say(text, "text", place, extras)
        elif not text:
            if self._pending is not None:
                self._settle()
            self._pending = signature
            if place is not None:
                self._place = place
        else:
            self._settle()
            at = self._at(place)
            self._sign(signature, "text", at)
            self._kind, self._sealed = "text", True
            self._index = self._open("text", at, told_in="/text", extras=extras)
            self.out.append(PartDelta(self._index, text))
            self._said.append(text)

    def _thought(self, text: str, signature: str | None, place: int | None, extras: Extras) -> None:
        """A thought may be signed with its last words."""
        if text:
            self.say(text, "reasoning", place, extras)
        if signature is None:
            return
        if self._kind != "reasoning":
            self._settle()
            self._index = self._open("reasoning", self._at(place), told_in="/text", extras=extras)
        self.out.append(PartClosed(index=self._index, proof=signature))
        self._kind = None
        self._said.clear()

    def _call(self, members: dict[str, Raw], signature: str | None, place: int | None) -> None:
        call = json.members(members.pop("functionCall"))
        name = string(call.pop("name", None))
        if not name:
            if self._partial is not None:
                self._more(call)
            return
        self._settle()
        at = self._at(place)
        if signature is not None:
            self._sign(signature, "call", at)
        members.pop(_SIGNATURE, None)
        arguments, going_on = call.pop("args", None), call.pop("willContinue", None) == _TRUE
        pieces = call.pop("partialArgs", None)
        told = arguments is not None and not json.is_null(arguments)
        self.called = True
        self._custom = name in self._undo.custom
        self._index = self._open(
            "custom" if self._custom else "tool",
            at,
            id=string(call.pop("id", None)) or None,
            name=self._undo.names.get(name, name),
            told_in="/functionCall/args" if told or going_on else "/functionCall",
            extras={**{f"/functionCall/{json.escape(key)}": value for key, value in _told(call).items()}, **_told(members)},
        )
        if going_on or pieces is not None:
            self._partial = Arguments(json.decode(arguments) if arguments is not None else None)
            self._more({"partialArgs": pieces or Raw(b"[]"), "willContinue": Raw(b"true" if going_on else b"false")})
        else:
            self._argue(json.compact(bytes(arguments)).decode() if told and arguments is not None else _EMPTY)

    def _more(self, call: dict[str, Raw]) -> None:
        """Pieces of the arguments of the call that is open; without a word that more comes it is complete."""
        pieces = json.decode(call["partialArgs"]) if "partialArgs" in call else None
        for piece in pieces if isinstance(pieces, list) else ():
            if isinstance(piece, dict) and self._partial is not None:
                self._partial.add(piece)
        if call.get("willContinue") != _TRUE:
            self._end_call()

    def _end_call(self) -> None:
        if self._partial is not None:
            partial, self._partial = self._partial, None
            self._argue(partial.text)

    def _argue(self, text: str) -> None:
        if self._custom:
            text = unwrapped(text)
        if text:
            self.out.append(PartDelta(self._index, text))
        self.out.append(PartClosed(index=self._index))

    def _media(self, members: dict[str, Raw], signature: str | None, place: int | None) -> None:
        name = "inlineData" if "inlineData" in members else "fileData"
        inner = json.members(members.pop(name))
        members.pop(_SIGNATURE, None)
        members.pop("thought", None)
        mime, title = string(inner.pop("mimeType", None)), string(inner.pop("displayName", None))
        if name == "inlineData":
            found: dict[str, Any] = {"data": string(inner.pop("data", None)) or ""}
        else:
            uri = string(inner.pop("fileUri", None)) or ""
            found = {"file_id" if is_stored(uri) else "url": uri}
        self._settle()
        at = self._at(place)
        if signature is not None:
            self._sign(signature, "media", at)
        media = Media(kind=kind_of_media(mime), mime=mime, name=title, **found)
        extras = {**{f"/{name}/{json.escape(key)}": value for key, value in _told(inner).items()}, **_told(members)}
        self.out.append(PartClosed(index=self._open("media", at, media=media, extras=extras)))

    def _opaque(self, raw: Raw, members: dict[str, Raw], place: int | None) -> None:
        """Code that Google ran, its own tools, and everything unknown: told whole, with its signature."""
        self._settle()
        kind = next(name for name in members if name not in (_SIGNATURE, "thought"))
        self.out.append(PartClosed(index=self._open("opaque", self._at(place), raw=raw.copy(), opaque_kind=kind)))


def string(raw: Raw | None) -> str | None:
    """A string value; None for anything else."""
    if raw is None or not json.is_string(raw):
        return None
    found: Any = json.decode(raw)
    return str(found)


_TRUE: Final = Raw(b"true")


def _holds_media(members: dict[str, Raw]) -> bool:
    return any(name in members and json.is_object(members[name]) for name in ("inlineData", "fileData"))


def _told(members: dict[str, Raw]) -> Extras:
    return {name: value for name, value in members.items() if not json.is_null(value)} if members else _NO_EXTRAS
