"""What passes between the sandbox's files: a call that came in, what a dialect understood of it, the reply it wrote.

Rule: values only. A Reply is bytes already; who plays it knows nothing of dialects.
"""

from typing import Any, Literal, Protocol

from msgspec import Struct, field

from dragoman.core.errors import ErrorKind
from dragoman.sandbox.mind import Answer, Ask
from dragoman.wire import json

MODEL_LIST_CREATED = 1_767_225_600
"""2026-01-01T00:00:00Z: the day every sandbox model was made."""


class Incoming(Struct, frozen=True, kw_only=True):
    """One HTTP request. `headers` with lower-case names, the last wins. `nonce`: 24 characters, different for every call."""

    method: str
    path: str
    query: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    nonce: str = "0" * 24
    now: int = MODEL_LIST_CREATED


class Fault(Struct, frozen=True, kw_only=True):
    """Why a call is refused or fails. `details` goes into Anthropic's `error.details`."""

    kind: ErrorKind
    message: str
    status: int | None = None
    param: str | None = None
    code: str | None = None
    retry_after: int | None = None
    details: dict[str, Any] | None = None


class RefusedError(Exception):
    """The call gets `fault` as its answer."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


class Heard(Struct, frozen=True, kw_only=True):
    """A request that a vendor would accept. `usage`: usual; none: left out; late: only at the very end, asked for or not."""

    model: str
    stream: bool
    ask: Ask
    choices: int = 1
    usage: Literal["usual", "none", "late"] = "usual"
    usage_asked: bool = False
    show_thinking: bool = True


class Reply(Struct, frozen=True, kw_only=True):
    """An HTTP answer. A stream's `frames` are whole events: `content` is the first that has content, `ending` the first after it.

    A whole body is one frame until a scenario slices it.
    """

    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    frames: tuple[bytes, ...] = ()
    content: int = 0
    ending: int = 1
    stream: bool = False


class Dialect(Protocol):
    """A wire format, spoken as its vendor does. A module with these names is one. All frames are literal bytes."""

    @property
    def KEEPALIVE(self) -> bytes: ...  # noqa: N802

    def read(self, call: Incoming, *, strict: bool) -> Heard: ...

    def write(self, call: Incoming, heard: Heard, answer: Answer) -> Reply: ...

    def refuse(self, call: Incoming, fault: Fault) -> Reply: ...

    def error_frame(self, call: Incoming, fault: Fault) -> bytes: ...

    def models(self, call: Incoming, names: tuple[str, ...]) -> Reply: ...

    def model(self, call: Incoming, name: str) -> Reply: ...

    def unauthorized(self, presented: str | None, header: str) -> Fault: ...


def string(text: str, ascii_only: bool = False) -> bytes:
    """A JSON string; `ascii_only` writes everything else as \\u escapes, surrogate pairs included."""
    written = json.encode(text)
    if not ascii_only or written.isascii():
        return written
    return "".join(_escaped(c) for c in written.decode()).encode("ascii")


def optional(text: str | None) -> bytes:
    return b"null" if text is None else json.encode(text)


def _escaped(character: str) -> str:
    if character.isascii():
        return character
    units = character.encode("utf-16-be")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
