"""A provider's Chat answer, whole or streamed, -> events. What cannot be read is Failed; nothing is raised.

Rule: the first bytes tell whether it is a stream, whatever was asked for; only a non-empty finish_reason is an ending.
"""

from typing import Any

from msgspec import Raw

from dragoman.core.events import Finished, Reason, Started
from dragoman.core.loss import Loss, LossKind
from dragoman.core.quirks import Quirks
from dragoman.dialects.base import Undo
from dragoman.dialects.ledger import RESPONSE
from dragoman.dialects.openai_chat import usage
from dragoman.dialects.openai_chat.assemble import Assembly, keep
from dragoman.dialects.openai_chat.facts import CHOICE, FAILURES, REASONS
from dragoman.dialects.receiving import Receiving
from dragoman.wire import json
from dragoman.wire.sse import fields

_TAKEN = frozenset({"id", "object", "created", "model", "choices", "usage", "error", "obfuscation", "p"})
"""Top-level members with a place of their own, and padding that says nothing (OpenAI, Mistral)."""
_CHOICE_TAKEN = frozenset({"index", "delta", "message", "finish_reason", "logprobs", "usage", "error"})
_MATCHED = ("stop_reason", "matched_stop")
"""Where vLLM and SGLang tell which stop sequence matched (2026-11); numbers there are token ids."""


