"""Lines of JSON, however the stream is cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.wire import ndjson, sse


def lines(*pieces: bytes) -> list[bytes]:
    splitter = ndjson.Splitter()
    return [*(line for piece in pieces for line in splitter.feed(piece)), *splitter.close()]


def test_lines_are_whole_and_exact() -> None:
    assert lines(b'{"a":1.50}\r\n\n{"b"', b":2}\n", b'{"c":3}') == [b'{"a":1.50}\r', b"", b'{"b":2}', b'{"c":3}']


def test_an_empty_stream_has_no_lines() -> None:
    assert lines() == lines(b"") == lines(b"", b" \r") == []


@given(st.lists(st.binary(max_size=9)), st.data())
def test_any_cut_gives_the_same_lines(told: list[bytes], data: st.DataObject) -> None:
    body = b"\n".join(told)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(body)), max_size=5)))
    pieces = [body[left:right] for left, right in zip([0, *cuts], [*cuts, len(body)], strict=True)]
    assert lines(*pieces) == lines(body)


def test_a_line_is_not_buffered_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ndjson, "MAX_EVENT", 10)
    splitter = ndjson.Splitter()
    assert splitter.feed(b"12345\n6789") == [b"12345"]
    with pytest.raises(sse.EventTooLargeError, match="a line of more than 10 bytes"):
        splitter.feed(b"0123456")
