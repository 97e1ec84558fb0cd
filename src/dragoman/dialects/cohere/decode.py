"""A Cohere answer, whole or streamed, -> events. What cannot be read is Failed; nothing is raised.

Rule: the first bytes tell whether it is a stream, whatever was asked for; only a finish reason is an ending.
"""

from collections.abc import Callable
from typing import Any

from msgspec import Raw

from dragoman.core.events import Finished, Reason, Started, Usage
from dragoman.core.loss import Loss, LossKind
from dragoman.core.quirks import Quirks
from dragoman.dialects.base import Undo
from dragoman.dialects.cohere.assemble import PLAN, WORDS, Assembly
from dragoman.dialects.cohere.facts import FAILURES, REASONS
from dragoman.dialects.ledger import RESPONSE
from dragoman.dialects.receiving import Receiving
from dragoman.wire import json
from dragoman.wire.sse import fields

_TAKEN = frozenset({"id", "finish_reason", "message", "usage", "logprobs", "type", "index", "delta"})
_MESSAGE_TAKEN = frozenset({"role", "content", "tool_plan", "tool_calls", "citations"})
_BLOCKS = frozenset({"text", "thinking"})
_DONE = b"[DONE]"
_MOST = 2**53
"""More than that is no count of tokens."""


class CohereDecoder(Receiving):
    """One answer. `losses`: what the answer told and events cannot."""

    def __init__(self, quirks: Quirks, undo: Undo) -> None:
        self.losses: list[Loss] = []
        self._quirks = quirks
        self._assembly = Assembly(undo)
        super().__init__(self._assembly)
        self._started = False
        self._thinks: set[int] = set()
        self._reason: str | None = None
        self._usage: dict[str, Any] | None = None
        self._extras: dict[str, Raw] = {}
        self._logprobs: list[Any] = []
        self._events: dict[str, Callable[[dict[str, Any], dict[str, Any]], None]] = {
            "content-start": self._content_start,
            "content-delta": self._content_delta,
            "tool-plan-delta": lambda event, message: self._assembly.say("reasoning", _text(message.get("tool_plan")), PLAN),
            "tool-call-start": lambda event, message: self._assembly.call(_index(event), _object(message.get("tool_calls"))),
            "tool-call-delta": self._call_delta,
            "tool-call-end": lambda event, message: self._assembly.end_call(_index(event)),
            "citation-start": lambda event, message: self._assembly.cite(_object(message.get("citations"))),
            "message-end": self._message_end,
        }

    def _event(self, event: bytes, *, last: bool = False) -> None:
        data = fields(event)[1].strip()
        if self._over or not data or data == _DONE:
            return
        told = _decoded(data)
        if not isinstance(told, dict):
            if not last:
                self._fail("the provider's stream holds an event that is no JSON object")
            return
        handle = self._events.get(_text(told.get("type")))
        if handle is None and _words_of_error(told):
            self._told(told)
            return
        if not self._started:
            self._start(told)
        self._more(told)
        if handle is not None:
            handle(told, _object(_object(told.get("delta")).get("message")))

    def _start(self, told: dict[str, Any]) -> None:
        """The name of the model is not told."""
        self._started = True
        self._emit(Started(id=_text(told.get("id")) or None))

    def _content_start(self, event: dict[str, Any], message: dict[str, Any]) -> None:
        content = _object(message.get("content"))
        if content.get("type") == "thinking":
            self._thinks.add(_index(event))
        self._block(_index(event), content)

    def _content_delta(self, event: dict[str, Any], message: dict[str, Any]) -> None:
        self._content(_index(event), _object(message.get("content")))
        if event.get("logprobs"):
            self._logprobs.append(event["logprobs"])

    def _block(self, place: int, block: dict[str, Any]) -> None:
        """A block of the content, or its beginning."""
        if block.get("type", "text") in _BLOCKS:
            self._content(place, block)
        else:
            self._assembly.other(place, block)

    def _content(self, block: int, content: dict[str, Any]) -> None:
        self._assembly.say("reasoning", _text(content.get("thinking")), block)
        self._assembly.say("reasoning" if block in self._thinks else "text", _text(content.get("text")), block)

    def _call_delta(self, event: dict[str, Any], message: dict[str, Any]) -> None:
        function = _object(_object(message.get("tool_calls")).get("function"))
        self._assembly.argue(_index(event), function.get("arguments"))

    def _message_end(self, event: dict[str, Any], message: dict[str, Any]) -> None:
        delta = _object(event.get("delta"))
        self._ending(delta, delta.get("error"))

    def _ending(self, told: dict[str, Any], error: Any) -> None:
        """What an answer ends with: a reason, counts, or what went wrong."""
        if isinstance(told.get("usage"), dict):
            self._usage = told["usage"]
        reason = _text(told.get("finish_reason"))
        if error:
            self._told({"message": error} if isinstance(error, str) else {"error": error}, FAILURES.get(reason))
        elif reason in FAILURES:
            self._fail(f"the provider broke off: finish_reason {reason}", FAILURES[reason])
        elif reason:
            self._reason = reason
            self._finish()

    def _whole(self, body: bytes) -> None:
        answer = _decoded(body.removeprefix(b"\xef\xbb\xbf"))
        if not isinstance(answer, dict):
            self._fail("the provider's answer is not a JSON object" if body.strip() else "the provider's answer is empty")
            return
        message = answer.get("message")
        if not isinstance(message, dict):
            if _words_of_error(answer):
                self._told(answer)
            else:
                self._fail("the provider's answer holds no message")
            return
        self._start(answer)
        self._message(message)
        self._more(answer)
        if answer.get("logprobs"):
            self._logprobs = list(answer["logprobs"]) if isinstance(answer["logprobs"], list) else [answer["logprobs"]]
        self._ending(answer, None)
        if not self._over:
            self._end_whole()

    def _message(self, message: dict[str, Any]) -> None:
        content = message.get("content")
        blocks = dict(enumerate(_list(content))) if not isinstance(content, str) else {WORDS: {"text": content}}
        notes = [note for note in _list(message.get("citations")) if isinstance(note, dict)]
        self._assembly.expect(notes, [place for place, block in blocks.items() if "thinking" not in _object(block)])
        for place, block in blocks.items():
            self._block(place, _object(block))
        self._assembly.say("reasoning", _text(message.get("tool_plan")), PLAN)
        for place, call in enumerate(_list(message.get("tool_calls"))):
            self._assembly.call(place, _object(call))
            self._assembly.end_call(place)
        for name in message.keys() - _MESSAGE_TAKEN:
            self._keep(f"/message/{json.escape(name)}", message[name])

    def _end_whole(self) -> None:
        if self._assembly.any:
            self.losses.append(Loss(f"{RESPONSE}/message", LossKind.APPROXIMATED, "the provider told no ending"))
        self._finish(required=not self._assembly.any)

    def _more(self, told: dict[str, Any]) -> None:
        for name in told.keys() - _TAKEN:
            self._keep(name, told[name])

    def _keep(self, name: str, value: Any) -> None:
        if value not in (None, "", [], {}):
            self._extras[name] = json.raw(value)

    def _break_off(self) -> None:
        self._finish()

    def _finish(self, *, required: bool = True) -> None:
        if self._reason is None and required and (self._quirks.ending or not self._started):
            self._fail("the provider's answer ended without a finish_reason")
            return
        self._over = True
        extras = {**self._extras, **self._assembly.close()}
        if self._logprobs:
            extras["logprobs"] = json.raw(self._logprobs)
        reason: Reason = "stop" if self._reason is None else REASONS.get(self._reason, "other")
        if self._assembly.calls and reason in ("stop", "other"):
            reason = "tool"
        elif reason == "tool" and not self._assembly.calls:
            reason = "stop"
        paths = {"reason": "/message" if self._reason is None else "/finish_reason", "cache_read": "/usage/cached_tokens"}
        usage = None if self._usage is None else _counted(self._usage)
        self._emit(
            Finished(reason=reason, raw_reason=self._reason, usage=usage, extras=dict(sorted(extras.items())), paths=paths)
        )


