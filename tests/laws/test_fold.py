"""Fold: whole and stream give the same events, and both say what a person reads in them."""

from typing import Any

import pytest

from dragoman.core.events import Event, fold
from support.every import every
from support.fixtures import Answer, answers, twins
from support.said import of_events
from support.speech import decode, plain


@pytest.mark.parametrize(("whole", "stream"), twins(), ids=str)
def test_whole_and_stream_are_one_answer(whole: Answer, stream: Answer) -> None:
    assert folded(whole) == folded(stream)


@every("answer", answers())
def test_an_answer_says_what_a_person_reads(answer: Answer) -> None:
    said = of_events(decode(answer.dialect, answer.data, stream=answer.stream))
    assert said == answer.said


def folded(answer: Answer) -> Any:
    """Usage that only a stream tells before the answer is left out."""
    events: list[Event] = fold(decode(answer.dialect, answer.data, stream=answer.stream))
    found = plain(events)
    for event in found:
        if event[""] == "Started":
            del event["usage"]
    return found
