"""What OpenAI refuses on Responses is refused, in its words; the right requests beside them are not."""

from typing import Any

import pytest

from dragoman.core.errors import ErrorKind
from dragoman.sandbox import openai_responses
from dragoman.sandbox.reply import Fault, Heard, Incoming, RefusedError
from dragoman.sandbox.signature import sign
from dragoman.wire import json
from support.sandbox import RESPONSES, SCHEMA

USER = {"role": "user", "content": "hi"}
CALL = {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "get_weather", "arguments": "{}"}
RESULT = {"type": "function_call_output", "call_id": "call_1", "output": "sunny"}
CUSTOM = {"type": "custom_tool_call", "id": "ctc_1", "call_id": "call_2", "name": "shout", "input": "x"}
THOUGHT = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": sign("x", "reasoning")}
TOOL = {"type": "function", "name": "get_weather", "parameters": SCHEMA, "strict": True}
SEARCH = {"type": "tool_search_call", "call_id": "call_3", "execution": "client", "arguments": {"query": "x"}}
SERVED = {"type": "tool_search_call", "id": "tsc_1", "execution": "server", "arguments": {}, "status": "completed"}


def respond(**members: Any) -> Heard:
    body = {"model": "m", "input": [USER], **members}
    return openai_responses.read(Incoming(method="POST", path=RESPONSES, body=json.encode(body)), strict=False)


def fault_of(**members: Any) -> Fault:
    with pytest.raises(RefusedError) as refused:
        respond(**members)
    return refused.value.fault


def user(*parts: Any) -> list[Any]:
    return [{"role": "user", "content": list(parts)}]


def fmt(schema: Any, **more: Any) -> dict[str, Any]:
    return {"format": {"type": "json_schema", "name": "x", "schema": schema, **more}}


