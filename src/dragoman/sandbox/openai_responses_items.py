"""Input items of an OpenAI Responses request, one by one and in their order, as the vendor checks them (2026-11)."""

from typing import Any

from dragoman.sandbox.memory import Memory
from dragoman.sandbox.openai_responses_rules import ANSWERED, ITEMS, PARTS, RESULTS, ROLES, not_found
from dragoman.sandbox.openai_rules import bad, empty, missing, wrong_type, wrong_value
from dragoman.sandbox.signature import holds

Items = list[dict[str, Any]]
LOST = (
    "Items are not persisted when `store` is set to false. Try again with `store` set to true, or remove this item from your "
    "input."
)


def read_items(given: Any, memory: Memory) -> Items:
    """The items of `input`, each checked; references are replaced by what they refer to."""
    if isinstance(given, str):
        return [{"type": "message", "role": "user", "content": given}]
    return [_item(item, f"input[{at}]", memory) for at, item in enumerate(given)]


def check_order(items: Items) -> None:
    """Every call has its output and the other way round; a thought has what it led to behind it."""
    calls = {(ANSWERED[item["type"]], item["call_id"]): item["type"] for item in items if _awaited(item)}
    outputs = {(item["type"], item["call_id"]) for item in items if item["type"] in RESULTS and item.get("call_id") is not None}
    for key, kind in calls.items():
        if key not in outputs:
            bad(f"No tool output found for {_words(kind)} {key[1]}.", "input")
    called = set[tuple[str, str]]()
    for at, item in enumerate(items):
        if _awaited(item):
            called.add((ANSWERED[item["type"]], item["call_id"]))
        key = (item["type"], item.get("call_id") or "")
        if item["type"] in ANSWERED.values() and key[1] and key not in called:
            kind = next(call for call, output in ANSWERED.items() if output == key[0])
            bad(f"No tool call found for {_words(kind)} output with call_id {key[1]}.", "input")
        if item["type"] == "reasoning" and (at + 1 == len(items) or not model_said(items[at + 1])):
            bad(f"Item '{item.get('id')}' of type 'reasoning' was provided without its required following item.", "input")


def model_said(item: dict[str, Any]) -> bool:
    return item.get("role") == "assistant" if item["type"] == "message" else ITEMS[item["type"]].said


def parts(item: dict[str, Any]) -> list[dict[str, Any]]:
    """The content of a message, or what a tool answered, in parts."""
    content = item.get("content") if item["type"] == "message" else item.get("output")
    if isinstance(content, str):
        return [{"type": "input_text", "text": content}] if content else []
    return [part for part in content if isinstance(part, dict)] if isinstance(content, list) else []


def texts(item: dict[str, Any]) -> list[str]:
    return [part["text"] for part in parts(item) if part.get("type") in ("input_text", "output_text") and part.get("text")]


def listed(nonce: str, at: int, item: dict[str, Any]) -> dict[str, Any]:
    """An item as the vendor keeps it: with an id, its content in parts."""
    found = {"id": f"{ITEMS[item['type']].id or 'item'}_{nonce}in{at:02}", **item}
    if item["type"] == "message":
        kind, content = "output_text" if item["role"] == "assistant" else "input_text", item["content"]
        found["content"] = [{"type": kind, "text": content}] if isinstance(content, str) else content
        found.setdefault("status", "completed")
    return found


def _awaited(item: dict[str, Any]) -> bool:
    """A call that the client must answer; the vendor's own searches are answered already."""
    return item["type"] in ANSWERED and item.get("call_id") is not None and item.get("execution", "client") == "client"


def _words(kind: str) -> str:
    return kind.replace("_", " ")


