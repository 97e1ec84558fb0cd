"""OLLAMA'S OWN API (`/api/chat`), as the dialect of providers alone: no client of ours speaks it.

Rule: what a model's own file says (its parameters, its system prompt, its context length) stays as it is: nothing is sent that
the client did not ask for.
"""

from dragoman.dialects.base import ProviderDialect
from dragoman.dialects.ollama.dialect import Ollama

DIALECT: ProviderDialect = Ollama()