REFUSED: list[tuple[dict[str, Any], str, str | None, str | None]] = [
    ({"model": None}, "Missing required parameter: 'model'.", "model", "missing_required_parameter"),
    ({"input": None}, 'One of "input" or "previous_response_id"', "input", "missing_required_parameter"),
    ({"input": 1}, "Invalid type for 'input': expected one of an array of objects or string, but got an integer", "input", None),
    ({"input": []}, "Missing required parameter: 'input'.", "input", None),
    ({"input": ["hi"]}, "Invalid type for 'input[0]': expected an object", "input[0]", "invalid_type"),
    ({"input": [{"type": "video"}]}, "Invalid value: 'video'. Supported values are: 'message'", "input[0].type", "invalid_value"),
    ({"input": [{"content": "x"}]}, "Missing required parameter: 'input[0].type'", "input[0].type", None),
    (
        {"input": [{"role": "bot", "content": "x"}]},
        "Invalid value: 'bot'. Supported values are: 'assistant'",
        "input[0].role",
        None,
    ),
    ({"input": [{"role": "user"}]}, "Missing required parameter: 'input[0].content'", "input[0].content", None),
    ({"input": user()}, "Invalid 'input[0].content': empty array.", "input[0].content", "empty_array"),
    (
        {"input": user({"type": "text", "text": "x"})},
        "Invalid value: 'text'. Supported values are: 'input_text', 'input_image', and 'input_file'.",
        "input[0].content[0].type",
        "invalid_value",
    ),
    (
        {"input": [USER, {"role": "assistant", "content": [{"type": "input_text", "text": "x"}]}]},
        "Supported values are: 'output_text' and 'refusal'.",
        "input[1].content[0].type",
        None,
    ),
    ({"input": user({"type": "input_image"})}, "'input[0].content[0].image_url'", None, "missing_required_parameter"),
    (
        {"input": user({"type": "input_image", "image_url": {"url": "x"}})},
        "Invalid type for 'input[0].content[0].image_url': expected a string, but got an object",
        None,
        "invalid_type",
    ),
    ({"input": user({"type": "input_image", "image_url": "x"})}, "Expected a valid URL", None, "invalid_value"),
    ({"input": [USER, CALL]}, "No tool output found for function call call_1.", "input", None),
    ({"input": [USER, RESULT]}, "No tool call found for function call output with call_id call_1.", "input", None),
    ({"input": [USER, RESULT, CALL]}, "No tool call found for function call output with call_id call_1.", "input", None),
    ({"input": [USER, CUSTOM]}, "No tool output found for custom tool call call_2.", "input", None),
    ({"input": [USER, SEARCH]}, "No tool output found for tool search call call_3.", "input", None),
    ({"input": [USER, THOUGHT]}, "of type 'reasoning' was provided without its required following item", "input", None),
    ({"input": [USER, THOUGHT, USER]}, "Item 'rs_1' of type 'reasoning' was provided without", "input", None),
    (
        {"input": [USER, {**THOUGHT, "encrypted_content": "gAAAAAB"}, CALL, RESULT]},
        "The encrypted content for item rs_1 could not be verified.",
        None,
        "invalid_encrypted_content",
    ),
    (
        {"input": [USER, {**THOUGHT, "encrypted_content": sign("x")}, CALL, RESULT]},
        "could not be verified",
        None,
        "invalid_encrypted_content",
    ),
    (
        {"input": [USER, {**CALL, "id": "call_1"}, RESULT]},
        "Expected an ID that begins with 'fc'.",
        "input[1].id",
        "invalid_value",
    ),
    ({"input": [{**USER, "id": "x"}]}, "Expected an ID that begins with 'msg'.", "input[0].id", None),
    ({"input": [USER, {**CALL, "arguments": {}}, RESULT]}, "Invalid type for 'input[1].arguments'", None, "invalid_type"),
    ({"temperature": 3}, "Invalid 'temperature': decimal above maximum value. Expected a value <= 2", "temperature", None),
    ({"max_output_tokens": 1}, "Expected a value >= 16, but got 1 instead.", "max_output_tokens", "integer_below_min_value"),
    ({"max_output_tokens": True}, "Invalid type for 'max_output_tokens'", None, "invalid_type"),
    ({"reasoning": {"effort": "huge"}}, "Invalid value: 'huge'.", "reasoning.effort", "invalid_value"),
    ({"reasoning": {"summary": "long"}}, "Invalid value: 'long'.", "reasoning.summary", None),
    ({"text": {"verbosity": "huge"}}, "Invalid value: 'huge'.", "text.verbosity", None),
    ({"include": ["all"]}, "Invalid value: 'all'.", "include[0]", None),
    ({"truncation": "yes"}, "Invalid value: 'yes'. Supported values are: 'auto' and 'disabled'.", "truncation", None),
    ({"metadata": {str(n): "x" for n in range(17)}}, "at most 16 properties", "metadata", "object_above_max_properties"),
    ({"metadata": {"a": 1}}, "Invalid type for 'metadata.a'", "metadata.a", "invalid_type"),
    ({"stream_options": {}}, "only allowed when 'stream' is enabled", "stream_options", None),
    ({"background": True, "store": False}, "requires 'store' to be true", "background", None),
    ({"previous_response_id": "resp_1", "conversation": "conv_1"}, "Mutually exclusive", None, "mutually_exclusive_parameters"),
    ({"tools": [{"name": "x"}]}, "Missing required parameter: 'tools[0].type'", "tools[0].type", None),
    ({"tools": [{"type": "magic"}]}, "Invalid value: 'magic'.", "tools[0].type", None),
    ({"tools": [{"type": "function", "function": {"name": "x"}}]}, "Missing required parameter: 'tools[0].name'", None, None),
    ({"tools": [{"type": "function", "name": "a b"}]}, "does not match pattern", "tools[0].name", "invalid_value"),
    ({"tools": [{"type": "function", "name": "a" * 129}]}, "with maximum length 128", "tools[0].name", None),
    ({"tools": [{"type": "namespace", "name": "n"}]}, "Missing required parameter: 'tools[0].tools'", None, None),
    (
        {"tools": [{"type": "namespace", "name": "n", "tools": [{"type": "function"}]}]},
        "'tools[0].tools[0].name'",
        "tools[0].tools[0].name",
        None,
    ),
    (
        {"tools": [{**TOOL, "parameters": {"type": "object"}}]},
        "'additionalProperties' is required to be supplied and to be false",
        "tools[0].parameters",
        "invalid_json_schema",
    ),
    ({"tools": [TOOL], "tool_choice": "maybe"}, "Invalid value: 'maybe'.", "tool_choice", "invalid_value"),
    (
        {"tools": [TOOL], "tool_choice": {"type": "function", "name": "x"}},
        "Tool choice 'function' not found",
        "tool_choice",
        None,
    ),
    ({"tools": [TOOL], "tool_choice": {"type": "code_interpreter"}}, "Tool choice 'code_interpreter' not found", None, None),
    ({"text": {"format": {"type": "xml"}}}, "Invalid value: 'xml'", "text.format.type", None),
    (
        {"text": {"format": {"type": "json_object"}}},
        "must contain the word 'json' in some form to use 'text.format'",
        "input",
        None,
    ),
    ({"text": {"format": {"type": "json_schema", "schema": {}}}}, "'text.format.name'", "text.format.name", None),
    ({"text": fmt({"type": "object"}, strict=True)}, "'additionalProperties' is required", None, "invalid_json_schema"),
]
MISSING: list[tuple[dict[str, Any], str, int]] = [
    ({"previous_response_id": "resp_1"}, "Previous response with id 'resp_1' not found.", 400),
    ({"conversation": {"id": "conv_1"}}, "Conversation with id 'conv_1' not found.", 404),
    ({"prompt": {"id": "pmpt_1"}}, "Prompt with id 'pmpt_1' not found.", 404),
    ({"input": [{"type": "item_reference", "id": "rs_9"}]}, "Item with id 'rs_9' not found. Items are not persisted when", 404),
    ({"input": [USER, {"type": "reasoning", "id": "rs_9", "summary": []}, CALL, RESULT]}, "Item with id 'rs_9' not found.", 404),
]
TAKEN: list[dict[str, Any]] = [
    {"input": "hi"},
    {"input": [USER, CALL, RESULT]},
    {"input": [USER, THOUGHT, CALL, RESULT]},
    {"input": [USER, {**THOUGHT, "content": None, "status": None}, {"role": "assistant", "content": "x"}, USER]},
    {"input": [USER, CALL, {"role": "assistant", "content": "x"}, RESULT]},
    {
        "input": [
            USER,
            CUSTOM,
            {"type": "custom_tool_call_output", "call_id": "call_2", "output": [{"type": "input_text", "text": "x"}]},
        ]
    },
    {"input": [USER, SEARCH, {"type": "tool_search_output", "call_id": "call_3", "tools": [TOOL]}]},
    {"input": [USER, SERVED, {"type": "tool_search_output", "id": "tso_1", "execution": "server", "tools": [TOOL]}, USER]},
    {"input": [{"type": "additional_tools", "role": "developer", "tools": [TOOL]}, USER]},
    {
        "input": [
            USER,
            {"type": "web_search_call", "id": "ws_1", "status": "completed"},
            {"role": "assistant", "content": "x"},
            USER,
        ]
    },
    {"input": [{"type": "compaction", "encrypted_content": sign("x", "compaction")}, USER]},
    {
        "input": user(
            {"type": "input_file", "file_url": "https://example.com/a.pdf"}, {"type": "input_image", "file_id": "file-1"}
        )
    },
    {"tools": [{"type": "function", "name": "bare"}], "tool_choice": "required", "parallel_tool_calls": False},
    {"tools": [{**TOOL, "parameters": {"type": "object"}, "strict": False}]},
    {"tools": [{"type": "web_search", "external_web_access": True}], "tool_choice": {"type": "web_search"}},
    {"text": fmt({"type": "object"})},
    {"include": None, "user": None, "instructions": None, "max_output_tokens": None, "metadata": None, "tools": []},
    {"made_up": 1},
]


