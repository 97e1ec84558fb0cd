"""The contract of a dialect: as a client to providers (`ProviderDialect`), for most as a server to our clients, too (`Dialect`).

The laws (tests/laws, one parametrised test each, over all dialects):
identity    decode(encode(events)) = events but for where they stand (`at`), for events that this dialect's decoder can produce
chunking    any cut of the bytes, CRLF or LF, gives the same events
fold        whole and stream give the same events (core.events.fold)
round trip  parse(build(r)) = r except what the losses name
ledger      blank any leaf of a maximal request: what goes out or is told changes, or a loss names it
ending      no terminator is Failed
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Protocol

from msgspec import Struct

from dragoman.core.config import Target
from dragoman.core.embedding import EmbeddingRequest, Embeddings
from dragoman.core.errors import Error
from dragoman.core.events import Event
from dragoman.core.loss import Loss, LossKind
from dragoman.core.model import ModelName
from dragoman.core.quirks import Quirks
from dragoman.core.request import Envelope, Headers, Request
from dragoman.core.seal import Proof


class Fixed(Struct, frozen=True, kw_only=True):
    """An answer that is always the same."""

    status: int
    headers: Headers
    body: bytes


class Path(Struct, frozen=True):
    """A door of a dialect. `pattern`: the whole path; `{model}` and `{rest}` in it are any text, slashes and colons too, any
    other `{name}` one segment.

    `operation`: as in Envelope, or "models" and "model" (who can be asked), or "fixed": `answer`, without a key. `needs`: a
    header that a request through this door has.
    Of a call that is passed ("pass", "embed"; see `passing`): `root`: what of the path the provider's base stands for, `above`:
    the beginning of it that stands before the base's last segment (Google's `/upload/v1beta`). `pinned`: it makes or refers to
    what is kept at one provider, so it never fails over. `links`: (member or header of its answers that is a URL of this API,
    how its path begins).
    """

    method: str
    pattern: str
    operation: str
    answer: Fixed | None = None
    needs: str = ""
    root: str = ""
    above: str = ""
    pinned: bool = False
    links: tuple[tuple[str, str], ...] = ()


MANY = ("model", "rest")
"""Names in a pattern that stand for any text."""


@lru_cache(maxsize=4096)
def compiled(pattern: str) -> re.Pattern[str]:
    """A door's pattern as a regular expression, with its names as groups. `{model}` takes all it can: what follows the last colon
    of a path is its method."""
    groups = re.sub(r"\\{(\w+)\\}", lambda name: f"(?P<{name[1]}>{'.+' if name[1] in MANY else '[^/]+'})", re.escape(pattern))
    return re.compile(groups, re.DOTALL)


class Frames(Struct, frozen=True, kw_only=True):
    """How streams of a dialect look. `ping`: a keep-alive between events, b"" where there is none. `comments`: they may carry SSE
    comments."""

    content_type: str = "text/event-stream; charset=utf-8"
    ping: bytes = b""
    comments: bool = False


class Splitter(Protocol):
    """Cuts a stream's bytes into whole events, exact bytes."""

    def feed(self, data: bytes) -> list[bytes]: ...
    def close(self) -> list[bytes]: ...


class Undo(Struct, frozen=True, kw_only=True):
    """What was renamed or added on the way out, so that the answer can be named back.

    `names`: tool name on the wire -> the client's. `ids`: tool call id on the wire -> the client's. `custom`: wire names of
    function tools that stand for the client's custom tools. `hide_usage`: the usage chunk was our wish, not the client's.
    `json_tool`: wire name of a tool that only carries a structured output.
    """

    names: Mapping[str, str] = {}
    ids: Mapping[str, str] = {}
    custom: frozenset[str] = frozenset()
    hide_usage: bool = False
    json_tool: str | None = None


NOTHING = Undo()


class Built(Struct, frozen=True, kw_only=True):
    """A request as it goes out. `headers`: what the dialect itself asks for (anthropic-version), defaults that a record's and a
    client's own beat. `losses` with kind refused: this target cannot serve the call."""

    body: bytes
    losses: tuple[Loss, ...] = ()
    undo: Undo = NOTHING
    headers: Headers = ()


class Stamp(Struct, frozen=True):
    """Clock and chance as values: `now` in Unix seconds, `make_id(prefix)` a new id such as `msg_01...`."""

    now: int
    make_id: Callable[[str], str]


class Answering(Struct, frozen=True, kw_only=True):
    """What an encoder must know of the call. `request`: as the client asked.

    `framing`: of the stream, as in Envelope. `provider_dialect`: who made the events: extras of the own dialect are written back,
    others are told as losses by `weights` (see Request.weights; the decoder's). `seal(value, kind)`: wraps a foreign proof.
    `input_estimate`: tokens, for dialects that tell usage first. `model`: what `model` in the answer says where the provider told
    none.
    """

    request: Request
    stream: bool
    stamp: Stamp
    framing: str = ""
    seal: Callable[[str, str], str]
    provider_dialect: str
    weights: Mapping[str, LossKind | None] = {}
    model: str = ""
    input_estimate: int = 0
    new_ids: bool = False


class Decoder(Protocol):
    """Provider bytes in, events out. Owns its state. Never raises: what cannot be read is Failed."""

    @property
    def losses(self) -> list[Loss]: ...

    def feed(self, data: bytes) -> list[Event]: ...
    def close(self) -> list[Event]:
        """The end of the body. Without an ending (ARCHITECTURE rule 7) the last event is Failed."""
        ...


