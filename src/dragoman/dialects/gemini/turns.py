"""The conversation as `systemInstruction` and `contents`.

Rule: a client of this dialect gets its own contents back as it wrote them. Other histories are paired, settled and merged: user
and model take turns, all responses of a step stand in one content in the order of their calls, and the beginning never depends
on what follows.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from msgspec.structs import replace

from dragoman.core.parts import Media, Opaque, Reasoning, Refusal, Text, ToolCall, ToolResult
from dragoman.core.parts import Part as Piece
from dragoman.core.request import Message, Request
from dragoman.dialects.billing import spoken
from dragoman.dialects.conversation import opened, placed
from dragoman.dialects.gemini.content import Part, call_part, laid, media_part, opaque_part, result_part, text_part
from dragoman.dialects.gemini.draft import Draft
from dragoman.dialects.gemini.facts import ID, NO_PROOF
from dragoman.dialects.gemini.proofs import Signed, signature_of
from dragoman.dialects.history import merged, paired, settled

_NOTHING: Final = " "
"""A user turn that is needed where there is none to tell: before a call that comes first, or where nothing was asked."""
_GO_ON: Final = "Continue exactly where your last message ends. Do not repeat any of it."
_ROLES: Final = {"assistant": "model", "tool": "function", "system": "system"}


def conversation(request: Request, draft: Draft) -> tuple[dict[str, Any] | None, list[dict[str, Any]]]:
    """(`systemInstruction`, `contents`)."""
    if draft.own:
        by_place = draft.quirks.tool_id == "none"
        turns: Iterable[Message] = _in_order_of_calls(paired(request.messages)) if by_place else request.messages
        contents = [told for turn in turns if (told := _own(turn, draft)) is not None]
        return _instruction(request.system, draft), contents
    pieces, rest = opened(request, draft.messages, draft.ledger)
    turns = merged(placed(settled(rest), draft.ledger, native=False))
    return _instruction(spoken(pieces, draft.ledger), draft), _alternating(request, turns, draft)


def _instruction(pieces: Iterable[Text | Opaque], draft: Draft) -> dict[str, Any] | None:
    parts = [
        found
        for piece in pieces
        if (found := text_part(piece, draft) if isinstance(piece, Text) else opaque_part(piece, draft)) is not None
    ]
    return {"parts": parts} if parts else None


def _own(turn: Message, draft: Draft) -> dict[str, Any] | None:
    parts = _model(turn.parts, draft) if turn.role == "assistant" else _user(turn.parts, draft)
    if turn.parts and not parts:
        return None
    return laid({"role": _ROLES.get(turn.role, "user"), "parts": parts}, turn.extras)


def _in_order_of_calls(messages: Iterable[Message]) -> Iterable[Message]:
    """Where calls have no ids, responses are paired with them by their places."""
    places: dict[str, int] = {}
    for message in messages:
        yield _ordered(message, places) if message.role != "assistant" and places else message
        if message.role != "assistant":
            places = {}
        for part in message.parts:
            if isinstance(part, ToolCall):
                places[part.id] = len(places)


def _ordered(message: Message, places: Mapping[str, int]) -> Message:
    """Responses first, by the places of their calls."""
    last = len(places)
    ranks = [places.get(part.id, last) if isinstance(part, ToolResult) else last for part in message.parts]
    order = sorted(range(len(ranks)), key=ranks.__getitem__)
    return replace(message, parts=tuple(message.parts[place] for place in order))


def _alternating(request: Request, turns: tuple[Message, ...], draft: Draft) -> list[dict[str, Any]]:
    out: list[dict[str, Any]] = []
    for turn in turns:
        model = turn.role == "assistant"
        parts = _model(turn.parts, draft) if model else _user(turn.parts, draft)
        if not parts and not model:
            parts = [{"text": _NOTHING}]
        role = "model" if model else "user"
        if parts and out and out[-1]["role"] == role:
            out[-1]["parts"] += parts
        elif parts:
            out.append({"role": role, "parts": parts})
    if not out:
        return [{"role": "user", "parts": [{"text": _NOTHING}]}]
    first = out[0]
    if first["role"] == "model" and any(isinstance(part, dict) and "functionCall" in part for part in first["parts"]):
        draft.ledger.approximate(turns[0].at, "a call comes after a user's turn: an empty one is put before it")
        out.insert(0, {"role": "user", "parts": [{"text": _NOTHING}]})
    if out[-1]["role"] == "model" and not draft.quirks.prefill:
        out.append({"role": "user", "parts": [{"text": _ending(request, turns[-1], draft)}]})
    return out


def _ending(request: Request, last: Message, draft: Draft) -> str:
    """After a turn of the model's that is to be continued, or after which the client had more to say that cannot be told here."""
    if request.messages[-1].role != "assistant":
        return _NOTHING
    draft.ledger.approximate(last.at, "to be continued: told as an instruction")
    return _GO_ON