@pytest.mark.parametrize(("members", "words", "param", "code"), REFUSED)
def test_responses_refuses(members: dict[str, Any], words: str, param: str | None, code: str | None) -> None:
    fault = fault_of(**members)
    assert words in fault.message
    assert fault.kind is ErrorKind.BAD_REQUEST
    assert param in (fault.param, None)
    assert code in (fault.code, None)


@pytest.mark.parametrize(("members", "words", "status"), MISSING)
def test_responses_has_no_such_thing(members: dict[str, Any], words: str, status: int) -> None:
    fault = fault_of(**members)
    assert words in fault.message
    assert (fault.kind, fault.status) == (ErrorKind.NOT_FOUND, status)


@pytest.mark.parametrize("members", TAKEN)
def test_responses_takes(members: dict[str, Any]) -> None:
    assert respond(**members).model == "m"


def test_a_function_is_strict_where_nothing_is_said() -> None:
    schema = {
        "type": "object",
        "properties": {"a": {"type": "string"}, "b": {"type": "object", "properties": {"c": {}}}},
        "required": [],
    }
    (tool,) = respond(tools=[{"type": "function", "name": "x", "parameters": schema}]).ask.tools
    assert tool.schema["required"] == ["a", "b"]
    assert tool.schema["properties"]["b"]["required"] == ["c"]
    (tool,) = respond(tools=[{"type": "function", "name": "x", "parameters": schema, "strict": False}]).ask.tools
    assert tool.schema == schema


def test_tools_may_come_inside_the_conversation() -> None:
    spaced = {"type": "namespace", "name": "mcp__x", "tools": [{"type": "function", "name": "look", "strict": False}]}
    items = [USER, SEARCH, {"type": "tool_search_output", "call_id": "call_3", "tools": [spaced]}]
    ask = respond(input=items, tools=[{"type": "tool_search", "execution": "client"}]).ask
    assert [(tool.full_name, tool.searches) for tool in ask.tools] == [("tool_search", True), ("mcp__x__look", False)]
    assert ask.results == ("mcp__x__look found",)
