"""Content encodings: decoded exactly, in bounded steps, and never taken for whole when they are cut."""

import gzip
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.wire.http1 import AnswerError
from dragoman.wire.inflate import STEP, Inflater


def raw_deflate(data: bytes) -> bytes:
    encoder = zlib.compressobj(wbits=-15)
    return encoder.compress(data) + encoder.flush()


ENCODERS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzip.compress),
    "x-gzip": ("X-GZIP", gzip.compress),
    "deflate": ("deflate", zlib.compress),
    "raw deflate": ("deflate", raw_deflate),
}


def decode(encoding: str, data: bytes, cut: int = 0) -> bytes:
    inflater = Inflater(encoding)
    out = bytearray()
    for at in range(0, len(data), cut or len(data) or 1):
        inflater.feed(data[at : at + (cut or len(data))])
        while step := inflater.step():
            assert len(step) <= STEP
            out += step
    inflater.close()
    return bytes(out)


@pytest.mark.parametrize("case", ENCODERS)
@given(body=st.binary(max_size=2000), cut=st.integers(0, 20))
def test_what_was_encoded_comes_out_however_it_is_cut(case: str, body: bytes, cut: int) -> None:
    name, encode = ENCODERS[case]
    assert decode(name, encode(body), cut) == body


@pytest.mark.parametrize("case", ENCODERS)
def test_a_cut_encoding_is_an_error(case: str) -> None:
    name, encode = ENCODERS[case]
    data = encode(b"a body that is long enough to be cut somewhere")
    for at in range(1, len(data)):
        with pytest.raises(AnswerError, match="cut off"):
            decode(name, data[:at])


@pytest.mark.parametrize("case", ENCODERS)
def test_a_bomb_comes_in_bounded_steps(case: str) -> None:
    name, encode = ENCODERS[case]
    assert len(decode(name, encode(b"\0" * (4 * 1024 * 1024)))) == 4 * 1024 * 1024


@pytest.mark.parametrize("encoding", ["br", "zstd", "compress", "gzip, gzip", "gzip,br", "nonsense"])
def test_an_encoding_that_is_not_known_is_an_error_once_there_is_a_body(encoding: str) -> None:
    assert decode(encoding, b"") == b""
    with pytest.raises(AnswerError, match="content-encoding"):
        decode(encoding, b"x")


@pytest.mark.parametrize("case", ENCODERS)
def test_garbage_is_an_error(case: str) -> None:
    with pytest.raises(AnswerError):
        decode(ENCODERS[case][0], b"\xff\xff{not encoded at all}")


def test_concatenated_gzip_is_one_body_and_a_flood_of_empty_ones_is_refused() -> None:
    assert decode("gzip", gzip.compress(b"a") + gzip.compress(b"") + gzip.compress(b"b")) == b"ab"
    with pytest.raises(AnswerError, match="follow"):
        decode("gzip", gzip.compress(b"") * 10_000)
    with pytest.raises(AnswerError, match="follow"):
        decode("deflate", zlib.compress(b"a") * 2)
