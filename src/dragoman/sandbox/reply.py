"""What passes between the sandbox's files: a call that came in, what a dialect understood of it, the reply it wrote.

Rule: values only, but for the memory of the sandbox that a call came to. A Reply is bytes already; who plays it knows nothing of
dialects.
"""

from collections.abc import Callable
from typing import Any, Literal, Protocol
from urllib.parse import parse_qs

from msgspec import Struct, field

from dragoman.core.errors import ErrorKind
from dragoman.sandbox.memory import Memory
from dragoman.sandbox.mind import Answer, Ask
from dragoman.wire import json

MODEL_LIST_CREATED = 1_767_225_600
"""2026-01-01T00:00:00Z: the day every sandbox model was made."""
MOST_DIGITS = 10


class Incoming(Struct, frozen=True, kw_only=True):
    """One HTTP request. `headers` with lower-case names, the last wins. `nonce`: 24 characters, different for every call.

    `now`: seconds since 1970. `memory`: what earlier calls left. `again`: answers another call as this one is answered, with its
    status and body.
    """

    method: str
    path: str
    query: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    nonce: str = "0" * 24
    now: int = MODEL_LIST_CREATED
    memory: Memory = field(default_factory=Memory)
    again: "Callable[[Incoming], tuple[int, bytes]]" = lambda call: (404, b"{}")


class Fault(Struct, frozen=True, kw_only=True):
    """Why a call is refused or fails. `details`: what the dialect has for programs (Anthropic's and Google's `error.details`)."""

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
    """A request that a vendor would accept. `usage`: usual; none: left out; late: only at the very end, asked for or not.

    `show_thinking`: None, which is no, where the request does not say. `body`: the request, for what an answer repeats of it.
    """

    model: str
    stream: bool
    ask: Ask
    choices: int = 1
    usage: Literal["usual", "none", "late"] = "usual"
    usage_asked: bool = False
    show_thinking: bool | None = True
    body: dict[str, Any] = field(default_factory=dict)


class Reply(Struct, frozen=True, kw_only=True):
    """An HTTP answer. A stream's `frames` are whole events: `content` is the first that has content, `ending` the first after it.

    A whole body is one frame until a scenario slices it. `signed_off`: the last frame says nothing but that it is the last.
    `model`: which was asked, where the answer is no generation; scenarios go by it.
    """

    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    frames: tuple[bytes, ...] = ()
    content: int = 0
    ending: int = 1
    stream: bool = False
    signed_off: bool = False
    model: str = ""


class Dialect(Protocol):
    """A wire format, spoken as its vendor does. A module with these names is one. All frames are literal bytes."""

    def read(self, call: Incoming, *, strict: bool) -> Heard:
        """Raises RefusedError where the vendor would refuse; `strict`: top-level members that it does not know, too."""

    def write(self, call: Incoming, heard: Heard, answer: Answer) -> Reply: ...

    def refuse(self, call: Incoming, fault: Fault) -> Reply:
        """The error as an HTTP answer."""

    def failed(self, call: Incoming, heard: Heard, fault: Fault) -> Reply:
        """A whole answer with status 200 that is an error after all."""

    def error_frame(self, call: Incoming, heard: Heard, fault: Fault, after: int) -> bytes:
        """The error inside a stream, behind `after` frames."""

    def keepalive(self, call: Incoming, heard: Heard) -> bytes:
        """What may come between two frames of a stream and says nothing."""

    def models(self, call: Incoming, names: tuple[str, ...]) -> Reply: ...

    def model(self, call: Incoming, name: str) -> Reply: ...

    def unauthorized(self, presented: str | None, header: str) -> Fault: ...

    def no_path(self, call: Incoming) -> Fault: ...

    def not_allowed(self, call: Incoming) -> Fault: ...


def string(text: str, ascii_only: bool = False) -> bytes:
    """A JSON string; `ascii_only` writes everything else as \\u escapes, surrogate pairs included."""
    written = json.encode(text)
    if not ascii_only or written.isascii():
        return written
    return "".join(_escaped(c) for c in written.decode()).encode("ascii")


def asked_number(call: Incoming, name: str, otherwise: int) -> int:
    """A number out of the query; `otherwise` where it is none."""
    text = parse_qs(call.query).get(name, [""])[0]
    return int(text) if text.isdecimal() and len(text) < MOST_DIGITS else otherwise


def optional(text: str | None) -> bytes:
    return b"null" if text is None else json.encode(text)


def _escaped(character: str) -> str:
    if character.isascii():
        return character
    units = character.encode("utf-16-be")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
