"""Chunking: any cut of the bytes, LF, CRLF or CR, gives the same events."""

import re
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.every import every
from support.fixtures import Answer, answers, streams
from support.speech import decode, plain

LINES: dict[str, Callable[[bytes], bytes]] = {
    "crlf": lambda data: data.replace(b"\n", b"\r\n"),
    "cr": lambda data: data.replace(b"\n", b"\r"),
    "tight": lambda data: data.replace(b"data: ", b"data:").replace(b"event: ", b"event:"),
    "comments": lambda data: data.replace(b"\n\n", b"\n\n: keep-alive\n\n:\n\n"),
    "comment-lines": lambda data: data.replace(b"data: {", b": told next\ndata: {"),
    "blank-lines": lambda data: data.replace(b"\n\n", b"\n\n\n\n"),
    "more-fields": lambda data: data.replace(b"data: {", b"id: 7\nretry: 1000\nx-novel: yes\ndata: {"),
    "data-lines": lambda data: re.sub(rb"data: \{", b"data: {\ndata: ", data),
    "byte-order-mark": lambda data: b"\xef\xbb\xbf" + data,
    "no-last-blank-line": lambda data: data.rstrip(b"\n"),
}
"""The same events in other frames that the standard allows, or that providers send."""
_LINES = {".sse": ("crlf", "cr"), ".json": ("crlf", "cr"), ".ndjson": ("crlf",)}
"""Which other ends of lines an answer may have, by its suffix."""

OWN = frozenset({"body"})
"""What an error has of the provider's own bytes: other ends of lines are other bytes."""


@every("answer", answers())
def test_byte_by_byte(answer: Answer) -> None:
    data = answer.data
    singles = [data[place : place + 1] for place in range(len(data))]
    assert seen(answer, singles) == seen(answer, [data])


@every("answer", [each for each in answers() if each.suffix != ".frames"])
def test_byte_by_byte_with_crlf(answer: Answer) -> None:
    data = answer.data.replace(b"\n", b"\r\n")
    singles = [data[place : place + 1] for place in range(len(data))]
    assert seen(answer, singles, OWN) == seen(answer, [answer.data], OWN)


@pytest.mark.parametrize("line", LINES)
@every("answer", [each for each in streams() if each.suffix == ".sse"])
def test_other_frames(answer: Answer, line: str) -> None:
    data = LINES[line](answer.data)
    half = len(data) // 2
    assert seen(answer, [data]) == seen(answer, [answer.data])
    assert seen(answer, [data[:half], b"", data[half:]]) == seen(answer, [answer.data])


@given(data=st.data())
@settings(max_examples=300, deadline=None)
def test_any_cut(data: st.DataObject) -> None:
    answer = data.draw(st.sampled_from(answers()))
    lines = data.draw(st.sampled_from(["", *_LINES.get(answer.suffix, ())]))
    body = LINES[lines](answer.data) if lines else answer.data
    cuts = sorted(data.draw(st.lists(st.integers(0, len(body)), max_size=12)))
    pieces = [body[left:right] for left, right in zip([0, *cuts], [*cuts, len(body)], strict=True)]
    assert seen(answer, pieces, OWN) == seen(answer, [answer.data], OWN)


def seen(answer: Answer, pieces: list[bytes], leave_out: frozenset[str] = frozenset()) -> object:
    return plain(decode(answer.dialect, pieces, stream=answer.stream), leave_out)
