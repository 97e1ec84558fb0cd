"""Embeddings as Cohere is asked for them (`POST /v2/embed`; its API reference, 2026-11)."""

from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct

from dragoman.core.config import Target
from dragoman.core.embedding import EmbeddingRequest, Embeddings, Task
from dragoman.core.errors import broken
from dragoman.dialects.base import Built, ProviderEmbedder
from dragoman.dialects.gleaning import usage_in
from dragoman.dialects.ledger import Ledger
from dragoman.wire import json

_TASKS: Final[Mapping[Task, str]] = {
    "query": "search_query",
    "document": "search_document",
    "classification": "classification",
    "clustering": "clustering",
}
_USUAL: Final = "search_document"
"""The vendor demands a task; texts that are embedded without one are mostly there to be found."""


class _Vectors(Struct):
    float: list[list[float]]


class _Answer(Struct):
    embeddings: _Vectors
    meta: dict[str, Any] | None = None


class CohereEmbedder:
    """Of version 2 of its API."""

    path: str = "/embed"
    most: int = 96

    def build(self, request: EmbeddingRequest, target: Target) -> Built:
        ledger = Ledger(own=False, weights=request.weights)
        if not all(isinstance(piece, str) for piece in request.pieces):
            ledger.refuse(request.at("pieces"), "Cohere takes texts, no token ids of another vocabulary")
        body: dict[str, Any] = {
            "model": target.model, "texts": request.pieces, "embedding_types": ["float"],
            "input_type": _USUAL if request.task is None else _TASKS.get(request.task, _USUAL),
        }  # fmt: skip
        if request.task is not None and request.task not in _TASKS:
            ledger.drop(request.at("task"), "Cohere knows vectors for search, classification and clustering")
        if request.dimensions is not None:
            body["output_dimension"] = request.dimensions
        if request.truncate is not None:
            body["truncate"] = request.truncate.upper()
        if request.title is not None:
            ledger.drop(request.at("title"), "a text has no title beside it")
        if request.user is not None:
            ledger.hint(request.at("user"), "nobody is named here")
        ledger.extras(request.extras, "")
        return Built(body=json.encode(body), losses=ledger.told())

    def read(self, body: bytes, request: EmbeddingRequest) -> Embeddings:
        try:
            answer = json.decode(body, _Answer)
        except json.JSONError:
            raise broken("the provider's answer holds no embeddings") from None
        return Embeddings(vectors=request.answered(answer.embeddings.float), usage=usage_in(answer.meta))


EMBEDDER: Final[ProviderEmbedder] = CohereEmbedder()
