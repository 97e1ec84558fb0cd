"""ANTHROPIC MESSAGES, as client dialect and as provider dialect, compatible servers included.

Rule: what a client or a provider of this dialect wrote is written back as it was; what others wrote is told in this
dialect's words, or told as a loss.
"""

from dragoman.dialects.anthropic.dialect import Anthropic
from dragoman.dialects.base import Dialect

DIALECT: Dialect = Anthropic()
