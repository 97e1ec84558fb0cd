"""A client's Chat request in canonical form."""

import json
from typing import Any

import pytest

from dragoman.core.errors import CallError
from dragoman.core.loss import LossKind
from dragoman.core.parts import Media, Opaque, Refusal, Text, ToolCall, ToolResult
from dragoman.core.request import Tool, ToolChoice
from dragoman.dialects.openai_chat import DIALECT
from support.chat import ask, build, envelope, parse
from support.speech import plain

PNG = "iVBORw0KGgo="
F = {"type": "function", "function": {"name": "f"}}


def part(raw: dict[str, Any]) -> Any:
    """The only part of a user message with this content part."""
    (found,) = parse(ask({"role": "user", "content": [raw]})).messages[0].parts
    return found


def test_envelope() -> None:
    found = envelope(ask(stream=True, prompt_cache_key="session-7"))
    assert (found.dialect, found.operation, found.model, found.stream) == ("openai-chat", "chat", "m", True)
    assert found.affinity == "session-7"
    assert envelope({"messages": [], "model": None, "stream": None}).model is None


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"model":1}', b'{"stream":"yes"}', b"\xff"])
def test_envelope_refuses(body: bytes) -> None:
    with pytest.raises(CallError):
        envelope(body)


def test_roles_stay_in_place() -> None:
    roles = ["system", "user", "developer", "assistant", "tool"]
    request = parse(ask(*({"role": role, "content": "x"} for role in roles)))
    assert [message.role for message in request.messages] == roles
    assert [message.at for message in request.messages] == [f"/messages/{place}" for place in range(5)]
    assert request.system == ()


def test_content_null_string_and_parts() -> None:
    request = parse(
        ask(
            {"role": "user"}, {"role": "user", "content": None}, {"role": "user", "content": ""}, {"role": "user", "content": "a"}
        )
    )
    assert [message.parts for message in request.messages] == [(), (), (), (Text("a", at="/messages/3/content"),)]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({"type": "text", "text": "a"}, {"text": "a"}),
        ({"type": "image_url", "image_url": {"url": f"data:image/png;charset=x;base64,{PNG}", "detail": "low"}},
         {"kind": "image", "mime": "image/png", "data": PNG, "url": None, "detail": "low"}),
        ({"type": "image_url", "image_url": "https://a.example/b.png"},
         {"kind": "image", "url": "https://a.example/b.png", "data": None}),
        ({"type": "input_audio", "input_audio": {"data": "QUJD", "format": "mp3"}},
         {"kind": "audio", "mime": "audio/mpeg", "data": "QUJD"}),
        ({"type": "file", "file": {"file_data": "data:application/pdf;base64,JVBERi0=", "filename": "a.pdf"}},
         {"kind": "document", "mime": "application/pdf", "data": "JVBERi0=", "name": "a.pdf"}),
        ({"type": "file", "file": {"file_data": "JVBERi0=", "filename": "a.pdf"}},
         {"mime": "application/pdf", "data": "JVBERi0="}),
        ({"type": "file", "file": {"file_id": "file-1"}}, {"file_id": "file-1", "data": None}),
        ({"type": "document_url", "document_url": "https://a.example/b.pdf"},
         {"kind": "document", "url": "https://a.example/b.pdf"}),
        ({"type": "video_url", "video_url": {"url": "https://a.example/b.mp4"}},
         {"kind": "video", "url": "https://a.example/b.mp4"}),
    ],
    ids=lambda value: value.get("type", "") if isinstance(value, dict) else "",
)  # fmt: skip
def test_content_parts(raw: dict[str, Any], expected: dict[str, Any]) -> None:
    found = part(raw)
    assert {name: getattr(found, name) for name in expected} == expected
    again = json.loads(build(parse(ask({"role": "user", "content": [raw, raw]}))).body)["messages"][0]["content"]
    assert plain(parse(ask({"role": "user", "content": again}))) == plain(parse(ask({"role": "user", "content": [raw, raw]})))


def test_a_part_that_is_null_says_nothing() -> None:
    request = parse(ask({"role": "user", "content": [None, {"type": "text", "text": "Hi"}, None]}))
    (found,) = request.messages[0].parts
    assert (found, found.at) == (Text("Hi", at="/messages/0/content/1"), "/messages/0/content/1")


def test_unknown_parts_are_kept_whole() -> None:
    raw = b'{"messages":[{"role":"user","content":[{"type":"hologram","depth":1.50}]}]}'
    (found,) = parse(raw).messages[0].parts
    assert isinstance(found, Opaque)
    assert (found.kind, bytes(found.raw)) == ("hologram", b'{"type":"hologram","depth":1.50}')
    assert b'{"type":"hologram","depth":1.50}' in build(parse(raw)).body


