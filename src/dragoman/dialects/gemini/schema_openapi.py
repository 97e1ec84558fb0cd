"""JSON Schema as Google's own `Schema` (`parameters`, `responseSchema`: an OpenAPI subset), for models and servers that take no
JSON Schema (Google's API reference, 2026-11).

Rule: references are put in the place they stand for; what has no keyword is told in words; only schemas are touched, never data.
"""

from typing import Any, Final

from msgspec import Raw

from dragoman.dialects.gemini.schema_json import Path, References, described
from dragoman.dialects.gemini.schema_read import DEEPEST, TooDeepError
from dragoman.wire import json

_KEPT: Final = (
    "title", "description", "default", "example", "nullable", "required", "propertyOrdering", "minimum", "maximum", "minItems",
    "maxItems", "minLength", "maxLength", "minProperties", "maxProperties", "pattern",
)  # fmt: skip
_TAKEN: Final = frozenset(
    {*_KEPT, "type", "enum", "const", "format", "items", "properties", "anyOf", "oneOf", "$ref", "$defs", "definitions",
     "examples", "$schema", "$id", "$comment", "$anchor", "deprecated", "readOnly", "writeOnly"}
)  # fmt: skip
_FORMATS: Final = frozenset({"enum", "date-time", "float", "double", "int32", "int64"})
_TYPES: Final = frozenset({"STRING", "NUMBER", "INTEGER", "BOOLEAN", "ARRAY", "OBJECT", "NULL"})
_ANY: Final = Raw(b'{"type":"OBJECT"}')


def openapi(schema: Raw) -> tuple[Raw, bool]:
    """(the schema as `Schema`, whether something is told in words only)."""
    try:
        given = json.decode(schema)
        writing = _Writing(given)
        return json.raw(writing.node(given)), writing.lost
    except json.JSONError:
        return schema, False
    except TooDeepError:
        return _ANY, True


class _Writing:
    """One schema on its way. `lost`: something could be told in words only."""

    def __init__(self, root: Any) -> None:
        self.lost = False
        self._references = References(root)
        self._depth = 0

    def node(self, given: Any, inside: Path = frozenset()) -> dict[str, Any]:
        """`inside`: the references that this schema stands in the place of. Raises TooDeepError."""
        self._depth += 1
        if self._depth > DEEPEST:
            raise TooDeepError
        found = self._written(given if isinstance(given, dict) else {}, inside)
        self._depth -= 1
        return found

    def _written(self, node: dict[str, Any], inside: Path) -> dict[str, Any]:
        if isinstance(node.get("$ref"), str):
            return self._followed(node, inside)
        words = {key: value for key, value in node.items() if key not in _TAKEN and not (_is_flag(key, value))}
        out: dict[str, Any] = {key: node[key] for key in _KEPT if key in node}
        if isinstance(node.get("examples"), list) and node["examples"]:
            out.setdefault("example", node["examples"][0])
        self.lost = self.lost or node.get("additionalProperties") is False
        self._type(node, out, words, inside)
        self._values(node, out, words)
        self._inside(node, out, inside)
        if words:
            self.lost = True
            described(out, words)
        return out

    def _followed(self, node: dict[str, Any], inside: Path) -> dict[str, Any]:
        rest = {key: value for key, value in node.items() if key != "$ref"}
        found, within = self._references.follow(node["$ref"], inside)
        if found is None:
            self.lost = True
            return self.node({"type": "object", **rest, "description": f"as {node['$ref'].rpartition('/')[2]} above"}, inside)
        return self.node({**found, **rest}, within)

    def _type(self, node: dict[str, Any], out: dict[str, Any], words: dict[str, Any], inside: Path) -> None:
        told = node.get("type")
        names = [str(name).upper() for name in (told if isinstance(told, list) else [told] if told is not None else ())]
        known = [name for name in names if name in _TYPES]
        if len(known) < len(names):
            words["type"] = told
        if "NULL" in known and len(known) > 1:
            out["nullable"] = True
            known.remove("NULL")
        if len(known) > 1:
            rest: dict[str, Any] = {key: node[key] for key in ("items", "properties", "required") if key in node}
            out["anyOf"] = [self.node({"type": name.lower(), **_of(name, rest)}, inside) for name in known]
            out.pop("required", None)
        elif known:
            out["type"] = known[0]
        elif "anyOf" not in node and "oneOf" not in node:
            self._guessed(node, out)

    def _guessed(self, node: dict[str, Any], out: dict[str, Any]) -> None:
        """A schema without a type is refused."""
        if "properties" in node or "additionalProperties" in node:
            out["type"] = "OBJECT"
        elif "items" in node or "prefixItems" in node:
            out["type"] = "ARRAY"
        elif "enum" in node or "const" in node:
            out["type"] = _type_of([node["const"]] if "const" in node else node["enum"])
        else:
            self.lost = True
            out["type"] = "STRING"

    def _values(self, node: dict[str, Any], out: dict[str, Any], words: dict[str, Any]) -> None:
        """The values that are valid: words only, for `enum` holds nothing else."""
        listed = [node["const"]] if "const" in node else node.get("enum")
        if isinstance(listed, list):
            if None in listed:
                out["nullable"] = True
            plain = [value for value in listed if value is not None]
            if plain and all(isinstance(value, str) for value in plain) and out.get("type", "STRING") == "STRING":
                out["enum"] = plain
            elif plain:
                words["enum"] = plain
        if node.get("format") in _FORMATS:
            out["format"] = node["format"]
        elif "format" in node:
            words["format"] = node["format"]

    def _inside(self, node: dict[str, Any], out: dict[str, Any], inside: Path) -> None:
        if isinstance(node.get("properties"), dict) and "anyOf" not in out:
            out["properties"] = {name: self.node(child, inside) for name, child in node["properties"].items()}
        if out.get("type") == "ARRAY":
            items = node.get("items", {"type": "string"})
            self.lost = self.lost or not isinstance(items, dict) or "items" not in node
            out["items"] = self.node(items, inside)
        variants = node.get("anyOf", node.get("oneOf"))
        if isinstance(variants, list) and "anyOf" not in out:
            self._variants(variants, out, inside)

    def _variants(self, variants: list[Any], out: dict[str, Any], inside: Path) -> None:
        found = [self.node(variant, inside) for variant in variants]
        plain = [each for each in found if each.get("type") != "NULL"]
        if len(plain) < len(found):
            out["nullable"] = True
        if len(plain) == 1:
            for key, value in plain[0].items():
                out.setdefault(key, value)
        elif plain:
            out["anyOf"] = plain


def _of(name: str, members: dict[str, Any]) -> dict[str, Any]:
    """Of a union's members those that this type has."""
    if name == "ARRAY":
        return {"items": members["items"]} if "items" in members else {}
    return {key: members[key] for key in ("properties", "required") if key in members} if name == "OBJECT" else {}


def _type_of(values: Any) -> str:
    plain = [value for value in values if value is not None] if isinstance(values, list) else []
    if plain and all(isinstance(value, bool) for value in plain):
        return "BOOLEAN"
    if plain and all(isinstance(value, int) and not isinstance(value, bool) for value in plain):
        return "INTEGER"
    return "NUMBER" if plain and all(isinstance(value, int | float) for value in plain) else "STRING"


def _is_flag(key: str, value: Any) -> bool:
    """Whether further properties are valid has no keyword, and clients write it everywhere."""
    return key in ("additionalProperties", "unevaluatedProperties") and isinstance(value, bool)
