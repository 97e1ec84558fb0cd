"""Tools, tool choice and the names and ids this target accepts."""

import re
from typing import Any

from dragoman.core.parts import Opaque, ToolCall, ToolResult
from dragoman.core.request import Tool, ToolChoice
from dragoman.dialects import free_text
from dragoman.dialects.base import NOTHING, Undo
from dragoman.dialects.choosing import tell_narrowed
from dragoman.dialects.deeper import laid
from dragoman.dialects.history import uses_tools
from dragoman.dialects.names import map_ids, map_names
from dragoman.dialects.openai.schemas import of_object
from dragoman.dialects.openai.server_tools import judge
from dragoman.dialects.openai.strict import satisfies
from dragoman.dialects.openai_chat.build_content import Building
from dragoman.dialects.openai_chat.facts import ID, ID_MAX, NAME_MAX
from dragoman.dialects.unsaid import idle

_NAME = re.compile(r"[a-zA-Z0-9_-]")
_ALNUM = re.compile(r"[a-zA-Z0-9]")
_PRINTED = re.compile(r"[\x21-\x7e]")
_EXACT = 9
"""Mistral's length of a tool call id."""
_STRICT = "function/strict"
_MODES = {"auto": "auto", "any": "required", "none": "none"}


def agree(building: Building) -> Undo:
    """Decide the wire names and ids of this request; what the answer needs to be named back."""
    request, quirks = building.request, building.quirks
    if not request.tools and request.tool_choice is None and not uses_tools(request.messages):
        return NOTHING
    offered = [tool for tool in request.tools if isinstance(tool, Tool)]
    calls = [part for message in request.messages for part in message.parts if isinstance(part, ToolCall)]
    if not building.own or quirks.tool_name_max is not None:
        chosen = [] if request.tool_choice is None or request.tool_choice.name is None else [request.tool_choice.name]
        names = [*(tool.name for tool in offered), *(call.name for call in calls), *chosen]
        building.names = map_names(filter(None, names), quirks.tool_name_max or NAME_MAX, _NAME)
    ids = [
        part.id for message in request.messages for part in message.parts if isinstance(part, ToolCall | ToolResult) and part.id
    ]
    if quirks.tool_id == "alnum9":
        building.ids = map_ids(ids, _EXACT, _ALNUM, _EXACT)
    elif not building.own:
        building.ids = map_ids(ids, ID_MAX, _PRINTED)
    if not quirks.custom_tools:
        custom = [tool.name for tool in offered if tool.custom] + [call.name for call in calls if call.custom]
        building.functions = frozenset(custom)
    return Undo(
        names={wire: name for name, wire in building.names.items()},
        ids={wire: ident for ident, wire in building.ids.items()},
        custom=frozenset(building.names.get(name, name) for name in building.functions),
    )


def tool_members(building: Building) -> dict[str, Any]:
    """`tools`, `tool_choice` and `parallel_tool_calls`, or their legacy forms."""
    request, ledger = building.request, building.ledger
    if building.own and request.paths.get("tools") == "/functions":
        functions = [_inner(building, tool) for tool in request.tools if isinstance(tool, Tool)]
        choice = request.tool_choice
        legacy = {} if choice is None else {"function_call": _legacy(choice)}
        return {"functions": functions, **legacy}
    judge(request, ID, ledger)
    tools = [told for tool in _offered(building) if (told := _tool(building, tool)) is not None]
    out: dict[str, Any] = {"tools": tools} if tools or (building.own and request.tools) else {}
    if not tools and not building.own:
        idle(request, ledger)
        return out
    if request.tool_choice is not None:
        out["tool_choice"] = _choice(building)
        tell_narrowed(request, ID, ledger)
    if request.parallel_tools is not None:
        if not building.quirks.parallel_flag:
            kind = ledger.hint if request.parallel_tools else ledger.drop
            kind(request.at("parallel_tools"), "no such flag here")
        else:
            out["parallel_tool_calls"] = request.parallel_tools
    return out


def _legacy(choice: ToolChoice) -> Any:
    return {"name": choice.name, **choice.extras} if choice.name else _MODES[choice.mode]


