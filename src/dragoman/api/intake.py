"""A client's HTTP request as values: headers, a bounded body, and a watch on whether the client is still there."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from dragoman.core.errors import CallError, Error, ErrorKind
from dragoman.core.request import Headers

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
UNWATCHED = 0.02
"""Seconds of a call in which nobody looks whether the client is still there."""


class ClientGoneError(Exception):
    """The client closed the connection before its request was whole."""


def headers_of(scope: MutableMapping[str, Any]) -> Headers:
    """Lower-case names, values as latin-1."""
    return tuple((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in scope["headers"])


def peer_of(scope: MutableMapping[str, Any]) -> str:
    """The address that called; "" where the server does not tell."""
    return scope["client"][0] if scope.get("client") else ""


async def body_of(headers: Headers, receive: Receive, limit: int) -> bytes:
    """The whole body. Raises CallError (too_large) beyond `limit` bytes, without reading the rest, or where it is compressed;
    ClientGoneError."""
    encoding = next((value for name, value in headers if name == "content-encoding"), "identity")
    if encoding.strip().lower() not in ("identity", ""):
        raise _encoded()
    declared = next((value for name, value in headers if name == "content-length"), "0")
    if declared.isdigit() and int(declared) > limit:
        raise _too_large(limit)
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        data: bytes = message.get("body", b"")
        size += len(data)
        if size > limit:
            raise _too_large(limit)
        chunks.append(data)
        if not message.get("more_body", False):
            return chunks[0] if len(chunks) == 1 else b"".join(chunks)


async def while_client_stays(receive: Receive, work: Awaitable[None]) -> None:
    """Run `work`; cancel it as soon as the client goes away, before the first byte and on whole calls too."""
    presence = _Presence(receive)
    try:
        await work
    except asyncio.CancelledError:
        if not presence.ended_it():
            raise
    finally:
        presence.stop()


class _Presence:
    """Watches for the leaving of the client, from `UNWATCHED` seconds on: short calls are over by then and need no task."""

    __slots__ = ("_gone", "_handle", "_receive", "_task", "_watcher")

    def __init__(self, receive: Receive) -> None:
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("only inside a task")
        self._receive, self._task, self._gone = receive, task, False
        self._watcher: asyncio.Future[None] | None = None
        self._handle = task.get_loop().call_later(UNWATCHED, self._begin)

    def ended_it(self) -> bool:
        """Whether the client's leaving cancelled the task, and nothing else."""
        return self._gone and self._task.uncancel() == 0

    def stop(self) -> None:
        self._handle.cancel()
        if self._watcher is not None:
            self._watcher.cancel()

    def _begin(self) -> None:
        self._watcher = asyncio.ensure_future(self._watch())

    async def _watch(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._gone = True
        self._task.cancel()


def _encoded() -> CallError:
    message = "the request body has a content-encoding, which is not supported: send it plain"
    return CallError(Error(kind=ErrorKind.BAD_REQUEST, message=message, status=415, ours=True))


def _too_large(limit: int) -> CallError:
    message = f"the request body is larger than {limit} bytes (DRAGOMAN_MAX_BODY)"
    return CallError(Error(kind=ErrorKind.TOO_LARGE, message=message, status=413, ours=True))
