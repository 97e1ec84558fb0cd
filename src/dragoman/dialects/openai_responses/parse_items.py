"""Items of `input` -> canonical messages, one an item: what the model said and did, what it was told, what tools answered.

Rule: an item is taken apart as far as another dialect can say it; any other stays whole. What an item brings along to be called
(`additional_tools`, `tool_search_output`) is offered with the other tools.
"""

from collections.abc import Callable, Iterable, Mapping

from msgspec import Raw

from dragoman.core.errors import bad_request
from dragoman.core.parts import Opaque, Text, ToolCall, ToolResult
from dragoman.core.request import Message, Role, Tool
from dragoman.dialects.base import OpenSeal
from dragoman.dialects.openai_responses.facts import ID, ROLES
from dragoman.dialects.openai_responses.naming import Names, own_name
from dragoman.dialects.openai_responses.natives import BY_CALL, BY_OUTPUT, Native, take_arguments
from dragoman.dialects.openai_responses.parse_content import parse_content, parse_output
from dragoman.dialects.openai_responses.parse_tools import parse_tool
from dragoman.dialects.openai_responses.reasoning import parse_reasoning
from dragoman.wire import json
from dragoman.wire.json import Members, name_of

_SEARCH, _FOUND = "tool_search_call", "tool_search_output"
UNFOUND = f"{_SEARCH} (unfound)"
"""A search that was answered without telling what it found."""
_DEVELOPER = frozenset({"additional_tools", "configuration_update"})
"""Items that are the developer's, so that they may stand before the conversation."""


class Items:
    """Takes the items of one request apart. `tools`: what the request offers; `offered`: what its items bring along."""

    def __init__(self, open_seal: OpenSeal, names: Names, tools: Iterable[Tool | Opaque]) -> None:
        self.offered: list[Tool | Opaque] = []
        self._open_seal = open_seal
        self._names = names
        self._known = {tool.name for tool in tools if isinstance(tool, Tool)}
        self._searched: set[str] = set()
        self._answered: set[str] = set()
        self._hosted: set[str] = set()

    def parse(self, raw: Raw | None) -> tuple[Message, ...]:
        if raw is None:
            return ()
        if json.is_string(raw):
            return (Message("user", (Text(json.decode(raw, str), at="/input"),), at="/input"),)
        if not json.is_array(raw):
            raise bad_request("Invalid type for 'input': expected one of a string or array of objects.", "input")
        whole = json.items(raw)
        items = [Members(item, f"/input/{place}") for place, item in enumerate(whole)]
        kinds = [_kind(item) for item in items]
        if _SEARCH in kinds:
            self._note_searches(items, kinds)
        return tuple(self._item(item, kind, each) for item, kind, each in zip(items, kinds, whole, strict=True))

    def _note_searches(self, items: list[Members], kinds: list[str]) -> None:
        """Which searches were answered as such, and which as if they were functions."""
        for item, kind in zip(items, kinds, strict=True):
            ident = item.word("call_id") or ""
            if kind == _FOUND:
                self._searched.add(ident)
            elif kind.endswith("_output"):
                self._answered.add(ident)

    def _item(self, item: Members, kind: str, raw: Raw) -> Message:
        parse = _PARSERS.get(kind)
        if parse is not None:
            return parse(self, item, raw)
        if kind in BY_CALL:
            return self._native_call(item, BY_CALL[kind], raw)
        if kind in BY_OUTPUT:
            return self._native_output(item, BY_OUTPUT[kind], raw)
        return _whole(item, kind, raw)

    def _message(self, item: Members, raw: Raw) -> Message:
        role = item.need("role", str)
        if role not in ROLES:
            supported = "'assistant', 'system', 'developer', and 'user'"
            raise bad_request(f"Invalid value: '{role}'. Supported values are: {supported}.", name_of(item.at))
        found: Role = role  # type: ignore[assignment]
        item.take("type", str)
        content = item.take_raw("content")
        return Message(found, parse_content(content, item.path("content")), item.rest(), item.at)

    def _function_call(self, item: Members, raw: Raw) -> Message:
        return self._call(item, "arguments", custom=False)

    def _custom_call(self, item: Members, raw: Raw) -> Message:
        return self._call(item, "input", custom=True)

    def _call(self, item: Members, member: str, *, custom: bool) -> Message:
        item.take("type", str)
        told = item.take_raw(member)
        arguments = "" if told is None else json.decode(told, str) if json.is_string(told) else bytes(told).decode()
        space, name, ident = item.take("namespace", str), item.need("name", str), item.take("call_id", str) or ""
        wire = self._names.of(space, name)
        extras = {**item.rest(), **own_name(space, name, wire)}
        part = ToolCall(id=ident, name=wire, arguments=arguments, custom=custom, extras=extras, at=item.at)
        return Message("assistant", (part,), at=item.at)

    def _output(self, item: Members, raw: Raw) -> Message:
        parts = parse_output(item.take_raw("output"), item.path("output"))
        kind, name, ident = item.take("type", str), item.take("name", str), item.take("call_id", str) or ""
        extras = item.rest()
        if kind != "function_call_output":
            extras["type"] = json.raw(kind)
        return Message("tool", (ToolResult(id=ident, parts=parts, name=name, extras=extras, at=item.at),), at=item.at)

    def _reasoning(self, item: Members, raw: Raw) -> Message:
        item.take("type", str)
        return Message("assistant", (parse_reasoning(item, self._open_seal),), at=item.at)

    def _additional_tools(self, item: Members, raw: Raw) -> Message:
        self._offer(item)
        return _whole(item, "additional_tools", raw)

    def _native_call(self, item: Members, native: Native, raw: Raw) -> Message:
        whole = self._search_kind(item) if native.call == _SEARCH else native.call if _in_container(item) else None
        ident = item.take("call_id", str) or ""
        if whole is not None:
            self._hosted.add(ident)
            return _whole(item, whole, raw)
        kind, arguments = item.take("type", str), take_arguments(native, item)
        extras = {"type": json.raw(kind), **item.rest()}
        part = ToolCall(id=ident, name=self._names.of(None, native.tool), arguments=arguments, extras=extras, at=item.at)
        return Message("assistant", (part,), at=item.at)

    def _search_kind(self, item: Members) -> str | None:
        """How a search is told whole; None where the client searched, so that it is a call."""
        if item.word("execution") != "client":
            return _SEARCH
        ident = item.word("call_id") or ""
        return UNFOUND if ident in self._answered and ident not in self._searched else None

    def _native_output(self, item: Members, native: Native, raw: Raw) -> Message:
        ident = item.word("call_id") or ""
        if native.output == _FOUND:
            self._offer(item)
            if item.word("execution") != "client":
                return _whole(item, _FOUND, raw)
        elif ident in self._hosted:
            return _whole(item, native.output, raw)
        item.take("call_id", str)
        kind = item.take("type", str)
        parts, failed = _answer(native, item)
        extras = {"type": json.raw(kind), **item.rest()}
        result = ToolResult(id=ident or item.word("id") or "", parts=parts, is_error=failed, extras=extras, at=item.at)
        return Message("tool", (result,), at=item.at)

    def _offer(self, item: Members) -> None:
        """The tools of an item, but for those that are offered already."""
        for place, raw in enumerate(_listed(item)):
            found = parse_tool(raw, f"{item.at}/tools/{place}", self._names)
            fresh = [tool for tool in found if isinstance(tool, Opaque) or tool.name not in self._known]
            if any(isinstance(tool, Tool) for tool in fresh) or len(found) == 1:
                self.offered += fresh
            self._known.update(tool.name for tool in fresh if isinstance(tool, Tool))


