"""A sample fits its schema."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.sandbox.schema import sample

LEAVES = st.one_of(
    st.just({"type": "string"}),
    st.builds(lambda n, m: {"type": "string", "minLength": n, "maxLength": n + m}, st.integers(0, 40), st.integers(0, 40)),
    st.builds(lambda n, m: {"type": "integer", "minimum": n, "maximum": n + m}, st.integers(-50, 50), st.integers(0, 9)),
    st.builds(lambda n: {"type": "number", "exclusiveMinimum": n}, st.integers(-50, 50)),
    st.builds(lambda n: {"type": "integer", "exclusiveMaximum": n}, st.integers(-50, 50)),
    st.just({"type": "boolean"}),
    st.just({"type": "null"}),
    st.builds(lambda values: {"enum": values}, st.lists(st.one_of(st.integers(), st.text()), min_size=1)),
    st.builds(lambda value: {"const": value}, st.text()),
    st.just({"type": ["null", "integer"]}),
)


def _objects(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    named = st.dictionaries(st.text(min_size=1, max_size=8), inner, max_size=4)
    closed = named.map(lambda p: {"type": "object", "properties": p, "required": list(p), "additionalProperties": False})
    listed = st.builds(lambda item, n: {"type": "array", "items": item, "minItems": n}, inner, st.integers(0, 3))
    either = inner.map(lambda one: {"anyOf": [{"type": "null"}, one]})
    return st.one_of(closed, listed, either)


SCHEMAS = st.recursive(LEAVES, _objects, max_leaves=12)
PYTHON = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
    "object": dict,
    "array": list,
}


def fits(schema: dict[str, Any], value: Any) -> Any:
    """Enough of a validator for the schemas above."""
    if "anyOf" in schema:
        return any(fits(option, value) for option in schema["anyOf"])
    if "enum" in schema:
        return value in schema["enum"]
    if "const" in schema:
        return value == schema["const"]
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if not any(isinstance(value, PYTHON[kind]) for kind in types):  # type: ignore[arg-type]
        return False
    if isinstance(value, dict):
        return set(value) == set(schema["properties"]) and all(fits(schema["properties"][k], v) for k, v in value.items())
    if isinstance(value, list):
        return len(value) >= schema.get("minItems", 0) and all(fits(schema["items"], item) for item in value)
    if isinstance(value, str):
        return schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", 10_000)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return (
            schema.get("minimum", value) <= value <= schema.get("maximum", value)
            and value > schema.get("exclusiveMinimum", value - 1)
            and value < schema.get("exclusiveMaximum", value + 1)
        )
    return True


@given(SCHEMAS)
def test_a_sample_fits(schema: dict[str, Any]) -> None:
    assert fits(schema, sample(schema))


@given(SCHEMAS)
def test_a_sample_is_always_the_same(schema: dict[str, Any]) -> None:
    assert sample(schema) == sample(schema)


@given(st.recursive(st.one_of(st.none(), st.booleans(), st.integers(), st.text()), lambda i: st.dictionaries(
    st.sampled_from(["type", "properties", "required", "items", "anyOf", "allOf", "$ref", "enum", "minItems", "prefixItems"]), i
) | st.lists(i), max_leaves=20))  # fmt: skip
def test_nonsense_gets_a_sample_too(schema: Any) -> None:
    sample(schema)


def test_free_strings_say_their_name_and_ordinal() -> None:
    schema = {"type": "object", "properties": {"city": {"type": "string"}}}
    assert sample(schema) == {"city": "sample city"}
    assert sample(schema, ordinal=2) == {"city": "sample city 2"}


def test_only_what_is_required_is_given() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}}, "required": ["b"]}
    assert sample(schema) == {"b": 1}


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#/$defs/leaf", "$defs": {"leaf": {"type": "integer", "minimum": 7}}},
        {"allOf": [{"type": "integer"}, {"minimum": 7}]},
        {"oneOf": [{"const": 7}, {"type": "string"}]},
        {"type": "integer", "multipleOf": 7},
        {"type": "integer", "default": 7},
        {"type": "INTEGER", "examples": [7, 8]},
    ],
)
def test_what_decides_is_followed(schema: dict[str, Any]) -> None:
    assert sample(schema) == 7


def test_a_schema_within_itself_ends() -> None:
    tree: dict[str, Any] = {"type": "object", "properties": {"left": {"$ref": "#"}}, "required": ["left"]}
    assert isinstance(sample(tree), dict)
    assert sample({"$ref": "#"}) == "sample"
