"""The dialect as the contract wants it (dialects/base): everything is delegated."""

from collections.abc import Mapping

from dragoman.core.config import Target
from dragoman.core.errors import Error
from dragoman.core.loss import LossKind
from dragoman.core.quirks import Quirks
from dragoman.core.request import Headers, Request
from dragoman.dialects.base import Built, Decoder, Path, ProviderEmbedder, Undo
from dragoman.dialects.cohere.build import build_request
from dragoman.dialects.cohere.decode import CohereDecoder
from dragoman.dialects.cohere.embedding import EMBEDDER
from dragoman.dialects.cohere.facts import ANSWER_WEIGHTS, ID, KINDS
from dragoman.dialects.endpoints import url_of
from dragoman.dialects.faults.read import parse_error
from dragoman.dialects.openai.doors import RERANK


class Cohere:
    """Cohere, on version 2 of its own API."""

    id: str = ID
    counts: bool = False
    embedder: ProviderEmbedder | None = EMBEDDER
    passes: tuple[Path, ...] = RERANK
    weights: Mapping[str, LossKind | None] = ANSWER_WEIGHTS

    def endpoint(self, target: Target, operation: str, stream: bool, framing: str = "") -> str:
        return url_of(target, "/chat")

    def build_request(self, request: Request, target: Target, quirks: Quirks) -> Built:
        return build_request(request, target, quirks)

    def build_count(self, request: Request, target: Target, quirks: Quirks) -> Built:
        """As to be answered: Cohere counts the tokens of texts, not of conversations."""
        return build_request(request, target, quirks)

    def read_count(self, body: bytes) -> int | None:
        return None

    def decoder(self, stream: bool, quirks: Quirks, undo: Undo) -> Decoder:
        return CohereDecoder(quirks, undo)

    def parse_error(self, status: int, headers: Headers, body: bytes) -> Error:
        return parse_error(status, headers, body, KINDS)
