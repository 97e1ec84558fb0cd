"""`/v1/files` of OpenAI (API reference, 2026-11): put there, list, look at, fetch, delete."""

from urllib.parse import parse_qs

from dragoman.core.errors import ErrorKind
from dragoman.sandbox.endpoints.multipart import read_form
from dragoman.sandbox.memory import KeptFile
from dragoman.sandbox.openai import common_headers, page, whole
from dragoman.sandbox.openai_rules import bad, missing, wrong_value
from dragoman.sandbox.reply import Fault, Incoming, RefusedError, Reply
from dragoman.wire import json

PURPOSES = ("assistants", "batch", "fine-tune", "vision", "user_data", "evals")


def upload(call: Incoming) -> Reply:
    form = read_form(call)
    if form is None:
        bad("Invalid content type. Expected multipart/form-data.")
    given, purpose = form.files.get("file"), form.fields.get("purpose")
    if given is None:
        missing("file")
    if purpose is None:
        missing("purpose")
    if purpose not in PURPOSES:
        wrong_value("purpose", purpose, PURPOSES)
    id_ = f"file-{call.nonce}"
    kept = KeptFile(id=id_, name=given.name, data=given.data, created=call.now, purpose=purpose, mime=given.mime)
    call.memory.openai_files.put(id_, kept, len(kept.data))
    return whole(call, _told(kept))


def listed(call: Incoming) -> Reply:
    """Newest first; `purpose` filters."""
    purpose = parse_qs(call.query).get("purpose", [""])[0]
    kept = [file for file in call.memory.openai_files if purpose in ("", file.purpose)]
    return page(call, [(file.id, _told(file)) for file in reversed(kept)])


def show(call: Incoming, id_: str) -> Reply:
    return whole(call, _told(found(call, id_)))


def content(call: Incoming, id_: str) -> Reply:
    kept = found(call, id_)
    return Reply(headers=(("content-type", kept.mime), *common_headers(call)), frames=(kept.data,))


def delete(call: Incoming, id_: str) -> Reply:
    found(call, id_)
    call.memory.openai_files.pop(id_)
    return whole(call, b'{"id":%b,"object":"file","deleted":true}' % json.encode(id_))


def found(call: Incoming, id_: str) -> KeptFile:
    """The file; refused where there is none."""
    kept = call.memory.openai_files.get(id_)
    if kept is None:
        raise RefusedError(Fault(kind=ErrorKind.NOT_FOUND, message=f"No such File object: {id_}", param="id", code=""))
    return kept


def _told(kept: KeptFile) -> bytes:
    return (
        b'{"id":%b,"object":"file","bytes":%d,"created_at":%d,"expires_at":null,"filename":%b,"purpose":%b,"status":"processed",'
        b'"status_details":null}'
    ) % (json.encode(kept.id), len(kept.data), kept.created, json.encode(kept.name), json.encode(kept.purpose))
