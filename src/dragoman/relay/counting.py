"""count_tokens: the provider's own count where it has one, else an estimate, marked. It harms nobody's health.

A provider of another dialect is asked in its own words.
"""

import asyncio
import logging
import time

from dragoman.core.errors import CallError, Error, ErrorKind
from dragoman.dialects.tokens import estimate
from dragoman.providers.headers import incoming
from dragoman.relay.call import Call, make_id
from dragoman.relay.legs import Asked, Leg
from dragoman.relay.outlet import JSON
from dragoman.relay.refusal import ERROR_LIMIT
from dragoman.relay.relay import BUG, CLIENT_GONE, Relay
from dragoman.relay.replies import ESTIMATED, TARGET, failed_whole, told_target
from dragoman.relay.trace import Trace

log = logging.getLogger("dragoman.relay")
PATIENCE = 10.0
"""Seconds a provider has to count: clients ask before every turn, and an estimate is better than a wait."""
_MALFORMED = frozenset({400, 413, 422})
_LATE = Error(kind=ErrorKind.TIMEOUT, message=f"no count within {PATIENCE:g} s", ours=True)
_NO_COUNT = Error(kind=ErrorKind.SERVER, message="the provider's answer holds no count", ours=True)


class Counter:
    """Answers count_tokens calls by way of a relay's upstream."""

    def __init__(self, relay: Relay) -> None:
        self._relay = relay

    async def serve(self, call: Call) -> None:
        trace = Trace(call.request_id, call.envelope, call.key, time.time(), time.monotonic())
        asked = Asked(call.envelope, call.dialect, call.request_id, self._relay.seal_key, make_id, strict=False)
        own = (("x-dragoman-request-id", call.request_id),)
        try:
            if not await self._ask(call, trace, asked):
                body = call.dialect.count_answer(estimate(asked.request))
                await call.outlet.whole(200, (("content-type", JSON), *own, *ESTIMATED), body)
        except CallError as failure:
            await self._fail(call, trace, failure.error)
        except Exception:
            log.exception("count %s failed", call.request_id)
            await self._fail(call, trace, BUG)
        finally:
            self._relay.sink(trace.record(call.outlet.status or CLIENT_GONE, time.monotonic()))

    async def _fail(self, call: Call, trace: Trace, error: Error) -> None:
        trace.error = error
        status, kind, body = failed_whole(call.dialect, error, call.request_id)
        if call.outlet.status is None:
            await call.outlet.whole(status, (("content-type", kind), ("x-dragoman-request-id", call.request_id)), body)

    async def _ask(self, call: Call, trace: Trace, asked: Asked) -> bool:
        """Whether the provider answered. Raises CallError where it says that the request is malformed."""
        leg = self._leg(call, asked)
        if leg is None:
            return False
        began = time.monotonic()
        status, error = None, None
        try:
            async with asyncio.timeout(PATIENCE):
                response = await self._relay.upstream.send(leg.outgoing())
                try:
                    status, body = response.status, await response.read(ERROR_LIMIT)
                finally:
                    response.abort()
            if status != 200:
                error = leg.failure(status, response.headers, body)
        except CallError as failure:
            error = failure.error
        except TimeoutError:
            error = _LATE
        tokens = None if error is not None else self._relay.dialects[leg.target.dialect].read_count(body)
        if error is None and tokens is None:
            error = _NO_COUNT
        trace.attempt(leg.target, leg.lane, began, time.monotonic(), error, status)
        if tokens is None:
            if error is not None and error.status in _MALFORMED and leg.lane == "copy":
                raise CallError(error)
            return False
        if leg.lane == "translate":
            body = call.dialect.count_answer(tokens)
        trace.serves(leg.target, leg.lane, ())
        headers = (("content-type", JSON), ("x-dragoman-request-id", call.request_id), (TARGET, told_target(leg.target.name)))
        await call.outlet.whole(200, (*headers, *(incoming(response.headers) if leg.lane == "copy" else ())), body)
        return True

    def _leg(self, call: Call, asked: Asked) -> Leg | None:
        """The first target's, if it counts."""
        try:
            target = self._relay.plans.of(call.snapshot, call.envelope).targets[0]
        except CallError:
            return None
        counts = target.quirks.count_tokens
        if not (self._relay.dialects[target.dialect].counts if counts is None else counts):
            return None
        try:
            return self._relay.lessons.leg(asked, target)
        except CallError as failure:
            if failure.error.kind is ErrorKind.UNSUPPORTED:
                return None
            raise
