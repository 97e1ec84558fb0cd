"""Vectors of texts that are always the same: unit length, no meaning. Rule: every number is a float32, so that both ways to write
them say the same.
"""

import base64
import hashlib
import math
import struct


def vector(text: str, size: int) -> tuple[float, ...]:
    """`size` numbers made from the text."""
    stream = hashlib.shake_128(text.encode("utf-8", "surrogatepass")).digest(size * 2)
    raw = [value / 32768 - 1 for value in struct.unpack(f"<{size}H", stream)]
    length = math.sqrt(sum(value * value for value in raw)) or 1.0
    return struct.unpack(f"<{size}f", struct.pack(f"<{size}f", *(value / length for value in raw)))


def packed(values: tuple[float, ...]) -> str:
    """Little-endian float32 in base64, as OpenAI writes them."""
    return base64.b64encode(struct.pack(f"<{len(values)}f", *values)).decode("ascii")


def tokens(text: str) -> int:
    """About four characters a token."""
    return len(text) // 4 + 1
