"""Ending: no terminator is Failed."""

import re

import pytest

from dragoman.core.events import Failed, Finished
from dragoman.dialects.registry import DIALECTS
from support.fixtures import Answer, answers, facts, finished
from support.speech import decode


@pytest.mark.parametrize("answer", [each for each in finished() if each.stream], ids=str)
def test_a_stream_cut_after_any_line_fails_until_it_has_ended(answer: Answer) -> None:
    for place in answer.ends:
        data = answer.data[:place]
        assert isinstance(decode(answer.dialect, data, stream=True)[-1], Finished) == has_ended(answer, data), data


@pytest.mark.parametrize("answer", [each for each in finished() if each.stream], ids=str)
def test_a_stream_cut_inside_a_line_fails_until_it_has_ended(answer: Answer) -> None:
    ends = answer.ends
    for place in range(len(answer.data)):
        data = answer.data[:place]
        lines = data[: max((end for end in ends if end <= place), default=0)]
        if not has_ended(answer, data) and not has_ended(answer, lines):
            assert isinstance(decode(answer.dialect, data, stream=True)[-1], Failed), data


@pytest.mark.parametrize("answer", [each for each in finished() if not each.stream], ids=str)
def test_a_whole_body_cut_anywhere_fails(answer: Answer) -> None:
    for place in range(len(answer.data.rstrip())):
        data = answer.data[:place]
        assert isinstance(decode(answer.dialect, data, stream=False)[-1], Failed), data


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("dialect", DIALECTS)
def test_nothing_at_all_fails(dialect: str, stream: bool) -> None:
    for data in (b"", b"\n\n", b" ", b": nothing but a comment\n\n", b"null", b"[]", b"{}", b'"text"', b"<html></html>"):
        assert isinstance(decode(dialect, data, stream=stream)[-1], Failed), data


@pytest.mark.parametrize("answer", [each for each in answers() if each.said.error is not None], ids=str)
def test_failures_say_what_they_are(answer: Answer) -> None:
    last = decode(answer.dialect, answer.data, stream=answer.stream)[-1]
    assert isinstance(last, Failed)
    assert last.error.kind.value == answer.said.error
    assert last.error.message


def has_ended(answer: Answer, data: bytes) -> bool:
    return re.search(facts(answer.dialect)["ending"].encode(), data) is not None