def _offered(building: Building) -> tuple[Tool | Opaque, ...]:
    """The tools; of another dialect's choice of some, only those: Chat providers know no such choice."""
    request = building.request
    choice = request.tool_choice
    if choice is None or choice.allowed is None or building.own:
        return request.tools
    allowed = set(choice.allowed)
    for tool in request.tools:
        if isinstance(tool, Tool) and tool.name not in allowed:
            building.ledger.hint(tool.at, "not among the allowed tools, so it is not offered")
    building.ledger.approximate(choice.at or request.at("tool_choice"), "only the allowed tools are offered")
    return tuple(tool for tool in request.tools if isinstance(tool, Opaque) or tool.name in allowed)


def _tool(building: Building, tool: Tool | Opaque) -> Any:
    ledger = building.ledger
    if isinstance(tool, Opaque):
        if tool.dialect == ID:
            return tool.raw
        ledger.opaque(tool, f"only the client's dialect has {tool.kind}")
        return None
    if tool.deferred:
        ledger.hint(f"{tool.at}/defer_loading", "offered at once")
    extras = {**building.marks.told(tool), **ledger.extras(tool.extras, tool.at, "tools")}
    if tool.custom and tool.name not in building.functions:
        form = {} if tool.schema is None else {"format": tool.schema}
        return laid({"type": "custom", "custom": {**_named(building, tool), **form}}, extras)
    if tool.custom:
        ledger.approximate(tool.at, "free text as the argument of a function")
        told = {"name": building.names.get(tool.name, tool.name), "description": free_text.words(tool)}
        return {"type": "function", "function": {**told, "parameters": free_text.SCHEMA}}
    return laid({"type": "function", "function": _inner(building, tool, told=True)}, extras)


def _named(building: Building, tool: Tool) -> dict[str, Any]:
    described = {} if tool.description is None else {"description": tool.description}
    return {"name": building.names.get(tool.name, tool.name), **described}


def _inner(building: Building, tool: Tool, told: bool = False) -> dict[str, Any]:
    out = _named(building, tool)
    parameters = tool.schema if building.own else of_object(tool.schema)
    if parameters is not None:
        out["parameters"] = parameters
    strict = _strict(building, tool)
    if strict is not None:
        out["strict"] = strict
    return out if told else {**out, **tool.extras}


def _strict(building: Building, tool: Tool) -> bool | None:
    if tool.strict is None:
        return None
    if not building.quirks.tool_strict:
        tell = building.ledger.approximate if tool.strict else building.ledger.hint
        tell(f"{tool.at}/{_STRICT if building.own else 'strict'}", "no strict tools here")
        return None
    if building.own or not tool.strict:
        return tool.strict
    if tool.schema is not None and satisfies(tool.schema):
        return True
    building.ledger.approximate(f"{tool.at}/strict", "the schema is not strict by OpenAI's rules")
    return None


def _choice(building: Building) -> Any:
    request = building.request
    choice = request.tool_choice
    assert choice is not None
    extras = building.ledger.extras(choice.extras, choice.at, "tool_choice")
    if building.quirks.forced_tools is False and choice.mode in ("any", "tool"):
        building.ledger.drop(choice.at or request.at("tool_choice"), "this target cannot be made to call a tool")
        return "auto"
    if choice.allowed is not None and building.own:
        tools = [_reference(building, name) for name in choice.allowed]
        mode = "required" if choice.mode == "any" else "auto"
        return laid({"type": "allowed_tools", "allowed_tools": {"mode": mode, "tools": tools}}, extras)
    if choice.mode != "tool" or choice.name is None:
        return _MODES[choice.mode if choice.mode != "tool" else "any"]
    return laid(_reference(building, choice.name), extras)


def _reference(building: Building, name: str) -> dict[str, Any]:
    custom = {tool.name for tool in building.request.tools if isinstance(tool, Tool) and tool.custom} - building.functions
    kind = "custom" if name in custom else "function"
    return {"type": kind, kind: {"name": building.names.get(name, name)}}
