"""Seals: only what we sealed, with this key, opens."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.core.seal import MARK, Proof, seal, unseal

KEY = b"k" * 32


@given(
    st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"])), st.text(st.characters(exclude_categories=["Cs"]))
)
def test_what_is_sealed_opens_as_it_was(origin: str, value: str) -> None:
    proof = Proof(origin, "sig", value)
    assert unseal(seal(proof, KEY), KEY) == proof


def test_another_key_does_not_open_it() -> None:
    assert unseal(seal(Proof("anthropic:a", "sig", "x"), KEY), b"other") is None


@pytest.mark.parametrize("place", range(0, 60, 7))
def test_a_changed_seal_does_not_open(place: int) -> None:
    text = seal(Proof("anthropic:account", "sig", "a signature of some length"), KEY)
    changed = text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1 :]
    assert unseal(changed, KEY) is None


@pytest.mark.parametrize("text", ["", MARK, MARK + ".", MARK + "é.é", "EqQBCkgIARABGAIiQ", MARK + "a.b.c"])
def test_what_is_no_seal_of_ours_does_not_open(text: str) -> None:
    assert unseal(text, KEY) is None


def test_an_empty_key_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a key"):
        seal(Proof("a", "sig", ""), b"")
