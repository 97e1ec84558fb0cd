"""How many tokens a request may have, where nobody counts them for us: four characters of text a token, 1,500 an image or page.

An estimate (Claude Code falls back to the same four characters), always marked as one.
"""

from collections.abc import Sequence

from dragoman.core.embedding import Piece
from dragoman.core.request import Media, Opaque, Part, Reasoning, Refusal, Request, Text, Tool, ToolCall, ToolResult

_MEDIA = 1500
_PER_MESSAGE = 4


def estimate(request: Request) -> int:
    """Estimated input tokens, at least 1."""
    letters = sum(len(part.text) for part in request.system if isinstance(part, Text))
    tokens = 0
    for message in request.messages:
        tokens += _PER_MESSAGE
        for part in message.parts:
            more_letters, more_tokens = _part(part)
            letters += more_letters
            tokens += more_tokens
    for tool in request.tools:
        letters += len(memoryview(tool.raw)) if isinstance(tool, Opaque) else _tool(tool)
    return max(1, tokens + letters // 4)


def estimate_pieces(pieces: Sequence[Piece]) -> int:
    """Estimated tokens of what is to be embedded, at least 1."""
    letters = sum(len(piece) for piece in pieces if isinstance(piece, str))
    return max(1, letters // 4 + sum(len(piece) for piece in pieces if not isinstance(piece, str)))


def _tool(tool: Tool) -> int:
    schema = len(memoryview(tool.schema)) if tool.schema is not None else 0
    return len(tool.name) + len(tool.description or "") + schema


def _part(part: Part) -> tuple[int, int]:
    match part:
        case Text() | Reasoning() | Refusal():
            return len(part.text), 0
        case ToolCall():
            return len(part.name) + len(part.arguments), 0
        case ToolResult():
            pairs = [_part(inner) for inner in part.parts]
            return sum(pair[0] for pair in pairs), sum(pair[1] for pair in pairs)
        case Media():
            return (len(part.text), 0) if part.text is not None else (0, _MEDIA)
        case _:
            return len(memoryview(part.raw)), 0
