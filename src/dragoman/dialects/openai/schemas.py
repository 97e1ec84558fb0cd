"""JSON Schemas as OpenAI takes them. Rule: a schema is completed where it would be refused, and else left as it is."""

from typing import Any

from msgspec import Raw

from dragoman.wire import json

JSON_TEXT = "Answer with JSON only, without any text around it."
SCHEMA_TEXT = f"{JSON_TEXT} It must match this JSON schema:\n"
"""What asks for JSON in words, where a target takes no response format."""
_COMBINED = frozenset({"$ref", "anyOf", "oneOf", "allOf"})


def of_object(schema: Raw | None) -> Any:
    """Parameters of a function: OpenAI refuses those without a type, and objects without properties."""
    wanted: dict[str, Any] = {"type": "object", "properties": {}}
    if schema is None:
        return wanted
    try:
        members = json.members(schema)
    except json.JSONError:
        return schema
    missing = {name: value for name, value in wanted.items() if name not in members}
    return {**missing, **members} if missing and not _COMBINED & members.keys() else schema


def in_words(schema: Raw | None) -> str:
    """The instruction that asks for JSON."""
    return JSON_TEXT if schema is None else SCHEMA_TEXT + bytes(schema).decode()
