"""The conversation as `system` and `messages`.

Rule: a client of this dialect gets its own turns back as it wrote them. Other histories are paired, settled and merged, so
that user and assistant take turns, results come first, and the beginning never depends on what follows.
"""

from typing import Any

from msgspec.structs import replace

from dragoman.core.parts import Opaque, Text
from dragoman.core.request import Message, Request
from dragoman.dialects.anthropic.content import Block, bare, block, blocks, plain
from dragoman.dialects.anthropic.draft import Draft
from dragoman.dialects.history import leading_system, merged, reminder, settled, tell_gaps
from dragoman.dialects.ledger import below

_NOTHING = "."
"""A user turn that is needed where there is none to tell: first, or where all of one was lost."""
_GO_ON = "Continue exactly where your last message ends. Do not repeat any of it."


def conversation(request: Request, draft: Draft) -> tuple[list[Block], list[dict[str, Any]]]:
    """(system blocks, messages)."""
    if draft.own:
        return _own_system(request, draft), [told for turn in request.messages if (told := _own(turn, draft)) is not None]
    for message in request.messages:
        draft.ledger.extras(message.extras, message.at, "messages")
    pieces, rest = leading_system(replace(request, messages=draft.messages))
    tell_gaps(leading_system(request)[1], draft.ledger)
    turns = merged(_placed(settled(rest), draft))
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


def _placed(messages: tuple[Message, ...], draft: Draft) -> list[Message]:
    """System messages in the middle, where the target takes them: after a user turn, before the assistant's.

    Elsewhere, and where it takes none, each is a reminder in the user's turn.
    """
    out: list[Message] = []
    held: list[Message] = []

    def place() -> None:
        native = draft.quirks.mid_system is True and bool(out) and out[-1].role in ("user", "tool")
        for message in held:
            texts_only = all(isinstance(part, Text) for part in message.parts)
            out.append(replace(message, role="system") if native and texts_only else _reminder(message, draft))
        held.clear()

    for message in messages:
        if message.role in ("system", "developer"):
            if draft.quirks.mid_system is True:
                held.append(message)
            else:
                out.append(_reminder(message, draft))
            continue
        if held and message.role == "assistant":
            place()
        elif held:
            draft.ledger.approximate(held[0].at, "moved behind the user turn that follows it")
        out.append(message)
    place()
    return out


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
