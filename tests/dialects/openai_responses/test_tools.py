"""What only Responses has among tools, told to targets that know functions only, and back.

Namespaces, free text, tools the client runs itself, tools that a search found.
"""

import json
from typing import Any

import pytest

from dragoman.core.events import Event, Finished, PartClosed, PartDelta, PartOpened, Started
from dragoman.core.loss import LossKind
from dragoman.core.parts import Opaque, ToolCall
from dragoman.core.request import Tool
from dragoman.dialects.registry import DIALECTS
from support import speech
from support.responses import ask, build, built, encode, events_of, parse, told

SPACE = {
    "type": "namespace",
    "name": "mcp__files",
    "description": "Files.",
    "tools": [
        {"type": "function", "name": "read", "parameters": {"type": "object"}, "strict": False},
        {"type": "custom", "name": "write"},
    ],
}
SHELL = {"type": "shell", "environment": {"type": "local"}}
SEARCH = {"type": "tool_search", "execution": "client", "description": "Finds tools.", "parameters": {"type": "object"}}
EXEC = {
    "type": "custom",
    "name": "exec",
    "description": "Runs code.",
    "format": {"type": "grammar", "syntax": "lark", "definition": "x"},
}


def names(body: dict[str, Any]) -> list[str]:
    """Of the tools that are offered."""
    return [tool.name for tool in parse(body).tools if isinstance(tool, Tool)]


def elsewhere(body: dict[str, Any], dialect: str = "openai-chat") -> dict[str, Any]:
    found: dict[str, Any] = json.loads(speech.build(parse(body), dialect).body)
    return found


def answered(body: dict[str, Any], name: str, arguments: str, kind: Any = "tool") -> dict[str, Any]:
    """The item by which the client is told that a model of another dialect called `name`."""
    events: list[Event] = [
        Started(id="x", model="m"),
        PartOpened(index=0, kind=kind, id="call_9", name=name),
        PartDelta(0, arguments),
        PartClosed(index=0),
        Finished(reason="tool"),
    ]
    stream = events_of(encode(events, body=body)[0])
    added = [event["item"] for event in stream if event["type"] == "response.output_item.added"]
    done = [event["item"] for event in stream if event["type"] == "response.output_item.done"]
    assert ([item["id"] for item in added], stream[-1]["response"]["output"]) == ([item["id"] for item in done], done)
    (item,) = done
    assert (item.pop("call_id"), item.pop("status")) == ("call_9", "completed")
    del item["id"]
    found: dict[str, Any] = item
    return found


def test_tools_of_a_namespace_are_offered_by_one_name() -> None:
    body = ask(tools=[SPACE, {"type": "function", "name": "read"}])
    assert names(body) == ["mcp__files__read", "mcp__files__write", "read"]
    offered = elsewhere(body)["tools"]
    assert [tool["function"]["name"] if "function" in tool else tool["custom"]["name"] for tool in offered] == names(body)
    assert answered(body, "mcp__files__read", "{}") == {
        "type": "function_call", "namespace": "mcp__files", "name": "read", "arguments": "{}",
    }  # fmt: skip
    assert answered(body, "read", "{}") == {"type": "function_call", "name": "read", "arguments": "{}"}
    assert answered(body, "mcp__files__write", "x", "custom") == {
        "type": "custom_tool_call", "namespace": "mcp__files", "name": "write", "input": "x",
    }  # fmt: skip


def test_two_tools_never_get_one_name() -> None:
    body = ask(tools=[{**SPACE, "name": "a", "tools": [{"type": "function", "name": "b"}]}, {"type": "function", "name": "a__b"}])
    assert names(body) == ["a__b", "a__b_"]
    assert answered(body, "a__b", "{}")["namespace"] == "a"
    assert answered(body, "a__b_", "{}")["name"] == "a__b"
    call = {"type": "function_call", "call_id": "c1", "name": "a__b", "arguments": "{}"}
    again = built(parse({**body, "input": [call], "tool_choice": {"type": "function", "name": "a__b"}}))
    assert (again["tools"], again["input"], again["tool_choice"]["name"]) == (body["tools"], [call], "a__b")


def test_a_tool_is_chosen_by_its_own_name() -> None:
    choice = {"type": "function", "namespace": "mcp__files", "name": "read"}
    body = ask(tools=[SPACE], tool_choice=choice)
    assert built(parse(body))["tool_choice"] == choice
    assert built(parse(body), custom_tools=False)["tool_choice"] == {"type": "function", "name": "mcp__files__read"}
    assert elsewhere(body)["tool_choice"] == {"type": "function", "function": {"name": "mcp__files__read"}}


def test_a_history_calls_by_the_same_names() -> None:
    call = {"type": "function_call", "call_id": "c1", "namespace": "mcp__files", "name": "read", "arguments": "{}"}
    body = ask(
        {"role": "user", "content": "x"}, call, {"type": "function_call_output", "call_id": "c1", "output": "y"}, tools=[SPACE]
    )
    assert elsewhere(body)["messages"][1]["tool_calls"][0]["function"]["name"] == "mcp__files__read"
    assert built(parse(body))["input"][1] == call
    for dialect in ("anthropic", "openai-chat"):
        assert not [loss for loss in speech.build(parse(body), dialect).losses if loss.path.startswith("/input")]


