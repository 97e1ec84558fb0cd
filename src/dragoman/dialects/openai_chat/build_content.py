"""Pieces of content as Chat writes them: text, images, sound, files; cache marks on them.

Rule: what the client's own dialect wrote goes back as it was; what another dialect can say and Chat cannot is told as a loss.
"""

from collections.abc import Iterable
from typing import Any

from msgspec import Raw

from dragoman.core.config import Target
from dragoman.core.parts import Extras, Media, Opaque, Reasoning, Refusal, Text, ToolResult
from dragoman.core.quirks import Quirks
from dragoman.core.request import Request
from dragoman.dialects.deeper import laid
from dragoman.dialects.ledger import Ledger
from dragoman.dialects.marks import Holder, Piece
from dragoman.dialects.media import PIECES, as_text, data_url, sniff
from dragoman.dialects.openai.marks import Marks
from dragoman.dialects.openai_chat.facts import BARE_URL_PARTS, ID
from dragoman.dialects.openai_chat.parse_messages import MIMES
from dragoman.wire import json

_FORMATS = {mime: form for form, mime in MIMES.items()} | {"audio/mp3": "mp3", "audio/x-wav": "wav", "audio/wave": "wav"}
_TEXTUAL = ("text/", "application/json", "application/xml")
_FORM = "type"
"""Extras member that tells in which kind of content part the client's own dialect held a medium."""


class Building:
    """What the builders of one request share. `names`, `ids`: client -> wire. `functions`: custom tools sent as functions.

    `marks`: how cache marks are told.
    """

    __slots__ = ("functions", "ids", "ledger", "marks", "names", "own", "quirks", "request", "target")

    def __init__(self, request: Request, target: Target, quirks: Quirks) -> None:
        self.request = request
        self.target = target
        self.quirks = quirks
        self.own = request.dialect == ID
        self.ledger = Ledger(own=self.own, weights=request.weights, whys=request.whys)
        self.names: dict[str, str] = {}
        self.ids: dict[str, str] = {}
        self.functions: frozenset[str] = frozenset()
        self.marks = Marks(request, quirks, self.ledger, self._takes_mark)

    def _takes_mark(self, piece: Piece, holder: Holder) -> bool:
        """OpenAI's breakpoints stand on content; results are told by theirs."""
        return self.quirks.cache_marks == "cache_control" or isinstance(piece, Text | Media | ToolResult)


def content(
    building: Building, parts: Iterable[Text | Media | Opaque | Refusal | Reasoning], between: str = "\n"
) -> str | list[Any]:
    """A string where one plain text is all there is, else a list of parts. `between`: see `joined`."""
    found = [piece for part in parts for piece in _pieces(building, part)]
    if not found:
        return ""
    if len(found) == 1 and isinstance(found[0], dict) and found[0].keys() == {"type", "text"} and found[0]["type"] == "text":
        return str(found[0]["text"])
    return joined(building, found, between)


def joined(building: Building, found: list[Any], between: str) -> str | list[Any]:
    """Text parts as one string, for a target that takes no lists; whatever else is among them stays a part."""
    plain = all(isinstance(piece, dict) and piece.get("type") == "text" and len(piece) == 2 for piece in found)
    if building.quirks.text_parts or not plain:
        return found
    return between.join(piece["text"] for piece in found)


def text_part(building: Building, part: Text) -> dict[str, Any]:
    if building.quirks.text_parts or part.cache is None:
        told = building.marks.told(part)
    else:
        told = {}
        member = "prompt_cache_breakpoint" if "mode" in part.cache.extras else "cache_control"
        building.ledger.hint(part.cache.at or f"{part.at}/{member}", "texts are sent as one, which takes no cache marks")
    return {"type": "text", "text": part.text, **told, **text_extras(building, part)}


def text_extras(building: Building, part: Text) -> Extras:
    """What of a text's members is written back. Of another dialect's block that is told by its words, the block is told once."""
    if building.own or "type" not in part.extras:
        return building.ledger.extras(part.extras, part.at, "content")
    building.ledger.approximate(part.at, f"a {json.decode(part.extras['type'])} as text")
    return building.ledger.extras(part.extras, part.at, "shown")


def drop_opaque(building: Building, part: Opaque) -> None:
    building.ledger.opaque(part, f"only the client's dialect has {part.kind or 'this'}")


