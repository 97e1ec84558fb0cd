"""Signatures: Google's own and, in the same slot, sealed proofs of other makers.

Google signs parts: a call, a text, an image, or an empty text of its own. In canonical form such a signature is redacted thinking
directly before the part, and its proof is one line of JSON that also says what it signs, because a client may tell a turn's
thinking, text and calls in another order than they came.

Proofs of other makers ride to a Gemini client in `thoughtSignature`: base64 (as the slot demands) of seals, one a line. What a
seal holds is JSON, too: the proof, the thinking it signs (such clients do not send thoughts back), and how many pieces of the
turn stand between it and its carrier.
"""

import base64
import binascii
import re
from typing import Any, Literal, TypeAlias

from msgspec import Struct

from dragoman.core.seal import MARK
from dragoman.dialects.base import OpenSeal
from dragoman.wire import json

Signed: TypeAlias = Literal["call", "text", "media", "empty"]
SEALED = re.compile(rb"ZGdtMS[4-7]")
"""How a seal begins in base64: a byte search tells whether a body may hold one."""
_URLSAFE = str.maketrans("-_", "+/")


class Wrapped(Struct, frozen=True, kw_only=True):
    """Another maker's proof out of our slot. `text`: the thinking it signs; `back`: pieces of the turn from it to its carrier."""

    proof: str
    origin: str
    text: str
    back: int
    redacted: bool


class _Sealed(Struct):
    proof: str
    back: int = 0
    text: str = ""


def proof_of(signature: str, signed: Signed) -> str:
    """A signature as canonical proof."""
    return json.text({"signature": signature, "of": signed})


def signature_of(proof: str) -> tuple[str, Signed | None]:
    """(signature, what it signs); None where the proof does not say: that of a thought, or a bare one."""
    if not proof.startswith("{"):
        return proof, None
    try:
        told = json.decode(proof, dict[str, str])
    except json.JSONError:
        return proof, None
    signed: Any = told.get("of")
    return told.get("signature", ""), signed if signed in ("call", "text", "media", "empty") else None


def sealed(proof: str, *, text: str, back: int) -> str:
    """What is sealed of another maker's proof."""
    told: dict[str, Any] = {"proof": proof, "back": back}
    return json.text({**told, "text": text} if text else told)


def carrier(seals: list[str]) -> str:
    """Seals as one `thoughtSignature`."""
    return base64.b64encode("\n".join(seals).encode()).decode()


def unwrapped(signature: str, open_seal: OpenSeal) -> list[Wrapped | None] | None:
    """The proofs of other makers in a signature, None for a seal that does not open; None where it is Google's own."""
    if not signature.startswith("ZGdtMS"):
        return None
    try:
        text = base64.b64decode(signature.translate(_URLSAFE) + "=" * (-len(signature) % 4)).decode()
    except (binascii.Error, ValueError):
        return None
    if not text.startswith(MARK):
        return None
    return [_opened(seal, open_seal) for seal in text.split("\n")]


def standard(data: str) -> str:
    """Base64 in the alphabet that all dialects take; Google's SDKs write the one for URLs."""
    return data.translate(_URLSAFE) if "-" in data or "_" in data else data


def _opened(seal: str, open_seal: OpenSeal) -> Wrapped | None:
    found = open_seal(seal)
    if found is None:
        return None
    try:
        held = json.decode(found.value, _Sealed)
    except json.JSONError:
        return None
    return Wrapped(proof=held.proof, origin=found.origin, text=held.text, back=held.back, redacted=found.kind == "red")
