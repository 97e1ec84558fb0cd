"""An Ollama answer -> events: one JSON object a line, the last with `done`; a whole answer is one such line.

Rule: it is read line by line whatever was asked for. Only `"done": true` is an ending; nothing is raised.
"""

from msgspec import Raw

from dragoman.core.errors import Error, ErrorKind
from dragoman.core.events import Event, Failed, Finished, PartClosed, PartDelta, PartKind, PartOpened, Reason, Started, Usage
from dragoman.core.loss import Loss, LossKind
from dragoman.core.quirks import Quirks
from dragoman.dialects.base import Undo
from dragoman.dialects.faults.read import told_by
from dragoman.dialects.free_text import unwrapped
from dragoman.dialects.ledger import RESPONSE
from dragoman.dialects.ollama.facts import COUNTS, METRICS, REASONS
from dragoman.wire import json
from dragoman.wire.ndjson import Splitter
from dragoman.wire.sse import EventTooLargeError

_TAKEN = frozenset({"model", "created_at", "message", "done", "done_reason", "logprobs", *METRICS})
_MESSAGE_TAKEN = frozenset({"role", "content", "thinking", "tool_calls"})
_MESSAGE = "/message/"
_TRUE = b"true"


class OllamaDecoder:
    """One answer. `losses`: what the answer told and events cannot."""

    def __init__(self, quirks: Quirks, undo: Undo) -> None:
        self.losses: list[Loss] = []
        self._quirks, self._undo = quirks, undo
        self._splitter = Splitter()
        self._out: list[Event] = []
        self._document: list[bytes] = []
        self._last: dict[str, Raw] = {}
        self._lines = self._calls = self._next = 0
        self._said: PartKind | None = None
        self._over = False
        self._extras: dict[str, Raw] = {}
        self._logprobs: list[Raw] = []

    def feed(self, data: bytes) -> list[Event]:
        if not self._over:
            try:
                for line in self._splitter.feed(data):
                    self._line(line)
            except EventTooLargeError as error:
                self._fail(f"the provider's answer is broken: {error}")
        return self._take()

    def close(self) -> list[Event]:
        for line in self._splitter.close():
            self._line(line)
        if self._document and not self._over:
            self._read(b"\n".join(self._document), "the provider's answer is no JSON object")
        if not self._over:
            self._end_of_body()
        return self._take()

    def _take(self) -> list[Event]:
        out, self._out = self._out, []
        return out

    def _line(self, line: bytes) -> None:
        """A first line that is no object may begin one that stands on several lines."""
        if self._over or not line.strip():
            return
        if self._document or (self._lines == 0 and not _is_object(line)):
            self._document.append(line)
        else:
            self._read(line, "the provider's stream holds a line that is no JSON object")

    def _read(self, line: bytes, broken: str) -> None:
        self._lines += 1
        try:
            told = json.members(json.mended(_plain(line)))
            if _is_told(told.get("error")):
                self._over = True
                self._out.append(Failed(told_by(json.decode(json.encode(told)), None)))
            elif "message" in told or "done" in told:
                self._object(told)
            else:
                self._fail("the provider's answer holds no message")
        except json.JSONError:
            self._fail(broken)

    def _object(self, told: dict[str, Raw]) -> None:
        if self._lines == 1:
            self._out.append(Started(model=_text(told.get("model")) or None))
        message = told.get("message")
        if message is not None and json.is_object(message):
            self._message(json.members(message))
        for name in told.keys() - _TAKEN:
            self._keep(name, told[name])
        logprobs = told.get("logprobs")
        if logprobs is not None and json.is_array(logprobs):
            self._logprobs += json.items(logprobs)
        self._last = told
        if bytes(told.get("done", Raw(b""))) == _TRUE:
            self._finish()

    def _message(self, message: dict[str, Raw]) -> None:
        for kind, name in _WORDS:
            text = _text(message.get(name))
            if text:
                self._say(kind, text, _MESSAGE + name)
        calls = message.get("tool_calls")
        for call in json.items(calls) if calls is not None and json.is_array(calls) else ():
            self._call(json.members(call))
        for name in message.keys() - _MESSAGE_TAKEN:
            self._keep(_MESSAGE + json.escape(name), message[name])

    def _say(self, kind: PartKind, text: str, place: str) -> None:
        if self._said != kind:
            self._close_said()
            self._said = kind
            self._out.append(PartOpened(index=self._next, kind=kind, at=place))
        self._out.append(PartDelta(self._next, text))

    def _close_said(self) -> None:
        if self._said is not None:
            self._out.append(PartClosed(index=self._next))
            self._said = None
            self._next += 1

    def _call(self, call: dict[str, Raw]) -> None:
        """A call comes whole; servers before 2025-11 give it no id."""
        self._close_said()
        function = json.members(call.get("function", Raw(b"{}")))
        wire = _text(function.get("name"))
        is_custom = wire in self._undo.custom
        at, self._calls = f"{_MESSAGE}tool_calls/{self._calls}", self._calls + 1
        name, told = self._undo.names.get(wire, wire), _arguments(function.get("arguments"))
        text = unwrapped(told) if is_custom else told
        kind: PartKind = "custom" if is_custom else "tool"
        id_ = _text(call.get("id")) or None
        self._out.append(PartOpened(index=self._next, kind=kind, id=id_, name=name, at=at, told_in="/function/arguments"))
        if text:
            self._out.append(PartDelta(self._next, text))
        self._out.append(PartClosed(index=self._next))
        self._next += 1

    def _keep(self, name: str, value: Raw) -> None:
        if _is_told(value):
            self._extras[name] = value

    def _end_of_body(self) -> None:
        """A whole answer that says nothing of an ending is one; a stream never is."""
        self._close_said()
        if self._lines == 1 and "done" not in self._last and self._next:
            self.losses.append(Loss(f"{RESPONSE}/message", LossKind.APPROXIMATED, "the provider told no ending"))
            self._finish()
        elif self._lines and not self._quirks.ending:
            self._finish()
        else:
            self._fail("the provider's answer ended without done" if self._lines else "the provider's answer is empty")

    def _finish(self) -> None:
        self._close_said()
        self._over = True
        word = _text(self._last.get("done_reason")) or None
        reason: Reason = "stop" if word is None else REASONS.get(word, "other")
        if self._calls and reason in ("stop", "other"):
            reason = "tool"
        if self._logprobs:
            self._extras["logprobs"] = json.raw(self._logprobs)
        counts = [name for name in COUNTS if name in self._last]
        ending = next((name for name in ("done_reason", "done") if name in self._last), "message")
        paths = {"reason": f"/{ending}", "usage": f"/{counts[0]}" if counts else ""}
        extras = dict(sorted(self._extras.items()))
        self._out.append(Finished(reason=reason, raw_reason=word, usage=_usage(self._last, counts), extras=extras, paths=paths))

    def _fail(self, message: str) -> None:
        if not self._over:
            self._over = True
            self._out.append(Failed(Error(kind=ErrorKind.SERVER, message=message, ours=True)))


