"""Ending: no terminator is Failed."""

import re
from itertools import pairwise

import pytest

from dragoman.core.events import Failed, Finished
from dragoman.dialects.registry import DIALECTS
from support.every import every
from support.fixtures import Answer, answers, facts, finished
from support.speech import decode

NEAR, APART = 10, 24
"""A line is cut at each byte so near to its ends, and in its middle at every so many bytes."""


@every("answer", [each for each in finished() if each.stream])
def test_a_stream_cut_after_any_line_fails_until_it_has_ended(answer: Answer) -> None:
    for place in answer.ends:
        data = answer.data[:place]
        assert isinstance(decode(answer.dialect, data, stream=True)[-1], Finished) == has_ended(answer, data), data


@pytest.mark.parametrize("answer", [each for each in finished() if each.stream], ids=str)
def test_a_stream_cut_inside_a_line_fails_until_it_has_ended(answer: Answer) -> None:
    for start, end in pairwise([0, *answer.ends]):
        if has_ended(answer, answer.data[:start]):
            break
        for place in range(start + 1, end):
            data, near = answer.data[:place], min(place - start, end - place) <= NEAR
            if (near or place % APART == 0) and not has_ended(answer, data):
                assert isinstance(decode(answer.dialect, data, stream=True)[-1], Failed), data


@every("answer", [each for each in finished() if not each.stream])
def test_a_whole_body_cut_anywhere_fails(answer: Answer) -> None:
    for place in range(len(answer.data.rstrip())):
        data = answer.data[:place]
        assert isinstance(decode(answer.dialect, data, stream=False)[-1], Failed), data


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("dialect", DIALECTS)
def test_nothing_at_all_fails(dialect: str, stream: bool) -> None:
    for data in (b"", b"\n\n", b" ", b": nothing but a comment\n\n", b"null", b"[]", b"{}", b'"text"', b"<html></html>"):
        assert isinstance(decode(dialect, data, stream=stream)[-1], Failed), data


@every("answer", [each for each in answers() if each.said.error is not None])
def test_failures_say_what_they_are(answer: Answer) -> None:
    last = decode(answer.dialect, answer.data, stream=answer.stream)[-1]
    assert isinstance(last, Failed)
    assert last.error.kind.value == answer.said.error
    assert last.error.message


def has_ended(answer: Answer, data: bytes) -> bool:
    return re.search(facts(answer.dialect)["ending"].encode(), data) is not None
