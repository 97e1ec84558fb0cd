"""Try the plan until one target commits (DESIGN rule 7). One loop for whole and streamed, Copy and Translate.

Rule: before the commit a failure is unseen and the next target is asked; after it nobody is switched.
"""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable, Mapping

from msgspec import Struct

from dragoman.core.config import Key, Snapshot, Target
from dragoman.core.errors import CallError, Error, ErrorKind
from dragoman.core.record import Record
from dragoman.core.request import Envelope, Headers
from dragoman.dialects.base import Dialect
from dragoman.providers.headers import incoming
from dragoman.relay.legs import Asked, Leg
from dragoman.relay.losses import HEADER, render
from dragoman.relay.outlet import EVENT_STREAM, JSON, Outlet, Pulse
from dragoman.relay.pipe import Copy, Pipe
from dragoman.relay.replies import failed_whole, retry_headers
from dragoman.relay.trace import Trace
from dragoman.relay.upstream import Response, Upstream
from dragoman.routing.health import Health
from dragoman.routing.plan import PROVIDER_HEADER, Plan, draft, ordered
from dragoman.routing.policy import Policy, most_useful, moves_on

log = logging.getLogger("dragoman.relay")
ERROR_LIMIT = 1024 * 1024
"""Bytes of a provider's error body that are read."""
CLIENT_GONE = 499
_chance = random.Random()  # noqa: S311  ids must be unique, not secret
STREAMED = (("content-type", EVENT_STREAM), ("cache-control", "no-cache"))
DRAFTS = 4096
"""Plans kept for a snapshot, at most."""


class Limits(Struct, frozen=True, kw_only=True):
    """Seconds. `keepalive`: silence towards a streaming client before a keep-alive."""

    total: float = 3600.0
    keepalive: float = 10.0


class Call(Struct, kw_only=True):
    """One call as the edge hands it over. `snapshot`: the configuration it keeps to its end."""

    envelope: Envelope
    dialect: Dialect
    snapshot: Snapshot
    outlet: Outlet
    request_id: str
    key: Key | None = None
    strict: bool = False


