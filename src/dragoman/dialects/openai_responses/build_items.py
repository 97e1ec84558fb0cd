"""Canonical messages -> items of `input`: messages, calls and results, thoughts, each an item of its own, in their order.

Rule: the client's own items go back one by one as they were; another dialect's conversation is brought into order first.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from msgspec import Raw

from dragoman.core.parts import Media, Opaque, Part, Reasoning, Refusal, Text, ToolCall, ToolResult
from dragoman.core.request import Message
from dragoman.dialects.conversation import ordered, reminding
from dragoman.dialects.deeper import laid
from dragoman.dialects.free_text import wrapped
from dragoman.dialects.history import INSTRUCTIONS, INTERRUPTED
from dragoman.dialects.openai_responses.build_content import Building, content, drop_opaque, text_extras
from dragoman.dialects.openai_responses.facts import ID
from dragoman.dialects.openai_responses.naming import NAMED
from dragoman.dialects.openai_responses.natives import BY_CALL, BY_OUTPUT, called_before
from dragoman.dialects.openai_responses.reasoning import item_of, spelled
from dragoman.wire import json

_MADE = frozenset({"function_call", "custom_tool_call", "message"})
"""Items of the model that may follow a thought."""
_CUSTOM_OUTPUT = "custom_tool_call_output"


def build_input(building: Building) -> tuple[str | None, str | list[Any]]:
    """(`instructions`, `input`)."""
    if building.own:
        return _own_instructions(building), _own_input(building)
    pieces, messages = ordered(building.request, building.ledger, mid_system=building.quirks.mid_system is not False)
    texts = [piece for piece in pieces if isinstance(piece, Text)]
    for piece in pieces:
        if isinstance(piece, Opaque):
            drop_opaque(building, piece)
    items = list(_items(building, messages))
    _judge_prefill(building, messages)
    marked = building.quirks.cache_marks is not None and any(piece.cache is not None for piece in texts)
    if texts and (marked or not items):
        role = building.quirks.system_role or "system"
        return None, [{"type": "message", "role": role, "content": content(building, texts)}, *items]
    told = content(building, texts, bare=False)
    words = "\n\n".join(piece["text"] for piece in told if isinstance(piece, dict))
    return words or None, items


def _own_instructions(building: Building) -> str | None:
    texts = [piece.text for piece in building.request.system if isinstance(piece, Text)]
    return "\n\n".join(texts) if texts else None


def _own_input(building: Building) -> str | list[Any]:
    messages = building.request.messages
    if building.quirks.mid_system is False:
        messages = reminding(messages, building.ledger)
    if len(messages) == 1 and messages[0].at == "/input" and isinstance(messages[0].parts[0], Text):
        return messages[0].parts[0].text
    return [item for message in messages if (item := _own_item(building, message)) is not None]


def _own_item(building: Building, message: Message) -> Any:
    part = message.parts[0] if len(message.parts) == 1 and message.parts[0].at == message.at else None
    match part:
        case ToolCall():
            return _call(building, part)
        case ToolResult():
            return _result(building, part)
        case Reasoning():
            return _own_thought(building, part)
        case Opaque():
            if building.functions and f"opaque.{part.kind}" in building.request.weights:
                drop_opaque(building, part)
                return None
            return part.raw
    role = message.role if message.role not in INSTRUCTIONS else building.quirks.system_role or message.role
    bare = not message.parts or not message.parts[0].at.rpartition("/")[2].isdigit()
    said = content(building, _sayable(message.parts), output=role == "assistant" and not bare, bare=bare)
    return {"type": "message", "role": role, "content": said, **message.extras}


def _sayable(parts: Iterable[Part]) -> Iterator[Text | Media | Opaque | Refusal]:
    return (part for part in parts if isinstance(part, Text | Media | Opaque | Refusal))


def _own_thought(building: Building, part: Reasoning) -> dict[str, Any] | None:
    """A thought of this client's provider goes back as it came; one out of a seal only to where it was made."""
    if part.proof_from not in (None, ID):
        return _thought(building, part)
    item = item_of(part.proof, part.text) if part.proof is not None else None
    member = "content" if part.slot is not None else "summary"
    if item is not None:
        return laid(item, part.extras)
    whole = {name: raw for name, raw in part.extras.items() if not name.startswith("/")}
    return laid({"type": "reasoning", **whole, **spelled({member: [part.text]} if part.text else {})}, part.extras)


