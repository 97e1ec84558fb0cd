"""What the vendors refuse is refused, in their words; the right requests beside them are not."""

from typing import Any

import pytest

from dragoman.core.errors import ErrorKind
from dragoman.sandbox import anthropic, openai_chat
from dragoman.sandbox.reply import Fault, Heard, Incoming, RefusedError
from dragoman.sandbox.signature import sign
from dragoman.wire import json
from support.sandbox import CHAT, MESSAGES, SCHEMA

USER = {"role": "user", "content": "hi"}
CALL = {"id": "call_1", "type": "function", "function": {"name": "get_weather", "arguments": "{}"}}
CALLING = {"role": "assistant", "tool_calls": [CALL]}
RESULT = {"role": "tool", "tool_call_id": "call_1", "content": "sunny"}
TOOL = {"type": "function", "function": {"name": "get_weather", "parameters": SCHEMA}}
PNG = "iVBORw0KGgo="


def chat(**members: Any) -> Heard:
    body = {"model": "m", "messages": [USER], **members}
    return openai_chat.read(Incoming(method="POST", path=CHAT, body=json.encode(body)), strict=False)


def messages(version: str = "2023-06-01", **members: Any) -> Heard:
    body = {"model": "m", "max_tokens": 2000, "messages": [USER], **members}
    headers = {"anthropic-version": version} if version else {}
    return anthropic.read(Incoming(method="POST", path=MESSAGES, headers=headers, body=json.encode(body)), strict=False)


def user(*blocks: Any) -> list[Any]:
    return [{"role": "user", "content": list(blocks)}]


def fmt(schema: Any, **more: Any) -> dict[str, Any]:
    return {"type": "json_schema", "json_schema": {"name": "x", "schema": schema, **more}}


CHAT_REFUSED: list[tuple[dict[str, Any], str, str | None, str | None]] = [
    ({"model": None}, "you must provide a model parameter", None, None),
    ({"messages": None}, "Missing required parameter: 'messages'.", "messages", "missing_required_parameter"),
    (
        {"messages": "hi"},
        "Invalid type for 'messages': expected an array of objects, but got a string",
        "messages",
        "invalid_type",
    ),
    ({"messages": []}, "Invalid 'messages': empty array.", "messages", "empty_array"),
    ({"messages": ["hi"]}, "Invalid type for 'messages[0]'", "messages[0]", "invalid_type"),
    ({"messages": [{"content": "x"}]}, "Missing required parameter: 'messages[0].role'", "messages[0].role", None),
    (
        {"messages": [{"role": "bot", "content": "x"}]},
        "Invalid value: 'bot'. Supported values are: 'system'",
        "messages[0].role",
        None,
    ),
    ({"messages": [{"role": "user"}]}, "Invalid value for 'content': expected a string, got null.", "messages[0].content", None),
    ({"messages": user()}, "Invalid 'messages[0].content': empty array.", "messages[0].content", "empty_array"),
    ({"messages": user({"text": "x"})}, "Missing required parameter: 'messages[0].content[0].type'", None, None),
    (
        {"messages": user({"type": "image"})},
        "Invalid value: 'image'. Supported values are: 'text', 'image_url'",
        None,
        "invalid_value",
    ),
    ({"messages": user({"type": "image_url", "image_url": {}})}, "'messages[0].content[0].image_url.url'", None, None),
    ({"messages": [USER, RESULT]}, "must be a response to a preceeding message with 'tool_calls'", "messages.[1].role", None),
    ({"messages": [USER, CALLING]}, "did not have response messages: call_1", None, None),
    ({"messages": [USER, CALLING, USER]}, "must be followed by tool messages responding to each", None, None),
    (
        {"messages": [USER, {**CALLING, "tool_calls": [{**CALL, "id": "c" * 41}]}]},
        "string too long",
        None,
        "string_above_max_length",
    ),
    (
        {"temperature": 3},
        "Invalid 'temperature': decimal above maximum value. Expected a value <= 2, but got 3",
        "temperature",
        None,
    ),
    ({"temperature": -1}, "decimal below minimum value", "temperature", "decimal_below_min_value"),
    (
        {"temperature": "hot"},
        "Invalid type for 'temperature': expected a decimal, but got a string",
        "temperature",
        "invalid_type",
    ),
    ({"temperature": True}, "Invalid type for 'temperature'", "temperature", "invalid_type"),
    ({"n": 0}, "integer below minimum value", "n", "integer_below_min_value"),
    ({"max_tokens": 0}, "integer below minimum value", "max_tokens", None),
    ({"max_tokens": 1, "max_completion_tokens": 1}, "at the same time is not supported", "max_tokens", None),
    ({"stream": "yes"}, "Invalid type for 'stream'", "stream", "invalid_type"),
    ({"stream_options": {"include_usage": True}}, "only allowed when 'stream' is enabled", "stream_options", None),
    ({"stop": list("abcde")}, "Invalid 'stop': array too long.", "stop", "array_above_max_length"),
    ({"reasoning_effort": "max"}, "Invalid value: 'max'.", "reasoning_effort", "invalid_value"),
    ({"tools": []}, "Invalid 'tools': empty array.", "tools", "empty_array"),
    ({"tools": [{"function": {}}]}, "Missing required parameter: 'tools[0].type'", "tools[0].type", None),
    ({"tools": [{"type": "function", "function": {"name": "a b"}}]}, "does not match pattern", "tools[0].function.name", None),
    ({"tools": [{"type": "function", "function": {"name": "a" * 65}}]}, "with maximum length 64", "tools[0].function.name", None),
    ({"tool_choice": "auto"}, "only allowed when 'tools' are specified", "tool_choice", None),
    ({"tools": [TOOL], "tool_choice": "maybe"}, "'none', 'auto', and 'required'", "tool_choice", "invalid_value"),
    (
        {"tools": [TOOL], "tool_choice": {"type": "function", "function": {"name": "x"}}},
        "Tool choice 'x' not found",
        "tool_choice",
        None,
    ),
    ({"response_format": {"type": "xml"}}, "Invalid value: 'xml'", "response_format.type", "invalid_value"),
    ({"response_format": {"type": "json_object"}}, "must contain the word 'json'", "messages", None),
    ({"response_format": {"type": "json_schema"}}, "'response_format.json_schema'", None, None),
    ({"response_format": fmt({"type": "object"}, strict=True)}, "'additionalProperties' is required", "response_format", None),
    (
        {"response_format": fmt({**SCHEMA, "required": ["city"]}, strict=True)},
        "Missing 'unit'",
        "response_format",
        "invalid_json_schema",
    ),
]

