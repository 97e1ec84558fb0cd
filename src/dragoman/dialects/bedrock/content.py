"""Parts to content blocks. Rule: Converse refuses empty texts, nulls and reasoning that it did not sign, so none is written; what
has no form here is told as a loss and left out, never made up.
"""

from collections.abc import Iterable
from typing import Any, Final

from msgspec import Raw

from dragoman.core.parts import Media, Opaque, Part, Reasoning, Refusal, Text, ToolCall, ToolResult
from dragoman.core.request import Role
from dragoman.dialects.bedrock.draft import Draft
from dragoman.dialects.bedrock.files import medium
from dragoman.wire import json

NOTHING: Final = {"text": "."}
"""What stands where a text is needed and there is none to tell."""
_EMPTY = Raw(b"{}")


def blocks(parts: tuple[Part, ...], role: Role, draft: Draft) -> list[dict[str, Any]]:
    """The content of one turn. Where a document is in it, a text must be, too."""
    found = [block for part in parts for block in _part(part, role, draft)]
    if any("document" in block for block in found) and not any("text" in block for block in found):
        found.append(NOTHING)
    return found


def shown(part: Text, draft: Draft) -> None:
    """Tells what of a text's members has no place here. A block that is told by its words is told once."""
    if "type" in part.extras:
        draft.ledger.approximate(part.at, f"a {json.decode(part.extras['type'])} as text")
    draft.ledger.extras(part.extras, part.at, "shown" if "type" in part.extras else "content")


def opaque(part: Opaque, draft: Draft) -> None:
    draft.ledger.opaque(part, f"{part.kind}: only the client's dialect can say this")


def _part(part: Part, role: Role, draft: Draft) -> Iterable[dict[str, Any]]:
    match part:
        case Text():
            shown(part, draft)
            yield from _worded(part.text)
            yield from draft.marked(part.cache, part.at)
        case Refusal():
            draft.ledger.extras(part.extras, part.at, "content")
            draft.ledger.approximate(part.at, "a refusal is told as text")
            yield from _worded(part.text)
        case Media() if role == "assistant":
            draft.ledger.drop(part.at, "an assistant turn holds no media here")
        case Media():
            found = medium(part, draft)
            if found is not None:
                yield found
                yield from draft.marked(part.cache, part.at)
        case Reasoning():
            yield from _reasoning(part, draft)
        case ToolCall():
            yield _call(part, draft)
            yield from draft.marked(part.cache, part.at)
        case ToolResult():
            yield _result(part, draft)
            yield from draft.marked(part.cache, part.at)
        case Opaque():
            opaque(part, draft)


def _worded(text: str) -> list[dict[str, Any]]:
    return [{"text": text}] if text.strip() else []


def _reasoning(part: Reasoning, draft: Draft) -> Iterable[dict[str, Any]]:
    """Thinking goes back only to where its proof is valid. What this target gave without a proof it takes so, where it may be."""
    draft.ledger.extras(part.extras, part.at, "content")
    here = part.proof_from == draft.origin
    if not here or (not part.proof and (part.redacted or draft.quirks.reasoning_signed)):
        draft.ledger.drop(
            part.at, "thinking without a proof is refused" if here else "thinking of another maker cannot be verified"
        )
    elif part.redacted:
        yield {"reasoningContent": {"redactedContent": part.proof}}
    else:
        signed = {"signature": part.proof} if part.proof else {}
        yield {"reasoningContent": {"reasoningText": {"text": part.text, **signed}}}


def _call(part: ToolCall, draft: Draft) -> dict[str, Any]:
    draft.ledger.extras(part.extras, part.at, "content")
    if part.custom:
        draft.ledger.approximate(part.at, "a free text call is told as a function call with one text argument")
        given = json.raw({"input": part.arguments})
    else:
        given = _arguments(part, draft)
    return {"toolUse": {"toolUseId": draft.id(part.id), "name": draft.name(part.name), "input": given}}


def _arguments(part: ToolCall, draft: Draft) -> Raw:
    """The argument text as it is, where it is a JSON object."""
    text = part.arguments.strip()
    if text in ("", "null"):
        return _EMPTY
    try:
        found = json.decode(text, Raw)
        if json.is_object(found):
            return found
    except json.JSONError:
        found = json.raw(part.arguments)
    draft.ledger.approximate(part.at, "arguments that are no JSON object are wrapped in one")
    return json.raw({"input": found})


def _result(part: ToolResult, draft: Draft) -> dict[str, Any]:
    draft.ledger.extras(part.extras, part.at, "content")
    found: list[dict[str, Any]] = []
    for inner in part.parts:
        if isinstance(inner, Text | Media) and inner.cache is not None:
            draft.ledger.hint(inner.cache.at or inner.at, "no cache points inside a result")
        match inner:
            case Text():
                shown(inner, draft)
                found += _worded(inner.text)
            case Media():
                block = medium(inner, draft)
                found += [] if block is None else [block]
            case Opaque():
                opaque(inner, draft)
    told: dict[str, Any] = {"toolUseId": draft.id(part.id), "content": found or [NOTHING]}
    if part.is_error:
        told["status"] = "error"
    return {"toolResult": told}