def _counted(told: dict[str, Any]) -> Usage:
    """`tokens` are what went through the model; `billed_units` are what is paid for, and stand in where there is nothing else.

    Images are counted apart from `input_tokens`; `cached_tokens` are part of them (as recorded, 2026-08).
    """
    tokens = _object(told.get("tokens")) or _object(told.get("billed_units"))
    output = _count(tokens, "output_tokens")
    return Usage(
        input=_count(tokens, "input_tokens") + _count(tokens, "image_tokens"),
        output=output,
        cache_read=_count(told, "cached_tokens"),
        reasoning=min(_count(tokens, "reasoning_tokens"), output),
        raw=json.raw(told),
    )


def _count(told: dict[str, Any], name: str) -> int:
    value = told.get(name)
    known = isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= _MOST
    return int(value) if known and value is not None else 0


def _words_of_error(told: dict[str, Any]) -> bool:
    return isinstance(told.get("message"), str) or bool(told.get("error"))


def _decoded(data: bytes) -> Any:
    """The value, with halves of characters replaced; None for what is no JSON."""
    try:
        return json.decode(json.mended(data))
    except json.JSONError:
        return None


def _object(value: Any) -> dict[str, Any]:
    """An object; of a list, which some events hold, its first."""
    value = value[0] if isinstance(value, list) and value else value
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _index(event: dict[str, Any]) -> int:
    value = event.get("index")
    return value if isinstance(value, int) else 0
