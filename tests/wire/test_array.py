"""Streamed JSON arrays: every cut gives the same elements, and no byte is lost."""

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.wire import array
from dragoman.wire.array import ArraySplitter, element
from dragoman.wire.sse import EventTooLargeError

PLAIN = b'[{"a": 1}\r\n,\r\n{"b": [{"c": "}]\\"{["}, "\\\\"]}\n]\n'


def pieces(data: bytes, *cuts: int) -> list[bytes]:
    splitter = ArraySplitter()
    places = [0, *cuts, len(data)]
    found = [piece for left, right in pairwise(places) for piece in splitter.feed(data[left:right])]
    return found + splitter.close()


def test_an_element_takes_what_stands_before_it_along() -> None:
    assert pieces(PLAIN) == [b'[{"a": 1}', b'\r\n,\r\n{"b": [{"c": "}]\\"{["}, "\\\\"]}', b"\n]", b"\n"]


def test_elements_are_read_without_it() -> None:
    assert [element(piece) for piece in pieces(PLAIN)] == [b'{"a": 1}', b'{"b": [{"c": "}]\\"{["}, "\\\\"]}', b"]", b""]


@pytest.mark.parametrize("cut", range(len(PLAIN) + 1))
def test_a_cut_anywhere_changes_nothing(cut: int) -> None:
    assert pieces(PLAIN, cut) == pieces(PLAIN)


objects = st.lists(st.dictionaries(st.text(max_size=6), st.recursive(st.text(max_size=6) | st.integers(), st.lists)), max_size=4)


@given(values=objects, ascii_only=st.booleans(), data=st.data())
def test_every_array_comes_apart_into_its_elements(values: list[object], ascii_only: bool, data: st.DataObject) -> None:
    body = json.dumps(values, ensure_ascii=ascii_only, indent=data.draw(st.sampled_from([None, 2]))).encode(
        "utf-8", "surrogatepass"
    )
    cuts = sorted(data.draw(st.lists(st.integers(0, len(body)), max_size=6)))
    found = pieces(body, *cuts)
    assert b"".join(found) == body
    assert [json.loads(element(piece)) for piece in found if element(piece) not in (b"", b"]")] == values


def test_it_says_whether_the_array_has_ended() -> None:
    splitter = ArraySplitter()
    splitter.feed(b'[{"a":1}')
    assert not splitter.ended
    assert splitter.feed(b",") == []
    assert splitter.feed(b'{"b":2}]') == [b',{"b":2}', b"]"]
    assert splitter.ended


def test_what_is_left_is_told_at_the_end() -> None:
    assert pieces(b'[{"a":1},{"b":') == [b'[{"a":1}', b',{"b":']
    assert pieces(b"[]  ") == [b"[]", b"  "]


def test_an_element_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(array, "MAX_EVENT", 10)
    with pytest.raises(EventTooLargeError):
        ArraySplitter().feed(b'[{"a": "bbbbbbbb')
