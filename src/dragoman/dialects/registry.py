"""The dialects that are built, by id. A new one is a folder and a line here."""

from collections.abc import Mapping
from types import MappingProxyType

from dragoman.dialects import anthropic, gemini, openai_chat
from dragoman.dialects.base import Dialect

DIALECTS: Mapping[str, Dialect] = MappingProxyType(
    {dialect.id: dialect for dialect in (anthropic.DIALECT, gemini.DIALECT, openai_chat.DIALECT)}
)
