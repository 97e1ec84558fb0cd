"""Server-sent events (WHATWG HTML, 9.2): cut a byte stream into events, read their fields, write them.

Lines end in LF, CRLF or CR; a stream may be cut anywhere, inside a CRLF or a UTF-8 character too.
"""

import re

_END = re.compile(rb"\r\n\r\n|\n\n|\r\r|\n\r\n|\r\n\n|\r\n\r(?!\n)|\n\r(?!\n)")
_LINE = re.compile(rb"\r\n|\n|\r")
MAX_EVENT = 32 * 1024 * 1024
"""Bytes one event may have; beyond it the stream is broken, not buffered."""


class EventTooLargeError(ValueError):
    """One event grew past MAX_EVENT."""


class Splitter:
    """Cuts bytes into whole events, each with its blank line, exact bytes. What is not yet whole stays in `tail`."""

    __slots__ = ("_seen", "tail")

    def __init__(self) -> None:
        self.tail = b""
        self._seen = 0

    def feed(self, data: bytes) -> list[bytes]:
        """Whole events that `data` completes, in order. Raises EventTooLargeError."""
        buffer = self.tail + data if self.tail else data
        events, start = [], 0
        search = max(0, self._seen - 3)
        while (match := _END.search(buffer, search)) is not None:
            end = match.end()
            if end == len(buffer) and buffer[end - 1] == 13:
                break  # a lone CR at the cut may be half of a CRLF
            events.append(buffer[start:end])
            start = search = end
        self.tail = buffer[start:]
        self._seen = len(self.tail)
        if self._seen > MAX_EVENT:
            raise EventTooLargeError(f"an event of more than {MAX_EVENT} bytes")
        return events

    def close(self) -> list[bytes]:
        """What is left when the stream ends. A last event without its blank line counts: providers forget it."""
        left, self.tail = self.tail, b""
        return [left] if left.strip() else []


def fields(event: bytes) -> tuple[str, bytes]:
    """(event name, data) of one whole event; data lines joined by LF; b"" where it has none (comments, retry)."""
    name, data = "", []
    for line in _LINE.split(event):
        if line.startswith(b"data:"):
            data.append(line[6:] if line[5:6] == b" " else line[5:])
        elif line.startswith(b"event:"):
            name = line[6:].strip().decode("utf-8", "replace")
        elif line.startswith(b"\xef\xbb\xbfdata:"):
            data.append(line[8:].lstrip(b" "))
    return name, b"\n".join(data) if len(data) != 1 else data[0]


def write(data: bytes, name: str = "") -> bytes:
    """One event. `data` is one line (compact JSON)."""
    return b"event: %b\ndata: %b\n\n" % (name.encode(), data) if name else b"data: %b\n\n" % data


def comment(text: str) -> bytes:
    """A comment line, which every client of the OpenAI and Anthropic dialects skips (never send one to a Gemini client)."""
    return b": %b\n\n" % text.encode()