def test_extra_keys_in_parts_are_tolerated() -> None:
    """OpenAI Agents JS repeats the message inside its text parts."""
    raw: dict[str, Any] = {"type": "text", "text": "a", "role": "assistant", "tool_calls": [], "refusal": None, "annotations": []}
    request = parse(ask({"role": "assistant", "content": [raw]}))
    assert isinstance(request.messages[0].parts[0], Text)
    assert set(request.messages[0].parts[0].extras) == {"role", "tool_calls", "annotations"}


def test_assistant_turn() -> None:
    calls = [
        {"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"b":1.50, "a": 12345678901234567890}'}},
        {"id": "c2", "type": "custom", "custom": {"name": "g", "input": "free"}},
    ]
    request = parse(ask({"role": "assistant", "content": "a", "refusal": "no", "tool_calls": calls, "name": "bot"}))
    text, refusal, first, second = request.messages[0].parts
    assert isinstance(text, Text)
    assert refusal == Refusal("no", at="/messages/0/refusal")
    assert isinstance(first, ToolCall)
    assert first.arguments == '{"b":1.50, "a": 12345678901234567890}'
    assert isinstance(second, ToolCall)
    assert (second.custom, second.arguments, second.at) == (True, "free", "/messages/0/tool_calls/1")
    assert set(request.messages[0].extras) == {"name"}


def test_legacy_functions() -> None:
    body = ask(
        {"role": "user", "content": "x"},
        {"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": "{}"}},
        {"role": "function", "name": "f", "content": "7"},
        functions=[{"name": "f", "parameters": {"type": "object"}}],
        function_call={"name": "f"},
    )
    request = parse(body)
    result = request.messages[2].parts[0]
    assert isinstance(result, ToolResult)
    assert (result.name, result.id) == ("f", "")
    assert (request.paths["tools"], request.tool_choice) == ("/functions", ToolChoice(mode="tool", name="f", at="/function_call"))
    assert json.loads(build(request).body) == {**body, "model": "up-model"}


def test_results_keep_their_parts() -> None:
    content = [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
    request = parse(ask({"role": "tool", "tool_call_id": "c", "content": content}))
    result = request.messages[0].parts[0]
    assert isinstance(result, ToolResult)
    assert [part.text for part in result.parts if isinstance(part, Text)] == ["a", "b"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("auto", ToolChoice(mode="auto", at="/tool_choice")),
        ("none", ToolChoice(mode="none", at="/tool_choice")),
        ("required", ToolChoice(mode="any", at="/tool_choice")),
        ({"type": "function", "function": {"name": "f"}}, ToolChoice(mode="tool", name="f", at="/tool_choice")),
        ({"type": "custom", "custom": {"name": "g"}}, ToolChoice(mode="tool", name="g", at="/tool_choice")),
        ({"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": [F]}},
         ToolChoice(mode="any", allowed=("f",), at="/tool_choice")),
    ],
)  # fmt: skip
def test_tool_choice(value: Any, expected: ToolChoice) -> None:
    tools = [{"type": "function", "function": {"name": "f"}}, {"type": "custom", "custom": {"name": "g"}}]
    request = parse(ask(tools=tools, tool_choice=value))
    assert request.tool_choice == expected
    assert json.loads(build(request).body)["tool_choice"] == value


def test_tools() -> None:
    grammar = {"type": "grammar", "grammar": {"definition": "x", "syntax": "lark"}}
    tools = [
        {
            "type": "function",
            "function": {"name": "f", "description": "d", "parameters": {"type": "object"}, "strict": True, "new": 1},
        },
        {"type": "custom", "custom": {"name": "g", "format": grammar}},
        {"type": "web_search", "depth": 2},
    ]
    request = parse(ask(tools=tools))
    first, second, third = request.tools
    assert isinstance(first, Tool)
    assert (first.name, first.strict, set(first.extras)) == ("f", True, {"/function/new"})
    assert isinstance(second, Tool)
    assert second.custom
    assert isinstance(third, Opaque)
    assert json.loads(build(request).body)["tools"] == tools


def test_limits_know_where_they_stood() -> None:
    assert parse(ask(max_tokens=5)).at("max_output_tokens") == "/max_tokens"
    both = parse(ask(max_completion_tokens=6, max_tokens=5))
    assert (both.max_output_tokens, both.at("max_output_tokens"), set(both.extras)) == (
        6,
        "/max_completion_tokens",
        {"max_tokens"},
    )
    assert parse(ask(stop="x")).stop == ("x",)
    assert parse(ask(stop=["x", "y"])).stop == ("x", "y")
    assert parse(ask(stop=None, seed=0, temperature=0)).seed == 0


