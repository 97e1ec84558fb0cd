"""The desk: whatever comes in, a script goes out."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.sandbox.desk import Desk
from dragoman.sandbox.reply import Incoming
from dragoman.sandbox.script import Script
from dragoman.wire import json
from support.maximal_requests import BESIDE, BODIES, MESSAGES_BODY
from support.sandbox import (
    CHAT,
    COHERE,
    DIALECTS,
    GEMINI,
    HELLO,
    MESSAGES,
    OLLAMA,
    RESPONSES,
    body_of,
    headers_of,
    target,
)
from support.scenario_looks import message_of

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
    return (desk or Desk()).script(Incoming(method="POST", path=path, headers=headers_of(path), body=json.encode(body)))


@pytest.mark.parametrize("path", BODIES)
def test_the_whole_request_is_taken(path: str) -> None:
    assert given_script(path, BODIES[path]).status == 200


@pytest.mark.parametrize("path", [*BODIES, *BESIDE])
def test_any_wrong_value_at_any_place_is_answered(path: str) -> None:
    desk, body = Desk(), {**BODIES, **BESIDE}[path]
    statuses = {given_script(path, changed(body, at, wrong), desk).status for at in places(body) for wrong in WRONG}
    assert {200, 400} <= statuses <= {200, 400, 404}


@given(st.recursive(st.one_of(st.none(), st.booleans(), st.integers(0, 9), st.text(max_size=3)), st.lists, max_leaves=5))
def test_any_messages_are_answered(messages: Any) -> None:
    for path, body in BODIES.items():
        name = next(name for name in ("messages", "input", "contents", "generateContentRequest") if name in body)
        assert given_script(path, {**body, name: messages}).status in (200, 400)


@pytest.mark.parametrize("path", BODIES)
def test_the_same_request_gets_the_same_answer(path: str) -> None:
    for stream in (True, False):
        body = {**BODIES[path], "stream": stream}
        assert given_script(path, body) == given_script(path, body)


@pytest.mark.parametrize(
    ("key", "headers", "good"),
    [
        (None, {}, True),
        (None, {"authorization": "Bearer anything"}, True),
        (None, {"x-api-key": "anything"}, True),
        (None, {"authorization": "Bearer sandbox-wrong-key"}, False),
        (None, {"x-api-key": "sandbox-wrong-key"}, False),
        ("right", {}, False),
        ("right", {"authorization": "Bearer right"}, True),
        ("right", {"x-api-key": "right"}, True),
        ("right", {"x-goog-api-key": "right"}, True),
        ("right", {"x-api-key": "wrong"}, False),
        ("right", {"x-goog-api-key": "wrong"}, False),
    ],
)
@pytest.mark.parametrize("path", DIALECTS)
def test_keys(key: str | None, headers: dict[str, str], good: bool, path: str) -> None:
    found = asked(path, Desk(key), headers=headers)
    assert (found.status == 200) == good
    if not good:
        status, error = REFUSED[path](headers)
        assert (found.status, error_of(found)) == (status, error)


REFUSED: dict[str, Callable[[dict[str, str]], tuple[int, str]]] = {
    CHAT: lambda headers: (401, "invalid_request_error"),
    RESPONSES: lambda headers: (401, "invalid_request_error"),
    MESSAGES: lambda headers: (401, "authentication_error"),
    OLLAMA: lambda headers: (401, "unauthorized"),
    COHERE: lambda headers: (401, "invalid api token" if headers else "no api key supplied"),
    GEMINI: lambda headers: (
        (401, "UNAUTHENTICATED")
        if "authorization" in headers
        else (400, "INVALID_ARGUMENT")
        if headers
        else (403, "PERMISSION_DENIED")
    ),
}
"""How each vendor refuses a key."""


def asked(path: str, desk: Desk, query: str = "", headers: dict[str, str] | None = None) -> Script:
    body = json.encode(body_of(path, "m", messages=HELLO))
    call = Incoming(
        method="POST", path=target(path, "m"), query=query, headers={**headers_of(path), **(headers or {})}, body=body
    )
    return desk.script(call)


def error_of(found: Script) -> str:
    body = json.decode(b"".join(step for step in found.steps if isinstance(step, bytes)))
    error = body.get("error", body.get("message"))
    return str(error if isinstance(error, str) else error.get("status") or error["type"])


def test_a_key_in_the_query_is_google_s_way() -> None:
    assert asked(GEMINI, Desk("right"), "key=right").status == 200
    refused = asked(GEMINI, Desk("right"), "key=wrong")
    assert (refused.status, error_of(refused)) == (400, "INVALID_ARGUMENT")


def get(path: str, method: str = "GET", query: str = "", **headers: str) -> tuple[int, Any]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    found = Desk().script(Incoming(method=method, path=path, query=query, headers=named))
    return found.status, json.decode(b"".join(step for step in found.steps if isinstance(step, bytes)))


@pytest.mark.parametrize("size", ["0", "-1", "x", "²", "9" * 5000, ""])
def test_any_size_of_a_page_is_answered(size: str) -> None:
    assert get("/v1/models", query=f"limit={size}", anthropic_version="2023-06-01")[0] == 200
    assert get("/v1/files", query=f"limit={size}")[0] == 200
    assert get("/v1beta/models", query=f"pageSize={size}&pageToken={size}")[0] == 200


def test_models_in_googles_shape() -> None:
    status, found = get("/v1beta/models", query="pageSize=7")
    assert (status, len(found["models"]), found["nextPageToken"]) == (200, 7, "7")
    assert found["models"][0]["name"] == "models/sandbox"
    assert get("/v1/models", x_goog_api_key="k")[1]["models"]
    assert get("/v1/models/openai/gpt-5.2", query="key=k")[1]["name"] == "models/openai/gpt-5.2"
    assert get("/v1beta/models/sandbox-404")[0] == 404


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
        ("POST", "/v1/nothing", {}, 404, "Invalid URL (POST /v1/nothing)"),
        ("POST", "/v1/messages/nothing", {}, 404, "Not Found"),
        ("POST", "/v1beta/nothing", {}, 404, "The requested URL /v1beta/nothing was not found"),
        ("GET", "/v1beta/models/m:generateContent", {}, 404, "was not found for GET"),
        ("POST", "/api/nothing", {}, 404, "404 page not found"),
        ("POST", "/v2/nothing", {}, 404, "/v2/nothing not found"),
        ("GET", OLLAMA, {}, 405, "method not allowed"),
        ("GET", COHERE, {}, 405, "GET is not allowed on /v2/chat"),
        ("GET", RESPONSES, {}, 405, "Not allowed to GET on /v1/responses."),
        ("GET", RESPONSES, {"upgrade": "websocket"}, 426, "WebSocket"),
        ("POST", "/redirected", {"anthropic_version": "2023-06-01"}, 404, "Not Found"),
    ],
)
def test_wrong_paths_and_methods(method: str, path: str, headers: dict[str, str], status: int, words: str) -> None:
    found, body = get(path, method, **headers)
    assert found == status
    assert words in message_of(body)


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
