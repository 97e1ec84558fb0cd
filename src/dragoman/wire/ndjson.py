"""Newline-delimited JSON (github.com/ndjson/ndjson-spec): cut a byte stream into lines, exact bytes.

A stream may be cut anywhere. A line ends in LF; the CR of a CRLF is white space to JSON and stays.
"""

from dragoman.wire.sse import MAX_EVENT, EventTooLargeError


class Splitter:
    """Cuts bytes into whole lines. What is not yet whole is kept."""

    __slots__ = ("_left", "_size")

    def __init__(self) -> None:
        self._left: list[bytes] = []
        self._size = 0

    def feed(self, data: bytes) -> list[bytes]:
        """Whole lines that `data` completes, in order, without their ends; blank ones too. Raises EventTooLargeError."""
        first, *more = data.split(b"\n")
        self._left.append(first)
        self._size += len(first)
        lines = []
        for piece in more:
            lines.append(b"".join(self._left))
            self._left, self._size = [piece], len(piece)
        if self._size > MAX_EVENT:
            raise EventTooLargeError(f"a line of more than {MAX_EVENT} bytes")
        return lines

    def close(self) -> list[bytes]:
        """What is left when the stream ends: the last line may lack its end."""
        left, self._left, self._size = b"".join(self._left), [], 0
        return [left] if left.strip() else []
