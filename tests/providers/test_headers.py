from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.core.config import Target
from dragoman.core.errors import ConfigError
from dragoman.providers import headers
from dragoman.providers.targets import target_for
from support.routing import BUILT, provider

CLIENT = (
    ("host", "gateway"),
    ("authorization", "Bearer fwd_x"),
    ("x-api-key", "fwd_x"),
    ("x-goog-api-key", "fwd_x"),
    ("api-key", "fwd_x"),
    ("cookie", "a=b"),
    ("connection", "keep-alive, anthropic-hop"),
    ("anthropic-hop", "1"),
    ("content-length", "3"),
    ("transfer-encoding", "chunked"),
    ("accept-encoding", "gzip"),
    ("x-forwarded-for", "1.2.3.4"),
    ("x-dragoman-strict", "true"),
    ("anthropic-version", "2026-10-21"),
    ("anthropic-beta", "one"),
    ("anthropic-beta", "two"),
    ("openai-organization", "org"),
    ("x-goog-user-project", "p"),
    ("x-stainless-lang", "python"),
    ("idempotency-key", "i"),
    ("user-agent", "cli/1"),
    ("x-app", "cli"),
)
FORWARDED = {
    "anthropic-version": "2026-10-21",
    "anthropic-beta": "one, two",
    "openai-organization": "org",
    "x-goog-user-project": "p",
    "x-stainless-lang": "python",
    "idempotency-key": "i",
    "user-agent": "cli/1",
}


def target(**more: Any) -> Target:
    found = target_for(provider("Anthropic", "anthropic", **more), "claude-opus-5", "anthropic", BUILT)
    assert found is not None
    return found


def test_only_what_is_listed_goes_out_in_the_same_dialect() -> None:
    assert dict(headers.outgoing(CLIENT, target(), (), same_dialect=True)) == FORWARDED


def test_nothing_of_the_client_goes_to_another_dialect() -> None:
    assert headers.outgoing(CLIENT, target(), (("anthropic-version", "2023-06-01"),), same_dialect=False) == (
        ("anthropic-version", "2023-06-01"),
    )


def test_who_beats_whom() -> None:
    record = target(
        headers=(("Anthropic-Version", "2023-01-01"), ("anthropic-beta", "r"), ("OpenAI-Organization", "ours"), ("X-A", "1"))
    )
    built = (("anthropic-version", "2023-06-01"),)
    with_client = dict(headers.outgoing(CLIENT, record, built, same_dialect=True))
    assert with_client == {**FORWARDED, "openai-organization": "ours", "x-a": "1"}
    alone = dict(headers.outgoing((), record, built, same_dialect=True))
    assert (alone["anthropic-version"], alone["anthropic-beta"]) == ("2023-01-01", "r")


def test_a_content_type_in_a_record_is_not_sent_twice() -> None:
    assert headers.outgoing((), target(headers=(("Content-Type", "application/json"),)), (), same_dialect=False) == ()


def test_what_comes_back() -> None:
    wanted = (
        ("request-id", "req_1"),
        ("x-request-id", "2"),
        ("anthropic-ratelimit-requests-remaining", "1"),
        ("anthropic-ratelimit-unified-status", "allowed"),
        ("x-ratelimit-reset-tokens", "6m0s"),
        ("retry-after", "3"),
        ("retry-after-ms", "300"),
        ("x-should-retry", "true"),
        ("cf-ray", "x"),
    )
    unwanted = (
        ("set-cookie", "a=b"),
        ("content-length", "3"),
        ("transfer-encoding", "chunked"),
        ("connection", "close"),
        ("server", "x"),
        ("location", "http://x"),
        ("access-control-allow-origin", "*"),
        ("x-accel-redirect", "/x"),
        ("content-encoding", "gzip"),
        ("openai-organization", "org"),
        ("www-authenticate", "Bearer"),
        ("x-ratelimit-limit", "1\r\nset-cookie: a"),
    )
    assert headers.incoming((*wanted, *unwanted)) == wanted


@given(st.lists(st.tuples(st.sampled_from([name for name, _ in CLIENT]), st.text(max_size=5)), max_size=8))
def test_no_credential_ever_goes_out(client: list[tuple[str, str]]) -> None:
    sent = {name for name, _ in headers.outgoing(tuple(client), target(), (), same_dialect=True)}
    assert not sent & {
        "authorization",
        "x-api-key",
        "api-key",
        "x-goog-api-key",
        "cookie",
        "host",
        "connection",
        "content-length",
    }


@pytest.mark.parametrize(
    "name",
    [
        "Connection",
        "keep-alive",
        "Transfer-Encoding",
        "TE",
        "Trailer",
        "Upgrade",
        "Proxy-Authorization",
        "Content-Length",
        "Host",
        "Expect",
        "Cookie",
        "Set-Cookie",
        "Accept-Encoding",
        "Content-Encoding",
        "X-Dragoman-Strict",
        "",
        "a b",
        "a:b",
        "ä",
        "a\r\nb",
    ],
)
def test_names_that_are_refused(name: str) -> None:
    with pytest.raises(ConfigError, match="headers: ") as caught:
        headers.check({name: "x"})
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("value", ["a\r\nb: c", "a\nb", " a", "a ", "ä", "\x00", "a\x7f"])
def test_values_that_are_refused(value: str) -> None:
    with pytest.raises(ConfigError, match="X-A"):
        headers.check({"X-A": value})


def test_a_name_twice_is_refused() -> None:
    with pytest.raises(ConfigError, match="twice"):
        headers.check({"X-A": "1", "x-a": "2"})


def test_the_examples_headers_are_taken() -> None:
    headers.check({"anthropic-version": "2023-06-01"})
    headers.check({"HTTP-Referer": "https://your-domain.com", "X-Title": "Your App Name", "X-Empty": ""})
    headers.check({"X-Api-Version": "2024-01-01", "X-Custom-Header": "custom-value", "Authorization": "Bearer x"})
