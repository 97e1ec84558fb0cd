"""Canonical messages -> Chat messages: instructions, results in `tool` messages of their own, calls with their argument text.

Rule: the client's own dialect keeps its order and form; another's is brought into Chat's (dialects/history).
"""

from collections.abc import Iterable
from typing import Any

from dragoman.core.parts import Media, Opaque, Part, Reasoning, Refusal, Text, ToolCall, ToolResult
from dragoman.core.request import Message
from dragoman.dialects.conversation import reminding, retold
from dragoman.dialects.deeper import laid
from dragoman.dialects.free_text import wrapped
from dragoman.dialects.history import INTERRUPTED, paired
from dragoman.dialects.openai_chat.build_content import Building, content, drop_opaque, joined, media_part, text_part
from dragoman.dialects.openai_chat.build_reasoning import reasoning_members
from dragoman.dialects.openai_chat.reasoning import CONTENT, STRINGS
from dragoman.wire import json

_LEGACY = "/function_call"


def build_messages(building: Building) -> list[dict[str, Any]]:
    out: list[dict[str, Any]] = []
    legacy = is_legacy(building)
    for message in conversation(building):
        match message.role:
            case "system" | "developer":
                told = _system(building, message)
            case "assistant":
                told = _assistant(building, message, legacy)
            case _:
                out.extend(_user(building, message, legacy))
                continue
        if building.own or not message.parts or told.keys() - {"role", "content"} or told["content"]:
            out.append(told)  # what is left of a turn of which all was lost says nothing, and is refused by many
    return out


def is_legacy(building: Building) -> bool:
    """The client speaks `functions`, or spoke it before."""
    if not building.own:
        return False
    calls = (part for message in building.request.messages for part in message.parts if isinstance(part, ToolCall))
    return building.request.paths.get("tools") == "/functions" or any(part.at.endswith(_LEGACY) for part in calls)


def conversation(building: Building) -> tuple[Message, ...]:
    """Instructions first, every result after its call."""
    request, mid_system = building.request, building.quirks.mid_system is not False
    if not building.own:
        return retold(request, building.ledger, mid_system=mid_system)
    first = (Message("system", request.system),) if request.system else ()
    rest = paired(request.messages) if _needs_ids(building) else request.messages
    return (*first, *rest) if mid_system else reminding((*first, *rest), building.ledger)


def _needs_ids(building: Building) -> bool:
    """A client of this dialect gets its own ids back as it wrote them, but for those it left out or the target cannot take."""
    if is_legacy(building):
        return False
    parts = (part for message in building.request.messages for part in message.parts)
    return building.quirks.tool_id is not None or any(isinstance(part, ToolCall | ToolResult) and not part.id for part in parts)


def _system(building: Building, message: Message) -> dict[str, Any]:
    role = building.quirks.system_role or ("system" if not building.own else message.role)
    texts = [part for part in message.parts if isinstance(part, Text | Opaque)]
    for part in message.parts:
        if not isinstance(part, Text | Opaque):
            building.ledger.drop(part.at, "instructions are text only")
    more = building.ledger.extras(message.extras, message.at, "messages")
    return {"role": role, "content": content(building, texts, "\n\n"), **more}


def _assistant(building: Building, message: Message, legacy: bool) -> dict[str, Any]:
    calls = [part for part in message.parts if isinstance(part, ToolCall)]
    thinking = [part for part in message.parts if isinstance(part, Reasoning) and part.slot != CONTENT]
    said = [part for part in message.parts if isinstance(part, Text | Media | Opaque | Refusal) or _in_content(part)]
    out: dict[str, Any] = {"role": "assistant"}
    out["content"] = _said(building, said)
    refusals = [part for part in said if isinstance(part, Refusal) and "type" not in part.extras]
    if refusals:
        out["refusal"] = "".join(part.text for part in refusals)
    out.update(reasoning_members(building, thinking, bool(calls)))
    if legacy and any(call.at.endswith(_LEGACY) for call in calls):
        out["function_call"] = {"name": calls[-1].name, "arguments": calls[-1].arguments, **calls[-1].extras}
    elif calls:
        out["tool_calls"] = [_call(building, call) for call in calls]
    if not out["content"] and (calls or refusals):
        out["content"] = None
    extras = building.ledger.extras(message.extras, message.at, "messages")
    if building.quirks.reasoning_back is not None:
        extras = {name: raw for name, raw in extras.items() if name not in STRINGS}
    return {**out, **extras}


def _in_content(part: Part) -> bool:
    return isinstance(part, Reasoning) and part.slot == CONTENT


