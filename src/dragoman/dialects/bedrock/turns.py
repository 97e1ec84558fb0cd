"""The conversation as `system` and `messages`.

Rule: histories are paired, settled and merged, so that user and assistant take turns, results come first, and the beginning never
depends on what follows.
"""

from typing import Any

from dragoman.core.parts import Opaque, Text
from dragoman.core.request import Message, Request
from dragoman.dialects.bedrock.content import NOTHING, blocks, opaque, shown
from dragoman.dialects.bedrock.draft import Draft
from dragoman.dialects.billing import spoken
from dragoman.dialects.conversation import opened, placed
from dragoman.dialects.history import merged, settled

_GO_ON = "Continue exactly where your last message ends. Do not repeat any of it."


def conversation(request: Request, draft: Draft) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """(system blocks, messages)."""
    pieces, rest = opened(request, draft.messages, draft.ledger)
    system = [block for piece in spoken(pieces, draft.ledger) for block in _system(piece, draft)]
    turns = merged(placed(settled(rest), draft.ledger, native=draft.quirks.mid_system is True))
    return system, _alternating(turns, draft)


def _system(piece: Text | Opaque, draft: Draft) -> list[dict[str, Any]]:
    if isinstance(piece, Opaque):
        opaque(piece, draft)
        return []
    shown(piece, draft)
    told: list[dict[str, Any]] = [{"text": piece.text}] if piece.text.strip() else []
    return [*told, *draft.marked(piece.cache, piece.at)]


def _alternating(turns: tuple[Message, ...], draft: Draft) -> list[dict[str, Any]]:
    out: list[dict[str, Any]] = []
    for turn in turns:
        found = blocks(turn.parts, turn.role, draft)
        if not found and turn.role == "user":
            found = [NOTHING]
        if not found:
            continue
        if out and out[-1]["role"] == turn.role:
            out[-1]["content"].extend(found)
        else:
            out.append({"role": turn.role, "content": found})
    if not out or out[0]["role"] != "user":
        out.insert(0, {"role": "user", "content": [NOTHING]})
    if out[-1]["role"] == "assistant":
        _continued(out, turns[-1].at, draft)
    return out


def _continued(out: list[dict[str, Any]], at: str, draft: Draft) -> None:
    """A conversation that ends in an assistant turn asks to go on from there. Most models of Bedrock cannot."""
    if draft.quirks.prefill is not True:
        draft.ledger.approximate(at, "to be continued: told as an instruction")
        out.append({"role": "user", "content": [{"text": _GO_ON}]})
        return
    final = out[-1]["content"][-1]
    if "text" in final and final["text"] != final["text"].rstrip():
        draft.ledger.approximate(at, "a text to be continued must not end in white space")
        out[-1]["content"][-1] = {"text": final["text"].rstrip()}
