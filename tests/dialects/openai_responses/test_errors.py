"""Errors of a Responses client: HTTP, inside streams, and the WebSocket that is not served."""

import json
from typing import Any

import pytest

from dragoman.core.errors import Error, ErrorKind
from dragoman.dialects.openai_responses import DIALECT
from dragoman.dialects.openai_responses.failed import failure
from support.responses import events_of

K = ErrorKind


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Error(kind=K.RATE_LIMIT, message="m"), "rate_limit_exceeded"),
        (Error(kind=K.RATE_LIMIT, message="m", code="slow_down"), "slow_down"),
        (Error(kind=K.BILLING, message="m"), "insufficient_quota"),
        (Error(kind=K.BILLING, message="m", code="usage_not_included"), "usage_not_included"),
        (Error(kind=K.CONTEXT_OVERFLOW, message="m"), "context_length_exceeded"),
        (Error(kind=K.TOO_LARGE, message="m"), "context_length_exceeded"),
        (Error(kind=K.OVERLOADED, message="m", code="overloaded_error"), "server_is_overloaded"),
        (Error(kind=K.BAD_REQUEST, message="m"), "invalid_prompt"),
        (Error(kind=K.CONTENT_POLICY, message="m", code="content_filter"), "invalid_prompt"),
        (Error(kind=K.CONTENT_POLICY, message="m", code="cyber_policy"), "cyber_policy"),
        (Error(kind=K.SERVER, message="m"), "server_error"),
        (Error(kind=K.TIMEOUT, message="m"), "server_error"),
    ],
)
def test_codes_that_clients_act_on(error: Error, code: str) -> None:
    assert failure(error) == {"code": code, "message": "m"}


@pytest.mark.parametrize("kind", list(ErrorKind))
def test_every_kind_can_be_told(kind: ErrorKind) -> None:
    assert failure(Error(kind=kind, message="m"))["code"]


@pytest.mark.parametrize("message", ["Slow.", "Please try again in 2s."])
def test_how_long_to_wait_is_told_once(message: str) -> None:
    told: str = failure(Error(kind=K.RATE_LIMIT, message=message, retry_after=2.0))["message"]
    assert told.count("try again in 2s") == 1


def test_a_stream_that_never_began() -> None:
    found = events_of(DIALECT.error_event(Error(kind=K.OVERLOADED, message="busy"), "req_7", begun=False))
    assert [event["type"] for event in found] == ["error", "response.failed"]
    assert found[0]["error"]["message"] == "busy"
    assert (found[1]["response"]["id"], found[1]["response"]["status"]) == ("resp_7", "failed")


def test_a_stream_that_had_begun_tells_no_second_answer() -> None:
    found = events_of(DIALECT.error_event(Error(kind=K.SERVER, message="gone"), "req_7"))
    assert [event["type"] for event in found] == ["error"]


def test_http_errors_are_openais() -> None:
    status, body = DIALECT.build_error(Error(kind=K.NOT_FOUND, message="no", ours=True), "req_1")
    assert (status, json.loads(body)["error"]["code"]) == (404, "model_not_found")


def test_no_websockets() -> None:
    (fixed,) = (path for path in DIALECT.paths if path.pattern == "/v1/responses" and path.method == "GET")
    assert (fixed.method, fixed.pattern, fixed.needs) == ("GET", "/v1/responses", "upgrade")
    assert fixed.answer is not None
    assert fixed.answer.status == 426
    told: dict[str, Any] = json.loads(fixed.answer.body)
    assert told["error"]["code"] == "websocket_not_supported"
