"""The conversation as `system` and `messages`.

Rule: histories are paired, settled and merged, so that user and assistant take turns, results come first, and the beginning never
depends on what follows.
"""

from typing import Any

from msgspec.structs import replace

from dragoman.core.parts import Opaque, Part, Text
from dragoman.core.request import Message, Request
from dragoman.dialects.bedrock.content import NOTHING, blocks, opaque, shown
from dragoman.dialects.bedrock.draft import Draft
from dragoman.dialects.history import leading_system, merged, settled, unpaired

_GO_ON = "Continue exactly where your last message ends. Do not repeat any of it."


def conversation(request: Request, draft: Draft) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """(system blocks, messages)."""
    for message in request.messages:
        draft.ledger.extras(message.extras, message.at, "messages")
    pieces, rest = leading_system(replace(request, messages=draft.messages))
    _tell_gaps(rest, draft)
    system = [block for piece in pieces for block in _system(piece, draft)]
    turns = merged(_placed(settled(rest), draft))
    return system, _alternating(turns, draft)


def _system(piece: Text | Opaque, draft: Draft) -> list[dict[str, Any]]:
    if isinstance(piece, Opaque):
        opaque(piece, draft)
        return []
    shown(piece, draft)
    told: list[dict[str, Any]] = [{"text": piece.text}] if piece.text.strip() else []
    return [*told, *draft.marked(piece.cache, piece.at)]


def _tell_gaps(messages: tuple[Message, ...], draft: Draft) -> None:
    gaps = unpaired(messages)
    for call in gaps.unanswered:
        draft.ledger.approximate(call.at, "the history holds no result of this call: one that says so is sent")
    for result in gaps.orphans:
        draft.ledger.approximate(result.at, "the history holds no call that this answers: its content is sent as plain content")


def _placed(messages: tuple[Message, ...], draft: Draft) -> list[Message]:
    """System messages in the middle, where the model takes them: after a user turn; elsewhere each is a reminder in it."""
    out: list[Message] = []
    for message in messages:
        if message.role not in ("system", "developer"):
            out.append(message)
            continue
        texts_only = all(isinstance(part, Text) for part in message.parts)
        native = draft.quirks.mid_system is True and texts_only and bool(out) and out[-1].role in ("user", "tool")
        out.append(replace(message, role="system") if native else _reminder(message, draft))
    return out


def _reminder(message: Message, draft: Draft) -> Message:
    draft.ledger.approximate(message.at, "told as a reminder in a user turn")
    words = "\n\n".join(part.text for part in message.parts if isinstance(part, Text) and part.text.strip())
    reminder = Text(f"<system-reminder>\n{words}\n</system-reminder>", at=message.at)
    rest: list[Part] = []
    for part in message.parts:
        if isinstance(part, Text):
            shown(part, draft)
            if part.cache is not None:
                draft.ledger.hint(part.cache.at or part.at, "no cache point in a reminder")
        else:
            rest.append(part)
    return Message("user", (*([reminder] if words else []), *rest), at=message.at)


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
