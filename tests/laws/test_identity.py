"""Identity: decode(encode(events)) = events, for the events that a dialect's decoder can produce."""

from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from dragoman.core.events import Event, Failed, Finished, PartClosed, PartDelta, PartOpened, Reason, Started, Usage, fold
from dragoman.dialects.registry import CLIENTS, DIALECTS
from support.every import every
from support.fixtures import Answer, answers, facts, finished
from support.said import differences, of_events
from support.speech import decode, encode, plain

SPELLING = frozenset({"raw", "at", "told_in", "paths"})
"""A provider's own usage object may be told in two events of a stream and in one of a whole body: its counts are compared.

Where a piece stands is not compared: flavours of a dialect have several places for one thing, and its own encoder writes one.
"""


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@every("answer", [each for each in finished() if each.dialect in CLIENTS])
def test_what_was_read_and_written_reads_the_same(answer: Answer, stream: bool) -> None:
    events = decode(answer.dialect, answer.data, stream=answer.stream)
    data, losses = encode(answer.dialect, events, stream=stream, provider=answer.dialect)
    assert losses == []
    again = decode(answer.dialect, data, stream=stream)
    assert comparable(named(again, events)) == comparable(events)


@every("answer", [each for each in answers() if each.said.error and each.dialect in CLIENTS])
def test_a_failure_stays_the_same_failure(answer: Answer) -> None:
    events = decode(answer.dialect, answer.data, stream=answer.stream)
    data, _ = encode(answer.dialect, events, stream=answer.stream, provider=answer.dialect)
    again = decode(answer.dialect, data, stream=answer.stream)
    before, after = events[-1], again[-1]
    assert isinstance(before, Failed)
    assert isinstance(after, Failed)
    assert (before.error.kind, before.error.message) == (after.error.kind, after.error.message)


words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
idents = st.from_regex(r"[a-zA-Z0-9_-]{1,20}", fullmatch=True)
amounts = st.integers(0, 10**9)


@st.composite
def usages(draw: Any) -> Usage:
    read, write, fresh, thought, said = (draw(amounts) for _ in range(5))
    total = {"input": read + write + fresh, "output": thought + said}
    return Usage(**total, cache_read=read, cache_write=write, cache_write_1h=draw(st.integers(0, write)), reasoning=thought)


ALL: Mapping[str, list[str]] = {
    "kinds": ["text", "reasoning", "refusal", "tool"],
    "reasons": ["stop", "length", "context", "refusal", "pause"],
    "counts": ["input", "output", "cache_read", "cache_write", "cache_write_1h", "reasoning"],
}


@st.composite
def tales(draw: Any, vendor: Mapping[str, Any] = ALL) -> list[Event]:
    """Any events that keep the order of the vocabulary, parts one after another. `vendor`: what there are words for."""
    known = {**ALL, **vendor}
    ids = (f"{draw(idents)}{number}" for number in count())
    kinds = draw(st.lists(st.sampled_from(known["kinds"]), max_size=4))
    parts = [event for index, kind in enumerate(kinds) for event in part(draw, index, kind, ids)]
    reason: Reason = draw(st.sampled_from(known["reasons"])) if "tool" not in kinds else "tool"
    told = draw(st.none() | usages())
    usage = None if told is None else Usage(**{name: getattr(told, name) for name in known["counts"]})
    return [Started(id=draw(idents), model=draw(idents)), *parts, Finished(reason=reason, usage=usage)]


def part(draw: Any, index: int, kind: Any, ids: Iterator[str]) -> Iterator[Event]:
    tool = kind == "tool"
    yield PartOpened(index=index, kind=kind, id=next(ids) if tool else None, name=draw(idents) if tool else None)
    pieces = ['{"a":', "12345678901234567890", ', "b": [1.50]}'] if tool else draw(st.lists(words, min_size=1, max_size=3))
    yield from (PartDelta(index, piece) for piece in pieces)
    yield PartClosed(index=index, proof=draw(st.none() | idents) if kind == "reasoning" else None)


@pytest.mark.parametrize("dialect", CLIENTS)
@given(tale=tales(), stream=st.booleans())
@settings(max_examples=200, deadline=None)
def test_what_a_dialect_can_say_it_reads_back(dialect: str, tale: list[Event], stream: bool) -> None:
    """Any tale is first told by the dialect, so that what its decoder makes of that is a tale this dialect can tell.

    The other of whole and stream says the same, though it may have no order between kinds of parts (Chat's whole message).
    """
    told, _ = encode(dialect, tale, stream=stream, provider=dialect)
    events = decode(dialect, told, stream=stream)
    retold, losses = encode(dialect, events, stream=stream, provider=dialect)
    assert losses == []
    assert comparable(named(decode(dialect, retold, stream=stream), events)) == comparable(events)
    other, _ = encode(dialect, events, stream=not stream, provider=dialect)
    assert of_events(decode(dialect, other, stream=not stream)) == of_events(events)


@pytest.mark.parametrize("dialect", sorted(set(DIALECTS) - set(CLIENTS)))
@given(data=st.data(), stream=st.booleans())
@settings(max_examples=200, deadline=None)
def test_what_a_vendor_says_is_read(dialect: str, data: st.DataObject, stream: bool) -> None:
    """The same of a dialect that only providers speak: whole and as a stream its vendor tells one tale, which says the same.

    `kinds`, `reasons` and `counts` of the facts: what that vendor has words for, where it is not everything.
    """
    tale = data.draw(tales(facts(dialect)))
    events, others = (
        decode(dialect, encode(dialect, tale, stream=each, provider=dialect)[0], stream=each) for each in (stream, not stream)
    )
    assert differences(of_events(tale), of_events(events)) == []
    assert of_events(others) == of_events(events)


def named(again: list[Event], events: list[Event]) -> list[Event]:
    """What a provider left out and every client needs was made up: an id of a call, the reason of a whole answer."""
    nameless = {event.index for event in events if isinstance(event, PartOpened) and event.id is None}
    end = events[-1]
    return [
        replace(event, id=None)
        if isinstance(event, PartOpened) and event.index in nameless
        else replace(event, raw_reason=None)
        if isinstance(event, Finished) and isinstance(end, Finished) and end.raw_reason is None
        else event
        for event in again
    ]


def comparable(events: list[Event]) -> Any:
    """What came before the answer is not compared where only a stream tells it (Anthropic's first usage)."""
    found = plain(fold(events), SPELLING)
    for event in found:
        if event[""] == "Started":
            del event["usage"]
    return found
