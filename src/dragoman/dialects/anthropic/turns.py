"""The conversation as `system` and `messages`.

Rule: a client of this dialect gets its own turns back as it wrote them. Other histories are paired, settled and merged, so
that user and assistant take turns, results come first, and the beginning never depends on what follows.
"""

from typing import Any

from msgspec.structs import replace

from dragoman.core.parts import Opaque
from dragoman.core.request import Message, Request
from dragoman.dialects.anthropic.content import Block, bare, block, blocks, plain
from dragoman.dialects.anthropic.draft import Draft
from dragoman.dialects.conversation import opened, placed
from dragoman.dialects.history import merged, reminder, settled
from dragoman.dialects.ledger import below

_NOTHING = "."
"""A user turn that is needed where there is none to tell: first, or where all of one was lost."""
_GO_ON = "Continue exactly where your last message ends. Do not repeat any of it."


def conversation(request: Request, draft: Draft) -> tuple[list[Block], list[dict[str, Any]]]:
    """(system blocks, messages)."""
    if draft.own:
        return _own_system(request, draft), [told for turn in request.messages if (told := _own(turn, draft)) is not None]
    pieces, rest = opened(request, draft.messages, draft.ledger)
    turns = merged(placed(settled(rest), draft.ledger, native=draft.quirks.mid_system is True))
    system = [found for piece in pieces if (found := block(piece, "system", draft)) is not None]
    return system, _alternating(turns, draft)


def _own_system(request: Request, draft: Draft) -> list[Block]:
    """The client's blocks; whole, where they stood, those in which a line is not for a model."""
    told = [(piece.at, found) for piece in request.system if (found := block(piece, "system", draft)) is not None]
    whole = below(request.extras, "/system/")
    if not whole:
        return [found for _, found in told]
    placed = {**{at.rpartition("/")[2]: found for at, found in told}, **whole}
    return [placed[place] for place in sorted(placed, key=int)]


def _own(turn: Message, draft: Draft) -> dict[str, Any] | None:
    if turn.role == "system" and draft.quirks.mid_system is False:
        turn = _reminder(turn, draft)
    found = blocks(turn.parts, turn.role, draft)
    if turn.parts and not found:
        return None
    content = plain(found, bare=bare(turn.parts, draft))
    return {"role": turn.role, "content": content, **turn.extras}


def _reminder(message: Message, draft: Draft) -> Message:
    turn = reminder(message, draft.ledger)
    for part in turn.parts:
        if isinstance(part, Opaque):
            draft.ledger.drop(part.at, f"{part.kind}: only a system message can say this")
    return replace(turn, parts=tuple(part for part in turn.parts if not isinstance(part, Opaque)))


def _alternating(turns: tuple[Message, ...], draft: Draft) -> list[dict[str, Any]]:
    out: list[tuple[str, list[Block]]] = []
    for turn in turns:
        found = blocks(turn.parts, turn.role, draft)
        if not found and turn.role == "user":
            found = [{"type": "text", "text": _NOTHING}]
        if not found:
            continue
        if out and out[-1][0] == turn.role:
            out[-1][1].extend(found)
        else:
            out.append((turn.role, found))
    if not out or out[0][0] != "user":
        out.insert(0, ("user", [{"type": "text", "text": _NOTHING}]))
    _end(out, turns, draft)
    return [{"role": role, "content": plain(found, bare=True)} for role, found in out]


def _end(out: list[tuple[str, list[Block]]], turns: tuple[Message, ...], draft: Draft) -> None:
    """A conversation that ends in an assistant turn asks to go on from there."""
    role, last = out[-1]
    if role != "assistant":
        return
    at = turns[-1].at
    if draft.quirks.prefill is False:
        draft.ledger.approximate(at, "to be continued: told as an instruction")
        out.append(("user", [{"type": "text", "text": _GO_ON}]))
        return
    final = last[-1]
    if isinstance(final, dict) and final["type"] == "text" and final["text"] != final["text"].rstrip():
        draft.ledger.approximate(at, "a text to be continued must not end in white space")
        last[-1] = {**final, "text": final["text"].rstrip()}
