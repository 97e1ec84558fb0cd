"""Schemas in the forms that Google takes, and Google's own as JSON Schema: data in them stays, and none ends the stack."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from dragoman.dialects.gemini.schema_json import taken
from dragoman.dialects.gemini.schema_openapi import openapi
from dragoman.dialects.gemini.schema_read import json_schema

FORMS = {"json": taken, "openapi": openapi}


def shaped(schema: Any, form: str = "json") -> tuple[Any, bool]:
    found, lost = FORMS[form](Raw(json.dumps(schema).encode()))
    return json.loads(bytes(found)), lost


def test_what_is_taken_stays_byte_for_byte() -> None:
    schema = Raw(
        b'{ "type":"object", "properties": {"a": {"type":["string","null"], "enum":["x", null]}}, "additionalProperties":false }'
    )
    assert taken(schema) == (schema, False)


@pytest.mark.parametrize(
    ("given_", "found", "lost"),
    [
        ({"const": 1}, {"enum": [1]}, False),
        ({"type": "string", "minLength": 2}, {"type": "string", "description": "minLength: 2"}, True),
        (
            {"type": "number", "exclusiveMinimum": 0, "description": "A"},
            {"type": "number", "description": "A (exclusiveMinimum: 0)"},
            True,
        ),
        ({"allOf": [{"type": "string"}]}, {"type": "string"}, False),
        ({"allOf": [{"required": ["a"]}, {"required": ["b"]}]}, {"required": ["a", "b"]}, False),
        ({"type": "array", "items": [{"type": "string"}]}, {"type": "array", "prefixItems": [{"type": "string"}]}, False),
        ({"properties": {"a": True}}, {"properties": {"a": {}}}, False),
        ({"$ref": "#/definitions/a", "definitions": {"a": {}}}, {"$ref": "#/$defs/a", "$defs": {"a": {}}}, False),
    ],
)
def test_the_json_form(given_: Any, found: Any, lost: bool) -> None:
    assert shaped(given_) == (found, lost)


@pytest.mark.parametrize(
    ("given_", "found", "lost"),
    [
        ({"type": "string", "minLength": 2}, {"type": "STRING", "minLength": 2}, False),
        ({"type": ["string", "null"]}, {"type": "STRING", "nullable": True}, False),
        ({"type": "string", "enum": ["a", None]}, {"type": "STRING", "nullable": True, "enum": ["a"]}, False),
        ({"type": "integer", "enum": [1, 2]}, {"type": "INTEGER", "description": "enum: [1,2]"}, True),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, {"type": "STRING", "nullable": True}, False),
        ({"type": ["string", "integer"]}, {"anyOf": [{"type": "STRING"}, {"type": "INTEGER"}]}, False),
        ({"const": "a"}, {"type": "STRING", "enum": ["a"]}, False),
        ({"$ref": "#/$defs/a", "$defs": {"a": {"type": "boolean"}}}, {"type": "BOOLEAN"}, False),
        ({"type": "object", "additionalProperties": False}, {"type": "OBJECT"}, True),
        ({"type": "array"}, {"type": "ARRAY", "items": {"type": "STRING"}}, True),
    ],
)
def test_googles_form(given_: Any, found: Any, lost: bool) -> None:
    assert shaped(given_, "openapi") == (found, lost)


@pytest.mark.parametrize("form", FORMS)
def test_properties_that_are_called_as_keywords_are(form: str) -> None:
    names = ["minLength", "const", "allOf", "$ref", "type", "definitions", "nullable", "not"]
    found, lost = shaped({"type": "object", "properties": {name: {"type": "string"} for name in names}}, form)
    assert (list(found["properties"]), lost) == (names, False)


@pytest.mark.parametrize("form", FORMS)
def test_data_is_no_schema(form: str) -> None:
    data = {"const": 1, "minLength": 3, "type": ["x"], "$ref": "nowhere"}
    found, lost = shaped({"type": "object", "default": data}, form)
    assert (found["default"], lost) == (data, False)


@pytest.mark.parametrize("form", FORMS)
def test_references_that_lead_back_to_themselves_end(form: str) -> None:
    node = {"type": "object", "properties": {"next": {"$ref": "#/$defs/node", "description": "the next"}}}
    found, lost = shaped({"$ref": "#/$defs/node", "$defs": {"node": node}}, form)
    assert (len(json.dumps(found)) < 1000, lost) == (True, True)
    ring = {f"r{place}": {"$ref": f"#/$defs/r{(place + 1) % 400}", "description": "d"} for place in range(400)}
    assert shaped({"$ref": "#/$defs/r0", "description": "d", "$defs": ring}, form)[1]


@pytest.mark.parametrize("form", FORMS)
def test_a_small_schema_unfolds_to_no_very_large_one(form: str) -> None:
    big = {"type": "object", "properties": {f"p{place}": {"type": "string"} for place in range(3000)}}
    references = {f"q{place}": {"$ref": "#/$defs/big", "description": "d"} for place in range(300)}
    found, lost = shaped({"type": "object", "properties": references, "$defs": {"big": big}}, form)
    assert (len(json.dumps(found)) < 4_000_000, lost) == (True, True)
    doubling = {
        f"d{place}": {"properties": {side: {"$ref": f"#/$defs/d{place + 1}", "title": "t"} for side in "ab"}}
        for place in range(60)
    }
    found, lost = shaped({"$ref": "#/$defs/d0", "title": "t", "$defs": {**doubling, "d60": {"type": "null"}}}, form)
    assert (len(json.dumps(found)) < 4_000_000, lost) == (True, True)


@pytest.mark.parametrize("depth", [90, 150, 250, 400, 3000])
@pytest.mark.parametrize(
    ("before", "after"),
    [(b'{"minLength":1,"properties":{"a":', b"}}"), (b'{"allOf":[', b"]}"), (b'{"anyOf":[{},', b"]}"), (b'{"items":', b"}")],
    ids=["properties", "allOf", "anyOf", "items"],
)
def test_no_depth_ends_the_stack(before: bytes, after: bytes, depth: int) -> None:
    schema = Raw(before * depth + b'{"type":"string"}' + after * depth)
    assert bytes(taken(schema)[0])
    assert bytes(openapi(schema)[0])
    assert bytes(json_schema(schema))


@pytest.mark.parametrize(
    ("given_", "found"),
    [
        ({"type": "STRING", "nullable": True}, {"type": ["string", "null"]}),
        ({"type": "STRING", "format": "enum", "enum": ["A"]}, {"type": "string", "enum": ["A"]}),
        (
            {"type": "ARRAY", "minItems": "1", "items": {"type": "INTEGER"}},
            {"type": "array", "minItems": 1, "items": {"type": "integer"}},
        ),
        ({"any_of": [{"type": "STRING"}], "nullable": True}, {"anyOf": [{"type": "string"}, {"type": "null"}]}),
        ({"type": "STRING", "enum": ["A"], "nullable": True}, {"type": ["string", "null"], "enum": ["A", None]}),
        (
            {"type": "OBJECT", "properties": {"any_of": {"type": "NULL"}}},
            {"type": "object", "properties": {"any_of": {"type": "null"}}},
        ),
        ({"type": 6, "properties": {"a": {"type": 1}}}, {"type": "object", "properties": {"a": {"type": "string"}}}),
    ],
)
def test_googles_schema_as_json_schema(given_: Any, found: Any) -> None:
    assert json.loads(bytes(json_schema(Raw(json.dumps(given_).encode())))) == found


def test_properties_stand_in_the_order_that_is_asked_for() -> None:
    schema = {"type": "OBJECT", "properties": {"a": {}, "b": {}, "c": {}}, "propertyOrdering": ["c", "a"]}
    assert list(json.loads(bytes(json_schema(Raw(json.dumps(schema).encode()))))["properties"]) == ["c", "a", "b"]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "type",
                    "properties",
                    "items",
                    "anyOf",
                    "allOf",
                    "oneOf",
                    "$ref",
                    "$defs",
                    "enum",
                    "const",
                    "required",
                    "not",
                    "nullable",
                ]
            )
            | st.text(max_size=2),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(VALUES)
def test_nothing_that_is_json_is_too_odd(value: Any) -> None:
    raw = Raw(json.dumps(value).encode())
    for form in (taken, openapi):
        json.loads(bytes(form(raw)[0]))
    json.loads(bytes(json_schema(raw)))
