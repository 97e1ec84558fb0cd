"""GOOGLE GEMINI, generateContent: as the dialect of clients and of providers, AI Studio and Vertex.

Rule: what a client or a provider of this dialect wrote is written back as it was; what others wrote is told in this dialect's
words, or told as a loss.
"""

from dragoman.dialects.base import Dialect
from dragoman.dialects.gemini.dialect import Gemini

DIALECT: Dialect = Gemini()
