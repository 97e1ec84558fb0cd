"""Thinking in Responses: an item with a summary in parts, sometimes with the thoughts themselves, and with a ciphertext.

Rule: everything of an item but its words is its proof, one line of JSON, so that the item can be sent back unmodified. The words
of its pieces stand in one text, set apart by PAUSE, and the proof tells how long each piece is.
"""

from collections.abc import Iterator
from typing import Any

from msgspec import Raw

from dragoman.core.parts import Extras, Reasoning
from dragoman.core.seal import MARK
from dragoman.dialects.base import OpenSeal
from dragoman.dialects.openai_responses.facts import CONTENT, ID
from dragoman.wire import json
from dragoman.wire.json import Members

PAUSE = "\n\n"
"""What stands between two pieces of a thought."""
SUMMARY = "summary"
THOUGHTS = "reasoning_text"
"""The slot of thinking that stood in an item's `content` alone."""
PIECES = ((SUMMARY, "summary_text"), (CONTENT, "reasoning_text"))
"""Members of an item that hold words, and the type of their pieces; in the order in which they are read."""
_PIECE = frozenset({"type", "text"})
_CIPHER = "encrypted_content"
_LEFT_OUT = frozenset({"type", "status"})
"""Members that say nothing about a finished thought."""


def pieces(raw: Raw | None) -> list[str]:
    """The words of a list of pieces; those of a bare string, too."""
    if raw is None:
        return []
    if json.is_string(raw):
        return [json.decode(raw, str)]
    found = json.decode(raw)
    texts = [each.get("text") for each in found if isinstance(each, dict)] if isinstance(found, list) else []
    return [text for text in texts if isinstance(text, str)]


def proof_of(members: dict[str, Raw], texts: dict[str, list[str]]) -> str | None:
    """Everything of an item but its words; None where it has no ciphertext, so that there is nothing to prove."""
    cipher = members.get(_CIPHER)
    if cipher is None or not json.is_string(cipher) or bytes(cipher) == b'""':
        return None
    kept: dict[str, Any] = {
        name: members[name]
        for name in sorted(members)
        if name not in _LEFT_OUT and name not in texts and not json.is_null(members[name])
    }
    return json.text({**kept, **{name: [len(text) for text in found] for name, found in texts.items() if found}})


def item_of(proof: str, text: str) -> dict[str, Any] | None:
    """The item again; None where the proof is no such thing. A text that is not the one it was made for is one summary."""
    try:
        told = json.decode(proof, dict[str, Any])
    except json.JSONError:
        return None
    if not isinstance(told.get(_CIPHER), str):
        return None
    lengths = {name: told.pop(name) for name, _ in PIECES if name in told}
    return {"type": "reasoning", **told, **spelled(cut(text, lengths))}


def cut(text: str, lengths: dict[str, Any]) -> dict[str, list[str]]:
    """The words of each member. `lengths`: of each member's pieces, as a proof tells them."""
    found: dict[str, list[str]] = {}
    place = 0
    for name, _ in PIECES:
        told = lengths.get(name)
        for length in told if isinstance(told, list) else ():
            place += len(PAUSE) if found else 0
            end = place + length if isinstance(length, int) else place
            found.setdefault(name, []).append(text[place:end])
            place = end
    joined = PAUSE.join(piece for name, _ in PIECES for piece in found.get(name, ()))
    if joined == text:
        return found
    return {SUMMARY: [text]} if text else {}


def spelled(texts: dict[str, list[str]]) -> dict[str, Any]:
    """`summary`, which an item always has, and `content` where there is some."""
    out = {name: [{"type": kind, "text": text} for text in texts.get(name, ())] for name, kind in PIECES}
    return out if out[CONTENT] else {SUMMARY: out[SUMMARY]}


def joined(texts: dict[str, list[str]]) -> str:
    return PAUSE.join(piece for name, _ in PIECES for piece in texts.get(name, ()))


def parse_reasoning(item: Members, open_seal: OpenSeal) -> Reasoning:
    """A client's item. A native one is its own proof; a seal of ours holds another's; one that does not open proves nothing."""
    told = {name: item.take_raw(name) for name, _ in PIECES}
    texts, odd = {name: pieces(raw) for name, raw in told.items()}, _odd(told)
    words = joined(texts)
    slot = THOUGHTS if texts[CONTENT] and not texts[SUMMARY] else None
    sealed = item.rest().get(_CIPHER)
    cipher = json.decode(sealed, str) if sealed is not None and json.is_string(sealed) else ""
    if not cipher.startswith(MARK):
        rest = item.rest()
        proof = proof_of(rest, texts)
        kept: Extras = odd if proof is not None else {**rest, **odd}
        return Reasoning(
            text=words, proof=proof, proof_from=ID, redacted=proof is not None and not words, slot=slot, extras=kept, at=item.at
        )
    item.take_raw(_CIPHER)
    found = open_seal(cipher)
    rest = {name: value for name, value in item.rest().items() if name not in ("id", "status")}
    if found is None:
        kept, unread = {**rest, **odd}, not words
        return Reasoning(text=words, proof_from="unreadable", redacted=unread, slot=slot, extras=kept, at=item.at)
    return Reasoning(
        text=words, proof=found.value, proof_from=found.origin, redacted=found.kind == "red", slot=slot,
        extras={**rest, **odd}, at=item.at,
    )  # fmt: skip


def _odd(told: dict[str, Raw | None]) -> Extras:
    """What nobody knows of the pieces, by their pointers in the item."""
    found: Extras = {}
    for member, raw in told.items():
        said = json.items(raw) if raw is not None and json.is_array(raw) else []
        worded = [members for members in map(json.members, filter(json.is_object, said)) if _has_words(members)]
        for place, members in enumerate(worded):
            more = {name: value for name, value in members.items() if name not in _PIECE}
            found.update({f"/{member}/{place}/{json.escape(name)}": value for name, value in more.items()})
    return found


def _has_words(members: dict[str, Raw]) -> bool:
    """It is one of the `pieces` that are written again."""
    return "text" in members and json.is_string(members["text"])


def words_of(texts: dict[str, list[str]]) -> Iterator[tuple[str, int, str]]:
    """(member, place in it, words) of each piece, in reading order."""
    for name, _ in PIECES:
        for place, text in enumerate(texts.get(name, ())):
            yield name, place, text
