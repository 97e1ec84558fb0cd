"""What OpenAI Responses does with answers that are there (fetch, list, cancel, delete), and with calls that answer nothing
(count, make short; API reference, 2026-11). Rule: an answer in the background goes on a step whenever it is fetched.
"""

from urllib.parse import parse_qs

from dragoman.core.errors import ErrorKind
from dragoman.sandbox.memory import KeptResponse
from dragoman.sandbox.openai import page, stream_headers, whole
from dragoman.sandbox.openai_responses_items import listed
from dragoman.sandbox.openai_responses_output import compaction
from dragoman.sandbox.openai_responses_request import earlier, read
from dragoman.sandbox.openai_responses_rules import not_found
from dragoman.sandbox.openai_rules import bad
from dragoman.sandbox.reply import Fault, Incoming, RefusedError, Reply, asked_number
from dragoman.wire import json


def retrieve(call: Incoming, id_: str) -> Reply:
    kept = _kept(call, id_)
    if parse_qs(call.query).get("stream") == ["true"]:
        if not json.decode(kept.body)["background"]:
            bad("Only responses created with 'background' set to true can be streamed.", "stream")
        frames = kept.frames[asked_number(call, "starting_after", -1) + 1 :]
        return Reply(headers=stream_headers(call), frames=frames, ending=len(frames), stream=True)
    if kept.waiting:
        now, kept.waiting = kept.waiting[0], kept.waiting[1:]
        return whole(call, now)
    return whole(call, kept.body)


def delete(call: Incoming, id_: str) -> Reply:
    _kept(call, id_)
    call.memory.responses.pop(id_)
    return whole(call, b'{"id":%b,"object":"response","deleted":true}' % json.encode(id_))


def cancel(call: Incoming, id_: str) -> Reply:
    kept = _kept(call, id_)
    if not json.decode(kept.body)["background"]:
        bad("Cannot cancel a synchronous response.")
    if kept.waiting:
        kept.body, kept.waiting, kept.output = kept.cancelled, (), ()
    return whole(call, kept.body)


def input_items(call: Incoming, id_: str) -> Reply:
    """A page of what led to the answer: newest first, unless `order` is asc."""
    kept = _kept(call, id_)
    items = [*earlier(kept.previous, call.memory), *kept.input]
    if parse_qs(call.query).get("order") != ["asc"]:
        items.reverse()
    return page(call, [(item["id"], json.encode(item)) for item in items])


def input_tokens(call: Incoming) -> Reply:
    """The same number that a call's usage tells."""
    heard = read(call, strict=False)
    body = b'{"object":"response.input_tokens","input_tokens":%d}' % heard.ask.input_tokens
    return whole(call, body, model=heard.model)


def compact(call: Incoming) -> Reply:
    """All that the user said, and one item for the rest."""
    heard = read(call, strict=False)
    items = [*earlier(heard.body.get("previous_response_id"), call.memory), *heard.body["input"]]
    users = [json.encode(listed(call.nonce, at, item)) for at, item in enumerate(items) if item.get("role") == "user"]
    output = b",".join([*users, compaction(call, heard.ask.text).whole])
    tokens = heard.ask.input_tokens
    body = (
        b'{"id":"resp_%b","object":"response.compaction","created_at":%d,"output":[%b],"usage":{"input_tokens":%d,'
        b'"input_tokens_details":{"cached_tokens":0,"cache_write_tokens":0},"output_tokens":8,'
        b'"output_tokens_details":{"reasoning_tokens":0},"total_tokens":%d}}'
    ) % (call.nonce.encode(), call.now, output, tokens, tokens + 8)
    return whole(call, body, model=heard.model)


def no_websocket(call: Incoming) -> Reply:
    """The vendor speaks WebSocket here as well, the sandbox does not: a client that hears 426 falls back to HTTP."""
    if call.headers.get("upgrade", "").lower() == "websocket":
        message = "WebSocket is not spoken here. Use POST."
        raise RefusedError(Fault(kind=ErrorKind.UNSUPPORTED, message=message, status=426, code=""))
    raise RefusedError(Fault(kind=ErrorKind.UNSUPPORTED, message=f"Not allowed to {call.method} on {call.path}."))


def _kept(call: Incoming, id_: str) -> KeptResponse:
    kept = call.memory.responses.get(id_)
    if kept is None:
        not_found(f"Response with id '{id_}' not found.")
    return kept
