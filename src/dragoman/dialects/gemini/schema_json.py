"""JSON Schema with the keywords that Google's `parametersJsonSchema` and `responseJsonSchema` take (its guide to structured
output, 2026-11).

Rule: a schema is left as it is, byte for byte, unless it holds what is not taken. That is put otherwise where it means the same,
else told in words at the end of the description; only schemas are touched, never data.
"""

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from msgspec import Raw

from dragoman.dialects.gemini.schema_read import DEEPEST, MAPS, TooDeepError, each
from dragoman.wire import json

Path: TypeAlias = frozenset[str]

BOUNDS: Final = (
    "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength", "pattern", "uniqueItems", "minProperties",
    "maxProperties", "contains", "minContains", "maxContains", "not", "if", "then", "else", "dependentRequired",
    "dependentSchemas", "dependencies", "patternProperties", "propertyNames", "unevaluatedProperties", "unevaluatedItems",
)  # fmt: skip
"""Keywords that are not among those that are taken and that say what is valid."""
_ROOM: Final = 2**20
"""Bytes that references of one schema may unfold to: a small one can hold a very large one."""
_OLD, _NEW = "#/definitions/", "#/$defs/"


def taken(schema: Raw) -> tuple[Raw, bool]:
    """(the schema as it is taken, whether something is told in words only)."""
    try:
        given = json.decode(schema)
        shaping = _Shaping(given)
        found = shaping.node(given)
    except (json.JSONError, TooDeepError):
        return schema, False
    return (schema, False) if found == given else (json.raw(found), shaping.lost)


def described(node: dict[str, Any], told: Mapping[str, Any]) -> None:
    """Keywords as words at the end of the description."""
    if told:
        words = ", ".join(f"{name}: {json.text(value)}" for name, value in told.items())
        before = node.get("description")
        node["description"] = f"{before} ({words})" if isinstance(before, str) and before else words


def definitions(root: Any) -> dict[str, Any]:
    """What references lead to: pointer -> schema."""
    found: dict[str, Any] = {}
    for key, start in (("$defs", _NEW), ("definitions", _OLD)):
        named = root.get(key) if isinstance(root, dict) else None
        for name, node in named.items() if isinstance(named, dict) else ():
            found[f"{start}{json.escape(name)}"] = node
    return found


class References:
    """What the references of one schema lead to."""

    def __init__(self, root: Any) -> None:
        self._known = definitions(root)
        self._room = _ROOM

    def follow(self, pointer: str, inside: Path) -> tuple[dict[str, Any] | None, Path]:
        """(a schema, the references that it stands in the place of); None where there is none, where it is inside already, or
        where there would be no end."""
        found = self._known.get(pointer)
        if not isinstance(found, dict) or pointer in inside or self._room < 0:
            return None, inside
        self._room -= len(json.encode(found))
        return (None, inside) if self._room < 0 else (dict(found), inside | {pointer})


class _Shaping:
    """One schema on its way. `lost`: something could be told in words only."""

    def __init__(self, root: Any) -> None:
        self.lost = False
        self._references = References(root)
        self._depth = 0

    def node(self, node: Any, inside: Path = frozenset()) -> Any:
        """`inside`: the references that this schema was put in the place of. Raises TooDeepError."""
        if node is True:
            return {}
        if not isinstance(node, dict):
            return node
        self._depth += 1
        if self._depth > DEEPEST:
            raise TooDeepError
        found = self._shaped(node, inside)
        self._depth -= 1
        return found

    def _shaped(self, node: dict[str, Any], inside: Path) -> dict[str, Any]:
        out, inside = self._alone(*self._merged(dict(node), inside))
        _renamed(out)
        moved: dict[str, Any] = {name: out.pop(name) for name in BOUNDS if name in out}
        if moved:
            self.lost = True
            described(out, moved)
        return {key: each(key, value, lambda child: self.node(child, inside)) for key, value in out.items()}

    def _alone(self, node: dict[str, Any], inside: Path) -> tuple[dict[str, Any], Path]:
        """A reference stands alone where it is taken: with members beside it, what it leads to is put in its place."""
        while isinstance(node.get("$ref"), str) and not all(map(_stands_beside, node)):
            found, inside = self._references.follow(node["$ref"], inside)
            if found is None:
                self.lost = True
                return {key: value for key, value in node.items() if _stands_beside(key)}, inside
            beside = {key: value for key, value in node.items() if key != "$ref"}
            node, inside = self._merged({**found, **beside}, inside)
        return node, inside

    def _merged(self, node: dict[str, Any], inside: Path) -> tuple[dict[str, Any], Path]:
        """`allOf` as one schema, where its parts do not contradict each other."""
        while isinstance(parts := node.get("allOf"), list):
            rest = {key: value for key, value in node.items() if key != "allOf"}
            found: dict[str, Any] | None = {}
            within = inside
            for part in [*parts, rest]:
                plain = part
                if len(parts) > 1 and isinstance(part, dict) and isinstance(part.get("$ref"), str):
                    plain, within = self._references.follow(part["$ref"], within)
                found = _joined(found, plain) if found is not None and isinstance(plain, dict) else None
            if found is None:
                self.lost = True
                described(rest, {"allOf": parts})
                return rest, inside
            node, inside = found, within
        return node, inside


def _stands_beside(key: str) -> bool:
    """A member that may stand beside a reference."""
    return key.startswith("$") or key == "definitions"


def _renamed(node: dict[str, Any]) -> None:
    """Older and other ways to write what is taken."""
    if isinstance(node.get("definitions"), dict):
        older, newer = node.pop("definitions"), node.get("$defs")
        node["$defs"] = {**older, **(newer if isinstance(newer, dict) else {})}
    if isinstance(node.get("$ref"), str) and node["$ref"].startswith(_OLD):
        node["$ref"] = _NEW + node["$ref"].removeprefix(_OLD)
    if isinstance(node.get("items"), list) and "prefixItems" not in node:
        node["prefixItems"] = node.pop("items")
    if "const" in node:
        only = node.pop("const")
        node.setdefault("enum", [only])


def _joined(left: dict[str, Any], right: dict[str, Any]) -> dict[str, Any] | None:
    """Both schemas in one; None where they contradict each other. The description of the right one counts."""
    out = dict(left)
    for key, value in right.items():
        if key not in out or key in ("description", "title", "default", "examples") or out[key] == value:
            out[key] = value
        elif key == "required" and isinstance(value, list) and isinstance(out[key], list):
            out[key] = [*out[key], *(name for name in value if name not in out[key])]
        elif key in MAPS and isinstance(value, dict) and isinstance(out[key], dict):
            if any(name in out[key] and out[key][name] != child for name, child in value.items()):
                return None
            out[key] = {**out[key], **value}
        else:
            return None
    return out
