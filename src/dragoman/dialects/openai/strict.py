"""Whether a JSON Schema satisfies OpenAI's rules for strict schemas (its guide to structured outputs, 2026-11).

Rule: a schema is judged, never rewritten.
"""

import re
from typing import Any

from msgspec import Raw

from dragoman.wire import json

_REFUSED = frozenset(
    {"allOf", "oneOf", "not", "if", "then", "else", "dependentRequired", "dependentSchemas", "dependencies",
     "patternProperties", "unevaluatedProperties", "propertyNames", "contains", "minContains", "maxContains",
     "uniqueItems", "minProperties", "maxProperties"}
)  # fmt: skip
_LOOKAROUND = re.compile(r"\(\?<?[=!]")
_DEPTH = 10
_PROPERTIES = 5000


def satisfies(schema: Raw) -> bool:
    """Every property required, no others allowed, none of the refused words, no anyOf at the root."""
    try:
        value = json.decode(schema)
    except json.JSONError:
        return False
    if not isinstance(value, dict) or value.get("type") != "object" or "anyOf" in value:
        return False
    return _count(value, 0) <= _PROPERTIES


def _count(node: Any, depth: int) -> int:
    """Properties in a node; more than allowed where it breaks a rule."""
    if not isinstance(node, dict) or depth > _DEPTH or not _REFUSED.isdisjoint(node):
        return _PROPERTIES + 1
    if "$ref" in node:
        return 0 if len(node) == 1 else _PROPERTIES + 1
    if isinstance(node.get("pattern"), str) and _LOOKAROUND.search(node["pattern"]):
        return _PROPERTIES + 1
    total = 0
    properties = node.get("properties")
    if isinstance(properties, dict):
        if node.get("additionalProperties") is not False or set(node.get("required") or ()) != set(properties):
            return _PROPERTIES + 1
        total += len(properties) + sum(_count(child, depth + 1) for child in properties.values())
    elif "object" in _types(node) and node.get("additionalProperties") is not False:
        return _PROPERTIES + 1
    children = [*(node.get("anyOf") or ()), *(node.get("$defs") or {}).values(), *(node.get("definitions") or {}).values()]
    if "items" in node:
        children.append(node["items"])
    return total + sum(_count(child, depth + 1) for child in children)


def _types(node: dict[str, Any]) -> list[Any]:
    found = node.get("type")
    return found if isinstance(found, list) else [found]
