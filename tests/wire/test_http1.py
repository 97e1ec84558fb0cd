"""Requests without a socket: a URL is read one way or refused, and no header splits a head."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.wire.http1 import Url, parse_url, request_head

URL = parse_url("http://provider.test/v1/chat")


# URLs


@pytest.mark.parametrize(
    ("url", "host", "port", "authority", "target"),
    [
        ("https://api.openai.com/v1/chat/completions", "api.openai.com", 443, "api.openai.com", "/v1/chat/completions"),
        ("http://LOCALHOST:11434/v1", "localhost", 11434, "localhost:11434", "/v1"),
        ("https://h:443/x", "h", 443, "h", "/x"),
        ("http://h:443/x", "h", 443, "h:443", "/x"),
        ("http://[::1]:8080/a", "::1", 8080, "[::1]:8080", "/a"),
        ("http://[2001:DB8:0::1]/a", "2001:db8::1", 80, "[2001:db8::1]", "/a"),
        ("http://h", "h", 80, "h", "/"),
        ("http://h?a=1", "h", 80, "h", "/?a=1"),
        ("http://h/v1/../admin/%2e%2e/x//y/./z?q=a/../b;c&%zz", "h", 80, "h", "/v1/../admin/%2e%2e/x//y/./z?q=a/../b;c&%zz"),
        ("http://h/modèle/é?q=ü", "h", 80, "h", "/mod%C3%A8le/%C3%A9?q=%C3%BC"),
        ("http://bücher.example/x", "xn--bcher-kva.example", 80, "xn--bcher-kva.example", "/x"),
        ("http://a_b.internal./x", "a_b.internal.", 80, "a_b.internal.", "/x"),
        ("http://127.1:81/", "127.1", 81, "127.1:81", "/"),
        ("http://169。254。169。254/", "169.254.169.254", 80, "169.254.169.254", "/"),
    ],
)
def test_a_url_is_read_once_and_its_path_is_kept(url: str, host: str, port: int, authority: str, target: str) -> None:
    assert parse_url(url) == Url(url.partition(":")[0], host, port, authority, target)


@pytest.mark.parametrize(
    "url",
    [
        *(
            "",
            "h/x",
            "//h/x",
            "/x",
            "ftp://h/x",
            "file:///etc/passwd",
            "gopher://h",
            "http+unix://x/y",
            "data:,x",
            "javascript:x",
        ),
        *(
            "http://",
            "http:///x",
            "http:/x",
            "http:h",
            "http://:80/",
            "http://h:0/",
            "http://h:65536/",
            "http://h:x/",
            "http://h:-1/",
        ),
        *(
            "http://user@h/",
            "http://user:CANARY@h/",
            "http://@h/",
            "http://good.test@evil.test/",
            "http://evil.test\\@good.test/",
        ),
        *("http://evil.test\\.good.test/", "http:\\\\h\\x", "http://h/x#f", "http://h/#", "http://h#@evil.test/"),
        *(
            "http://h /",
            "http://h\t/",
            "http://h/\r\nHost: evil",
            "http://h/\n",
            "http://h/\x00",
            "http://h/a b",
            " http://h/",
            "\x01http://h",
        ),
        *("http://[::1/", "http://::1/", "http://[::1]x/", "http://[fe80::1%25eth0]/", "http://[127.0.0.1]/", "http://[v1.x]/"),
        *(
            "http://a..b/",
            "http://" + "a" * 64 + ".test/",
            "http://h%2eevil.test/",
            "http://h<x>/",
            "http://a,b/",
            "http://h/\ud800",
        ),
    ],
)
def test_an_ambiguous_url_is_refused_without_being_shown(url: str) -> None:
    with pytest.raises(ValueError, match="the URL ") as caught:
        parse_url(url)
    assert "CANARY" not in str(caught.value)


def test_a_place_never_shows_path_or_query() -> None:
    assert parse_url("https://h/v1?key=CANARY").place == "h:443"
    assert parse_url("https://[::1]/v1?key=CANARY").place == "[::1]:443"


# heads


def test_the_head_of_a_request() -> None:
    head = request_head("POST", parse_url("http://h:81/a?b=c"), (("content-type", "application/json"), ("x", "")), 12)
    assert head == (
        b"POST /a?b=c HTTP/1.1\r\nhost: h:81\r\naccept-encoding: identity\r\ncontent-length: 12\r\n"
        b"content-type: application/json\r\nx: \r\n\r\n"
    )


def test_only_a_request_that_may_have_no_body_goes_without_a_length() -> None:
    assert b"content-length" not in request_head("GET", URL, (), 0)
    assert b"content-length: 0\r\n" in request_head("POST", URL, (), 0)
    assert b"content-length: 3\r\n" in request_head("GET", URL, (), 3)


def test_identity_is_asked_for_whatever_the_caller_says() -> None:
    head = request_head("POST", URL, (("accept-encoding", "br"), ("Accept-Encoding", "gzip")), 0)
    assert head.lower().count(b"accept-encoding: ") == 1
    assert b"accept-encoding: identity\r\n" in head


def test_latin_1_values_are_sent_as_their_bytes() -> None:
    assert b"x-name: caf\xe9 \t!\r\n" in request_head("POST", URL, (("x-name", "café \t!"),), 0)


@pytest.mark.parametrize(
    "name",
    ["host", "Host", "content-length", "transfer-encoding", "Transfer-Encoding", "connection", "keep-alive", "te", "trailer",
     "upgrade", "expect", "proxy-connection", "proxy-authorization"],
)  # fmt: skip
def test_framing_names_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match=name.lower()):
        request_head("POST", URL, (("a", "b"), (name, "chunked")), 0)


@pytest.mark.parametrize("name", ["", "a b", "a:", "a\r\nb", "é", "a\x00", "(a)", "a\t"])
def test_a_name_that_is_no_token_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="header"):
        request_head("POST", URL, (("ok", "1"), (name, "v")), 0)


@pytest.mark.parametrize(
    "value", ["a\r\nb: c", "a\nb", "a\rb", "a\x00b", "\r\n\r\nGET / HTTP/1.1", "a\r\n", "\x7f", "\x1b", "日本", "\ud800"]
)
def test_a_value_that_could_split_the_head_is_refused_without_being_shown(value: str) -> None:
    with pytest.raises(ValueError, match="x-secret") as caught:
        request_head("POST", URL, (("ok", "1"), ("x-secret", "CANARY" + value)), 0)
    assert "CANARY" not in str(caught.value)


@pytest.mark.parametrize("method", ["", "get", "GET /x HTTP/1.1\r\nHost: evil\r\n\r\nGET", "GÉT"])
def test_a_method_that_is_none_is_refused(method: str) -> None:
    with pytest.raises(ValueError, match="method"):
        request_head(method, URL, (), 0)


@given(st.lists(st.tuples(st.text(max_size=5), st.text(max_size=8)), max_size=4))
def test_a_head_is_refused_or_has_exactly_the_fields_that_were_given(headers: list[tuple[str, str]]) -> None:
    try:
        head = request_head("POST", URL, tuple(headers), 1)
    except ValueError:
        return
    lines = head.split(b"\r\n")
    assert lines[4:-2] == [f"{name}: {value}".encode("latin-1") for name, value in headers if name.lower() != "accept-encoding"]
    assert lines[-2:] == [b"", b""]
    assert head.count(b"\n") == head.count(b"\r") == len(lines) - 1
