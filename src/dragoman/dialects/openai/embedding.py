"""Embeddings as OpenAI asks for and tells them (`POST /v1/embeddings`; API reference and SDK 3.52.0, 2026-11).

Rule: base64 is the little-endian float32 bytes of a vector. Official SDKs ask for it without being told to.
"""

import binascii
import math
import struct
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Raw, Struct

from dragoman.core.config import Target
from dragoman.core.embedding import EmbeddingRequest, Embeddings, Piece
from dragoman.core.errors import bad_request, broken
from dragoman.core.events import Usage
from dragoman.core.loss import LossKind
from dragoman.core.request import Envelope
from dragoman.dialects import passing
from dragoman.dialects.base import Built, Embedder
from dragoman.dialects.gleaning import usage_in
from dragoman.dialects.ledger import Ledger
from dragoman.wire import json
from dragoman.wire.json import Members

WEIGHTS: Mapping[str, LossKind | None] = {"*": LossKind.DROPPED, "metadata": LossKind.HINT}
_PATHS = {"pieces": "/input", "encoding": "/encoding_format"}
_FLOAT32 = 4


class _Item(Struct):
    embedding: list[float] | str
    index: int | None = None


class _Answer(Struct):
    data: list[_Item]
    model: str | None = None
    usage: dict[str, Any] | None = None


class OpenAIEmbedder:
    """Of OpenAI's dialects and their compatible flavours."""

    path: str = "/embeddings"
    most: int = 2048

    def parse(self, envelope: Envelope) -> EmbeddingRequest:
        body = Members(envelope.body)
        body.take("model", str)
        pieces, alone = _pieces(body.take_raw("input"))
        encoding = body.take("encoding_format", str)
        if encoding not in (None, "float", "base64"):
            raise bad_request(f"encoding_format: must be 'float' or 'base64', not {encoding!r}", "encoding_format")
        return EmbeddingRequest(
            dialect=envelope.dialect, model=envelope.model, pieces=pieces, alone=alone, dimensions=body.take("dimensions", int),
            encoding="base64" if encoding == "base64" else "float", user=body.take("user", str), extras=body.rest(),
            paths=_PATHS, weights=WEIGHTS,
        )  # fmt: skip

    def answer(self, request: EmbeddingRequest, embeddings: Embeddings) -> bytes:
        told = _base64 if request.encoding == "base64" else list
        usage = embeddings.usage or Usage()
        data = [
            {"object": "embedding", "index": index, "embedding": told(vector)} for index, vector in enumerate(embeddings.vectors)
        ]
        counts = {"prompt_tokens": usage.input, "total_tokens": usage.input}
        return json.encode({"object": "list", "data": data, "model": embeddings.model or request.model or "", "usage": counts})

    def retarget(self, envelope: Envelope, target: Target) -> bytes:
        return passing.retarget(envelope, target)

    def build(self, request: EmbeddingRequest, target: Target) -> Built:
        ledger = Ledger(own=False, weights=request.weights)
        body: dict[str, Any] = {"model": target.model, "input": request.pieces}
        if request.dimensions is not None:
            body["dimensions"] = request.dimensions
        if request.user is not None:
            body["user"] = request.user
        for member in ("task", "title"):
            if getattr(request, member) is not None:
                ledger.drop(request.at(member), "OpenAI's embeddings are all for the same task")
        if request.truncate in ("start", "end"):
            ledger.drop(request.at("truncate"), "a text that is too long is refused")
        ledger.extras(request.extras, "")
        return Built(body=json.encode(body), losses=ledger.told())

    def read(self, body: bytes, request: EmbeddingRequest) -> Embeddings:
        try:
            answer = json.decode(body, _Answer)
            vectors = tuple(_vector(item.embedding) for item in _in_order(answer.data))
        except (json.JSONError, binascii.Error, ValueError, struct.error):
            raise broken("the provider's answer holds no embeddings") from None
        return Embeddings(vectors=request.answered(vectors), model=answer.model, usage=usage_in(answer.usage))


EMBEDDER: Embedder = OpenAIEmbedder()


def _pieces(raw: Raw | None) -> tuple[tuple[Piece, ...], bool]:
    """(pieces, the client gave one by itself)."""
    if raw is None:
        raise bad_request("input: Field required", "input")
    if json.is_string(raw):
        return (json.decode(raw, str),), True
    for type_ in (list[str], list[list[int]]):
        try:
            found: Sequence[Any] = json.decode(raw, type_)
        except json.JSONError:
            continue
        if found:
            return tuple(one if isinstance(one, str) else tuple(one) for one in found), False
    try:
        tokens = json.decode(raw, list[int])
    except json.JSONError:
        tokens = []
    if not tokens:
        raise bad_request("input: a text, a list of texts, token ids or a list of them are expected", "input")
    return (tuple(tokens),), True


def _in_order(data: list[_Item]) -> list[_Item]:
    return sorted(data, key=lambda item: item.index) if all(item.index is not None for item in data) else data  # type: ignore[arg-type, return-value]


def _vector(told: list[float] | str) -> Sequence[float]:
    if not isinstance(told, str):
        return told
    data = b64decode(told, validate=True)
    numbers = struct.unpack(f"<{len(data) // _FLOAT32}f", data)
    if not all(map(math.isfinite, numbers)):
        raise ValueError("no number")
    return numbers


def _base64(vector: Sequence[float]) -> str:
    try:
        return b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()
    except OverflowError:
        raise broken("the provider's answer holds a number that is larger than any float32") from None
