"""What the Anthropic vendor checks, as tables (its API reference and its 400s, 2026-11)."""

import base64
import binascii
from itertools import takewhile
from typing import Any, NoReturn, Protocol

from msgspec import Struct

from dragoman.core.errors import ErrorKind
from dragoman.sandbox.reply import Fault, RefusedError
from dragoman.sandbox.signature import holds

VERSIONS = ("2023-01-01", "2023-06-01", "2026-10-21")
REQUIRED = ("model", "max_tokens", "messages")
TYPES: dict[str, tuple[tuple[type, ...], str]] = {
    "model": ((str,), "a valid string"),
    "messages": ((list,), "a valid list"),
    "max_tokens": ((int,), "a valid integer"),
    "system": ((str, list), "a valid list"),
    "temperature": ((int, float), "a valid number"),
    "top_p": ((int, float), "a valid number"),
    "top_k": ((int,), "a valid integer"),
    "stream": ((bool,), "a valid boolean"),
    "stop_sequences": ((list,), "a valid list"),
    "tools": ((list,), "a valid list"),
    "tool_choice": ((dict,), "a valid dictionary or object to extract fields from"),
    "thinking": ((dict,), "a valid dictionary or object to extract fields from"),
    "metadata": ((dict,), "a valid dictionary or object to extract fields from"),
    "output_config": ((dict,), "a valid dictionary or object to extract fields from"),
    "service_tier": ((str,), "'auto' or 'standard_only'"),
}
RANGES: dict[str, tuple[int, int]] = {"temperature": (0, 1), "top_p": (0, 1)}
KNOWN = frozenset(TYPES) | {
    "cache_control",
    "container",
    "diagnostics",
    "inference_geo",
    "speed",
    "mcp_servers",
    "context_management",
    "compaction",
    "fallbacks",
    "billing_policy",
    "safeguards",
    "output_format",
}
"""Top-level members, GA and beta, autumn 2026."""


class Block(Struct, frozen=True):
    """One kind of content block: who may send it, and what it must have: (member, types, words)."""

    roles: tuple[str, ...]
    members: tuple[tuple[str, tuple[type, ...], str], ...] = ()


_TEXT, _DICT, _LIST = "a valid string", "a valid dictionary", "a valid list"
_ANY = (str, list, dict)
BLOCKS: dict[str, Block] = {
    "text": Block(("user", "assistant", "system", "tool_result"), (("text", (str,), _TEXT),)),
    "image": Block(("user", "tool_result"), (("source", (dict,), _DICT),)),
    "document": Block(("user", "assistant", "tool_result"), (("source", (dict,), _DICT),)),
    "search_result": Block(
        ("user", "tool_result"), (("source", (str,), _TEXT), ("title", (str,), _TEXT), ("content", (list,), _LIST))
    ),
    "tool_reference": Block(("tool_result",), (("tool_name", (str,), _TEXT),)),
    "browser_state": Block(("tool_result",)),
    "thinking": Block(("assistant",), (("thinking", (str,), _TEXT), ("signature", (str,), _TEXT))),
    "redacted_thinking": Block(("assistant",), (("data", (str,), _TEXT),)),
    "tool_use": Block(("assistant",), (("id", (str,), _TEXT), ("name", (str,), _TEXT), ("input", (dict,), _DICT))),
    "tool_result": Block(("user",), (("tool_use_id", (str,), _TEXT),)),
    "server_tool_use": Block(("assistant",), (("id", (str,), _TEXT), ("name", (str,), _TEXT), ("input", (dict,), _DICT))),
    "container_upload": Block(("user", "assistant"), (("file_id", (str,), _TEXT),)),
    "compaction": Block(("assistant", "user")),
    "fallback": Block(("assistant",)),
    "mcp_tool_use": Block(("assistant",), (("id", (str,), _TEXT),)),
    "mcp_tool_result": Block(("assistant", "user"), (("tool_use_id", (str,), _TEXT),)),
    "tool_addition": Block(("system",)),
    "tool_removal": Block(("system",)),
} | {
    f"{name}_tool_result": Block(("assistant", "user"), (("tool_use_id", (str,), _TEXT), ("content", _ANY, _DICT)))
    for name in ("web_search", "web_fetch", "code_execution", "bash_code_execution", "text_editor_code_execution", "tool_search")
}
_IMAGES = ("image/jpeg", "image/png", "image/gif", "image/webp")
SOURCES: dict[str, dict[str, tuple[str, tuple[str, ...]]]] = {
    "image": {"base64": ("data", _IMAGES), "url": ("url", ()), "file": ("file_id", ())},
    "document": {
        "base64": ("data", ("application/pdf",)),
        "text": ("data", ("text/plain",)),
        "content": ("content", ()),
        "url": ("url", ()),
        "file": ("file_id", ()),
    },
}
"""Kind of block -> kind of source -> (member with the value, media types)."""


class TurnLike(Protocol):
    role: str
    first: int
    blocks: list[tuple[str, dict[str, Any]]]


