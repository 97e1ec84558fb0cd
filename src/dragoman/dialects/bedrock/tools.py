"""Tools and the choice among them, as `toolConfig`.

Rule: a history with calls needs tools defined, and there is no choice of none: what the model must not call is not offered,
or, where it has to be there, said to be gone.
"""

from typing import Any, Final

from dragoman.core.parts import Opaque, ToolCall
from dragoman.core.request import Request, Tool, ToolChoice
from dragoman.dialects import free_text
from dragoman.dialects.bedrock.draft import Draft
from dragoman.dialects.choosing import tell_narrowed
from dragoman.dialects.functions import NO_ARGUMENTS, rooted, server_tool
from dragoman.dialects.history import uses_tools
from dragoman.dialects.unsaid import idle

_GONE: Final = "No longer available: do not call it."
_CALL_NONE: Final = "Do not call any tool in your next turn."


def tool_config(request: Request, draft: Draft) -> dict[str, Any] | None:
    """None where there are no tools to define."""
    choice = request.tool_choice
    if choice is not None:
        draft.ledger.extras(choice.extras, choice.at, "tool_choice")
    if choice is not None and choice.mode == "none" and request.tools and not uses_tools(draft.messages):
        draft.ledger.hint(choice.at, "there is no such choice: no tools are offered")
    offered = [told for tool in _offered(request, draft) for told in _tool(tool, draft)]
    if not offered:
        idle(request, draft.ledger)
        called = _called(draft)
        return {"tools": called} if called else None
    found = _choice(choice, draft)
    tell_narrowed(request, "", draft.ledger)
    if request.parallel_tools is False and not (choice is not None and choice.mode == "none"):
        draft.ledger.drop(request.at("parallel_tools"), "a model cannot be held to one call at a time here")
    return {"tools": offered} if found is None else {"tools": offered, "toolChoice": found}


def is_forced(request: Request, draft: Draft) -> bool:
    """A tool must be called, and the model can be told so."""
    choice = request.tool_choice
    return choice is not None and choice.mode in ("any", "tool") and draft.quirks.forced_tools is not False


def _offered(request: Request, draft: Draft) -> list[Tool]:
    choice = request.tool_choice
    found: list[Tool] = []
    for tool in request.tools:
        if isinstance(tool, Opaque):
            server_tool(tool, request, draft.ledger)
        elif choice is not None and choice.mode == "none" and not uses_tools(draft.messages):
            draft.ledger.hint(tool.at, "none may be called, so it is not offered")
        elif choice is not None and choice.allowed is not None and tool.name not in choice.allowed:
            draft.ledger.hint(tool.at, "not among the allowed tools, so it is not offered")
        else:
            found.append(tool)
    return found


def _choice(choice: ToolChoice | None, draft: Draft) -> dict[str, Any] | None:
    if choice is None:
        return None
    if choice.mode == "none":
        draft.ledger.approximate(choice.at, "the model is instructed to call none")
        draft.instructions.append(_CALL_NONE)
        return None
    if choice.mode == "auto":
        return {"auto": {}}
    name = draft.name(choice.name) if choice.mode == "tool" and choice.name is not None else None
    if draft.quirks.forced_tools is False:
        draft.ledger.approximate(choice.at, "this model cannot be forced to call a tool: it is instructed to")
        which = f"the tool `{name}`" if name is not None else "at least one of your tools"
        draft.instructions.append(f"You must call {which} in your next turn. Do not answer without calling it.")
        return {"auto": {}}
    return {"any": {}} if name is None else {"tool": {"name": name}}


def _tool(tool: Tool, draft: Draft) -> list[dict[str, Any]]:
    told: dict[str, Any] = {"name": draft.name(tool.name)}
    if tool.custom:
        draft.ledger.approximate(tool.at, "a free text tool is offered as a function with one text argument")
    words = free_text.words(tool) if tool.custom else tool.description
    if words:
        told["description"] = words
    told["inputSchema"] = {"json": free_text.SCHEMA if tool.custom else rooted(tool.schema)}
    if tool.strict:
        if draft.quirks.tool_strict:
            told["strict"] = True
        else:
            draft.ledger.approximate(tool.at, "this model cannot be held to a tool's schema")
    if tool.deferred:
        draft.ledger.hint(tool.at, "a deferred tool is offered at once")
    draft.ledger.extras(tool.extras, tool.at, "tools")
    return [{"toolSpec": told}, *draft.marked(tool.cache, tool.at)]


def _called(draft: Draft) -> list[dict[str, Any]]:
    """The tools that the history calls and nobody offers now."""
    names = dict.fromkeys(part.name for message in draft.messages for part in message.parts if isinstance(part, ToolCall))
    return [
        {"toolSpec": {"name": draft.name(name), "description": _GONE, "inputSchema": {"json": NO_ARGUMENTS}}} for name in names
    ]
