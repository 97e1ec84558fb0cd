"""Google's `Schema` (upper-case types, `nullable`, numbers as strings) as JSON Schema.

Rule: only keywords in the places of keywords are touched: never a property's name, never an enum, a default or an example.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from msgspec import Raw

from dragoman.wire import json

_NAMES: Mapping[str, str] = {
    "any_of": "anyOf", "one_of": "oneOf", "all_of": "allOf", "prefix_items": "prefixItems", "min_items": "minItems",
    "max_items": "maxItems", "min_length": "minLength", "max_length": "maxLength", "min_properties": "minProperties",
    "max_properties": "maxProperties", "property_ordering": "propertyOrdering", "additional_properties": "additionalProperties",
    "defs": "$defs", "ref": "$ref",
}  # fmt: skip
NODES = frozenset({"items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames"})
LISTS = frozenset({"anyOf", "oneOf", "allOf", "prefixItems"})
MAPS = frozenset({"properties", "$defs", "definitions", "patternProperties", "dependentSchemas"})
_COUNTS = frozenset({"minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties"})
_NULL = {"type": "null"}
DEEPEST: Final = 100
"""Schemas inside one another that are looked into: no one means more, and the stack ends."""


class TooDeepError(Exception):
    """A schema holds more than `DEEPEST` inside one another."""


def json_schema(raw: Raw) -> Raw:
    """The same object where it is JSON Schema already, or nested beyond measure."""
    try:
        given = json.decode(raw)
        found = _node(given)
    except (json.JSONError, TooDeepError):
        return raw
    return raw if found == given else json.raw(found)


def each(key: str, value: Any, change: Callable[[Any], Any]) -> Any:
    """The value of a keyword with the schemas inside it changed."""
    if key in MAPS and isinstance(value, dict):
        return {name: change(child) for name, child in value.items()}
    if key in LISTS and isinstance(value, list):
        return [change(child) for child in value]
    if key in NODES and isinstance(value, dict):
        return change(value)
    return value


def _node(node: Any, depth: int = 0) -> Any:
    if not isinstance(node, dict):
        return node
    if depth > DEEPEST:
        raise TooDeepError
    out: dict[str, Any] = {}
    for name, value in node.items():
        key = _NAMES.get(name, name)
        if key == "type":
            _typed(out, value)
        elif key == "example":
            out.setdefault("examples", [value])
        elif key in _COUNTS and isinstance(value, str) and value.isdigit():
            out[key] = int(value)
        elif not _only_googles(key, value):
            out[key] = each(key, value, lambda child: _node(child, depth + 1))
    order = node.get("propertyOrdering", node.get("property_ordering"))
    if isinstance(order, list) and isinstance(out.get("properties"), dict):
        out["properties"] = _ordered(out["properties"], order)
    return _or_null(out) if node.get("nullable") is True else out


def _only_googles(key: str, value: Any) -> bool:
    """Told in another way, or saying nothing elsewhere."""
    return (
        (key == "nullable" and isinstance(value, bool))
        or (key == "propertyOrdering" and isinstance(value, list))
        or (key == "format" and value == "enum")
    )


def _typed(out: dict[str, Any], value: Any) -> None:
    names = [_lower(one) for one in value] if isinstance(value, list) else _lower(value)
    if names != "type_unspecified":
        out["type"] = names


_NUMBERED = {1: "string", 2: "number", 3: "integer", 4: "boolean", 5: "array", 6: "object", 7: "null"}
"""Numbers of the enum (generativelanguage v1beta `Type`, 2026-11), as programs tell them that write protobuf as JSON."""


def _lower(name: Any) -> Any:
    if isinstance(name, int) and not isinstance(name, bool):
        return _NUMBERED.get(name, name)
    return name.lower() if isinstance(name, str) and name.isupper() else name


def _ordered(properties: dict[str, Any], order: list[Any]) -> dict[str, Any]:
    first = [name for name in order if isinstance(name, str) and name in properties]
    return {name: properties[name] for name in dict.fromkeys([*first, *properties])}


def _or_null(node: dict[str, Any]) -> dict[str, Any]:
    types = node.get("type")
    if "$ref" in node:
        return {"anyOf": [node, _NULL]}
    if isinstance(node.get("anyOf"), list):
        return node if _NULL in node["anyOf"] else {**node, "anyOf": [*node["anyOf"], _NULL]}
    listed = types if isinstance(types, list) else [types] if isinstance(types, str) else []
    out = {**node, "type": [*listed, "null"]} if listed and "null" not in listed else dict(node)
    if isinstance(out.get("enum"), list) and None not in out["enum"]:
        out["enum"] = [*out["enum"], None]
    return out
