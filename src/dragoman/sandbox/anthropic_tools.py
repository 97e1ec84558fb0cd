"""Tools and tool_choice of an Anthropic Messages request, as the vendor checks them (its API reference, 2026-11)."""

import re
from typing import Any

from dragoman.sandbox.anthropic_rules import bad
from dragoman.sandbox.mind import Tool

_TOOL_NAME = re.compile(r"^[a-zA-Z0-9_-]{1,128}$")


def read_tools(body: dict[str, Any]) -> tuple[Tool, ...]:
    """The tools that can be called; the vendor's own server tools are not among them."""
    found, names = [], set[str]()
    for at, tool in enumerate(body.get("tools", ())):
        if not isinstance(tool, dict):
            bad(f"tools.{at}: Input should be a valid dictionary")
        custom = tool.get("type", "custom") in ("custom", None)
        name = tool.get("name")
        if custom and name is None:
            bad(f"tools.{at}.custom.name: Field required")
        if name is not None and (not isinstance(name, str) or not _TOOL_NAME.match(name)):
            bad(f"tools.{at}.custom.name: String should match pattern '^[a-zA-Z0-9_-]{{1,128}}$'")
        if name in names:
            bad("tools: Tool names must be unique.")
        if name is not None:
            names.add(name)
        if not custom:
            continue
        schema = tool.get("input_schema")
        if schema is None:
            bad(f"tools.{at}.custom.input_schema: Field required")
        if not isinstance(schema, dict):
            bad(f"tools.{at}.custom.input_schema: Input should be a valid dictionary")
        if schema.get("type") is None:
            bad(f"tools.{at}.custom.input_schema.type: Field required")
        if schema["type"] != "object":
            bad(f"tools.{at}.custom.input_schema.type: Input should be 'object'")
        found.append(Tool(str(name), schema))
    return tuple(found)


def read_choice(body: dict[str, Any]) -> dict[str, Any]:
    """`tool_choice`, checked; auto where there is none."""
    choice: dict[str, Any] | None = body.get("tool_choice")
    if choice is None:
        return {"type": "auto"}
    kind = choice.get("type")
    if kind not in ("auto", "any", "tool", "none"):
        bad(
            f"tool_choice: Input tag '{kind}' found using 'type' does not match any of the expected tags: "
            "'auto', 'any', 'tool', 'none'"
        )
    if not body.get("tools"):
        bad("tool_choice: `tool_choice` may only be specified while providing `tools`.")
    if kind == "none" and "disable_parallel_tool_use" in choice:
        bad("tool_choice.none.disable_parallel_tool_use: Extra inputs are not permitted")
    if kind == "tool":
        if not isinstance(choice.get("name"), str):
            bad("tool_choice.tool.name: Field required")
        if choice["name"] not in {tool.get("name") for tool in body["tools"]}:
            bad(f"Tool '{choice['name']}' not found in provided tools")
    return choice
