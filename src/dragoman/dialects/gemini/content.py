"""Parts of a conversation as Google's parts. Rule: what the client's own dialect wrote goes back as it was; what has no form here
is told as a loss and left out, never made up.
"""

from typing import Any, Final, TypeAlias, TypeGuard

from msgspec import Raw

from dragoman.core.parts import CacheMark, Extras, Media, Opaque, Text, ToolCall, ToolResult
from dragoman.dialects import deeper
from dragoman.dialects.arguments import is_exact, object_of
from dragoman.dialects.free_text import wrapped
from dragoman.dialects.gemini.draft import Draft
from dragoman.dialects.gemini.facts import ID, IMAGES, TYPES
from dragoman.dialects.gemini.spelling import camel
from dragoman.dialects.media import mime_of_url, sniff, split_data_url
from dragoman.wire import json

Part: TypeAlias = dict[str, Any] | Raw
_DEFAULTS: Final = {"image": "image/jpeg", "audio": "audio/wav", "video": "video/mp4"}
_IN_RESULTS: Final = frozenset({"image", "document", "file"})
"""What a function's response may hold beside its words (Google's guide to function calling, 2026-11)."""


def text_part(part: Text, draft: Draft) -> Part | None:
    """Another dialect's empty text says nothing, and is refused."""
    cached(part.cache, part.at, draft)
    if draft.own:
        return laid({"text": part.text}, part.extras)
    if "type" in part.extras:
        draft.ledger.approximate(part.at, f"a {json.decode(part.extras['type'])} as text")
        draft.ledger.extras(part.extras, part.at, "shown")
    else:
        draft.ledger.extras(part.extras, part.at, "content")
    return {"text": part.text} if part.text.strip() else None


def media_part(part: Media, draft: Draft) -> Part | None:
    cached(part.cache, part.at, draft)
    if part.detail not in (None, "auto"):
        draft.ledger.hint(part.at, "the detail of an image cannot be chosen here")
    found = _own_media(part) if draft.own else _media(part, draft)
    return None if found is None else laid(found, draft.ledger.extras(part.extras, part.at, "content"))


def call_part(part: ToolCall, draft: Draft) -> dict[str, Any]:
    cached(part.cache, part.at, draft)
    call: dict[str, Any] = {}
    if part.id and draft.quirks.tool_id != "none":
        call["id"] = part.id
    call["name"] = draft.name(part.name)
    if part.custom:
        draft.ledger.approximate(part.at, "a free text call is told as a function call with one text argument")
        call["args"] = wrapped(part.arguments)
    elif part.arguments or not draft.own:
        found = object_of(part.arguments)
        if not is_exact(found, part.arguments):
            draft.ledger.approximate(part.at, "arguments that are no JSON object are wrapped in one")
        call["args"] = found
    return laid({"functionCall": call}, draft.ledger.extras(part.extras, part.at, "content"))


def result_part(part: ToolResult, draft: Draft, shown: list[Part]) -> dict[str, Any]:
    """`shown` takes the media that this response cannot hold."""
    cached(part.cache, part.at, draft)
    result: dict[str, Any] = {}
    if part.id and draft.quirks.tool_id != "none":
        result["id"] = part.id
    called = draft.called.get(part.id, "")
    result["name"] = part.name if draft.own and part.name else draft.name(called or part.name or "")
    extras = draft.ledger.extras(part.extras, part.at, "content")
    if draft.own:
        inner = [found for each in part.parts if not isinstance(each, Text) and (found := _inner(each, draft)) is not None]
    else:
        result["response"], inner = _answer(part, draft, shown, result["name"])
    if inner:
        result["parts"] = inner
    return laid({"functionResponse": result}, extras)


def opaque_part(part: Opaque, draft: Draft) -> Raw | None:
    if part.dialect == ID:
        return part.raw
    draft.ledger.opaque(part, f"only the client's dialect has {part.kind or 'this'}")
    return None


def cached(mark: CacheMark | None, at: str, draft: Draft) -> None:
    if mark is not None:
        draft.ledger.hint(mark.at or f"{at}/cache_control", "no cache marks here: prompts are cached by themselves")


