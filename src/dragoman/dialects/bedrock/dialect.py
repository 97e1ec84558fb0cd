"""The dialect as the contract wants it (dialects/base.ProviderDialect): everything is delegated."""

from collections.abc import Mapping
from typing import Final

from dragoman.core.config import Target
from dragoman.core.errors import Error
from dragoman.core.loss import LossKind
from dragoman.core.quirks import Quirks
from dragoman.core.request import Headers, Request
from dragoman.dialects.base import Built, Path, ProviderEmbedder, Undo
from dragoman.dialects.bedrock.build import build_count, build_request, read_count
from dragoman.dialects.bedrock.decode import Decoder
from dragoman.dialects.bedrock.facts import ANSWER, ID
from dragoman.dialects.endpoints import url_of
from dragoman.dialects.faults.read import parse_error

_WAYS: Final = {True: "/model/{model}/converse-stream", False: "/model/{model}/converse"}


class Bedrock:
    """Amazon Bedrock's Converse."""

    id: str = ID
    counts: bool = True
    embedder: ProviderEmbedder | None = None
    passes: tuple[Path, ...] = ()
    weights: Mapping[str, LossKind | None] = ANSWER

    def endpoint(self, target: Target, operation: str, stream: bool, framing: str = "") -> str:
        return url_of(target, "/model/{model}/count-tokens" if operation == "count_tokens" else _WAYS[stream])

    def build_request(self, request: Request, target: Target, quirks: Quirks) -> Built:
        return build_request(request, target, quirks)

    def build_count(self, request: Request, target: Target, quirks: Quirks) -> Built:
        return build_count(request, target, quirks)

    def read_count(self, body: bytes) -> int | None:
        return read_count(body)

    def decoder(self, stream: bool, quirks: Quirks, undo: Undo) -> Decoder:
        return Decoder(stream, quirks, undo)

    def parse_error(self, status: int, headers: Headers, body: bytes) -> Error:
        return parse_error(status, headers, body)