_WORDS: tuple[tuple[PartKind, str], ...] = (("reasoning", "thinking"), ("text", "content"))


def _plain(line: bytes) -> bytes:
    return line.removeprefix(b"\xef\xbb\xbf")


def _is_object(line: bytes) -> bool:
    try:
        json.members(_plain(line))
    except json.JSONError:
        return False
    return True


def _is_told(value: Raw | None) -> bool:
    return value is not None and bytes(value) not in (b"null", b'""', b"[]", b"{}", b"false")


def _text(value: Raw | None) -> str:
    return json.decode(value, str) if value is not None and json.is_string(value) else ""


def _arguments(value: Raw | None) -> str:
    """The exact text of the object; of a string, which some servers send, what it holds. Never empty."""
    told = _text(value) if value is None or json.is_string(value) else bytes(value).decode("utf-8", "replace")
    return told if told.strip() not in ("", "null") else "{}"


def _usage(told: dict[str, Raw], counts: list[str]) -> Usage | None:
    """Servers before 2026 do not count the tokens of a prompt that they had cached; no count at all is left out."""
    if not counts:
        return None
    found = {name: json.decode(told[name]) for name in counts}
    whole = {name: value if isinstance(value, int) and value > 0 else 0 for name, value in found.items()}
    raw = json.raw({name: told[name] for name in told if name in METRICS})
    return Usage(input=whole.get(COUNTS[0], 0), output=whole.get(COUNTS[1], 0), raw=raw)
