"""Providers' refusals of members, in the words they were seen in; and errors that only look like them."""

import json
from typing import Any

import pytest

from dragoman.dialects.faults.read import parse_error
from dragoman.dialects.faults.unsupported import ROWS, unsupported

OPENAI: dict[str, Any] = {"type": "invalid_request_error", "param": None, "code": None}


def openai(message: str, **more: Any) -> dict[str, Any]:
    return {"error": {**OPENAI, "message": message, **more}}


def anthropic(message: str) -> dict[str, Any]:
    return {"type": "error", "error": {"type": "invalid_request_error", "message": message}}


def extra(*loc: object, **more: Any) -> dict[str, Any]:
    return {"type": "extra_forbidden", "loc": ["body", *loc], "msg": "Extra inputs are not permitted", "input": None, **more}


COERCED = "[{'type': 'extra_forbidden', 'loc': ('body', 'max_completion_tokens'), 'msg': 'Extra inputs are not permitted'}]"
GROQ = "'messages.1' : for 'role:assistant' the following must be satisfied[('messages.1' : property '%s' is unsupported)]"
CEREBRAS = "messages.1.assistant.reasoning_content: property 'messages.1.assistant.reasoning_content' is unsupported"
GOOGLE = "Invalid JSON payload received. Unknown name \"%s\" at '%s': Cannot find field."
BEHIND = json.dumps(openai("Unknown parameter: 'x'."))
NIM = "body -> frequency_penalty\n  Extra inputs are not permitted (type=extra_forbidden)\n"
NIM += "body -> messages -> 0 -> name\n  Extra inputs are not permitted (type=extra_forbidden)"

SEEN: list[tuple[str, int, Any, tuple[str, ...]]] = [
    (
        "OpenAI's code and param",
        400,
        openai("Unsupported parameter: 'top_p' is not supported with this model.", param="top_p", code="unsupported_parameter"),
        ("top_p",),
    ),
    ("OpenAI, a path", 400, openai("Unknown parameter: 'input[52].phase'.", code="unknown_parameter"), ("input.*.phase",)),
    (
        "Azure",
        400,
        openai("Unrecognized request argument supplied: stream_options. Please contact us"),
        ("stream_options",),
    ),
    ("Azure, several", 400, openai("Unrecognized request arguments supplied: location, foo"), ("location", "foo")),
    (
        "Azure, long ago",
        400,
        openai("Additional properties are not allowed ('a', 'b' were unexpected) - 'messages.0'"),
        ("messages.*.a", "messages.*.b"),
    ),
    (
        "Anthropic",
        400,
        anthropic("tools.0.custom.defer_loading: Extra inputs are not permitted"),
        ("tools.*.custom.defer_loading",),
    ),
    (
        "Anthropic, in a block",
        400,
        anthropic("messages.1.content.0.thinking.cache_control: Extra inputs are not permitted"),
        ("messages.*.content.*.thinking.cache_control",),
    ),
    ("Anthropic, deprecated", 400, anthropic("`temperature` is deprecated for this model."), ("temperature",)),
    (
        "Bedrock, deprecated",
        400,
        {"message": "The model returned the following errors: temperature is deprecated for this model."},
        ("temperature",),
    ),
    (
        "Bedrock",
        400,
        {"message": "Malformed input request: #: extraneous key [chat_id] is not permitted, please reformat"},
        ("chat_id",),
    ),
    ("FastAPI", 422, {"detail": [extra("store"), extra("messages", 3, "user", "name")]}, ("store", "messages.*.user.name")),
    (
        "FastAPI, pydantic 1",
        422,
        {"detail": [{"loc": ["body", "store"], "msg": "extra fields not permitted", "type": "x"}]},
        ("store",),
    ),
    (
        "Mistral",
        422,
        {"object": "error", "message": {"detail": [extra("messages", 0, "user", "name")]}, **OPENAI},
        ("messages.*.user.name",),
    ),
    (
        "Mistral, as text",
        422,
        {"object": "error", "message": json.dumps({"detail": [extra("frequency_penalty")]})},
        ("frequency_penalty",),
    ),
    ("vLLM", 400, {"object": "error", "message": COERCED, "type": "BadRequestError", "code": 400}, ("max_completion_tokens",)),
    ("NVIDIA", 422, {"title": "Unprocessable Entity", "status": 422, "detail": NIM}, ("frequency_penalty", "messages.*.name")),
    (
        "NVIDIA, NIM",
        400,
        {"message": "Validation: Unsupported parameter(s): `prompt_cache_key`", "code": 400},
        ("prompt_cache_key",),
    ),
    ("Groq", 400, openai(GROQ % "reasoning_content"), ("messages.*.reasoning_content", "reasoning_content")),
    ("Groq, top level", 400, openai("property 'store' is unsupported, did you mean 'stop'?"), ("store",)),
    (
        "Groq, a model",
        400,
        openai("messages[2].reasoning: reasoning is not supported with this model"),
        ("messages.*.reasoning", "reasoning"),
    ),
    ("Cerebras", 400, {"message": CEREBRAS, "code": "wrong_api_format"}, ("messages.*.assistant.reasoning_content",)),
    (
        "xAI",
        400,
        {"code": "Client specified an invalid argument", "error": "Argument not supported on this model: stop"},
        ("stop",),
    ),
    ("xAI, now", 400, {"error": "Model grok-4-1 does not support parameter presencePenalty."}, ("presencePenalty",)),
    ("LiteLLM", 400, openai("together_ai does not support parameters: ['reasoning_effort'], for model=Q"), ("reasoning_effort",)),
    (
        "Google",
        400,
        [{"error": {"code": 400, "message": GOOGLE % ("thinkingConfig", "generation_config"), "status": "INVALID_ARGUMENT"}}],
        ("generation_config.thinkingConfig",),
    ),
    (
        "Fireworks",
        400,
        openai("Error: Extra inputs are not permitted, field: 'messages[8].reasoning', value: 'Now I'"),
        ("messages.*.reasoning",),
    ),
    (
        "Cohere",
        422,
        {"message": "unknown field: parameter 'strict' is not a valid field. For proper usage"},
        ("parameter", "strict"),
    ),
    ("Cohere, n", 422, {"id": "x", "message": "unprocessable entity: n is not supported"}, ("n",)),
    ("a server in Go", 400, openai('json: unknown field "stream_options"'), ("stream_options",)),
    (
        "a server in Rust",
        400,
        openai("messages[1].a: unknown field `cache_control`, expected `role`"),
        ("messages.*.a.cache_control",),
    ),
    (
        "OpenRouter, of the provider behind it",
        400,
        {"error": {"message": "Provider returned error", "code": 400, "metadata": {"raw": BEHIND}}},
        ("x",),
    ),
]

