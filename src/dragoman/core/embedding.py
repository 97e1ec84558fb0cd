"""Embeddings in a small canonical form: what is to be embedded, and the vectors. What only one dialect can say stays in `extras`.

None always means "not said".
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, TypeAlias

from msgspec import Struct

from dragoman.core.errors import broken
from dragoman.core.events import Usage
from dragoman.core.loss import LossKind
from dragoman.core.parts import Extras

Piece: TypeAlias = str | tuple[int, ...]
"""A text, or the ids of its tokens, in the model's own vocabulary."""
Task: TypeAlias = Literal["query", "document", "similarity", "classification", "clustering", "question", "fact", "code_query"]
"""What a vector is for: to search with, to be found, to be compared, ..."""


class EmbeddingRequest(Struct, frozen=True, kw_only=True):
    """Each of `pieces` becomes one vector; `alone`: the client gave one by itself, not a list of one.

    `dimensions`: the length of a vector. `encoding`: how the client wants it told: as numbers, or as their little-endian float32
    bytes. `title`: of a document. `truncate`: what of a text that is too long may be cut off.
    `paths`: member -> JSON Pointer in the client's request (default: `/` + member). `weights`: as Request.weights.
    """

    dialect: str
    pieces: tuple[Piece, ...]
    model: str | None = None
    alone: bool = False
    dimensions: int | None = None
    encoding: Literal["float", "base64"] = "float"
    task: Task | None = None
    title: str | None = None
    truncate: Literal["none", "start", "end"] | None = None
    user: str | None = None
    extras: Extras = {}
    paths: Mapping[str, str] = {}
    weights: Mapping[str, LossKind | None] = {}

    def at(self, member: str) -> str:
        """JSON Pointer of a member in the client's request."""
        return self.paths.get(member, f"/{member}")

    def answered(self, vectors: Iterable[Sequence[float]]) -> tuple[Sequence[float], ...]:
        """The vectors of a provider's answer. Raises CallError where they are not one for each piece."""
        found = tuple(vectors)
        if len(found) != len(self.pieces):
            raise broken(f"the provider answered {len(found)} embeddings to {len(self.pieces)} texts")
        return found


class Embeddings(Struct, frozen=True, kw_only=True):
    """`vectors`: one for each piece, in their order. `model` and `usage` as the provider told them."""

    vectors: tuple[Sequence[float], ...]
    model: str | None = None
    usage: Usage | None = None
