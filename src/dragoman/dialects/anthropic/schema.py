"""JSON Schema as Anthropic takes it. Rule: a schema is left as it is, byte for byte, unless it would be refused."""

from typing import Any, Final

from msgspec import Raw

from dragoman.wire import json

# Anthropic's guide to structured outputs (2026-11): keywords that these and strict tools refuse; what they mean is described.
_BOUNDS: Final = (
    "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength", "pattern", "maxItems",
    "uniqueItems", "minProperties", "maxProperties",
)  # fmt: skip
_FORMATS: Final = frozenset({"date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"})
_NESTED: Final = ("items", "additionalProperties", "not")
_LISTS: Final = ("anyOf", "allOf", "oneOf", "prefixItems")
_MAPS: Final = ("properties", "$defs", "definitions")


def strict(schema: Raw) -> tuple[Raw, bool]:
    """(the schema as structured outputs take it, whether it had to change)."""
    try:
        found = json.decode(schema)
    except json.JSONError:
        return schema, False
    wanted = _strict(found)
    return (schema, False) if wanted == found else (json.raw(wanted), True)


def _strict(node: Any) -> Any:
    if not isinstance(node, dict):
        return node
    out = dict(node)
    for name in _MAPS:
        if isinstance(out.get(name), dict):
            out[name] = {key: _strict(value) for key, value in out[name].items()}
    for name in _LISTS:
        if isinstance(out.get(name), list):
            out[name] = [_strict(value) for value in out[name]]
    for name in _NESTED:
        if isinstance(out.get(name), dict):
            out[name] = _strict(out[name])
    if "oneOf" in out and "anyOf" not in out:
        out["anyOf"] = out.pop("oneOf")
    if out.get("type") == "object" or "properties" in out:
        out.setdefault("additionalProperties", False)
    return _described(out)


def _described(node: dict[str, Any]) -> dict[str, Any]:
    """Bounds as words at the end of the description."""
    moved = {name: node.pop(name) for name in _BOUNDS if _is_bound(node, name)}
    if "format" in node and node["format"] not in _FORMATS:
        moved["format"] = node.pop("format")
    if node.get("minItems") not in (None, 0, 1):
        moved["minItems"] = node.pop("minItems")
    if moved:
        words = ", ".join(f"{name}: {json.text(value)}" for name, value in moved.items())
        before = node.get("description")
        node["description"] = f"{before} ({words})" if isinstance(before, str) and before else words
    return node


def _is_bound(node: dict[str, Any], name: str) -> bool:
    """A keyword, not a property that happens to be called so (those stand inside `properties`)."""
    return name in node and not isinstance(node[name], dict)