def _said(building: Building, said: list[Any]) -> str | list[Any]:
    """The client's own parts as they were; of another dialect's, the texts."""
    if building.own:
        return content(building, [part for part in said if not isinstance(part, Refusal) or "type" in part.extras])
    texts = []
    for part in said:
        if isinstance(part, Text):
            texts.append(part)
        elif isinstance(part, Opaque):
            drop_opaque(building, part)
        elif isinstance(part, Media):
            building.ledger.drop(part.at, "no media in an assistant turn")
        elif isinstance(part, Reasoning):
            building.ledger.drop(part.at, "earlier thinking")
        else:
            building.ledger.extras(part.extras, part.at, "content")
    return content(building, texts, "")


def _call(building: Building, call: ToolCall) -> dict[str, Any]:
    name = building.names.get(call.name, call.name)
    ident = building.ids.get(call.id, call.id)
    more = {**building.marks.told(call), **building.ledger.extras(call.extras, call.at, "tool_calls")}
    if call.custom and call.name not in building.functions:
        return laid({"id": ident, "type": "custom", "custom": {"name": name, "input": call.arguments}}, more)
    if call.custom:
        building.ledger.approximate(call.at, "free text as the argument of a function")
    arguments = bytes(wrapped(call.arguments)).decode() if call.custom else call.arguments
    blank = not arguments.strip() and not building.own
    return laid({"id": ident, "type": "function", "function": {"name": name, "arguments": "{}" if blank else arguments}}, more)


def _is_json(text: str) -> bool:
    """The text is a JSON object or array."""
    if text.lstrip()[:1] not in ("{", "["):
        return False
    try:
        json.decode(text)
    except json.JSONError:
        return False
    return True


def _user(building: Building, message: Message, legacy: bool) -> Iterable[dict[str, Any]]:
    """Results first, each a message; then the media they held and what else the user said."""
    results = [part for part in message.parts if isinstance(part, ToolResult)]
    others: list[Any] = [part for part in message.parts if isinstance(part, Text | Media | Opaque | Refusal)]
    extras = building.ledger.extras(message.extras, message.at, "messages")
    shown: list[Any] = []
    for result in results:
        yield _result(building, result, legacy, shown, {} if others else extras)
    for part in message.parts:
        if isinstance(part, ToolCall | Reasoning):
            building.ledger.drop(part.at, "only an assistant turn can hold this")
    if others or shown or not results:
        said = content(building, others)
        if shown:
            said = [*shown, *([{"type": "text", "text": said}] if isinstance(said, str) and said else said or ())]
        yield {"role": "user", "content": said, **extras}


def _result(building: Building, result: ToolResult, legacy: bool, shown: list[Any], extras: dict[str, Any]) -> dict[str, Any]:
    """`shown` takes the media that a `tool` message cannot hold."""
    name = {"name": result.name} if result.name is not None and building.own else {}
    told = content(building, result.parts) if building.own else _result_text(building, result, shown)
    if legacy and not result.id:
        return {"role": "function", **name, "content": told, **extras}
    return {"role": "tool", "tool_call_id": building.ids.get(result.id, result.id), **name, "content": told, **extras}


def _result_text(building: Building, result: ToolResult, shown: list[Any]) -> str | list[Any]:
    """Media are named after the words, so that these stay in one piece, and not behind what is JSON, which stays it."""
    ledger, pieces, notes = building.ledger, list[dict[str, Any]](), list[dict[str, Any]]()
    ident = building.ids.get(result.id, result.id)
    ledger.extras(result.extras, result.at, "tool_result")
    for part in result.parts:
        if isinstance(part, Text):
            pieces.append(text_part(building, part))
        elif isinstance(part, Media):
            piece = media_part(building, part)
            if piece is None:
                continue
            if piece["type"] == "text":
                pieces.append(piece)
                continue
            ledger.approximate(part.at, "shown in a user message after the results")
            notes.append({"type": "text", "text": f"[see attached {part.kind}]"})
            shown += [{"type": "text", "text": f"Attached {part.kind} of tool call {ident}:"}, piece]
        else:
            drop_opaque(building, part)
    if len(pieces) != 1 or not _is_json(pieces[0]["text"]):
        pieces += notes
    if result.is_error and [piece["text"] for piece in pieces] != [INTERRUPTED]:
        ledger.approximate(f"{result.at}{building.request.paths.get('is_error', '/is_error')}", "told in words")
        first = pieces[0] if pieces else {"type": "text"}
        pieces[:1] = [{**first, "text": f"Error: {first['text']}" if pieces else "Error"}]
    if found := building.marks.of_result(result, pieces, apart=building.quirks.text_parts):
        pieces[-1] = {**pieces[-1], **found}
    plain = not pieces or (len(pieces) == 1 and len(pieces[0]) == 2)
    return "".join(piece["text"] for piece in pieces) if plain else joined(building, pieces, "\n")
