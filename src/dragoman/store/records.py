"""Records -> JSON lines. Rule: a call never waits for its record: it is queued, written by a thread, and told as lost when the
reader of the log is so slow that the queue is full."""

import sys
import threading
from collections import deque
from collections.abc import Callable
from typing import BinaryIO

from msgspec import structs

from dragoman.core.record import Attempt, Record
from dragoman.wire import json

LIMIT = 10_000
"""Records that wait at most."""
GATHER = 0.1
"""Seconds in which records are gathered into one write."""

Redact = Callable[[str], str]


class LogSink:
    """Writes `{"event":"call", ...}` with the fields of Record, one line a call. `redact` takes secrets out of error texts."""

    def __init__(self, stream: BinaryIO | None = None, redact: Redact = str, limit: int = LIMIT) -> None:
        self._stream = sys.stdout.buffer if stream is None else stream
        self._redact = redact
        self._limit = limit
        self._waiting: deque[bytes] = deque()
        self._lost = 0
        self._filled, self._closed = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="records", daemon=True)
        self._thread.start()

    def __call__(self, record: Record) -> None:
        if len(self._waiting) >= self._limit:
            self._lost += 1
            return
        self._waiting.append(line(record, self._redact))
        if not self._filled.is_set():
            self._filled.set()

    def close(self, timeout: float = 2.0) -> None:
        """Write what waits; give up after `timeout` seconds."""
        self._closed.set()
        self._filled.set()
        self._thread.join(timeout)

    def _run(self) -> None:
        while not (self._closed.is_set() and not self._waiting):
            self._filled.wait()
            self._closed.wait(GATHER)
            self._filled.clear()
            try:
                self._write()
            except (OSError, ValueError):
                # The reader of the log went away: the calls go on without it.
                self._waiting.clear()

    def _write(self) -> None:
        lines = []
        while self._waiting:
            lines.append(self._waiting.popleft())
        lost, self._lost = self._lost, 0
        if lost:
            lines.append(json.encode({"event": "records_lost", "count": lost}) + b"\n")
        if lines:
            self._stream.write(b"".join(lines))
            self._stream.flush()


def line(record: Record, redact: Redact = str) -> bytes:
    """One JSON object and a line feed."""
    if any(attempt.message is not None for attempt in record.attempts):
        record = structs.replace(record, attempts=tuple(_redacted(attempt, redact) for attempt in record.attempts))
    return b'{"event":"call",' + json.encode(record)[1:] + b"\n"


def _redacted(attempt: Attempt, redact: Redact) -> Attempt:
    return attempt if attempt.message is None else structs.replace(attempt, message=redact(attempt.message))
