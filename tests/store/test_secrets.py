"""Sealing, digests and keys."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.store.master import Master
from dragoman.store.secrets import Keyring, Place, SealedError, new_key

SALT = b"0123456789abcdef"
MASTER = Master(b"x" * 43, False, "test")
RING = Keyring(MASTER, SALT)
HERE = Place("providers", 7, "api_key")


@given(st.text())
def test_what_is_sealed_opens(plain: str) -> None:
    clean = plain.encode("utf-8", "replace").decode()
    assert RING.open(RING.seal(clean, HERE), HERE) == clean


def test_twice_sealed_is_not_the_same() -> None:
    assert RING.seal("sk-1", HERE) != RING.seal("sk-1", HERE)
    assert "sk-1" not in RING.seal("sk-1", HERE)


@pytest.mark.parametrize(
    "place", [Place("api_keys", 7, "api_key"), Place("providers", 8, "api_key"), Place("providers", 7, "headers")]
)
def test_it_opens_only_where_it_belongs(place: Place) -> None:
    with pytest.raises(SealedError):
        RING.open(RING.seal("sk-1", HERE), place)


def test_any_changed_character_is_refused() -> None:
    sealed = RING.seal("sk-CANARY", HERE)
    for position, sign in enumerate(sealed):
        for other in ("A" if sign != "A" else "B", "", "\n", "é"):
            with pytest.raises(SealedError) as caught:
                RING.open(sealed[:position] + other + sealed[position + 1 :], HERE)
            assert "CANARY" not in str(caught.value)
    for length in range(1, len(sealed)):
        with pytest.raises(SealedError):
            RING.open(sealed[:length], HERE)


def test_another_secret_says_what_to_do() -> None:
    other = Keyring(Master(b"y" * 43, False, "test"), SALT)
    with pytest.raises(SealedError, match=f"key id {RING.id}, now {other.id}.*SECRET_KEY"):
        other.open(RING.seal("sk-1", HERE), HERE)


def test_every_purpose_has_its_own_key() -> None:
    other = Keyring(MASTER, b"another salt 16b")
    ids = {RING.id, other.id}
    assert len(ids) == 2
    assert RING.seal_key != other.seal_key
    assert len(RING.seal_key) == 32
    assert RING.digest("fwd_a") != other.digest("fwd_a")
    assert Keyring(MASTER, SALT).digest("fwd_a") == RING.digest("fwd_a")


def test_a_secret_of_a_person_is_stretched() -> None:
    assert Keyring(Master(b"x" * 43, True, "test"), SALT).id != RING.id


def test_nothing_is_derived_from_nothing() -> None:
    with pytest.raises(ValueError, match="secret"):
        Keyring(Master(b"", False, "test"), SALT)
    with pytest.raises(ValueError, match="salt"):
        Keyring(MASTER, b"")


def test_the_form_of_a_key() -> None:
    assert re.fullmatch(r"fwd_[A-Za-z0-9_-]{43}", new_key())
    assert re.fullmatch(r"fwd_[A-Za-z0-9_-]{48}", new_key(48))
    assert new_key() != new_key()
    for length in (0, 8, 21, 129):
        with pytest.raises(ValueError, match="length"):
            new_key(length)
