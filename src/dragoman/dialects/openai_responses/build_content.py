"""Pieces of content as Responses writes them: texts, images, files; cache marks on them.

Rule: what the client's own dialect wrote goes back as it was; what another can say and Responses cannot is told as a loss.
"""

from collections.abc import Iterable
from typing import Any

from dragoman.core.parts import Extras, Media, Opaque, Refusal, Text, ToolResult
from dragoman.core.quirks import Quirks
from dragoman.core.request import Message, Request
from dragoman.dialects.deeper import laid
from dragoman.dialects.ledger import Ledger
from dragoman.dialects.marks import Holder, Piece
from dragoman.dialects.media import PIECES, as_text, data_url, sniff
from dragoman.dialects.openai.marks import Marks
from dragoman.dialects.openai_responses.facts import ID
from dragoman.wire import json

Said = Text | Media | Opaque | Refusal
_TEXTUAL = ("text/", "application/json", "application/xml")
_ENDINGS = {"application/pdf": "pdf", "image/png": "png", "image/jpeg": "jpg"}
_UNNAMED = "document"


class Building:
    """What the builders of one request share.

    `origin`: where proofs of the target are valid. `names`, `ids`: client -> wire. `functions`: the target knows functions only;
    `exact`: the client's own tools go back as they were. `custom`: wire ids of the calls of custom tools in the history.
    `marks`: how cache marks are told.
    """

    __slots__ = ("custom", "exact", "functions", "ids", "ledger", "marks", "names", "origin", "own", "quirks", "request")

    def __init__(self, request: Request, origin: str, quirks: Quirks) -> None:
        self.request = request
        self.origin = origin
        self.quirks = quirks
        self.own = request.dialect == ID
        self.functions = not quirks.custom_tools
        self.exact = self.own and not self.functions
        self.ledger = Ledger(own=self.own, weights=request.weights, whys=request.whys)
        self.marks = Marks(request, quirks, self.ledger, _takes_mark)
        self.names: dict[str, str] = {}
        self.ids: dict[str, str] = {}
        self.custom: set[str] = set()

    def name(self, name: str) -> str:
        return self.names.get(name, name)

    def id(self, ident: str) -> str:
        return self.ids.get(ident, ident)


def _takes_mark(piece: Piece, holder: Holder) -> bool:
    """What the user, the instructions or a result say; results are told by theirs."""
    spoken = not isinstance(holder, Message) or holder.role != "assistant"
    return spoken and isinstance(piece, Text | Media | ToolResult)


def content(building: Building, parts: Iterable[Said], *, output: bool = False, bare: bool = True) -> str | list[Any]:
    """A string where one plain text is all there is, if `bare` lets it stand there; else a list. `output`: the model's words."""
    found = [piece for part in parts if (piece := _piece(building, part, output)) is not None]
    if not found:
        return "" if bare else []
    plain = all(isinstance(piece, dict) and piece.keys() == {"type", "text"} for piece in found)
    if bare and plain and (len(found) == 1 or not building.quirks.text_parts):
        return "\n".join(piece["text"] for piece in found)
    return found


def _piece(building: Building, part: Said, output: bool) -> Any:
    match part:
        case Text():
            return _text(building, part, output) if part.text or building.own else None
        case Media():
            return media_part(building, part)
        case Refusal():
            return {"type": "refusal", "refusal": part.text, **building.ledger.extras(part.extras, part.at, "content")}
        case Opaque():
            if part.dialect == ID:
                return part.raw
            drop_opaque(building, part)
            return None


def drop_opaque(building: Building, part: Opaque) -> None:
    building.ledger.opaque(part, f"only the client's dialect has {part.kind or 'this'}")


def _text(building: Building, part: Text, output: bool) -> dict[str, Any]:
    marks = building.marks.told(part)
    extras = text_extras(building, part)
    if output:
        return {"type": "output_text", "text": part.text, "annotations": [], **marks, **extras}
    return {"type": "input_text", "text": part.text, **marks, **extras}


def text_extras(building: Building, part: Text) -> Extras:
    """Of another dialect's block that is told by its words, the block is told once."""
    if building.own or "type" not in part.extras:
        return building.ledger.extras(part.extras, part.at, "content")
    building.ledger.approximate(part.at, f"a {json.decode(part.extras['type'])} as text")
    return building.ledger.extras(part.extras, part.at, "shown")


def media_part(building: Building, part: Media) -> dict[str, Any] | None:
    """The content part; None where there is no place for it here, which is then told."""
    found = _own(part) if building.own else _foreign(building, part)
    if found is None:
        return None
    extras = part.extras
    if found["type"] == "input_text":
        extras = {name: raw for name, raw in extras.items() if name != PIECES}
    kept = building.ledger.extras(extras, part.at, "content")
    return laid({**found, **building.marks.told(part)}, {name: raw for name, raw in kept.items() if name != "type"})


def _own(part: Media) -> dict[str, Any]:
    if part.kind == "audio" and "type" not in part.extras:
        form = {"audio/mpeg": "mp3"}.get(part.mime or "", (part.mime or "").partition("/")[2])
        return {"type": "input_audio", "input_audio": {"data": part.data or "", **({"format": form} if form else {})}}
    ident = {} if part.file_id is None else {"file_id": part.file_id}
    if "type" not in part.extras:
        detail = {} if part.detail is None else {"detail": part.detail}
        address: Any = _address(part, "image/png")
        boxed = {"url": address} if any(name.startswith("/image_url/") for name in part.extras) else address
        where = {} if part.data is None and part.url is None else {"image_url": boxed}
        return {"type": "input_image", **where, **ident, **detail}
    named = {} if part.name is None else {"filename": part.name}
    if part.data is not None:
        data = part.data if part.mime is None else data_url(part.mime, part.data)
        return {"type": "input_file", "file_data": data, **named}
    return {"type": "input_file", **({} if part.url is None else {"file_url": part.url}), **ident, **named}


def _foreign(building: Building, part: Media) -> dict[str, Any] | None:
    ledger = building.ledger
    if part.file_id is not None:
        ledger.refuse(part.at, "a file_id is known only where it was made")
        return None
    if part.kind in ("audio", "video"):
        ledger.drop(part.at, f"no {part.kind} here")
        return None
    words = part.text if part.text is not None else _words(part)
    if words is not None:
        ledger.approximate(part.at, "a text document as text")
        return {"type": "input_text", "text": f"{part.name}\n\n{words}" if part.name else words}
    if part.kind == "image":
        return {"type": "input_image", "image_url": _address(part, "image/png"), "detail": part.detail or "auto"}
    if part.data is None:
        return {"type": "input_file", "file_url": part.url or ""}
    mime = part.mime or sniff(part.data)
    if mime is None:
        mime = "application/octet-stream"
        ledger.approximate(part.at, "a file whose type nobody tells")
    return {"type": "input_file", "filename": part.name or f"{_UNNAMED}.{_ending(mime)}", "file_data": data_url(mime, part.data)}


def _words(part: Media) -> str | None:
    """The words of a document that is text in base64."""
    textual = part.kind != "image" and part.data is not None and part.mime is not None and part.mime.startswith(_TEXTUAL)
    return as_text(part.data) if textual and part.data is not None else None


def _ending(mime: str) -> str:
    return _ENDINGS.get(mime, mime.rpartition("/")[2])


def _address(part: Media, mime: str) -> str:
    if part.data is None:
        return part.url or ""
    return data_url(part.mime or sniff(part.data) or mime, part.data)
