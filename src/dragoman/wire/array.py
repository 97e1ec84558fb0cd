"""A JSON array that is streamed element by element (Google's streams without `alt=sse`): cut into its elements.

The array may be cut anywhere, inside a string, an escape or a UTF-8 character too.
"""

import re

from dragoman.wire.sse import MAX_EVENT, EventTooLargeError

_OUTSIDE = re.compile(rb'["{}\[\]]')
_INSIDE = re.compile(rb'["\\]')
_QUOTE, _BACKSLASH = b'"\\'
_OPENING = b"{["
_BETWEEN = b"[, \t\r\n\xef\xbb\xbf"


class ArraySplitter:
    """Cuts bytes into pieces, exact bytes: an element and what stands before it (bracket, comma, white space), and last the
    closing bracket. What is not yet whole stays in `tail`. `ended`: the closing bracket has come."""

    __slots__ = ("_depth", "_in_string", "_seen", "ended", "tail")

    def __init__(self) -> None:
        self.tail = b""
        self.ended = False
        self._seen = 0
        self._depth = 0
        self._in_string = False

    def feed(self, data: bytes) -> list[bytes]:
        """Whole pieces that `data` completes, in order. Raises EventTooLargeError."""
        buffer = self.tail + data if self.tail else data
        pieces, start, place = [], 0, self._seen
        while (found := (_INSIDE if self._in_string else _OUTSIDE).search(buffer, place)) is not None:
            place = found.end()
            sign = buffer[place - 1]
            if self._in_string and sign == _BACKSLASH:
                if place == len(buffer):
                    place -= 1
                    break
                place += 1
            elif sign == _QUOTE:
                self._in_string = not self._in_string
            elif sign in _OPENING:
                self._depth += 1
            else:
                self._depth -= 1
                self.ended = self.ended or self._depth == 0
                if self._depth <= 1:
                    pieces.append(buffer[start:place])
                    start = place
        else:
            place = len(buffer)
        self.tail, self._seen = buffer[start:], place - start
        if len(self.tail) > MAX_EVENT:
            raise EventTooLargeError(f"an element of more than {MAX_EVENT} bytes")
        return pieces

    def close(self) -> list[bytes]:
        """What is left when the stream ends: white space, or half an element."""
        left, self.tail = self.tail, b""
        return [left] if left else []


def element(piece: bytes) -> bytes:
    """The element of a piece, which is an object; `]` for the end of the array, b"" for nothing."""
    return piece.lstrip(_BETWEEN).rstrip()