CHAT_TAKEN: list[dict[str, Any]] = [
    {"temperature": 2, "top_p": 1, "n": 1, "seed": 0, "stop": None, "logprobs": True, "top_logprobs": 3, "made_up": 1},
    {"messages": [USER, CALLING, RESULT]},
    {"messages": [USER, {**CALLING, "content": None}, RESULT, {"role": "system", "content": "x"}, USER]},
    {"messages": [{"role": "developer", "content": [{"type": "text", "text": "x"}]}, USER]},
    {"messages": user({"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}})},
    {"messages": user({"type": "file", "file": {"file_data": "data:application/pdf;base64,AA==", "filename": "a.pdf"}})},
    {"messages": [USER, {"role": "assistant", "content": None, "refusal": "no"}, USER]},
    {"messages": [USER, {"role": "assistant", "content": [{"type": "refusal", "refusal": "no"}]}, USER]},
    {"tools": [TOOL], "tool_choice": "required", "parallel_tool_calls": False},
    {"tools": [{"type": "function", "function": {"name": "bare"}}]},
    {"response_format": fmt(SCHEMA, strict=True)},
    {"response_format": fmt({"type": "object"})},
    {"stream": True, "stream_options": {"include_usage": True}},
]


@pytest.mark.parametrize(("members", "words", "param", "code"), CHAT_REFUSED)
def test_chat_refuses(members: dict[str, Any], words: str, param: str | None, code: str | None) -> None:
    with pytest.raises(RefusedError) as refused:
        chat(**members)
    fault = refused.value.fault
    assert words in fault.message
    assert fault.kind is ErrorKind.BAD_REQUEST
    assert param in (fault.param, None)
    assert code in (fault.code, None)


@pytest.mark.parametrize("members", CHAT_TAKEN)
def test_chat_takes(members: dict[str, Any]) -> None:
    assert chat(**members).model == "m"


USE = {"type": "tool_use", "id": "toolu_1", "name": "get_weather", "input": {}}
USING = {"role": "assistant", "content": [USE]}
RETURN = {"type": "tool_result", "tool_use_id": "toolu_1", "content": "sunny"}
TEXT = {"type": "text", "text": "x"}
WEATHER = {"name": "get_weather", "input_schema": SCHEMA}
SYSTEM = {"role": "system", "content": "x"}
THOUGHT = {"type": "thinking", "thinking": "hm", "signature": sign("hm")}
BUDGET = {"type": "enabled", "budget_tokens": 1024}


def image(**source: Any) -> dict[str, Any]:
    return {"type": "image", "source": source}


def thinking(**changed: Any) -> list[Any]:
    return [USER, {"role": "assistant", "content": [{**THOUGHT, **changed}, TEXT]}, USER]


def out(schema: Any) -> dict[str, Any]:
    return {"format": {"type": "json_schema", "schema": schema}}


MESSAGES_REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"max_tokens": None}, "max_tokens: Field required"),
    ({"model": None}, "model: Field required"),
    ({"messages": None}, "messages: Field required"),
    ({"messages": {}}, "messages: Input should be a valid list"),
    ({"messages": []}, "messages: at least one message is required"),
    ({"messages": [{"role": "bot", "content": "x"}]}, "messages.0.role: Input should be 'user'"),
    ({"messages": [{"role": "assistant", "content": "x"}]}, 'first message must use the "user" role'),
    ({"messages": [{"role": "user", "content": 1}]}, "messages.0.content: Input should be a valid list"),
    ({"messages": [{"role": "user", "content": ""}]}, "messages.0: all messages must have non-empty content"),
    ({"messages": user({"type": "text", "text": " "})}, "text content blocks must contain non-whitespace text"),
    ({"messages": user({"type": "video"})}, "Input tag 'video' found using 'type' does not match any of the expected tags"),
    ({"messages": user({"type": "text"})}, "messages.0.content.0.text.text: Field required"),
    ({"messages": user(USE)}, "messages.0: `tool_use` blocks can only be in `assistant` messages"),
    ({"messages": user(RETURN)}, "unexpected `tool_use_id` found in `tool_result` blocks: toolu_1"),
    ({"messages": [USER, USING, *user(RETURN, RETURN)]}, "each tool_use must have a single result"),
    ({"messages": [USER, USING]}, "`tool_use` ids were found without `tool_result` blocks immediately after: toolu_1"),
    ({"messages": [USER, USING, USER]}, "`tool_use` ids were found without"),
    ({"messages": [USER, USING, *user(TEXT, RETURN)]}, "`tool_use` ids were found without"),
    ({"messages": [USER, USING, SYSTEM, *user(RETURN)]}, "`tool_use` ids were found without"),
    ({"messages": [USER, {"role": "assistant", "content": [{**USE, "id": "a.b"}]}, *user(RETURN)]}, "should match pattern"),
    ({"messages": [SYSTEM, USER]}, 'role "system" is not supported as the first message'),
    ({"messages": [USER, SYSTEM, USER]}, '"system" message must precede an assistant turn'),
    ({"messages": [USER, {"role": "assistant", "content": "x"}, SYSTEM]}, '"system" message must follow a user turn'),
    ({"messages": [USER, {"role": "assistant", "content": "x "}]}, "cannot end with trailing whitespace"),
    ({"messages": user(image(type="base64", media_type="image/bmp", data=PNG))}, "media_type: Input should be 'image/jpeg'"),
    ({"messages": user(image(type="base64", media_type="image/png", data="!"))}, "Invalid base64 data"),
    ({"messages": user(image(type="link"))}, "messages.0.content.0.image.source: Input tag 'link'"),
    ({"messages": thinking(signature="EqQBCkYIBRgCKkA=")}, "messages.1.content.0: Invalid `signature` in `thinking` block"),
    ({"messages": thinking(thinking="other")}, "Invalid `signature`"),
    (
        {"messages": [USER, {"role": "assistant", "content": [{"type": "redacted_thinking", "data": "x"}, TEXT]}, USER]},
        "Invalid `data`",
    ),
    ({"temperature": 1.5}, "temperature: range: 0..1"),
    ({"temperature": "hot"}, "temperature: Input should be a valid number"),
    ({"version": "2026-10-21", "temperature": 1}, "temperature: not supported"),
    ({"version": ""}, "anthropic-version: header is required"),
    ({"version": "2020"}, 'anthropic-version: "2020" is not a valid version'),
    ({"max_tokens": "many"}, "max_tokens: Input should be a valid integer"),
    ({"max_tokens": True}, "max_tokens: Input should be a valid integer"),
    ({"stop_sequences": [" "]}, "stop_sequences: each stop sequence must contain non-whitespace"),
    ({"stream": 1}, "stream: Input should be a valid boolean"),
    ({"tools": [{"name": "a b", "input_schema": SCHEMA}]}, "tools.0.custom.name: String should match pattern"),
    ({"tools": [{"name": "a"}]}, "tools.0.custom.input_schema: Field required"),
    ({"tools": [{"name": "a", "input_schema": {}}]}, "tools.0.custom.input_schema.type: Field required"),
    ({"tools": [WEATHER, WEATHER]}, "Tool names must be unique"),
    ({"tool_choice": {"type": "auto"}}, "may only be specified while providing `tools`"),
    ({"tools": [WEATHER], "tool_choice": {"type": "required"}}, "tool_choice: Input tag 'required'"),
    ({"tools": [WEATHER], "tool_choice": {"type": "tool", "name": "x"}}, "Tool 'x' not found in provided tools"),
    ({"thinking": {"type": "enabled"}}, "thinking.enabled.budget_tokens: Field required"),
    ({"thinking": {"type": "enabled", "budget_tokens": 10}}, "greater than or equal to 1024"),
    ({"thinking": {"type": "enabled", "budget_tokens": 2000}}, "`max_tokens` must be greater than `thinking.budget_tokens`"),
    (
        {"thinking": BUDGET, "tools": [WEATHER], "tool_choice": {"type": "any"}},
        "Thinking may not be enabled when tool_choice forces",
    ),
    ({"thinking": BUDGET, "temperature": 0.5}, "`temperature` may only be set to 1 when thinking is enabled"),
    (
        {"thinking": BUDGET, "messages": [USER, USING, *user(RETURN)]},
        "Expected `thinking` or `redacted_thinking`, but found `tool_use`",
    ),
    ({"messages": user(*[{**TEXT, "cache_control": {"type": "ephemeral"}}] * 5)}, "A maximum of 4 blocks with cache_control"),
    ({"output_config": out({"type": "object"})}, "'additionalProperties' must be explicitly set to false"),
    ({"thread": {"type": "create"}}, "thread"),
]

