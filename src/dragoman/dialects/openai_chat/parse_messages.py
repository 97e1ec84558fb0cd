"""The messages of a Chat request -> canonical messages, part by part."""

from typing import Any

from msgspec import Raw

from dragoman.core.errors import bad_request
from dragoman.core.parts import Media, Opaque, Part, Reasoning, Refusal, Text, ToolCall, ToolResult
from dragoman.core.request import Message, Role
from dragoman.dialects.base import OpenSeal
from dragoman.dialects.deeper import deeper
from dragoman.dialects.media import sniff, split_data_url
from dragoman.dialects.openai.marks import cache_mark
from dragoman.dialects.openai_chat.facts import ID, ROLES, URL_PARTS
from dragoman.dialects.openai_chat.reasoning import CONTENT, STRINGS, parse_reasoning
from dragoman.wire import json
from dragoman.wire.json import Members, name_of

MIMES = {"wav": "audio/wav", "mp3": "audio/mpeg", "pcm16": "audio/pcm", "m4a": "audio/mp4"}
"""Audio formats whose media type is not `audio/<format>`."""


def parse_messages(messages: list[Raw], open_seal: OpenSeal) -> tuple[Message, ...]:
    return tuple(_message(raw, f"/messages/{place}", open_seal) for place, raw in enumerate(messages))


def _message(raw: Raw, at: str, open_seal: OpenSeal) -> Message:
    message = Members(raw, at)
    role = message.need("role", str)
    if role not in ROLES:
        supported = "'system', 'assistant', 'user', 'function', 'tool', and 'developer'"
        raise bad_request(f"Invalid value: '{role}'. Supported values are: {supported}.", f"{name_of(at)}.role")
    if role == "assistant":
        return _assistant(message, open_seal)
    if role in ("tool", "function"):
        return _result(message)
    found: Role = "user" if role == "user" else "developer" if role == "developer" else "system"
    return Message(found, tuple(_content(message)), message.rest(), at)


def _assistant(message: Members, open_seal: OpenSeal) -> Message:
    found = {slot: message.take(slot, str) or "" for slot in STRINGS if message.is_string(slot)}
    told = message.take_raw("reasoning_details")
    thinking, kept = parse_reasoning(found, told, message.at, open_seal) if found or told is not None else ([], {})
    parts: list[Part] = [*thinking]
    parts += _content(message)
    refusal = message.take("refusal", str)
    if refusal:
        parts.append(Refusal(refusal, at=message.path("refusal")))
    for place, raw in enumerate(message.take_list("tool_calls") or ()):
        parts.append(_call(Members(raw, f"{message.at}/tool_calls/{place}")))
    legacy = message.take_object("function_call")
    if legacy is not None:
        parts.append(
            ToolCall(id="", name=legacy.need("name", str), arguments=_arguments(legacy), extras=legacy.rest(), at=legacy.at)
        )
    return Message("assistant", tuple(parts), {**message.rest(), **kept}, message.at)


def _result(message: Members) -> Message:
    """A `tool` message, or a legacy `function` message, which has a name and no id."""
    parts = tuple(part for part in _content(message) if isinstance(part, Text | Media | Opaque))
    result = ToolResult(id=message.take("tool_call_id", str) or "", name=message.take("name", str), parts=parts, at=message.at)
    return Message("tool", (result,), message.rest(), message.at)


def _call(call: Members) -> ToolCall:
    kind = call.take("type", str)
    if kind not in (None, "", "function", "custom"):
        raise bad_request(f"Invalid value: '{kind}'. Supported values are: 'function' and 'custom'.", name_of(call.path("type")))
    custom = kind == "custom" or (call.has("custom") and not call.has("function"))
    inner = call.take_object("custom" if custom else "function")
    if inner is None:
        raise bad_request(f"{name_of(call.at)}.function: Field required", f"{name_of(call.at)}.function")
    arguments = inner.take("input", str) or "" if custom else _arguments(inner)
    return ToolCall(
        id=call.take("id", str) or "", name=inner.need("name", str), arguments=arguments, custom=custom,
        cache=cache_mark(call), extras={**deeper(inner, call.at), **call.rest()}, at=call.at,
    )  # fmt: skip


def _arguments(inner: Members) -> str:
    """Argument text exactly as it stands; an object in place of the text is taken as its own text."""
    raw = inner.take_raw("arguments")
    if raw is None:
        return ""
    return json.decode(raw, str) if json.is_string(raw) else bytes(raw).decode()


def _content(message: Members) -> list[Part]:
    """A part that is null says nothing (opencode, 2026-11)."""
    at, raw = message.path("content"), message.take_raw("content")
    if raw is None:
        return []
    if json.is_string(raw):
        text = json.decode(raw, str)
        return [Text(text, at=at)] if text else []
    if not json.is_array(raw):
        raise bad_request(f"Invalid type for '{name_of(at)}': expected one of a string or array of objects.", name_of(at))
    return [_part(item, f"{at}/{place}") for place, item in enumerate(json.items(raw)) if not json.is_null(item)]


