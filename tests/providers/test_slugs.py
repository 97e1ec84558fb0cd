import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.providers.slugs import slug, unique


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Local Ollama", "local-ollama"),
        ("OpenAI", "openai"),
        (" Azure  OpenAI ", "azure-openai"),
        ("Z.ai", "z-ai"),
        ("Café №1", "cafe-no1"),
        ("模型", "provider"),
        ("", "provider"),
        ("--", "provider"),
    ],
)
def test_slug(name: str, expected: str) -> None:
    assert slug(name) == expected


@given(st.text())
def test_a_slug_is_its_own_slug(name: str) -> None:
    found = slug(name)
    assert slug(found) == found
    assert re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", found)


@given(st.text(max_size=5), st.lists(st.text(max_size=5), max_size=5))
def test_a_unique_slug_is_free(name: str, others: list[str]) -> None:
    taken = {slug(other) for other in others} | {slug(name)}
    assert unique(name, taken) not in taken
    assert unique(name, ()) == slug(name)


def test_numbers_count_up() -> None:
    assert unique("Groq", {"groq", "groq-2"}) == "groq-3"
