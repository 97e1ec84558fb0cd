"""Thinking in Chat: a string (`reasoning_content` or `reasoning`) and, for proofs, the `reasoning_details` list of OpenRouter.

Rule: a detail is kept as it came. What is not its text is its proof, one line of JSON, so that it can be sent back unmodified.
Another maker's proof stands in a detail as a seal whose kind is `sig:<characters>`: how much of the string it signs, because
clients join the strings of several thoughts into one.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Raw, Struct

from dragoman.core.parts import Reasoning
from dragoman.core.seal import MARK, Proof
from dragoman.dialects.base import OpenSeal
from dragoman.dialects.openai_chat.facts import ID
from dragoman.wire import json

STRINGS = ("reasoning_content", "reasoning")
"""Where thinking stands as a string: DeepSeek, Moonshot, Z.ai, Qwen, xAI; OpenRouter, Groq, Ollama, vLLM, Cerebras (2026-11)."""
CONTENT = "content"
"""The slot of Mistral's `thinking` parts inside `content`."""
_TEXTS = ("text", "summary")


class Thought(Struct, frozen=True):
    """One piece of thinking. `proof`: the detail without its text as JSON, "" never. `member`: its text's name there."""

    text: str
    proof: str | None = None
    redacted: bool = False


def text_of(detail: dict[str, Any]) -> str | None:
    """The text of a detail; None where it has no such member."""
    return next((detail[name] for name in _TEXTS if isinstance(detail.get(name), str)), None)


def proof_of(detail: dict[str, Any]) -> str:
    """Everything of a detail but its text, in one order: a stream tells it in pieces."""
    return json.text({name: detail[name] for name in sorted(detail) if name not in _TEXTS})


def detail_of(proof: str, text: str | None) -> dict[str, Any] | None:
    """The detail again; `text` None leaves it out. None where the proof is no such thing."""
    try:
        detail = json.decode(proof, dict[str, Any])
    except json.JSONError:
        return None
    if text is not None and not is_encrypted(detail):
        detail["summary" if detail.get("type") == "reasoning.summary" else "text"] = text
    return detail


def is_encrypted(detail: dict[str, Any]) -> bool:
    return detail.get("type") == "reasoning.encrypted"


def signed(detail: dict[str, Any]) -> bool:
    """A detail with which a thought ends: it has a signature, or no text to go on with."""
    return bool(detail.get("signature")) or text_of(detail) is None


def details(value: Any) -> list[dict[str, Any]]:
    """The details that are objects."""
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def thoughts(text: str, told: Sequence[dict[str, Any]]) -> list[Thought]:
    """The string and the details of one whole message as pieces, nothing twice."""
    texts = "".join(text_of(detail) or "" for detail in told)
    if not told or (text and text != texts and texts):
        return [Thought(text)] if text else []
    if texts or not text:
        return [_thought(detail, text_of(detail) or "") for detail in told]
    return _shared_out(text, told)


def _thought(detail: dict[str, Any], text: str) -> Thought:
    return Thought(text, proof_of(detail), is_encrypted(detail))


def _shared_out(text: str, told: Sequence[dict[str, Any]]) -> list[Thought]:
    """The string belongs to the only detail that is not ciphertext; with several nobody knows, and none keeps its proof."""
    signing = [detail for detail in told if not is_encrypted(detail)]
    found = [
        _thought(detail, text if signing == [detail] else "") for detail in told if is_encrypted(detail) or len(signing) == 1
    ]
    return found if len(signing) == 1 else [Thought(text), *found]


def parse_reasoning(
    strings: Sequence[tuple[str, str]], told: Sequence[dict[str, Any]], at: str, open_seal: OpenSeal
) -> list[Reasoning]:
    """A client's thinking. `strings`: (slot, text) as it sent them."""
    slot, text = next(((slot, text) for slot, text in strings if text), (strings[0][0] if strings else None, ""))
    where = f"{at}/{slot or 'reasoning_details'}"
    sealed = [_opened(detail, open_seal) for detail in told]
    lengths = [_length(proof) for proof in sealed]
    if text and told and not any(text_of(detail) for detail in told) and sum(length or 0 for length in lengths) == len(text):
        return _cut(text, told, sealed, lengths, slot, where)
    parts = []
    for thought in thoughts(text, told):
        proof, origin, redacted = thought.proof, ID, thought.redacted
        detail = None if proof is None else detail_of(proof, None)
        value = _seal_in(detail) if detail is not None else None
        if value is not None:
            opened = open_seal(value)
            proof, origin, redacted = (None, "", redacted) if opened is None else _proof(opened)
        if proof is None and not thought.text:
            continue
        parts.append(
            Reasoning(
                text=thought.text,
                proof=proof,
                proof_from=origin if proof is not None else None,
                redacted=redacted,
                slot=slot,
                at=where,
            )
        )
    return parts


def _cut(
    text: str,
    told: Sequence[dict[str, Any]],
    sealed: Sequence[Proof | None],
    lengths: Sequence[int | None],
    slot: str | None,
    at: str,
) -> list[Reasoning]:
    """The string cut into the thoughts that the seals sign."""
    parts, start = [], 0
    for detail, proof, length in zip(told, sealed, lengths, strict=True):
        end = start + (length or 0)
        value, origin, redacted = (proof_of(detail), ID, is_encrypted(detail)) if proof is None else _proof(proof)
        parts.append(Reasoning(text=text[start:end], proof=value, proof_from=origin, redacted=redacted, slot=slot, at=at))
        start = end
    return parts


def _seal_in(detail: dict[str, Any]) -> str | None:
    for name in ("signature", "data"):
        value = detail.get(name)
        if isinstance(value, str) and value.startswith(MARK):
            return value
    return None


def _opened(detail: dict[str, Any], open_seal: OpenSeal) -> Proof | None:
    value = _seal_in(detail)
    return None if value is None else open_seal(value)


def _proof(proof: Proof) -> tuple[str, str, bool]:
    return proof.value, proof.origin, proof.kind == "red"


def _length(proof: Proof | None) -> int | None:
    """How many characters of the string a seal of ours signs."""
    if proof is None or not proof.kind.startswith("sig:"):
        return None
    digits = proof.kind[4:]
    return int(digits) if digits.isdigit() else None


def seal_kind(text: str) -> str:
    return f"sig:{len(text)}"


def raw_details(items: Iterable[Raw] | None) -> list[dict[str, Any]]:
    """A client's `reasoning_details`; entries that are no objects are left out."""
    return details([json.decode(item) for item in items or ()])