def _kind(item: Members) -> str:
    kind = item.word("type")
    if kind is not None:
        return kind
    return "message" if item.has("role") else "item_reference" if item.has("id") else ""


def _whole(item: Members, kind: str, raw: Raw) -> Message:
    role: Role = "developer" if kind in _DEVELOPER else "assistant"
    return Message(role, (Opaque(dialect=ID, kind=kind, raw=raw, at=item.at),), at=item.at)


def _listed(item: Members) -> list[Raw]:
    tools = item.look("tools")
    return json.items(tools) if tools is not None and json.is_array(tools) else []


def _answer(native: Native, item: Members) -> tuple[tuple[Text, ...], bool | None]:
    """(what a native tool answered, whether it failed)."""
    failed = item.take("status", str) == "failed" if native.tool == "apply_patch" else None
    member, _ = native.result
    output = item.take_raw(member)
    if output is None:
        return (), failed
    text = json.decode(output, str) if json.is_string(output) else bytes(output).decode()
    return (Text(text, at=item.path(member)),), failed


def _in_container(item: Members) -> bool:
    """It ran at the vendor."""
    environment = item.look("environment")
    return environment is not None and b'"container' in bytes(environment)


_PARSERS: Mapping[str, Callable[[Items, Members, Raw], Message]] = {
    "message": Items._message,
    "function_call": Items._function_call,
    "custom_tool_call": Items._custom_call,
    "function_call_output": Items._output,
    "custom_tool_call_output": Items._output,
    "reasoning": Items._reasoning,
    "additional_tools": Items._additional_tools,
}