def _pieces(building: Building, part: Text | Media | Opaque | Refusal | Reasoning) -> Iterable[Any]:
    match part:
        case Text():
            if part.text or building.own:
                yield text_part(building, part)
        case Media():
            piece = media_part(building, part)
            if piece is not None:
                yield piece
        case Refusal():
            yield {"type": "refusal", "refusal": part.text, **_without_form(building, part.extras, part.at)}
        case Reasoning():
            yield {"type": "thinking", "thinking": [{"type": "text", "text": part.text}], **part.extras}
        case Opaque() if part.dialect == ID:
            yield part.raw
        case Opaque():
            drop_opaque(building, part)


def media_part(building: Building, part: Media) -> dict[str, Any] | None:
    """The content part; None where Chat has no place for it, which is then told."""
    form = part.extras.get(_FORM) if building.own else None
    if form is not None and (word := json.decode(form, str)) != "file":
        found: dict[str, Any] | None = _url_form(part, word)
    else:
        found = _medium(building, part, form)
    if found is None:
        return None
    if found["type"] == "file" and not building.quirks.files and not building.own:
        building.ledger.drop(part.at, "this provider takes no files here")
        return None
    extras = part.extras
    if found["type"] == "text":
        extras = {name: raw for name, raw in extras.items() if name != PIECES}
    return laid({**found, **building.marks.told(part)}, _without_form(building, extras, part.at))


def _medium(building: Building, part: Media, form: Raw | None) -> dict[str, Any] | None:
    if part.file_id is not None:
        if not building.own:
            building.ledger.refuse(part.at, "a file_id is known only where it was made")
            return None
        return {"type": "file", "file": {"file_id": part.file_id, **_named(part)}}
    if part.text is not None:
        building.ledger.approximate(part.at, "a text document as text")
        return {"type": "text", "text": _document_text(part, part.text)}
    if part.kind == "image" and form is None:
        detail = {} if part.detail is None else {"detail": part.detail}
        return {"type": "image_url", "image_url": {"url": _address(part, "image/png"), **detail}}
    if part.kind == "audio" and form is None and part.data is not None:
        mime = part.mime or "audio/wav"
        sound = {"data": part.data, "format": _FORMATS.get(mime, mime.partition("/")[2])}
        return {"type": "input_audio", "input_audio": sound}
    return _file(building, part)


def _file(building: Building, part: Media) -> dict[str, Any] | None:
    if part.data is None and not building.own:
        building.ledger.drop(part.at, f"Chat takes no {part.kind} by URL")
        return None
    if part.kind == "video" and not building.own:
        building.ledger.drop(part.at, "Chat takes no video")
        return None
    mime = part.mime or (sniff(part.data) if part.data is not None else None)
    if not building.own and part.data is not None and mime is not None and mime.startswith(_TEXTUAL):
        text = as_text(part.data)
        if text is not None:
            building.ledger.approximate(part.at, "a text document as text")
            return {"type": "text", "text": _document_text(part, text)}
    bare = building.own and part.mime is None and part.data is not None
    address = part.data if bare else _address(part, "application/pdf")
    named = _named(part) if part.name is not None or building.own else {"filename": "document.pdf"}
    return {"type": "file", "file": {"file_data": address, **named}}


def _document_text(part: Media, text: str) -> str:
    return f"{part.name}\n\n{text}" if part.name else text


def _address(part: Media, mime: str) -> str:
    if part.data is None:
        return part.url or ""
    return data_url(part.mime or sniff(part.data) or mime, part.data)


def _url_form(part: Media, word: str) -> dict[str, Any]:
    """A compatible provider's own content part with a URL in it."""
    address = part.data if part.data is not None and part.mime is None else _address(part, "application/pdf")
    name = {} if part.name is None else {"document_name": part.name}
    return {"type": word, word: address if word in BARE_URL_PARTS else {"url": address}, **name}


def _named(part: Media) -> dict[str, str]:
    return {} if part.name is None else {"filename": part.name}


def _without_form(building: Building, extras: dict[str, Any], at: str) -> dict[str, Any]:
    kept = building.ledger.extras(extras, at, "content")
    return {name: raw for name, raw in kept.items() if name != _FORM}
