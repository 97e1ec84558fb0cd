"""A provider's 200 on its way to the client. Rule: until the first content nothing is sent, so a failure is still unseen."""

import asyncio
import time
from typing import Final

from dragoman.core.errors import CallError, Error, ErrorKind
from dragoman.core.loss import Loss
from dragoman.core.request import Headers
from dragoman.relay.call import Call
from dragoman.relay.issued import Issued
from dragoman.relay.legs import Leg
from dragoman.relay.outlet import JSON
from dragoman.relay.pipe import Copy, Pipe
from dragoman.relay.replies import answer_headers
from dragoman.relay.trace import Trace
from dragoman.relay.upstream import Response
from dragoman.wire import json

LIMIT: Final = 64 * 1024 * 1024
"""Bytes of an answer that are taken before any of it can be passed on: a whole answer, or a stream without content."""
AFTER_ENDING: Final = 1.0
"""Seconds that are given to what comes after an answer's ending, which is HTTP's own end in nearly all cases."""
LATE_LIMIT: Final = 64 * 1024
"""Bytes of it."""
_TOO_LARGE = Error(kind=ErrorKind.SERVER, message=f"the provider's answer has more than {LIMIT} bytes", ours=True)


class Delivery:
    """One answer, fed through its pipe to the client of `call`. `issued`: learns its ids; None where nobody can refer to it."""

    __slots__ = ("_call", "_held", "_issued", "_late", "_leg", "_pipe", "_response", "_sent", "_trace")

    def __init__(self, call: Call, trace: Trace, leg: Leg, response: Response, issued: Issued | None) -> None:
        self._call, self._trace, self._leg, self._response = call, trace, leg, leg.plain(response)
        self._issued = issued
        self._held: list[bytes] = []
        self._sent = False
        self._late = 0
        self._pipe: Pipe

    async def run(self) -> Error | None:
        """An Error: nothing was sent, the next target may be asked. Raises CallError likewise."""
        data = await self._beginning()
        self._pipe = self._leg.pipe(data.lstrip())
        size = 0
        while data:
            size += len(data)
            failed = await self._pass(self._pipe.feed(data))
            if failed is None and size > LIMIT and not self._sent:
                failed = _TOO_LARGE
            if failed is None or (self._sent and self._pipe.told_error):
                try:
                    data = await self._more()
                    continue
                except CallError as failure:
                    failed = failure.error
            return await self._break(failed)
        failed = await self._pass(self._pipe.close())
        if failed is not None:
            return await self._break(failed)
        await self._finish()
        return None

    async def _beginning(self) -> bytes:
        """The first chunks, up to the first byte that is not white space."""
        parts: list[bytes] = []
        size = 0
        while more := await self._response.chunk():
            parts.append(more)
            size += len(more)
            if more.strip():
                break
            if size > LIMIT:
                raise CallError(_TOO_LARGE)
        return b"".join(parts)

    async def _more(self) -> bytes:
        """The next bytes, b"" at the end. After the answer's own ending, or error event, nothing that a provider does is a
        failure, or waited for: some keep the connection, some cut it."""
        watch = self._pipe.watch
        if watch.finished is None and watch.failed is None:
            return await self._response.chunk()
        try:
            async with asyncio.timeout(AFTER_ENDING):
                data = await self._response.chunk()
        except (TimeoutError, CallError):
            return b""
        self._late += len(data)
        return data if self._late <= LATE_LIMIT else b""

    async def _pass(self, out: bytes) -> Error | None:
        """Hold what may still have to be unseen, send what is committed; the failure that was seen, if any."""
        watch = self._pipe.watch
        if watch.failed is not None:
            out = self._leg.hide(out)
        if self._sent:
            await self._call.outlet.write(out)
        else:
            self._held.append(out)
            if watch.failed is None and watch.committed:
                await self._commit()
        return watch.failed

    async def _commit(self) -> None:
        """From here on nobody is switched. A whole answer is held to its end all the same."""
        trace = self._trace
        if trace.first is None:
            trace.first = time.monotonic() - trace.started
        started = self._pipe.watch.started
        if self._issued is not None and isinstance(self._pipe, Copy) and started is not None and started.id is not None:
            self._issued.answer(started.id, self._leg.target.provider.slug)
        if self._call.envelope.stream:
            self._sent = True
            await self._open()
            await self._call.outlet.write(b"".join(self._held))

    async def _open(self) -> None:
        self._trace.serves(self._leg.target, self._leg.lane, self._losses())
        if self._call.outlet.status is None:
            frames = self._call.dialect.frames(self._call.envelope.framing)
            await self._call.outlet.start_stream(frames.content_type, self._headers())
        else:
            self._pipe.untold = self._leg.built.losses

    async def _finish(self) -> None:
        watch, trace, outlet = self._pipe.watch, self._trace, self._call.outlet
        if self._issued is not None and isinstance(self._pipe, Copy):
            for raw in watch.pieces:
                self._issued.piece(json.decode(raw, str), self._leg.target.provider.slug)
        trace.usage = watch.usage
        trace.finish = watch.finished.reason if watch.finished is not None else None
        body = b"".join(self._held)
        if self._sent:
            trace.losses = self._losses()
            await outlet.end()
        elif self._call.envelope.stream:
            await self._open()
            await outlet.end(body)
        else:
            trace.serves(self._leg.target, self._leg.lane, self._losses())
            await outlet.whole(200, (("content-type", JSON), *self._headers()), body)

    async def _break(self, error: Error) -> Error | None:
        """After the commit the dialect's own error event ends the stream; before it the error is the caller's."""
        error = self._leg.discreet(error)
        if not self._sent:
            return error
        self._trace.error = error
        self._trace.usage = self._pipe.watch.usage
        await self._call.outlet.end(self._pipe.breaking(error))
        return None

    def _losses(self) -> list[Loss]:
        return [*self._leg.built.losses, *self._pipe.losses()]

    def _headers(self) -> Headers:
        return answer_headers(self._trace, self._response.headers if isinstance(self._pipe, Copy) else ())
