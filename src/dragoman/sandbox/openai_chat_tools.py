"""Tools and tool_choice of an OpenAI Chat request, as the vendor checks them (its API reference, 2026-11)."""

from typing import Any, Literal

from dragoman.sandbox.mind import Tool
from dragoman.sandbox.openai_rules import bad, check_name, check_strict_schema, empty, missing, wrong_type, wrong_value

Choice = Literal["none", "auto", "any", "tool"]
Chosen = tuple[Choice, str, tuple[Tool, ...]]
"""What is chosen, the name where one is forced, and the tools that may be called."""
_WORDS: dict[str, Choice] = {"none": "none", "auto": "auto", "required": "any"}
_KINDS = ("function", "custom")


def read_tools(body: dict[str, Any]) -> tuple[Tool, ...]:
    """The tools on offer."""
    tools = body.get("tools")
    if tools is None:
        return ()
    if not tools:
        empty("tools")
    found = []
    for at, tool in enumerate(tools):
        where = f"tools[{at}]"
        if not isinstance(tool, dict):
            wrong_type(where, "an object", tool)
        kind = tool.get("type")
        if kind is None:
            missing(f"{where}.type")
        if kind not in ("function", "custom"):
            wrong_value(f"{where}.type", kind, ("function", "custom"))
        inner = tool.get(kind)
        if not isinstance(inner, dict):
            missing(f"{where}.{kind}")
        check_name(f"{where}.{kind}.name", inner.get("name"))
        parameters = inner.get("parameters")
        if parameters is not None and not isinstance(parameters, dict):
            wrong_type(f"{where}.function.parameters", "an object", parameters)
        if kind == "function" and inner.get("strict") is True:
            check_strict_schema(parameters or {"type": "object"}, inner["name"], f"{where}.function.parameters")
        found.append(Tool(inner["name"], parameters, custom=kind == "custom"))
    return tuple(found)


def read_choice(body: dict[str, Any], tools: tuple[Tool, ...]) -> Chosen:
    """`tool_choice`, checked; auto where there is none."""
    choice = body.get("tool_choice")
    if choice is None:
        return ("auto", "", tools)
    if isinstance(choice, str) and choice not in _WORDS:
        wrong_value("tool_choice", choice, tuple(_WORDS))
    if not tools:
        bad("Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified.", "tool_choice")
    if isinstance(choice, str):
        return (_WORDS[choice], "", tools)
    kind = choice.get("type")
    if kind not in (*_KINDS, "allowed_tools"):
        wrong_value("tool_choice.type", kind, (*_KINDS, "allowed_tools"))
    inner = choice.get(kind)
    if not isinstance(inner, dict):
        missing(f"tool_choice.{kind}")
    if kind == "allowed_tools":
        return _allowed(inner, tools)
    name = inner.get("name")
    if not isinstance(name, str):
        missing(f"tool_choice.{kind}.name")
    if name not in {tool.name for tool in tools}:
        bad(f"Tool choice '{name}' not found in 'tools' parameter.", "tool_choice")
    return ("tool", name, tools)


def _allowed(allowed: dict[str, Any], tools: tuple[Tool, ...]) -> Chosen:
    mode, listed = allowed.get("mode"), allowed.get("tools")
    if mode not in ("auto", "required"):
        wrong_value("tool_choice.allowed_tools.mode", mode, ("auto", "required"))
    if not isinstance(listed, list):
        missing("tool_choice.allowed_tools.tools")
    named = [tool.get(kind) for tool in listed if isinstance(tool, dict) for kind in _KINDS]
    names = [inner.get("name") for inner in named if isinstance(inner, dict)]
    return (_WORDS[mode], "", tuple(tool for tool in tools if tool.name in names))
