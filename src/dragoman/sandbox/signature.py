"""Proofs of the sandbox's thoughts, in the vendors' manner: opaque, and a changed or foreign one is noticed.

Rule: no secret is in it. It proves nothing to anyone but tests.
"""

import base64
import binascii
import hashlib
import hmac
from typing import Literal

Kind = Literal["thinking", "redacted", "reasoning", "thought", "compaction"]
"""What is proven: Anthropic's two kinds of thinking, OpenAI's reasoning, Gemini's thoughts, a shortened conversation."""
_KEY = b"the sandbox signs its thoughts"
MARK = b"dgm-sandbox\x01"
"""What every proof begins with."""
_KINDS: tuple[Kind, ...] = ("thinking", "redacted", "reasoning", "thought", "compaction")


def sign(text: str, kind: Kind = "thinking") -> str:
    """An opaque proof of `text`, in base64."""
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:16]
    body = MARK + bytes([_KINDS.index(kind)]) + digest
    return base64.b64encode(body + hmac.digest(_KEY, body, "sha256")[:16]).decode("ascii")


def holds(proof: str, text: str = "", kind: Kind = "thinking") -> bool:
    """Whether the sandbox made `proof`, for this `text` (an empty one, as when it was not told, fits any)."""
    try:
        data = base64.b64decode(proof, validate=True)
    except (binascii.Error, ValueError):
        return False
    if not data.startswith(MARK + bytes([_KINDS.index(kind)])) or not hmac.compare_digest(
        data[-16:], hmac.digest(_KEY, data[:-16], "sha256")[:16]
    ):
        return False
    return not text or sign(text, kind) == proof
