"""Errors of every compatible provider, and how OpenAI would tell them."""

import json
from typing import Any

import pytest

from dragoman.core.errors import Error, ErrorKind, bad_request
from dragoman.core.loss import Loss, LossKind
from dragoman.dialects.openai_chat import DIALECT

K = ErrorKind
FILTERED = {"code": "content_filter", "message": "f", "innererror": {"code": "ResponsibleAIPolicyViolation"}}


def parse(status: int, body: Any, headers: tuple[tuple[str, str], ...] = ()) -> Error:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return DIALECT.parse_error(status, headers, data)


def openai(message: str = "m", **members: Any) -> dict[str, Any]:
    return {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": None, **members}}


def routed(code: int, message: str, **metadata: Any) -> dict[str, Any]:
    """As OpenRouter tells what the provider behind it said."""
    return {"error": {"code": code, "message": message, "metadata": metadata}}


@pytest.mark.parametrize(
    ("status", "body", "kind", "message"),
    [
        (400, openai("bad", param="messages"), K.BAD_REQUEST, "bad"),
        (400, openai("long", code="context_length_exceeded"), K.CONTEXT_OVERFLOW, "long"),
        (400, openai("This model's maximum context length is 8 tokens."), K.CONTEXT_OVERFLOW, "maximum context length"),
        (401, openai("key", code="invalid_api_key"), K.AUTH, "key"),
        (403, openai("region"), K.PERMISSION, "region"),
        (404, openai("no", code="model_not_found"), K.NOT_FOUND, "no"),
        (429, openai("slow", code="rate_limit_exceeded"), K.RATE_LIMIT, "slow"),
        (429, openai("pay", code="insufficient_quota", type="insufficient_quota"), K.BILLING, "pay"),
        (400, openai("pay", code="organization_spend_limit_exceeded"), K.BILLING, "pay"),
        (500, openai("oops", type="server_error"), K.SERVER, "oops"),
        (503, openai("busy", code="server_is_overloaded"), K.OVERLOADED, "busy"),
        (400, {"error": FILTERED}, K.CONTENT_POLICY, "f"),
        (401, {"error": {"code": "401", "message": "denied"}}, K.AUTH, "denied"),
        (429, {"object": "error", "message": "Requests rate limit exceeded", "type": "rate_limited", "code": "1300"},
         K.RATE_LIMIT, "Requests"),
        (429, {"error": {"code": "1113", "message": "balance"}}, K.BILLING, "balance"),
        (400, {"code": "Client specified an invalid argument", "error": "No support."}, K.BAD_REQUEST, "No support."),
        (422, {"detail": [{"loc": ["body"], "msg": "required"}]}, K.BAD_REQUEST, "required"),
        (404, {"error": "model 'x' not found"}, K.NOT_FOUND, "model 'x' not found"),
        (400, [{"error": {"code": 400, "message": "API key not valid", "status": "INVALID_ARGUMENT"}}], K.AUTH, "API key"),
        (400, routed(400, "Provider returned error", raw=json.dumps(openai("deep", code="context_length_exceeded"))),
         K.CONTEXT_OVERFLOW, "Provider returned error: deep"),
        (403, routed(403, "moderated", reasons=["violence"]), K.PERMISSION, "flagged for violence"),
        (502, b"<html><h1>Bad gateway</h1></html>", K.SERVER, "Bad gateway"),
        (529, b"", K.OVERLOADED, "529"),
        (418, b"teapot", K.BAD_REQUEST, "teapot"),
        (402, {"error": {"message": "Insufficient Balance"}}, K.BILLING, "Insufficient"),
    ],
)  # fmt: skip
def test_kinds(status: int, body: Any, kind: ErrorKind, message: str) -> None:
    found = parse(status, body)
    assert found.kind is kind
    assert message in found.message
    assert (found.status, found.ours) == (status, False)


def test_headers_are_read() -> None:
    found = parse(429, openai(), (("Retry-After", "20"), ("x-should-retry", "false"), ("content-type", "application/json")))
    assert (found.retry_after, found.should_retry, found.content_type) == (20.0, False, "application/json")
    assert parse(429, openai(), (("retry-after-ms", "1500"), ("retry-after", "9"))).retry_after == 1.5
    assert parse(429, openai(), (("retry-after", "Wed, 21 Oct 2026 07:28:00 GMT"),)).retry_after is None
    assert parse(500, b"x").body == b"x"


@pytest.mark.parametrize(
    ("error", "status", "type_", "code"),
    [
        (Error(kind=K.BAD_REQUEST, message="m", status=422, code="odd"), 422, "invalid_request_error", "odd"),
        (Error(kind=K.CONTEXT_OVERFLOW, message="m", status=413), 400, "invalid_request_error", "context_length_exceeded"),
        (Error(kind=K.AUTH, message="m", ours=True), 401, "invalid_request_error", "invalid_api_key"),
        (Error(kind=K.AUTH, message="m", status=401), 502, "invalid_request_error", "invalid_api_key"),
        (Error(kind=K.BILLING, message="m", status=402), 502, "insufficient_quota", "insufficient_quota"),
        (Error(kind=K.OVERLOADED, message="m", status=529), 503, "service_unavailable_error", "server_is_overloaded"),
        (Error(kind=K.RATE_LIMIT, message="m", status=429), 429, "rate_limit_error", "rate_limit_exceeded"),
        (Error(kind=K.SERVER, message="m", status=502), 502, "server_error", "server_error"),
        (Error(kind=K.SERVER, message="m"), 500, "server_error", "server_error"),
        (Error(kind=K.TIMEOUT, message="m"), 504, "server_error", "timeout"),
    ],
)  # fmt: skip
def test_told_as_openai_does(error: Error, status: int, type_: str, code: str) -> None:
    found, body = DIALECT.build_error(error, "req_1")
    inner = json.loads(body)["error"]
    assert (found, inner["type"], inner["code"], inner["message"], inner["param"]) == (status, type_, code, "m", None)


@pytest.mark.parametrize("kind", list(ErrorKind))
def test_every_kind_can_be_told_and_read_again(kind: ErrorKind) -> None:
    status, body = DIALECT.build_error(Error(kind=kind, message="m", ours=True), "req_1")
    again = parse(status, body).kind
    assert again is (K.BAD_REQUEST if kind is K.UNSUPPORTED else kind)


def test_our_own_findings() -> None:
    error = bad_request("messages.0.content: Expected `str`, got `int`", "messages.0.content").error
    inner = json.loads(DIALECT.build_error(error, "")[1])["error"]
    assert inner["message"] == "Invalid type for 'messages[0].content': expected a string, but got an integer instead."
    assert (inner["param"], inner["code"]) == ("messages[0].content", "invalid_type")


def test_a_refusal_names_the_fields() -> None:
    losses = (Loss("/n", LossKind.REFUSED, "one answer"), Loss("/messages/0/content/1", LossKind.REFUSED))
    error = DIALECT.refusal(losses)
    status, body = DIALECT.build_error(error, "")
    inner = json.loads(body)["error"]
    assert (status, inner["param"], inner["code"]) == (400, "n", "unsupported_parameter")
    assert "'n'" in inner["message"]
    assert "'messages[0].content[1]'" in inner["message"]
