"""Parts to content blocks. Rule: a block is written as the client wrote it if it spoke this dialect, else in the vendor's
plainest form; what has no form here is told as a loss and left out, never made up.
"""

from typing import Any, Final, TypeAlias

from msgspec import Raw

from dragoman.core.parts import CacheMark, Media, Opaque, Part, Reasoning, Refusal, Text, ToolCall, ToolResult
from dragoman.core.request import Role
from dragoman.dialects import media as forms
from dragoman.dialects.anthropic.draft import Draft
from dragoman.dialects.anthropic.parse_content import ID, UNREADABLE
from dragoman.dialects.arguments import is_exact, object_of
from dragoman.dialects.deeper import laid
from dragoman.dialects.free_text import wrapped
from dragoman.dialects.marks import LONG, MOST
from dragoman.wire import json

Block: TypeAlias = dict[str, Any] | Raw
# Anthropic's guide to vision (2026-11).
_IMAGES: Final = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})
_PDF = "application/pdf"
_PLAIN = "text/plain"


def blocks(parts: tuple[Part, ...], role: Role, draft: Draft) -> list[Block]:
    found = (block(part, role, draft) for part in parts)
    return [item for item in found if item is not None]


def block(part: Part, role: Role, draft: Draft) -> Block | None:
    if draft.quirks.ignores and kind_of(part) in draft.quirks.ignores:
        return _passed_over(part, draft)
    match part:
        case Text():
            return _text(part, draft)
        case Refusal():
            draft.ledger.extras(part.extras, part.at, "content")
            draft.ledger.approximate(part.at, "a refusal is told as text")
            return {"type": "text", "text": part.text} if part.text.strip() else None
        case Media():
            return _media(part, role, draft)
        case Reasoning():
            return _reasoning(part, draft)
        case ToolCall():
            return _call(part, draft)
        case ToolResult():
            return _result(part, draft)
        case Opaque():
            return opaque(part, draft)


def kind_of(part: Part) -> str:
    """The type of the block that it is, where providers differ in whether they take it; "" for all others."""
    match part:
        case Media():
            return "image" if part.kind == "image" else "document"
        case Reasoning():
            return "redacted_thinking" if part.redacted else "thinking"
        case Opaque():
            return part.kind
        case Text() if "type" in part.extras:
            return json.decode(part.extras["type"], str)
        case _:
            return ""


def _passed_over(part: Part, draft: Draft) -> Block | None:
    """What the target passes over in silence: its words as text, where it has any."""
    words = part.text if isinstance(part, Text | Media) else None
    if not words or not words.strip():
        draft.ledger.drop(part.at, f"this provider passes over {kind_of(part)} in silence")
        return None
    draft.ledger.approximate(part.at, f"a {kind_of(part)} as text: this provider passes over it in silence")
    title = f"{part.name}\n\n" if isinstance(part, Media) and part.name is not None else ""
    return {"type": "text", "text": title + words}


def opaque(part: Opaque, draft: Draft) -> Raw | None:
    if part.dialect == ID:
        return part.raw
    draft.ledger.opaque(part, f"{part.kind}: only the client's dialect can say this")
    return None


def cached(mark: CacheMark | None, at: str, draft: Draft) -> dict[str, Any]:
    """`{"cache_control": ...}` for a breakpoint; nothing where there is none, or more follow than are taken.

    To be asked in the order of the prompt: one that is kept longer must not follow one that is not.
    """
    if mark is None:
        return {}
    if draft.own:
        ttl = {} if mark.ttl is None else {"ttl": mark.ttl}
        return {"cache_control": {"type": "ephemeral", **ttl, **mark.extras}}
    draft.ledger.extras(mark.extras, mark.at or at, "cache_control")
    if id(mark) not in draft.marks:
        draft.ledger.hint(mark.at or at, f"no more than {MOST} cache breakpoints")
        return {}
    draft.ledger.hint(mark.at or at, "a cache breakpoint keeps for 5 minutes or 1 hour here")
    draft.short = draft.short or mark.ttl not in LONG
    return {"cache_control": {"type": "ephemeral"} if draft.short else {"type": "ephemeral", "ttl": "1h"}}


def plain(parts: list[Block], *, bare: bool) -> str | list[Block]:
    """Blocks as `content`: a bare string where it says the same and is how it was said."""
    if bare and len(parts) == 1 and isinstance(parts[0], dict) and parts[0].keys() == {"type", "text"}:
        text: str = parts[0]["text"]
        return text
    return parts


def bare(parts: tuple[Part, ...], draft: Draft) -> bool:
    """Whether a single text may be written as a string: an own one only if it was one."""
    return not draft.own or (len(parts) == 1 and not parts[0].at.rpartition("/")[2].isdigit())


def _text(part: Text, draft: Draft) -> Block | None:
    if draft.own and "type" in part.extras:
        return dict(part.extras)
    extras = draft.ledger.extras(part.extras, part.at, "content")
    if not part.text.strip() and not draft.own:
        return None
    return {"type": "text", "text": part.text, **cached(part.cache, part.at, draft), **extras}


