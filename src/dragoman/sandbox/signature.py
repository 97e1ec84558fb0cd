"""Signatures of the sandbox's thoughts, in the vendor's manner: opaque, and a changed or foreign one is noticed.

Rule: no secret is in it. It proves nothing to anyone but tests.
"""

import base64
import binascii
import hashlib
import hmac

_KEY = b"the sandbox signs its thoughts"
_MARK = b"dgm-sandbox\x01"


def sign(thought: str, redacted: bool = False) -> str:
    """An opaque proof of `thought`."""
    digest = hashlib.sha256(thought.encode("utf-8", "surrogatepass")).digest()[:16]
    body = _MARK + bytes([redacted]) + digest
    return base64.b64encode(body + hmac.digest(_KEY, body, "sha256")[:16]).decode("ascii")


def holds(signature: str, thought: str = "", redacted: bool = False) -> bool:
    """Whether the sandbox made `signature`, for this `thought` (an empty one, as when its text was omitted, fits any)."""
    try:
        data = base64.b64decode(signature, validate=True)
    except (binascii.Error, ValueError):
        return False
    if not data.startswith(_MARK + bytes([redacted])) or not hmac.compare_digest(
        data[-16:], hmac.digest(_KEY, data[:-16], "sha256")[:16]
    ):
        return False
    return not thought or sign(thought, redacted) == signature
