"""The dialect as the contract wants it (dialects/base): everything is delegated."""

from collections.abc import Mapping, Sequence

from dragoman.core.config import Target
from dragoman.core.errors import Error
from dragoman.core.loss import Loss, LossKind
from dragoman.core.model import ModelName
from dragoman.core.quirks import Quirks
from dragoman.core.request import Envelope, Headers, Request
from dragoman.dialects import attached, catalogue
from dragoman.dialects.anthropic import copy, errors, files
from dragoman.dialects.anthropic.build import build_request
from dragoman.dialects.anthropic.count import build_count, read_count
from dragoman.dialects.anthropic.decode import Decoder
from dragoman.dialects.anthropic.doors import DOORS
from dragoman.dialects.anthropic.encode import StreamEncoder, WholeEncoder
from dragoman.dialects.anthropic.models import models
from dragoman.dialects.anthropic.parse import parse_request, peek
from dragoman.dialects.anthropic.parse_content import ID
from dragoman.dialects.anthropic.weights import ANSWER
from dragoman.dialects.base import Answering, Built, Embedder, Fixed, Frames, OpenSeal, Path, Undo
from dragoman.dialects.faults.read import parse_error
from dragoman.wire import json, sse

_FRAMES = Frames(ping=sse.write(b'{"type": "ping"}', "ping"), comments=True)
_HELLO = Fixed(status=200, headers=(("content-type", "application/json"),), body=b"{}")
"""Claude Code warms its connection so."""


class Anthropic:
    """Anthropic Messages, and servers that speak it."""

    id: str = ID
    paths: tuple[Path, ...] = (
        Path("POST", "/v1/messages", "chat"),
        Path("POST", "/v1/messages/count_tokens", "count_tokens"),
        Path("POST", "/api/anthropic/v1/messages", "chat"),
        Path("POST", "/api/anthropic/v1/messages/count_tokens", "count_tokens"),
        Path("GET", "/v1/models", "models"),
        Path("GET", "/v1/models/{model}", "model"),
        Path("GET", "/api/anthropic/v1/models", "models"),
        Path("GET", "/api/anthropic/v1/models/{model}", "model"),
        *DOORS,
        Path("HEAD", "/api/hello", "fixed", _HELLO),
        Path("GET", "/api/hello", "fixed", _HELLO),
    )
    key_in_query: bool = False
    counts: bool = True
    embedder: Embedder | None = None
    passes: tuple[Path, ...] = ()
    weights: Mapping[str, LossKind | None] = ANSWER

    # as a server, to our clients

    def claims(self, headers: Headers) -> bool:
        return any(name == "anthropic-version" for name, _ in headers)

    def peek(self, method: str, path: str, query: str, headers: Headers, body: bytes) -> Envelope:
        return peek(method, path, query, headers, body)

    def attached(self, body: bytes) -> str | None:
        return attached.last(body, files.Conversation, files.ids)

    def parse_request(self, envelope: Envelope, open_seal: OpenSeal) -> Request:
        return parse_request(envelope, open_seal)

    def encoder(self, answering: Answering) -> StreamEncoder | WholeEncoder:
        return StreamEncoder(answering, ID) if answering.stream else WholeEncoder(answering, ID)

    def build_error(self, error: Error, request_id: str) -> tuple[int, bytes]:
        return errors.build_error(error, request_id)

    def frames(self, framing: str) -> Frames:
        return _FRAMES

    def splitter(self, framing: str) -> sse.Splitter:
        return sse.Splitter()

    def error_event(self, error: Error, request_id: str, framing: str = "", *, begun: bool = True) -> bytes:
        return errors.error_event(error, request_id)

    def refusal(self, losses: tuple[Loss, ...]) -> Error:
        return errors.refusal(losses)

    def count_answer(self, tokens: int) -> bytes:
        return json.encode({"input_tokens": tokens})

    def models(self, names: Sequence[ModelName], query: str) -> bytes:
        return models(names, query)

    def model(self, name: ModelName) -> bytes:
        return catalogue.model(name)

    # as a client, to providers

    def endpoint(self, target: Target, operation: str, stream: bool, framing: str = "") -> str:
        return copy.endpoint(target, operation, stream)

    def retarget(self, envelope: Envelope, target: Target, quirks: Quirks) -> Built:
        return copy.retarget(envelope, target, quirks)

    def copyable(self, envelope: Envelope, target: Target, quirks: Quirks) -> bool:
        return copy.copyable(envelope, quirks)

    def build_request(self, request: Request, target: Target, quirks: Quirks) -> Built:
        return build_request(request, target, quirks)

    def build_count(self, request: Request, target: Target, quirks: Quirks) -> Built:
        return build_count(request, target, quirks)

    def read_count(self, body: bytes) -> int | None:
        return read_count(body)

    def decoder(self, stream: bool, quirks: Quirks, undo: Undo) -> Decoder:
        return Decoder(stream, quirks, undo)

    def hidden(self, event: bytes, undo: Undo) -> bool:
        """Nothing that a splice of ours causes comes back as an event of its own."""
        return False

    def parse_error(self, status: int, headers: Headers, body: bytes) -> Error:
        return parse_error(status, headers, body)
