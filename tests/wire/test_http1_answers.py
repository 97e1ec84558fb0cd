"""Answers without a socket: the same however they are cut, never whole when they are not, refused when they are ambiguous."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.wire.http1 import MAX_HEAD, MAX_HEADERS, MAX_INTERIM, AnswerError, AnswerReader

OK = b"HTTP/1.1 200 OK\r\n"


def read(data: bytes, method: str = "POST", *, cut: int = 0, end: bool = False) -> AnswerReader:
    """An answer read in pieces of `cut` bytes (0: whole), and the peer's close where `end`."""
    reader = AnswerReader()
    reader.expect(method)
    for at in range(0, len(data), cut or len(data) or 1):
        reader.feed(data[at : at + (cut or len(data))])
    if end:
        reader.close()
    return reader


WHOLE = OK + b"Content-Type: a\r\nX-Id:  v \t\r\nContent-Length: 5\r\n\r\nhello"
CHUNKED = OK + b"Transfer-Encoding: Chunked\r\n\r\n3;ext=1\r\nhel\r\n2\r\nlo\r\n0\r\nTrailer: x\r\n\r\n"
CLOSED = OK + b"\r\nhello"
EARLY = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + WHOLE


@pytest.mark.parametrize("cut", [0, 1, 2, 3, 7])
@pytest.mark.parametrize(("data", "reusable"), [(WHOLE, True), (CHUNKED, True), (CLOSED, False), (EARLY, True)])
def test_an_answer_is_the_same_however_it_is_cut(data: bytes, reusable: bool, cut: int) -> None:
    reader = read(data, cut=cut)
    assert reader.status == 200
    assert reader.take() == b"hello"
    assert reader.complete is not (data is CLOSED)
    assert reader.reusable is reusable
    reader.close()
    assert reader.complete


def test_names_are_lower_case_values_trimmed_latin_1_and_trailers_no_headers() -> None:
    assert read(WHOLE).headers == (("content-type", "a"), ("x-id", "v"), ("content-length", "5"))
    assert read(CHUNKED).headers == (("transfer-encoding", "Chunked"),)
    assert read(OK + b"A: \xe9\r\na:\r\nContent-Length: 0\r\n\r\n").headers[:2] == (("a", "é"), ("a", ""))


@pytest.mark.parametrize("cut", [0, 1])
def test_one_connection_reads_one_answer_after_the_other(cut: int) -> None:
    reader = read(WHOLE, cut=cut)
    assert reader.take() == b"hello"
    reader.expect("POST")
    assert (reader.status, reader.begun, reader.complete, reader.reusable) == (0, False, False, False)
    reader.feed(CHUNKED)
    assert (reader.status, reader.take(), reader.complete, reader.reusable) == (200, b"hello", True, True)


@pytest.mark.parametrize("status", [204, 304])
@pytest.mark.parametrize("fields", [b"", b"Content-Length: 5\r\n"])
def test_answers_without_a_body_are_complete_with_their_head(status: int, fields: bytes) -> None:
    reader = read(b"HTTP/1.1 %d X\r\n%b\r\n" % (status, fields))
    assert (reader.status, reader.complete, reader.size) == (status, True, 0)


@pytest.mark.parametrize("fields", [b"", b"Content-Length: 5\r\n", b"Transfer-Encoding: chunked\r\n"])
def test_an_answer_to_head_has_no_body_whatever_it_says(fields: bytes) -> None:
    reader = read(OK + fields + b"\r\nhello", "HEAD")
    assert (reader.status, reader.complete, reader.reusable, reader.size) == (200, True, False, 0)


@pytest.mark.parametrize("more", [b"x", b"\r\nx", WHOLE, b"HTTP/1.1 408 Request Timeout\r\n\r\n", b"\x00"])
def test_what_follows_an_answer_spoils_the_connection_and_not_the_answer(more: bytes) -> None:
    for reader in (read(WHOLE + more), read(WHOLE)):
        if reader.reusable:
            reader.feed(more)
        assert (reader.status, reader.take(), reader.complete, reader.reusable) == (200, b"hello", True, False)


