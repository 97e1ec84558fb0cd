"""OpenAI Responses, as its vendor speaks it (API reference, 2026-11). Rule: every frame is written out, none is built.

An answer is stored where the request does not say otherwise (`store`), so that a later call can build on it.
"""

from msgspec.structs import replace

from dragoman.sandbox.memory import KeptResponse
from dragoman.sandbox.mind import Answer
from dragoman.sandbox.openai import error, model, models, no_path, not_allowed, refuse, stream_headers, unauthorized, whole
from dragoman.sandbox.openai_responses_items import listed
from dragoman.sandbox.openai_responses_object import ended, failed_object, response_object
from dragoman.sandbox.openai_responses_output import Item, compaction, events, frame, items_of, numbered
from dragoman.sandbox.openai_responses_request import read
from dragoman.sandbox.reply import Fault, Heard, Incoming, Reply
from dragoman.wire import json

__all__ = ["error_frame", "failed", "keepalive", "read", "refuse", "write"]
__all__ += ["model", "models", "no_path", "not_allowed", "unauthorized"]


def write(call: Incoming, heard: Heard, answer: Answer) -> Reply:
    given = heard.body.get("input", ())
    if given and given[-1]["type"] == "compaction_trigger":
        items = [compaction(call, heard.ask.text)]
        answer = replace(answer, finish="stop")
    else:
        items = items_of(call, heard, answer)
    output = b",".join(item.whole for item in items)
    background = heard.body.get("background") is True
    body = response_object(call, heard, ended(answer), output, answer)
    stream = _stream(call, heard, answer, items, body, background)
    if heard.body.get("store") is not False:
        _keep(call, heard, body, stream.frames, output, waiting=background and not heard.stream)
    if heard.stream:
        return stream
    if background:
        return whole(call, response_object(call, heard, b'"status":"queued"'))
    return whole(call, body)


def failed(call: Incoming, heard: Heard, fault: Fault) -> Reply:
    return whole(call, failed_object(call, heard, fault))


def error_frame(call: Incoming, heard: Heard, fault: Fault, after: int) -> bytes:
    """Two events, as the vendor sends them: what went wrong, then the response that failed of it."""
    return frame(after, (b"error", b'"error":%b' % error(fault))) + frame(
        after + 1, (b"response.failed", b'"response":%b' % failed_object(call, heard, fault))
    )


def keepalive(call: Incoming, heard: Heard) -> bytes:
    return b": keep-alive\n\n"


def _stream(call: Incoming, heard: Heard, answer: Answer, items: list[Item], body: bytes, background: bool) -> Reply:
    zeros = Answer(parts=(), finish="none") if heard.usage == "late" else None
    queued, started = (
        b'"response":%b' % response_object(call, heard, b'"status":"%b"' % status, answer=zeros)
        for status in (b"queued", b"in_progress")
    )
    first = queued if background else started
    opening = [(b"response.created", first), *([(b"response.queued", queued)] if background else [])]
    opening.append((b"response.in_progress", started))
    before, rest = events(items, answer.interleaved)
    last = b"response.incomplete" if answer.finish in ("length", "filtered") else b"response.completed"
    told = [*opening, *before, *rest, (last, b'"response":%b' % body)]
    return Reply(
        headers=stream_headers(call),
        frames=tuple(numbered(told)),
        content=len(opening) + len(before),
        ending=len(told) - 1,
        stream=True,
    )


def _keep(call: Incoming, heard: Heard, body: bytes, frames: tuple[bytes, ...], output: bytes, *, waiting: bool) -> None:
    id_ = f"resp_{call.nonce}"
    queued, working, cancelled = (
        response_object(call, heard, b'"status":"%b"' % status) for status in (b"queued", b"in_progress", b"cancelled")
    )
    kept = KeptResponse(
        id=id_,
        body=body,
        input=tuple(listed(call.nonce, at, item) for at, item in enumerate(heard.body.get("input", ()))),
        output=tuple(json.decode(b"[%b]" % output)),
        previous=heard.body.get("previous_response_id"),
        frames=frames,
        waiting=(queued, working) if waiting else (),
        cancelled=cancelled,
    )
    call.memory.responses.put(id_, kept, len(body) + sum(map(len, frames)) + len(call.body))
