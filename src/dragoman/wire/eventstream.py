"""Amazon's event stream (`application/vnd.amazon.eventstream`; smithy.io 2.0, 2026-11): binary messages read from bytes.

Rule: a message is whole and both its checksums fit, or the stream is broken; nothing is guessed. A stream may be cut anywhere.
"""

import zlib
from collections.abc import Mapping

from msgspec import Struct

CONTENT_TYPE = "application/vnd.amazon.eventstream"
_PRELUDE, _CRC = 12, 4
_LEAST = _PRELUDE + _CRC
MAX_MESSAGE = 24 * 1024 * 1024
"""Bytes one message may have; beyond it the stream is broken, not buffered."""
_SIZES = {0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16}
"""Header value type -> its bytes, where they are fixed: booleans, integers, a time, a UUID."""
_BYTES, _STRING = 6, 7


class BrokenFrameError(ValueError):
    """What came is no event stream, or is damaged."""


class Frame(Struct, frozen=True):
    """One message. `headers`: those whose value is text. `payload`: its bytes."""

    headers: Mapping[str, str]
    payload: bytes

    @property
    def kind(self) -> str:
        """`event`, or how it ends the stream: `exception` (modelled) or `error`."""
        return self.headers.get(":message-type", "event")

    @property
    def name(self) -> str:
        """What kind of event, exception or error it is."""
        return next((self.headers[key] for key in (":event-type", ":exception-type", ":error-code") if key in self.headers), "")


class Reader:
    """Cuts bytes into messages. `tail`: what is not yet whole."""

    __slots__ = ("tail",)

    def __init__(self) -> None:
        self.tail = b""

    def feed(self, data: bytes) -> list[Frame]:
        """Messages that `data` completes, in order. Raises BrokenFrameError."""
        buffer = self.tail + data if self.tail else data
        frames, start = [], 0
        while len(buffer) - start >= _PRELUDE:
            size = _size(buffer[start : start + _PRELUDE])
            if len(buffer) - start < size:
                break
            frames.append(_frame(buffer[start : start + size]))
            start += size
        self.tail = buffer[start:]
        return frames


def _size(prelude: bytes) -> int:
    """Bytes of the message that begins so."""
    if zlib.crc32(prelude[:8]) != int.from_bytes(prelude[8:12], "big"):
        raise BrokenFrameError("a message whose beginning is damaged")
    size, headers = int.from_bytes(prelude[:4], "big"), int.from_bytes(prelude[4:8], "big")
    if size > MAX_MESSAGE:
        raise BrokenFrameError(f"a message of more than {MAX_MESSAGE} bytes")
    if size < _LEAST + headers:
        raise BrokenFrameError("a message that is shorter than its headers")
    return size


def _frame(message: bytes) -> Frame:
    if zlib.crc32(message[:-_CRC]) != int.from_bytes(message[-_CRC:], "big"):
        raise BrokenFrameError("a message that is damaged")
    end = _PRELUDE + int.from_bytes(message[4:8], "big")
    return Frame(_headers(message[_PRELUDE:end]), message[end:-_CRC])


def _headers(data: bytes) -> dict[str, str]:
    found: dict[str, str] = {}
    place = 0
    try:
        while place < len(data):
            begin = place + 1
            place = begin + data[place]
            name, kind = data[begin:place].decode(), data[place]
            place += 1
            if kind in (_BYTES, _STRING):
                begin = place + 2
                place = begin + int.from_bytes(data[place:begin], "big")
                if kind == _STRING and place <= len(data):
                    found[name] = data[begin:place].decode()
            else:
                place += _SIZES[kind]
    except (IndexError, KeyError, UnicodeDecodeError):
        raise BrokenFrameError("a message whose headers cannot be read") from None
    if place != len(data):
        raise BrokenFrameError("a message whose headers are cut")
    return found
