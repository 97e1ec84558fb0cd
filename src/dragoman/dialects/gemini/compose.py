"""Parts of an answer as Google's parts: one at a time, in order, for streams and whole bodies alike.

Rule: a signature of Google's goes onto the part that it signs. A proof of another maker waits for the next call, for clients send
calls back as they came and thoughts they do not; where no call comes it stands by itself at the end.
"""

from typing import Any, Final, TypeAlias

from msgspec import Raw

from dragoman.core.events import PartClosed, PartOpened
from dragoman.core.parts import Extras, Media
from dragoman.dialects.arguments import is_exact, object_of
from dragoman.dialects.free_text import wrapped
from dragoman.dialects.gemini.answering import Sheet
from dragoman.dialects.gemini.content import laid
from dragoman.dialects.gemini.proofs import Signed, carrier, sealed, signature_of
from dragoman.dialects.ledger import NO_PLACE, RESPONSE
from dragoman.dialects.media import sniff

Part: TypeAlias = dict[str, Any] | Raw
_DEFAULTS: Final = {"image": "image/png", "audio": "audio/wav"}
"""What media are taken for where a provider did not say it."""
_SIGNS: Final[dict[str, Signed]] = {"text": "text", "refusal": "text", "tool": "call", "custom": "call", "media": "media"}


