"""Images that a model made: `image_generation_call` items of a provider, and the same for images of another dialect's answer.

Rule: the image is told as an image; how it was made stands beside it. An item without an image is told whole.
"""

from collections.abc import Mapping
from typing import Any

from msgspec import Raw

from dragoman.core.events import PartClosed
from dragoman.core.parts import Extras, Media
from dragoman.dialects.ledger import NO_PLACE
from dragoman.dialects.media import sniff
from dragoman.dialects.openai_responses.items import Item, string
from dragoman.dialects.openai_responses.writers import Writer
from dragoman.wire import json

CALL = "image_generation_call"
_SHOWN = frozenset({"id", "type", "status", "result", "output_format"})
"""Members that the image itself tells, or every finished item."""
_MIMES: Mapping[str, str] = {"svg": "image/svg+xml"}
_FORMATS: Mapping[str, str] = {mime: form for form, mime in _MIMES.items()}


class ImageItem(Item):
    """Its pieces are drafts of the image, so it is told once it is done."""

    __slots__ = ()

    def done(self, members: dict[str, Raw]) -> None:
        data, raw = string(members.get("result")), json.raw(members)
        if not data:
            self.sink.opaque(raw, self.at)
            return
        extras: Extras = {name: value.copy() for name, value in members.items() if name not in _SHOWN and not json.is_null(value)}
        form = string(members.get("output_format"))
        mime = sniff(data) or (None if form is None else _MIMES.get(form, f"image/{form}"))
        media = Media(kind="image", mime=mime, data=data)
        index = self.sink.open("media", media=media, raw=raw, opaque_kind=CALL, at=self.at, extras=extras)
        self.sink.emit(PartClosed(index=index))


class ImageWriter(Writer):
    """The item as its provider told it; of another dialect's image one that says only what is known."""

    __slots__ = ()

    def open(self) -> bytes:
        sheet, item = self.sheet, self._item()
        if item is None:
            media = self.opened.media
            sheet.frame.ledger.drop(self.at, NO_PLACE + (media.kind if media is not None else self.opened.kind))
            return b""
        index = sheet.place()
        known = json.members(item) if isinstance(item, Raw) else item
        begun = {"id": known.get("id"), "type": CALL, "status": "in_progress", "result": None}
        return sheet.added(index, begun) + sheet.done(index, item)

    def _item(self) -> Raw | dict[str, Any] | None:
        """None where there is no place for the medium, or only its address is known."""
        media, sheet = self.opened.media, self.sheet
        if sheet.own and self.opened.raw is not None:
            return self.opened.raw
        if media is None or media.kind != "image" or media.data is None:
            return None
        self.lose(PartClosed(index=self.opened.index))
        sheet.frame.ledger.approximate(self.at, "an image as the result of a tool")
        mime = media.mime or sniff(media.data) or "image/png"
        form = _FORMATS.get(mime, mime.rpartition("/")[2])
        ident = sheet.item_id(self.opened, "ig_")
        return {"id": ident, "type": CALL, "status": "completed", "output_format": form, "result": media.data}
