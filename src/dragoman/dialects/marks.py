"""Prompt cache marks in the order of the prompt: tools, instructions, turns.

Rule: of more than a target takes the last ones stay. A provider looks from each mark back for what it knows already, and
what the next turn will send again ends at the last.
"""

from collections.abc import Callable, Iterator
from typing import Final, TypeAlias

from dragoman.core.parts import CacheMark, Media, Opaque, Part, Text, ToolCall, ToolResult
from dragoman.core.request import Request, Tool

# Anthropic's and OpenAI's guides to prompt caching (2026-11): both write four.
MOST: Final = 4
LONG: Final = frozenset({"1h", "12h", "24h"})
"""The times to keep that are the longer one of their vendor."""
Piece: TypeAlias = Part | Tool


def marks(request: Request) -> Iterator[tuple[Piece, CacheMark]]:
    """Every mark of a request, with the piece it stands on."""
    for piece in _pieces(request):
        if isinstance(piece, Text | Media | ToolCall | ToolResult | Tool) and piece.cache is not None:
            yield piece, piece.cache


def kept(request: Request, takes: Callable[[Piece], bool] = lambda piece: True) -> frozenset[int]:
    """The identities of the marks that stay: the last four on pieces that take one."""
    found = [id(mark) for piece, mark in marks(request) if takes(piece)]
    return frozenset(found[-MOST:])


def _pieces(request: Request) -> Iterator[Piece | Opaque]:
    yield from request.tools
    yield from request.system
    for message in request.messages:
        for part in message.parts:
            if isinstance(part, ToolResult):
                yield from part.parts
            yield part