def test_a_loaded_function_is_called_in_a_namespace_of_its_own_name() -> None:
    """The vendor does so after a search."""
    call = {"type": "function_call", "call_id": "c1", "namespace": "f", "name": "f", "arguments": "{}"}
    (part,) = parse(ask(call, tools=[{"type": "function", "name": "f"}])).messages[0].parts
    assert isinstance(part, ToolCall)
    assert part.name == "f"


def test_free_text_is_the_argument_of_a_function() -> None:
    body = ask(tools=[EXEC])
    (tool,) = elsewhere(body, "anthropic")["tools"]
    assert (tool["name"], list(tool["input_schema"]["properties"])) == ("exec", ["input"])
    assert answered(body, "exec", "print(1)", "custom") == {"type": "custom_tool_call", "name": "exec", "input": "print(1)"}


@pytest.mark.parametrize(
    ("tool", "name", "arguments", "item"),
    [
        (SHELL, "shell", {"commands": ["ls"]}, {"type": "shell_call", "action": {"commands": ["ls"]}}),
        ({"type": "local_shell"}, "local_shell", {"command": ["ls", "-l"], "working_directory": "/"},
         {"type": "local_shell_call", "action": {"type": "exec", "command": ["ls", "-l"], "working_directory": "/", "env": {}}}),
        ({"type": "apply_patch"}, "apply_patch", {"type": "delete_file", "path": "a"},
         {"type": "apply_patch_call", "operation": {"type": "delete_file", "path": "a"}}),
        (SEARCH, "tool_search", {"query": "mail"},
         {"type": "tool_search_call", "execution": "client", "arguments": {"query": "mail"}}),
    ],
)  # fmt: skip
def test_what_the_client_runs_is_called_by_its_own_item(
    tool: dict[str, Any], name: str, arguments: dict[str, Any], item: dict[str, Any]
) -> None:
    body = ask(tools=[tool])
    assert names(body) == [name]
    assert answered(body, name, json.dumps(arguments)) == item
    history = ask({"role": "user", "content": "x"}, {**item, "call_id": "c1"}, tools=[tool])
    asked = elsewhere(history)["messages"]
    assert json.loads(asked[1]["tool_calls"][0]["function"]["arguments"]) == {
        key: value for key, value in arguments.items() if key != "env"
    } | ({"env": {}} if name == "local_shell" else {})
    assert built(parse(history))["input"][1] == {**item, "call_id": "c1"}
    assert built(parse(history))["tools"] == [tool]


def test_arguments_that_do_not_fit_are_told_as_a_call() -> None:
    body = ask(tools=[SHELL])
    assert answered(body, "shell", '{"commands":"ls"}') == {
        "type": "function_call", "name": "shell", "arguments": '{"commands":"ls"}',
    }  # fmt: skip
    assert answered(body, "shell", "not json")["arguments"] == "not json"


def test_a_container_of_the_vendor_is_no_function() -> None:
    container = {"type": "shell", "environment": {"type": "container_auto"}}
    assert names(ask(tools=[container, EXEC])) == ["exec"]
    losses = speech.build(parse(ask(tools=[container, EXEC])), "openai-chat").losses
    assert told(losses)["/tools/0"] == "dropped"


def found(*tools: dict[str, Any], **members: Any) -> list[dict[str, Any]]:
    """A search of the client's that found these tools."""
    call = {"type": "tool_search_call", "call_id": "s1", "execution": "client", "arguments": {"query": "mail"}, **members}
    return [
        {"role": "user", "content": "send it"},
        call,
        {"type": "tool_search_output", "call_id": "s1", "execution": "client", "tools": list(tools)},
    ]


def test_tools_that_a_search_found_are_offered() -> None:
    mail = {"type": "function", "name": "send_mail", "parameters": {"type": "object"}, "defer_loading": True}
    body = ask(*found(mail), tools=[SEARCH])
    assert names(body) == ["tool_search", "send_mail"]
    there = speech.build(parse(body), "openai-chat")
    offered = [tool["function"]["name"] for tool in json.loads(there.body)["tools"]]
    assert offered == ["tool_search", "send_mail"]
    assert told(there.losses) == {"/tools/0": "approximated", "/input/2/tools/0/defer_loading": "hint"}
    _, asked, answered = json.loads(there.body)["messages"]
    assert asked["tool_calls"][0]["function"] == {"name": "tool_search", "arguments": '{"query": "mail"}'}
    assert (answered["tool_call_id"], "send_mail" in answered["content"]) == (asked["tool_calls"][0]["id"], True)
    functions = build(parse(body), custom_tools=False)
    assert json.loads(functions.body)["input"][2] == {
        "type": "function_call_output",
        "call_id": "s1",
        "output": answered["content"],
    }
    own = built(parse(body))
    assert own["tools"] == [SEARCH]
    assert own["input"][1:] == body["input"][1:]


