"""Content encodings that a provider uses though `identity` was asked for: gzip and deflate, decoded in bounded steps.

Rule: no input, however small, makes more than STEP bytes at once.
"""

import zlib
from typing import Final

from dragoman.wire.http1 import AnswerError

STEP: Final = 64 * 1024
_GZIP, _ZLIB, _RAW = 31, 15, -15
_WBITS: Final = {"gzip": _GZIP, "x-gzip": _GZIP, "deflate": _ZLIB}
PLAIN: Final = frozenset({"", "identity"})
_MEMBERS: Final = 256
"""Concatenated gzip members an answer may have: each costs a copy of the rest."""


class Inflater:
    """`feed` encoded bytes, call `step` until it gives b"", `close` at the end of the input."""

    __slots__ = ("_decoder", "_encoding", "_input", "_members")

    def __init__(self, encoding: str) -> None:
        self._encoding = encoding.strip().lower()
        self._input = b""
        self._decoder: zlib._Decompress | None = None
        self._members = 0

    def feed(self, data: bytes) -> None:
        """Raises AnswerError for an encoding that is not known."""
        if self._encoding not in _WBITS:
            raise AnswerError("the answer has a content-encoding that was not asked for and cannot be decoded")
        self._input = self._input + data if self._input else data

    def step(self) -> bytes:
        """The next at most STEP bytes; b"" where more input is needed. Raises AnswerError."""
        while self._input or self._decoder is not None:
            decoder = self._decoder or self._start()
            try:
                out = decoder.decompress(self._input, STEP)
            except zlib.error:
                raise AnswerError(f"the answer is not valid {self._encoding}") from None
            self._input = decoder.unconsumed_tail
            if decoder.eof:
                self._input, self._decoder = decoder.unused_data, None
            if out:
                return out
            if not decoder.eof and not self._input:
                return b""
        return b""

    def close(self) -> None:
        """Raises AnswerError where the encoded bytes are cut off."""
        if self._decoder is not None:
            raise AnswerError(f"the answer's {self._encoding} encoding is cut off")

    def _start(self) -> "zlib._Decompress":
        if self._members == (1 if self._encoding == "deflate" else _MEMBERS):
            raise AnswerError(f"bytes follow the answer's {self._encoding} encoding")
        bits = _WBITS[self._encoding]
        if bits == _ZLIB and self._input[0] & 0x0F != 8:
            bits = _RAW  # many servers mean raw deflate by "deflate" (RFC 9110 8.4.1.2); 8 is the method in zlib's first byte
        self._members += 1
        self._decoder = zlib.decompressobj(bits)
        return self._decoder
