"""Token counts in normal form."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from dragoman.core.events import Usage
from dragoman.dialects.openai_chat import usage

BASE = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (BASE, Usage(input=100, output=20)),
        ({**BASE, "prompt_tokens_details": {"cached_tokens": 60, "cache_write_tokens": 9}},
         Usage(input=100, output=20, cache_read=60, cache_write=9)),
        ({**BASE, "completion_tokens_details": {"reasoning_tokens": 12}}, Usage(input=100, output=20, reasoning=12)),
        ({**BASE, "completion_tokens_details": {"reasoning_tokens": 12}, "total_tokens": 132},
         Usage(input=100, output=32, reasoning=12)),
        ({**BASE, "completion_tokens_details": {"reasoning_tokens": 25}}, Usage(input=100, output=20, reasoning=20)),
        ({**BASE, "prompt_cache_hit_tokens": 64, "prompt_cache_miss_tokens": 36}, Usage(input=100, output=20, cache_read=64)),
        ({**BASE, "cached_tokens": 7}, Usage(input=100, output=20, cache_read=7)),
        ({**BASE, "prompt_tokens_details": None, "completion_tokens_details": None}, Usage(input=100, output=20)),
        ({"prompt_tokens": None, "completion_tokens": -1, "total_tokens": "many"}, Usage()),
        ({"prompt_tokens": 1e308, "completion_tokens": 10**30, "total_tokens": True}, Usage()),
        ({**BASE, "prompt_tokens": 100.0}, Usage(input=100, output=20)),
    ],
    ids=["plain", "cached", "reasoning", "reasoning outside", "too much of it", "deepseek", "moonshot", "nulls", "nonsense",
         "too large", "floats"],
)  # fmt: skip
def test_every_flavour(raw: dict[str, Any], expected: Usage) -> None:
    assert replace(usage.read(raw), raw=None) == expected


@st.composite
def usages(draw: Any) -> Usage:
    read, write, fresh, reasoning, said = (draw(st.integers(0, 10**9)) for _ in range(5))
    return Usage(input=read + write + fresh, output=reasoning + said, cache_read=read, cache_write=write, reasoning=reasoning)


@given(usages())
def test_written_and_read_it_is_the_same(found: Usage) -> None:
    assert replace(usage.read(usage.write(found)), raw=None) == found


def test_own_counts_are_corrected_only_where_they_differ() -> None:
    plain = usage.read({**BASE, "cost": 1})
    assert usage.corrected(plain) is plain.raw
    outside = usage.read({**BASE, "completion_tokens_details": {"reasoning_tokens": 12}, "total_tokens": 132, "cost": 1})
    assert usage.corrected(outside) == {
        **BASE, "completion_tokens": 32, "total_tokens": 132, "completion_tokens_details": {"reasoning_tokens": 12}, "cost": 1,
    }  # fmt: skip
