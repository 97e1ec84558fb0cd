"""Tools, tool choice and the names and ids this target accepts."""

import re
from typing import Any

from dragoman.core.parts import Extras, Opaque, ToolCall, ToolResult
from dragoman.core.request import Tool
from dragoman.dialects import free_text
from dragoman.dialects.base import NOTHING, Undo
from dragoman.dialects.choosing import tell_narrowed
from dragoman.dialects.deeper import laid
from dragoman.dialects.history import uses_tools
from dragoman.dialects.names import map_ids, map_names
from dragoman.dialects.openai.schemas import of_object
from dragoman.dialects.openai.server_tools import judge
from dragoman.dialects.openai.strict import satisfies
from dragoman.dialects.openai_responses.build_content import Building
from dragoman.dialects.openai_responses.facts import ID, ID_MAX, NAME_MAX
from dragoman.dialects.openai_responses.naming import NAMED
from dragoman.dialects.openai_responses.parse_tools import flat_format
from dragoman.dialects.unsaid import idle
from dragoman.wire.json import unescape

_KNOWN = frozenset({"type", "name", "description", "parameters", "strict", "format", "defer_loading"})
"""Members of a tool that no stranger's member takes the place of."""
_NAME = re.compile(r"[a-zA-Z0-9_-]")
_ALNUM = re.compile(r"[a-zA-Z0-9]")
_PRINTED = re.compile(r"[\x21-\x7e]")
_EXACT = 9
_MODES = {"auto": "auto", "any": "required", "none": "none"}
_ITEMS = "/input/"
"""Where tools stand that came with an item: they go back with it."""
STANDS_FOR = frozenset({"namespace", "type"})
"""Extras of a tool that is a function elsewhere: whole it stands before."""


def agree(building: Building) -> Undo:
    """Decide the wire names and ids of this request; what the answer needs to be named back."""
    request, quirks = building.request, building.quirks
    if not request.tools and request.tool_choice is None and not uses_tools(request.messages):
        return NOTHING
    offered = [tool for tool in request.tools if isinstance(tool, Tool)]
    parts = [part for message in request.messages for part in message.parts]
    calls = [part for part in parts if isinstance(part, ToolCall)]
    if not building.exact or quirks.tool_name_max is not None:
        chosen = request.tool_choice.name if request.tool_choice is not None else None
        names = [*(tool.name for tool in offered), *(call.name for call in calls), chosen or ""]
        building.names = map_names(filter(None, names), quirks.tool_name_max or NAME_MAX, _NAME)
    ids = [part.id for part in parts if isinstance(part, ToolCall | ToolResult) and part.id]
    if quirks.tool_id == "alnum9":
        building.ids = map_ids(ids, _EXACT, _ALNUM, _EXACT)
    elif not building.own:
        building.ids = map_ids(ids, ID_MAX, _PRINTED)
    building.custom = {building.id(call.id) for call in calls if call.custom and not building.functions}
    free = [tool.name for tool in offered if tool.custom] + [call.name for call in calls if call.custom]
    return Undo(
        names={wire: name for name, wire in building.names.items()},
        ids={wire: ident for ident, wire in building.ids.items()},
        custom=frozenset(building.name(name) for name in free) if building.functions else frozenset(),
    )


def tool_members(building: Building) -> dict[str, Any]:
    """`tools`, `tool_choice` and `parallel_tool_calls`."""
    request, ledger = building.request, building.ledger
    if not building.own:
        judge(request, ID, ledger)
    tools = [told for tool in request.tools if (told := _tool(building, tool)) is not None]
    out: dict[str, Any] = {"tools": tools} if tools or (building.own and _was_empty(building)) else {}
    callable_ = bool(tools) or building.own
    if not callable_:
        idle(request, ledger)
    elif request.tool_choice is not None:
        out["tool_choice"] = choice_told(building)
        tell_narrowed(request, ID, ledger)
    if request.parallel_tools is None or not callable_:
        return out
    if not building.quirks.parallel_flag:
        tell = ledger.hint if request.parallel_tools else ledger.drop
        tell(request.at("parallel_tools"), "no such flag here")
    else:
        out["parallel_tool_calls"] = request.parallel_tools
    return out


def _was_empty(building: Building) -> bool:
    return not building.functions and any(not tool.at.startswith(_ITEMS) for tool in building.request.tools)


def own_tools(building: Building) -> list[Any]:
    """The tools as a client of this dialect wrote them."""
    return [told for tool in building.request.tools if (told := _own(building, tool)) is not None]


def _tool(building: Building, tool: Tool | Opaque) -> Any:
    if building.exact:
        return _own(building, tool)
    if isinstance(tool, Tool):
        return _custom(building, tool) if tool.custom else _function(building, tool)
    if building.own and f"opaque.{tool.kind}" not in building.request.weights:
        return tool.raw
    building.ledger.opaque(tool, f"only the client's dialect has {tool.kind}")
    return None