OTHERS = [
    (
        "a value",
        400,
        openai(
            "Unsupported value: 'temperature' does not support 0.2 with this model. Only the default (1) value is supported.",
            param="temperature",
            code="unsupported_value",
        ),
    ),
    ("a value of a kind", 400, openai("Invalid value: 'xhigh'. Supported values are: 'low', 'high'.", param="reasoning_effort")),
    ("too much", 400, anthropic("max_tokens: 99999 > 8192, which is the maximum allowed number of output tokens for m")),
    ("out of range", 400, anthropic("temperature: range: 0..1")),
    ("missing", 400, openai("Missing required parameter: 'messages'.", param="messages", code="missing_required_parameter")),
    ("missing, FastAPI", 422, {"detail": [{"type": "missing", "loc": ["body", "model"], "msg": "Field required"}]}),
    ("a param without such a code", 400, openai("Invalid schema for response_format 'x'", param="response_format")),
    ("too long", 400, anthropic("prompt is too long: 200001 tokens > 200000 maximum")),
    ("our own key", 401, openai("Unknown parameter: 'x'.", code="unknown_parameter", param="x")),
    ("another status", 404, openai("Unknown parameter: 'x'.")),
    ("the server", 500, openai("Unsupported param: tools")),
    ("nothing", 400, openai("Bad Request")),
]


@pytest.mark.parametrize(("status", "body", "paths"), [case[1:] for case in SEEN], ids=[case[0] for case in SEEN])
def test_the_members_that_are_refused(status: int, body: Any, paths: tuple[str, ...]) -> None:
    found = unsupported(parse_error(status, (), json.dumps(body).encode()))
    assert [path for path in found if path not in ("parameter",)] == [path for path in paths if path not in ("parameter",)]


@pytest.mark.parametrize(("status", "body"), [case[1:] for case in OTHERS], ids=[case[0] for case in OTHERS])
def test_other_errors_name_none(status: int, body: Any) -> None:
    assert unsupported(parse_error(status, (), json.dumps(body).encode())) == ()


def test_every_row_has_a_date_and_is_seen() -> None:
    told = [parse_error(status, (), json.dumps(body).encode()).message for _, status, body, _ in SEEN]
    for row in ROWS:
        assert "202" in row.source
        assert any(row.pattern.search(message) for message in told), row.pattern.pattern


def test_a_long_message_is_read_in_no_time() -> None:
    """No pattern looks back and forth: a message of one long word is bounded work."""
    for message in ("a" * 500_000, "a.b[" * 100_000, "'loc': (" * 50_000):
        assert unsupported(parse_error(400, (), json.dumps(openai(message)).encode())) == ()
