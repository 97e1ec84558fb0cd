"""`/v1/batches` of OpenAI (API reference, 2026-11). Rule: what a batch asks is answered at once; who looks twice sees it done."""

import hashlib
from typing import Any

from dragoman.core.errors import ErrorKind
from dragoman.sandbox.endpoints.openai_files import found
from dragoman.sandbox.memory import KeptBatch, KeptFile
from dragoman.sandbox.openai import page, whole
from dragoman.sandbox.openai_rules import bad, missing, read_body, wrong_value
from dragoman.sandbox.reply import Fault, Incoming, RefusedError, Reply, optional
from dragoman.wire import json

ENDPOINTS = ("/v1/responses", "/v1/chat/completions", "/v1/embeddings", "/v1/moderations")
STATES = ("validating", "in_progress", "completed")
TIMES: dict[str, tuple[str, ...]] = {
    "in_progress": ("in_progress", "finalizing", "completed"),
    "finalizing": ("completed",),
    "completed": ("completed",),
    "failed": (),
    "expired": (),
    "cancelling": ("cancelling", "cancelled"),
    "cancelled": ("cancelled",),
}
"""Time that is told (`..._at`) -> the states in which it has come."""
DAY = 24 * 3600


def create(call: Incoming) -> Reply:
    body = read_body(call)
    for name in ("input_file_id", "endpoint", "completion_window"):
        if name not in body:
            missing(name)
    if body["endpoint"] not in ENDPOINTS:
        wrong_value("endpoint", body["endpoint"], ENDPOINTS)
    if body["completion_window"] != "24h":
        wrong_value("completion_window", body["completion_window"], ("24h",))
    given = found(call, str(body["input_file_id"]))
    if given.purpose != "batch":
        bad("Invalid file purpose. Expected 'batch'.", "input_file_id")
    lines = [line for line in given.data.splitlines() if line.strip()]
    results = tuple(_ask(call, body["endpoint"], at, line) for at, line in enumerate(lines))
    kept = KeptBatch(id=f"batch_{call.nonce}", created=call.now, results=results, body=body)
    call.memory.openai_batches.put(kept.id, kept, sum(len(told) for _, _, told in results))
    return whole(call, _told(call, kept))


def listed(call: Incoming) -> Reply:
    """Newest first."""
    return page(call, [(kept.id, _told(call, kept)) for kept in reversed([*call.memory.openai_batches])])


def show(call: Incoming, id_: str) -> Reply:
    """Looking at it lets it go on."""
    kept = _found(call, id_)
    kept.asked += 1
    return whole(call, _told(call, kept))


def cancel(call: Incoming, id_: str) -> Reply:
    kept = _found(call, id_)
    if _state(kept) in ("completed", "cancelled"):
        bad(f"Cannot cancel a batch with status '{_state(kept)}'.")
    kept.cancelled, kept.asked = True, 0
    return whole(call, _told(call, kept))


def _ask(call: Incoming, endpoint: str, at: int, line: bytes) -> tuple[str, int, bytes]:
    try:
        asked: dict[str, Any] = json.decode(line, dict[str, Any])
    except json.JSONError as error:
        bad(f"Line {at + 1} of the input file is not valid JSON: {error}", "input_file_id", "invalid_json_line")
    if asked.get("url") != endpoint:
        bad(f"Line {at + 1}: the url must be the batch's endpoint, {endpoint}.", "input_file_id", "mismatched_url")
    nonce = hashlib.sha256(f"{call.nonce}{at}".encode()).hexdigest()[:24]
    body = json.encode(asked.get("body"))
    inner = Incoming(method="POST", path=endpoint, headers=call.headers, body=body, nonce=nonce, now=call.now)
    return (str(asked.get("custom_id", "")), *call.again(inner))


def _state(kept: KeptBatch) -> str:
    if kept.cancelled:
        return "cancelled" if kept.asked else "cancelling"
    return STATES[min(kept.asked, len(STATES) - 1)]


def _told(call: Incoming, kept: KeptBatch) -> bytes:
    state, total = _state(kept), len(kept.results)
    done = state == "completed"
    failed = sum(status >= 400 for _, status, _ in kept.results) if done else 0
    output, errors = (_file(call, kept, name) if done else None for name in ("output", "error"))
    times = b",".join(b'"%b_at":%b' % (name.encode(), _time(kept, state in states)) for name, states in TIMES.items())
    return (
        b'{"id":%b,"object":"batch","endpoint":%b,"errors":null,"input_file_id":%b,"completion_window":"24h","status":"%b",'
        b'"output_file_id":%b,"error_file_id":%b,"created_at":%d,"expires_at":%d,%b,'
        b'"request_counts":{"total":%d,"completed":%d,"failed":%d},"metadata":%b}'
    ) % (
        json.encode(kept.id),
        json.encode(kept.body["endpoint"]),
        json.encode(kept.body["input_file_id"]),
        state.encode(),
        optional(output),
        optional(errors),
        kept.created,
        kept.created + DAY,
        times,
        total,
        total - failed if done else 0,
        failed,
        json.encode(kept.body.get("metadata")),
    )


def _time(kept: KeptBatch, come: bool) -> bytes:
    return b"%d" % kept.created if come else b"null"


def _file(call: Incoming, kept: KeptBatch, name: str) -> str | None:
    """The id of the file with what succeeded (`output`) or failed (`error`); None where there is nothing in it."""
    rows = [(at, row) for at, row in enumerate(kept.results) if (row[1] >= 400) == (name == "error")]
    if not rows:
        return None
    id_ = f"file-{kept.id.removeprefix('batch_')}-{name}"
    lines = b"".join(_line(kept.id, at, *row) for at, row in rows)
    file = KeptFile(id=id_, name=f"{kept.id}_{name}.jsonl", data=lines, created=kept.created, purpose=f"batch_{name}")
    call.memory.openai_files.put(id_, file, len(lines))
    return id_


def _line(batch: str, at: int, custom_id: str, status: int, body: bytes) -> bytes:
    request = f"batch_req_{batch.removeprefix('batch_')}{at:02}".encode()
    return b'{"id":"%b","custom_id":%b,"response":{"status_code":%d,"request_id":"%b","body":%b},"error":null}\n' % (
        request,
        json.encode(custom_id),
        status,
        request,
        body,
    )


def _found(call: Incoming, id_: str) -> KeptBatch:
    kept = call.memory.openai_batches.get(id_)
    if kept is None:
        raise RefusedError(Fault(kind=ErrorKind.NOT_FOUND, message=f"No batch found with id '{id_}'.", code=""))
    return kept
