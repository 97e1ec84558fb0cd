"""What Google refuses is refused, in its words; the right requests beside them are not."""

import base64
from typing import Any

import pytest

from dragoman.core.errors import ErrorKind
from dragoman.sandbox import gemini
from dragoman.sandbox.reply import Heard, Incoming, RefusedError
from dragoman.sandbox.signature import sign
from dragoman.wire import json
from support.sandbox import GEMINI, SCHEMA, target

OLD, NEW = "gemini-2.5-flash", "gemini-3.5-flash"
USER = {"role": "user", "parts": [{"text": "hi"}]}
SIGNED = sign("x", "thought")
CALL: dict[str, Any] = {"functionCall": {"name": "f", "args": {}}}
CALLING = {"role": "model", "parts": [{**CALL, "thoughtSignature": SIGNED}]}
ANSWER = {"functionResponse": {"name": "f", "response": {"output": "x"}}}
RESULT = {"role": "user", "parts": [ANSWER]}
TOOL: dict[str, Any] = {"name": "f", "parametersJsonSchema": SCHEMA}
CONFIG: dict[str, Any] = {"responseMimeType": "application/json"}


def ask(model: str = "m", **members: Any) -> Heard:
    body = {"contents": [USER], **members}
    return gemini.read(Incoming(method="POST", path=target(GEMINI, model), body=json.encode(body)), strict=False)


def user(*parts: Any) -> list[Any]:
    return [{"role": "user", "parts": list(parts)}]


def tools(*declared: Any) -> list[Any]:
    return [{"functionDeclarations": list(declared)}]


def calling(**mode: Any) -> dict[str, Any]:
    return {"functionCallingConfig": mode}