def _items(building: Building, messages: Sequence[Message]) -> Iterator[Any]:
    """Thoughts that nothing of the model's follows are refused by the vendor, so they are left out."""
    held: list[tuple[Any, str]] = []
    for item, at in _told(building, messages):
        if item["type"] == "reasoning":
            held.append((item, at))
            continue
        follows = item["type"] in _MADE and item.get("role", "assistant") == "assistant"
        yield from _released(building, held, follows)
        held = []
        yield item
    yield from _released(building, held, False)


def _released(building: Building, held: list[tuple[Any, str]], follows: bool) -> Iterator[Any]:
    for item, at in held:
        if follows:
            yield item
        else:
            building.ledger.drop(at, "a thought that nothing follows is not taken")


def _told(building: Building, messages: Sequence[Message]) -> Iterator[tuple[dict[str, Any], str]]:
    for message, calls in zip(messages, _calls_left(messages), strict=True):
        if message.role == "assistant":
            yield from _assistant(building, message, calls)
        elif message.role in INSTRUCTIONS:
            texts = [part for part in message.parts if isinstance(part, Text | Opaque)]
            for part in message.parts:
                if not isinstance(part, Text | Opaque):
                    building.ledger.drop(part.at, "instructions are text only")
            role = building.quirks.system_role or message.role
            yield from _message(building, role, texts, message.at)
        else:
            yield from _user(building, message)


def _message(building: Building, role: str, parts: Sequence[Any], at: str) -> Iterator[tuple[dict[str, Any], str]]:
    said = content(building, parts)
    if said or not parts:
        yield {"type": "message", "role": role, "content": said}, at


def _calls_left(messages: Sequence[Message]) -> list[int]:
    """How many calls the model's turn makes from each message on."""
    found: list[int] = []
    calls = 0
    for message in reversed(messages):
        own = sum(isinstance(part, ToolCall) for part in message.parts)
        calls = calls + own if message.role == "assistant" else 0
        found.append(calls)
    return found[::-1]


def _assistant(building: Building, message: Message, calls: int) -> Iterator[tuple[dict[str, Any], str]]:
    said: list[str] = []
    where = message.at
    for part in message.parts:
        if isinstance(part, Text | Refusal):
            where = where if said else part.at
            said.append(_words(building, part))
            continue
        yield from _spoken(building, said, where, calls)
        said = []
        match part:
            case ToolCall():
                calls -= 1
                yield _call(building, part), part.at
            case Reasoning():
                thought = _thought(building, part)
                if thought is not None:
                    yield thought, part.at
            case Opaque():
                drop_opaque(building, part)
            case Media():
                building.ledger.drop(part.at, "no media in a turn of the model's")
            case ToolResult():
                yield _result(building, part), part.at
    yield from _spoken(building, said, where, calls)


def _words(building: Building, part: Text | Refusal) -> str:
    if isinstance(part, Refusal):
        building.ledger.extras(part.extras, part.at, "content")
        building.ledger.approximate(part.at, "a refusal as text")
        return part.text
    if part.cache is not None:
        building.ledger.hint(part.cache.at or f"{part.at}/cache_control", "no cache marks on a turn of the model's")
    text_extras(building, part)
    return part.text


def _spoken(building: Building, said: list[str], at: str, calls: int) -> Iterator[tuple[dict[str, Any], str]]:
    """What the model said in a row, as one message: before its calls it comments, at last it answers."""
    text = "".join(said)
    if text.strip():
        phase = {"phase": "commentary" if calls else "final_answer"} if building.quirks.phase else {}
        yield {"type": "message", "role": "assistant", "content": text, **phase}, at


def _user(building: Building, message: Message) -> Iterator[tuple[dict[str, Any], str]]:
    """Results first; then what the user said."""
    others = list(_sayable(message.parts))
    results = [part for part in message.parts if isinstance(part, ToolResult)]
    for result in results:
        yield _result(building, result), result.at
    for part in message.parts:
        if isinstance(part, ToolCall | Reasoning):
            building.ledger.drop(part.at, "only a turn of the model's can hold this")
    if others or not results:
        yield from _message(building, "user", others, message.at)


