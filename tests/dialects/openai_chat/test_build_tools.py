"""Tools of another dialect for a Chat provider: names and ids, schemas, server tools, choice."""

import json
from typing import Any

from msgspec import Raw

from dragoman.core.parts import Opaque, Part, Text, ToolCall, ToolResult
from dragoman.core.quirks import Quirks
from dragoman.core.request import Message, Request, Tool, ToolChoice
from support.chat import build, built, told

F = Tool(name="f", description="d", schema=Raw(b'{"type":"object","properties":{}}'), at="/tools/0")
STRICT = Raw(b'{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false}')


def request(*messages: Message, **members: Any) -> Request:
    return Request(dialect="anthropic", model="m", messages=messages, **members)


def user(*parts: Part) -> Message:
    return Message("user", parts, at="/messages/0")


def test_names_and_ids_that_do_not_fit() -> None:
    name, ident = "mcp__server__" + "x" * 80, "toolu_" + "y" * 60
    asked = request(
        user(Text("a")),
        Message("assistant", (ToolCall(id=ident, name=name, arguments="{}"),)),
        Message("user", (ToolResult(id=ident, parts=(Text("7"),)),)),
        tools=(Tool(name=name, at="/tools/0"), F),
        tool_choice=ToolChoice(mode="tool", name=name),
    )
    found = build(asked)
    body = json.loads(found.body)
    wire = body["tools"][0]["function"]["name"]
    assert len(wire) == 64
    assert body["tool_choice"]["function"]["name"] == wire == body["messages"][1]["tool_calls"][0]["function"]["name"]
    assert body["messages"][1]["tool_calls"][0]["id"] == body["messages"][2]["tool_call_id"]
    assert found.undo.names == {wire: name}
    assert list(found.undo.ids.values()) == [ident]
    nine = build(asked, Quirks(tool_id="alnum9"))
    assert len(json.loads(nine.body)["messages"][2]["tool_call_id"]) == 9


def test_schemas_are_made_whole() -> None:
    tools = (Tool(name="a"), Tool(name="b", schema=Raw(b'{"type":"object"}')), Tool(name="c", schema=Raw(b'{"x":1.50}')))
    found = build(request(user(Text("a")), tools=tools)).body
    assert b'"parameters":{"type":"object","properties":{}}' in found
    assert b'"parameters":{"properties":{},"type":"object"}' in found
    assert b'{"type":"object","properties":{},"x":1.50}' in found


def test_strict_only_where_the_schema_is() -> None:
    loose = Raw(b'{"type":"object","properties":{"a":{"type":"string"}}}')
    found = build(
        request(
            user(Text("a")),
            tools=(Tool(name="a", schema=STRICT, strict=True), Tool(name="b", schema=loose, strict=True, at="/t")),
        )
    )
    first, second = json.loads(found.body)["tools"]
    assert first["function"]["strict"] is True
    assert "strict" not in second["function"]
    assert told(found.losses) == {"/t/strict": "approximated"}


def server_tool(name: str = "web_search") -> Opaque:
    raw = json.dumps({"type": "web_search_20250305", "name": name}).encode()
    return Opaque(dialect="anthropic", kind="web_search_20250305", raw=Raw(raw), at="/tools/1")


def test_server_tools() -> None:
    beside = build(request(user(Text("a")), tools=(F, server_tool())))
    assert told(beside.losses) == {"/tools/1": "dropped"}
    alone = build(request(user(Text("a")), tools=(server_tool(),)))
    assert told(alone.losses) == {"/tools/1": "refused"}
    forced = request(user(Text("a")), tools=(F, server_tool()), tool_choice=ToolChoice(mode="tool", name="web_search"))
    assert told(build(forced).losses)["/tools/1"] == "refused"


def test_tool_choice_and_parallel_calls() -> None:
    asked = request(user(Text("a")), tools=(F,), tool_choice=ToolChoice(mode="any"), parallel_tools=False)
    body = built(asked)
    assert (body["tool_choice"], body["parallel_tool_calls"]) == ("required", False)
    held = build(asked, Quirks(forced_tools=False, parallel_flag=False))
    assert json.loads(held.body)["tool_choice"] == "auto"
    assert told(held.losses) == {"/tool_choice": "dropped", "/parallel_tools": "dropped"}
    without = build(request(user(Text("a")), tool_choice=ToolChoice(mode="auto"), parallel_tools=False))
    assert not {"tool_choice", "parallel_tool_calls", "tools"} & json.loads(without.body).keys()


def test_custom_tools_as_functions() -> None:
    tool = Tool(name="g", custom=True, at="/tools/0")
    asked = request(Message("assistant", (ToolCall(id="c", name="g", arguments="free", custom=True),)), tools=(tool,))
    found = build(asked, Quirks(custom_tools=False))
    body = json.loads(found.body)
    assert body["tools"][0]["function"]["parameters"]["required"] == ["input"]
    assert json.loads(body["messages"][0]["tool_calls"][0]["function"]["arguments"]) == {"input": "free"}
    assert found.undo.custom == {"g"}
    assert built(asked)["tools"][0] == {"type": "custom", "custom": {"name": "g"}}
