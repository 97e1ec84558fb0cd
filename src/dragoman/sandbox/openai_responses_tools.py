"""Tools and tool_choice of an OpenAI Responses request, as the vendor checks them (its API reference, 2026-11)."""

from collections.abc import Iterator
from typing import Any, Literal

from dragoman.sandbox.mind import Tool
from dragoman.sandbox.openai_rules import bad, check_name, check_strict_schema, missing, wrong_type, wrong_value

MAX_NAME = 128
HOSTED = (
    *("file_search", "computer", "computer_use_preview", "web_search", "web_search_2025_08_26", "web_search_preview"),
    *("web_search_preview_2025_03_11", "mcp", "code_interpreter", "programmatic_tool_calling", "image_generation"),
    *("local_shell", "shell", "apply_patch"),
)
"""Tools that the vendor runs, or whose calls are items of their own: the sandbox takes and never calls them."""
KINDS = ("function", "custom", "namespace", "tool_search", *HOSTED)
SEARCH = {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]}
Choice = Literal["none", "auto", "any", "tool"]
Chosen = tuple[Choice, str, tuple[Tool, ...]]
"""What is chosen, the name where one is forced, and the tools that may be called."""
_WORDS: dict[str, Choice] = {"none": "none", "auto": "auto", "required": "any"}


def read_tools(tools: list[Any], where: str = "tools", namespace: str = "") -> Iterator[Tool]:
    """The tools that can be called."""
    for at, tool in enumerate(tools):
        place = f"{where}[{at}]"
        if not isinstance(tool, dict):
            wrong_type(place, "an object", tool)
        kind = tool.get("type")
        if kind is None:
            missing(f"{place}.type")
        if kind not in KINDS:
            wrong_value(f"{place}.type", kind, KINDS)
        match kind:
            case "function":
                yield _function(tool, place, namespace)
            case "custom":
                check_name(f"{place}.name", tool.get("name"), MAX_NAME)
                yield Tool(tool["name"], custom=True, namespace=namespace)
            case "namespace":
                check_name(f"{place}.name", tool.get("name"), MAX_NAME)
                if not isinstance(tool.get("tools"), list):
                    missing(f"{place}.tools")
                yield from read_tools(tool["tools"], f"{place}.tools", tool["name"])
            case "tool_search" if tool.get("execution") == "client":
                schema = tool.get("parameters")
                yield Tool("tool_search", schema if isinstance(schema, dict) else SEARCH, searches=True)


def _function(tool: dict[str, Any], place: str, namespace: str) -> Tool:
    check_name(f"{place}.name", tool.get("name"), MAX_NAME)
    schema = tool.get("parameters")
    if schema is not None and not isinstance(schema, dict):
        wrong_type(f"{place}.parameters", "an object", schema)
    strict = tool.get("strict")
    if strict is True:
        check_strict_schema(schema or {"type": "object"}, tool["name"], f"{place}.parameters")
    return Tool(tool["name"], strictened(schema) if strict is None else schema, namespace=namespace)


def strictened(schema: Any) -> Any:
    """What the vendor makes of a schema where `strict` is not said: every property is required."""
    if isinstance(schema, list):
        return [strictened(inner) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {name: strictened(value) for name, value in schema.items() if name not in ("properties", "$defs")}
    for group in ("properties", "$defs"):
        if isinstance(schema.get(group), dict):
            inner[group] = {name: strictened(value) for name, value in schema[group].items()}
    if isinstance(schema.get("properties"), dict):
        inner["required"] = list(schema["properties"])
    return inner


def read_choice(body: dict[str, Any], tools: tuple[Tool, ...]) -> Chosen:
    """`tool_choice`, checked; auto where there is none."""
    choice = body.get("tool_choice")
    if choice is None:
        return ("auto", "", tools)
    if isinstance(choice, str):
        if choice not in _WORDS:
            wrong_value("tool_choice", choice, tuple(_WORDS))
        return (_WORDS[choice], "", tools)
    kind = choice.get("type")
    if kind == "allowed_tools":
        return _allowed(choice, tools)
    if kind in HOSTED:
        if kind not in {tool.get("type") for tool in body.get("tools", ())}:
            bad(f"Tool choice '{kind}' not found in 'tools' parameter.", "tool_choice")
        return ("auto", "", ())
    if kind not in ("function", "custom"):
        wrong_value("tool_choice.type", kind, ("function", "custom", "allowed_tools", *HOSTED))
    name = choice.get("name")
    if not isinstance(name, str):
        missing("tool_choice.name")
    if name not in {tool.name for tool in tools}:
        bad(f"Tool choice '{kind}' not found in 'tools' parameter.", "tool_choice")
    return ("tool", name, tools)


def _allowed(allowed: dict[str, Any], tools: tuple[Tool, ...]) -> Chosen:
    mode, listed = allowed.get("mode"), allowed.get("tools")
    if mode not in ("auto", "required"):
        wrong_value("tool_choice.mode", mode, ("auto", "required"))
    if not isinstance(listed, list):
        missing("tool_choice.tools")
    names = [tool.get("name") for tool in listed if isinstance(tool, dict)]
    return (_WORDS[mode], "", tuple(tool for tool in tools if tool.name in names))
