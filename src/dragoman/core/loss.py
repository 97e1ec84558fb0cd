"""What a target cannot say, told instead of hidden."""

from enum import StrEnum

from msgspec import Struct


class LossKind(StrEnum):
    """How much a loss matters, from least to most."""

    HINT = "hint"
    """May change cost, latency or caching only."""
    APPROXIMATED = "approximated"
    """The same intent in another form."""
    DROPPED = "dropped"
    """May change the answer."""
    REFUSED = "refused"
    """The answer would be wrong: the target cannot serve this call."""


class Loss(Struct, frozen=True):
    """`path`: JSON Pointer (RFC 6901) into the client's request, or under `/response` into the provider's answer."""

    path: str
    kind: LossKind
    why: str = ""
