"""Token counts in and out."""

import json

from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw
from msgspec.structs import replace

from dragoman.core.events import Usage
from dragoman.dialects.anthropic.usage import before, spelled, told

_counts = st.integers(0, 10**12)


@given(_counts, _counts, _counts, _counts, _counts, st.integers(0, 100))
def test_what_is_written_reads_the_same(fresh: int, read: int, write: int, answer: int, thought: int, share: int) -> None:
    usage = Usage(
        input=fresh + read + write,
        output=answer + thought,
        cache_read=read,
        cache_write=write,
        cache_write_1h=write * share // 100,
        reasoning=thought,
    )
    found = told(Raw(json.dumps(spelled(usage)).encode()))
    assert found is not None
    assert replace(found, raw=None) == usage


def test_later_objects_beat_earlier_ones_and_nulls_do_not() -> None:
    first = Raw(b'{"input_tokens":10,"output_tokens":1,"service_tier":"standard"}')
    later = Raw(b'{"input_tokens":null,"output_tokens":7}')
    usage = told(first, None, later)
    assert usage is not None
    assert (usage.input, usage.output) == (10, 7)
    assert usage.raw == Raw(b'{"output_tokens":7,"input_tokens":10,"service_tier":"standard"}')


def test_what_is_no_usage_is_none() -> None:
    for raw in (
        None,
        Raw(b"null"),
        Raw(b"[]"),
        Raw(b"{}"),
        Raw(b'{"input_tokens":"1"}'),
        Raw(b'{"input_tokens":-4,"output_tokens":5}'),
        Raw(b'{"input_tokens":1e308}'),
        Raw(b'{"input_tokens":' + b"9" * 30 + b"}"),
    ):
        assert told(raw) is None


def test_what_is_known_before_the_answer() -> None:
    assert before(None) is None
    assert before(Usage(output=3)) is None
    assert before(Usage(input=9, output=3, cache_read=2, raw=Raw(b"{}"))) == Usage(input=9, cache_read=2)
