"""The dialect as the contract wants it (dialects/base): everything is delegated."""

from collections.abc import Mapping, Sequence

from dragoman.core.config import Target
from dragoman.core.errors import Error
from dragoman.core.loss import Loss, LossKind
from dragoman.core.model import ModelName
from dragoman.core.quirks import Quirks
from dragoman.core.request import Envelope, Headers, Request
from dragoman.dialects import attached, catalogue
from dragoman.dialects.base import Answering, Built, Decoder, Embedder, Encoder, Frames, OpenSeal, Path, Undo
from dragoman.dialects.faults.read import parse_error
from dragoman.dialects.openai import errors
from dragoman.dialects.openai.doors import DOORS
from dragoman.dialects.openai.embedding import EMBEDDER
from dragoman.dialects.openai_chat import copy, files
from dragoman.dialects.openai_chat.build import build_request
from dragoman.dialects.openai_chat.decode import ChatDecoder
from dragoman.dialects.openai_chat.encode import StreamEncoder
from dragoman.dialects.openai_chat.encode_whole import WholeEncoder
from dragoman.dialects.openai_chat.facts import ANSWER_WEIGHTS, ID
from dragoman.dialects.openai_chat.parse import parse_request, peek
from dragoman.wire import json, sse

_FRAMES = Frames(ping=b": ping\n\n", comments=True)


class OpenAIChat:
    """OpenAI Chat Completions and its compatible flavours."""

    id: str = ID
    paths: tuple[Path, ...] = (
        Path("POST", "/v1/chat/completions", "chat"),
        Path("GET", "/v1/models", "models"),
        Path("GET", "/v1/models/{model}", "model"),
        *DOORS,
    )
    key_in_query: bool = False
    counts: bool = False
    embedder: Embedder | None = EMBEDDER
    passes: tuple[Path, ...] = ()
    weights: Mapping[str, LossKind | None] = ANSWER_WEIGHTS

    # as a server, to our clients

    def claims(self, headers: Headers) -> bool:
        """Its clients say nothing about themselves: what nobody claims is theirs."""
        return False

    def peek(self, method: str, path: str, query: str, headers: Headers, body: bytes) -> Envelope:
        return peek(method, path, query, headers, body)

    def attached(self, body: bytes) -> str | None:
        return attached.last(body, files.Conversation, files.ids)

    def parse_request(self, envelope: Envelope, open_seal: OpenSeal) -> Request:
        return parse_request(envelope, open_seal)

    def encoder(self, answering: Answering) -> Encoder:
        return StreamEncoder(answering) if answering.stream else WholeEncoder(answering)

    def build_error(self, error: Error, request_id: str) -> tuple[int, bytes]:
        return errors.build_error(error)

    def refusal(self, losses: tuple[Loss, ...]) -> Error:
        return errors.refusal(losses)

    def frames(self, framing: str) -> Frames:
        return _FRAMES

    def splitter(self, framing: str) -> sse.Splitter:
        return sse.Splitter()

    def error_event(self, error: Error, request_id: str, framing: str = "", *, begun: bool = True) -> bytes:
        return errors.error_event(error)

    def count_answer(self, tokens: int) -> bytes:
        """Chat has no such call; the answer is that of Responses."""
        return json.encode({"object": "response.input_tokens", "input_tokens": tokens})

    def models(self, names: Sequence[ModelName], query: str) -> bytes:
        return catalogue.models(names)

    def model(self, name: ModelName) -> bytes:
        return catalogue.model(name)

    # as a client, to providers

    def endpoint(self, target: Target, operation: str, stream: bool, framing: str = "") -> str:
        return copy.endpoint(target)

    def retarget(self, envelope: Envelope, target: Target, quirks: Quirks) -> Built:
        return copy.retarget(envelope, target, quirks)

    def copyable(self, envelope: Envelope, target: Target, quirks: Quirks) -> bool:
        return copy.copyable(envelope, quirks)

    def build_request(self, request: Request, target: Target, quirks: Quirks) -> Built:
        return build_request(request, target, quirks)

    def build_count(self, request: Request, target: Target, quirks: Quirks) -> Built:
        """As to be answered: Chat has no call that counts."""
        return build_request(request, target, quirks)

    def read_count(self, body: bytes) -> int | None:
        return None

    def decoder(self, stream: bool, quirks: Quirks, undo: Undo) -> Decoder:
        return ChatDecoder(quirks, undo)

    def hidden(self, event: bytes, undo: Undo) -> bool:
        return copy.hidden(event, undo)

    def parse_error(self, status: int, headers: Headers, body: bytes) -> Error:
        return parse_error(status, headers, body)