def _user(pieces: tuple[Piece, ...], draft: Draft) -> list[Part]:
    """Responses, the media that they cannot hold, and what else the user said."""
    out: list[Part] = []
    shown: list[Part] = []
    last = max((place for place, piece in enumerate(pieces) if isinstance(piece, ToolResult)), default=-1)
    for place, piece in enumerate(pieces):
        found: Part | None = None
        if isinstance(piece, ToolResult):
            found = result_part(piece, draft, shown)
        elif isinstance(piece, ToolCall | Reasoning) and not draft.own:
            draft.ledger.drop(piece.at, "only a turn of the model can hold this")
        else:
            found = _said(piece, draft)
        out += [] if found is None else [found]
        out += shown if place == last else []
    return out


def _said(piece: Piece, draft: Draft) -> Part | None:
    match piece:
        case Text():
            return text_part(piece, draft)
        case Refusal():
            draft.ledger.extras(piece.extras, piece.at, "content")
            draft.ledger.approximate(piece.at, "a refusal is told as text")
            return {"text": piece.text} if piece.text.strip() else None
        case Media():
            return media_part(piece, draft)
        case Opaque():
            return opaque_part(piece, draft)
        case ToolCall():
            return call_part(piece, draft)
        case Reasoning():
            return _thought(piece, draft)
        case ToolResult():
            return result_part(piece, draft, [])


class _Waiting:
    """Signatures on their way to the parts that they sign."""

    def __init__(self) -> None:
        self._left: list[tuple[str, Signed | None, Reasoning]] = []

    def add(self, signature: str, signed: Signed | None, piece: Reasoning) -> None:
        self._left.append((signature, signed, piece))

    def take(self, signed: Signed) -> str | None:
        """The first one for a part of this kind."""
        for place, (signature, wanted, _) in enumerate(self._left):
            if wanted in (None, signed):
                del self._left[place]
                return signature
        return None

    def rest(self) -> Iterable[tuple[str, Signed | None, Reasoning]]:
        return self._left


def _model(pieces: tuple[Piece, ...], draft: Draft) -> list[Part]:
    """A turn of the model. A proof goes back only to where it is valid, onto the part that it signs; signed parts stay apart."""
    out: list[Part] = []
    waiting = _Waiting()
    first: tuple[dict[str, Any], ToolCall] | None = None
    for piece in pieces:
        if isinstance(piece, Reasoning) and piece.redacted:
            out += _signature(piece, draft, waiting)
            continue
        found = _said(piece, draft)
        if found is None:
            continue
        if isinstance(found, dict) and not isinstance(piece, Reasoning):
            signature = waiting.take(_signed(piece))
            if signature is not None:
                found["thoughtSignature"] = signature
            if first is None and isinstance(piece, ToolCall):
                first = found, piece
        out.append(found)
    for signature, signed, piece in waiting.rest():
        if signed in ("text", None):
            out.append({"text": "", "thoughtSignature": signature})
        else:
            draft.ledger.drop(piece.at, "what this signs is not in the turn")
    if first is not None and draft.quirks.reasoning_required and "thoughtSignature" not in first[0]:
        draft.ledger.approximate(first[1].at, "no signature of the model's own: the documented placeholder stands for it")
        first[0]["thoughtSignature"] = NO_PROOF
    return out


def _signed(piece: Piece) -> Signed:
    return "call" if isinstance(piece, ToolCall) else "text" if isinstance(piece, Text | Refusal) else "media"


def _signature(piece: Reasoning, draft: Draft, waiting: _Waiting) -> list[Part]:
    """A signature that is a part of its own; one that is for another part waits."""
    if not _is_valid(piece, draft) or not piece.proof:
        draft.ledger.drop(piece.at, "a proof of another maker cannot be verified here")
        return []
    signature, signed = signature_of(piece.proof)
    if signed == "empty":
        return [{"text": "", "thoughtSignature": signature}]
    waiting.add(signature, signed, piece)
    return []


def _thought(piece: Reasoning, draft: Draft) -> Part | None:
    if not _is_valid(piece, draft):
        draft.ledger.drop(piece.at, "earlier thinking of another maker cannot be told here")
        return None
    if not piece.text and not piece.proof:
        return None
    proof = {"thoughtSignature": piece.proof} if piece.proof else {}
    return laid({"text": piece.text, "thought": True, **proof}, draft.ledger.extras(piece.extras, piece.at, "content"))


def _is_valid(piece: Reasoning, draft: Draft) -> bool:
    native = draft.own and piece.proof_from in (None, ID)
    return native or piece.proof_from == draft.origin
