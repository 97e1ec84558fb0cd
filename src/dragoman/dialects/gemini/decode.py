"""A provider's answer, whole, streamed as events or streamed as one JSON array, -> events. Nothing is raised.

Rule: the first bytes tell what it is, whatever was asked for; only a `finishReason`, or the word that the prompt was blocked, is
an ending, and it is judged when the body has ended, for the last chunk may still tell usage and sources.
"""

from typing import Any, Final

from msgspec import Raw, Struct

from dragoman.core.errors import Error, ErrorKind
from dragoman.core.events import Event, Failed, Finished, Reason, Started
from dragoman.core.loss import Loss, LossKind
from dragoman.core.quirks import Quirks
from dragoman.dialects.base import Undo
from dragoman.dialects.faults.read import told_by
from dragoman.dialects.gemini import usage
from dragoman.dialects.gemini.assemble import Assembly, string
from dragoman.dialects.gemini.facts import CANDIDATE, FAILURES, ID, NUMBERS, REASONS, UNSAID
from dragoman.dialects.gemini.grounding import citations
from dragoman.dialects.ledger import RESPONSE
from dragoman.wire import json
from dragoman.wire.array import ArraySplitter, element
from dragoman.wire.sse import EventTooLargeError, Splitter, fields

_BLANK: Final = b"\xef\xbb\xbf \t\r\n"
_TAKEN: Final = frozenset({"candidates", "usageMetadata", "modelVersion", "responseId", "error"})
_CANDIDATE_TAKEN: Final = frozenset({"content", "finishReason", "index"})
_GROWING: Final = frozenset({CANDIDATE + "logprobsResult", CANDIDATE + "citationMetadata"})
"""Members whose lists come in pieces; of any other the last one counts."""
_FEEDBACK: Final = "promptFeedback"


class _Text(Struct, forbid_unknown_fields=True):
    text: str
    thought: bool = False


class _Content(Struct, forbid_unknown_fields=True):
    parts: list[_Text]
    role: str = ""


class _Candidate(Struct, forbid_unknown_fields=True):
    content: _Content
    index: int = 0


class _Quick(Struct, forbid_unknown_fields=True):
    """What most chunks of a stream are."""

    candidates: list[_Candidate]
    usageMetadata: Raw = Raw()  # noqa: N815
    modelVersion: str | None = None  # noqa: N815
    responseId: str | None = None  # noqa: N815
    createTime: Raw = Raw()  # noqa: N815