class Relay:
    """Serves calls. `sink` takes each call's record; it must not block."""

    def __init__(
        self,
        *,
        dialects: Mapping[str, Dialect],
        upstream: Upstream,
        policy: Policy,
        limits: Limits,
        seal_key: bytes,
        sink: Callable[[Record], None],
    ) -> None:
        self.dialects, self.upstream, self.policy, self.limits = dialects, upstream, policy, limits
        self.seal_key, self.sink = seal_key, sink
        self.health = Health()
        self._drafts: dict[tuple[str | None, str, str | None], Plan] = {}
        self._drafted: Snapshot | None = None

    async def serve(self, call: Call) -> None:
        """Answer the client, whatever happens; one record in the end. Cancel it when the client goes away."""
        trace = Trace(call.request_id, call.envelope, call.key, time.time(), time.monotonic())
        try:
            try:
                async with asyncio.timeout(self.limits.total):
                    await self._serve(call, trace)
            except TimeoutError:
                await self._fail(call, trace, Error(kind=ErrorKind.TIMEOUT, message="the call took too long", ours=True))
            except CallError as failure:
                await self._fail(call, trace, failure.error)
            except Exception:
                log.exception("call %s failed", call.request_id)
                await self._fail(call, trace, Error(kind=ErrorKind.SERVER, message="internal error of the gateway", ours=True))
        except asyncio.CancelledError:
            trace.error = Error(kind=ErrorKind.CANCELLED, message="the client went away", ours=True)
            raise
        finally:
            cancelled = trace.error is not None and trace.error.kind is ErrorKind.CANCELLED
            status = CLIENT_GONE if cancelled else call.outlet.status or 500
            self.sink(trace.record(status, time.monotonic()))

    async def _serve(self, call: Call, trace: Trace) -> None:
        chosen = self.plan(call)
        trace.rule = chosen.rule
        asked = Asked(call.envelope, call.dialect, call.request_id, self.seal_key, make_id, strict=call.strict)
        pulse = self._pulse(call) if call.envelope.stream else None
        try:
            errors = await self._try_all(call, trace, asked, chosen)
        finally:
            if pulse is not None:
                await pulse.settle()
        if errors is not None:
            await self._fail(call, trace, most_useful(errors))

    def plan(self, call: Call) -> Plan:
        """Raises CallError where no target can be asked."""
        envelope = call.envelope
        if self._drafted is not call.snapshot or len(self._drafts) > DRAFTS:
            self._drafts, self._drafted = {}, call.snapshot
        wanted = (envelope.model, envelope.dialect, envelope.header(PROVIDER_HEADER) if envelope.model is None else None)
        found = self._drafts.get(wanted)
        if found is None:
            found = self._drafts[wanted] = draft(call.snapshot, envelope.model, envelope.dialect, self.dialects.keys(), wanted[2])
        return self.health_of(found)

    def health_of(self, plan: Plan) -> Plan:
        """The plan as it is at this moment: targets that cool down last."""
        return ordered(plan, self.health, time.monotonic())

    async def _try_all(self, call: Call, trace: Trace, asked: Asked, chosen: Plan) -> list[Error] | None:
        """None: the client has its answer. Else every target's error, in order."""
        errors: list[Error] = []
        targets = chosen.targets[:1] if call.envelope.pinned else chosen.targets
        for target in targets:
            for _ in range(self.policy.attempts):
                error = await self._attempt(call, trace, asked, target)
                if error is None:
                    return None
                errors.append(error)
                if error.kind is ErrorKind.UNSUPPORTED:
                    break
                if call.envelope.pinned or not moves_on(error, self.policy):
                    return errors
        return errors

    async def _attempt(self, call: Call, trace: Trace, asked: Asked, target: Target) -> Error | None:
        began = time.monotonic()
        try:
            leg = Leg(asked, target, self.dialects)
        except CallError as failure:
            if failure.error.kind is ErrorKind.UNSUPPORTED:
                return failure.error
            raise
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
            now = time.monotonic()
            trace.attempt(target, leg.lane, began, now, error or trace.error, status)
        self.health.outcome(target, error or trace.error, now)
        return error

    async def _answer(self, call: Call, trace: Trace, leg: Leg, response: Response) -> Error | None:
        if 200 <= response.status < 300:
            return await self._carry(call, trace, leg, response)
        body = await response.read(ERROR_LIMIT)
        if 300 <= response.status < 400:
            message = f"the provider answered with a redirect ({response.status}); redirects are never followed"
            return Error(kind=ErrorKind.SERVER, status=response.status, message=message)
        return leg.failure(response.status, response.headers, body)

    async def _carry(self, call: Call, trace: Trace, leg: Leg, response: Response) -> Error | None:
        """Feed the answer through its pipe. An Error: nothing was sent, the next target may be asked."""
        data = await _beginning(response)
        pipe = leg.pipe(data.lstrip())
        held: list[bytes] = []
        sent = False
        while True:
            out = pipe.feed(data) if data else pipe.close()
            watch = pipe.watch
            if watch.failed is not None and not sent:
                return watch.failed
            if sent:
                await call.outlet.write(out)
            else:
                held.append(out)
                if watch.committed and trace.first is None:
                    trace.first = time.monotonic() - trace.started
                if watch.committed and call.envelope.stream:
                    sent = True
                    await self._open(call, trace, leg, pipe, response.headers)
                    await call.outlet.write(b"".join(held))
            if watch.failed is not None:
                await self._break(call, trace, pipe, watch.failed)
                return None
            if not data:
                break
            try:
                data = await response.chunk()
            except CallError as failure:
                if not sent:
                    raise
                await self._break(call, trace, pipe, failure.error)
                return None
        await self._done(call, trace, leg, pipe, response.headers, b"".join(held), sent=sent)
        return None

    async def _open(self, call: Call, trace: Trace, leg: Leg, pipe: Pipe, provider: Headers) -> None:
        """The commit: from here on nobody is switched."""
        trace.serves(leg.target, leg.lane, [*leg.built.losses, *pipe.losses()])
        if call.outlet.status is None:
            headers = self._headers(call, trace, leg, provider if isinstance(pipe, Copy) else ())
            await call.outlet.start(200, (*STREAMED, *headers))

    async def _done(self, call: Call, trace: Trace, leg: Leg, pipe: Pipe, provider: Headers, body: bytes, *, sent: bool) -> None:
        watch = pipe.watch
        trace.usage = watch.usage
        trace.finish = watch.finished.reason if watch.finished is not None else None
        if sent:
            trace.losses = [*leg.built.losses, *pipe.losses()]
            await call.outlet.end()
            return
        if call.envelope.stream:
            await self._open(call, trace, leg, pipe, provider)
            await call.outlet.end(body)
            return
        trace.serves(leg.target, leg.lane, [*leg.built.losses, *pipe.losses()])
        headers = self._headers(call, trace, leg, provider if isinstance(pipe, Copy) else ())
        await call.outlet.whole(200, (("content-type", JSON), *headers), body)

    async def _break(self, call: Call, trace: Trace, pipe: Pipe, error: Error) -> None:
        """After the commit: the dialect's own error event ends the stream."""
        trace.error = error
        trace.usage = pipe.watch.usage
        await call.outlet.end(pipe.breaking(error))

    def _headers(self, call: Call, trace: Trace, leg: Leg, provider: Headers) -> Headers:
        told = render(trace.losses)
        losses = ((HEADER, told),) if told else ()
        return (
            ("x-dragoman-request-id", call.request_id),
            ("x-dragoman-target", _ascii(leg.target.name)),
            ("x-dragoman-attempts", str(trace.tries + 1)),
            *losses,
            *incoming(provider),
        )

    async def _fail(self, call: Call, trace: Trace, error: Error) -> None:
        """The call's final failure, in the client's dialect."""
        trace.error = error
        if call.outlet.status is not None:
            await call.outlet.end(call.dialect.error_event(error, call.request_id))
            return
        status, content_type, body = failed_whole(call.dialect, error, call.request_id)
        own = (("x-dragoman-request-id", call.request_id), ("x-dragoman-attempts", str(trace.tries)))
        await call.outlet.whole(status, (("content-type", content_type), *own, *retry_headers(error)), body)

    def _pulse(self, call: Call) -> Pulse:
        return Pulse(call.outlet, self.limits.keepalive, _beat(call))


async def _beginning(response: Response) -> bytes:
    """The first chunks, up to the first byte that is not white space."""
    data = b""
    while not data.strip():
        more = await response.chunk()
        if not more:
            break
        data += more
    return data


def _beat(call: Call) -> Callable[[], Awaitable[None]]:
    async def beat() -> None:
        outlet = call.outlet
        if outlet.status is None:
            own = (("x-dragoman-request-id", call.request_id),)
            await outlet.start(200, (*STREAMED, *own))
        await outlet.write(call.dialect.ping)

    return beat


def make_id(prefix: str) -> str:
    """A new id: the prefix and 24 hex digits of chance."""
    return f"{prefix}{_chance.getrandbits(96):024x}"


def _ascii(text: str) -> str:
    return text.encode("ascii", "backslashreplace").decode()
