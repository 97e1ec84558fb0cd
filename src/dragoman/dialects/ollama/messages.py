"""Canonical messages -> Ollama's: texts as one string, images beside it, calls with their arguments as an object.

Rule: an answer is tied to its call by id and by name: older servers know only the name.
"""

from collections.abc import Iterable
from typing import Any

from dragoman.core.parts import Media, Reasoning, ToolCall, ToolResult
from dragoman.core.request import Message
from dragoman.dialects import content, functions
from dragoman.dialects.conversation import retold
from dragoman.dialects.drafting import Draft


def build_messages(draft: Draft) -> list[dict[str, Any]]:
    out: list[dict[str, Any]] = []
    names: dict[str, str] = {}
    for message in retold(draft.request, draft.ledger, mid_system=draft.quirks.mid_system is not False):
        match message.role:
            case "system" | "developer":
                told = content.words(message.parts, draft.ledger, "instructions are text only")
                out += [{"role": "system", "content": "\n\n".join(told)}] if told else []
            case "assistant":
                names.update((part.id, part.name) for part in message.parts if isinstance(part, ToolCall))
                out += _assistant(message, draft)
            case _:
                out += _user(message, names, draft)
    return out


def takes(media: Media) -> str:
    """Why a medium cannot be sent; "" where it can. Sound goes where images go (`openai/openai.go`)."""
    if media.kind not in ("image", "audio"):
        return f"no {media.kind} here"
    return "" if media.data is not None else "nothing is fetched from a URL here"


def _assistant(message: Message, draft: Draft) -> Iterable[dict[str, Any]]:
    said = [part for part in message.parts if not isinstance(part, Reasoning | ToolCall)]
    told = "".join(content.words(said, draft.ledger, "no media in an assistant turn"))
    out: dict[str, Any] = {"role": "assistant", "content": told}
    thought = "".join(_thought(part, draft) for part in message.parts if isinstance(part, Reasoning))
    if thought:
        out["thinking"] = thought
    calls = [_call(part, draft) for part in message.parts if isinstance(part, ToolCall)]
    if calls:
        out["tool_calls"] = calls
    if told or len(out) > 2:
        yield out


def _thought(part: Reasoning, draft: Draft) -> str:
    draft.ledger.extras(part.extras, part.at, "content")
    if not part.text:
        draft.ledger.drop(part.at, "earlier thinking that cannot be read")
    elif part.proof:
        draft.ledger.hint(part.at, "another maker's proof")
    return part.text


def _call(part: ToolCall, draft: Draft) -> dict[str, Any]:
    content.unmarked(part.cache, part.at, draft.ledger)
    draft.ledger.extras(part.extras, part.at, "tool_calls")
    return {
        "id": part.id,
        "function": {"name": draft.name(part.name), "arguments": functions.arguments(part, draft.ledger)},
    }


def _user(message: Message, names: dict[str, str], draft: Draft) -> Iterable[dict[str, Any]]:
    """Results first, each a message; then the media they held and what the user says."""
    found: list[str | Media] = []
    for part in message.parts:
        if isinstance(part, ToolResult):
            told, shown = content.result(part, draft.ledger, takes, draft.request.paths.get("is_error", "/is_error"))
            name = {"tool_name": draft.name(names[part.id])} if part.id in names else {}
            yield {"role": "tool", "content": "\n".join(told), **name, "tool_call_id": part.id}
            found += [piece for media in shown for piece in (content.attached(media, part.id), media)]
    said = [part for part in message.parts if not isinstance(part, ToolResult)]
    found += content.pieces(said, draft.ledger, takes)
    if found or not message.parts:
        yield _spoken(found, draft)


def _spoken(found: list[str | Media], draft: Draft) -> dict[str, Any]:
    texts = [piece for piece in found if isinstance(piece, str)]
    media = [piece for piece in found if isinstance(piece, Media)]
    out: dict[str, Any] = {"role": "user", "content": "\n".join(texts)}
    if media:
        out["images"] = [piece.data for piece in media]
    for piece in media:
        if piece.detail not in (None, "auto"):
            draft.ledger.hint(piece.at, "the detail of an image cannot be chosen here")
        if any(isinstance(before, str) for before in found[: found.index(piece)]):
            draft.ledger.approximate(piece.at, "images stand before the words of a turn")
    return out
