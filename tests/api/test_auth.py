"""Who may call, as tables (requirement D6)."""

import base64
import hmac
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from dragoman.api.auth import Gate, authenticate, is_admin, open_gate
from dragoman.core.config import Key, Snapshot
from dragoman.core.errors import CallError, ConfigError, Error
from dragoman.core.request import Headers
from dragoman.settings import Settings

NOW = 1_000_000.0
LOCAL = (("host", "127.0.0.1:8000"),)
NONE = Snapshot()
HEADER_FORMS = ("authorization", "x-api-key", "api-key", "x-goog-api-key")


def digest(text: str) -> str:
    return hmac.digest(b"pepper", text.encode("utf-8", "surrogatepass"), "sha256").hex()


def key(text: str, **more: Any) -> Key:
    return Key(id=text, digest=digest(text), **more)


def snapshot(*keys: Key) -> Snapshot:
    return Snapshot(keys={one.digest: one for one in keys})


GOOD, OTHER = key("fwd_good"), key("fwd_other")
KEYS = snapshot(
    GOOD, OTHER, key("fwd_old", expires_at=NOW), key("fwd_off", is_active=False), key("fwd_soon", expires_at=NOW + 0.001)
)


@cache
def loaded(**settings: Any) -> Settings:
    return Settings.load({}, Path("no.env"), **settings)


def gate(there: Snapshot = NONE, **settings: Any) -> Gate:
    return open_gate(loaded(**settings), there, digest)


def sent(form: str, text: str) -> tuple[str, str]:
    return form, f"Bearer {text}" if form == "authorization" else text


def refused(
    headers: Headers, peer: str = "127.0.0.1", there: Snapshot = KEYS, *, query: str = "", gemini: bool = False, **settings: Any
) -> Error:
    with pytest.raises(CallError) as caught:
        authenticate(headers, query, peer, there, gate(there, **settings), NOW, in_query=gemini)
    return caught.value.error


@pytest.mark.parametrize("form", HEADER_FORMS)
def test_every_form_is_equal(form: str) -> None:
    for peer in ("127.0.0.1", "203.0.113.9"):
        headers = (("host", "anything"), sent(form, "fwd_good"))
        assert authenticate(headers, "", peer, KEYS, gate(KEYS), NOW) == GOOD
        assert authenticate((sent(form, "fwd_soon"),), "", peer, KEYS, gate(KEYS), NOW) is not None


@pytest.mark.parametrize("form", HEADER_FORMS)
@pytest.mark.parametrize("text", ["fwd_wrong", "fwd_old", "fwd_off", "", " ", "fwd_goo", "fwd_good ", "FWD_GOOD"])
def test_whatever_is_wrong_the_answer_is_the_same(form: str, text: str) -> None:
    if text.strip() != "fwd_good":
        assert refused((*LOCAL, sent(form, text))) == refused(LOCAL)
    assert refused(LOCAL).status == 401


@given(st.text(max_size=3000), st.sampled_from(HEADER_FORMS))
def test_nothing_hostile_gets_in_or_breaks_it(text: str, form: str) -> None:
    assert refused(((form, text), *LOCAL)).status == 401
    assert refused((*LOCAL, sent(form, text)), query=f"key={text}", in_query=True).status == 401


def test_a_digest_is_no_key() -> None:
    assert refused((sent("x-api-key", GOOD.digest),)).status == 401


def test_of_several_any_valid_one_is_enough() -> None:
    headers = (sent("authorization", "left-over"), sent("x-api-key", "fwd_good"))
    assert authenticate(headers, "", "10.0.0.1", KEYS, gate(KEYS), NOW) == GOOD
    assert authenticate(headers[::-1], "", "10.0.0.1", KEYS, gate(KEYS), NOW) == GOOD


@pytest.mark.parametrize("value", ["bearer fwd_good", "BEARER  fwd_good ", "Bearer fwd_good"])
def test_the_scheme_has_no_case(value: str) -> None:
    assert authenticate((("authorization", value),), "", "", KEYS, gate(KEYS), NOW) == GOOD


@pytest.mark.parametrize("value", ["fwd_good", "Basic fwd_good", "Bearerfwd_good", "Token fwd_good"])
def test_no_other_scheme_counts(value: str) -> None:
    assert refused((("authorization", value),)).status == 401


def test_a_key_in_the_query_counts_on_gemini_paths_only() -> None:
    assert authenticate((), "alt=sse&key=fwd%5Fgood", "", KEYS, gate(KEYS), NOW, in_query=True) == GOOD
    assert refused(LOCAL, query="key=fwd_good").status == 401
    assert refused(LOCAL, query="monkey=fwd_good", in_query=True).status == 401


