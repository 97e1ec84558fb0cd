"""Tools and the choice among them. Rule: the model is never offered what the client did not offer, and never told to call
a tool that is not there.
"""

from typing import Any

from msgspec import Raw

from dragoman.core.parts import Opaque, ToolCall
from dragoman.core.request import Request, Tool, ToolChoice
from dragoman.dialects import free_text
from dragoman.dialects.anthropic import schema
from dragoman.dialects.anthropic.content import cached
from dragoman.dialects.anthropic.draft import Draft
from dragoman.dialects.anthropic.parse_content import ID
from dragoman.dialects.choosing import tell_narrowed
from dragoman.dialects.functions import NO_ARGUMENTS, rooted, server_tool
from dragoman.dialects.unsaid import idle


def tools(request: Request, draft: Draft) -> list[dict[str, Any] | Raw]:
    allowed = request.tool_choice.allowed if request.tool_choice is not None and not draft.own else None
    out: list[dict[str, Any] | Raw] = []
    for tool in request.tools:
        if isinstance(tool, Opaque):
            if tool.dialect == request.dialect and draft.own:
                out.append(tool.raw)
            else:
                server_tool(tool, request, draft.ledger)
        elif allowed is None or tool.name in allowed:
            out.append(_tool(tool, draft))
        else:
            draft.ledger.hint(tool.at, "not among the allowed tools, so it is not offered")
    return out if out or draft.own else _called(draft)


def choice(request: Request, draft: Draft, *, offered: bool, called_only: bool) -> dict[str, Any] | None:
    """`tool_choice`. `called_only`: the tools are only those that the history calls, so none may be called now."""
    asked, parallel = request.tool_choice, request.parallel_tools
    if draft.own:
        return _own_choice(asked, parallel, draft)
    if called_only:
        return {"type": "none"}
    if asked is not None:
        draft.ledger.extras(asked.extras, asked.at, "tool_choice")
    if not offered:
        idle(request, draft.ledger)
        return None
    found: dict[str, Any] | None = None
    if asked is not None:
        found = _forced(asked, draft) if asked.mode in ("any", "tool") else {"type": asked.mode}
        tell_narrowed(request, ID, draft.ledger)
        if asked.mode == "auto" and asked.allowed is not None:
            draft.ledger.hint(asked.at or request.at("tool_choice"), "only the allowed tools are offered")
    if parallel is False and found is not None and found["type"] == "none":
        draft.ledger.hint(request.at("parallel_tools"), "nothing is called")
    elif parallel is False:
        if draft.quirks.parallel_flag:
            return {**(found or {"type": "auto"}), "disable_parallel_tool_use": True}
        draft.ledger.drop(request.at("parallel_tools"), "this model cannot be held to one call at a time")
    return found


def is_forced(request: Request, draft: Draft) -> bool:
    """A tool must be called, and the target can be told so."""
    asked = request.tool_choice
    return asked is not None and asked.mode in ("any", "tool") and draft.quirks.forced_tools is not False


def _own_choice(asked: ToolChoice | None, parallel: bool | None, draft: Draft) -> dict[str, Any] | None:
    if asked is None:
        return None
    named = {"name": draft.name(asked.name)} if asked.name is not None else {}
    flag = {} if parallel is None else {"disable_parallel_tool_use": not parallel}
    return {"type": asked.mode, **named, **flag, **asked.extras}


def _forced(asked: ToolChoice, draft: Draft) -> dict[str, Any]:
    name = draft.name(asked.name) if asked.mode == "tool" and asked.name is not None else None
    if draft.quirks.forced_tools is False:
        draft.ledger.approximate(asked.at, "this model cannot be forced to call a tool: it is instructed to")
        which = f"the tool `{name}`" if name is not None else "at least one of your tools"
        draft.instructions.append(f"You must call {which} in your next turn. Do not answer without calling it.")
        return {"type": "auto"}
    return {"type": "any"} if name is None else {"type": "tool", "name": name}


def _tool(tool: Tool, draft: Draft) -> dict[str, Any]:
    out: dict[str, Any] = {"name": draft.name(tool.name)}
    if tool.custom:
        draft.ledger.approximate(tool.at, "a free text tool is offered as a function with one text argument")
    description = free_text.words(tool) if tool.custom else tool.description
    if description is not None:
        out["description"] = description
    found = free_text.SCHEMA if tool.custom else tool.schema if draft.own else rooted(tool.schema)
    if found is not None:
        out["input_schema"] = found
    if tool.strict is not None and (tool.strict or draft.own):
        _strict(tool, out, draft)
    if tool.deferred and draft.own:
        out["defer_loading"] = True
    elif tool.deferred:
        draft.ledger.hint(tool.at, "a deferred tool is offered at once")
    return {**out, **cached(tool.cache, tool.at, draft), **draft.ledger.extras(tool.extras, tool.at, "tools")}


def _strict(tool: Tool, out: dict[str, Any], draft: Draft) -> None:
    if draft.own:
        out["strict"] = tool.strict
        return
    if not draft.quirks.tool_strict:
        draft.ledger.approximate(tool.at, "this model cannot be held to a tool's schema")
        return
    out["input_schema"], changed = schema.strict(out["input_schema"])
    out["strict"] = True
    if changed:
        draft.ledger.approximate(tool.at, "bounds in the schema of a strict tool are told in words")


def _called(draft: Draft) -> list[dict[str, Any] | Raw]:
    """A history with calls needs tools defined; the client offers none now, so these are named and may not be called."""
    names = dict.fromkeys(part.name for message in draft.messages for part in message.parts if isinstance(part, ToolCall))
    return [{"name": draft.name(name), "input_schema": NO_ARGUMENTS} for name in names]
