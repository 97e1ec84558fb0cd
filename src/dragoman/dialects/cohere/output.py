"""The form an answer must have. Rule: a schema that the vendor would refuse is asked for in words."""

from typing import Any

from msgspec import Raw

from dragoman.core.request import ResponseFormat
from dragoman.dialects.drafting import Draft
from dragoman.wire import json

_JSON_ONLY = "Answer with one valid JSON object and nothing else: no other words, no code fences."


def response_format(draft: Draft, *, bare: bool) -> dict[str, Any] | None:
    """`response_format`. `bare`: there are no tools and no documents, beside which Cohere takes none (2026-08)."""
    form, quirks = draft.request.response_format, draft.quirks
    if form is None:
        return None
    at = form.at or draft.request.at("response_format")
    draft.ledger.extras(form.extras, at, "response_format")
    if form.kind == "text":
        return None
    if form.description is not None:
        draft.ledger.hint(f"{at}/description", "a schema has no description of its own here")
    if bare and form.kind == "schema" and form.schema is not None and quirks.json_schema and _is_taken(form.schema):
        return {"type": "json_object", "json_schema": form.schema}
    draft.instruct(_in_words(form))
    if not bare or not quirks.json_mode or form.kind == "schema":
        draft.ledger.approximate(at, "asked for in words")
    else:
        draft.ledger.hint(at, "asked for in words, too: without them Cohere may never end")
    return {"type": "json_object"} if bare and quirks.json_mode else None


def _in_words(form: ResponseFormat) -> str:
    return _JSON_ONLY if form.schema is None else f"{_JSON_ONLY} It must follow this JSON Schema:\n{bytes(form.schema).decode()}"


def _is_taken(schema: Raw) -> bool:
    """An object at the root, and in every object a required property (guide to structured outputs)."""
    found = json.decode(schema)
    return isinstance(found, dict) and found.get("type") == "object" and _requires(found)


def _requires(node: Any) -> bool:
    if isinstance(node, list):
        return all(map(_requires, node))
    if not isinstance(node, dict):
        return True
    inner = node.get("properties")
    if (node.get("type") == "object" or isinstance(inner, dict)) and not node.get("required"):
        return False
    properties = inner.values() if isinstance(inner, dict) else ()
    return all(map(_requires, (*properties, *(value for name, value in node.items() if name not in _NO_SCHEMAS))))


_NO_SCHEMAS = frozenset({"properties", "required", "enum", "const", "default", "examples"})
"""Members of a schema that hold values, or schemas by names that are none of JSON Schema's words."""
