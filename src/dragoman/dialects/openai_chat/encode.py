"""Events -> a stream of Chat chunks.

Rule: one id, the role once and first, calls numbered from 0, one finish, then usage if it was asked for.
Most events are one delta, so the bytes around it are made once.
"""

from typing import Any

from dragoman.core.events import Event, Failed, Finished, PartClosed, PartDelta, PartOpened, Started
from dragoman.core.loss import Loss
from dragoman.dialects.base import Answering
from dragoman.dialects.ledger import NO_PLACE, RESPONSE
from dragoman.dialects.openai.errors import error_event
from dragoman.dialects.openai_chat.answering import (
    Names,
    annotations,
    detail,
    explanation,
    media,
    reason_word,
    shared,
    slot_of,
    usage_told,
)
from dragoman.wire import json

_DONE = b"data: [DONE]\n\n"
_OPENED = '{"role":"assistant","content":""}'


class _Part:
    """An open part. `before`, `after`: the bytes around the JSON string of its deltas."""

    __slots__ = ("after", "at", "before", "kind", "letters", "place", "redacted", "start")

    def __init__(self, opened: PartOpened, place: int, start: int) -> None:
        self.at = opened.at
        self.kind = opened.kind
        self.redacted = opened.redacted
        self.place = place
        self.start = start
        self.letters = 0
        self.before = b""
        self.after = b""


class StreamEncoder:
    """`losses`: what the provider's answer told and Chat cannot."""

    def __init__(self, answering: Answering) -> None:
        self._answering = answering
        self._names = Names(answering)
        self.losses: list[Loss] = self._names.ledger.losses
        self._parts: dict[int, _Part] = {}
        self._head = b""
        self._calls = 0
        self._proofs = 0
        self._letters = 0
        self._listed: dict[str, int] = {}
        self._refused = False
        self._ended = False
        self._failed = False

    def encode(self, event: Event) -> bytes:
        if isinstance(event, PartDelta):
            part = self._parts[event.index]
            part.letters += len(event.text)
            return b"%b%b%b" % (part.before, json.encode(event.text), part.after) if part.before else b""
        match event:
            case Started():
                return self._start(event)
            case PartOpened():
                return self._open(event)
            case PartClosed():
                return self._close(event)
            case Finished():
                return self._finish(event)
            case Failed():
                self._failed = True
                return error_event(event.error)

    def close(self) -> bytes:
        return _DONE if self._ended and not self._failed else b""

    def _start(self, event: Started) -> bytes:
        self._names.start(event)
        names = self._names
        head = {"id": names.id, "object": "chat.completion.chunk", "created": names.created, "model": names.model}
        self._head = b"data: " + json.encode(head)[:-1] + b',"choices":['
        return self._chunk(_OPENED.encode())

    def _chunk(self, delta: bytes) -> bytes:
        return b'%b{"index":0,"delta":%b,"finish_reason":null}]}\n\n' % (self._head, delta)

    def _say(self, delta: dict[str, Any]) -> bytes:
        return self._chunk(json.encode(delta))

    def _open(self, event: PartOpened) -> bytes:
        if not self._head:
            return self._start(Started()) + self._open(event)
        part = self._parts[event.index] = _Part(event, self._calls, self._letters)
        match event.kind:
            case "text":
                self._around(part, b'{"content":', b"}")
            case "refusal":
                self._refused = True
                self._around(part, b'{"refusal":', b"}")
            case "reasoning":
                self._around(part, b'{"%b":' % slot_of(event, self._names.own).encode(), b"}")
            case "tool" | "custom":
                return self._call(event, part)
            case "media":
                found = media(self._names, event)
                return b"" if found is None else self._say({found[0]: self._numbered(*found)})
            case "opaque":
                return self._opaque(event)
        self._names.ledger.response(event.extras, event.at, "content")
        return b""

    def _around(self, part: _Part, before: bytes, after: bytes) -> None:
        part.before = b'%b{"index":0,"delta":%b' % (self._head, before)
        part.after = b'%b,"finish_reason":null}]}\n\n' % after

    def _call(self, event: PartOpened, part: _Part) -> bytes:
        custom = event.kind == "custom"
        self._calls += 1
        if self._names.legacy:
            if part.place:
                self._names.ledger.drop(RESPONSE + event.at, "function_call holds one call")
                return b""
            self._around(part, b'{"function_call":{"arguments":', b"}}")
            return self._say({"function_call": {"name": event.name, "arguments": ""}})
        kind, text = (b"custom", b"input") if custom else (b"function", b"arguments")
        self._around(part, b'{"tool_calls":[{"index":%d,"%b":{"%b":' % (part.place, kind, text), b"}}]}")
        inner = {"name": event.name or "", "input" if custom else "arguments": ""}
        told = {"index": part.place, "id": self._names.call_id(event.id), "type": kind.decode(), kind.decode(): inner}
        return self._say({"tool_calls": [told]})

    def _opaque(self, event: PartOpened) -> bytes:
        if self._names.own and event.raw is not None:
            return self._say({"content": [event.raw]})
        self._names.ledger.drop(RESPONSE + event.at, f"{NO_PLACE}{event.opaque_kind}")
        return b""

    def _close(self, event: PartClosed) -> bytes:
        part = self._parts[event.index]
        match part.kind:
            case "text":
                end = self._letters = part.start + part.letters
                found = annotations(self._names, event, part.at, part.start, end)
                return self._say({"annotations": self._numbered("annotations", found)}) if found else b""
            case "reasoning":
                place, self._proofs = self._proofs, self._proofs + 1
                told = detail(self._answering, event, part.letters, part.redacted, place)
                return b"" if told is None else self._say({"reasoning_details": [{**told, "index": told.get("index", place)}]})
            case "tool" | "custom" if part.before:
                return self._close_call(part, event)
        return b""

    def _close_call(self, part: _Part, event: PartClosed) -> bytes:
        """Arguments are never empty: `{}` where none came."""
        out = b"" if part.letters or part.kind == "custom" else b"%b%b%b" % (part.before, b'"{}"', part.after)
        extras = self._names.ledger.response(event.extras, part.at, "tool_calls")
        return out + self._say({"tool_calls": [{"index": part.place, **extras}]}) if extras else out

    def _numbered(self, name: str, value: Any) -> Any:
        """The entries of a list with an index each, by which official SDKs put the deltas of a list together."""
        if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
            return value
        first = self._listed.get(name, 0)
        self._listed[name] = first + len(value)
        return [{"index": first + place, **entry} for place, entry in enumerate(value)]

    def _finish(self, event: Finished) -> bytes:
        out = b"" if self._head else self._start(Started())
        self._ended = True
        message, choice, answer = shared(self._names, event)
        words = explanation(self._names, event)
        if words is not None and not self._refused:
            out += self._say({"refusal": words})
        word = reason_word(self._names, event, bool(self._calls))
        delta = {name: self._numbered(name, json.decode(raw)) for name, raw in message.items()}
        told = json.encode({"index": 0, "delta": delta, **choice, "finish_reason": word})
        more = b"".join(b",%b:%b" % (json.encode(name), bytes(raw)) for name, raw in answer.items())
        out += b"%b%b]%b}\n\n" % (self._head, told, more)
        usage = usage_told(self._names, event)
        if usage is not None and self._answering.request.stream_usage:
            out += b'%b],"usage":%b}\n\n' % (self._head, json.encode(usage))
        return out
