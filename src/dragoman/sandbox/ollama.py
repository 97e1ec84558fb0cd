"""Ollama's own API, as its vendor speaks it (API reference, 2026-11): a stream is one JSON object a line. Rule: every line is
written out.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

from msgspec.structs import replace

from dragoman.core.errors import ErrorKind
from dragoman.sandbox.endpoints.vectors import tokens, vector
from dragoman.sandbox.mind import Answer, Finish, Thought, ToolUse, pieces
from dragoman.sandbox.ollama_request import bad, read, read_body
from dragoman.sandbox.reply import MODEL_LIST_CREATED, Fault, Heard, Incoming, Reply, string
from dragoman.wire import json

__all__ = ["error_frame", "failed", "keepalive", "read", "refuse", "write"]
__all__ += ["model", "models", "no_path", "not_allowed", "unauthorized"]

STATUSES: dict[ErrorKind, int] = {
    ErrorKind.BAD_REQUEST: 400,
    ErrorKind.CONTEXT_OVERFLOW: 400,
    ErrorKind.CONTENT_POLICY: 400,
    ErrorKind.UNSUPPORTED: 405,
    ErrorKind.AUTH: 401,
    ErrorKind.BILLING: 402,
    ErrorKind.PERMISSION: 403,
    ErrorKind.NOT_FOUND: 404,
    ErrorKind.CONFLICT: 409,
    ErrorKind.TOO_LARGE: 413,
    ErrorKind.RATE_LIMIT: 429,
    ErrorKind.TIMEOUT: 504,
    ErrorKind.OVERLOADED: 503,
}
DONE: dict[Finish, bytes] = {"length": b'"done":true,"done_reason":"length"', "none": b'"done":false'}
"""How an answer ends; any other way: stop."""
SIZE = 768
"""Numbers in an embedding."""
_DETAILS = (
    b'{"parent_model":"","format":"gguf","family":"sandbox","families":["sandbox"],"parameter_size":"1B",'
    b'"quantization_level":"Q4_K_M"}'
)


def write(call: Incoming, heard: Heard, answer: Answer) -> Reply:
    lines = list(_lines(answer))
    ended = DONE.get(answer.finish, b'"done":true,"done_reason":"stop"')
    usage = b"" if heard.usage == "none" else _usage(answer)
    if not heard.stream:
        return whole(call, _answer(call, heard, _message(answer), ended + usage))
    chunks = [_answer(call, heard, line, b'"done":false') + b"\n" for line in lines]
    last = _answer(call, heard, b'"content":""', ended + usage) + b"\n"
    headers = (("content-type", "application/x-ndjson"),)
    return Reply(headers=headers, frames=(*chunks, last), ending=len(chunks), stream=True)


def refuse(call: Incoming, fault: Fault) -> Reply:
    status = STATUSES.get(fault.kind, 500) if fault.status is None else fault.status
    headers = (("retry-after", str(fault.retry_after)),) if fault.retry_after is not None else ()
    return whole(call, b'{"error":%b}' % json.encode(fault.message), status, headers)


def failed(call: Incoming, heard: Heard, fault: Fault) -> Reply:
    return replace(refuse(call, fault), status=200)


def error_frame(call: Incoming, heard: Heard, fault: Fault, after: int) -> bytes:
    return b'{"error":%b}\n' % json.encode(fault.message)


def keepalive(call: Incoming, heard: Heard) -> bytes:
    """It has none: a line that says nothing."""
    name = json.encode(heard.model)
    return b'{"model":%b,"created_at":%b,"message":{"role":"assistant","content":""},"done":false}\n' % (name, _now(call))


def models(call: Incoming, names: tuple[str, ...]) -> Reply:
    """`GET /api/tags`."""
    rows = (
        b'{"name":%b,"model":%b,"modified_at":%b,"size":1,"digest":"%b","details":%b}'
        % (json.encode(name), json.encode(name), _now(call, MODEL_LIST_CREATED), b"0" * 64, _DETAILS)
        for name in names
    )
    return whole(call, b'{"models":[%b]}' % b",".join(rows))


def model(call: Incoming, name: str) -> Reply:
    body = (
        b'{"modelfile":"","parameters":"","template":"","details":%b,"model_info":{"general.architecture":"sandbox",'
        b'"sandbox.context_length":131072},"capabilities":["completion","tools","thinking","vision"],"modified_at":%b}'
    ) % (_DETAILS, _now(call, MODEL_LIST_CREATED))
    return whole(call, body, model=name)


def show(call: Incoming) -> Reply:
    """`POST /api/show`."""
    return model(call, str(read_body(call)["model"]))


def version(call: Incoming) -> Reply:
    return whole(call, b'{"version":"0.15.0"}')


def embed(call: Incoming) -> Reply:
    """`POST /api/embed`."""
    body = read_body(call)
    given, size = body.get("input", []), body.get("dimensions", SIZE)
    texts = given if isinstance(given, list) else [given]
    if not all(isinstance(text, str) for text in texts):
        bad("invalid input type")
    if not isinstance(size, int) or isinstance(size, bool) or not 0 < size <= SIZE * 8:
        bad("invalid dimensions")
    rows = b",".join(json.encode(vector(text, size)) for text in texts)
    name, used = str(body["model"]), sum(tokens(text) for text in texts)
    told = b'{"model":%b,"embeddings":[%b],"total_duration":1000000,"load_duration":1000000,"prompt_eval_count":%d}'
    return whole(call, told % (json.encode(name), rows, used), model=name)


def unauthorized(presented: str | None, header: str) -> Fault:
    return Fault(kind=ErrorKind.AUTH, message="unauthorized")


def no_path(call: Incoming) -> Fault:
    return Fault(kind=ErrorKind.NOT_FOUND, message="404 page not found")


def not_allowed(call: Incoming) -> Fault:
    return Fault(kind=ErrorKind.UNSUPPORTED, message="405 method not allowed")


def whole(call: Incoming, body: bytes, status: int = 200, headers: tuple[tuple[str, str], ...] = (), *, model: str = "") -> Reply:
    """A JSON body. `model`: which answered, for what is no generation."""
    every = (("content-type", "application/json; charset=utf-8"), *headers)
    return Reply(status=status, headers=every, frames=(body,), model=model)


def _now(call: Incoming, seconds: int | None = None) -> bytes:
    return datetime.fromtimestamp(call.now if seconds is None else seconds, UTC).strftime('"%Y-%m-%dT%H:%M:%S.000000Z"').encode()


def _answer(call: Incoming, heard: Heard, message: bytes, ended: bytes) -> bytes:
    return b'{"model":%b,"created_at":%b,"message":{"role":"assistant",%b},%b}' % (
        json.encode(heard.model),
        _now(call),
        message,
        ended,
    )


def _message(answer: Answer) -> bytes:
    thought = "".join(part.text for part in answer.parts if isinstance(part, Thought) and not part.redacted)
    said = "".join(part.text for part in answer.parts if not isinstance(part, Thought | ToolUse))
    calls = [part for part in answer.parts if isinstance(part, ToolUse)]
    told = [b'"content":%b' % string(said, answer.escaped)]
    if thought:
        told.append(b'"thinking":%b' % json.encode(thought))
    if calls:
        told.append(b'"tool_calls":[%b]' % b",".join(_call(use) for use in calls))
    return b",".join(told)


def _lines(answer: Answer) -> Iterator[bytes]:
    """The messages of a stream. Calls come whole, and have no ids."""
    for part in answer.parts:
        if isinstance(part, ToolUse):
            yield b'"content":"","tool_calls":[%b]' % _call(part)
        elif not isinstance(part, Thought):
            for at, piece in enumerate(pieces(part)):
                yield b'"content":%b' % string(piece, answer.escaped and at % 2 == 1)
        elif not part.redacted:
            yield from (b'"content":"","thinking":%b' % json.encode(piece) for piece in pieces(part))


def _call(use: ToolUse) -> bytes:
    return b'{"function":{"name":%b,"arguments":%b}}' % (json.encode(use.name), use.arguments.encode())


def _usage(answer: Answer) -> bytes:
    return (
        b',"total_duration":1000000,"load_duration":1000000,"prompt_eval_count":%d,"prompt_eval_duration":1000000,'
        b'"eval_count":%d,"eval_duration":1000000'
    ) % (answer.input_tokens, answer.output_tokens)
