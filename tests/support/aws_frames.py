"""Amazon's event stream, written: for fixtures, scripted providers and the reader's own tests.

A fixture of such a stream is text, one message a line: `messageStart {"role":"assistant"}`; an exception begins with `!`; a line
that begins with `#` says something to people.
"""

import base64
import json
import re
import struct
import zlib
from collections.abc import Iterable, Iterator
from typing import Any


def frame(payload: bytes, **headers: str) -> bytes:
    """One message. Headers are strings; `_` at the front of a name is a `:`, the other ones are hyphens."""
    named = {
        name.replace("_", ":", 1).replace("_", "-") if name.startswith("_") else name: text for name, text in headers.items()
    }
    return message(payload, b"".join(_header(name, text) for name, text in named.items()))


def message(payload: bytes, headers: bytes = b"") -> bytes:
    prelude = struct.pack(">II", 16 + len(headers) + len(payload), len(headers))
    body = prelude + struct.pack(">I", zlib.crc32(prelude)) + headers + payload
    return body + struct.pack(">I", zlib.crc32(body))


def event(name: str, payload: bytes) -> bytes:
    return frame(payload, _event_type=name, _content_type="application/json", _message_type="event")


def exception(name: str, payload: bytes) -> bytes:
    return frame(payload, _exception_type=name, _content_type="application/json", _message_type="exception")


def chunk(payload: bytes) -> bytes:
    """A message of InvokeModelWithResponseStream: an event of the model's own dialect inside."""
    return event("chunk", b'{"bytes":"%b","p":"abcdef"}' % base64.b64encode(payload))


def apart(data: bytes) -> list[bytes]:
    """A stream as its messages."""
    found = []
    while data:
        size = int.from_bytes(data[:4], "big")
        found.append(data[:size])
        data = data[size:]
    return found


def read(data: bytes) -> Iterator[tuple[str, Any]]:
    """(name, payload) of each message, by the format's own description; checksums are the reader's business."""
    for each in apart(data):
        end = 12 + int.from_bytes(each[4:8], "big")
        names = re.search(rb":(?:event|exception)-type\x07..([\w-]+)", each[12:end], re.DOTALL)
        if names is not None:
            size = int.from_bytes(names[0][-len(names[1]) - 2 : -len(names[1])], "big")
            yield names[1][:size].decode(), json.loads(each[end:-4])


def written(text: str) -> list[bytes]:
    """The messages of a fixture."""
    return list(_written(text.splitlines()))


def _written(lines: Iterable[str]) -> Iterable[bytes]:
    for line in lines:
        name, _, payload = line.partition(" ")
        if name.startswith("!"):
            yield exception(name[1:], payload.encode())
        elif name and not name.startswith("#"):
            yield event(name, payload.encode())


def _header(name: str, text: str) -> bytes:
    return struct.pack(">B", len(name)) + name.encode() + struct.pack(">BH", 7, len(text.encode())) + text.encode()
