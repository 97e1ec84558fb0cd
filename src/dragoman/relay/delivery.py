"""A provider's 200 on its way to the client. Rule: until the first content nothing is sent, so a failure is still unseen."""

import time

from dragoman.core.errors import CallError, Error
from dragoman.core.loss import Loss
from dragoman.core.request import Headers
from dragoman.providers.headers import incoming
from dragoman.relay.call import Call
from dragoman.relay.legs import Leg
from dragoman.relay.losses import HEADER, render
from dragoman.relay.outlet import JSON, STREAMED
from dragoman.relay.pipe import Copy, Pipe
from dragoman.relay.trace import Trace
from dragoman.relay.upstream import Response


class Delivery:
    """One answer, fed through its pipe to the client of `call`."""

    __slots__ = ("_call", "_held", "_leg", "_pipe", "_response", "_sent", "_trace")

    def __init__(self, call: Call, trace: Trace, leg: Leg, response: Response) -> None:
        self._call, self._trace, self._leg, self._response = call, trace, leg, response
        self._held: list[bytes] = []
        self._sent = False
        self._pipe: Pipe

    async def run(self) -> Error | None:
        """An Error: nothing was sent, the next target may be asked. Raises CallError likewise."""
        data = await self._beginning()
        self._pipe = self._leg.pipe(data.lstrip())
        while data:
            failed = await self._pass(self._pipe.feed(data))
            if failed is None:
                try:
                    data = await self._response.chunk()
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
        data = b""
        while not data.strip():
            more = await self._response.chunk()
            if not more:
                break
            data += more
        return data

    async def _pass(self, out: bytes) -> Error | None:
        """Hold what may still have to be unseen, send what is committed; the failure that was seen, if any."""
        watch = self._pipe.watch
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
        if self._call.envelope.stream:
            self._sent = True
            await self._open()
            await self._call.outlet.write(b"".join(self._held))

    async def _open(self) -> None:
        self._trace.serves(self._leg.target, self._leg.lane, self._losses())
        if self._call.outlet.status is None:
            await self._call.outlet.start(200, (*STREAMED, *self._headers()))
        else:
            self._pipe.untold = self._leg.built.losses

    async def _finish(self) -> None:
        watch, trace, outlet = self._pipe.watch, self._trace, self._call.outlet
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
        if not self._sent:
            return error
        self._trace.error = error
        self._trace.usage = self._pipe.watch.usage
        await self._call.outlet.end(self._pipe.breaking(error))
        return None

    def _losses(self) -> list[Loss]:
        return [*self._leg.built.losses, *self._pipe.losses()]

    def _headers(self) -> Headers:
        trace, target = self._trace, self._leg.target
        told = render(trace.losses)
        losses = ((HEADER, told),) if told else ()
        return (
            ("x-dragoman-request-id", self._call.request_id),
            ("x-dragoman-target", target.name.encode("ascii", "backslashreplace").decode()),
            ("x-dragoman-attempts", str(trace.tries + 1)),
            *losses,
            *(incoming(self._response.headers) if isinstance(self._pipe, Copy) else ()),
        )
