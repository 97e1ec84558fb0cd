"""HTTP/1.1 (RFC 9112) from the client's side: a URL taken apart, the head of a request, an answer read from bytes.

Rule: one parser for URLs, one for answers, and both refuse what is ambiguous. Nothing here knows a socket or a clock.
"""

import re
from functools import lru_cache
from ipaddress import IPv6Address
from typing import Final
from urllib.parse import SplitResult, urlsplit

from httptools import HttpParserCallbackError, HttpParserError, HttpParserUpgrade, HttpResponseParser
from msgspec import Struct

from dragoman.core.request import Headers

MAX_HEAD: Final = 64 * 1024
"""Bytes an answer may have before content comes, and between content: its head, interim answers, trailers, chunk extensions."""
MAX_HEADERS: Final = 256
MAX_INTERIM: Final = 16
"""1xx answers before the real one."""

FRAMING: Final = frozenset({
    "connection", "content-length", "expect", "host", "keep-alive", "proxy-authenticate", "proxy-authorization",
    "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
})  # fmt: skip
"""Names that frame a message or belong to one connection (RFC 9110 7.6.1): ours to write, never a caller's."""
OURS: Final = "accept-encoding"
"""Always `identity`; a caller's own is left out."""

_PORTS: Final = {"http": 80, "https": 443}
_HOST = re.compile(r"[a-z0-9._-]+")
_BRACKETED = re.compile(r"\[[^\[\]]+\](:[0-9]*)?")
_FORBIDDEN_IN_URL = re.compile(r"[\x00-\x20\x7f\ud800-\udfff]")
_TO_ESCAPE = re.compile(r"[^\x21-\x7e]")
_METHOD = re.compile(r"[A-Z]+")
_FIELDS = re.compile(rb"(?:[!#$%&'*+.^_`|~0-9A-Za-z-]++: [\t\x20-\x7e\x80-\xff]*+\r\n)*+")
_NO_BODY = frozenset({204, 304})
_NAMES: dict[bytes, str] = {}
_NAMES_KEPT = 512


class AnswerError(ValueError):
    """What came is not an HTTP/1.1 answer, is cut, or is past a limit. The message is one clause without the peer's words."""


