"""Writes of one turn of the loop are one, over a real pair of sockets."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from dragoman.api.joined import FULL, Joined


class Line:
    """A joined transport, and what its reader has of it at this moment."""

    def __init__(self, joined: Joined, reader: socket.socket) -> None:
        self.joined, self._reader = joined, reader

    def read(self) -> bytes | None:
        """None: nothing is there; b"": it is closed."""
        with suppress(BlockingIOError):
            return self._reader.recv(4 * FULL)
        return None


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    writer, reader = socket.socketpair()
    reader.setblocking(False)
    loop = asyncio.get_running_loop()
    below, _ = await loop.create_connection(asyncio.Protocol, sock=writer)
    yield Line(Joined(below, loop), reader)
    below.abort()
    reader.close()


async def turn() -> None:
    """uvloop writes at the end of a turn, what was said in it before."""
    for _ in range(3):
        await asyncio.sleep(0)


async def test_writes_of_one_turn_are_one(line: Line) -> None:
    line.joined.write(b"head ")
    assert line.read() is None
    line.joined.write(bytearray(b"body"))
    assert line.joined.get_write_buffer_size() == 9
    await turn()
    assert line.read() == b"head body"
    line.joined.write(b"more")
    await turn()
    assert line.read() == b"more"
    assert line.joined.get_write_buffer_size() == 0


async def test_what_is_written_again_in_one_turn_keeps_its_order(line: Line) -> None:
    """The first lot is full and leaves before the turn ends; what follows comes after it."""
    large, got = b"x" * (FULL + 1), b""
    line.joined.write(large)
    line.joined.write(b"end")
    for _ in range(50):
        await turn()
        got += line.read() or b""
        if got.endswith(b"end"):
            break
    assert got == large + b"end"


async def test_closing_sends_what_waits_and_aborting_does_not(line: Line) -> None:
    line.joined.write(b"last words")
    line.joined.close()
    assert line.joined.is_closing()
    line.joined.write(b"too late")
    await turn()
    assert line.read() == b"last words"
    assert line.read() == b""


async def test_an_aborted_connection_says_nothing_more(line: Line) -> None:
    line.joined.write(b"nothing of this")
    line.joined.abort()
    await turn()
    with suppress(ConnectionResetError):
        assert line.read() == b""
