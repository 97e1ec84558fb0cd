"""Sealed proofs: another vendor's signature or ciphertext, tagged with where it was made and protected by a MAC.

A seal travels in a client dialect's own opaque slot and is opened on the way back (ARCHITECTURE rule 5). Format: `dgm1.` +
base64url(payload) + `.` + base64url(HMAC-SHA-256, 16 bytes). The payload is origin, kind and value, one a line.
"""

import base64
import binascii
import hmac

from msgspec import Struct

MARK = "dgm1."
"""Every seal begins so; a byte search for it tells whether a body holds one."""
_MAC_BYTES = 16


class Proof(Struct, frozen=True):
    """`origin`: `dialect:account` that made it. `kind`: sig, red(acted) or none. `value`: "" where the maker gave none."""

    origin: str
    kind: str
    value: str


def seal(proof: Proof, key: bytes) -> str:
    """Wrap a proof for a client that cannot read it. `key` must not be empty."""
    body = _b64("\n".join((proof.origin, proof.kind, proof.value)).encode())
    return f"{MARK}{body}.{_mac(body, key)}"


def unseal(text: str, key: bytes) -> Proof | None:
    """The proof in one of our seals; None for anything else, a seal that was changed or made with another key included."""
    if not text.startswith(MARK):
        return None
    body, _, mac = text[len(MARK) :].partition(".")
    if not hmac.compare_digest(mac.encode("ascii", "replace"), _mac(body, key).encode("ascii")):
        return None
    try:
        origin, kind, value = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)).decode().split("\n", 2)
    except (binascii.Error, ValueError):
        return None
    return Proof(origin, kind, value)


def _mac(body: str, key: bytes) -> str:
    if not key:
        raise ValueError("a seal needs a key")
    return _b64(hmac.digest(key, body.encode("utf-8", "surrogatepass"), "sha256")[:_MAC_BYTES])


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
