"""`/v1/files` of Anthropic (API reference, 2026-11): put there, list, look at, delete; what was put there cannot be fetched."""

from datetime import UTC, datetime

from dragoman.core.errors import ErrorKind
from dragoman.sandbox.anthropic import page, whole
from dragoman.sandbox.anthropic_rules import bad
from dragoman.sandbox.endpoints.multipart import read_form
from dragoman.sandbox.memory import KeptFile
from dragoman.sandbox.reply import Fault, Incoming, RefusedError, Reply
from dragoman.wire import json


def upload(call: Incoming) -> Reply:
    form = read_form(call)
    given = form.files.get("file") if form is not None else None
    if given is None:
        bad("file: Field required")
    id_ = f"file_{call.nonce}"
    kept = KeptFile(id=id_, name=given.name, data=given.data, created=call.now, mime=given.mime)
    call.memory.anthropic_files.put(id_, kept, len(kept.data))
    return whole(call, _told(kept))


def listed(call: Incoming) -> Reply:
    """Newest first."""
    return page(call, [(file.id, _told(file)) for file in reversed([*call.memory.anthropic_files])])


def show(call: Incoming, id_: str) -> Reply:
    return whole(call, _told(_found(call, id_)))


def content(call: Incoming, id_: str) -> Reply:
    bad(f"File {_found(call, id_).id} is not downloadable.")


def delete(call: Incoming, id_: str) -> Reply:
    _found(call, id_)
    call.memory.anthropic_files.pop(id_)
    return whole(call, b'{"id":%b,"type":"file_deleted"}' % json.encode(id_))


def stamp(seconds: int) -> bytes:
    """A time as the vendor writes it, in quotes."""
    return datetime.fromtimestamp(seconds, UTC).strftime('"%Y-%m-%dT%H:%M:%SZ"').encode()


def _found(call: Incoming, id_: str) -> KeptFile:
    kept = call.memory.anthropic_files.get(id_)
    if kept is None:
        raise RefusedError(Fault(kind=ErrorKind.NOT_FOUND, message=f"File not found: {id_}"))
    return kept


def _told(kept: KeptFile) -> bytes:
    return b'{"type":"file","id":%b,"filename":%b,"mime_type":%b,"size_bytes":%d,"created_at":%b,"downloadable":false}' % (
        json.encode(kept.id),
        json.encode(kept.name),
        json.encode(kept.mime),
        len(kept.data),
        stamp(kept.created),
    )