OPEN = [
    ({}, "127.0.0.1", LOCAL, True),
    ({}, "::1", (("host", "[::1]:8000"),), True),
    ({}, "127.0.0.1", (("host", "localhost:8000"),), True),
    ({"host": "localhost"}, "127.0.0.1", LOCAL, True),
    ({}, "127.0.0.1", (("host", "evil.example"),), False),
    ({}, "127.0.0.1", (), False),
    ({}, "127.0.0.1", (*LOCAL, *LOCAL), False),
    ({}, "127.0.0.1", (*LOCAL, ("origin", "https://evil.example")), False),
    ({}, "127.0.0.1", (*LOCAL, ("origin", "http://localhost:3000")), True),
    ({}, "127.0.0.1", (*LOCAL, ("x-forwarded-for", "10.0.0.1")), False),
    ({}, "127.0.0.1", (*LOCAL, ("x-forwarded-for", "127.0.0.1")), False),
    ({}, "127.0.0.1", (*LOCAL, ("forwarded", "for=10.0.0.1")), False),
    ({}, "127.0.0.1", (*LOCAL, ("x-forwarded-server", "proxy")), False),
    ({}, "127.0.0.1", (*LOCAL, ("cf-connecting-ip", "10.0.0.1")), False),
    ({}, "10.0.0.7", LOCAL, False),
    ({}, "10.0.0.7", (*LOCAL, ("x-forwarded-for", "127.0.0.1")), False),
    ({}, "", LOCAL, False),
    ({"auth": "required"}, "127.0.0.1", LOCAL, False),
    ({"host": "0.0.0.0"}, "127.0.0.1", LOCAL, False),
    ({"host": "0.0.0.0"}, "10.0.0.7", LOCAL, False),
    ({"host": "::"}, "::1", LOCAL, False),
    ({"host": "192.168.1.5"}, "127.0.0.1", LOCAL, False),
]
"""Settings, peer, headers: is the data plane open while there is no key?"""


@pytest.mark.parametrize(("settings", "peer", "headers", "open_"), OPEN)
def test_when_the_data_plane_is_open(settings: dict[str, Any], peer: str, headers: Headers, open_: bool) -> None:
    if open_:
        assert authenticate(headers, "", peer, NONE, gate(**settings), NOW) is None
        with_any = (*headers, sent("x-api-key", "whatever"))
        assert authenticate(with_any, "", peer, NONE, gate(**settings), NOW) is None
        assert refused(headers, peer, KEYS, **settings).status == 401
    else:
        assert refused(headers, peer, NONE, **settings).status == 401


def test_the_first_key_closes_and_the_last_one_opens() -> None:
    there = gate()
    assert not there.needs_key
    assert there.renewed(KEYS).needs_key
    assert there.renewed(snapshot(key("fwd_off", is_active=False))).needs_key
    assert not there.renewed(KEYS).renewed(NONE).needs_key


def test_forwarder_key_opens_nothing() -> None:
    assert (
        refused((sent("x-api-key", "fwd_client"),), "10.0.0.1", NONE, forwarder_key="fwd_client", auth="required").status == 401
    )


def basic(username: str, password: str) -> tuple[str, str]:
    return "authorization", "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()


@pytest.mark.parametrize(("settings", "peer", "headers", "open_"), OPEN)
def test_the_admin_plane_without_a_password(settings: dict[str, Any], peer: str, headers: Headers, open_: bool) -> None:
    assert is_admin(headers, peer, gate(**settings)) is open_
    assert is_admin(headers, peer, gate(KEYS, **settings)) is open_
    assert not is_admin((*headers, sent("x-api-key", "fwd_good")), "10.0.0.7", gate(KEYS, **settings))


@pytest.mark.parametrize("settings", [{}, {"host": "0.0.0.0"}, {"auth": "required"}])
def test_a_password_is_asked_of_everybody(settings: dict[str, Any]) -> None:
    there = gate(admin_password="s3cret: word", admin_username="root", **settings)
    assert not there.made
    for peer in ("127.0.0.1", "203.0.113.9"):
        assert is_admin((basic("root", "s3cret: word"),), peer, there)
        for wrong in (
            ("root", ""),
            ("root", "s3cret"),
            ("admin", "s3cret: word"),
            ("", ""),
            ("root", "s3cret: word "),
            ("Root", "x"),
        ):
            assert not is_admin((*LOCAL, basic(*wrong)), peer, there)
        assert not is_admin(LOCAL, peer, there)


@pytest.mark.parametrize(
    "value", ["Basic", "Basic !!!", "Basic " + base64.b64encode(b"\xff\xfe").decode(), "Bearer x", "Basic bm9jb2xvbg=="]
)
def test_what_is_no_basic_credential(value: str) -> None:
    assert not is_admin((*LOCAL, ("authorization", value)), "127.0.0.1", gate(admin_password="x"))


def test_off_loopback_there_is_always_a_password() -> None:
    there = gate(host="0.0.0.0")
    assert there.made
    assert len(there.password.reveal()) >= 20
    assert there.password != gate(host="0.0.0.0").password
    assert is_admin((basic("admin", there.password.reveal()),), "203.0.113.9", there)
    notes = "\n".join(there.notes())
    assert there.password.reveal() in notes
    assert "closed" in notes
    assert there.password.reveal() not in repr(there)
    assert there.renewed(KEYS).password == there.password


def test_on_loopback_nothing_is_made_up() -> None:
    assert gate().notes() == []
    assert not gate().made


@pytest.mark.parametrize("secret", ["change-me", "CHANGE-ME", " secret ", "your-secret-key"])
def test_default_secrets(secret: str) -> None:
    assert "well-known" in "\n".join(gate(secret_key=secret).notes())
    with pytest.raises(ConfigError, match="SECRET_KEY") as caught:
        gate(secret_key=secret, host="0.0.0.0")
    assert "\n" not in str(caught.value)
    assert "well-known" in "\n".join(gate(admin_password=secret, host="0.0.0.0").notes())


def test_a_gate_is_a_value() -> None:
    assert structs.asdict(gate())["username"] == "admin"
