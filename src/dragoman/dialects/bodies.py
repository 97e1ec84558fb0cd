"""Request bodies without a call around them: the example of each dialect, and the call that a body alone would be."""

from functools import cache
from importlib.resources import files

from dragoman.core.request import Envelope
from dragoman.dialects.base import Dialect

_HEADERS = (("content-type", "application/json"),)
MODEL = "model"
"""What a model is called where neither the body nor anybody else names one."""


def example(dialect: Dialect) -> bytes:
    """The request in the dialect's folder (`example.json`) that says everything it can say, and one member that nobody knows."""
    return _example(type(dialect).__module__.rpartition(".")[0])


@cache
def _example(folder: str) -> bytes:
    return files(folder).joinpath("example.json").read_bytes()


def call_of(dialect: Dialect, body: bytes, *, model: str = MODEL, stream: bool | None = None) -> Envelope:
    """The body as a call of the dialect. `model`, `stream` (None: either): where that stands in the path and not in the body.

    Raises CallError (bad_request).
    """
    envelope = None
    for path in dialect.paths:
        where = path.pattern.replace("{model}", model)
        if path.operation == "chat" and "{" not in where:
            envelope = dialect.peek(path.method, where, "", _HEADERS, body)
            if stream is None or envelope.stream == stream:
                return envelope
    if envelope is None:
        raise ValueError(f"{dialect.id} has no door for requests")
    return envelope
