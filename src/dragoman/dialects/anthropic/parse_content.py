"""Content blocks of a request to parts. Rule: what is not taken from a block stays with it, byte for byte."""

from msgspec import Raw

from dragoman.core.errors import bad_request
from dragoman.core.parts import CacheMark, Extras, Media, Opaque, Part, Reasoning, Text, ToolCall, ToolResult
from dragoman.core.seal import MARK
from dragoman.dialects.base import OpenSeal
from dragoman.dialects.deeper import deeper
from dragoman.dialects.media import PIECES
from dragoman.wire import json
from dragoman.wire.json import Members, name_of

ID = "anthropic"
UNREADABLE = "unreadable"
"""`proof_from` of a seal that does not open: changed, or made with another key. It is valid nowhere."""


class Blocks:
    """Takes content apart. `open_seal` opens proofs of other makers that ride in this dialect's slots."""

    __slots__ = ("_open_seal",)

    def __init__(self, open_seal: OpenSeal) -> None:
        self._open_seal = open_seal

    def content(self, raw: Raw | None, at: str) -> tuple[Part, ...]:
        """A string or a list of blocks."""
        if raw is None:
            return ()
        if json.is_string(raw):
            return (Text(json.decode(raw, str), at=at),)
        if not json.is_array(raw):
            raise bad_request(f"{name_of(at)}: Input should be a valid list", name_of(at))
        return tuple(self.block(item, f"{at}/{place}") for place, item in enumerate(json.items(raw)))

    def block(self, raw: Raw, at: str) -> Part:
        block = Members(raw, at)
        kind = block.need("type", str)
        match kind:
            case "text":
                return _text(block)
            case "image" | "document":
                return _media(block, kind, raw)
            case "thinking":
                return self._thinking(block)
            case "redacted_thinking":
                return self._redacted(block)
            case "tool_use":
                return _tool_use(block)
            case "tool_result":
                return self._tool_result(block)
            case "compaction":
                summary = block.take("content", str) or None
                return Opaque(dialect=ID, kind=kind, raw=raw, at=at, summary=summary)
            case _:
                return shown(kind, raw, at) or Opaque(dialect=ID, kind=kind, raw=raw, at=at)

    def _thinking(self, block: Members) -> Reasoning:
        text = block.take("thinking", str) or ""
        proof, origin, _ = self._proof(block.take("signature", str))
        return Reasoning(text=text, proof=proof, proof_from=origin, slot="thinking", extras=block.rest(), at=block.at)

    def _redacted(self, block: Members) -> Reasoning:
        proof, origin, kind = self._proof(block.take("data", str))
        redacted = kind in (None, "red")
        return Reasoning(
            proof=proof, proof_from=origin, redacted=redacted, slot="redacted_thinking", extras=block.rest(), at=block.at
        )

    def _proof(self, text: str | None) -> tuple[str | None, str | None, str | None]:
        """(proof, where it is valid, kind of the seal it came in)."""
        if text is None:
            return None, None, None
        if not text.startswith(MARK):
            return text, ID, None
        proof = self._open_seal(text)
        return (text, UNREADABLE, None) if proof is None else (proof.value, proof.origin, proof.kind)

    def _tool_result(self, block: Members) -> ToolResult:
        parts: list[Text | Media | Opaque] = []
        for part in self.content(block.take_raw("content"), block.path("content")):
            if not isinstance(part, Text | Media | Opaque):
                where = name_of(part.at)
                raise bad_request(f"{where}: a block of this type cannot stand in a tool result", where)
            parts.append(part)
        return ToolResult(
            id=block.take("tool_use_id", str) or "",
            parts=tuple(parts),
            is_error=block.take("is_error", bool),
            cache=cache_mark(block),
            extras=block.rest(),
            at=block.at,
        )


def cache_mark(members: Members) -> CacheMark | None:
    mark = members.take_object("cache_control")
    if mark is None:
        return None
    kind, ttl = mark.take("type", str), mark.take("ttl", str)
    extras = mark.rest()
    return CacheMark(ttl, extras if kind in (None, "ephemeral") else {"type": json.raw(kind), **extras}, mark.at)


def shown(kind: str, raw: Raw, at: str) -> Text | None:
    """Blocks of this dialect alone whose words any model can read: a text that keeps the whole block as its extras.

    The own builder writes the extras back; another's takes the text, and tells `type` as a loss.
    """
    members = json.members(raw)
    words = ""
    match kind:
        case "tool_reference":
            words = _string(members.get("tool_name"))
        case "search_result":
            pieces = [_string(members.get("title")), _string(members.get("source")), *_texts(members.get("content"))]
            words = "\n".join(piece for piece in pieces if piece)
    return Text(words, extras=members, at=at) if words else None


def _text(block: Members) -> Text:
    return Text(block.need("text", str), cache_mark(block), block.rest(), block.at)


def _tool_use(block: Members) -> ToolCall:
    arguments = block.take_raw("input")
    return ToolCall(
        id=block.take("id", str) or "",
        name=block.need("name", str),
        arguments=bytes(arguments).decode() if arguments is not None else "",
        cache=cache_mark(block),
        extras=block.rest(),
        at=block.at,
    )


def _media(block: Members, kind: str, raw: Raw) -> Media | Opaque:
    """An image or document. A source of a form we do not know makes the whole block opaque."""
    source_raw = block.take_raw("source")
    if source_raw is None:
        where = name_of(block.path("source"))
        raise bad_request(f"{where}: Field required", where)
    source = Members(source_raw, block.path("source"))
    form = source.take("type", str)
    mime = source.take("media_type", str)
    data = url = file_id = text = None
    extras: Extras = {}
    match form:
        case "base64":
            data = source.need("data", str)
        case "url":
            url = source.need("url", str)
        case "file":
            file_id = source.need("file_id", str)
        case "text":
            text = source.need("data", str)
        case "content":
            content = source.take_raw("content")
            text = "\n".join(_texts(content))
            extras = _pieces(content)
        case _:
            return Opaque(dialect=ID, kind=kind, raw=raw, at=block.at)
    name = block.take("title", str) if kind == "document" else None
    cache = cache_mark(block)
    return Media(
        kind="image" if kind == "image" else "document",
        mime=mime,
        data=data,
        url=url,
        file_id=file_id,
        text=text,
        name=name,
        cache=cache,
        extras={**extras, **deeper(source, block.at), **block.rest()},
        at=block.at,
    )


def _pieces(content: Raw | None) -> Extras:
    """A document in pieces goes back as it was; another dialect is told its words, and what of it is no text is lost there."""
    if content is None:
        return {}
    blocks = enumerate(json.items(content)) if json.is_array(content) else ()
    return {PIECES: content, **{f"{PIECES}/{place}": raw for place, raw in blocks if not _is_text(raw)}}


def _is_text(raw: Raw) -> bool:
    return not json.is_object(raw) or _string(json.members(raw).get("type")) == "text"


def _texts(raw: Raw | None) -> list[str]:
    """The words of a string or of a list of blocks."""
    if raw is None:
        return []
    if json.is_string(raw):
        return [_string(raw)]
    blocks = [json.members(item) for item in json.items(raw) if json.is_object(item)] if json.is_array(raw) else []
    return [text for text in (_string(block.get("text")) for block in blocks) if text]


def _string(raw: Raw | None) -> str:
    return json.decode(raw, str) if raw is not None and json.is_string(raw) else ""