class ChatDecoder(Receiving):
    """One answer. `losses`: what the answer told and events cannot."""

    def __init__(self, quirks: Quirks, undo: Undo) -> None:
        self.losses: list[Loss] = []
        self._quirks = quirks
        self._assembly = Assembly(undo)
        super().__init__(self._assembly)
        self._started = False
        self._reason: str | None = None
        self._usage: dict[str, Any] | None = None
        self._extras: dict[str, Any] = {}
        self._logprobs: dict[str, list[Any]] = {}

    def _event(self, event: bytes, *, last: bool = False) -> None:
        if self._over:
            return
        name, data = "", event[5:].strip() if event.startswith(b"data:") else b""
        if not data or b"\n" in data or b"\r" in data:
            name, data = fields(event)
            data = data.strip()
        if not data:
            return
        if data == b"[DONE]":
            self._finish()
            return
        try:
            chunk = json.decode(data)
        except json.JSONError:
            chunk = _mended(data)
        if not isinstance(chunk, dict):
            if not last:
                self._fail("the provider's stream holds an event that is no JSON object")
        elif name == "error" and "error" not in chunk:
            self._told(chunk)
        else:
            self._chunk(chunk)

    def _chunk(self, chunk: dict[str, Any]) -> None:
        if chunk.get("error"):
            self._told(chunk)
            return
        choices = chunk.get("choices")
        if choices and isinstance(choices, list):
            if not self._started:
                self._start(chunk)
            for choice in choices:
                if isinstance(choice, dict):
                    self._choice(choice, "delta", "message")
        if chunk.get("usage"):
            self._count(chunk["usage"])
        if not chunk.keys() <= _TAKEN:
            self._more(chunk)

    def _whole(self, body: bytes) -> None:
        try:
            answer = json.decode(body.lstrip(b"\xef\xbb\xbf"))
        except json.JSONError:
            answer = _mended(body)
        if isinstance(answer, list):
            answer = {"error": answer[0].get("error") or answer[0]} if answer and isinstance(answer[0], dict) else None
        if not isinstance(answer, dict):
            self._fail("the provider's answer is not a JSON object" if body.strip() else "the provider's answer is empty")
            return
        nested = answer.get("provider")
        if not answer.get("choices") and isinstance(nested, dict) and nested.get("choices"):
            answer = nested  # OpenRouter, at times
        choices = answer.get("choices")
        if answer.get("error"):
            self._told(answer)
        elif not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
            self._fail("the provider's answer has no choices")
        else:
            self._start(answer)
            for place, choice in enumerate(choices):
                if isinstance(choice, dict):
                    self._choice({**_apart(choice), "index": place}, "message", "delta")
            if isinstance(answer.get("usage"), dict):
                self._count(answer["usage"])
            self._more(answer)
            self._end_whole()

    def _end_whole(self) -> None:
        if self._over:
            return
        if self._reason is None and self._assembly.any:
            self.losses.append(Loss(f"{RESPONSE}{CHOICE}finish_reason", LossKind.APPROXIMATED, "the provider told none"))
            self._finish(required=False)
        else:
            self._finish()

    def _start(self, answer: dict[str, Any]) -> None:
        self._started = True
        created = answer.get("created")
        extras = {"created": json.raw(created)} if isinstance(created, int) and created else {}
        self._emit(Started(id=_named(answer, "id"), model=_named(answer, "model"), extras=extras))

    def _choice(self, choice: dict[str, Any], *places: str) -> None:
        index = choice.get("index")
        if isinstance(index, int) and index > 0:
            loss = Loss(f"{RESPONSE}/choices/{index}", LossKind.DROPPED, "only the first choice is told")
            if loss not in self.losses:
                self.losses.append(loss)
            return
        delta = next((choice[place] for place in places if isinstance(choice.get(place), dict)), None)
        if delta:
            self._assembly.feed(delta)
        if choice.get("error"):
            self._told(choice)
            return
        reason = choice.get("finish_reason")
        if reason:
            self._stop(str(reason))
        if choice.get("logprobs"):
            self._log(choice["logprobs"])
        if not choice.keys() <= _CHOICE_TAKEN:
            for name in choice.keys() - _CHOICE_TAKEN:
                keep(self._extras, CHOICE + json.escape(name), choice[name])
        if isinstance(choice.get("usage"), dict):
            self._count(choice["usage"])

    def _stop(self, reason: str) -> None:
        """The last reason counts, but a later `stop` does not undo that tools are called (OpenRouter)."""
        if reason in FAILURES:
            self._fail(f"the provider broke off: finish_reason {reason}")
        elif self._reason is None or REASONS.get(self._reason) != "tool":
            self._reason = reason

    def _log(self, logprobs: Any) -> None:
        if isinstance(logprobs, dict):
            for name, entries in logprobs.items():
                if isinstance(entries, list):
                    self._logprobs.setdefault(name, []).extend(entries)

    def _more(self, answer: dict[str, Any]) -> None:
        for name in answer.keys() - _TAKEN:
            value = answer[name]
            if isinstance(value, list):
                self._extras.pop(name, None)  # top-level lists are told whole each time (citations)
            keep(self._extras, name, value)
        groq = answer.get("x_groq")
        if isinstance(groq, dict):
            if isinstance(groq.get("usage"), dict) and not answer.get("usage"):
                self._count(groq["usage"])
            if groq.get("error"):
                self._told({"error": groq["error"]})

    def _count(self, told: Any) -> None:
        if isinstance(told, dict) and ("prompt_tokens" in told or "completion_tokens" in told or "total_tokens" in told):
            self._usage = told

    def _break_off(self) -> None:
        self._finish()

    def _finish(self, required: bool = True) -> None:
        """The end: Finished if there was an ending, else Failed."""
        if self._over:
            return
        if self._reason is None and required and self._quirks.ending:
            self._fail("the provider's answer ended without a finish_reason")
            return
        self._assembly.close()
        for place in self._assembly.nameless:
            self.losses.append(Loss(f"{RESPONSE}{place}", LossKind.DROPPED, "a call without a name"))
        matched = self._matched()
        reason = self._mapped(matched)
        if self._logprobs:
            self._extras[CHOICE + "logprobs"] = self._logprobs
        extras: dict[str, Raw] = {
            name: json.raw(value) for name, value in sorted({**self._extras, **self._assembly.extras}.items())
        }
        counted = usage.read(self._usage) if self._usage is not None else None
        self._over = True
        paths = {"reason": CHOICE + "finish_reason", "cache_read": usage.place_of_reads(self._usage or {})}
        self._emit(
            Finished(reason=reason, raw_reason=self._reason, stop_sequence=matched, usage=counted, extras=extras, paths=paths)
        )

    def _matched(self) -> str | None:
        """The stop sequence that matched, where the provider tells it."""
        if self._reason != "stop":
            return None
        found = next((self._extras[CHOICE + name] for name in _MATCHED if isinstance(self._extras.get(CHOICE + name), str)), None)
        if found is not None:
            for name in _MATCHED:
                self._extras.pop(CHOICE + name, None)
        return found

    def _mapped(self, matched: str | None) -> Reason:
        """What the answer holds beats what the provider says about it."""
        reason = REASONS.get(self._reason, "other") if self._reason is not None else "stop"
        if self._assembly.called and reason in ("stop", "other"):
            return "tool"
        if reason == "tool" and not self._assembly.called:
            return "stop"
        if reason == "stop" and self._assembly.refused:
            return "refusal"
        return "stop_sequence" if reason == "stop" and matched is not None else reason


def _apart(choice: dict[str, Any]) -> dict[str, Any]:
    """Of a whole message every call is one of its own, even under an id that another one has."""
    message = choice.get("message")
    calls = message.get("tool_calls") if isinstance(message, dict) else None
    if not isinstance(message, dict) or not isinstance(calls, list):
        return choice
    placed = [{**call, "index": place} if isinstance(call, dict) else call for place, call in enumerate(calls)]
    return {**choice, "message": {**message, "tool_calls": placed}}


def _named(answer: dict[str, Any], name: str) -> str | None:
    value = answer.get(name)
    return value if isinstance(value, str) and value else None


def _mended(data: bytes) -> Any:
    """The value with halves of characters replaced; None for what is no JSON still."""
    try:
        return json.decode(json.mended(data))
    except json.JSONError:
        return None
