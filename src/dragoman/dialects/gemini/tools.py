"""Tools and the choice among them. Rule: the model is never offered what the client did not offer, and never told to call a
function that is not there.
"""

from typing import Any, Final

from msgspec import Raw

from dragoman.core.parts import Opaque
from dragoman.core.request import Request, Tool, ToolChoice
from dragoman.dialects import free_text
from dragoman.dialects.choosing import tell_narrowed
from dragoman.dialects.functions import server_tool
from dragoman.dialects.gemini.content import cached
from dragoman.dialects.gemini.draft import Draft
from dragoman.dialects.gemini.facts import ID
from dragoman.dialects.gemini.schema_json import taken
from dragoman.dialects.gemini.schema_openapi import openapi
from dragoman.dialects.unsaid import idle
from dragoman.wire import json

_MODES: Final = {"auto": "AUTO", "any": "ANY", "none": "NONE", "tool": "ANY"}
_VALIDATED: Final = "VALIDATED"
"""The mode in which some functions may be called, or none."""
_NONE_AT_ALL: Final[tuple[dict[str, Any], ...]] = (
    {},
    {"type": "object"},
    {"type": "object", "properties": {}},
    {"properties": {}},
)
"""Schemas of a function without parameters: it must have none here."""


def tools(request: Request, draft: Draft) -> list[Any]:
    """Functions that follow one another stand in one entry, as Google has it; its own tools in one each."""
    out: list[Any] = []
    for tool in request.tools:
        if isinstance(tool, Opaque):
            if tool.dialect == ID and draft.own:
                out.append(tool.raw)
            else:
                server_tool(tool, request, draft.ledger)
            continue
        if not out or not isinstance(out[-1], dict):
            out.append({"functionDeclarations": []})
        out[-1]["functionDeclarations"].append(_function(tool, draft))
    return out


def choice(request: Request, draft: Draft, *, offered: bool) -> dict[str, Any] | None:
    """`functionCallingConfig`."""
    asked, parallel = request.tool_choice, request.parallel_tools
    if parallel is False and offered:
        draft.ledger.drop(request.at("parallel_tools"), "calls cannot be held to one at a time here")
    if asked is None:
        return None
    at = asked.at or request.at("tool_choice")
    extras = draft.ledger.extras(asked.extras, at, "tool_choice")
    if not draft.own and not offered:
        idle(request, draft.ledger)
        return None
    if not draft.own and draft.quirks.forced_tools is False and asked.mode in ("any", "tool"):
        draft.ledger.drop(at, "this model cannot be made to call a tool")
        return {"mode": "AUTO"}
    if not draft.own:
        tell_narrowed(request, ID, draft.ledger)
    names = _names(asked, draft)
    validated = not draft.own and asked.mode == "auto" and names is not None
    if validated:
        draft.ledger.hint(at, "arguments are held to their schemas where some of the functions are allowed")
    mode = _VALIDATED if validated else _MODES[asked.mode]
    return {"mode": mode, **({} if names is None else {"allowedFunctionNames": names}), **extras}


def schema_of(schema: Raw, at: str, draft: Draft) -> tuple[str, Raw]:
    """(the end of the member's name, the schema) in the form that the target takes."""
    form = openapi if draft.quirks.schema_form == "openapi" else taken
    found, lost = form(schema)
    if lost:
        draft.ledger.approximate(at, "what the schema cannot say here is told in words")
    return ("" if draft.quirks.schema_form == "openapi" else "JsonSchema"), found


def _names(asked: ToolChoice, draft: Draft) -> list[str] | None:
    if asked.name is not None:
        return [draft.name(asked.name)]
    return None if asked.allowed is None else [draft.name(name) for name in asked.allowed]


def _function(tool: Tool, draft: Draft) -> dict[str, Any]:
    out: dict[str, Any] = {"name": draft.name(tool.name)}
    cached(tool.cache, tool.at, draft)
    if tool.custom:
        draft.ledger.approximate(tool.at, "a free text tool is offered as a function with one text argument")
    description = free_text.words(tool) if tool.custom else tool.description
    if description is not None:
        out["description"] = description
    extras = draft.ledger.extras(tool.extras, tool.at, "tools")
    if draft.own:
        given = {} if tool.schema is None or extras.keys() & _SCHEMAS else {"parametersJsonSchema": tool.schema}
        return {**out, **given, **extras}
    if tool.strict:
        draft.ledger.approximate(tool.at, "arguments cannot be held to the schema here")
    if tool.deferred:
        draft.ledger.hint(f"{tool.at}/defer_loading", "offered at once")
    schema = free_text.SCHEMA if tool.custom else _object(tool.schema)
    if schema is not None:
        form, found = schema_of(schema, tool.at, draft)
        out[f"parameters{form}"] = found
    return out


_SCHEMAS: Final = frozenset({"parameters", "parametersJsonSchema"})


def _object(schema: Raw | None) -> Raw | None:
    """An object at its root; None for a function without parameters."""
    if schema is None:
        return None
    try:
        members = json.members(schema)
        if len(members) <= 2 and json.decode(schema) in _NONE_AT_ALL:
            return None
    except json.JSONError:
        return schema
    plain = "type" in members or "$ref" in members
    return schema if plain else json.raw({"type": "object", **members})
