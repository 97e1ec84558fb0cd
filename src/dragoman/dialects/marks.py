"""Prompt cache marks in the order of the prompt: tools, instructions, turns.

Rule: of more than a target takes the last ones stay. A provider looks from each mark back for what it knows already, and
what the next turn will send again ends at the last.
"""

from collections.abc import Callable, Iterator
from typing import Final, TypeAlias

from dragoman.core.parts import CacheMark, Media, Opaque, Part, Text, ToolCall, ToolResult
from dragoman.core.request import Message, Request, Tool

# Anthropic's, OpenAI's and Amazon's guides to prompt caching (2026-11): all take four.
MOST: Final = 4
LONG: Final = frozenset({"1h", "12h", "24h"})
"""The times to keep that are the longer one of their vendor."""
Piece: TypeAlias = Part | Tool
Holder: TypeAlias = Message | ToolResult | None
"""What a piece stands in; None: a tool, or a piece of the instructions."""
Takes: TypeAlias = Callable[[Piece, Holder], bool]
"""Whether a target's dialect has a mark on such a piece."""


def marks(request: Request) -> Iterator[tuple[Piece, Holder, CacheMark]]:
    """Every mark of a request, with the piece it stands on."""
    for piece, holder in _pieces(request):
        if isinstance(piece, Text | Media | ToolCall | ToolResult | Tool) and piece.cache is not None:
            yield piece, holder, piece.cache


def standing(request: Request, takes: Takes = lambda piece, holder: True) -> tuple[int, ...]:
    """The identities of the marks on pieces that take one."""
    return tuple(id(mark) for piece, holder, mark in marks(request) if takes(piece, holder))


def kept(request: Request, takes: Takes = lambda piece, holder: True) -> frozenset[int]:
    """The identities of the marks that stay: the last four on pieces that take one."""
    return frozenset(standing(request, takes)[-MOST:])


def _pieces(request: Request) -> Iterator[tuple[Piece | Opaque, Holder]]:
    yield from ((tool, None) for tool in request.tools)
    yield from ((piece, None) for piece in request.system)
    for message in request.messages:
        for part in message.parts:
            if isinstance(part, ToolResult):
                yield from ((inner, part) for inner in part.parts)
            yield part, message
