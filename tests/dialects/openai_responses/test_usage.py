"""Token counts in normal form."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from dragoman.core.events import Usage
from dragoman.dialects.openai_responses import usage

BASE = {"input_tokens": 100, "output_tokens": 20, "total_tokens": 120}


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (BASE, Usage(input=100, output=20)),
        ({**BASE, "input_tokens_details": {"cached_tokens": 60, "cache_write_tokens": 9}},
         Usage(input=100, output=20, cache_read=60, cache_write=9)),
        ({**BASE, "input_tokens_details": {
            "cache_write_tokens": 9, "cache_write_tokens_details": {"ttl_30m_tokens": 5, "ttl_12h_tokens": 4}}},
         Usage(input=100, output=20, cache_write=9, cache_write_1h=4)),
        ({**BASE, "output_tokens_details": {"reasoning_tokens": 12}}, Usage(input=100, output=20, reasoning=12)),
        ({**BASE, "output_tokens_details": {"reasoning_tokens": 25}}, Usage(input=100, output=20, reasoning=20)),
        ({**BASE, "input_tokens_details": None, "output_tokens_details": None}, Usage(input=100, output=20)),
        ({"input_tokens": None, "output_tokens": -1, "total_tokens": "many"}, Usage()),
        ({"input_tokens": 1e308, "output_tokens": 10**30, "total_tokens": True}, Usage()),
        ({**BASE, "input_tokens": 100.0}, Usage(input=100, output=20)),
    ],
    ids=["plain", "cached", "kept longer", "reasoning", "too much of it", "nulls", "nonsense", "too large", "floats"],
)  # fmt: skip
def test_every_flavour(raw: dict[str, Any], expected: Usage) -> None:
    assert replace(usage.read(raw), raw=None) == expected


@st.composite
def usages(draw: Any) -> Usage:
    read, longer, short, fresh, reasoning, said = (draw(st.integers(0, 10**9)) for _ in range(6))
    return Usage(
        input=read + longer + short + fresh,
        output=reasoning + said,
        cache_read=read,
        cache_write=longer + short,
        cache_write_1h=longer,
        reasoning=reasoning,
    )


@given(usages())
def test_written_and_read_it_is_the_same(found: Usage) -> None:
    assert replace(usage.read(usage.write(found)), raw=None) == found


def test_more_cached_than_there_was_changes_the_sum() -> None:
    told = usage.write(Usage(input=5, output=1, cache_read=8))
    assert (told["input_tokens"], told["total_tokens"]) == (8, 9)
