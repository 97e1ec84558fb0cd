"""A conversation without its earlier thoughts, for a target that refuses their proofs (routing/learned).

Rule: all that carries a thought goes, its text as well: half a thought is refused as surely as a whole one. A turn that was
nothing else goes with it.
"""

from typing import Final

from msgspec.structs import replace

from dragoman.core.loss import Loss, LossKind
from dragoman.core.parts import Extras, Reasoning, ToolCall
from dragoman.core.request import Message, Request
from dragoman.wire.json import escape

# Members of compatible servers in which thoughts ride that stay extras (their API references, 2026-11): OpenRouter's list, the
# strings of DeepSeek and others, LiteLLM's blocks, Google's signature on a tool call.
CARRIERS: Final = frozenset(
    {"reasoning_details", "reasoning_content", "reasoning", "thinking_blocks", "extra_content", "thought_signature"}
)
_WHY = "its provider refused the proofs of earlier thinking, so none of it is sent back"


def thinks(request: Request) -> bool:
    """There is an earlier thought to leave out."""
    return any(_lost(message) for message in request.messages)


def forgetful(request: Request, turns: int) -> tuple[Request, tuple[Loss, ...]]:
    """(the request without the thoughts of its first `turns` messages, what that loses)."""
    losses = tuple(loss for message in request.messages[:turns] for loss in _lost(message))
    if not losses:
        return request, ()
    told = (_without(message) if _lost(message) else message for message in request.messages[:turns])
    kept = tuple(message for message, before in zip(told, request.messages, strict=False) if message.parts or not before.parts)
    return replace(request, messages=(*kept, *request.messages[turns:])), losses


def _lost(message: Message) -> list[Loss]:
    if message.role != "assistant":
        return []
    found = [Loss(part.at, LossKind.DROPPED, _WHY) for part in message.parts if isinstance(part, Reasoning)]
    carried = [(message.at, message.extras), *((part.at, part.extras) for part in message.parts if isinstance(part, ToolCall))]
    found += [
        Loss(f"{at}/{escape(name)}", LossKind.DROPPED, _WHY) for at, extras in carried for name in extras if name in CARRIERS
    ]
    return found


def _without(message: Message) -> Message:
    parts = (part for part in message.parts if not isinstance(part, Reasoning))
    left = tuple(replace(part, extras=_plain(part.extras)) if isinstance(part, ToolCall) else part for part in parts)
    return replace(message, parts=left, extras=_plain(message.extras))


def _plain(extras: Extras) -> Extras:
    return {name: raw for name, raw in extras.items() if name not in CARRIERS}
