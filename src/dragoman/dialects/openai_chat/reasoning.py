"""Thinking in Chat: a string (`reasoning_content` or `reasoning`) and, for proofs, the `reasoning_details` list of OpenRouter.

Rule: a detail is kept as it came. What is not its text is its proof, one line of JSON, so that it can be sent back unmodified.
Another maker's proof stands in a detail as a seal whose kind is `sig:<characters>`: how much of the string it signs, because
clients join the strings of several thoughts into one.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec import Raw

from dragoman.core.parts import Reasoning
from dragoman.core.seal import MARK
from dragoman.dialects.base import OpenSeal
from dragoman.dialects.openai_chat.facts import ID
from dragoman.wire import json

STRINGS = ("reasoning_content", "reasoning")
"""Where thinking stands as a string: DeepSeek, Moonshot, Z.ai, Qwen, xAI; OpenRouter, Groq, Ollama, vLLM, Cerebras (2026-11)."""
CONTENT = "content"
"""The slot of Mistral's `thinking` parts inside `content`."""
_TEXTS = ("text", "summary")


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


def parse_reasoning(
    strings: Mapping[str, str], raw: Raw | None, at: str, open_seal: OpenSeal
) -> tuple[list[Reasoning], dict[str, Raw]]:
    """(a client's thinking, what of it stays extras, because it repeats or contradicts the rest)."""
    slot = next((slot for slot, text in strings.items() if text), None)
    text = strings[slot] if slot is not None else ""
    kept = {name: json.raw(other) for name, other in strings.items() if name != slot}
    told = details(json.decode(raw)) if raw is not None else []
    texts = "".join(text_of(detail) or "" for detail in told)
    if told and (texts == text or not text):
        if slot is not None:
            kept[slot] = json.raw(text)
        return list(_from_details(told, at, open_seal)), kept
    if told and not texts:
        found = _cut(text, told, slot, f"{at}/{slot}", open_seal)
        if found is not None:
            return found, kept
    if raw is not None:
        kept["reasoning_details"] = raw
    return [Reasoning(text=text, slot=slot, at=f"{at}/{slot}")] if text else [], kept


def _from_details(told: Sequence[dict[str, Any]], at: str, open_seal: OpenSeal) -> Iterable[Reasoning]:
    for place, detail in enumerate(told):
        yield _thought(detail, text_of(detail) or "", None, f"{at}/reasoning_details/{place}", open_seal)


def _thought(detail: dict[str, Any], text: str, slot: str | None, at: str, open_seal: OpenSeal) -> Reasoning:
    """A native detail is its own proof; a seal of ours holds another's; one that cannot be opened proves nothing."""
    value = _seal_in(detail)
    if value is None:
        redacted = is_encrypted(detail)
        return Reasoning(text=text, proof=proof_of(detail), proof_from=ID, redacted=redacted, slot=slot, at=at)
    proof = open_seal(value)
    if proof is None:
        return Reasoning(text=text, redacted=is_encrypted(detail), slot=slot, at=at)
    return Reasoning(text=text, proof=proof.value, proof_from=proof.origin, redacted=proof.kind == "red", slot=slot, at=at)


def _cut(text: str, told: Sequence[dict[str, Any]], slot: str | None, at: str, open_seal: OpenSeal) -> list[Reasoning] | None:
    """The string cut into the thoughts that its details sign; None where nobody knows which signs what."""
    lengths = [_length(detail, open_seal) for detail in told]
    signing = [place for place, detail in enumerate(told) if not is_encrypted(detail)]
    if sum(lengths) != len(text):
        if len(signing) != 1:
            return None
        lengths = [len(text) if place in signing else 0 for place in range(len(told))]
    parts, start = [], 0
    for detail, length in zip(told, lengths, strict=True):
        parts.append(_thought(detail, text[start : start + length], slot, at, open_seal))
        start += length
    return parts


def _seal_in(detail: dict[str, Any]) -> str | None:
    for name in ("signature", "data"):
        value = detail.get(name)
        if isinstance(value, str) and value.startswith(MARK):
            return value
    return None


def _length(detail: dict[str, Any], open_seal: OpenSeal) -> int:
    """How many characters of the string a seal of ours signs."""
    value = _seal_in(detail)
    proof = None if value is None else open_seal(value)
    digits = proof.kind[4:] if proof is not None and proof.kind.startswith("sig:") else ""
    return int(digits) if digits.isdigit() else 0


def seal_kind(letters: int) -> str:
    """The kind of a seal that signs so many characters."""
    return f"sig:{letters}"