def signed(value: str) -> list[Any]:
    return [USER, {"role": "model", "parts": [{**CALL, "thoughtSignature": value}]}, RESULT]


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"contents": None}, "* GenerateContentRequest.contents: contents is not specified"),
    ({"contents": "hi"}, "Invalid value at 'contents' (type.googleapis.com/google.ai.generativelanguage.v1beta.Content), \"hi\""),
    ({"contents": [{"role": "bot", "parts": [{"text": "x"}]}]}, "Please use a valid role: user, model."),
    ({"contents": [{"role": "user"}]}, "* GenerateContentRequest.contents[0].parts: contents.parts must not be empty."),
    ({"contents": [{"role": "user", "content": "x"}]}, "Unknown name \"content\" at 'contents[0]': Cannot find field."),
    ({"contents": user({})}, "contents[0].parts[0].data: required oneof field 'data' must have one initialized field"),
    ({"contents": user({"text": "x", "fileData": {}})}, "oneof field 'data' is already set. Cannot set 'fileData'"),
    ({"contents": user({"text": 1})}, "Invalid value at 'contents[0].parts[0].text' (TYPE_STRING), 1"),
    ({"contents": user({"inlineData": {"mimeType": "image/png", "data": "!"}})}, 'Base64 decoding failed for "!"'),
    ({"contents": user({"inlineData": {"data": "AA=="}})}, "inline_data.mime_type: mime_type must be specified"),
    ({"contents": user({"inlineData": {"mimeType": "image/gif", "data": "AA=="}})}, "Unsupported MIME type: image/gif"),
    ({"contents": [USER, CALLING, USER]}, "the number of function response parts is equal to the number of function call parts"),
    ({"contents": [USER, CALLING, *user(ANSWER, ANSWER)]}, "the number of function response parts is equal"),
    ({"contents": [CALLING, RESULT]}, "function call turn comes immediately after a user turn"),
    ({"contents": [USER, RESULT]}, "function response turn comes immediately after a function call turn"),
    (
        {"contents": [USER, CALLING, *user({"functionResponse": {"response": {}}})]},
        "function_response.name: Name cannot be empty.",
    ),
    (
        {"contents": [USER, CALLING, *user({"functionResponse": {"name": "f", "response": "x"}})]},
        "Invalid value at 'contents[2].parts[0].function_response.response' (type.googleapis.com/google.protobuf.Struct), \"x\"",
    ),
    ({"contents": signed("!")}, 'Base64 decoding failed for "!"'),
    ({"contents": signed("QUJD")}, "Corrupted thought signature."),
    ({"contents": signed(sign("x"))}, "Thought signature is not valid."),
    ({"contents": signed(SIGNED[:-4] + "AAA=")}, "Thought signature is not valid."),
    (
        {"model": NEW, "contents": [USER, {"role": "model", "parts": [CALL]}, RESULT]},
        "function call `default_api:f` , position 2",
    ),
    ({"model": OLD, "contents": [USER, {"role": "model", "parts": [{"functionCall": {"name": "f", "id": "a"}}]}]}, '"id"'),
    ({"cachedContent": "cachedContents/1"}, "CachedContent not found (or permission denied)"),
    ({"tools": [{"functions": []}]}, "Unknown name \"functions\" at 'tools[0]': Cannot find field."),
    ({"tools": tools({"name": "1 bad"})}, "Invalid function name. Must start with a letter or an underscore."),
    ({"tools": tools({"name": "f", "strict": True})}, "Unknown name \"strict\" at 'tools[0].function_declarations[0]'"),
    ({"tools": tools(TOOL, TOOL)}, "function_declarations: Duplicate function declaration found: f"),
    ({"tools": tools({**TOOL, "parameters": {"type": "STRING"}})}, "parameters and parameters_json_schema must not both be set"),
    ({"tools": tools({"name": "f", "parameters": {"type": "OBJECT"}})}, "should be non-empty for OBJECT type"),
    ({"tools": tools({"name": "f", "parameters": {"type": "text"}})}, "parameters.type' (type.googleapis.com/google.ai."),
    (
        {"tools": tools({"name": "f", "parameters": {"type": "OBJECT", "properties": {"a": {"const": 1}}}})},
        "Unknown name \"const\" at 'tools[0].function_declarations[0].parameters.properties[a].value'",
    ),
    ({"tools": tools({"name": "f", "parameters": {"type": "INTEGER", "enum": [1]}})}, "parameters.enum[0]' (TYPE_STRING), 1"),
    ({"toolConfig": calling(mode="MUST")}, 'FunctionCallingConfig.Mode), "MUST"'),
    ({"tools": tools(TOOL), "toolConfig": calling(allowedFunctionNames=["f"])}, "only when the function calling mode is ANY"),
    ({"tools": tools(TOOL), "toolConfig": calling(mode="ANY", allowedFunctionNames=["g"])}, "g is not a declared function"),
    ({"toolConfig": calling(mode="ANY")}, "ANY needs function_declarations"),
    ({"generationConfig": {"temperature": 3}}, "generation_config.temperature: temperature must be in the range [0, 2]."),
    ({"generationConfig": {"temperature": "hot"}}, "Invalid value at 'generation_config.temperature' (TYPE_FLOAT), \"hot\""),
    ({"generationConfig": {"candidateCount": 9}}, "candidate_count must be in the range [1, 8]."),
    ({"generationConfig": {"stopSequences": list("abcdef")}}, "must have at most 5 stop sequences"),
    ({"generationConfig": {"responseMimeType": "text/html"}}, "allowed mimetypes are `text/plain`, `application/json`"),
    ({"generationConfig": {"responseSchema": {"type": "STRING"}}}, "needs a response_mime_type of application/json"),
    ({"generationConfig": {**CONFIG, "responseSchema": {}, "responseJsonSchema": {}}}, "only one of response_schema"),
    (
        {"generationConfig": {**CONFIG, "responseSchema": {"$defs": {}}}},
        "Unknown name \"$defs\" at 'generation_config.response_schema'",
    ),
    ({"model": OLD, "generationConfig": CONFIG, "tools": tools(TOOL)}, "Function calling with a response mime type"),
    ({"model": OLD, "generationConfig": {"thinkingConfig": {"thinkingLevel": "LOW"}}}, "Thinking level is not supported"),
    ({"generationConfig": {"thinkingConfig": {"thinkingLevel": "LOW", "thinkingBudget": 1}}}, "You can only set only one of"),
    ({"generationConfig": {"thinkingConfig": {"thinkingLevel": "HUGE"}}}, 'ThinkingLevel), "HUGE"'),
]
TAKEN: list[dict[str, Any]] = [
    {"contents": {"parts": {"text": "hi"}}, "system_instruction": {"parts": {"text": "x"}}},
    {"contents": [USER, CALLING, RESULT]},
    {"contents": [USER, {"role": "model", "parts": [{"text": "x"}]}, CALLING, RESULT, USER]},
    {"contents": [USER, {"role": "model", "parts": [{"text": "x", "thought": True}, CALL]}, *user(ANSWER, {"text": "x"})]},
    {"contents": [USER, CALLING, {"role": "function", "parts": [ANSWER]}]},
    {"contents": [USER, CALLING, *user(ANSWER, {"inline_data": {"mime_type": "image/png", "data": "AA=="}})]},
    {"contents": signed(SIGNED.replace("+", "-").replace("/", "_").rstrip("="))},
    {"contents": signed("skip_thought_signature_validator"), "model": NEW},
    {"contents": signed(base64.b64encode(b"skip_thought_signature_validator").decode()), "model": NEW},
    {
        "model": NEW,
        "contents": [USER, {"role": "model", "parts": [CALL]}, RESULT, {"role": "model", "parts": [{"text": "x"}]}, USER],
    },
    {"model": NEW, "contents": [USER, {"role": "model", "parts": [CALLING["parts"][0], CALL]}, *user(ANSWER, ANSWER)]},
    {"model": OLD, "contents": [USER, {"role": "model", "parts": [CALL]}, RESULT]},
    {"tools": tools({"name": "f", "parameters_json_schema": {"type": "object", "$defs": {}, "const": 1}}, {"name": "bare"})},
    {"tools": {"function_declarations": [TOOL]}, "tool_config": {"function_calling_config": {"mode": "ANY"}}},
    {"tools": [{"googleSearch": {}}, {"url_context": {}}]},
    {
        "generationConfig": {
            **CONFIG,
            "response_schema": {"type": "object", "properties": {"any_of": {"any_of": [{"type": "string"}]}}},
        }
    },
    {"generationConfig": {"thinkingConfig": {"include_thoughts": True, "thinking_budget": -1}}, "model": OLD},
    {"made_up": 1},
]


