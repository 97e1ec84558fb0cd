"""A dialect of providers and clients that asks for embeddings in Gemini's words, and for the rest in OpenAI Chat's: one more
embedder for the tests, however many dialects are built."""

from dragoman.dialects.base import Embedder, Path
from dragoman.dialects.gemini.embedding import EMBEDDER
from dragoman.dialects.openai_chat.dialect import OpenAIChat

OTHER = "gemini-words"


class Other(OpenAIChat):
    id: str = OTHER
    embedder: Embedder | None = EMBEDDER
    paths: tuple[Path, ...] = (
        Path("POST", "/other/v1/models/{model}:embedContent", "embed", root="/other/v1"),
        Path("POST", "/other/v1/models/{model}:batchEmbedContents", "embed", root="/other/v1"),
    )
