"""OPENAI RESPONSES, as the dialect of clients (Codex, the official SDKs) and of providers, compatible ones included.

Rule: an item is told whole in its own dialect; elsewhere its words, calls and results are, and what only this dialect has is told
as a loss.
"""

from dragoman.dialects.base import Dialect
from dragoman.dialects.openai_responses.dialect import OpenAIResponses

DIALECT: Dialect = OpenAIResponses()