@pytest.mark.parametrize(
    "data",
    [
        OK + b"Connection: close\r\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    ],
)
def test_a_connection_that_will_close_is_not_reused(data: bytes) -> None:
    reader = read(data)
    assert (reader.take(), reader.complete, reader.reusable) == (b"hello", True, False)


def test_http_1_0_with_keep_alive_is_reused() -> None:
    assert read(b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n").reusable


@pytest.mark.parametrize("at", range(len(WHOLE)))
def test_a_cut_answer_with_a_length_is_never_complete(at: int) -> None:
    with pytest.raises(AnswerError, match="without an answer" if at == 0 else "in the middle"):
        read(WHOLE[:at], end=True)


@pytest.mark.parametrize("at", range(1, len(CHUNKED)))
def test_a_cut_chunked_answer_is_never_complete(at: int) -> None:
    with pytest.raises(AnswerError, match="in the middle"):
        read(CHUNKED[:at], end=True)


HOSTILE = {
    "another protocol": b"SSH-2.0-OpenSSH_9.6\r\n",
    "tls": b"\x15\x03\x01\x00\x02\x02\x46",
    "html": b"<html>CANARY</html>\r\n\r\n",
    "http/2": b"HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n",
    "http/0.9": b"HTTP/0.9 200 OK\r\nContent-Length: 0\r\n\r\n",
    "length and chunked": OK + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunked and length": OK + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    "two lengths": OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    "a list of lengths": OK + b"Content-Length: 5, 5\r\n\r\nhello",
    "signed length": OK + b"Content-Length: +5\r\n\r\nhello",
    "negative length": OK + b"Content-Length: -5\r\n\r\nhello",
    "hex length": OK + b"Content-Length: 0x5\r\n\r\nhello",
    "empty length": OK + b"Content-Length: \r\n\r\nhello",
    "endless length": OK + b"Content-Length: 99999999999999999999999\r\n\r\n",
    "gzip, chunked": OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "xchunked": OK + b"Transfer-Encoding: xchunked\r\n\r\nhello",
    "identity": OK + b"Transfer-Encoding: identity\r\n\r\nhello",
    "chunked twice": OK + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "bad chunk size": OK + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n",
    "negative chunk": OK + b"Transfer-Encoding: chunked\r\n\r\n-1\r\nx\r\n",
    "huge chunk": OK + b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nx",
    "chunk without its end": OK + b"Transfer-Encoding: chunked\r\n\r\n1\r\nxx\r\n0\r\n\r\n",
    "bare line feeds": b"HTTP/1.1 200 OK\nContent-Length: 5\n\nhello",
    "folded header": OK + b"A: b\r\n c\r\nContent-Length: 0\r\n\r\n",
    "space before colon": OK + b"Content-Length : 5\r\n\r\nhello",
    "no colon": OK + b"garbage\r\n\r\n",
    "nul in a value": OK + b"A: b\x00\r\n\r\n",
    "bare cr in a value": OK + b"A: b\rc\r\n\r\n",
    "switching protocols": b"HTTP/1.1 101 Switching\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n",
    "status 0": b"HTTP/1.1 000 X\r\nContent-Length: 0\r\n\r\n",
    "status 999": b"HTTP/1.1 999 X\r\nContent-Length: 0\r\n\r\n",
    "status of two digits": b"HTTP/1.1 20 X\r\n\r\n",
    "interim with a body": b"HTTP/1.1 102 X\r\nContent-Length: 5\r\n\r\nhello" + WHOLE,
    "endless interim": b"HTTP/1.1 103 X\r\n\r\n" * (MAX_INTERIM + 1),
    "too many headers": OK + b"a: b\r\n" * (MAX_HEADERS + 1) + b"\r\n",
    "too large headers": OK + (b"a: " + b"b" * 1000 + b"\r\n") * (MAX_HEAD // 1000 + 1) + b"\r\n",
    "a header without end": OK + b"a: " + b"b" * (MAX_HEAD + 1),
    "a reason without end": b"HTTP/1.1 200 " + b"b" * (MAX_HEAD + 1),
    "trailers without end": OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n" + b"a: b\r\n" * MAX_HEAD,
    "a chunk extension without end": OK + b"Transfer-Encoding: chunked\r\n\r\n1;" + b"x" * 2 * MAX_HEAD,
}


@pytest.mark.parametrize("cut", [0, 1024, 1])
@pytest.mark.parametrize("case", HOSTILE)
def test_what_is_not_plain_http_1_1_is_refused(case: str, cut: int) -> None:
    data = HOSTILE[case]
    if cut == 1 and len(data) > 4096:
        cut = 4095
    with pytest.raises(AnswerError) as caught:
        read(data, cut=cut)
    assert "CANARY" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_many_headers_within_the_limits_are_read() -> None:
    reader = read(OK + b"a: b\r\n" * (MAX_HEADERS - 1) + b"Content-Length: 0\r\n\r\n")
    assert len(reader.headers) == MAX_HEADERS


def test_the_limit_is_between_content_not_over_a_stream() -> None:
    reader = read(OK + b"Transfer-Encoding: chunked\r\n\r\n")
    for _ in range(40):
        reader.feed(b"1;" + b"x" * 4000 + b"\r\ny\r\n")
        assert reader.take() == b"y"
    reader.feed(b"0\r\n\r\n")
    assert reader.complete


@given(st.binary(max_size=300), st.integers(1, 50))
def test_any_bytes_are_an_answer_or_an_answer_error(data: bytes, cut: int) -> None:
    for prefix in (b"", OK, OK + b"Transfer-Encoding: chunked\r\n\r\n", OK + b"Content-Length: 9\r\n\r\n"):
        try:
            reader = read(prefix + data, cut=cut, end=True)
        except AnswerError:
            continue
        assert reader.complete


@given(st.lists(st.binary(min_size=1, max_size=50), max_size=8), st.integers(1, 40))
def test_a_body_comes_out_as_it_was_framed(parts: list[bytes], cut: int) -> None:
    body = b"".join(parts)
    framed = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in [*parts, b""])
    for data in (OK + b"Content-Length: %d\r\n\r\n" % len(body) + body, OK + b"Transfer-Encoding: chunked\r\n\r\n" + framed):
        reader = read(data, cut=cut)
        assert reader.complete
        assert reader.reusable
        assert reader.take() == body