def bad(message: str, details: dict[str, Any] | None = None) -> NoReturn:
    """The request is refused with 400."""
    raise RefusedError(Fault(kind=ErrorKind.BAD_REQUEST, message=message, details=details))


def check_base64(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(base64.b64decode(value, validate=True))
    except (binascii.Error, ValueError):
        return False


def check_schema(wanted: Any) -> None:
    """Structured output: every object is closed."""
    if not isinstance(wanted, dict) or wanted.get("type") != "json_schema":
        bad("output_config.format.type: Input should be 'json_schema'")
    if not isinstance(wanted.get("schema"), dict):
        bad("output_config.format.schema: Field required")
    if _open_object(wanted["schema"]):
        bad("output_config.format.schema: For 'object' type, 'additionalProperties' must be explicitly set to false")


def _open_object(schema: Any) -> bool:
    if isinstance(schema, list):
        return any(_open_object(inner) for inner in schema)
    if not isinstance(schema, dict):
        return False
    if schema.get("type") == "object" and schema.get("additionalProperties") is not False:
        return True
    named = [*_values(schema.get("properties")), *_values(schema.get("$defs")), *_values(schema.get("definitions"))]
    return any(_open_object(inner) for inner in (*named, *(schema.get(k) for k in ("items", "anyOf", "oneOf", "allOf"))))


def _values(found: Any) -> list[Any]:
    return list(found.values()) if isinstance(found, dict) else []


def check_turns(turns: list[Any]) -> None:
    """The order of turns, the pairing of calls and results, the proofs of thoughts."""
    if turns[0].role == "system":
        bad('messages.0: role "system" is not supported as the first message. Use the top-level `system` parameter.')
    if turns[0].role != "user":
        bad('messages: first message must use the "user" role')
    for at, turn in enumerate(turns):
        before = turns[at - 1] if at else None
        after = turns[at + 1] if at + 1 < len(turns) else None
        match turn.role:
            case "system":
                _check_system(turn, before, after)
            case "assistant":
                _check_calls(turn, after)
                _check_thoughts(turn)
            case _:
                _check_results(turn, before)
    last = turns[-1]
    if last.role == "assistant" and last.blocks and last.blocks[-1][1]["type"] == "text":
        text = last.blocks[-1][1]["text"]
        if text != text.rstrip():
            bad("messages: final assistant content cannot end with trailing whitespace")


def _check_system(turn: TurnLike, before: TurnLike | None, after: TurnLike | None) -> None:
    if before is None or (before.role == "assistant" and not _ends_in_result(before)):
        bad(f'messages.{turn.first}: a "system" message must follow a user turn')
    if after is not None and after.role != "assistant":
        bad(f'messages.{turn.first}: a "system" message must precede an assistant turn or end the messages')


def _check_calls(turn: TurnLike, after: TurnLike | None) -> None:
    calls = [block["id"] for _, block in turn.blocks if block["type"] == "tool_use"]
    if not calls:
        return
    for place, block in turn.blocks:
        if block["type"] == "tool_use" and not _plain(block["id"]):
            bad(f"{place}.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'")
    if len(set(calls)) != len(calls):
        bad("messages: `tool_use` ids must be unique")
    leading = takewhile(lambda placed: placed[1]["type"] == "tool_result", after.blocks if after is not None else ())
    answered = {block["tool_use_id"] for _, block in leading}
    missing = [call for call in calls if call not in answered]
    if missing:
        bad(
            f"messages.{turn.first}: `tool_use` ids were found without `tool_result` blocks immediately after: "
            f"{', '.join(missing)}. Each `tool_use` block must have a corresponding `tool_result` block in the next message."
        )


def _check_results(turn: TurnLike, before: TurnLike | None) -> None:
    calls = {b["id"] for _, b in before.blocks if b["type"] == "tool_use"} if before is not None else set()
    seen = set[str]()
    for place, block in turn.blocks:
        if block["type"] != "tool_result":
            continue
        call = block["tool_use_id"]
        if call not in calls:
            bad(
                f"{place}: unexpected `tool_use_id` found in `tool_result` blocks: {call}. Each `tool_result` block must "
                "have a corresponding `tool_use` block in the previous message."
            )
        if call in seen:
            bad(f"{place}: each tool_use must have a single result. Found multiple `tool_result` blocks with id: {call}")
        seen.add(call)


def _check_thoughts(turn: TurnLike) -> None:
    for place, block in turn.blocks:
        if block["type"] == "thinking" and not holds(block["signature"], block["thinking"]):
            bad(f"{place}: Invalid `signature` in `thinking` block")
        if block["type"] == "redacted_thinking" and not holds(block["data"], kind="redacted"):
            bad(f"{place}: Invalid `data` in `redacted_thinking` block")


def _ends_in_result(turn: TurnLike) -> bool:
    return bool(turn.blocks) and turn.blocks[-1][1]["type"].endswith("_tool_result")


def _plain(text: str) -> bool:
    return bool(text) and text.isascii() and all(c.isalnum() or c in "_-" for c in text)