def laid(part: dict[str, Any], extras: Extras) -> dict[str, Any]:
    """The part with its extras, each in the object that it stood in, by Google's own spelling."""
    return deeper.laid(part, {camel(name): value for name, value in extras.items()})


def _inner(part: Media | Opaque, draft: Draft) -> Part | None:
    return media_part(part, draft) if isinstance(part, Media) else opaque_part(part, draft)


def _answer(part: ToolResult, draft: Draft, shown: list[Part], name: str) -> tuple[Any, list[Part]]:
    """(`response`, media beside it)."""
    lines: list[str] = []
    inner: list[Part] = []
    for each in part.parts:
        if isinstance(each, Text):
            lines.append(each.text)
            text_part(each, draft)
        elif isinstance(each, Opaque):
            opaque_part(each, draft)
        elif (found := media_part(each, draft)) is not None:
            if isinstance(found, dict) and "text" in found:
                lines.append(found["text"])
            elif draft.quirks.media_in_results and each.kind in _IN_RESULTS:
                inner.append(found)
            else:
                draft.ledger.approximate(each.at, "shown in the user's turn after the results")
                lines.append(f"[see attached {each.kind}]")
                shown += [{"text": f"Attached {each.kind} of the result of {name}:"}, found]
    return _response("\n".join(lines), failed=bool(part.is_error)), inner


def _response(text: str, *, failed: bool) -> Any:
    """What a function answered. An object is told as such, but for one that would be read as something else: a reference to a
    part (`$ref`), or Google's own words for what a function answers."""
    raw = Raw(text.strip().encode("utf-8", "surrogatepass"))
    try:
        members = json.members(raw) if not failed and text.lstrip().startswith("{") and '"$ref"' not in text else None
    except json.JSONError:
        members = None
    if members is None or (len(members) == 1 and members.keys() <= {"output", "error"}):
        return {"error" if failed else "output": text}
    return raw


def _own_media(part: Media) -> dict[str, Any]:
    named = {} if part.name is None else {"displayName": part.name}
    typed = {} if part.mime is None else {"mimeType": part.mime}
    if part.data is not None:
        return {"inlineData": {**typed, "data": part.data, **named}}
    return {"fileData": {**typed, "fileUri": part.url if part.url is not None else part.file_id or "", **named}}


def _media(part: Media, draft: Draft) -> dict[str, Any] | None:
    if part.name is not None and part.text is None:
        draft.ledger.hint(part.at, "a file goes without its name")
    if part.file_id is not None:
        draft.ledger.refuse(part.at, "a file_id is known only where it was made")
        return None
    if part.text is not None:
        draft.ledger.approximate(part.at, "a text document as text")
        return {"text": f"{part.name}\n\n{part.text}" if part.name else part.text}
    inline = split_data_url(part.url) if part.url is not None else None
    data = part.data if inline is None else inline[1]
    if data is None:
        return _by_url(part, draft)
    told = part.mime or (inline[0] if inline is not None else None)
    mime = told or sniff(data) or mime_of_url(part.name or "") or _DEFAULTS.get(part.kind)
    return {"inlineData": {"mimeType": TYPES.get(mime, mime), "data": data}} if _is_taken(mime, part, draft) else None


def _by_url(part: Media, draft: Draft) -> dict[str, Any] | None:
    if not draft.quirks.media_by_url:
        draft.ledger.drop(part.at, f"this model fetches no {part.kind} by URL")
        return None
    url = part.url or ""
    mime = part.mime or mime_of_url(url) or _DEFAULTS.get(part.kind, "application/pdf")
    return {"fileData": {"mimeType": mime, "fileUri": url}} if _is_taken(mime, part, draft) else None


def _is_taken(mime: str | None, part: Media, draft: Draft) -> TypeGuard[str]:
    taken = mime is not None and (not mime.startswith("image/") or mime in IMAGES)
    if not taken:
        draft.ledger.drop(part.at, f"{mime or 'data of an unknown type'} is not taken here")
    return taken
