"""Events -> one Chat completion, returned by `close`."""

from typing import Any

from dragoman.core.events import Event, Failed, Finished, PartClosed, PartDelta, PartOpened, Started
from dragoman.core.loss import Loss
from dragoman.dialects.base import Answering
from dragoman.dialects.ledger import NO_PLACE, RESPONSE
from dragoman.dialects.openai.errors import describe
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


class _Part:
    __slots__ = ("closed", "opened", "pieces")

    def __init__(self, opened: PartOpened) -> None:
        self.opened = opened
        self.pieces: list[str] = []
        self.closed = PartClosed(index=opened.index)

    @property
    def text(self) -> str:
        return "".join(self.pieces)


class WholeEncoder:
    """Collects; `close` writes. `losses`: what the provider's answer told and Chat cannot."""

    def __init__(self, answering: Answering) -> None:
        self._answering = answering
        self._names = Names(answering)
        self.losses: list[Loss] = self._names.ledger.losses
        self._parts: dict[int, _Part] = {}
        self._started = False
        self._end: Finished | Failed | None = None

    def encode(self, event: Event) -> bytes:
        match event:
            case PartDelta():
                self._parts[event.index].pieces.append(event.text)
            case PartOpened():
                self._parts[event.index] = _Part(event)
            case PartClosed():
                self._parts[event.index].closed = event
            case Started():
                self._started = True
                self._names.start(event)
            case Finished() | Failed():
                self._end = event
                if isinstance(event, Finished):
                    self._body = self._complete(event)
        return b""

    def close(self) -> bytes:
        match self._end:
            case None:
                return b""
            case Failed(error):
                return json.encode({"error": describe(error)})
            case _:
                return self._body

    def _complete(self, end: Finished) -> bytes:
        """Made when the answer ends, so that its losses are known before it is written."""
        names = self._names
        if not self._started:
            names.start(Started())
        parts = [self._parts[index] for index in sorted(self._parts)]
        message, choice, answer = shared(names, end)
        told: dict[str, Any] = {"role": "assistant", "content": None, "refusal": None}
        self._text(told, parts)
        if "annotations" in told and "annotations" in message:
            message["annotations"] = json.raw([*told["annotations"], *json.decode(message["annotations"])])
        self._refusal(told, parts, end)
        self._thinking(told, parts)
        called = self._calls(told, parts)
        self._media(told, parts)
        reason = reason_word(names, end, called)
        place = {"index": 0, "message": {**told, **message}, "logprobs": None, **choice, "finish_reason": reason}
        body = {"id": names.id, "object": "chat.completion", "created": names.created, "model": names.model, "choices": [place]}
        usage = usage_told(names, end)
        return json.encode({**body, **({} if usage is None else {"usage": usage}), **answer})

    def _text(self, told: dict[str, Any], parts: list[_Part]) -> None:
        text, cited, opaque = "", [], []
        for part in parts:
            if part.opened.kind == "text":
                start, text = len(text), text + part.text
                cited += annotations(self._names, part.closed, part.opened.at, start, len(text))
            elif part.opened.kind == "opaque" and self._names.own:
                opaque.append(part.opened.raw)
            elif part.opened.kind == "opaque":
                self._names.ledger.drop(RESPONSE + part.opened.at, f"{NO_PLACE}{part.opened.opaque_kind}")
            if part.opened.kind in ("text", "reasoning", "refusal") and not self._names.own:
                self._names.ledger.response(part.opened.extras, part.opened.at, "content")
        if text or not any(part.opened.kind in ("tool", "custom", "refusal", "media") for part in parts):
            told["content"] = text
        if opaque:
            told["content"] = [*([{"type": "text", "text": text}] if text else ()), *opaque]
        if cited:
            told["annotations"] = cited

    def _refusal(self, told: dict[str, Any], parts: list[_Part], end: Finished) -> None:
        words = "".join(part.text for part in parts if part.opened.kind == "refusal") or explanation(self._names, end)
        told["refusal"] = words or None

    def _thinking(self, told: dict[str, Any], parts: list[_Part]) -> None:
        """The string, and the details where any thought has a proof: then each has one, or nobody could tell them apart."""
        thoughts = [part for part in parts if part.opened.kind == "reasoning"]
        entries: list[dict[str, Any] | None] = []
        for place, part in enumerate(thoughts):
            text = part.text
            if text:
                slot = slot_of(part.opened, self._names.own)
                told[slot] = told.get(slot, "") + text
            entry = detail(self._answering, part.closed, len(text), part.opened.redacted, place)
            if entry is not None and not part.opened.redacted:
                entry = {**entry, "summary" if entry.get("type") == "reasoning.summary" else "text": text}
            entries.append(entry)
        if any(entry is not None for entry in entries):
            plain = ({"type": "reasoning.text", "text": part.text} for part in thoughts)
            told["reasoning_details"] = [entry or other for entry, other in zip(entries, plain, strict=True)]

    def _calls(self, told: dict[str, Any], parts: list[_Part]) -> bool:
        calls = [part for part in parts if part.opened.kind in ("tool", "custom")]
        if not calls:
            return False
        if self._names.legacy:
            told["function_call"] = {"name": calls[0].opened.name, "arguments": calls[0].text or "{}"}
            for part in calls[1:]:
                self._names.ledger.drop(RESPONSE + part.opened.at, "function_call holds one call")
        else:
            told["tool_calls"] = [self._call(part) for part in calls]
        return True

    def _call(self, part: _Part) -> dict[str, Any]:
        custom = part.opened.kind == "custom"
        name, text = part.opened.name or "", part.text
        inner = {"name": name, "input": text} if custom else {"name": name, "arguments": text or "{}"}
        kind = "custom" if custom else "function"
        extras = self._names.ledger.response(part.closed.extras, part.opened.at, "tool_calls")
        return {"id": self._names.call_id(part.opened.id), "type": kind, kind: inner, **extras}

    def _media(self, told: dict[str, Any], parts: list[_Part]) -> None:
        for part in parts:
            found = media(self._names, part.opened) if part.opened.kind == "media" else None
            if found is not None and isinstance(found[1], list):
                told[found[0]] = [*told.get(found[0], ()), *found[1]]
            elif found is not None:
                told[found[0]] = found[1]
