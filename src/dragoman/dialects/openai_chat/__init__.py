"""OPENAI CHAT COMPLETIONS, as the dialect of clients and of providers, compatible ones included.

Rule: a provider's deviation is a quirk row or a tolerated oddity of the decoder, never a branch on its name.
"""

from dragoman.dialects.base import Dialect
from dragoman.dialects.openai_chat.dialect import OpenAIChat

DIALECT: Dialect = OpenAIChat()
