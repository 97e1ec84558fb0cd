"""The desk: whatever comes in, a script goes out."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.sandbox.desk import Desk
from dragoman.sandbox.reply import Incoming
from dragoman.sandbox.script import Script
from dragoman.sandbox.signature import sign
from dragoman.wire import json
from support.sandbox import CHAT, CHAT_TOOLS, HELLO, MESSAGES, MESSAGES_TOOLS, VERSION

CHAT_BODY: dict[str, Any] = {
    "model": "m",
    "messages": [
        {"role": "system", "content": [{"type": "text", "text": "x"}]},
        {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}]},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}],
        },
        {"role": "tool", "tool_call_id": "c", "content": [{"type": "text", "text": "x"}]},
        {"role": "user", "content": [{"type": "file", "file": {"file_id": "f"}}, {"type": "text", "text": "hi"}]},
    ],
    "tools": [*CHAT_TOOLS, {"type": "custom", "custom": {"name": "c"}}],
    "tool_choice": {
        "type": "allowed_tools",
        "allowed_tools": {"mode": "auto", "tools": [{"type": "custom", "custom": {"name": "c"}}]},
    },
    "response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "object"}, "strict": False}},
    "stream": True,
    "stream_options": {"include_usage": True},
    "stop": ["x"],
    "n": 2,
    "max_tokens": 100,
    "temperature": 1,
    "thinking": {"type": "enabled"},
    "reasoning": {"effort": "low"},
    "reasoning_effort": "low",
}
MESSAGES_BODY: dict[str, Any] = {
    "model": "m",
    "max_tokens": 2000,
    "system": [{"type": "text", "text": "x", "cache_control": {"type": "ephemeral"}}],
    "messages": [
        {"role": "user", "content": [{"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}}]},
        {"role": "system", "content": "x"},
        {
            "role": "assistant",
            "content": [
                {"type": "thinking", "thinking": "x", "signature": sign("x")},
                {"type": "redacted_thinking", "data": sign("x", "redacted")},
                {"type": "tool_use", "id": "t", "name": "f", "input": {}},
            ],
        },
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": "t", "content": [{"type": "text", "text": "x"}]},
                {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "x"}},
                {"type": "text", "text": "hi"},
            ],
        },
    ],
    "tools": MESSAGES_TOOLS,
    "tool_choice": {"type": "tool", "name": "get_weather", "disable_parallel_tool_use": True},
    "thinking": {"type": "adaptive", "display": "omitted"},
    "output_config": {
        "effort": "low",
        "format": {"type": "json_schema", "schema": {"type": "object", "additionalProperties": False}},
    },
    "stop_sequences": ["x"],
    "stream": True,
    "temperature": 1,
    "metadata": {"user_id": "x"},
}
BODIES = {CHAT: CHAT_BODY, MESSAGES: MESSAGES_BODY, f"{MESSAGES}/count_tokens": MESSAGES_BODY}
WRONG: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    1.5,
    "",
    "x",
    [],
    [None],
    ["x"],
    [[]],
    [{}],
    {},
    {"type": "x"},
    {"content": {"type": 1}},
)


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield at
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, found in inner:
        yield from places(found, (*at, key))


def changed(value: Any, at: tuple[Any, ...], new: Any) -> Any:
    if not at:
        return new
    copy = value.copy()
    copy[at[0]] = changed(value[at[0]], at[1:], new)
    return copy


def given_script(path: str, body: Any, desk: Desk | None = None) -> Script:
    headers = VERSION if path.startswith(MESSAGES) else {}
    return (desk or Desk()).script(Incoming(method="POST", path=path, headers=headers, body=json.encode(body)))


@pytest.mark.parametrize("path", BODIES)
def test_the_whole_request_is_taken(path: str) -> None:
    assert given_script(path, BODIES[path]).status == 200


@pytest.mark.parametrize("path", BODIES)
def test_any_wrong_value_at_any_place_is_answered(path: str) -> None:
    desk = Desk()
    statuses = {
        given_script(path, changed(BODIES[path], at, wrong), desk).status for at in places(BODIES[path]) for wrong in WRONG
    }
    assert statuses == {200, 400}


@given(st.recursive(st.one_of(st.none(), st.booleans(), st.integers(0, 9), st.text(max_size=3)), st.lists, max_leaves=5))
def test_any_messages_are_answered(messages: Any) -> None:
    for path, body in BODIES.items():
        assert given_script(path, {**body, "messages": messages}).status == 400


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("path", [CHAT, MESSAGES])
def test_the_same_request_gets_the_same_answer(path: str, stream: bool) -> None:
    body = {**BODIES[path], "stream": stream}
    assert given_script(path, body) == given_script(path, body)


@pytest.mark.parametrize(
    ("key", "headers", "status"),
    [
        (None, {}, 200),
        (None, {"authorization": "Bearer anything"}, 200),
        (None, {"x-api-key": "anything"}, 200),
        (None, {"authorization": "Bearer sandbox-wrong-key"}, 401),
        (None, {"x-api-key": "sandbox-wrong-key"}, 401),
        ("right", {}, 401),
        ("right", {"authorization": "Bearer right"}, 200),
        ("right", {"x-api-key": "right"}, 200),
        ("right", {"x-api-key": "wrong"}, 401),
    ],
)
@pytest.mark.parametrize("path", [CHAT, MESSAGES])
def test_keys(key: str | None, headers: dict[str, str], status: int, path: str) -> None:
    body = json.encode({"model": "m", "max_tokens": 9, "messages": HELLO})
    found = Desk(key).script(Incoming(method="POST", path=path, headers={**VERSION, **headers}, body=body))
    assert found.status == status
    if status == 401:
        error = json.decode(b"".join(step for step in found.steps if isinstance(step, bytes)))["error"]
        assert error["type"] == ("invalid_request_error" if path == CHAT else "authentication_error")


def get(path: str, method: str = "GET", query: str = "", **headers: str) -> tuple[int, Any]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    found = Desk().script(Incoming(method=method, path=path, query=query, headers=named))
    return found.status, json.decode(b"".join(step for step in found.steps if isinstance(step, bytes)))


def test_models_in_the_callers_shape() -> None:
    status, found = get("/v1/models")
    assert (status, found["object"]) == (200, "list")
    assert {"sandbox", "sandbox-429"} <= {model["id"] for model in found["data"]}
    assert get("/v1/models/openai/gpt-5.2:free")[1]["id"] == "openai/gpt-5.2:free"
    assert get("/v1/models/a%2Fb")[1]["id"] == "a/b"
    assert get("/v1/models/x", anthropic_version="2023-06-01")[1]["type"] == "model"
    assert get("/v1/models/sandbox-404")[0] == 404


def test_anthropic_models_come_in_pages() -> None:
    seen: list[str] = []
    more, query = True, "limit=7"
    while more:
        page = get("/v1/models", query=query, anthropic_version="2023-06-01")[1]
        seen += [model["id"] for model in page["data"]]
        more, query = page["has_more"], f"limit=7&after_id={page['last_id']}"
    assert seen == [model["id"] for model in get("/v1/models")[1]["data"]]


@pytest.mark.parametrize(
    ("method", "path", "headers", "status", "words"),
    [
        ("GET", CHAT, {}, 405, "Not allowed to GET on /v1/chat/completions."),
        ("GET", MESSAGES, {}, 405, "Method Not Allowed"),
        ("POST", "/v1/models", {}, 405, "Not allowed to POST"),
        ("POST", "/v1/embeddings", {}, 404, "Invalid URL (POST /v1/embeddings)"),
        ("POST", "/v1/messages/batches", {}, 404, "Not Found"),
        ("POST", "/redirected", {"anthropic_version": "2023-06-01"}, 404, "Not Found"),
    ],
)
def test_wrong_paths_and_methods(method: str, path: str, headers: dict[str, str], status: int, words: str) -> None:
    found, body = get(path, method, **headers)
    assert found == status
    assert words in body["error"]["message"]


def test_counting_tells_what_the_usage_will_tell() -> None:
    body = {name: value for name, value in MESSAGES_BODY.items() if name not in ("stream", "max_tokens")}
    counted = given_script(f"{MESSAGES}/count_tokens", body)
    told = given_script(MESSAGES, {**MESSAGES_BODY, "stream": False})
    (count,), (message,) = ([json.decode(s) for s in found.steps if isinstance(s, bytes)] for found in (counted, told))
    usage = message["usage"]
    assert (
        count["input_tokens"] == usage["input_tokens"] + usage["cache_read_input_tokens"] + usage["cache_creation_input_tokens"]
    )
    assert usage["cache_read_input_tokens"] > 0