class Url(Struct, frozen=True):
    """`host`: ASCII, lower case, IPv6 without brackets. `authority`: as in the Host header. `target`: path and query as sent."""

    scheme: str
    host: str
    port: int
    authority: str
    target: str

    @property
    def place(self) -> str:
        """`host:port`, to be shown: never the path or the query, which may hold secrets."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@lru_cache(maxsize=1024)
def parse_url(url: str) -> Url:
    """The only reading of a URL: what is checked is what is connected. Raises ValueError, which never shows path or query."""
    if _FORBIDDEN_IN_URL.search(url) is not None:
        raise ValueError("the URL holds a space, a control character or half a character")
    try:
        split = urlsplit(url)
        port = split.port
    except ValueError:
        raise ValueError("the URL has a host or port that cannot be read") from None
    if split.scheme not in _PORTS:
        raise ValueError("the URL must begin with http:// or https://")
    if "@" in split.netloc:
        raise ValueError("the URL holds a user name or a password: credentials belong into headers")
    if "#" in url:
        raise ValueError("the URL holds a fragment (#)")
    if port == 0:
        raise ValueError("the URL has a host or port that cannot be read")
    host = _host(split)
    shown = f"[{host}]" if ":" in host else host
    usual = _PORTS[split.scheme]
    path = (split.path or "/") + (f"?{split.query}" if split.query else "")
    return Url(
        scheme=split.scheme,
        host=host,
        port=usual if port is None else port,
        authority=shown if port is None or port == usual else f"{shown}:{port}",
        target=_TO_ESCAPE.sub(_escape, path),
    )


def _host(split: SplitResult) -> str:
    host = split.hostname or ""
    if "[" in split.netloc or ":" in host:
        try:
            if _BRACKETED.fullmatch(split.netloc) is None:
                raise ValueError
            address = IPv6Address(host)
        except ValueError:
            raise ValueError("the URL has an IPv6 address that cannot be read") from None
        if address.scope_id is not None:
            raise ValueError("the URL has an IPv6 address with a zone, which cannot be connected")
        return str(address)
    try:
        plain = host.encode("idna").decode("ascii").lower()
    except UnicodeError:
        raise ValueError("the URL has a host that is no host name") from None
    if _HOST.fullmatch(plain) is None:
        raise ValueError("the URL has a host that is no host name")
    return plain


def _escape(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in match.group().encode("utf-8"))


def request_head(method: str, url: Url, headers: Headers, length: int) -> bytes:
    """Request line and headers, with the blank line. Raises ValueError, naming the header and never its value."""
    fields = []
    for name, value in headers:
        lower = name.lower()
        if lower in FRAMING:
            raise ValueError(f"header {lower}: this name belongs to the connection and cannot be set")
        if lower != OURS:
            fields.append(f"{name}: {value}\r\n")
    try:
        block = "".join(fields).encode("latin-1")
    except UnicodeEncodeError:
        block = b":"
    # A value with a line break would match as two fields: the count tells.
    if _FIELDS.fullmatch(block) is None or block.count(b"\n") != len(fields):
        raise ValueError(f"header {_culprit(headers)}: not a name and value that HTTP can carry")
    if _METHOD.fullmatch(method) is None:
        raise ValueError("the method is no HTTP method")
    sized = "" if length == 0 and method in ("GET", "HEAD", "DELETE") else f"content-length: {length}\r\n"
    first = f"{method} {url.target} HTTP/1.1\r\nhost: {url.authority}\r\n{OURS}: identity\r\n{sized}"
    return b"%b%b\r\n" % (first.encode("ascii"), block)


def _culprit(headers: Headers) -> str:
    for name, value in headers:
        try:
            field = f"{name}: {value}\r\n".encode("latin-1")
        except UnicodeEncodeError:
            return ascii(name)
        if _FIELDS.fullmatch(field) is None or field.count(b"\n") != 1:
            return ascii(name)
    raise AssertionError("every header is well formed by itself")


class AnswerReader:
    """Reads the answers of one connection, one after the other, each announced by `expect`.

    `status` is 0 until the head is whole. `body`: what came and was not taken, `size` its bytes. `begun`: a byte of this answer
    came. `complete`: by HTTP's own framing. `reusable`: after completion, whether the next request may follow.
    """

    __slots__ = (
        "_barren", "_head_only", "_interim", "_keep", "_parser", "_raw", "_until_eof",
        "begun", "body", "complete", "headers", "reusable", "size", "status",
    )  # fmt: skip

    def __init__(self) -> None:
        self._parser = HttpResponseParser(self)
        self._raw: list[tuple[bytes, bytes]] = []
        self.body: list[bytes] = []
        self.expect("GET")

    def expect(self, method: str) -> None:
        """The next bytes answer a request with this method."""
        self._head_only = method == "HEAD"
        self._until_eof = self._keep = False
        self._interim = self._barren = 0
        self.status = self.size = 0
        self.headers: Headers = ()
        self.begun = self.complete = self.reusable = False

    def feed(self, data: bytes) -> None:
        """Raises AnswerError; never once the answer is complete: what follows then only makes it not reusable."""
        self.begun = True
        before = self.size
        try:
            self._parser.feed_data(data)
        except HttpParserCallbackError as error:
            if not self.complete:
                raise AnswerError(str(error.__context__)) from error.__context__
        except (HttpParserError, HttpParserUpgrade) as error:
            self.reusable = False
            if not self.complete:
                raise AnswerError(f"the answer is not HTTP/1.1: {error}") from None
        if self.size != before:
            self._barren = 0
        elif not self.complete:
            self._barren += len(data)
            if self._barren > MAX_HEAD:
                raise AnswerError(f"the answer has more than {MAX_HEAD} bytes of headers")

    def close(self) -> None:
        """The peer closed. Raises AnswerError where that cuts the answer off."""
        if self.complete:
            self.reusable = False
        elif self.status and self._until_eof:
            self.complete = True
        elif self.begun:
            raise AnswerError("connection closed in the middle of the answer")
        else:
            raise AnswerError("connection closed without an answer")

    def take(self) -> bytes:
        """All of the body that is here."""
        body = self.body
        data = body[0] if len(body) == 1 else b"".join(body)
        body.clear()
        self.size = 0
        return data

    # httptools calls what follows

    def on_message_begin(self) -> None:
        if self.complete:
            self.reusable = False
            raise AnswerError("more came than the answer")

    def on_header(self, name: bytes, value: bytes) -> None:
        self._raw.append((name, value))

    def on_headers_complete(self) -> None:
        raw, parser = self._raw, self._parser
        headers: list[tuple[str, str]] = []
        coding, sized, size = None, False, 0
        for name, value in raw:
            size += len(name) + len(value)
            known = _NAMES.get(name) or _name(name)
            text = value.decode("latin-1").rstrip(" \t")
            headers.append((known, text))
            if known == "content-length":
                sized = True
            elif known == "transfer-encoding":
                coding = text.lower() if coding is None else "more than one"
        raw.clear()
        if len(headers) > MAX_HEADERS or size > MAX_HEAD:
            raise AnswerError(f"the answer has more than {MAX_HEADERS} headers or {MAX_HEAD} bytes of them")
        self._keep = parser.should_keep_alive()
        if not self._keep and parser.get_http_version() not in ("1.1", "1.0"):
            raise AnswerError("the answer is not HTTP/1.1 but another version")
        if coding is not None and (coding != "chunked" or sized):
            raise AnswerError("the answer has a transfer-encoding other than chunked, or a content-length beside it")
        status = parser.get_status_code()
        if status < 200:
            self._skip(status, framed=sized or coding is not None)
        elif status > 599:
            raise AnswerError(f"the answer has the status {status}, which HTTP does not know")
        else:
            self._until_eof = coding is None and not sized and status not in _NO_BODY
            self.status, self.headers = status, tuple(headers)
            if self._head_only:
                self.complete = True
                raise AnswerError("no body follows")  # the parser would wait for it; such a connection is not reused

    def on_body(self, data: bytes) -> None:
        self.body.append(data)
        self.size += len(data)

    def on_message_complete(self) -> None:
        if self.status:
            self.complete = True
            self.reusable = self._keep
        self._raw.clear()

    def _skip(self, status: int, *, framed: bool) -> None:
        self._interim += 1
        if status < 102 and status != 100:
            raise AnswerError(f"the answer has the status {status}, which was not asked for")
        if framed or self._interim > MAX_INTERIM:
            raise AnswerError("the answer has interim (1xx) answers with a body, or too many")


def _name(raw: bytes) -> str:
    """The name in lower case; the usual ones are kept, so that they are decoded once."""
    name = raw.decode("latin-1").lower()
    if len(_NAMES) < _NAMES_KEPT:
        _NAMES[bytes(raw)] = name
    return name
