"""Messages come out whole and equal, however the bytes are cut; a damaged one is never taken for a message."""

import itertools
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.wire.eventstream import MAX_MESSAGE, BrokenFrameError, Frame, Reader
from support.aws_frames import event, exception, frame, message

STREAM = (
    event("messageStart", b'{"role":"assistant"}')
    + event("contentBlockDelta", '{"delta":{"text":"é"}}'.encode())
    + frame(b"")
    + exception("throttlingException", b'{"message":"slow down"}')
)


def read(chunks: list[bytes]) -> list[Frame]:
    reader = Reader()
    found = [found for chunk in chunks for found in reader.feed(chunk)]
    assert reader.tail == b""
    return found


def test_what_a_message_says() -> None:
    first, second, third, last = read([STREAM])
    assert (first.kind, first.name, first.payload) == ("event", "messageStart", b'{"role":"assistant"}')
    assert second.payload == '{"delta":{"text":"é"}}'.encode()
    assert (third.kind, third.name, third.payload) == ("event", "", b"")
    assert (last.kind, last.name, last.payload) == ("exception", "throttlingException", b'{"message":"slow down"}')


@given(st.lists(st.integers(0, len(STREAM)), max_size=12))
def test_any_cut(cuts: list[int]) -> None:
    places = [0, *sorted(cuts), len(STREAM)]
    assert read([STREAM[a:b] for a, b in itertools.pairwise(places)]) == read([STREAM])


def test_byte_by_byte() -> None:
    assert read([STREAM[place : place + 1] for place in range(len(STREAM))]) == read([STREAM])


def test_headers_of_other_types_are_passed_over() -> None:
    others = b"".join(
        [
            b"\x01a\x00", b"\x01b\x01", b"\x01c\x02\x07", b"\x01d\x03\x00\x07", b"\x01e\x04" + bytes(4), b"\x01f\x05" + bytes(8),
            b"\x01g\x06\x00\x02\xff\xff", b"\x01h\x08" + bytes(8), b"\x01i\x09" + bytes(16), b"\x01j\x07\x00\x02ok",
        ]
    )  # fmt: skip
    assert read([message(b"x", others)]) == [Frame({"j": "ok"}, b"x")]


@pytest.mark.parametrize("place", range(len(event("a", b"{}"))))
def test_a_flipped_bit_is_noticed(place: int) -> None:
    data = bytearray(event("a", b"{}"))
    data[place] ^= 0x10
    reader = Reader()
    with pytest.raises(BrokenFrameError):
        assert reader.feed(bytes(data) + event("b", b"{}")) == []


@pytest.mark.parametrize(
    "headers", [b"\x05ab", b"\x01a\x0a", b"\x01a\x07\x00\x09x", b"\x01a\x06\x00\x09x", b"\x01a\x04\x00", b"\x02\xff\xfe\x00"]
)
def test_headers_that_cannot_be_read(headers: bytes) -> None:
    with pytest.raises(BrokenFrameError):
        Reader().feed(message(b"", headers))


@pytest.mark.parametrize("sizes", [(MAX_MESSAGE + 1, 0), (15, 0), (20, 10)])
def test_sizes_that_cannot_be(sizes: tuple[int, int]) -> None:
    prelude = struct.pack(">II", *sizes)
    with pytest.raises(BrokenFrameError):
        Reader().feed(prelude + struct.pack(">I", zlib.crc32(prelude)))


def test_text_is_no_event_stream() -> None:
    with pytest.raises(BrokenFrameError):
        Reader().feed(b'data: {"choices":[]}\n\n')
