import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from dragoman.core.config import Secret, Target
from dragoman.core.errors import Error, ErrorKind
from dragoman.providers.targets import target_for
from dragoman.routing import health
from dragoman.routing.health import Health
from support.routing import BUILT, provider

K = ErrorKind


def target(model: str = "m", name: str = "A", key: str = "one") -> Target:
    found = target_for(provider(name, api_key=Secret(key)), model, "openai-chat", BUILT)
    assert found is not None
    return found


def error(kind: ErrorKind, retry_after: float | None = None) -> Error:
    return Error(kind=kind, message="x", retry_after=retry_after)


@pytest.mark.parametrize("kind", [K.RATE_LIMIT, K.OVERLOADED, K.SERVER, K.TIMEOUT, K.NOT_FOUND, K.BILLING])
def test_illness_cools_and_heals(kind: ErrorKind) -> None:
    found = Health()
    found.outcome(target(), error(kind), 100.0)
    until = found.cooling(target(), 100.0)
    assert until is not None
    assert until > 100.0
    assert found.cooling(target(), until) is None
    found.outcome(target(), None, 101.0)
    assert found.cooling(target(), 101.0) is None


@pytest.mark.parametrize(
    "kind", [K.BAD_REQUEST, K.CONTEXT_OVERFLOW, K.TOO_LARGE, K.CONTENT_POLICY, K.UNSUPPORTED, K.CANCELLED, K.CONFLICT]
)
def test_a_wrong_request_or_a_client_that_left_says_nothing_of_the_target(kind: ErrorKind) -> None:
    found = Health()
    for _ in range(100):
        found.outcome(target(), error(kind), 1.0)
    assert found.cooling(target(), 1.0) is None


def test_only_the_model_that_failed_cools() -> None:
    found = Health()
    found.outcome(target("m"), error(K.RATE_LIMIT, 30), 0.0)
    assert found.cooling(target("other"), 1.0) is None
    assert found.cooling(target("m", name="B"), 1.0) is None


@pytest.mark.parametrize("kind", [K.BILLING, K.AUTH, K.PERMISSION])
def test_trouble_with_the_account_is_the_whole_providers(kind: ErrorKind) -> None:
    found = Health()
    found.outcome(target("m"), error(kind), 0.0)
    assert found.cooling(target("other"), 1.0) is not None
    assert found.cooling(target("m", name="B"), 1.0) is None


def test_a_misconfigured_provider_heals_with_its_record_or_by_serving() -> None:
    found = Health()
    found.outcome(target(key="bad"), error(K.AUTH), 0.0)
    assert found.cooling(target(key="bad"), 1e9) == math.inf
    assert "misconfigured" in found.why(target(key="bad"), 1e9)
    assert found.cooling(target(key="good"), 1.0) is None
    found.outcome(target(key="bad"), None, 2.0)
    assert found.cooling(target(key="bad"), 3.0) is None


@pytest.mark.parametrize(
    ("told", "seconds"),
    [(30, 30), (0.2, 0.2), (86_400, health.LONGEST), (0, 5), (-3, 5), (math.nan, 5), (math.inf, 5), (None, 5)],
)
def test_retry_after_is_believed_within_reason(told: float | None, seconds: float) -> None:
    found = Health()
    found.outcome(target(), error(K.RATE_LIMIT, told), 100.0)
    assert found.cooling(target(), 100.0) == 100.0 + seconds


def test_cooldowns_grow_up_to_a_bound_and_are_forgotten() -> None:
    found, now, waits = Health(), 0.0, []
    for _ in range(9):
        found.outcome(target(), error(K.SERVER), now)
        until = found.cooling(target(), now)
        assert until is not None
        waits.append(until - now)
        now = until
    assert waits == [5, 10, 20, 40, 80, 160, 300, 300, 300]
    found.outcome(target(), error(K.SERVER), now + 10_000)
    assert found.cooling(target(), now + 10_000) == now + 10_005


def test_calls_that_were_under_way_count_once() -> None:
    found = Health()
    for _ in range(50):
        found.outcome(target(), error(K.SERVER), 0.0)
    assert found.cooling(target(), 0.0) == 5.0
    found.outcome(target(), error(K.SERVER, retry_after=30), 1.0)
    assert found.cooling(target(), 1.0) == 31.0


def test_memory_is_bounded() -> None:
    found = Health()
    base = target()
    for number in range(10_000):
        found.outcome(replace(base, model=f"m{number}"), error(K.NOT_FOUND), 0.0)
    assert len(found._ill) <= 4096
    assert found.cooling(replace(base, model="m9999"), 1.0) is not None


@given(
    st.lists(
        st.tuples(
            st.sampled_from(list(K)),
            st.none() | st.floats(allow_nan=True, allow_infinity=True),
            st.floats(min_value=0, max_value=1e6),
        ),
        max_size=20,
    )
)
def test_a_cooldown_always_ends_unless_the_record_must_change(steps: list[tuple[ErrorKind, float | None, float]]) -> None:
    found, now = Health(), 0.0
    for kind, told, pause in steps:
        now += pause
        found.outcome(target(), error(kind, told), now)
    until = found.cooling(target(), now)
    if not {kind for kind, _, _ in steps} & {K.AUTH, K.PERMISSION}:
        assert until is None or now < until <= now + health.LONGEST
