"""COHERE'S CHAT API, version 2 (`/v2/chat`), as the dialect of providers alone: no client of ours speaks it.

Rule: what the vendor refuses beyond a range is brought into it, and told.
"""

from dragoman.dialects.base import ProviderDialect
from dragoman.dialects.cohere.dialect import Cohere

DIALECT: ProviderDialect = Cohere()