class Composer:
    """Owns which proofs wait. `called`: a function was called."""

    def __init__(self, sheet: Sheet) -> None:
        self.called = False
        self._sheet = sheet
        self._signatures: list[tuple[str, Signed | None]] = []
        self._foreign: list[tuple[str, str, str, int]] = []
        self._pieces = 0
        self._in_text = False
        self._written = 0

    def waits(self, opened: PartOpened) -> bool:
        """Whether a text has to be told whole: it is signed, or has further members."""
        signed = opened.kind in ("text", "refusal") and any(of in (None, "text") for _, of in self._signatures)
        return signed or (self._sheet.own and bool(opened.extras))

    def before(self, opened: PartOpened) -> list[Part]:
        """What is written before a part that is told as it comes: signatures that are not for it."""
        self._count(opened)
        self._extras(opened.extras, opened)
        return self._unsigned()

    def after(self, opened: PartOpened, text: str, closed: PartClosed) -> list[Part]:
        """What is written at the end of a part that was told as it came."""
        self._extras(closed.extras, opened)
        if opened.kind == "reasoning":
            signature = self._thought_proof(text, closed)
            return [] if signature is None else [{"text": "", "thought": True, "thoughtSignature": signature}]
        self._sheet.cite(closed.citations, text, self._written - 1)
        return []

    def whole(self, opened: PartOpened, text: str, closed: PartClosed) -> list[Part]:
        """A part of which all is known, and what is written before it."""
        match opened.kind:
            case "reasoning":
                return self._reasoning(opened, text, closed)
            case "text" | "refusal":
                if not text and not self.waits(opened):
                    return []
                found: Part | None = {"text": text}
            case "tool" | "custom":
                found = self._call(opened, text)
            case "media":
                found = self._media(opened)
            case "opaque":
                found = self._opaque(opened)
        if found is None:
            return []
        self._count(opened)
        signature = self._signature(_SIGNS.get(opened.kind))
        before = self._unsigned()
        extras = {**self._extras(opened.extras, opened), **self._extras(closed.extras, opened)}
        if isinstance(found, dict):
            found = laid(found, extras)
            if signature is not None:
                found["thoughtSignature"] = signature
        if opened.kind in ("text", "refusal"):
            self._sheet.cite(closed.citations, text, self._written - 1)
        return [*before, found]

    def rest(self) -> list[Part]:
        """What waited in vain."""
        out = self._unsigned()
        if self._foreign:
            out.append({"text": "", "thoughtSignature": self._carrier(self._pieces)})
        return out

    def _extras(self, extras: Extras, opened: PartOpened) -> Extras:
        return self._sheet.ledger.response(extras, opened.at, "media" if opened.kind == "media" else "content")

    def _count(self, opened: PartOpened) -> None:
        """Count what stands between a proof and the call that carries it, and the parts of the whole answer."""
        self._written += 1
        if opened.kind in ("reasoning", "opaque"):
            return
        is_text = opened.kind in ("text", "refusal")
        self._pieces += not (is_text and self._in_text)
        self._in_text = is_text
        self._sheet.refused = self._sheet.refused or opened.kind == "refusal"
        self.called = self.called or opened.kind in ("tool", "custom")

    def _reasoning(self, opened: PartOpened, text: str, closed: PartClosed) -> list[Part]:
        if opened.redacted:
            if self._sheet.own and closed.proof:
                self._signatures.append(signature_of(closed.proof))
                return self._unsigned() if self._signatures[-1][1] == "empty" else []
            if closed.proof:
                self._foreign.append(("red", closed.proof, "", self._pieces))
            return []
        before = self._unsigned()
        self._count(opened)
        extras = {**self._extras(opened.extras, opened), **self._extras(closed.extras, opened)}
        signature = self._thought_proof(text, closed)
        if not text and signature is None:
            return before
        signed = {} if signature is None else {"thoughtSignature": signature}
        return [*before, laid({"text": text, "thought": True, **signed}, extras)]

    def _thought_proof(self, text: str, closed: PartClosed) -> str | None:
        """The signature of a thought; another maker's waits, with the words that it signs."""
        if not closed.proof:
            return None
        if self._sheet.own:
            return closed.proof
        self._foreign.append(("sig", closed.proof, text, self._pieces))
        return None

    def _call(self, opened: PartOpened, text: str) -> dict[str, Any]:
        ident = self._sheet.call_id(opened.id)
        named = {**({} if ident is None else {"id": ident}), "name": opened.name or ""}
        at = RESPONSE + opened.at
        if opened.kind == "custom":
            self._sheet.ledger.approximate(at, "a free text call is told as a function call")
            return {"functionCall": {**named, "args": wrapped(text)}}
        found = object_of(text)
        if not is_exact(found, text):
            self._sheet.ledger.approximate(at + opened.told_in, "arguments that are no JSON object are wrapped in one")
        return {"functionCall": {**named, "args": found}}

    def _media(self, opened: PartOpened) -> dict[str, Any] | None:
        found = opened.media
        if found is None or not (found.data is not None or found.url or found.file_id):
            self._sheet.ledger.drop(RESPONSE + opened.at, f"{NO_PLACE}{found.kind if found is not None else opened.kind}")
            return None
        return media_written(found)

    def _opaque(self, opened: PartOpened) -> Raw | None:
        if self._sheet.own and opened.raw is not None:
            return opened.raw
        self._sheet.ledger.drop(RESPONSE + opened.at, f"{NO_PLACE}{opened.opaque_kind}")
        return None

    def _signature(self, signed: Signed | None) -> str | None:
        """What a part is signed with; a call carries the proofs of other makers, too."""
        if signed is None:
            return None
        if signed == "call" and self._foreign:
            return self._carrier(self._pieces - 1)
        if self._signatures and self._signatures[-1][1] in (None, signed):
            return self._signatures.pop()[0]
        return None

    def _carrier(self, before: int) -> str:
        """All that waits, sealed. `before`: how many pieces stand before what carries it."""
        waiting, self._foreign = self._foreign, []
        seal = self._sheet.answering.seal
        return carrier([seal(sealed(proof, text=text, back=before - at), kind) for kind, proof, text, at in waiting])

    def _unsigned(self) -> list[Part]:
        """Signatures whose part did not come, each by itself."""
        waiting, self._signatures = self._signatures, []
        self._written += len(waiting)
        return [{"text": "", "thoughtSignature": signature} for signature, _ in waiting]


def media_written(found: Media) -> dict[str, Any]:
    mime = found.mime or (sniff(found.data) if found.data is not None else None) or _DEFAULTS.get(found.kind)
    typed = {} if mime is None else {"mimeType": mime}
    named = {} if found.name is None else {"displayName": found.name}
    if found.data is not None:
        return {"inlineData": {**typed, "data": found.data, **named}}
    return {"fileData": {**typed, "fileUri": found.url or found.file_id or "", **named}}
