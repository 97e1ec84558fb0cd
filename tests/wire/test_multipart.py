"""Forms: the field that is meant is found and replaced, and no other byte moves."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.wire.multipart import MAX_PARTS, FormError, is_form, replaced, value
from support.forms import BOUNDARY, TYPE, form

NAMES = st.sampled_from(["model", "mode", "models", "file", "prompt"])
CONTENT = st.binary(max_size=60) | st.sampled_from([b"", b"\r\n", b"--", b"\r\n--", f"\r\n--{BOUNDARY}x\r\n".encode(), b"model"])


def raw(*parts: bytes, before: bytes = b"", after: bytes = b"", mark: str = BOUNDARY) -> bytes:
    """Parts as they are, each with its headers, between delimiters."""
    opened = b"".join(b"--%b\r\n%b\r\n" % (mark.encode(), part) for part in parts)
    return before + opened + b"--%b--" % mark.encode() + after


def text(name: str, content: bytes) -> bytes:
    return b'content-disposition: form-data; name="%b"\r\n\r\n%b' % (name.encode(), content)


@settings(deadline=None)
@given(st.lists(st.tuples(NAMES, CONTENT), max_size=6), st.text(max_size=20))
def test_only_the_values_of_that_field_change(parts: list[tuple[str, bytes]], new: str) -> None:
    told = [text(name, content) for name, content in parts]
    body = raw(*told, before=b"preamble\r\n", after=b"\r\nepilogue")
    expected = [text(name, new.encode() if name == "model" else content) for name, content in parts]
    assert replaced(TYPE, body, "model", new) == raw(*expected, before=b"preamble\r\n", after=b"\r\nepilogue")
    found = [content for name, content in parts if name == "model"]
    try:
        last = found[-1].decode() if found else None
    except UnicodeDecodeError:
        with pytest.raises(FormError):
            value(TYPE, body, "model")
    else:
        assert value(TYPE, body, "model") == last


def test_as_sdks_write_it() -> None:
    sent = form({"model": "whisper-1", "language": "en"}, {"file": b"\x00\r\n\r\n--" * 100})
    assert value(TYPE, sent, "model") == "whisper-1"
    assert value(TYPE, sent, "prompt") is None
    assert value(TYPE, sent, "file") is None
    assert replaced(TYPE, sent, "model", "x") == form({"model": "x", "language": "en"}, {"file": b"\x00\r\n\r\n--" * 100})


@pytest.mark.parametrize(
    ("type_", "mark"),
    [
        ("multipart/form-data; boundary=abc", "abc"),
        ('Multipart/Form-Data; charset=utf-8; Boundary="a b:c"', "a b:c"),
        ("multipart/form-data;boundary=abc; x=y", "abc"),
    ],
)
def test_boundaries(type_: str, mark: str) -> None:
    assert is_form(type_)
    assert value(type_, raw(text("model", b"m"), mark=mark), "model") == "m"


@pytest.mark.parametrize(
    "head",
    [
        b'Content-Disposition: form-data; name="model"',
        b"CONTENT-DISPOSITION:form-data;name=model",
        b'X: y\r\ncontent-disposition: form-data; x="a;name=b\\""; name="model"\r\nContent-Type: text/plain',
        b'content-disposition: form-data; name="mo\\del"',
    ],
)
def test_heads_of_a_field(head: bytes) -> None:
    assert value(TYPE, raw(head + b"\r\n\r\nm"), "model") == "m"


@pytest.mark.parametrize(
    "head",
    [
        b'Content-Disposition: form-data; name="model"; filename="a"',
        b"Content-Disposition: form-data; name=model; filename*=UTF-8''a",
        b'Content-Disposition: form-data; filename="; name=model"',
        b'Content-Disposition: attachment; name="model"',
        b'X-Content-Disposition: form-data; name="model"',
        b"Content-Type: text/plain",
    ],
)
def test_what_is_no_such_field(head: bytes) -> None:
    assert value(TYPE, raw(head + b"\r\n\r\nm"), "model") is None


def test_padding_after_a_boundary_and_parts_without_headers_or_content() -> None:
    mark = BOUNDARY.encode()
    body = b"--%b \t\r\n%b\r\n--%b\r\n\r\nbare\r\n--%b\r\nX: y\r\n\r\n--%b--" % (mark, text("model", b"m"), mark, mark, mark)
    assert value(TYPE, body, "model") == "m"


@pytest.mark.parametrize(
    ("type_", "body"),
    [
        ("multipart/form-data", raw(text("model", b"m"))),
        ("multipart/form-data; boundary=", raw(text("model", b"m"))),
        (TYPE, b""),
        (TYPE, b"anything"),
        (TYPE, f"--{BOUNDARY}".encode()),
        (TYPE, f"--{BOUNDARY}\r\n".encode()),
        (TYPE, f"--{BOUNDARY}x\r\n\r\n\r\n--{BOUNDARY}--".encode()),
        (TYPE, raw(text("model", b"m"))[: -len(BOUNDARY) - 4]),
        (TYPE, raw(b"X: " + b"y" * 20_000 + b"\r\n\r\nm")),
        (TYPE, raw(*[text("a", b"")] * (MAX_PARTS + 1))),
    ],
)
def test_what_is_no_form(type_: str, body: bytes) -> None:
    for read in (lambda: value(type_, body, "model"), lambda: replaced(type_, body, "model", "x")):
        with pytest.raises(FormError):
            read()


def test_a_boundary_that_stands_all_over_the_content_is_no_boundary() -> None:
    with pytest.raises(FormError):
        value("multipart/form-data; boundary=b", raw(text("file", b"\r\n--bx" * 5_000_000), mark="b"), "model")


def test_as_many_parts_as_are_allowed() -> None:
    assert value(TYPE, raw(*[text("a", b"")] * (MAX_PARTS - 1), text("model", b"m")), "model") == "m"


def test_what_is_a_form() -> None:
    assert not is_form("multipart/mixed; boundary=x")
    assert not is_form("application/json")
    assert not is_form("")
