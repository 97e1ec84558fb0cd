"""AMAZON BEDROCK'S CONVERSE, as a dialect of providers.

Rule: no client speaks it, so all it is asked was said in another dialect: what it has no word for is told as a loss.
"""

from dragoman.dialects.base import ProviderDialect
from dragoman.dialects.bedrock.dialect import Bedrock

DIALECT: ProviderDialect = Bedrock()
