"""Try the plan until one target commits (ARCHITECTURE rule 7). One loop for whole and streamed, Copy and Translate.

Rule: before the commit a failure is unseen and the next target is asked; after it nobody is switched.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping

from dragoman.core.config import Target
from dragoman.core.errors import CallError, Error, ErrorKind
from dragoman.core.record import Record
from dragoman.dialects.base import ProviderDialect
from dragoman.dialects.passing import doors_of
from dragoman.relay.call import Call, Limits, make_id
from dragoman.relay.deadline import Deadline
from dragoman.relay.delivery import Delivery
from dragoman.relay.embedding import Embedding, Vectors
from dragoman.relay.legs import Asked, Leg
from dragoman.relay.lessons import Lessons
from dragoman.relay.outlet import Pulse
from dragoman.relay.passing import SAFE, Passage, Passed
from dragoman.relay.plans import Plans
from dragoman.relay.refusal import refusal
from dragoman.relay.replies import failed_whole, retry_headers
from dragoman.relay.trace import Trace
from dragoman.relay.upstream import Response, Upstream
from dragoman.routing.plan import Plan
from dragoman.routing.policy import Policy, most_useful, moves_on

log = logging.getLogger("dragoman.relay")
CLIENT_GONE = 499
_LATE = Error(kind=ErrorKind.TIMEOUT, message="the call took too long", ours=True)
_GONE = Error(kind=ErrorKind.CANCELLED, message="the client went away", ours=True)
BUG = Error(kind=ErrorKind.SERVER, message="internal error of the gateway", ours=True)


class Relay:
    """Serves calls. `sink` takes each call's record; it must not block."""

    def __init__(
        self,
        *,
        dialects: Mapping[str, ProviderDialect],
        upstream: Upstream,
        policy: Policy,
        limits: Limits,
        seal_key: bytes,
        sink: Callable[[Record], None],
    ) -> None:
        self.dialects, self.upstream, self.policy, self.limits = dialects, upstream, policy, limits
        self.seal_key, self.sink = seal_key, sink
        self.plans = Plans(dialects)
        self.lessons = Lessons(dialects)
        self._referred = frozenset(id_ for id_, dialect in dialects.items() if _are_referred_to(dialect))

    async def serve(self, call: Call) -> None:
        """Answer the client, whatever happens; one record in the end. Cancel it when the client goes away."""
        trace = Trace(call.request_id, call.envelope, call.key, time.time(), time.monotonic())
        deadline = Deadline(self.limits.total)
        try:
            try:
                await self._serve(call, trace)
            except asyncio.CancelledError:
                if not deadline.passed():
                    raise
                await self._fail(call, trace, _LATE)
            except CallError as failure:
                await self._fail(call, trace, failure.error)
            except Exception:
                log.exception("call %s failed", call.request_id)
                await self._fail(call, trace, BUG)
        except asyncio.CancelledError:
            if not call.outlet.ended:
                trace.error = _GONE
            raise
        finally:
            deadline.cancel()
            status = CLIENT_GONE if trace.error is _GONE else call.outlet.status or 500
            self.sink(trace.record(status, time.monotonic()))

    async def _serve(self, call: Call, trace: Trace) -> None:
        chosen = self.plans.of(call.snapshot, call.envelope)
        trace.rule = chosen.rule
        asked = Asked(call.envelope, call.dialect, call.request_id, self.seal_key, make_id, strict=call.strict)
        pulse = Pulse(call.outlet, self.limits.keepalive, _beat(call)) if call.envelope.stream else None
        try:
            errors = await self._try_all(call, trace, asked, chosen)
        finally:
            if pulse is not None:
                await pulse.settle()
        if errors is not None:
            await self._fail(call, trace, most_useful(errors))

    async def _try_all(self, call: Call, trace: Trace, asked: Asked, chosen: Plan) -> list[Error] | None:
        """None: the client has its answer. Else every target's error, in order."""
        errors: list[Error] = []
        targets = chosen.targets[:1] if call.envelope.pinned else chosen.targets
        for target in targets:
            for _ in range(self.policy.attempts):
                error = await self._try(call, trace, asked, target)
                if error is None:
                    return None
                errors.append(error)
                if error.kind is ErrorKind.UNSUPPORTED:
                    break
                if not moves_on(error, self.policy) or (call.envelope.pinned and call.envelope.method not in SAFE):
                    return errors
        return errors

    async def _try(self, call: Call, trace: Trace, asked: Asked, target: Target) -> Error | None:
        """One attempt at a target, and a second without what its refusal says that it does not take."""
        try:
            leg = self._leg(asked, target)
        except CallError as failure:
            if failure.error.kind is ErrorKind.UNSUPPORTED:
                return failure.error
            raise
        error = await self._attempt(call, trace, leg)
        again = None if error is None or call.envelope.door else self.lessons.again(leg, error)
        last = error if again is None else await self._attempt(call, trace, again)
        self.plans.outcome(call.envelope, target, last or trace.error, time.monotonic())
        return last if again is None or error is None else self.lessons.ended(leg, error, again, last)

    async def _attempt(self, call: Call, trace: Trace, leg: Leg) -> Error | None:
        began = time.monotonic()
        status, error = None, None
        try:
            response = await self.upstream.send(leg.outgoing())
            try:
                status = response.status
                error = await self._answer(call, trace, leg, response)
            finally:
                response.abort()
        except CallError as failure:
            error = failure.error
        finally:
            trace.attempt(leg.target, leg.lane, began, time.monotonic(), error or trace.error, status)
        return error

    async def _answer(self, call: Call, trace: Trace, leg: Leg, response: Response) -> Error | None:
        if 200 <= response.status < 300:
            return await self._deliver(call, trace, leg, response)
        return await refusal(leg, response)

    def _leg(self, asked: Asked, target: Target) -> Leg:
        envelope = asked.envelope
        if envelope.door == "":
            return self.lessons.leg(asked, target)
        same = envelope.operation != "embed" or self.dialects[target.dialect].embedder is asked.dialect.embedder
        return (Passed if same else Embedding)(asked, target, self.dialects)

    async def _deliver(self, call: Call, trace: Trace, leg: Leg, response: Response) -> Error | None:
        match leg:
            case Passed():
                return await Passage(call, trace, leg, response, self.plans.issued).run()
            case Embedding():
                return await Vectors(call, trace, leg, response, self.upstream.send).run()
            case _:
                learns = call.envelope.pinned or call.envelope.dialect in self._referred
                return await Delivery(call, trace, leg, response, self.plans.issued if learns else None).run()

    async def _fail(self, call: Call, trace: Trace, error: Error) -> None:
        """The call's final failure, in the client's dialect."""
        trace.error = error
        if call.outlet.status is not None and call.envelope.door:
            call.outlet.cut()
            return
        if call.outlet.status is not None:
            framing, begun = call.envelope.framing, call.outlet.begun
            await call.outlet.end(call.dialect.error_event(error, call.request_id, framing, begun=begun))
            return
        status, content_type, body = failed_whole(call.dialect, error, call.request_id)
        own = (("x-dragoman-request-id", call.request_id), ("x-dragoman-attempts", str(trace.tries)))
        await call.outlet.whole(status, (("content-type", content_type), *own, *retry_headers(error)), body)


def _are_referred_to(dialect: ProviderDialect) -> bool:
    """Its clients can ask for an earlier answer by its id."""
    answers = [f"{path.pattern}/{{id}}" for path in doors_of(dialect) if path.operation == "chat"]
    return any(path.operation == "pass" and path.pattern in answers for path in doors_of(dialect))


def _beat(call: Call) -> Callable[[], Awaitable[None]]:
    frames = call.dialect.frames(call.envelope.framing)

    async def beat() -> None:
        outlet = call.outlet
        if outlet.status is None:
            await outlet.start_stream(frames.content_type, (("x-dragoman-request-id", call.request_id),))
        await outlet.write(frames.ping)

    return beat
