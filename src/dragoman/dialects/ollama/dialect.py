"""The dialect as the contract wants it (dialects/base): everything is delegated."""

from collections.abc import Mapping

from dragoman.core.config import Target
from dragoman.core.errors import Error
from dragoman.core.loss import LossKind
from dragoman.core.quirks import Quirks
from dragoman.core.request import Headers, Request
from dragoman.dialects.base import Built, Decoder, Path, ProviderEmbedder, Undo
from dragoman.dialects.endpoints import url_of
from dragoman.dialects.faults.read import parse_error
from dragoman.dialects.ollama.build import build_request
from dragoman.dialects.ollama.decode import OllamaDecoder
from dragoman.dialects.ollama.embedding import EMBEDDER
from dragoman.dialects.ollama.facts import ANSWER_WEIGHTS, ID


class Ollama:
    """Ollama, on its own API."""

    id: str = ID
    counts: bool = False
    embedder: ProviderEmbedder | None = EMBEDDER
    passes: tuple[Path, ...] = ()
    weights: Mapping[str, LossKind | None] = ANSWER_WEIGHTS

    def endpoint(self, target: Target, operation: str, stream: bool, framing: str = "") -> str:
        return url_of(target, "/api/chat")

    def build_request(self, request: Request, target: Target, quirks: Quirks) -> Built:
        return build_request(request, target, quirks)

    def build_count(self, request: Request, target: Target, quirks: Quirks) -> Built:
        """As to be answered: Ollama has no call that counts."""
        return build_request(request, target, quirks)

    def read_count(self, body: bytes) -> int | None:
        return None

    def decoder(self, stream: bool, quirks: Quirks, undo: Undo) -> Decoder:
        return OllamaDecoder(quirks, undo)

    def parse_error(self, status: int, headers: Headers, body: bytes) -> Error:
        return parse_error(status, headers, body)
