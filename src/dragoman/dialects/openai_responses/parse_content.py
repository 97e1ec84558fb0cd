"""Content of items -> parts. What is not taken from a content part stays with it, byte for byte."""

from typing import Any

from msgspec import Raw

from dragoman.core.errors import bad_request
from dragoman.core.parts import Extras, Media, Opaque, Part, Refusal, Text
from dragoman.dialects.deeper import deeper
from dragoman.dialects.media import sniff, split_data_url
from dragoman.dialects.openai.marks import cache_mark
from dragoman.dialects.openai_responses.facts import ID
from dragoman.wire import json
from dragoman.wire.json import Members, name_of

FILE = "input_file"
_TEXTS = frozenset({"input_text", "output_text", "text"})
_EMPTY = frozenset({"annotations", "logprobs"})
"""Lists of a text that the vendor always writes: empty ones say nothing."""


def parse_content(raw: Raw | None, at: str) -> tuple[Part, ...]:
    """A string or a list of content parts."""
    if raw is None:
        return ()
    if json.is_string(raw):
        return (Text(json.decode(raw, str), at=at),)
    if not json.is_array(raw):
        raise bad_request(f"Invalid type for '{name_of(at)}': expected one of a string or array of objects.", name_of(at))
    return tuple(_part(item, f"{at}/{place}") for place, item in enumerate(json.items(raw)))


def parse_output(raw: Raw | None, at: str) -> tuple[Text | Media | Opaque, ...]:
    """What a tool answered. A value that is neither string nor list is its own text."""
    if raw is not None and not json.is_string(raw) and not json.is_array(raw):
        return (Text(bytes(raw).decode(), at=at),)
    return tuple(part for part in parse_content(raw, at) if isinstance(part, Text | Media | Opaque))


def _part(raw: Raw, at: str) -> Part:
    if json.is_string(raw):
        return Text(json.decode(raw, str), at=at)
    part = Members(raw, at)
    kind = part.take("type", str)
    if kind in _TEXTS:
        return Text(part.need("text", str), cache_mark(part), _kept(part), at)
    match kind:
        case "refusal":
            return Refusal(part.need("refusal", str), part.rest(), at)
        case "input_image" if part.has("image_url") or part.has("file_id"):
            return _image(part)
        case "input_file" if part.has("file_data") or part.has("file_url") or part.has("file_id"):
            return _file(part)
        case "input_audio" if part.has("input_audio"):
            return _audio(part)
    return Opaque(dialect=ID, kind=kind or "", raw=raw, at=at)


def _kept(part: Members) -> Extras:
    rest = part.rest()
    return {name: value for name, value in rest.items() if name not in _EMPTY or bytes(value) != b"[]"} if rest else rest


def _image(part: Members) -> Media:
    """Some write the URL in an object, as Chat does."""
    url = part.take("image_url", str) if part.is_string("image_url") else None
    inner = part.take_object("image_url")
    detail, more = part.take("detail", str), Extras()
    if inner is not None:
        url, told = inner.need("url", str), inner.take("detail", str)
        detail, more = told if detail is None else detail, deeper(inner, part.at)
    ident = part.take("file_id", str)
    mime, data = (None, None) if url is None else split_data_url(url) or (None, None)
    return Media(
        kind="image", mime=mime, data=data, url=url if data is None else None, file_id=ident if url is None else None,
        detail=detail, cache=cache_mark(part), extras={**more, **part.rest()}, at=part.at,
    )  # fmt: skip


def _file(part: Members) -> Media:
    """`file_data` is a data URL, or bare base64."""
    told, url, ident = part.take("file_data", str), part.take("file_url", str), part.take("file_id", str)
    mime, data = None, None
    if told is not None:
        mime, data = split_data_url(told) or (sniff(told), told)
    return Media(
        kind=_kind(mime), mime=mime, data=data, url=url if data is None else None,
        file_id=ident if data is None and url is None else None, name=part.take("filename", str),
        cache=cache_mark(part), extras={"type": json.raw(FILE), **part.rest()}, at=part.at,
    )  # fmt: skip


def _kind(mime: str | None) -> Any:
    top = (mime or "").partition("/")[0]
    return top if top in ("image", "audio", "video") else "document"


def _audio(part: Members) -> Media:
    inner = part.take_object("input_audio")
    assert inner is not None
    form, data = inner.take("format", str), inner.need("data", str)
    mime = {None: None, "mp3": "audio/mpeg"}.get(form, f"audio/{form}")
    return Media(kind="audio", mime=mime, data=data, extras={**deeper(inner, part.at), **part.rest()}, at=part.at)