def test_a_search_that_found_nothing_is_a_call_and_its_answer() -> None:
    asked = elsewhere(ask(*found(), tools=[SEARCH]))["messages"]
    assert asked[1]["tool_calls"][0]["function"] == {"name": "tool_search", "arguments": '{"query": "mail"}'}
    assert asked[2]["tool_call_id"] == asked[1]["tool_calls"][0]["id"]


def test_a_search_whose_finds_nobody_tells_is_refused() -> None:
    items = [*found()[:2], {"type": "function_call_output", "call_id": "s1", "output": "see above"}]
    losses = speech.build(parse(ask(*items, tools=[SEARCH])), "openai-chat").losses
    assert told(losses)["/input/1"] == "refused"


def test_additional_tools_are_offered_once() -> None:
    more = {"type": "additional_tools", "role": "developer", "tools": [EXEC, {"type": "function", "name": "wait"}, SPACE]}
    body = ask(more, {"role": "user", "content": "x"}, tools=[{"type": "function", "name": "wait"}])
    assert names(body) == ["wait", "exec", "mcp__files__read", "mcp__files__write"]
    assert answered(body, "mcp__files__read", "{}")["namespace"] == "mcp__files"
    own = built(parse(body))
    assert ([tool["name"] for tool in own["tools"]], own["input"][0]) == (["wait"], more)


def test_a_target_that_knows_functions_only_gets_functions() -> None:
    """Of an own client too; what comes back is named back."""
    body = ask(tools=[SPACE, EXEC, SHELL])
    found = build(parse(body), custom_tools=False)
    tools = json.loads(found.body)["tools"]
    assert [(tool["type"], tool["name"]) for tool in tools] == [
        ("function", name) for name in ("mcp__files__read", "mcp__files__write", "exec", "shell")
    ]
    assert found.undo.custom == {"mcp__files__write", "exec"}


def test_hosted_tools_are_dropped_beside_others_and_refused_alone() -> None:
    search = {"type": "web_search"}
    beside = speech.build(parse(ask(tools=[EXEC, search])), "anthropic")
    assert told(beside.losses)["/tools/1"] == "dropped"
    alone = speech.build(parse(ask(tools=[search])), "anthropic")
    assert [loss.kind for loss in alone.losses if loss.path == "/tools/0"] == [LossKind.REFUSED]
    forced = speech.build(parse(ask(tools=[EXEC, search], tool_choice={"type": "web_search"})), "anthropic")
    assert LossKind.REFUSED in {loss.kind for loss in forced.losses}


@pytest.mark.parametrize("dialect", sorted(DIALECTS))
def test_tools_are_offered_in_one_order_whatever_the_history(dialect: str) -> None:
    """A prompt cache is kept by it."""
    tools = [SPACE, EXEC, SHELL]
    first = offered(elsewhere(ask(tools=tools), dialect))
    call = {"type": "function_call", "call_id": "c", "namespace": "mcp__files", "name": "read", "arguments": "{}"}
    items = [{"role": "user", "content": "x"}, call, {"type": "function_call_output", "call_id": "c", "output": "y"}]
    assert offered(elsewhere(ask(*items, tools=tools), dialect)) == first


def offered(body: dict[str, Any]) -> Any:
    return body["tools"] if "tools" in body else body["toolConfig"]["tools"]


def test_what_cannot_be_called_stands_alone() -> None:
    (tool,) = parse(ask(tools=[{"type": "web_search", "filters": None}])).tools
    assert isinstance(tool, Opaque)
    assert tool.kind == "web_search"


@pytest.mark.parametrize("dialect", [each for each in DIALECTS if each != "openai-responses"])
def test_a_call_that_must_be_is_left_fewer_tools(dialect: str) -> None:
    hosted = {"type": "image_generation"}
    function = {"type": "function", "name": "f", "parameters": {"type": "object"}, "strict": False}
    body = ask(tools=[hosted, function], tool_choice="required")
    assert told(speech.build(parse(body), dialect).losses) == {"/tools/0": "dropped", "/tool_choice": "approximated"}
    allowed = {"type": "allowed_tools", "mode": "required", "tools": [{"type": "function", "name": "f"}]}
    narrow = told(speech.build(parse({**body, "tool_choice": allowed}), dialect).losses)
    assert "/tool_choice" not in narrow or dialect in ("openai-chat", "ollama", "cohere")


def test_a_flat_name_beats_a_nested_function() -> None:
    """As at the vendor, where such a tool has neither description nor parameters."""
    inner = {"name": "g", "description": "Nested.", "parameters": {"type": "object", "properties": {"a": {}}}}
    request = parse(ask(tools=[{"type": "function", "name": "f", "function": inner}]))
    assert told(speech.build(request, "openai-chat").losses) == {"/tools/0/function": "hint"}
    both = next(iter(request.tools))
    assert isinstance(both, Tool)
    assert (both.name, both.description, both.schema) == ("f", None, None)
    nested = next(iter(parse(ask(tools=[{"type": "function", "function": inner}])).tools))
    assert isinstance(nested, Tool)
    assert (nested.name, nested.description) == ("g", "Nested.")
