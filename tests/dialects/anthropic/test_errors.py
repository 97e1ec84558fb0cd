"""Errors of every kind, read from any body and written in Anthropic's shape."""

import json
from typing import Any

import pytest
from msgspec import Raw

from dragoman.core.errors import Error, ErrorKind
from dragoman.core.loss import Loss, LossKind
from dragoman.dialects.anthropic import DIALECT

K = ErrorKind


def parse(status: int, body: Any, **headers: str) -> Error:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return DIALECT.parse_error(status, tuple((name.replace("_", "-"), value) for name, value in headers.items()), data)


def anthropic(type_: str, message: str = "x", **members: Any) -> dict[str, Any]:
    return {"type": "error", "error": {"type": type_, "message": message, **members}}


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, anthropic("invalid_request_error"), K.BAD_REQUEST),
        (400, anthropic("invalid_request_error", "prompt is too long: 9 tokens > 8 maximum"), K.CONTEXT_OVERFLOW),
        (
            400,
            anthropic("invalid_request_error", "input length and `max_tokens` exceed context limit: 9 > 8"),
            K.CONTEXT_OVERFLOW,
        ),
        (400, anthropic("invalid_request_error", "Your credit balance is too low to access the API."), K.BILLING),
        (400, anthropic("invalid_request_error", "You have reached your specified API usage limits."), K.BILLING),
        (401, anthropic("authentication_error"), K.AUTH),
        (402, anthropic("billing_error"), K.BILLING),
        (403, anthropic("permission_error"), K.PERMISSION),
        (404, anthropic("not_found_error", "model: x"), K.NOT_FOUND),
        (409, anthropic("conflict_error"), K.CONFLICT),
        (413, anthropic("request_too_large"), K.TOO_LARGE),
        (413, b"<html><title>413 Too Large</title></html>", K.TOO_LARGE),
        (429, anthropic("rate_limit_error"), K.RATE_LIMIT),
        (429, anthropic("rate_limit_error", details={"error_code": "enforced_spend_limit_reached"}), K.BILLING),
        (500, anthropic("api_error"), K.SERVER),
        (504, anthropic("timeout_error"), K.TIMEOUT),
        (529, anthropic("overloaded_error"), K.OVERLOADED),
        (500, anthropic("overloaded_error"), K.OVERLOADED),
        (408, b"", K.TIMEOUT),
        (418, b"teapot", K.BAD_REQUEST),
        (502, b"<html><head><title>502 Bad Gateway</title></head></html>", K.SERVER),
        (503, {"error": "busy"}, K.OVERLOADED),
        (422, {"detail": [{"loc": ["body"], "msg": "x"}]}, K.BAD_REQUEST),
        (404, {"message": "no route"}, K.NOT_FOUND),
        (429, [{"error": {"message": "slow down"}}], K.RATE_LIMIT),
        (400, {"error": {"code": "context_length_exceeded", "message": "x"}}, K.CONTEXT_OVERFLOW),
        (402, {"error": {"message": "Insufficient Balance", "type": "unknown_error"}}, K.BILLING),
    ],
)
def test_kinds(status: int, body: Any, kind: ErrorKind) -> None:
    found = parse(status, body)
    assert (found.kind, found.status) == (kind, status)
    assert found.message


def test_words_of_the_provider() -> None:
    found = parse(
        429, anthropic("rate_limit_error", "slow", details={"error_code": "e"}), retry_after="7", x_should_retry="false"
    )
    assert (found.message, found.code, found.type_, found.retry_after, found.should_retry) == (
        "slow",
        "e",
        "rate_limit_error",
        7,
        False,
    )
    assert found.details == Raw(b'{"error_code":"e"}')
    assert parse(503, b"", retry_after="9", retry_after_ms="1500").retry_after == 1.5
    dated = {"retry_after": "Wed, 21 Oct 2026 07:28:30 GMT", "date": "Wed, 21 Oct 2026 07:28:00 GMT"}
    assert parse(503, b"", **dated).retry_after == 30
    assert parse(503, b"", retry_after="soon").retry_after is None
    assert parse(502, b"<html><head><title>502 Bad\nGateway</title></head></html>").message == "502 Bad Gateway"


