"""Tools and tool choice of a Chat request, the legacy `functions` included."""

from msgspec import Raw

from dragoman.core.errors import bad_request
from dragoman.core.parts import Extras, Opaque
from dragoman.core.request import Tool, ToolChoice
from dragoman.dialects.deeper import deeper
from dragoman.dialects.openai.marks import cache_mark
from dragoman.dialects.openai_chat.facts import ID
from dragoman.wire import json
from dragoman.wire.json import Members, name_of


def parse_tools(body: Members, paths: dict[str, str]) -> tuple[Tool | Opaque, ...]:
    """Takes `tools` and `functions`; a request that has only the latter is a legacy one, as `paths` then tells."""
    tools = body.take_list("tools")
    legacy = body.take_list("functions")
    if legacy is not None and not tools:
        paths["tools"] = "/functions"
        return tuple(_function(Members(raw, f"/functions/{place}")) for place, raw in enumerate(legacy))
    return tuple(_tool(raw, f"/tools/{place}") for place, raw in enumerate(tools or ()))


def parse_choice(body: Members, paths: dict[str, str]) -> ToolChoice | None:
    """Takes `tool_choice`, or the legacy `function_call`."""
    at = "/tool_choice"
    raw, legacy = body.take_raw("tool_choice"), body.take_raw("function_call")
    if raw is None and legacy is not None:
        raw, at = legacy, "/function_call"
        paths["tool_choice"] = at
    if raw is None:
        return None
    return _word(json.decode(raw, str), at) if json.is_string(raw) else _choice(Members(raw, at))


def _tool(raw: Raw, at: str) -> Tool | Opaque:
    tool = Members(raw, at)
    kind = tool.take("type", str) if not tool.has("function") or tool.has("type") else "function"
    if kind is None:
        raise bad_request(f"{name_of(at)}.type: Field required", f"{name_of(at)}.type")
    if kind == "function":
        inner = tool.take_object("function")
        if inner is None:
            raise bad_request(f"{name_of(at)}.function: Field required", f"{name_of(at)}.function")
        return _function(inner, tool)
    if kind == "custom" and tool.has("custom"):
        inner = tool.take_object("custom")
        assert inner is not None
        return Tool(
            name=inner.need("name", str), description=inner.take("description", str), schema=inner.take_raw("format"),
            custom=True, cache=cache_mark(tool), extras={**deeper(inner, at), **tool.rest()}, at=at,
        )  # fmt: skip
    return Opaque(dialect=ID, kind=kind, raw=raw, at=at)


def _function(inner: Members, outer: Members | None = None) -> Tool:
    """`inner`: the function object; `outer`: the tool around it, None for legacy functions."""
    around = outer or inner
    return Tool(
        name=inner.need("name", str), description=inner.take("description", str), schema=inner.take_raw("parameters"),
        strict=inner.take("strict", bool), cache=cache_mark(around), extras={**deeper(inner, around.at), **around.rest()},
        at=around.at,
    )  # fmt: skip


def _word(word: str, at: str) -> ToolChoice:
    match word:
        case "auto" | "none":
            return ToolChoice(mode=word, at=at)
        case "required" | "any":  # "any" is Mistral's word
            return ToolChoice(mode="any", at=at)
    raise bad_request(f"Invalid value: '{word}'. Supported values are: 'none', 'auto', and 'required'.", name_of(at))


def _choice(choice: Members) -> ToolChoice:
    kind = choice.take("type", str)
    if kind == "allowed_tools":
        allowed = choice.take_object("allowed_tools") or choice
        listed = enumerate(allowed.take_list("tools") or ())
        found = [_reference(Members(raw, f"{allowed.at}/tools/{place}"), choice.at) for place, raw in listed]
        mode = allowed.take("mode", str) or "auto"
        extras = {**deeper(allowed, choice.at), **choice.rest()}
        for _, more in found:
            extras.update(more)
        names = tuple(name for name, _ in found)
        return ToolChoice(mode="any" if mode == "required" else "auto", allowed=names, extras=extras, at=choice.at)
    name, extras = _name(choice, kind, choice.at)
    return ToolChoice(mode="tool", name=name, extras=extras, at=choice.at)


def _reference(tool: Members, at: str) -> tuple[str, Extras]:
    return _name(tool, tool.take("type", str), at)


def _name(choice: Members, kind: str | None, at: str) -> tuple[str, Extras]:
    """(name, what else is said of it, for the choice at `at`). `{"function": {"name"}}`, `{"custom": {"name"}}` or, flat,
    `{"name"}` (xAI's "tool", legacy)."""
    if kind not in (None, "function", "custom", "tool"):
        supported = "'allowed_tools', 'function', and 'custom'"
        raise bad_request(f"Invalid value: '{kind}'. Supported values are: {supported}.", name_of(choice.path("type")))
    for place in ("function", "custom"):
        inner = choice.take_object(place)
        if inner is not None:
            name = inner.need("name", str)
            return name, {**deeper(inner, at), **deeper(choice, at)}
    name = choice.need("name", str)
    return name, deeper(choice, at)
