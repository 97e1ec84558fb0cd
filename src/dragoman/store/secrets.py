"""Secrets at rest (AEAD with key id and version) and the digests of keys. Rule: one sub-key per purpose, none of them empty; a
ciphertext opens only in the table, row and column it was made for.

Format: `v1.` + key id + `.` + base64url(12 bytes nonce + AES-256-GCM ciphertext and tag).
"""

import base64
import binascii
import hashlib
import hmac
import os
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from msgspec import Struct

from dragoman.core.errors import DragomanError
from dragoman.store.master import Master

KEY_PREFIX = "fwd_"
KEY_LENGTH = 43
SHORTEST_KEY, LONGEST_KEY = 22, 128
"""Characters after the prefix: 22 of 64 possible ones are 132 bits."""
SHOWN = 8
"""Characters of a key that are kept in plain, so that a person can tell keys apart."""

_VERSION = "v1"
_NONCE = 12
_SCRYPT = {"n": 2**14, "r": 8, "p": 1, "maxmem": 64 * 1024 * 1024}


class SealedError(DragomanError):
    """A stored secret cannot be opened; the message says why and what to do."""


class Place(Struct, frozen=True):
    """Where a ciphertext belongs."""

    table: str
    row: int
    column: str

    def bound(self, key_id: str) -> bytes:
        return f"{_VERSION}|{key_id}|{self.table}|{self.row}|{self.column}".encode()


class Keyring:
    """All keys derived from one master secret and the database's salt. `id` names the master without telling it."""

    def __init__(self, master: Master, salt: bytes) -> None:
        if not master.value or not salt:
            raise ValueError("a keyring needs a secret and a salt")
        root = hashlib.scrypt(master.value, salt=salt, dklen=32, **_SCRYPT) if master.stretched else master.value
        self.id = _derive(root, salt, "key id")[:4].hex()
        self.seal_key = _derive(root, salt, "seals of proofs")
        self._digests = _derive(root, salt, "digests of client keys")
        self._aead = AESGCM(_derive(root, salt, "provider secrets"))

    def seal(self, plain: str, place: Place) -> str:
        """Ciphertext for one place; "" stays "" (nothing to hide)."""
        if plain == "":
            return ""
        nonce = os.urandom(_NONCE)
        sealed = nonce + self._aead.encrypt(nonce, plain.encode(), place.bound(self.id))
        return f"{_VERSION}.{self.id}.{base64.urlsafe_b64encode(sealed).decode()}"

    def open(self, sealed: str, place: Place) -> str:
        """The plain text. Raises SealedError, which never shows any of it."""
        if sealed == "":
            return ""
        version, _, rest = sealed.partition(".")
        key_id, _, data = rest.partition(".")
        if version != _VERSION:
            raise SealedError(f"its secret has the unknown format {version[:8]!r}: enter it again")
        if key_id != self.id:
            raise SealedError(
                f"its secret was encrypted under another SECRET_KEY (key id {key_id[:8]}, now {self.id}): "
                "put the former SECRET_KEY or dragoman.secret back, or enter the secret again"
            )
        try:
            raw = base64.b64decode(data, altchars=b"-_", validate=True)
            if base64.urlsafe_b64encode(raw).decode() != data:
                raise ValueError("not as it was written")
            return self._aead.decrypt(raw[:_NONCE], raw[_NONCE:], place.bound(key_id)).decode()
        except (InvalidTag, binascii.Error, ValueError):
            raise SealedError("its stored secret was damaged or moved: enter it again") from None

    def digest(self, key: str) -> str:
        """Hex HMAC-SHA-256 of a client's key, the only form in which keys are kept and looked up."""
        return hmac.digest(self._digests, key.encode("utf-8", "surrogatepass"), "sha256").hex()


def new_key(length: int = KEY_LENGTH) -> str:
    """A client's key: `fwd_` and `length` URL-safe characters. Raises ValueError for a length that is too short or too long."""
    if not SHORTEST_KEY <= length <= LONGEST_KEY:
        raise ValueError(f"the length of a key must be between {SHORTEST_KEY} and {LONGEST_KEY}, not {length}")
    return KEY_PREFIX + secrets.token_urlsafe(length)[:length]


def _derive(root: bytes, salt: bytes, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=f"dragoman/1/{purpose}".encode()).derive(root)
