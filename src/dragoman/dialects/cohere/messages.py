"""Canonical messages -> Cohere's: instructions in front, thoughts where the model tells its own, each result a message.

Rule: no turn is empty, for Cohere refuses such ones.
"""

from collections.abc import Iterable
from typing import Any

from dragoman.core.parts import Media, Part, Reasoning, ToolCall, ToolResult
from dragoman.core.request import Message
from dragoman.dialects import content, functions
from dragoman.dialects.cohere.thinking import thinks
from dragoman.dialects.conversation import retold
from dragoman.dialects.drafting import Draft
from dragoman.dialects.media import data_url, sniff

_NOTHING = "(no output)"
"""What stands for the result of a tool that answered nothing."""


def build_messages(draft: Draft) -> list[dict[str, Any]]:
    out: list[dict[str, Any]] = []
    for message in retold(draft.request, draft.ledger, mid_system=draft.quirks.mid_system is True):
        match message.role:
            case "system" | "developer":
                told = content.words(message.parts, draft.ledger, "instructions are text only")
                out += [{"role": "system", "content": "\n\n".join(told)}] if told else []
            case "assistant":
                out += _assistant(message, draft)
            case _:
                out += _user(message, draft)
    _judge_prefill(out, draft)
    return out


def takes(media: Media) -> str:
    """Why a medium cannot be sent; "" where it can."""
    return "" if media.kind == "image" else f"no {media.kind} here"


def _assistant(message: Message, draft: Draft) -> Iterable[dict[str, Any]]:
    calls = [_call(part, draft) for part in message.parts if isinstance(part, ToolCall)]
    plan, blocks = list[str](), list[dict[str, Any]]()
    for part in message.parts:
        if isinstance(part, Reasoning):
            _think(part, draft, plan if calls else None, blocks)
        elif not isinstance(part, ToolCall):
            found = content.words((part,), draft.ledger, "no media in an assistant turn")
            blocks += [{"type": "text", "text": text} for text in found if text.strip()]
    out: dict[str, Any] = {"role": "assistant"}
    if plan:
        out["tool_plan"] = "".join(plan)
    if blocks:
        out["content"] = _bare(blocks)
    if calls:
        out["tool_calls"] = calls
    if len(out) > 1:
        yield out


def _think(part: Reasoning, draft: Draft, plan: list[str] | None, blocks: list[dict[str, Any]]) -> None:
    """`plan`: what a model that does not think tells of its calls; None where the turn calls nothing."""
    draft.ledger.extras(part.extras, part.at, "content")
    if not part.text or (plan is None and not thinks(draft.quirks)):
        draft.ledger.drop(part.at, "earlier thinking cannot be told here")
        return
    if part.proof:
        draft.ledger.hint(part.at, "another maker's proof")
    if thinks(draft.quirks) or plan is None:
        blocks.append({"type": "thinking", "thinking": part.text})
    else:
        plan.append(part.text)


def _call(part: ToolCall, draft: Draft) -> dict[str, Any]:
    content.unmarked(part.cache, part.at, draft.ledger)
    draft.ledger.extras(part.extras, part.at, "tool_calls")
    arguments = bytes(functions.arguments(part, draft.ledger)).decode()
    return {"id": part.id, "type": "function", "function": {"name": draft.name(part.name), "arguments": arguments}}


def _user(message: Message, draft: Draft) -> Iterable[dict[str, Any]]:
    """Results first, each a message; then the media they held and what the user says."""
    found: list[str | Media] = []
    said: list[Part] = []
    for part in message.parts:
        if not isinstance(part, ToolResult):
            said.append(part)
            continue
        told, shown = content.result(part, draft.ledger, takes, draft.request.paths.get("is_error", "/is_error"))
        text = "\n".join(told)
        if not text.strip():
            draft.ledger.approximate(part.at, f"a result of nothing is told as {_NOTHING}")
        yield {"role": "tool", "tool_call_id": part.id, "content": text if text.strip() else _NOTHING}
        found += [piece for media in shown for piece in (content.attached(media, part.id), media)]
    found += content.pieces(said, draft.ledger, takes)
    if found or not message.parts:
        blocks = [_block(piece, draft) for piece in found]
        yield {"role": "user", "content": _bare(blocks) if blocks else ""}


def _block(piece: str | Media, draft: Draft) -> dict[str, Any]:
    if isinstance(piece, str):
        return {"type": "text", "text": piece}
    url = piece.url if piece.data is None else data_url(piece.mime or sniff(piece.data) or "image/png", piece.data)
    detail = {} if piece.detail is None else {"detail": piece.detail}
    if piece.detail not in (None, "auto", "low", "high"):
        draft.ledger.hint(piece.at, "no such detail of an image here")
        detail = {"detail": "high"}
    return {"type": "image_url", "image_url": {"url": url, **detail}}


def _bare(blocks: list[dict[str, Any]]) -> Any:
    """A string where one text is all there is."""
    return blocks[0]["text"] if len(blocks) == 1 and blocks[0]["type"] == "text" else blocks


def _judge_prefill(out: list[dict[str, Any]], draft: Draft) -> None:
    if out and out[-1]["role"] == "assistant" and not draft.quirks.prefill:
        last = draft.request.messages[-1]
        draft.ledger.approximate(last.at, "the last turn is not continued: the answer begins anew")
