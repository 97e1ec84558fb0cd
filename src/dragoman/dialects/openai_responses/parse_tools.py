"""Tools and tool choice of a Responses request, those inside namespaces and items included.

Rule: a tool that is a function elsewhere stands twice: whole, as it was written, and after it as the functions it stands for.
"""

from typing import Any

from msgspec import Raw

from dragoman.core.errors import bad_request
from dragoman.core.parts import Extras, Opaque
from dragoman.core.request import Tool, ToolChoice
from dragoman.dialects.deeper import deeper
from dragoman.dialects.openai.marks import cache_mark
from dragoman.dialects.openai_responses.facts import ID
from dragoman.dialects.openai_responses.naming import Names, own_name
from dragoman.dialects.openai_responses.natives import NATIVES, offered
from dragoman.wire import json
from dragoman.wire.json import Members, name_of

_CALLABLE = frozenset({"function", "custom"})
_GRAMMAR = "grammar"


def parse_tools(body: Members, names: Names) -> list[Tool | Opaque]:
    found: list[Tool | Opaque] = []
    for place, raw in enumerate(body.take_list("tools") or ()):
        found += parse_tool(raw, f"/tools/{place}", names)
    return found


def parse_tool(raw: Raw, at: str, names: Names) -> list[Tool | Opaque]:
    """The tool, or what stands for it."""
    tool = Members(raw, at)
    kind = tool.take("type", str)
    if kind is None:
        raise bad_request(f"Missing required parameter: '{name_of(at)}.type'.", f"{name_of(at)}.type")
    if kind in _CALLABLE:
        return [_callable(tool, kind, None, names)]
    if kind == "namespace":
        return _namespace(tool, raw, names)
    native = NATIVES.get(kind)
    if native is not None:
        return offered(native, raw, at, names)
    return [Opaque(dialect=ID, kind=kind, raw=raw, at=at)]


def _namespace(space: Members, raw: Raw, names: Names) -> list[Tool | Opaque]:
    name = space.need("name", str)
    out: list[Tool | Opaque] = [Opaque(dialect=ID, kind="namespace", raw=raw, at=space.at)]
    for place, inner in enumerate(space.take_list("tools") or ()):
        tool = Members(inner, f"{space.at}/tools/{place}")
        kind = tool.take("type", str) or "function"
        if kind in _CALLABLE:
            out.append(_callable(tool, kind, name, names))
    return out


def _callable(tool: Members, kind: str, namespace: str | None, names: Names) -> Tool:
    """A Chat client's nested `function` is understood too, but not beside a flat name: the vendor passes over it (2025-10)."""
    inner = tool if tool.has("name") else tool.take_object(kind) or tool
    name, custom = inner.need("name", str), kind == "custom"
    wire = names.of(namespace, name)
    description = inner.take("description", str)
    schema = _format(inner.take_raw("format")) if custom else inner.take_raw("parameters")
    strict, deferred = inner.take("strict", bool), tool.take("defer_loading", bool) or False
    cache = cache_mark(tool)
    extras: Extras = {**deeper(inner, tool.at), **tool.rest()}
    extras.update(own_name(namespace, name, wire))
    return Tool(
        name=wire, description=description, schema=schema, strict=strict, custom=custom, deferred=deferred, cache=cache,
        extras=extras, at=tool.at,
    )  # fmt: skip


def _format(raw: Raw | None) -> Raw | None:
    """The canonical form is Chat's, where a grammar stands in an object of its own."""
    if raw is None or not json.is_object(raw):
        return raw
    told = json.members(raw)
    if json.decode(told.get("type", Raw(b"null"))) != _GRAMMAR or _GRAMMAR in told:
        return raw
    return json.raw({"type": _GRAMMAR, _GRAMMAR: {name: value for name, value in told.items() if name != "type"}})


def flat_format(raw: Raw) -> Any:
    """The other way."""
    told = json.members(raw) if json.is_object(raw) else {}
    inner = told.get(_GRAMMAR)
    if inner is None or not json.is_object(inner):
        return raw
    return {**{name: value for name, value in told.items() if name != _GRAMMAR}, **json.members(inner)}


def parse_choice(body: Members, names: Names) -> ToolChoice | None:
    raw = body.take_raw("tool_choice")
    if raw is None:
        return None
    return _word(json.decode(raw, str)) if json.is_string(raw) else _choice(Members(raw, "/tool_choice"), names)


def _word(word: str) -> ToolChoice:
    match word:
        case "auto" | "none":
            return ToolChoice(mode=word, at="/tool_choice")
        case "required" | "any":
            return ToolChoice(mode="any", at="/tool_choice")
    raise bad_request(f"Invalid value: '{word}'. Supported values are: 'none', 'auto', and 'required'.", "tool_choice")


def _choice(choice: Members, names: Names) -> ToolChoice:
    kind = choice.take("type", str)
    if kind == "allowed_tools" or (kind is None and choice.has("tools")):
        listed = choice.take_list("tools") or []
        allowed = [_chosen(Members(raw, f"{choice.at}/tools/{place}"), names, choice.at) for place, raw in enumerate(listed)]
        mode = choice.take("mode", str)
        told: Extras = {**choice.rest(), "tools": json.raw(listed)}
        for _, more in allowed:
            told.update(more)
        chosen = tuple(name for name, _ in allowed)
        return ToolChoice(mode="any" if mode == "required" else "auto", allowed=chosen, extras=told, at=choice.at)
    if kind is None and not choice.has("name") and not choice.has("function"):
        raise bad_request("Missing required parameter: 'tool_choice.type'.", "tool_choice.type")
    if kind in (None, "function", "custom"):
        name, told = _name(choice, names, choice.at)
        return ToolChoice(mode="tool", name=name, extras=told, at=choice.at)
    extras = {"type": json.raw(kind), **choice.rest()}
    return ToolChoice(mode="tool", name=_hosted(kind or "", choice, names), extras=extras, at=choice.at)


def _chosen(tool: Members, names: Names, at: str) -> tuple[str, Extras]:
    kind = tool.take("type", str)
    return _name(tool, names, at) if kind in (None, "function", "custom") else (_hosted(kind or "", tool, names), {})


def _name(tool: Members, names: Names, at: str) -> tuple[str, Extras]:
    """(name, what else is said of it, for the choice at `at`)."""
    inner = tool if tool.has("name") else tool.take_object("function") or tool.take_object("custom") or tool
    name = inner.need("name", str)
    wire = names.of(tool.take("namespace", str), name)
    return wire, {**deeper(inner, at), **deeper(tool, at)}


def _hosted(kind: str, tool: Members, names: Names) -> str:
    """The function that a native tool is elsewhere; of any other the word it is chosen by."""
    label = tool.rest().get("server_label")
    if kind in NATIVES:
        return names.of(None, kind)
    return kind if label is None else f"{kind}:{json.decode(label)}"