class Decoder:
    """One answer. `losses`: what the answer told and events cannot."""

    def __init__(self, quirks: Quirks, undo: Undo) -> None:
        self.losses: list[Loss] = []
        self._quirks = quirks
        self._assembly = Assembly(undo)
        self._head = b""
        self._events: Splitter | None = None
        self._elements: ArraySplitter | None = None
        self._body: list[bytes] | None = None
        self._started = False
        self._over = False
        self._reason: str | None = None
        self._blocked: str | None = None
        self._usage: Raw | None = None
        self._extras: dict[str, Raw] = {}

    def feed(self, data: bytes) -> list[Event]:
        if self._over:
            return []
        if self._events is None and self._elements is None and self._body is None:
            self._head += data
            first = self._head.lstrip(_BLANK)[:1]
            if not first:
                return []
            data, self._head = self._head, b""
            self._begin(first)
        if self._body is not None:
            self._body.append(data)
            return []
        try:
            if self._events is not None:
                for event in self._events.feed(data):
                    self._event(event)
            elif self._elements is not None:
                for piece in self._elements.feed(data):
                    self._element(piece)
        except EventTooLargeError as error:
            self._fail(f"the provider's answer is broken: {error}")
        return self._take()

    def close(self) -> list[Event]:
        if self._events is not None:
            for event in self._events.close():
                self._event(event, last=True)
            self._finish()
        elif self._elements is not None:
            self._finish(broken=not self._elements.ended)
        elif not self._over:
            self._whole(b"".join(self._body or ()))
        return self._take()

    def _begin(self, first: bytes) -> None:
        if first == b"[":
            self._elements = ArraySplitter()
        elif first in b'{"<':
            self._body = []
        else:
            self._events = Splitter()

    def _take(self) -> list[Event]:
        out, self._assembly.out = self._assembly.out, []
        return out

    def _event(self, event: bytes, *, last: bool = False) -> None:
        """`last`: the stream ended in this event, so it may be cut; the ending then decides."""
        if self._over:
            return
        data = event[5:].strip() if event.startswith(b"data:") else b""
        if not data or b"\n" in data or b"\r" in data:
            data = fields(event)[1].strip()
        if data and data != b"[DONE]":
            self._chunk(data, last=last)

    def _element(self, piece: bytes) -> None:
        data = element(piece)
        if data not in (b"", b"]") and not self._over:
            self._chunk(data)

    def _chunk(self, data: bytes, *, last: bool = False) -> None:
        try:
            self._quick(json.decode(data, _Quick))
        except json.JSONError:
            try:
                self._answer(json.members(json.mended(data)))
            except json.JSONError:
                if not last:
                    self._fail("the provider's stream holds an event that is no JSON object")

    def _quick(self, chunk: _Quick) -> None:
        if not self._started:
            self._start(chunk.responseId, chunk.modelVersion)
        for candidate in chunk.candidates:
            if candidate.index:
                self._other(candidate.index)
                continue
            for part in candidate.content.parts:
                if part.text:
                    self._assembly.say(part.text, "reasoning" if part.thought else "text")
        if memoryview(chunk.usageMetadata):
            self._count(chunk.usageMetadata)
        if memoryview(chunk.createTime):
            self._extras["createTime"] = chunk.createTime

    def _answer(self, members: dict[str, Raw], *, whole: bool = False) -> None:
        if "error" in members and not json.is_null(members["error"]):
            self._end(told_by({"error": json.decode(members["error"])}, None))
            return
        candidates = members.get("candidates")
        listed = json.items(candidates) if candidates is not None and json.is_array(candidates) else []
        if not self._started and (listed or _FEEDBACK in members or "usageMetadata" in members):
            self._start(string(members.get("responseId")), string(members.get("modelVersion")))
        for place, raw in enumerate(listed):
            self._candidate(json.members(raw), place if whole else 0, whole=whole)
            if self._over:
                return
        counted = members.get("usageMetadata")
        if counted is not None and json.is_object(counted):
            self._count(counted)
        for name in members.keys() - _TAKEN:
            self._keep(name, members[name])
        if _FEEDBACK in members and json.is_object(members[_FEEDBACK]):
            blocked = json.decode(members[_FEEDBACK]).get("blockReason")
            self._blocked = str(blocked) if blocked else self._blocked

    def _whole(self, body: bytes) -> None:
        try:
            data = body.strip(_BLANK)
            self._answer(json.members(json.mended(data)), whole=True)
        except json.JSONError:
            empty = not body.strip(_BLANK)
            self._fail("the provider's answer is empty" if empty else "the provider's answer is not a JSON object")
            return
        if self._over:
            return
        if not self._started:
            self._fail("the provider's answer has no candidates")
        elif self._reason is None and self._blocked is None and self._assembly.any:
            self.losses.append(Loss(f"{RESPONSE}{CANDIDATE}content", LossKind.APPROXIMATED, "the provider told no finishReason"))
            self._finish(required=False)
        else:
            self._finish()

    def _start(self, ident: str | None, model: str | None) -> None:
        self._started = True
        self._assembly.out.append(Started(id=ident or None, model=model or None))

    def _candidate(self, members: dict[str, Raw], index: int, *, whole: bool) -> None:
        told = members.get("index")
        if told is not None and bytes(told).isdigit():
            index = int(bytes(told))
        if index:
            self._other(index)
            return
        content = members.get("content")
        inside = json.members(content) if content is not None and json.is_object(content) else {}
        parts = inside.get("parts")
        for place, part in enumerate(json.items(parts) if parts is not None and json.is_array(parts) else ()):
            if json.is_object(part):
                self._assembly.part(part, place if whole else None)
        for name in members.keys() - _CANDIDATE_TAKEN:
            self._keep(CANDIDATE + json.escape(name), members[name])
        if "finishReason" in members:
            self._stop(_word(json.decode(members["finishReason"])))

    def _other(self, index: int) -> None:
        loss = Loss(f"{RESPONSE}/candidates/{index}", LossKind.DROPPED, "only the first candidate is told")
        if loss not in self.losses:
            self.losses.append(loss)

    def _stop(self, reason: str | None) -> None:
        if reason in FAILURES:
            words = string(self._extras.get(CANDIDATE + "finishMessage"))
            message = f"the model's answer failed: {reason}" + (f": {words}" if words else "")
            whole = b"".join(self._body) if self._body is not None else None
            self._end(
                Error(kind=ErrorKind.SERVER, message=message, status=None if whole is None else 200, body=whole, dialect=ID)
            )
        elif reason is not None:
            self._reason = reason

    def _count(self, told: Raw) -> None:
        """Counts go up from chunk to chunk; some chunks tell none."""
        if self._usage is None or b"TokenCount" in bytes(told):
            self._usage = told

    def _keep(self, name: str, value: Raw) -> None:
        if json.is_null(value):
            return
        known = self._extras.get(name)
        self._extras[name] = _grown(known, value) if known is not None and name in _GROWING else value

    def _fail(self, message: str) -> None:
        self._end(Error(kind=ErrorKind.SERVER, message=message, ours=True))

    def _end(self, error: Error) -> None:
        """An error ends an answer; one that a provider told in a whole body is handed on as it is to clients of this dialect."""
        if not self._over:
            self._over = True
            self._assembly.out.append(Failed(error))

    def _finish(self, required: bool = True, broken: bool = False) -> None:
        """The end: Finished if there was an ending, else Failed."""
        if self._over:
            return
        ended = self._reason is not None or self._blocked is not None
        if broken or not self._started or (not ended and required and self._quirks.ending):
            said = "broke off before its end" if self._started else "is empty"
            self._fail(f"the provider's answer {said}")
            return
        text = self._assembly.text
        self._assembly.close(citations(text, self._extras) if text else ())
        self._over = True
        self._assembly.out.append(
            Finished(
                reason=self._mapped(),
                raw_reason=self._reason or self._blocked,
                usage=None if self._usage is None else usage.read(self._usage),
                extras=dict(sorted(self._extras.items())),
                paths={**usage.PATHS, "reason": self._path()},
            )
        )

    def _path(self) -> str:
        if self._reason is not None:
            return f"{CANDIDATE}finishReason"
        return f"/{_FEEDBACK}/blockReason" if self._blocked is not None else f"{CANDIDATE}content"

    def _mapped(self) -> Reason:
        """Google ends a turn that calls functions as any other."""
        if self._reason is None:
            return "refusal" if self._blocked is not None else "tool" if self._assembly.called else "stop"
        reason = "stop" if self._reason == "STOP" else REASONS.get(self._reason, "other")
        return "tool" if reason == "stop" and self._assembly.called else reason


def _word(told: Any) -> str | None:
    """A finish reason; older SDKs of Vertex write numbers."""
    if isinstance(told, int) and not isinstance(told, bool):
        told = NUMBERS[told] if 0 <= told < len(NUMBERS) else "OTHER"
    return told if isinstance(told, str) and told not in ("", UNSAID) else None


def _grown(known: Raw, value: Raw) -> Raw:
    """Two objects as one: lists go on, of all else the last value counts."""
    before, after = json.decode(known), json.decode(value)
    if not isinstance(before, dict) or not isinstance(after, dict):
        return value
    for name, more in after.items():
        held = before.get(name)
        if isinstance(held, list) and isinstance(more, list):
            before[name] = [*held, *(each for each in more if name != "citations" or each not in held)]
        else:
            before[name] = more
    return json.raw(before)
