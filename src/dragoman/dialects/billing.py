"""The attribution that Claude Code puts into its instructions: for Anthropic's accounts, not for a model.

Rule: the line alone goes, for whoever wrote more meant that for the model. It differs from call to call, so that elsewhere it
would only break prompt caches.
"""

import re
from collections.abc import Iterable
from typing import Final

from msgspec.structs import replace

from dragoman.core.parts import Opaque, Text
from dragoman.dialects.ledger import Ledger

WHY: Final = "the attribution block is Anthropic's own"
# Claude Code 2.1 (2026-11).
_LINE: Final = re.compile(r"(?m)^x-anthropic-billing-header:(?:[ \t]*[\w.-]+=[^;\s]*(?:;|(?=\s)|$))+[ \t]*\n*")


def without(text: str) -> str | None:
    """The text for a model; None where no attribution is in it."""
    return _LINE.sub("", text) if _LINE.search(text) else None


def spoken(pieces: Iterable[Text | Opaque], ledger: Ledger) -> tuple[Text | Opaque, ...]:
    """Instructions for another vendor's model. Leaving the attribution out changes no answer."""
    out: list[Text | Opaque] = []
    for piece in pieces:
        words = without(piece.text) if isinstance(piece, Text) else None
        if words is None or not isinstance(piece, Text):
            out.append(piece)
            continue
        ledger.hint(piece.at, WHY)
        if words.strip():
            out.append(replace(piece, text=words))
    return tuple(out)