def _reasoning(part: Reasoning, draft: Draft) -> Block | None:
    """Thinking goes back only to where its proof is valid; an unsigned block would be refused, or be a forgery."""
    written = draft.own and part.proof_from in (None, ID)
    signed = bool(part.proof) and part.proof_from in (ID, draft.origin)
    unsigned_here = part.proof == "" and part.proof_from == draft.origin
    if not (written or signed or unsigned_here):
        broken = (
            "its seal does not open" if part.proof_from == UNREADABLE else "thinking of another maker cannot be verified here"
        )
        draft.ledger.drop(part.at, broken)
        return None
    extras = draft.ledger.extras(part.extras, part.at, "content")
    proof = {} if part.proof is None else {"data" if part.redacted else "signature": part.proof}
    if part.redacted:
        return {"type": "redacted_thinking", **proof, **extras}
    return {"type": "thinking", "thinking": part.text, **proof, **extras}


def _call(part: ToolCall, draft: Draft) -> Block:
    extras = draft.ledger.extras(part.extras, part.at, "tool_calls")
    if part.custom:
        draft.ledger.approximate(part.at, "a free text call is told as a function call with one text argument")
        found = wrapped(part.arguments)
    else:
        found = object_of(part.arguments)
        if not is_exact(found, part.arguments):
            draft.ledger.approximate(part.at, "arguments that are no JSON object are wrapped in one")
    name, id_ = draft.name(part.name), draft.id(part.id)
    return {"type": "tool_use", "id": id_, "name": name, "input": found, **cached(part.cache, part.at, draft), **extras}


def _result(part: ToolResult, draft: Draft) -> Block:
    out: dict[str, Any] = {"type": "tool_result", "tool_use_id": draft.id(part.id)}
    content = blocks(part.parts, "user", draft)
    if content or (part.parts and draft.own):
        out["content"] = plain(content, bare=bare(part.parts, draft))
    if part.is_error is not None and (part.is_error or draft.own):
        out["is_error"] = part.is_error
    return {**out, **cached(part.cache, part.at, draft), **draft.ledger.extras(part.extras, part.at, "content")}


def _media(part: Media, role: Role, draft: Draft) -> Block | None:
    if role == "assistant" and not draft.own:
        draft.ledger.drop(part.at, "an assistant turn holds no media here")
        return None
    source = _own_source(part) if draft.own else _source(part, draft)
    if source is None:
        return None
    extras = draft.ledger.extras(part.extras, part.at, "content")
    if part.detail not in (None, "auto"):
        draft.ledger.hint(part.at, "the detail of an image cannot be chosen here")
    kind = "image" if (part.kind == "image" if draft.own else _is_image(part, source)) else "document"
    title = {"title": part.name} if part.name is not None and kind == "document" else {}
    return laid({"type": kind, "source": source, **title, **cached(part.cache, part.at, draft)}, extras)


def _own_source(part: Media) -> dict[str, Any]:
    typed = {} if part.mime is None else {"media_type": part.mime}
    if part.data is not None:
        return {"type": "base64", **typed, "data": part.data}
    if part.url is not None:
        return {"type": "url", **typed, "url": part.url}
    if part.file_id is not None:
        return {"type": "file", **typed, "file_id": part.file_id}
    if forms.PIECES in part.extras:
        return {"type": "content", **typed}
    return {"type": "text", **typed, "data": part.text or ""}


def _is_image(part: Media, source: dict[str, Any]) -> bool:
    mime = str(source.get("media_type") or part.mime or "")
    return mime.startswith("image/") if mime else part.kind == "image"


def _source(part: Media, draft: Draft) -> dict[str, Any] | None:
    """A foreign medium's source, None where there is none that this dialect takes."""
    if part.kind in ("audio", "video"):
        draft.ledger.drop(part.at, f"no {part.kind} here")
        return None
    if part.text is not None:
        return {"type": "text", "media_type": _PLAIN, "data": part.text}
    inline = forms.split_data_url(part.url) if part.url is not None else None
    if inline is not None:
        return _inline(inline[1], inline[0], part, draft)
    if part.url is not None:
        return {"type": "url", "url": part.url}
    if part.data is not None:
        return _inline(part.data, part.mime, part, draft)
    draft.ledger.refuse(part.at, "a file_id is known only to the provider that gave it")
    return None


def _inline(data: str, told: str | None, part: Media, draft: Draft) -> dict[str, Any] | None:
    """Base64 data under the media type that its first bytes tell: a wrong one is refused."""
    found = forms.sniff(data)
    if found is not None and told not in (None, found):
        draft.ledger.hint(part.at, f"told as {found}, as its first bytes say")
    mime = found or told or ("image/png" if part.kind == "image" else None)
    if mime in _IMAGES or mime == _PDF:
        return {"type": "base64", "media_type": mime, "data": data}
    text = forms.as_text(data) if part.kind != "image" else None
    if text is not None:
        if mime not in (None, _PLAIN):
            draft.ledger.hint(part.at, f"{mime} is told as {_PLAIN}")
        return {"type": "text", "media_type": _PLAIN, "data": text}
    draft.ledger.drop(part.at, f"{mime or 'data of an unknown type'} is not taken here")
    return None
