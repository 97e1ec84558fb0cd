"""What the readers of all dialects share."""

import json
from collections.abc import Iterator
from typing import Any

FAILED = "failed"
"""An error or a missing ending, of whatever kind."""
CONTRADICTION = "more tokens cached than there were"
"""Seen of Grok on Azure: such a sum has no normal form, and is told as if all were cached."""


class BrokenError(Exception):
    """An error, or no ending, or nothing that can be read."""


def data_of(body: bytes) -> Iterator[Any]:
    """The JSON of each event, until `[DONE]`."""
    for event in body.replace(b"\r\n", b"\n").split(b"\n\n"):
        lines = [line[5:].strip() for line in event.split(b"\n") if line.startswith(b"data:")]
        if lines == [b"[DONE]"]:
            return
        if lines:
            yield json.loads(b"\n".join(lines))


def counts(total: int, output: int, read: int, write: int, reasoning: int) -> dict[str, int]:
    return {"input": total, "output": output, "cache_read": read, "cache_write": write, "reasoning": min(reasoning, output)}