def _part(raw: Raw, at: str) -> Part:
    if json.is_string(raw):
        return Text(json.decode(raw, str), at=at)
    part = Members(raw, at)
    kind = part.take("type", str)
    match kind:
        case "text":
            return Text(part.need("text", str), cache_mark(part), part.rest(), at)
        case "refusal":
            return Refusal(part.need("refusal", str), {"type": json.raw(kind), **part.rest()}, at)
        case "image_url" if part.has("image_url"):
            return _image(part)
        case "input_audio" if part.has("input_audio"):
            return _audio(part)
        case "file" if part.has("file"):
            return _file(part)
        case "thinking" if part.has("thinking"):
            return _thinking(part)
        case None:
            return Opaque(dialect=ID, kind="", raw=raw, at=at)
    if kind in URL_PARTS and part.has(kind):
        return _url_part(part, kind)
    return Opaque(dialect=ID, kind=kind, raw=raw, at=at)


def _image(part: Members) -> Media:
    """Mistral takes the URL without an object around it; LiteLLM tells the media type beside it (2026-11)."""
    form, detail, more = None, None, {}
    if part.is_string("image_url"):
        url = part.need("image_url", str)
    else:
        inner = part.take_object("image_url")
        assert inner is not None
        url, detail, form = inner.need("url", str), inner.take("detail", str), inner.word("format")
        more = deeper(inner, part.at)
    mime, data = _data(url)
    mime = form if mime is None and form is not None and form.startswith("image/") else mime
    return Media(
        kind="image", mime=mime, data=data, url=url if data is None else None, detail=detail, cache=cache_mark(part),
        extras={**more, **part.rest()}, at=part.at,
    )  # fmt: skip


def _audio(part: Members) -> Media:
    inner = part.take_object("input_audio")
    assert inner is not None
    form, data = inner.take("format", str), inner.need("data", str)
    mime, plain = _data(data)
    return Media(
        kind="audio", mime=mime or (None if form is None else MIMES.get(form, f"audio/{form}")),
        data=data if plain is None else plain, cache=cache_mark(part),
        extras={**deeper(inner, part.at), **part.rest()}, at=part.at,
    )  # fmt: skip


def _file(part: Members) -> Media:
    """`file_data` is a data URL, bare base64 or, at OpenRouter, a plain URL."""
    inner = part.take_object("file")
    assert inner is not None
    told, ident, name = inner.take("file_data", str), inner.take("file_id", str), inner.take("filename", str)
    mime, data, url = None, None, None
    if told is not None:
        mime, data = _data(told)
        if data is None and told[:4] == "http":
            url = told
        elif data is None:
            mime, data = sniff(told), told
    if told is None and ident is None:
        raise bad_request(f"{name_of(inner.at)}.file_id: Field required", f"{name_of(inner.at)}.file_id")
    return Media(
        kind=_kind(mime), mime=mime, data=data, url=url, file_id=ident if told is None else None, name=name,
        cache=cache_mark(part), extras={"type": json.raw("file"), **deeper(inner, part.at), **part.rest()}, at=part.at,
    )  # fmt: skip


def _kind(mime: str | None) -> Any:
    top = (mime or "").partition("/")[0]
    return top if top in ("image", "audio", "video") else "document"


def _url_part(part: Members, kind: str) -> Media:
    inner = None if part.is_string(kind) else part.take_object(kind)
    url = part.need(kind, str) if inner is None else inner.need("url", str)
    mime, data = _data(url)
    if data is None and url[:4] != "http":
        mime, data = sniff(url), url  # Perplexity takes bare base64 here
    media: Any = URL_PARTS[kind]
    more = {} if inner is None else deeper(inner, part.at)
    return Media(
        kind=media, mime=mime, data=data, url=url if data is None else None, name=part.take("document_name", str),
        cache=cache_mark(part), extras={"type": json.raw(kind), **more, **part.rest()}, at=part.at,
    )  # fmt: skip


def _thinking(part: Members) -> Reasoning:
    """Mistral's thinking: a list of text parts, or a string."""
    raw = part.take_raw("thinking")
    assert raw is not None
    value = json.decode(raw)
    texts = [value] if isinstance(value, str) else [piece.get("text") for piece in value or () if isinstance(piece, dict)]
    return Reasoning(text="".join(text for text in texts if isinstance(text, str)), slot=CONTENT, extras=part.rest(), at=part.at)


def _data(url: str) -> tuple[str | None, str | None]:
    """(media type, base64) of a data URL; (None, None) for anything else."""
    return split_data_url(url) or (None, None)
