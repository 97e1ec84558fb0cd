"""Images, documents, sound and video as Converse takes them: bytes under a format, or a place in S3."""

import base64
from collections.abc import Mapping
from typing import Any, Final

from dragoman.core.parts import Media
from dragoman.dialects import media as forms
from dragoman.dialects.bedrock.draft import Draft
from dragoman.dialects.bedrock.facts import AUDIOS, DOCUMENTS, IMAGES, VIDEOS

_KINDS: Final[Mapping[str, Mapping[str, str]]] = {"image": IMAGES, "document": DOCUMENTS, "video": VIDEOS, "audio": AUDIOS}
_USUAL: Final = {"image": "image/png", "audio": "audio/mpeg", "video": "video/mp4"}
"""What is taken for the media type where neither the client nor the first bytes tell one."""
_S3 = "s3://"


def medium(part: Media, draft: Draft) -> dict[str, Any] | None:
    """The content block; None where Converse has no place for it, which is told."""
    draft.ledger.extras(part.extras, part.at, "content")
    if part.detail not in (None, "auto"):
        draft.ledger.hint(part.at, "the detail of an image cannot be chosen here")
    if part.file_id is not None:
        draft.ledger.refuse(part.at, "a file_id is known only to the provider that gave it")
        return None
    if part.text is not None:
        return _document("txt", {"bytes": base64.b64encode(part.text.encode("utf-8", "surrogatepass")).decode()}, part, draft)
    inline = forms.split_data_url(part.url) if part.url is not None else None
    if inline is not None:
        return _inline(inline[1], inline[0], part, draft)
    if part.url is not None:
        return _elsewhere(part.url, part, draft)
    return _inline(part.data or "", part.mime, part, draft)


def _inline(data: str, told: str | None, part: Media, draft: Draft) -> dict[str, Any] | None:
    """Base64 data under the format that its first bytes tell: a wrong one is refused."""
    found = forms.sniff(data)
    mime = found or told or _USUAL.get(part.kind, "")
    if told is not None and mime != told:
        draft.ledger.approximate(part.at, f"its first bytes say {mime}, not {told}")
    for kind, formats in _KINDS.items():
        if mime in formats:
            return _block(kind, formats[mime], {"bytes": data}, part, draft)
    if part.kind not in ("image", "audio", "video") and forms.as_text(data) is not None:
        return _document("txt", {"bytes": data}, part, draft)
    draft.ledger.drop(part.at, f"{mime or 'data of an unknown type'} is not taken here")
    return None


def _elsewhere(url: str, part: Media, draft: Draft) -> dict[str, Any] | None:
    if not url.startswith(_S3):
        draft.ledger.drop(part.at, "Bedrock fetches nothing by URL")
        return None
    mime = part.mime or _by_name(url) or _USUAL.get(part.kind, "")
    for kind, formats in _KINDS.items():
        if mime in formats:
            return _block(kind, formats[mime], {"s3Location": {"uri": url}}, part, draft)
    draft.ledger.drop(part.at, "of what type the object in S3 is nobody tells")
    return None


def _block(kind: str, form: str, source: dict[str, Any], part: Media, draft: Draft) -> dict[str, Any]:
    if kind == "document":
        return _document(form, source, part, draft)
    return {kind: {"format": form, "source": source}}


def _document(form: str, source: dict[str, Any], part: Media, draft: Draft) -> dict[str, Any]:
    return {"document": {"format": form, "name": draft.document(part.name, part.at), "source": source}}


def _by_name(url: str) -> str | None:
    ending = url.rpartition(".")[2].lower()
    return next((mime for formats in _KINDS.values() for mime, form in formats.items() if form == ending), None)
