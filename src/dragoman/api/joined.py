"""What is written in one turn of the loop leaves as one: the head of an answer together with its body.

uvicorn writes them apart, which costs a system call more and wakes the client twice. Rule: nothing waits longer than the turn,
and no more than `FULL` bytes wait at all, so that the transport below still says when its reader is slow.
"""

import asyncio
from typing import Any, Final

FULL: Final = 64 * 1024
"""Bytes that may wait for the end of a turn."""


class Joined(asyncio.Transport):
    """A connection's transport, with its writes joined; what uvicorn and we ask of it besides goes through."""

    def __init__(self, below: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._below, self._loop = below, loop
        self._waiting: list[bytes] = []
        self._size = 0

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if not self._waiting:
            self._loop.call_soon(self._flush)
        self._waiting.append(bytes(data))
        self._size += len(data)
        if self._size > FULL:
            self._flush()

    def close(self) -> None:
        self._flush()
        self._below.close()

    def abort(self) -> None:
        self._waiting, self._size = [], 0
        self._below.abort()

    def is_closing(self) -> bool:
        return self._below.is_closing()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._below.get_extra_info(name, default)

    def get_write_buffer_size(self) -> int:
        return self._size + self._below.get_write_buffer_size()

    def pause_reading(self) -> None:
        self._below.pause_reading()

    def resume_reading(self) -> None:
        self._below.resume_reading()

    def _flush(self) -> None:
        waiting, self._waiting, self._size = self._waiting, [], 0
        if waiting and not self._below.is_closing():
            self._below.write(waiting[0] if len(waiting) == 1 else b"".join(waiting))
