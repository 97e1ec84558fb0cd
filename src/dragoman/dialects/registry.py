"""The dialects that are built, by id. A new one is a folder and a line here."""

from collections.abc import Mapping
from types import MappingProxyType

from dragoman.dialects import anthropic, bedrock, cohere, gemini, ollama, openai_chat, openai_responses
from dragoman.dialects.base import Dialect, ProviderDialect

_CLIENTS: tuple[Dialect, ...] = (anthropic.DIALECT, gemini.DIALECT, openai_responses.DIALECT, openai_chat.DIALECT)
_PROVIDERS_ONLY: tuple[ProviderDialect, ...] = (bedrock.DIALECT, ollama.DIALECT, cohere.DIALECT)

CLIENTS: Mapping[str, Dialect] = MappingProxyType({dialect.id: dialect for dialect in _CLIENTS})
"""Those that clients speak, in the order in which they get paths that nobody claims: the last first."""
DIALECTS: Mapping[str, ProviderDialect] = MappingProxyType({dialect.id: dialect for dialect in (*_CLIENTS, *_PROVIDERS_ONLY)})
"""All of them: every one is spoken to providers."""
