"""Tools of another dialect for a target that knows functions with JSON arguments and nothing else.

Rule: what the client runs is offered, free-text tools as functions of one text; what its vendor runs is lost, and refused where
the request is about nothing else.
"""

from typing import Any, Final

from msgspec import Raw, Struct

from dragoman.core.parts import Opaque, ToolCall
from dragoman.core.request import Request, Tool
from dragoman.dialects import free_text
from dragoman.dialects.arguments import is_exact, object_of
from dragoman.dialects.choosing import tell_narrowed
from dragoman.dialects.content import unmarked
from dragoman.dialects.ledger import Ledger
from dragoman.wire import json

NO_ARGUMENTS: Final = Raw(b'{"type":"object","properties":{}}')
"""The schema of a function without arguments."""


class Function(Struct, frozen=True, kw_only=True):
    """A tool as it is offered, under the client's name. `schema`: of its arguments, an object."""

    tool: Tool
    description: str | None
    schema: Any


def offered(request: Request, ledger: Ledger, *, alone: bool = False) -> list[Function]:
    """The functions that are offered, in the client's order. `alone`: the target can be made to call some tool and not a certain
    one, so the one that must be called is the only one."""
    for tool in request.tools:
        if isinstance(tool, Opaque):
            server_tool(tool, request, ledger)
    tell_narrowed(request, "", ledger)
    choice = request.tool_choice
    only, why = _chosen(request, alone)
    if only is not None and choice is not None:
        ledger.approximate(choice.at or request.at("tool_choice"), why)
    out = []
    for tool in request.tools:
        if isinstance(tool, Tool) and (only is None or tool.name in only):
            out.append(_function(tool, ledger))
        elif isinstance(tool, Tool):
            ledger.hint(tool.at, "not to be called now, so it is not offered")
    return out


def withheld(request: Request, ledger: Ledger) -> list[Function]:
    """No tools, because none may be called and the target has no word for that."""
    choice = request.tool_choice
    if request.tools and choice is not None:
        ledger.approximate(choice.at or request.at("tool_choice"), "no tools are offered, so none is called")
    for tool in request.tools:
        ledger.hint(tool.at, "none may be called, so none is offered")
    return []


def _chosen(request: Request, alone: bool) -> tuple[frozenset[str] | None, str]:
    """(the names of the tools that may be called, None for all; why the others are left out)."""
    choice = request.tool_choice
    if choice is not None and choice.allowed is not None:
        return frozenset(choice.allowed), "only the allowed tools are offered"
    if alone and choice is not None and choice.mode == "tool" and choice.name is not None:
        others = any(isinstance(tool, Tool) and tool.name != choice.name for tool in request.tools)
        return (frozenset((choice.name,)), "only the tool that must be called is offered") if others else (None, "")
    return None, ""


def custom(request: Request) -> frozenset[str]:
    """The client's names of its free-text tools, of the history too."""
    calls = (part for message in request.messages for part in message.parts if isinstance(part, ToolCall))
    tools = (tool for tool in request.tools if isinstance(tool, Tool))
    return frozenset([tool.name for tool in tools if tool.custom] + [call.name for call in calls if call.custom])


def names(request: Request) -> list[str]:
    """The client's names of all its tools, those offered first, so that theirs do not depend on the history."""
    calls = (part for message in request.messages for part in message.parts if isinstance(part, ToolCall))
    return [tool.name for tool in request.tools if isinstance(tool, Tool)] + [call.name for call in calls]


def arguments(call: ToolCall, ledger: Ledger) -> Raw:
    """The arguments of a call in the history as an object, the model's own text where it is one."""
    if call.custom:
        ledger.approximate(call.at, "free text as the argument of a function")
        return free_text.wrapped(call.arguments)
    found = object_of(call.arguments)
    if not is_exact(found, call.arguments):
        ledger.approximate(call.at, "arguments that are no JSON object are wrapped in one")
    return found


def _function(tool: Tool, ledger: Ledger) -> Function:
    unmarked(tool.cache, tool.at, ledger)
    ledger.extras(tool.extras, tool.at, "tools")
    if tool.deferred:
        ledger.hint(f"{tool.at}/defer_loading", "offered at once")
    if not tool.custom:
        return Function(tool=tool, description=tool.description, schema=_object(tool.schema))
    ledger.approximate(tool.at, "free text as the argument of a function")
    return Function(tool=tool, description=free_text.words(tool), schema=free_text.SCHEMA)


def _object(schema: Raw | None) -> Any:
    """A schema says that it is of an object, and what the object holds."""
    members = json.members(schema) if schema is not None and json.is_object(schema) else {}
    missing: dict[str, Any] = {name: value for name, value in (("type", "object"), ("properties", {})) if name not in members}
    return {**missing, **members} if missing else schema


def rooted(schema: Raw | None) -> Raw:
    """A schema whose root says that it is an object, and nothing more than it must."""
    if schema is None:
        return NO_ARGUMENTS
    try:
        members = json.members(schema)
    except json.JSONError:
        return schema
    if "type" in members:
        return schema
    return json.raw({"type": "object", **members}) if members else NO_ARGUMENTS


def server_tool(tool: Opaque, request: Request, ledger: Ledger) -> None:
    """A tool that runs at the client's vendor: refused where the answer needs it, else lost (agents always offer some)."""
    named = {known.name for known in request.tools if isinstance(known, Tool)}
    choice = request.tool_choice
    forced = choice is not None and choice.mode == "tool" and choice.name not in named
    if forced or not named:
        ledger.refuse(tool.at, f"{tool.kind} runs at the client's vendor only")
    else:
        ledger.opaque(tool, f"only the client's dialect has {tool.kind}")