def _item(given: Any, where: str, memory: Memory) -> dict[str, Any]:
    if not isinstance(given, dict):
        wrong_type(where, "an object", given)
    item = {name: value for name, value in given.items() if value is not None}
    kind = item.setdefault("type", "message" if "role" in item else "item_reference" if list(item) == ["id"] else None)
    known = ITEMS.get(str(kind))
    if kind is None:
        missing(f"{where}.type")
    if known is None:
        wrong_value(f"{where}.type", kind, tuple(ITEMS))
    for name, types, words in known.members:
        if name not in item:
            missing(f"{where}.{name}")
        if not isinstance(item[name], types):
            wrong_type(f"{where}.{name}", words, item[name])
    for name in ("id", "call_id"):
        if name in item and not isinstance(item[name], str):
            wrong_type(f"{where}.{name}", "a string", item[name])
    if kind == "item_reference":
        return _referred(item["id"], memory)
    if known.id and "id" in item and not item["id"].startswith(known.id):
        message = f"Invalid '{where}.id': '{item['id']}'. Expected an ID that begins with '{known.id}'."
        bad(message, f"{where}.id", "invalid_value")
    if kind == "message":
        _message(item, where)
    elif isinstance(item.get("output"), list) and kind in ("function_call_output", "custom_tool_call_output"):
        _parts(item["output"], f"{where}.output", "user")
    elif kind in ("reasoning", "compaction"):
        _proof(item, where, memory)
    return item


def _referred(id_: str, memory: Memory) -> dict[str, Any]:
    found = _remembered(id_, memory)
    if found is None:
        not_found(f"Item with id '{id_}' not found. {LOST}", "input")
    return found


def _remembered(id_: Any, memory: Memory) -> dict[str, Any] | None:
    return next((i for kept in memory.responses for i in (*kept.output, *kept.input) if i.get("id") == id_), None)


def _message(item: dict[str, Any], where: str) -> None:
    role, content = item.get("role"), item.get("content")
    if role is None:
        missing(f"{where}.role")
    if role not in ROLES:
        wrong_value(f"{where}.role", role, ROLES)
    if content is None:
        missing(f"{where}.content")
    if not isinstance(content, str | list):
        wrong_type(f"{where}.content", "one of a string or array of objects", content)
    if isinstance(content, list):
        _parts(content, f"{where}.content", role)


def _parts(content: list[Any], where: str, role: str) -> None:
    if not content:
        empty(where)
    for at, part in enumerate(content):
        place = f"{where}[{at}]"
        if not isinstance(part, dict):
            wrong_type(place, "an object", part)
        kind = part.get("type")
        if kind is None:
            missing(f"{place}.type")
        allowed = tuple(name for name, (roles, _) in PARTS.items() if role in roles)
        if kind not in allowed:
            wrong_value(f"{place}.type", kind, allowed)
        members = PARTS[kind][1]
        there = [name for name in members if part.get(name) is not None]
        if not there:
            missing(f"{place}.{members[0]}")
        for name in there:
            if not isinstance(part[name], str):
                wrong_type(f"{place}.{name}", "a string", part[name])
        image = part.get("image_url")
        if image is not None and not image.startswith(("https://", "http://", "data:image/")):
            message = f"Invalid '{place}.image_url'. Expected a valid URL, but got a value with an invalid format."
            bad(message, f"{place}.image_url", "invalid_value")


def _proof(item: dict[str, Any], where: str, memory: Memory) -> None:
    """A thought must bring its ciphertext or be remembered; a ciphertext must be the vendor's own."""
    encrypted = item.get("encrypted_content")
    if encrypted is None:
        if _remembered(item.get("id"), memory) is None:
            not_found(f"Item with id '{item.get('id')}' not found. {LOST}", "input")
        return
    if not isinstance(encrypted, str):
        wrong_type(f"{where}.encrypted_content", "a string", encrypted)
    if not holds(encrypted, kind="reasoning" if item["type"] == "reasoning" else "compaction"):
        bad(
            f"The encrypted content for item {item.get('id')} could not be verified. Reason: Encrypted content could not be "
            "decrypted or parsed.",
            None,
            "invalid_encrypted_content",
        )
