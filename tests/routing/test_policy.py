import math

import pytest
from msgspec.structs import replace

from dragoman.core.errors import Error, ErrorKind
from dragoman.routing import policy
from dragoman.routing.policy import Policy, for_client, most_useful, moves_on

K = ErrorKind
DEFAULT = Policy()


def error(kind: ErrorKind, status: int | None = None, **more: object) -> Error:
    return replace(Error(kind=kind, message=kind.value, status=status), **more)


@pytest.mark.parametrize(
    ("kind", "status", "expected"),
    [
        (K.SERVER, None, True),
        (K.SERVER, 500, True),
        (K.SERVER, 502, True),
        (K.TIMEOUT, None, True),
        (K.TIMEOUT, 408, True),
        (K.TIMEOUT, 504, True),
        (K.CONFLICT, 409, True),
        (K.BAD_REQUEST, 424, True),
        (K.BAD_REQUEST, 425, True),
        (K.RATE_LIMIT, 429, True),
        (K.OVERLOADED, 498, True),
        (K.OVERLOADED, 503, True),
        (K.OVERLOADED, 529, True),
        (K.BILLING, 402, True),
        (K.BILLING, 400, True),
        (K.BILLING, 429, True),
        (K.NOT_FOUND, 404, True),
        (K.AUTH, 401, True),
        (K.PERMISSION, 403, True),
        (K.UNSUPPORTED, None, True),
        (K.BAD_REQUEST, 400, False),
        (K.BAD_REQUEST, 422, False),
        (K.BAD_REQUEST, None, False),
        (K.TOO_LARGE, 413, False),
        (K.CONTEXT_OVERFLOW, 400, False),
        (K.CONTEXT_OVERFLOW, 429, False),
        (K.CONTENT_POLICY, 400, False),
        (K.CONTENT_POLICY, 403, False),
        (K.CANCELLED, 499, False),
    ],
)
def test_what_moves_on(kind: ErrorKind, status: int | None, expected: bool) -> None:
    assert moves_on(error(kind, status), DEFAULT) is expected


def test_every_kind_is_decided() -> None:
    for kind in K:
        assert moves_on(error(kind), DEFAULT) in (True, False)
        assert most_useful([error(kind)]).message != ""


def test_the_environment_can_change_it() -> None:
    assert moves_on(error(K.BAD_REQUEST, 400), Policy(retry_statuses=frozenset({400})))
    assert not moves_on(error(K.CANCELLED, 400), Policy(retry_statuses=frozenset({400})))
    assert not moves_on(error(K.AUTH, 401), Policy(retry_auth=False))
    assert not moves_on(error(K.PERMISSION, 403), Policy(retry_auth=False))
    assert moves_on(error(K.AUTH, 401), Policy(retry_auth=False, retry_statuses=frozenset({401})))


def test_our_own_refusal_of_a_request_stays() -> None:
    assert not moves_on(error(K.BAD_REQUEST, 409, ours=True), DEFAULT)


ORDER = [
    error(K.BAD_REQUEST, 400),
    error(K.RATE_LIMIT, 429),
    error(K.OVERLOADED, 503),
    error(K.SERVER, 500),
    error(K.NOT_FOUND, 404),
]


@pytest.mark.parametrize("skip", range(len(ORDER)))
def test_the_most_useful_failure_is_told(skip: int) -> None:
    left = ORDER[skip:]
    assert most_useful(left) == left[0]
    assert most_useful(left[::-1]) == left[0]


def test_of_equals_the_last_is_told() -> None:
    first, last = error(K.SERVER, 500, message="first"), error(K.TIMEOUT, 504, message="last")
    assert most_useful([first, last]) == last


def test_the_smallest_wait_of_all_is_told() -> None:
    errors = [error(K.RATE_LIMIT, 429, retry_after=50.0), error(K.OVERLOADED, 503, retry_after=7.2), error(K.RATE_LIMIT, 429)]
    told = most_useful(errors)
    assert told.kind is K.RATE_LIMIT
    assert policy.retry_after(told) == 8


@pytest.mark.parametrize(
    ("wait", "expected"),
    [
        (0.0, 1),
        (0.2, 1),
        (1.0, 1),
        (1.01, 2),
        (59.5, 60),
        (86_400.0, 60),
        (-5.0, 1),
        (None, None),
        (math.inf, None),
        (math.nan, None),
    ],
)
def test_retry_after_is_whole_useful_seconds(wait: float | None, expected: int | None) -> None:
    assert policy.retry_after(error(K.RATE_LIMIT, 429, retry_after=wait)) == expected


def test_no_wait_is_told_where_waiting_cannot_help() -> None:
    assert policy.retry_after(error(K.BAD_REQUEST, 400, retry_after=3.0)) is None


SECRET = "sk-live-0123456789"


@pytest.mark.parametrize(("kind", "status"), [(K.AUTH, 401), (K.PERMISSION, 403), (K.BILLING, 402), (K.BILLING, 403)])
def test_trouble_with_the_gateways_account_is_a_502_that_tells_no_secret(kind: ErrorKind, status: int) -> None:
    theirs = error(
        kind,
        status,
        message=f"Incorrect API key provided: {SECRET} at https://internal.example",
        body=f'{{"error":"{SECRET}"}}'.encode(),
        headers=(("request-id", SECRET),),
        code=SECRET,
        param=SECRET,
    )
    told = most_useful([theirs])
    assert (told.kind, told.status, told.ours) == (K.SERVER, 502, True)
    assert policy.should_retry(told) is False
    assert policy.retry_after(told) is None
    assert SECRET not in repr(told)
    assert "internal.example" not in repr(told)


@pytest.mark.parametrize("status", [400, 429, None])
def test_a_quota_that_is_used_up_is_told_as_such(status: int | None) -> None:
    """Programs take it for final by its own words; only 401, 402 and 403 are the gateway's affair alone."""
    told = most_useful([error(K.BILLING, status, code="insufficient_quota")])
    assert (told.kind, told.status, told.code) == (K.BILLING, status, "insufficient_quota")
    assert policy.should_retry(told) is False
    assert policy.retry_after(told) is None


def test_another_kind_never_keeps_the_status_of_credentials() -> None:
    told = for_client(error(K.CONTENT_POLICY, 403, body=b"{}"))
    assert (told.kind, told.status, told.body) == (K.CONTENT_POLICY, None, None)


def test_our_own_errors_pass() -> None:
    ours = error(K.AUTH, 401, ours=True)
    assert for_client(ours) is ours


@pytest.mark.parametrize("kind", list(K))
def test_x_should_retry_is_false_only_where_waiting_cannot_help(kind: ErrorKind) -> None:
    cannot = {K.AUTH, K.PERMISSION, K.BILLING, K.UNSUPPORTED}
    assert policy.should_retry(error(kind)) is (False if kind in cannot else None)


def test_nothing_tried_is_an_error_too() -> None:
    assert most_useful([]).status == 502
