"""The data plane: the doors of every dialect. Read the body, know the key, peek, and hand the call to the relay."""

from collections.abc import MutableMapping
from typing import Any

from dragoman.api.auth import authenticate
from dragoman.api.doors import Door
from dragoman.api.ingress import CLOSE
from dragoman.api.intake import ClientGoneError, Receive, body_of, peer_of, while_client_stays
from dragoman.api.live import Live
from dragoman.core.errors import CallError, Error, ErrorKind
from dragoman.core.request import Envelope, Headers
from dragoman.dialects import passing
from dragoman.dialects.base import Dialect
from dragoman.dialects.passing import PASSED
from dragoman.relay.call import Call, make_id
from dragoman.relay.counting import Counter
from dragoman.relay.outlet import JSON, Outlet, Send
from dragoman.relay.replies import failed_whole, retry_headers

Scope = MutableMapping[str, Any]
_NO = frozenset({"", "false", "0", "?0", "no", "off"})
"""What a header says that is switched off, RFC 9651's boolean among it; whoever writes anything else means to lose nothing."""


class Inference:
    """Serves the doors, with what is live at that moment."""

    def __init__(self, live: Live) -> None:
        self._live = live
        self._counter = Counter(live.relay)

    async def serve(self, door: Door, scope: Scope, headers: Headers, receive: Receive, send: Send) -> None:
        request_id = make_id("req_")
        outlet = Outlet(send, scope.get("state", {}).get(CLOSE))
        try:
            call = await self._call(door, scope, receive, outlet, headers, request_id)
        except CallError as failure:
            await refuse(outlet, door.dialect, failure.error, request_id)
            return
        except ClientGoneError:
            return
        server = self._counter if door.path.operation == "count_tokens" else self._live.relay
        await while_client_stays(receive, server.serve(call))

    async def _call(self, door: Door, scope: Scope, receive: Receive, outlet: Outlet, headers: Headers, request_id: str) -> Call:
        live = self._live
        query = scope["query_string"].decode("latin-1")
        key = authenticate(
            headers, query, peer_of(scope), live.snapshot, live.gate, live.now(), in_query=door.dialect.key_in_query
        )
        body = await body_of(headers, receive, live.settings.max_body)
        asked = (scope["method"], scope["path"], query, headers, body)
        envelope = (
            passing.peek(door.dialect.id, door.path, *asked) if door.path.operation in PASSED else door.dialect.peek(*asked)
        )
        if key is not None:
            live.used(key)
        strict = live.settings.strict or (key is not None and key.strict) or asks_strictly(envelope)
        return Call(
            envelope=envelope,
            dialect=door.dialect,
            snapshot=live.snapshot,
            outlet=outlet,
            request_id=request_id,
            key=key,
            strict=strict,
        )


def asks_strictly(envelope: Envelope) -> bool:
    """The client wants what would be dropped to be refused."""
    return (envelope.header("x-dragoman-strict") or "").strip().lower() not in _NO


async def refuse(outlet: Outlet, dialect: Dialect, error: Error, request_id: str) -> None:
    """An error before any provider was asked, in the client's dialect."""
    status, kind, body = failed_whole(dialect, error, request_id)
    closing = (("connection", "close"),) if error.kind is ErrorKind.TOO_LARGE else ()
    own = (("content-type", kind or JSON), ("x-dragoman-request-id", request_id))
    await outlet.whole(status, (*own, *closing, *retry_headers(error)), body)
