"""Events of a stream as bytes. Rule: one line of data each, also where a provider wrote its JSON over several lines."""

from typing import Any

from dragoman.wire import json, sse


def frame(name: str, value: Any) -> bytes:
    """`event:` and `data:`. White space between tokens is all that JSON holds of line breaks, so none of its words change."""
    return sse.write(one_line(json.encode(value)), name)


def one_line(data: bytes) -> bytes:
    return json.compact(data) if b"\n" in data or b"\r" in data else data
