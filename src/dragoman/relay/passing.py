"""A call that is passed: the client's bytes to the provider, and the provider's to the client, whatever they are.

Rule: until the first byte of an answer is here a failure is unseen. After it nobody is switched, and an answer that breaks off
breaks the client's connection off: half a file must not look whole.
"""

import time
from typing import Final

from msgspec import structs

from dragoman.core.errors import CallError, Error
from dragoman.core.request import Headers
from dragoman.dialects import passing
from dragoman.dialects.base import Built
from dragoman.dialects.gleaning import Gleaner
from dragoman.dialects.lanes import Lane
from dragoman.providers.auth import credentials
from dragoman.providers.headers import content_asked, content_told, outgoing
from dragoman.relay.call import Call
from dragoman.relay.issued import Issued
from dragoman.relay.legs import OURSELVES, Leg
from dragoman.relay.replies import answer_headers
from dragoman.relay.trace import Trace
from dragoman.relay.upstream import Outgoing, Response

SAFE: Final = frozenset({"GET", "HEAD"})
"""Methods that change nothing (RFC 9110 9.2.1): what was asked by them may be asked again."""
LINKED: Final = 16 * 1024 * 1024
"""Bytes of an answer with links in it."""
_HARMLESS: Final = (("content-security-policy", "sandbox; default-src 'none'"), ("x-content-type-options", "nosniff"))
"""A file that somebody left with a provider must not act as a page of ours, in a browser that is shown it."""


class Passed(Leg):
    """The request as one target gets it."""

    __slots__ = ()

    def _build(self) -> tuple[Lane, Built]:
        envelope, embedder = self.asked.envelope, self.asked.dialect.embedder
        if envelope.operation == "embed" and embedder is not None:
            return "copy", Built(body=embedder.retarget(envelope, self.target))
        return "copy", Built(body=passing.retarget(envelope, self.target))

    def outgoing(self) -> Outgoing:
        envelope, target = self.asked.envelope, self.target
        modelled = envelope.model is not None and not envelope.pinned
        content = content_asked(envelope.headers, passing.content_type(envelope))
        return structs.replace(
            super().outgoing(),
            method=envelope.method,
            url=self.url_below(envelope.below, envelope.query, envelope.above, modelled=modelled),
            headers=(*credentials(target), *outgoing(envelope.headers, target, (OURSELVES, *content), same_dialect=True)),
            once=envelope.pinned and envelope.method not in SAFE,
        )

    def failure(self, status: int, headers: Headers, body: bytes) -> Error:
        """In the client's dialect, whichever of that API the provider speaks."""
        return structs.replace(super().failure(status, headers, body), dialect=self.asked.envelope.dialect)


class Passage:
    """An answer on its way."""

    __slots__ = ("_call", "_gleaner", "_issued", "_leg", "_response", "_trace")

    def __init__(self, call: Call, trace: Trace, leg: Leg, response: Response, issued: Issued) -> None:
        self._call, self._trace, self._leg, self._response, self._issued = call, trace, leg, response, issued
        self._gleaner = Gleaner(response.header("content-type") or "")

    async def run(self) -> Error | None:
        """Raises CallError while nothing was sent: the next target may be asked."""
        call, trace, response = self._call, self._trace, self._response
        data = await response.chunk()
        linked = call.envelope.links != () and self._gleaner.whole_only
        if linked:
            data += await response.read(LINKED)
        trace.first = time.monotonic() - trace.started
        trace.serves(self._leg.target, self._leg.lane, ())
        told = (
            *passing.relinked_headers(call.envelope, content_told(response.headers)),
            *answer_headers(trace, response.headers),
            *_HARMLESS,
        )
        if linked:
            await self._whole(data, told)
            return None
        await call.outlet.start(response.status, told)
        try:
            last = await self._pass(data)
        except CallError as failure:
            trace.error = self._leg.discreet(failure.error)
            call.outlet.cut()
            return None
        self._learn()
        await call.outlet.end(last)
        return None

    async def _whole(self, body: bytes, told: Headers) -> None:
        """An answer with links in it: another length."""
        self._gleaner.feed(body)
        self._learn()
        own = tuple((name, value) for name, value in told if name != "content-length")
        await self._call.outlet.whole(self._response.status, own, passing.relinked(self._call.envelope, body))

    async def _pass(self, data: bytes) -> bytes:
        """Pass the answer on, and give back what is still to be sent of it: of JSON the last bytes, so that its ids are known
        before the client can use them."""
        held = b""
        while data:
            self._gleaner.feed(data)
            if self._gleaner.whole_only:
                held, data = data, held
            await self._call.outlet.write(data)
            data = await self._response.chunk()
        return held

    def _learn(self) -> None:
        """What a call that asked a model cost: what is read later tells the same count again."""
        envelope, gleaned = self._call.envelope, self._gleaner.close()
        if envelope.model is not None or not envelope.pinned:
            self._trace.usage = gleaned.usage
        for id_ in (*gleaned.ids, *passing.sessions(self._response.headers, envelope.links)):
            self._issued.thing(id_, self._leg.target.provider.slug)
