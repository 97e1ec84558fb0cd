"""Tools and toolConfig of a Gemini request, as the vendor checks them (its API reference and its 400s, 2026-11)."""

import re
from collections.abc import Iterator
from typing import Any, Literal

from dragoman.sandbox.gemini_rules import SCHEMA, SCHEMA_TYPES, bad, broken_rule, many, unknown_name, wrong_value
from dragoman.sandbox.mind import Tool

HOSTED = (
    *("googleSearch", "googleSearchRetrieval", "urlContext", "codeExecution", "googleMaps", "fileSearch", "computerUse"),
    *("mcpServers", "enterpriseWebSearch", "retrieval", "parallelAiSearch", "exaAiSearch"),
)
"""Tools that the vendor runs: the sandbox takes and never calls them."""
DECLARED = (*("name", "description", "parameters", "parametersJsonSchema", "response", "responseJsonSchema", "behavior"),)
MODES = ("MODE_UNSPECIFIED", "AUTO", "ANY", "NONE", "VALIDATED")
Choice = Literal["none", "auto", "any", "tool"]
Chosen = tuple[Choice, str, tuple[Tool, ...]]
"""What is chosen, the name where one is forced, and the tools that may be called."""
_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_.:-]{0,127}")
_BAD_NAME = (
    "Invalid function name. Must start with a letter or an underscore. Must be alphanumeric (a-z, A-Z, 0-9), underscores (_), "
    "dots (.), colons (:), or dashes (-), with a maximum length of 128."
)


def read_tools(body: dict[str, Any]) -> tuple[Tool, ...]:
    """The functions that can be called."""
    found = list(_declared(body))
    names = set[str]()
    for where, tool in found:
        if tool.name in names:
            broken_rule(where.rpartition("[")[0], f"Duplicate function declaration found: {tool.name}")
        names.add(tool.name)
    return tuple(tool for _, tool in found)


def _declared(body: dict[str, Any]) -> Iterator[tuple[str, Tool]]:
    for at, entry in enumerate(many(body.get("tools"))):
        if not isinstance(entry, dict):
            wrong_value(f"tools[{at}]", "type.googleapis.com/google.ai.generativelanguage.v1beta.Tool", entry)
        for name in entry:
            if name != "functionDeclarations" and name not in HOSTED:
                unknown_name(name, f"tools[{at}]")
        for number, declared in enumerate(many(entry.get("functionDeclarations"))):
            where = f"tools[{at}].functionDeclarations[{number}]"
            yield where, _function(declared, where)


def _function(declared: Any, where: str) -> Tool:
    if not isinstance(declared, dict):
        wrong_value(where, "type.googleapis.com/google.ai.generativelanguage.v1beta.FunctionDeclaration", declared)
    for member in declared:
        if member not in DECLARED:
            unknown_name(member, where)
    name = declared.get("name", "")
    if not isinstance(name, str):
        wrong_value(f"{where}.name", "TYPE_STRING", name)
    if not _NAME.fullmatch(name):
        broken_rule(f"{where}.name", _BAD_NAME)
    schema, json_schema = declared.get("parameters"), declared.get("parametersJsonSchema")
    if schema is not None and json_schema is not None:
        broken_rule(where, "parameters and parameters_json_schema must not both be set")
    if schema is not None:
        check_schema(schema, f"{where}.parameters")
        if str(schema.get("type", "")).upper() == "OBJECT" and not schema.get("properties"):
            broken_rule(f"{where}.parameters.properties", "should be non-empty for OBJECT type")
    if json_schema is not None and not isinstance(json_schema, dict):
        bad(f"Invalid value at '{where}.parameters_json_schema': a JSON Schema must be an object.")
    return Tool(name, schema if json_schema is None else json_schema)


def check_schema(schema: Any, where: str) -> None:
    """A Schema: a subset of OpenAPI's, not JSON Schema."""
    if not isinstance(schema, dict):
        wrong_value(where, "type.googleapis.com/google.ai.generativelanguage.v1beta.Schema", schema)
    for name in schema:
        if name not in SCHEMA:
            unknown_name(name, where)
    kind = schema.get("type")
    if kind is not None and (not isinstance(kind, str) or kind.upper() not in SCHEMA_TYPES):
        wrong_value(f"{where}.type", "type.googleapis.com/google.ai.generativelanguage.v1beta.Type", kind)
    for at, value in enumerate(many(schema.get("enum"))):
        if not isinstance(value, str):
            wrong_value(f"{where}.enum[{at}]", "TYPE_STRING", value)
    for group in ("properties", "defs"):
        inner = schema.get(group)
        for key, value in inner.items() if isinstance(inner, dict) else ():
            check_schema(value, f"{where}.{group}[{key}].value")
    if "items" in schema:
        check_schema(schema["items"], f"{where}.items")
    for at, option in enumerate(many(schema.get("anyOf"))):
        check_schema(option, f"{where}.anyOf[{at}]")


def read_choice(body: dict[str, Any], tools: tuple[Tool, ...]) -> Chosen:
    """`functionCallingConfig`, checked; auto where there is none."""
    config = body.get("toolConfig", {}).get("functionCallingConfig", {})
    where = "toolConfig.functionCallingConfig"
    if not isinstance(config, dict):
        wrong_value(where, "type.googleapis.com/google.ai.generativelanguage.v1beta.FunctionCallingConfig", config)
    mode = config.get("mode", "AUTO")
    if mode not in MODES:
        wrong_value(f"{where}.mode", "type.googleapis.com/google.ai.generativelanguage.v1beta.FunctionCallingConfig.Mode", mode)
    allowed = [str(name) for name in many(config.get("allowedFunctionNames"))]
    if allowed and mode not in ("ANY", "VALIDATED"):
        message = "allowed_function_names should be set only when the function calling mode is ANY or VALIDATED"
        broken_rule(f"{where}.allowedFunctionNames", message)
    for name in allowed:
        if name not in {tool.name for tool in tools}:
            broken_rule(f"{where}.allowedFunctionNames", f"{name} is not a declared function")
    if mode == "NONE":
        return ("none", "", tools)
    chosen = tuple(tool for tool in tools if tool.name in allowed) if allowed else tools
    if mode != "ANY":
        return ("auto", "", chosen)
    if not tools:
        broken_rule(f"{where}.mode", "ANY needs function_declarations")
    return ("tool", allowed[0], chosen) if len(allowed) == 1 else ("any", "", chosen)
