"""The dialect as the contract wants it (dialects/base): everything is delegated."""

from collections.abc import Mapping, Sequence
from typing import Final

from dragoman.core.config import Target
from dragoman.core.errors import Error
from dragoman.core.loss import Loss, LossKind
from dragoman.core.model import ModelName
from dragoman.core.quirks import Quirks
from dragoman.core.request import Envelope, Headers, Request
from dragoman.dialects.base import Answering, Built, Embedder, Frames, OpenSeal, Path, Splitter, Undo
from dragoman.dialects.faults.read import parse_error
from dragoman.dialects.gemini import catalogue, copy, errors
from dragoman.dialects.gemini.build import build_request
from dragoman.dialects.gemini.count import build_count, read_count
from dragoman.dialects.gemini.decode import Decoder
from dragoman.dialects.gemini.doors import DOORS
from dragoman.dialects.gemini.embedding import EMBEDDER
from dragoman.dialects.gemini.encode import StreamEncoder, WholeEncoder
from dragoman.dialects.gemini.facts import ANSWER_WEIGHTS, ID
from dragoman.dialects.gemini.parse import ARRAY, METHODS, parse_request, peek
from dragoman.wire import json, sse
from dragoman.wire.array import ArraySplitter

_EVENTS: Final = Frames(content_type="text/event-stream")
_ELEMENTS: Final = Frames(content_type="application/json; charset=UTF-8")
_PUBLISHED: Final = "publishers/google/models/{model}"
_PLACES: Final = (
    *(f"/{version}/{place}" for version in ("v1beta", "v1") for place in ("models/{model}", "{model}")),
    *(f"/{version}/projects/{{project}}/locations/{{location}}/{_PUBLISHED}" for version in ("v1", "v1beta1")),
    f"/v1beta1/{_PUBLISHED}",
)
"""Where a model stands: at AI Studio, with and without `models/` (a tuned one has another word); at Vertex, in a project or with
a key that belongs to one."""
_CLIENTS: Final = frozenset({"x-goog-api-key", "x-goog-api-client"})


class Gemini:
    """Google's generateContent, at AI Studio and at Vertex."""

    id: str = ID
    paths: tuple[Path, ...] = (
        *(Path("POST", f"{place}:{method}", operation) for place in _PLACES for method, operation in METHODS.items()),
        Path("GET", "/v1beta/models", "models"),
        Path("GET", "/v1beta/models/{model}", "model"),
        Path("GET", "/v1/models", "models"),
        Path("GET", "/v1/models/{model}", "model"),
        *DOORS,
    )
    key_in_query: bool = True
    counts: bool = True
    embedder: Embedder | None = EMBEDDER
    passes: tuple[Path, ...] = ()
    weights: Mapping[str, LossKind | None] = ANSWER_WEIGHTS

    # as a server, to our clients

    def claims(self, headers: Headers) -> bool:
        return any(name in _CLIENTS for name, _ in headers)

    def peek(self, method: str, path: str, query: str, headers: Headers, body: bytes) -> Envelope:
        return peek(method, path, query, headers, body)

    def attached(self, body: bytes) -> str | None:
        return None

    def parse_request(self, envelope: Envelope, open_seal: OpenSeal) -> Request:
        return parse_request(envelope, open_seal)

    def encoder(self, answering: Answering) -> StreamEncoder | WholeEncoder:
        return StreamEncoder(answering) if answering.stream else WholeEncoder(answering)

    def build_error(self, error: Error, request_id: str) -> tuple[int, bytes]:
        return errors.build_error(error)

    def frames(self, framing: str) -> Frames:
        return _ELEMENTS if framing == ARRAY else _EVENTS

    def splitter(self, framing: str) -> Splitter:
        return ArraySplitter() if framing == ARRAY else sse.Splitter()

    def error_event(self, error: Error, request_id: str, framing: str = "", *, begun: bool = True) -> bytes:
        return errors.error_event(error, framing, begun=begun)

    def refusal(self, losses: tuple[Loss, ...]) -> Error:
        return errors.refusal(losses)

    def count_answer(self, tokens: int) -> bytes:
        return json.encode({"totalTokens": tokens})

    def models(self, names: Sequence[ModelName], query: str) -> bytes:
        return catalogue.models(names, query)

    def model(self, name: ModelName) -> bytes:
        return catalogue.model(name)

    # as a client, to providers

    def endpoint(self, target: Target, operation: str, stream: bool, framing: str = "") -> str:
        return copy.endpoint(target, operation, stream, framing)

    def retarget(self, envelope: Envelope, target: Target, quirks: Quirks) -> Built:
        return copy.retarget(envelope, target)

    def copyable(self, envelope: Envelope, target: Target, quirks: Quirks) -> bool:
        return copy.copyable(envelope)

    def build_request(self, request: Request, target: Target, quirks: Quirks) -> Built:
        return build_request(request, target, quirks)

    def build_count(self, request: Request, target: Target, quirks: Quirks) -> Built:
        return build_count(request, target, quirks)

    def read_count(self, body: bytes) -> int | None:
        return read_count(body)

    def decoder(self, stream: bool, quirks: Quirks, undo: Undo) -> Decoder:
        return Decoder(quirks, undo)

    def hidden(self, event: bytes, undo: Undo) -> bool:
        """Nothing that a splice of ours causes comes back as an event of its own."""
        return False

    def parse_error(self, status: int, headers: Headers, body: bytes) -> Error:
        return parse_error(status, headers, body)