@pytest.mark.parametrize(
    ("kind", "status", "type_"),
    [
        (K.BAD_REQUEST, 400, "invalid_request_error"),
        (K.CONTEXT_OVERFLOW, 400, "invalid_request_error"),
        (K.CONTENT_POLICY, 400, "invalid_request_error"),
        (K.UNSUPPORTED, 400, "invalid_request_error"),
        (K.AUTH, 401, "authentication_error"),
        (K.BILLING, 402, "billing_error"),
        (K.PERMISSION, 403, "permission_error"),
        (K.NOT_FOUND, 404, "not_found_error"),
        (K.CONFLICT, 409, "conflict_error"),
        (K.TOO_LARGE, 413, "request_too_large"),
        (K.RATE_LIMIT, 429, "rate_limit_error"),
        (K.CANCELLED, 499, "api_error"),
        (K.SERVER, 500, "api_error"),
        (K.TIMEOUT, 504, "timeout_error"),
        (K.OVERLOADED, 529, "overloaded_error"),
    ],
)
def test_every_kind_has_its_answer(kind: ErrorKind, status: int, type_: str) -> None:
    found, body = DIALECT.build_error(Error(kind=kind, message="m", ours=True), "req_1")
    assert found == status
    assert json.loads(body) == {"type": "error", "error": {"type": type_, "message": "m"}, "request_id": "req_1"}


def test_no_kind_is_left_without_an_answer() -> None:
    for kind in K:
        assert 400 <= DIALECT.build_error(Error(kind=kind, message="m"), "")[0] < 600


def test_a_providers_refusal_of_our_credentials_is_not_the_clients_fault() -> None:
    for kind in (K.AUTH, K.PERMISSION, K.BILLING):
        status, body = DIALECT.build_error(Error(kind=kind, message="m", status=401), "")
        assert (status, json.loads(body)["error"]["type"]) == (502, "api_error")


@pytest.mark.parametrize(
    ("status", "told"),
    [(429, (429, "rate_limit_error")), (None, (429, "rate_limit_error")), (400, (400, "invalid_request_error"))],
)
def test_a_quota_that_is_used_up_is_told_as_such(status: int | None, told: tuple[int, str]) -> None:
    found, body = DIALECT.build_error(Error(kind=K.BILLING, message="m", status=status), "")
    assert (found, json.loads(body)["error"]["type"]) == told


def test_statuses_that_are_kept() -> None:
    assert DIALECT.build_error(Error(kind=K.SERVER, message="m", status=502), "")[0] == 502
    assert DIALECT.build_error(Error(kind=K.BAD_REQUEST, message="m", status=422), "")[0] == 400
    assert DIALECT.build_error(Error(kind=K.UNSUPPORTED, message="m", status=501, ours=True), "")[0] == 501


def test_details_are_passed_on_also_over_several_lines() -> None:
    error = Error(kind=K.BAD_REQUEST, message="m", details=Raw(b'{\n"error_code": "e"}'))
    assert json.loads(DIALECT.build_error(error, "")[1])["error"]["details"] == {"error_code": "e"}
    event = DIALECT.error_event(error, "req_1")
    assert event.count(b"\n") == 3
    assert json.loads(event.split(b"data: ")[1])["request_id"] == "req_1"


def test_a_refused_thread_is_told_in_the_words_its_sdks_act_on() -> None:
    refused = DIALECT.refusal((Loss("/thread", LossKind.REFUSED),))
    status, body = DIALECT.build_error(refused, "req_1")
    assert status == 400
    assert json.loads(body)["error"]["details"] == {"error_code": "thread_unsupported_request", "unsupported": ["thread"]}


def test_a_refusal_names_the_fields() -> None:
    refused = DIALECT.refusal((Loss("/tools/0", LossKind.REFUSED, "runs elsewhere"), Loss("/mcp_servers", LossKind.DROPPED)))
    told = "tools.0; mcp_servers: Extra inputs are not permitted (not supported by the model's provider: runs elsewhere)"
    assert refused.message == told
    assert (refused.kind, refused.status, refused.param, refused.details) == (K.UNSUPPORTED, 400, "tools.0", None)