@pytest.mark.parametrize(("members", "words"), REFUSED)
def test_gemini_refuses(members: dict[str, Any], words: str) -> None:
    with pytest.raises(RefusedError) as refused:
        ask(**members)
    assert words in refused.value.fault.message
    assert refused.value.fault.kind in (ErrorKind.BAD_REQUEST, ErrorKind.PERMISSION)


@pytest.mark.parametrize("members", TAKEN)
def test_gemini_takes(members: dict[str, Any]) -> None:
    assert ask(**members).model


def test_both_spellings_are_one() -> None:
    camel = {"functionDeclarations": [{"name": "f", "parametersJsonSchema": SCHEMA}]}
    snake = {"function_declarations": [{"name": "f", "parameters_json_schema": SCHEMA}]}
    assert ask(tools=[camel]).ask == ask(tools=[snake]).ask


def test_programs_are_told_which_member_is_at_fault() -> None:
    body = json.encode({"contents": [USER], "generationConfig": {"temperature": "hot"}})
    call = Incoming(method="POST", path=target(GEMINI, "m"), body=body)
    with pytest.raises(RefusedError) as refused:
        gemini.read(call, strict=False)
    error = json.decode(gemini.refuse(call, refused.value.fault).frames[0])["error"]
    assert (error["code"], error["status"]) == (400, "INVALID_ARGUMENT")
    assert error["details"][0]["@type"] == "type.googleapis.com/google.rpc.BadRequest"
    assert error["details"][0]["fieldViolations"][0]["field"] == "generation_config.temperature"