MESSAGES_TAKEN: list[dict[str, Any]] = [
    {"messages": [USER, USER, {"role": "assistant", "content": "x"}, USER]},
    {"messages": [USER, SYSTEM, {"role": "assistant", "content": "x"}, USER, SYSTEM]},
    {"messages": [USER, USING, *user(RETURN, TEXT), SYSTEM]},
    {"messages": [USER, USING, *user(RETURN), *user(TEXT)]},
    {"messages": [USER, {"role": "assistant", "content": "Sure:"}]},
    {"messages": [USER, USING, *user({**RETURN, "content": [TEXT, image(type="base64", media_type="image/png", data=PNG)]})]},
    {"messages": thinking(), "thinking": BUDGET},
    {"messages": thinking(thinking="")},
    {"messages": [USER, {"role": "assistant", "content": [THOUGHT, USE]}, *user(RETURN)], "thinking": BUDGET},
    {"messages": [USER, USING, *user(RETURN)], "thinking": {"type": "adaptive"}},
    {"messages": user({"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "x"}})},
    {"system": [{**TEXT, "cache_control": {"type": "ephemeral"}}], "temperature": None, "made_up": 1},
    {"tools": [WEATHER, {"type": "web_search_20250305", "name": "web_search"}], "tool_choice": {"type": "any"}},
    {"tools": [WEATHER], "tool_choice": {"type": "none"}},
    {"version": "2026-10-21", "output_config": out(SCHEMA)},
    {"max_tokens": 0},
]


@pytest.mark.parametrize(("members", "words"), MESSAGES_REFUSED)
def test_messages_refuses(members: dict[str, Any], words: str) -> None:
    with pytest.raises(RefusedError) as refused:
        messages(**members)
    assert words in refused.value.fault.message
    assert refused.value.fault.kind is ErrorKind.BAD_REQUEST


@pytest.mark.parametrize("members", MESSAGES_TAKEN)
def test_messages_takes(members: dict[str, Any]) -> None:
    assert messages(**members).model == "m"


def test_a_thread_is_refused_so_that_the_sdk_goes_on_without_it() -> None:
    with pytest.raises(RefusedError) as refused:
        messages(thread={"type": "create"})
    reply = anthropic.refuse(Incoming(method="POST", path=MESSAGES), refused.value.fault)
    details = json.decode(reply.frames[0])["error"]["details"]
    assert details == {"error_code": "thread_unsupported_request", "unsupported": ["thread"]}


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"1", b'{"model": "m", "messages": [NaN]}', b"\xff"])
def test_what_is_no_json_object_is_refused(body: bytes) -> None:
    with pytest.raises(RefusedError):
        openai_chat.read(Incoming(method="POST", path=CHAT, body=body), strict=False)
    with pytest.raises(RefusedError):
        anthropic.read(
            Incoming(method="POST", path=MESSAGES, body=body, headers={"anthropic-version": "2023-06-01"}), strict=False
        )


@pytest.mark.parametrize("kind", ErrorKind)
def test_every_kind_of_fault_has_a_shape(kind: ErrorKind) -> None:
    fault, call = Fault(kind=kind, message="m"), Incoming(method="POST", path=CHAT)
    assert json.decode(openai_chat.refuse(call, fault).frames[0])["error"].keys() == {"message", "type", "param", "code"}
    assert json.decode(anthropic.refuse(call, fault).frames[0])["error"].keys() == {"type", "message"}
