"""The vendor's side of dialects that only providers speak: what a client dialect has in its own parser and encoder.

Rule: written from the vendor's documentation, without the dialect's own code: the laws over builders and decoders of such a
dialect stand on it. One file a dialect.
"""

from collections.abc import Mapping
from typing import Protocol

from dragoman.core.events import Event
from dragoman.core.request import Request
from support.vendor_side import bedrock, cohere, ollama


class VendorSide(Protocol):
    """A module with these two functions."""

    def parse(self, body: bytes) -> Request:
        """What the vendor reads in a request."""
        ...

    def answer(self, events: list[Event], *, stream: bool) -> bytes:
        """What the vendor writes to say this: text, reasoning, tool calls, reason and usage, as far as it has words for them."""
        ...


SIDES: Mapping[str, VendorSide] = {"bedrock": bedrock, "ollama": ollama, "cohere": cohere}
