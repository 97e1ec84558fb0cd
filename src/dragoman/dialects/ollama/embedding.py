"""Embeddings as Ollama is asked for them (`POST /api/embed`; its API reference, 2026-11)."""

from typing import Any, Final

from msgspec import Struct

from dragoman.core.config import Target
from dragoman.core.embedding import EmbeddingRequest, Embeddings
from dragoman.core.errors import broken
from dragoman.core.events import Usage
from dragoman.dialects.base import Built, ProviderEmbedder
from dragoman.dialects.ledger import Ledger
from dragoman.wire import json


class _Answer(Struct):
    embeddings: list[list[float]]
    model: str | None = None
    prompt_eval_count: int | None = None


class OllamaEmbedder:
    """Of a server that runs models itself. It cuts what is too long unless told otherwise."""

    path: str = "/api/embed"
    most: int = 512

    def build(self, request: EmbeddingRequest, target: Target) -> Built:
        ledger = Ledger(own=False, weights=request.weights)
        if not all(isinstance(piece, str) for piece in request.pieces):
            ledger.refuse(request.at("pieces"), "Ollama takes texts, no token ids of another vocabulary")
        body: dict[str, Any] = {"model": target.model, "input": request.pieces}
        if request.dimensions is not None:
            body["dimensions"] = request.dimensions
        if request.truncate is not None:
            body["truncate"] = request.truncate != "none"
        if request.truncate == "start":
            ledger.drop(request.at("truncate"), "the end is cut off")
        for member in ("task", "title"):
            if getattr(request, member) is not None:
                ledger.drop(request.at(member), "a model of Ollama's is told nothing but the text")
        if request.user is not None:
            ledger.hint(request.at("user"), "nobody is named here")
        ledger.extras(request.extras, "")
        return Built(body=json.encode(body), losses=ledger.told())

    def read(self, body: bytes, request: EmbeddingRequest) -> Embeddings:
        try:
            answer = json.decode(body, _Answer)
        except json.JSONError:
            raise broken("the provider's answer holds no embeddings") from None
        count = answer.prompt_eval_count
        usage = None if count is None else Usage(input=max(count, 0))
        return Embeddings(vectors=request.answered(answer.embeddings), model=answer.model, usage=usage)


EMBEDDER: Final[ProviderEmbedder] = OllamaEmbedder()
