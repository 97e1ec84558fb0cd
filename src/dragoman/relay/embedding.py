"""Embeddings from a provider of another dialect: asked in its own words, in as many calls as it takes, and told in the client's.

Rule: an answer is whole or there is none.
"""

import time
from collections.abc import Awaitable, Callable
from typing import Final

from msgspec import structs

from dragoman.core.embedding import EmbeddingRequest, Embeddings
from dragoman.core.errors import CallError, Error, ErrorKind, bad_request
from dragoman.core.events import Usage
from dragoman.dialects.base import Built, ProviderEmbedder
from dragoman.dialects.lanes import Lane
from dragoman.dialects.tokens import estimate_pieces
from dragoman.relay.call import Call
from dragoman.relay.legs import Leg
from dragoman.relay.outlet import JSON
from dragoman.relay.refusal import refusal
from dragoman.relay.replies import ESTIMATED, answer_headers
from dragoman.relay.trace import Trace
from dragoman.relay.upstream import Outgoing, Response

LIMIT: Final = 64 * 1024 * 1024
"""Bytes of one answer."""
_WITHOUT: Final = Error(kind=ErrorKind.UNSUPPORTED, message="this provider's dialect has no embeddings", ours=True)


class Embedding(Leg):
    """The request as one target gets it. `parts`: what of it goes into each call, by what the vendor takes in one."""

    __slots__ = ("_bodies", "parts")

    def _build(self) -> tuple[Lane, Built]:
        embedder, request = self.embedder, self.asked.embedding
        if self.target.model == "":
            raise bad_request("model: Field required", "model")
        self.parts = [
            structs.replace(request, pieces=request.pieces[place : place + embedder.most])
            for place in range(0, len(request.pieces), embedder.most)
        ]
        self._bodies = [embedder.build(part, self.target) for part in self.parts]
        return "translate", self._bodies[0]

    @property
    def embedder(self) -> ProviderEmbedder:
        """The target's."""
        found = self._speaker.embedder
        if found is None:
            raise CallError(_WITHOUT)
        return found

    @property
    def request(self) -> EmbeddingRequest:
        return self.asked.embedding

    def outgoing(self, place: int = 0) -> Outgoing:
        """The request for one of `parts`."""
        return structs.replace(super().outgoing(), url=self.url_below(self.embedder.path), body=self._bodies[place].body)


class Vectors:
    """The answers to all of them, and the client's. `send`: asks the provider once more."""

    __slots__ = ("_call", "_leg", "_response", "_send", "_trace")

    def __init__(
        self, call: Call, trace: Trace, leg: Embedding, response: Response, send: Callable[[Outgoing], Awaitable[Response]]
    ) -> None:
        self._call, self._trace, self._leg, self._response, self._send = call, trace, leg, response, send

    async def run(self) -> Error | None:
        """An Error: nothing was sent, the next target may be asked. Raises CallError likewise."""
        leg, trace, embedder = self._leg, self._trace, self._call.dialect.embedder
        assert embedder is not None
        found = [await self._read(self._response, 0)]
        for place in range(1, len(leg.parts)):
            response = await self._send(leg.outgoing(place))
            try:
                if not 200 <= response.status < 300:
                    return await refusal(leg, response)
                found.append(await self._read(response, place))
            finally:
                response.abort()
        told = _joined(found, leg.request)
        body = embedder.answer(leg.request, told)
        trace.first = time.monotonic() - trace.started
        trace.serves(leg.target, leg.lane, leg.built.losses)
        trace.usage = told.usage
        estimated = ESTIMATED if told.usage is not None and told.usage.estimated else ()
        await self._call.outlet.whole(200, (("content-type", JSON), *answer_headers(trace), *estimated), body)
        return None

    async def _read(self, response: Response, place: int) -> Embeddings:
        return self._leg.embedder.read(await response.read(LIMIT), self._leg.parts[place])


def _joined(found: list[Embeddings], request: EmbeddingRequest) -> Embeddings:
    """One answer of many; what it cost is estimated where any of them does not tell."""
    usages = [one.usage for one in found if one.usage is not None]
    if len(usages) < len(found):
        usage = Usage(input=estimate_pieces(request.pieces), estimated=True)
    elif len(usages) == 1:
        usage = usages[0]
    else:
        usage = Usage(input=sum(one.input for one in usages), output=sum(one.output for one in usages))
    return Embeddings(vectors=tuple(vector for one in found for vector in one.vectors), model=found[0].model, usage=usage)
