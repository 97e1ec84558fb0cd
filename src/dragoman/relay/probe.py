"""One short call to one target, outside every plan: does it answer, and with what? It harms nobody's health."""

import time
from collections.abc import Mapping

from msgspec import Struct, structs

from dragoman.core.config import Target
from dragoman.core.errors import CallError
from dragoman.core.events import Event, Failed, PartDelta, PartOpened
from dragoman.core.request import Envelope
from dragoman.dialects.base import ProviderDialect
from dragoman.dialects.registry import CLIENTS
from dragoman.relay.call import make_id
from dragoman.relay.legs import Asked, Leg
from dragoman.relay.refusal import ERROR_LIMIT
from dragoman.relay.upstream import Upstream
from dragoman.wire import json

ASKED = {"messages": [{"role": "user", "content": "Answer with the word OK."}], "max_tokens": 32}
"""Said in `openai-chat`, and translated where the target speaks another dialect. Room for a word and a little reasoning."""
PROBE_DIALECT = "openai-chat"


class Probed(Struct, frozen=True, kw_only=True):
    """A target's answer. `seconds`: from the request to its end."""

    text: str
    seconds: float


async def probe(upstream: Upstream, target: Target, dialects: Mapping[str, ProviderDialect]) -> Probed:
    """Raises CallError with what went wrong."""
    body = json.encode({"model": target.model, **ASKED})
    envelope = Envelope(dialect=PROBE_DIALECT, operation="chat", model=target.model, stream=False, body=body)
    leg = Leg(Asked(envelope, CLIENTS[PROBE_DIALECT], make_id("req_"), b"", make_id, strict=False), target, dialects)
    began = time.monotonic()
    response = await upstream.send(leg.outgoing())
    try:
        body = await response.read(ERROR_LIMIT)
    finally:
        response.abort()
    if response.status != 200:
        raise CallError(leg.failure(response.status, response.headers, body))
    streams = "event-stream" in (response.header("content-type") or "")
    decoder = dialects[target.dialect].decoder(streams, target.quirks, leg.built.undo)
    return Probed(text=_text([*decoder.feed(body), *decoder.close()], response.status), seconds=time.monotonic() - began)


def _text(events: list[Event], status: int) -> str:
    """All visible text of an answer. Raises CallError where it failed, with the status it came under."""
    visible: set[int] = set()
    words = []
    for event in events:
        if isinstance(event, Failed):
            raise CallError(structs.replace(event.error, status=event.error.status or status))
        if isinstance(event, PartOpened) and event.kind in ("text", "refusal"):
            visible.add(event.index)
        elif isinstance(event, PartDelta) and event.index in visible:
            words.append(event.text)
    return "".join(words).strip()
