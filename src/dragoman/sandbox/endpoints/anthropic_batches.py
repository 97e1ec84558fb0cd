"""`/v1/messages/batches` of Anthropic (API reference, 2026-11). Rule: what a batch asks is answered at once; whoever looks at it
sees it done.
"""

import hashlib
from typing import Any

from dragoman.core.errors import ErrorKind
from dragoman.sandbox.anthropic import page, whole
from dragoman.sandbox.anthropic_rules import bad
from dragoman.sandbox.endpoints.anthropic_files import stamp
from dragoman.sandbox.memory import KeptBatch
from dragoman.sandbox.reply import Fault, Incoming, RefusedError, Reply
from dragoman.wire import json

DAY = 24 * 3600
MESSAGES = "/v1/messages"


def create(call: Incoming) -> Reply:
    try:
        requests = json.decode(call.body, dict[str, Any]).get("requests")
    except json.JSONError as error:
        bad(f"The request body is not valid JSON: {error}")
    if not isinstance(requests, list) or not requests:
        bad("requests: List should have at least 1 item after validation, not 0")
    seen = set[str]()
    for at, request in enumerate(requests):
        custom_id = request.get("custom_id") if isinstance(request, dict) else None
        if not isinstance(custom_id, str):
            bad(f"requests.{at}.custom_id: Field required")
        if not isinstance(request.get("params"), dict):
            bad(f"requests.{at}.params: Field required")
        if custom_id in seen:
            bad(f"requests.{at}.custom_id: `custom_id` must be unique within a batch")
        seen.add(custom_id)
    results = tuple(_ask(call, at, request) for at, request in enumerate(requests))
    kept = KeptBatch(id=f"msgbatch_{call.nonce}", created=call.now, results=results)
    call.memory.anthropic_batches.put(kept.id, kept, sum(len(told) for _, _, told in results))
    return whole(call, _told(call, kept))


def listed(call: Incoming) -> Reply:
    """Newest first."""
    return page(call, [(kept.id, _told(call, kept)) for kept in reversed([*call.memory.anthropic_batches])])


def show(call: Incoming, id_: str) -> Reply:
    """Looking at it lets it go on."""
    kept = _found(call, id_)
    kept.asked += 1
    return whole(call, _told(call, kept))


def cancel(call: Incoming, id_: str) -> Reply:
    kept = _found(call, id_)
    kept.cancelled = kept.cancelled or not kept.asked
    return whole(call, _told(call, kept))


def delete(call: Incoming, id_: str) -> Reply:
    if not _found(call, id_).asked:
        bad(f"Message batch {id_} cannot be deleted while it is being processed.")
    call.memory.anthropic_batches.pop(id_)
    return whole(call, b'{"id":%b,"type":"message_batch_deleted"}' % json.encode(id_))


def results(call: Incoming, id_: str) -> Reply:
    """One line a request."""
    kept = _found(call, id_)
    if not kept.asked:
        bad(f"Message batch {id_} has not finished processing.")
    lines = b"".join(_line(kept, *row) for row in kept.results)
    return Reply(headers=(("content-type", "application/x-jsonl"), ("request-id", f"req_{call.nonce}")), frames=(lines,))


def _ask(call: Incoming, at: int, request: dict[str, Any]) -> tuple[str, int, bytes]:
    nonce = hashlib.sha256(f"{call.nonce}{at}".encode()).hexdigest()[:24]
    params = {name: value for name, value in request["params"].items() if name != "stream"}
    inner = Incoming(method="POST", path=MESSAGES, headers=call.headers, body=json.encode(params), nonce=nonce, now=call.now)
    return (request["custom_id"], *call.again(inner))


def _line(kept: KeptBatch, custom_id: str, status: int, body: bytes) -> bytes:
    if kept.cancelled:
        result = b'{"type":"canceled"}'
    elif status >= 400:
        result = b'{"type":"errored","error":%b}' % body
    else:
        result = b'{"type":"succeeded","message":%b}' % body
    return b'{"custom_id":%b,"result":%b}\n' % (json.encode(custom_id), result)


def _told(call: Incoming, kept: KeptBatch) -> bytes:
    ended, total = kept.asked > 0, len(kept.results)
    failed = sum(status >= 400 for _, status, _ in kept.results)
    counts = (0, 0, total) if kept.cancelled else (total - failed, failed, 0)
    state = b"ended" if ended else b"canceling" if kept.cancelled else b"in_progress"
    host = call.headers.get("host", "api.anthropic.com")
    return (
        b'{"id":%b,"type":"message_batch","processing_status":"%b","request_counts":{"processing":%d,"succeeded":%d,"errored":%d,'
        b'"canceled":%d,"expired":0},"created_at":%b,"expires_at":%b,"ended_at":%b,"archived_at":null,"cancel_initiated_at":%b,'
        b'"results_url":%b}'
    ) % (
        json.encode(kept.id),
        state,
        0 if ended else total,
        *(counts if ended else (0, 0, 0)),
        stamp(kept.created),
        stamp(kept.created + DAY),
        stamp(kept.created) if ended else b"null",
        stamp(kept.created) if kept.cancelled else b"null",
        json.encode(f"http://{host}{MESSAGES}/batches/{kept.id}/results") if ended else b"null",
    )


def _found(call: Incoming, id_: str) -> KeptBatch:
    kept = call.memory.anthropic_batches.get(id_)
    if kept is None:
        raise RefusedError(Fault(kind=ErrorKind.NOT_FOUND, message=f"Message batch {id_} not found."))
    return kept
