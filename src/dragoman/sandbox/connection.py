"""One connection to the sandbox: HTTP/1.1 in (httptools), scripts played out, byte by byte where a script says so.

Rule: a peer that goes away is noticed at once, and written down with the time.
"""

import asyncio
import http
import socket
import struct
from collections import deque
from collections.abc import Callable
from typing import Protocol, TypeAlias

import httptools

from dragoman.sandbox.script import Script
from dragoman.sandbox.seen import Seen

MAX_HEAD = 64 * 1024
LINGER = 1.0
"""Seconds that the rest of an oversized body is read and thrown away, so that its sender gets to see the refusal."""
_CLOSE_WITH_RESET = struct.pack("ii", 1, 0)
Writer: TypeAlias = Callable[[Seen], Script]


class Host(Protocol):
    """What a connection needs of its sandbox."""

    max_body: int
    connections: "set[Connection]"

    def note(self, seen: Seen) -> None: ...

    def script(self, seen: Seen) -> Script: ...

    def too_large(self, seen: Seen) -> Script: ...


class Connection(asyncio.Protocol):
    def __init__(self, host: Host) -> None:
        self._host = host
        self._loop = asyncio.get_running_loop()
        self._parser = httptools.HttpRequestParser(self)
        self._transport: asyncio.Transport
        self._waiting: deque[tuple[Seen, Writer, bool]] = deque()
        self._playing: asyncio.Task[None] | None = None
        self._writable = asyncio.Event()
        self._writable.set()
        self._head_size = 0
        self._closing = False
        self.on_message_begin()

    def abort(self) -> None:
        self._transport.abort()

    # What the loop tells.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # uvloop's is no asyncio.Transport
        self._host.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._host.connections.discard(self)
        for seen, _, _ in self._waiting:
            if not seen.finished:
                seen.gone = self._loop.time()
            seen.ended.set()
        if self._playing is not None:
            self._playing.cancel()

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    def data_received(self, data: bytes) -> None:
        if self._closing:
            return
        if not self._in_body:
            self._head_size += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            pass  # an offer to change the protocol is not taken; the request itself is complete
        except httptools.HttpParserError:
            self._refuse(400)
        if not self._in_body and self._head_size > MAX_HEAD:
            self._refuse(431)

    # What the parser tells.

    def on_message_begin(self) -> None:
        self._target = b""
        self._headers: list[tuple[str, str]] = []
        self._body: list[bytes] = []
        self._size = 0
        self._in_body = False

    def on_url(self, url: bytes) -> None:
        self._target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers.append((name.decode("latin-1"), value.decode("latin-1")))

    def on_headers_complete(self) -> None:
        self._in_body = True
        method = self._parser.get_method().decode("ascii")
        self._seen = Seen(method, self._target.decode("latin-1"), tuple(self._headers), self._loop.time())
        declared = self._seen.header("content-length")
        if declared is not None and declared.isdigit() and int(declared) > self._host.max_body:
            self._refuse_size()
        elif (self._seen.header("expect") or "").lower() == "100-continue":
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, body: bytes) -> None:
        if self._closing:
            return
        self._size += len(body)
        self._body.append(body)
        if self._size > self._host.max_body:
            self._refuse_size()

    def on_message_complete(self) -> None:
        self._in_body, self._head_size = False, 0
        if self._closing:
            return
        self._seen.body = b"".join(self._body)
        self._take(self._host.script, keep=self._parser.should_keep_alive())

    # Answers.

    def _refuse(self, status: int) -> None:
        """What came is no HTTP request."""
        if not self._closing:
            self._closing = True
            phrase = http.HTTPStatus(status).phrase
            self._transport.write(f"HTTP/1.1 {status} {phrase}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".encode())
            self._transport.close()

    def _refuse_size(self) -> None:
        self._closing = True
        self._take(self._host.too_large, keep=False)

    def _take(self, writer: Writer, *, keep: bool) -> None:
        self._host.note(self._seen)
        self._waiting.append((self._seen, writer, keep and self._parser.get_http_version() == "1.1"))
        if self._playing is None:
            self._playing = self._loop.create_task(self._run())
            self._playing.add_done_callback(self._ran)

    def _ran(self, task: "asyncio.Task[None]") -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self._loop.call_exception_handler({"message": "the sandbox failed to answer", "exception": error})
            self._transport.abort()

    async def _run(self) -> None:
        while self._waiting:
            seen, writer, keep = self._waiting[0]
            await self._play(seen, writer(seen), keep)
            seen.ended.set()
            self._waiting.popleft()
            if not keep:
                await self._close()
                return
        self._playing = None

    async def _close(self) -> None:
        """Ours is said. What the peer is still sending of a refused body is let in for a moment: a reset would eat our answer."""
        if self._closing:
            self._transport.write_eof()
            await asyncio.sleep(LINGER)
        self._transport.close()

    async def _play(self, seen: Seen, script: Script, keep: bool) -> None:
        silent = seen.method == "HEAD"
        chunked = script.length is None and self._parser.get_http_version() == "1.1"
        due = self._loop.time()
        for step in script.steps:
            match step:
                case bytes():
                    if not silent:
                        await self._write(b"%x\r\n%b\r\n" % (len(step), step) if chunked else step, script.grain)
                case float() | int():
                    due += step
                    await asyncio.sleep(max(0, due - self._loop.time()))
                case "head":
                    seen.status = script.status
                    await self._write(_head(script, keep, chunked), script.grain)
                case "end":
                    if chunked and not silent:
                        await self._write(b"0\r\n\r\n", script.grain)
                    seen.finished = True
                case "cut":
                    seen.finished = True
                    self._transport.close()
                case "reset":
                    seen.finished = True
                    self._reset()
                case "hang":
                    await self._loop.create_future()

    async def _write(self, data: bytes, grain: int) -> None:
        for at in range(0, len(data), grain or len(data) or 1):
            if not self._writable.is_set():
                await self._writable.wait()
            self._transport.write(data[at : at + grain] if grain else data)
            if grain:
                await asyncio.sleep(0)

    def _reset(self) -> None:
        """Close so that the peer gets RST, not FIN."""
        self._transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _CLOSE_WITH_RESET)
        self._transport.abort()


def _head(script: Script, keep: bool, chunked: bool) -> bytes:
    try:
        phrase = http.HTTPStatus(script.status).phrase
    except ValueError:
        phrase = "Overloaded"
    lines = [f"HTTP/1.1 {script.status} {phrase}", "server: dragoman-sandbox", *(f"{k}: {v}" for k, v in script.headers)]
    if chunked:
        lines.append("transfer-encoding: chunked")
    elif script.length is not None:
        lines.append(f"content-length: {script.length}")
    if not keep:
        lines.append("connection: close")
    return "\r\n".join((*lines, "", "")).encode("latin-1")