class Encoder(Protocol):
    """Events in, client bytes out. A whole answer is returned by `close`. `encode` of Failed gives the in-stream error event."""

    @property
    def losses(self) -> list[Loss]: ...

    def encode(self, event: Event) -> bytes: ...
    def close(self) -> bytes:
        """What is left to write after the last event (a whole body, `[DONE]`)."""
        ...


OpenSeal = Callable[[str], Proof | None]


class ProviderEmbedder(Protocol):
    """How a dialect's providers are asked for embeddings. Methods are pure."""

    path: str
    """Below a provider's base; "{model}" in it stands for the upstream model."""
    most: int
    """How many texts the vendor takes in one call."""

    def build(self, request: EmbeddingRequest, target: Target) -> Built: ...
    def read(self, body: bytes, request: EmbeddingRequest) -> Embeddings:
        """Raises CallError (server) where the body does not tell one vector for each text."""
        ...


class Embedder(ProviderEmbedder, Protocol):
    """The same, and how its clients ask for them. Between a client and a provider of one dialect bytes are passed."""

    def parse(self, envelope: Envelope) -> EmbeddingRequest:
        """Raises CallError (bad_request) that names the member at fault."""
        ...

    def answer(self, request: EmbeddingRequest, embeddings: Embeddings) -> bytes: ...
    def retarget(self, envelope: Envelope, target: Target) -> bytes:
        """The Copy lane: the client's body with the target's model, all other bytes kept."""
        ...


class ProviderDialect(Protocol):
    """One wire format as a client to providers. Attributes are data, methods are pure."""

    id: str
    counts: bool
    """Its own vendor counts tokens when asked."""
    weights: Mapping[str, LossKind | None]
    """What losing a member of an answer's extras means to clients of other dialects (as Request.weights)."""

    @property
    def embedder(self) -> ProviderEmbedder | None:
        """None: its providers have no embeddings."""
        ...

    @property
    def passes(self) -> tuple[Path, ...]:
        """Doors of other dialects' clients that its providers have as well, below the base of this one."""
        ...

    def endpoint(self, target: Target, operation: str, stream: bool, framing: str = "") -> str:
        """The URL to ask."""
        ...

    def build_request(self, request: Request, target: Target, quirks: Quirks) -> Built: ...
    def build_count(self, request: Request, target: Target, quirks: Quirks) -> Built:
        """The same, to have its tokens counted."""
        ...

    def read_count(self, body: bytes) -> int | None:
        """The count in a provider's answer; None where it tells none."""
        ...

    def decoder(self, stream: bool, quirks: Quirks, undo: Undo) -> Decoder: ...
    def parse_error(self, status: int, headers: Headers, body: bytes) -> Error:
        """Any error body, however odd (HTML, strings, lists): a kind by code, then status."""
        ...


class Dialect(ProviderDialect, Protocol):
    """One wire format that clients speak, too: a server to them, and both ends of the Copy lane."""

    paths: tuple[Path, ...]
    """Where clients call it."""
    key_in_query: bool
    """Clients may send their key as `?key=`."""

    @property
    def embedder(self) -> Embedder | None: ...

    # as a server, to our clients
    def claims(self, headers: Headers) -> bool:
        """Of a path that several dialects have (`/v1/models`): this client speaks this one. At most one dialect says so."""
        ...

    def peek(self, method: str, path: str, query: str, headers: Headers, body: bytes) -> Envelope:
        """Raises CallError (bad_request) where the body is no JSON object, or `model` or `stream` is of a wrong type."""
        ...

    def attached(self, body: bytes) -> str | None:
        """The id of the file that was attached last to the conversation of a chat, where `peek` tells it not as `refers`."""
        ...

    def parse_request(self, envelope: Envelope, open_seal: OpenSeal) -> Request: ...
    def encoder(self, answering: Answering) -> Encoder: ...
    def build_error(self, error: Error, request_id: str) -> tuple[int, bytes]:
        """(HTTP status, body) as this dialect's vendor would answer."""
        ...

    def frames(self, framing: str) -> Frames: ...
    def splitter(self, framing: str) -> Splitter: ...
    def error_event(self, error: Error, request_id: str, framing: str = "", *, begun: bool = True) -> bytes:
        """The event that ends a stream which breaks. `begun`: the client has bytes of it."""
        ...

    def refusal(self, losses: tuple[Loss, ...]) -> Error:
        """What a client is told whose request no target can say: kind unsupported, its members by name."""
        ...

    def count_answer(self, tokens: int) -> bytes:
        """The body that answers count_tokens."""
        ...

    def models(self, names: Sequence[ModelName], query: str) -> bytes:
        """The body that lists them; `query`: as the client sent it, raw, for dialects whose lists come in pages."""
        ...

    def model(self, name: ModelName) -> bytes:
        """The body that tells of one."""
        ...

    # the same dialect at both ends: the Copy lane
    def copyable(self, envelope: Envelope, target: Target, quirks: Quirks) -> bool:
        """No quirk of the target lies below top level, no name to give back (the seal search is the relay's)."""
        ...

    def retarget(self, envelope: Envelope, target: Target, quirks: Quirks) -> Built:
        """Splice top-level members, keep all other bytes."""
        ...

    def hidden(self, event: bytes, undo: Undo) -> bool:
        """This whole event of a stream was not asked for by the client."""
        ...