def _own(building: Building, tool: Tool | Opaque) -> Any:
    """Whole tools go back whole; what they stand for elsewhere, and what came with an item, does not."""
    if tool.at.startswith(_ITEMS):
        return None
    if isinstance(tool, Opaque):
        return tool.raw
    if not STANDS_FOR.isdisjoint(tool.extras):
        return None
    return _custom(building, tool) if tool.custom else _function(building, tool)


def _function(building: Building, tool: Tool) -> dict[str, Any]:
    ledger, exact = building.ledger, building.exact
    out: dict[str, Any] = {"type": "function", "name": building.name(tool.name)}
    if tool.description is not None:
        out["description"] = tool.description
    if not exact:
        out["parameters"] = of_object(tool.schema)
    elif tool.schema is not None:
        out["parameters"] = tool.schema
    strict = _strict(building, tool)
    if strict is not None:
        out["strict"] = strict
    if tool.deferred and exact:
        out["defer_loading"] = True
    elif tool.deferred:
        ledger.hint(f"{tool.at}/defer_loading", "offered at once")
    _lose_mark(building, tool)
    extras = _flat(ledger.extras(tool.extras, tool.at, "tools"))
    return out | {name: raw for name, raw in extras.items() if exact or name not in (*NAMED, "type")}


def _flat(extras: Extras) -> Extras:
    """What a client wrote in an object of its own, as Chat does, stands with the name here."""
    deep = {unescape(name.rpartition("/")[2]): raw for name, raw in extras.items() if name.startswith("/")}
    plain = {name: raw for name, raw in extras.items() if not name.startswith("/")}
    return {name: raw for name, raw in deep.items() if name not in _KNOWN} | plain


def _strict(building: Building, tool: Tool) -> bool | None:
    """Responses takes a schema for strict where nothing is said, other dialects do not: it is always said for them."""
    if not building.quirks.tool_strict:
        if tool.strict:
            building.ledger.approximate(tool.at, "no strict tools here")
        return None if tool.strict is None and building.own else False
    if building.own:
        return tool.strict
    if tool.strict and tool.schema is not None and satisfies(tool.schema):
        return True
    if tool.strict:
        building.ledger.approximate(tool.at, "the schema is not strict by OpenAI's rules")
    return False


def _custom(building: Building, tool: Tool) -> dict[str, Any]:
    name = building.name(tool.name)
    if building.functions:
        building.ledger.approximate(tool.at, "free text as the argument of a function")
        described = {"description": free_text.words(tool), "parameters": free_text.SCHEMA, "strict": False}
        return {"type": "function", "name": name, **described}
    described = {} if tool.description is None else {"description": tool.description}
    form = {} if tool.schema is None else {"format": flat_format(tool.schema)}
    _lose_mark(building, tool)
    late = {"defer_loading": True} if tool.deferred else {}
    extras = _flat(building.ledger.extras(tool.extras, tool.at, "tools"))
    out = {"type": "custom", "name": name, **described, **form, **late}
    return out | extras


def _lose_mark(building: Building, tool: Tool) -> None:
    if tool.cache is not None:
        building.ledger.hint(tool.cache.at or tool.at, "no cache marks on tools here")


def choice_told(building: Building) -> Any:
    request = building.request
    choice = request.tool_choice
    assert choice is not None
    extras = building.ledger.extras(choice.extras, choice.at, "tool_choice")
    if building.quirks.forced_tools is False and choice.mode in ("any", "tool"):
        building.ledger.drop(choice.at or request.at("tool_choice"), "this target cannot be made to call a tool")
        return "auto"
    if choice.allowed is not None:
        listed = extras.get("tools") if building.exact else None
        tools = listed if listed is not None else [_reference(building, name) for name in choice.allowed]
        rest = {name: raw for name, raw in extras.items() if name != "tools"}
        return laid({"type": "allowed_tools", "mode": "required" if choice.mode == "any" else "auto", "tools": tools}, rest)
    if choice.mode != "tool" or choice.name is None:
        return _MODES[choice.mode if choice.mode != "tool" else "any"]
    if "type" in extras and not building.functions:
        return extras
    return {**_flat({name: raw for name, raw in extras.items() if name != "type"}), **_reference(building, choice.name)}


def _reference(building: Building, name: str) -> dict[str, Any]:
    offered = next((tool for tool in building.request.tools if isinstance(tool, Tool) and tool.name == name), None)
    custom = offered is not None and offered.custom and not building.functions
    kind = "custom" if custom else "function"
    if offered is None or building.functions:
        return {"type": kind, "name": building.name(name)}
    return {"type": kind, "name": building.name(name), **{key: offered.extras[key] for key in NAMED if key in offered.extras}}
