"""Events come out whole and equal, however the bytes are cut and whatever ends the lines."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.wire.sse import EventTooLargeError, Splitter, comment, fields, write

STREAM = 'event: message\ndata: {"a":"é"}\n\ndata: one\ndata: two\n\n: a comment\n\nid: 7\ndata:tight\n\n'.encode()
SAID = [("message", '{"a":"é"}'.encode()), ("", b"one\ntwo"), ("", b""), ("", b"tight")]


def split(chunks: list[bytes]) -> list[tuple[str, bytes]]:
    splitter = Splitter()
    events = [event for chunk in chunks for event in splitter.feed(chunk)]
    return [fields(event) for event in [*events, *splitter.close()]]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_byte_by_byte_with_every_line_ending(end: bytes) -> None:
    data = STREAM.replace(b"\n", end)
    assert split([data[place : place + 1] for place in range(len(data))]) == SAID
    assert split([data]) == SAID


@given(st.lists(st.integers(0, len(STREAM)), max_size=8), st.sampled_from([b"\n", b"\r\n"]))
def test_any_cut(cuts: list[int], end: bytes) -> None:
    data = STREAM.replace(b"\n", end)
    places = [0, *sorted(cuts), len(data)]
    assert split([data[a:b] for a, b in itertools.pairwise(places)]) == SAID


def test_exact_bytes_are_kept() -> None:
    splitter = Splitter()
    assert b"".join(splitter.feed(STREAM)) == STREAM


def test_a_last_event_without_its_blank_line_counts() -> None:
    assert split([b"data: a\n\ndata: b"]) == [("", b"a"), ("", b"b")]


def test_what_is_written_is_read() -> None:
    assert split([write(b"{}", "ping") + comment("hello") + write(b"[DONE]")]) == [("ping", b"{}"), ("", b""), ("", b"[DONE]")]


def test_an_endless_event_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dragoman.wire.sse.MAX_EVENT", 100)
    splitter = Splitter()
    with pytest.raises(EventTooLargeError):
        splitter.feed(b"data: " + b"x" * 200)