def test_response_format() -> None:
    schema = {"type": "json_schema", "json_schema": {"name": "n", "schema": {"type": "object"}, "strict": True}}
    found = parse(ask(response_format=schema)).response_format
    assert found is not None
    assert (found.kind, found.name, found.strict) == ("schema", "n", True)
    assert json.loads(build(parse(ask(response_format=schema))).body)["response_format"] == schema


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"reasoning_effort": "low"}, ("low", None, None)),
        ({"reasoning": {"max_tokens": 2000}}, (None, 2000, None)),
        ({"reasoning": {"effort": "high", "exclude": True}}, ("high", None, None)),
        ({"thinking": {"type": "disabled"}}, (None, None, "off")),
        ({"enable_thinking": True, "thinking_budget": 9}, (None, 9, "on")),
    ],
)
def test_reasoning_is_asked_in_many_ways(members: dict[str, Any], expected: tuple[Any, ...]) -> None:
    request = parse(ask(**members))
    assert request.reasoning is not None
    assert (request.reasoning.effort, request.reasoning.budget, request.reasoning.mode) == expected
    body = json.loads(build(request).body)
    assert {name: body[name] for name in members} == members


def test_extra_body_lies_over_the_top_level() -> None:
    body = ask(temperature=1, extra_body={"temperature": 0.5, "model": "evil", "messages": [], "stream": True, "custom": [1]})
    request = parse(body)
    assert (request.temperature, request.model, request.stream, len(request.messages)) == (0.5, "m", False, 1)
    assert set(request.passed) == {"custom"}


def test_extras_keep_their_bytes() -> None:
    data = b'{"messages":[{"role":"user","content":"x","mood":1.50}],"logit_bias":{"1":1e2},"n":null}'
    request = parse(data)
    assert bytes(request.extras["logit_bias"]) == b'{"1":1e2}'
    assert set(request.extras) == {"logit_bias"}
    assert bytes(request.messages[0].extras["mood"]) == b"1.50"
    assert b'"mood":1.50' in build(request).body


def test_modalities_matter_only_beyond_text() -> None:
    assert parse(ask(modalities=["text"])).weights["modalities"] is None
    assert parse(ask(modalities=["text", "audio"])).weights["modalities"] is LossKind.REFUSED


def test_cache_marks() -> None:
    for mark in (
        {"prompt_cache_breakpoint": {"mode": "explicit", "ttl": "30m"}},
        {"cache_control": {"type": "ephemeral", "ttl": "1h"}},
    ):
        body = ask({"role": "user", "content": [{"type": "text", "text": "x", **mark}]})
        found = parse(body).messages[0].parts[0]
        assert isinstance(found, Text)
        assert found.cache is not None
        assert json.loads(build(parse(body)).body)["messages"] == body["messages"]


@pytest.mark.parametrize(
    ("body", "param", "message"),
    [
        ({"model": "m"}, "messages", "Missing required parameter: 'messages'."),
        ({"messages": {}}, "messages", "messages: an array is expected"),
        ({"messages": [{"content": "x"}]}, "messages[0].role", "Missing required parameter: 'messages[0].role'."),
        ({"messages": [{"role": "robot"}]}, "messages[0].role", "Invalid value: 'robot'."),
        ({"messages": [], "temperature": "hot"}, "temperature", "Invalid type for 'temperature'"),
        ({"messages": [], "max_tokens": 1.5}, "max_tokens", "Invalid type for 'max_tokens': expected an integer"),
        ({"messages": [{"role": "user", "content": 7}]}, "messages[0].content", "Invalid type for 'messages.0.content'"),
        ({"messages": [], "tool_choice": "maybe"}, "tool_choice", "Invalid value: 'maybe'."),
        ({"messages": [], "response_format": {"type": "yaml"}}, "response_format.type", "Invalid value: 'yaml'."),
        ({"messages": [{"role": "assistant", "tool_calls": [{"id": "c", "type": "function"}]}]},
         "messages[0].tool_calls[0].function", "Missing required parameter"),
    ],
)  # fmt: skip
def test_errors_name_the_member(body: dict[str, Any], param: str, message: str) -> None:
    with pytest.raises(CallError) as caught:
        parse(body)
    status, data = DIALECT.build_error(caught.value.error, "req_1")
    told = json.loads(data)["error"]
    assert (status, told["type"], told["param"]) == (400, "invalid_request_error", param)
    assert told["message"].startswith(message)


def test_a_tool_without_a_type_is_a_function() -> None:
    (tool,) = parse(ask(tools=[{"function": {"name": "f"}}])).tools
    assert isinstance(tool, Tool)


def test_media_of_results_stay_in_the_result() -> None:
    raw = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}}
    request = parse(ask({"role": "tool", "tool_call_id": "c", "content": [raw, raw]}))
    result = request.messages[0].parts[0]
    assert isinstance(result, ToolResult)
    assert all(isinstance(inner, Media) for inner in result.parts)
    assert json.loads(build(request).body)["messages"][0]["content"] == [raw, raw]


def test_thinking_that_is_not_to_be_shown() -> None:
    found = parse(ask(reasoning={"effort": "low", "exclude": True}))
    assert found.reasoning is not None
    assert (found.reasoning.effort, found.reasoning.summary) == ("low", "omitted")
    assert found.at("summary") == "/reasoning/exclude"