def _call(building: Building, part: ToolCall) -> dict[str, Any]:
    extras = building.ledger.extras(part.extras, part.at, "tool_calls")
    if part.cache is not None:
        building.ledger.hint(part.cache.at or f"{part.at}/cache_control", "no cache marks on calls here")
    if "type" in extras and not building.functions:
        kind = json.decode(extras["type"], str)
        action = called_before(BY_CALL[kind], part.arguments)
        return {"type": kind, **_ident(building, part), **action, **_without(extras, "type")}
    name: Any = building.name(part.name)
    if "name" in extras and not building.functions:
        name = extras["name"]
    elif building.functions:
        extras = _without(extras, "type", *NAMED)
    head = {**_ident(building, part), "name": name}
    if part.custom and not building.functions:
        return {"type": "custom_tool_call", **head, "input": part.arguments, **extras}
    if part.custom:
        building.ledger.approximate(part.at, "free text as the argument of a function")
    arguments = bytes(wrapped(part.arguments)).decode() if part.custom else part.arguments
    blank = not arguments.strip() and not building.own
    return {"type": "function_call", **head, "arguments": "{}" if blank else arguments, **_without(extras, "name")}


def _ident(building: Building, part: ToolCall | ToolResult) -> dict[str, str]:
    return {"call_id": building.id(part.id)} if part.id else {}


def _without(extras: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: raw for name, raw in extras.items() if name not in names}


def _result(building: Building, part: ToolResult) -> dict[str, Any]:
    extras = building.ledger.extras(part.extras, part.at, "tool_result")
    kind = json.decode(extras["type"], str) if "type" in extras and not building.functions else ""
    if kind and kind != _CUSTOM_OUTPUT:
        return _native_result(building, part, kind, extras)
    bare = not building.own or not part.parts or not part.parts[0].at.rpartition("/")[2].isdigit()
    said = content(building, part.parts, bare=bare)
    if part.is_error and not (len(part.parts) == 1 and isinstance(part.parts[0], Text) and part.parts[0].text == INTERRUPTED):
        building.ledger.approximate(f"{part.at}{building.request.paths.get('is_error', '/is_error')}", "told in words")
        said = _failed(said)
    said = _marked(building, part, said)
    custom = kind == _CUSTOM_OUTPUT or (not building.own and building.id(part.id) in building.custom)
    named = {} if part.name is None or not building.own else {"name": part.name}
    head = {"type": _CUSTOM_OUTPUT if custom else "function_call_output", **_ident(building, part), "output": said}
    return {**head, **named, **_without(extras, "type", "execution")}


def _marked(building: Building, part: ToolResult, said: str | list[Any]) -> str | list[Any]:
    """With the result's own cache mark on the last piece of it."""
    if part.cache is None:
        return said
    pieces: list[Any] = ([{"type": "input_text", "text": said}] if said else []) if isinstance(said, str) else said
    found = building.marks.of_result(part, pieces)
    return [*pieces[:-1], {**pieces[-1], **found}] if found else said


def _native_result(building: Building, part: ToolResult, kind: str, extras: dict[str, Any]) -> dict[str, Any]:
    """As the client wrote it."""
    native = BY_OUTPUT[kind]
    member, by_text = native.result
    out: dict[str, Any] = {"type": kind, **_ident(building, part)}
    if part.is_error is not None:
        out["status"] = "failed" if part.is_error else "completed"
    for each in part.parts:
        if isinstance(each, Text):
            out[member] = _value(each.text) if by_text else each.text
    return {**out, **_without(extras, "type")}


def _value(text: str) -> Raw | str:
    """What is told by its JSON text; a client may have written a string in its place."""
    try:
        json.decode(text)
    except json.JSONError:
        return text
    return Raw(text.encode())


def _failed(said: str | list[Any]) -> str | list[Any]:
    if isinstance(said, str):
        return f"Error: {said}" if said else "Error"
    return [{"type": "input_text", "text": "Error:"}, *said]


def _thought(building: Building, part: Reasoning) -> dict[str, Any] | None:
    """A thought goes back only to where its proof is valid; elsewhere its words, where the target wants earlier thinking."""
    item = item_of(part.proof, part.text) if part.proof and part.proof_from == building.origin else None
    if item is None and building.quirks.reasoning_back is not None and part.text:
        item = {"type": "reasoning", **spelled({"content": [part.text]})}
        if part.proof:
            building.ledger.hint(part.at, "another maker's proof")
    if item is None:
        building.ledger.drop(part.at, "earlier thinking cannot be told here")
        return None
    extras = building.ledger.extras(part.extras, part.at, "content")
    return laid(item, {name: raw for name, raw in extras.items() if name.startswith("/")})


def _judge_prefill(building: Building, messages: Sequence[Message]) -> None:
    """Responses begins a new turn where Anthropic goes on with the last one."""
    if not building.quirks.prefill and messages and messages[-1].role == "assistant":
        building.ledger.approximate(messages[-1].at, "the last turn is not continued: the answer begins anew")
