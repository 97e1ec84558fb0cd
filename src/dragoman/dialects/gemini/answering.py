"""What the whole and the streaming encoder share: the identity of an answer, why it ended, usage, extras, sources.

Rule: an answer of a provider of this dialect goes back in its own words; another's in Google's.
"""

from typing import Any, Final

from msgspec import Raw

from dragoman.core.events import Citation, Finished, Started
from dragoman.core.parts import Extras
from dragoman.dialects.base import Answering
from dragoman.dialects.gemini import usage
from dragoman.dialects.gemini.facts import CANDIDATE, ID, WORDS
from dragoman.dialects.gemini.grounding import metadata
from dragoman.dialects.ledger import RESPONSE, Ledger
from dragoman.wire import json

_EMPTY: Final = {"text": ""}
"""What stands in an answer without a word, for clients that look at its first part."""
_FORBIDDEN: Final = frozenset({"bio", "cyber"})
"""Categories of a refusal (Anthropic, 2026-11) that are not about safety in general."""


class Sheet:
    """The identity of an answer. `own`: made in this dialect. `refused`: there were words of refusal. `cited`: what its texts are
    based on, with the text and the number of its part."""

    __slots__ = ("_ids", "_known", "answering", "cited", "id", "ledger", "model", "own", "refused")

    def __init__(self, answering: Answering) -> None:
        self.answering = answering
        self.own = answering.provider_dialect == ID
        self.ledger = Ledger(own=self.own, weights=answering.weights)
        self.id = ""
        self.model = ""
        self.refused = False
        self.cited: list[tuple[Citation, str, int]] = []
        self._ids: set[str] = set()
        self._known = answering.input_estimate

    def start(self, event: Started) -> None:
        """A foreign id would look like no response's."""
        self._known = event.usage.input if event.usage is not None else self._known
        self.id = (event.id if self.own else None) or self.answering.stamp.make_id("")
        self.model = event.model or self.answering.model
        self.ledger.response(event.extras, "")

    def named(self) -> dict[str, Any]:
        return {"modelVersion": self.model, "responseId": self.id}

    def so_far(self) -> dict[str, int] | None:
        """Counts before the end; None where a provider of this dialect tells them itself, or nothing is known."""
        if self.own or not self._known:
            return None
        return {"promptTokenCount": self._known, "totalTokenCount": self._known}

    def call_id(self, told: str | None) -> str | None:
        """Every call has an id of its own; one of this dialect may have none."""
        if self.own and not told and not self.answering.new_ids:
            return None
        if not told or told in self._ids or self.answering.new_ids:
            told = self.answering.stamp.make_id("call_")
        self._ids.add(told)
        return told

    def cite(self, citations: tuple[Citation, ...], text: str, number: int) -> None:
        """Sources of a text; those of this dialect stand in the candidate's own members."""
        for each in citations if not self.own else ():
            if each.url is None:
                self.ledger.drop(RESPONSE + each.at, "only citations of web pages can be told")
            else:
                self.cited.append((each, text, number))

    def ending(self, event: Finished, parts: list[Any], *, called: bool) -> dict[str, Any]:
        """The last members of an answer: its candidate with `parts`, usage, what else was told."""
        extras = event.extras
        message, category = (None, None) if self.own else _explained(event)
        if message is not None or category is not None:
            extras = {name: raw for name, raw in extras.items() if name != "stop_details"}
        kept = self.ledger.response(extras, "")
        beside = {name: raw for name, raw in kept.items() if not name.startswith(CANDIDATE)}
        counted = self._usage(event)
        out = {**({} if counted is None else {"usageMetadata": counted}), **self.named(), **beside}
        if self.own and not parts and _is_blocked(event):
            return out
        content = {"parts": parts or [_EMPTY], "role": "model"}
        candidate = {"content": content, "finishReason": self._word(event, category, called), "index": 0}
        if message is not None:
            candidate["finishMessage"] = message
        if self.cited:
            candidate["groundingMetadata"] = metadata(self.cited)
        more = {json.unescape(name.removeprefix(CANDIDATE)): raw for name, raw in kept.items() if name.startswith(CANDIDATE)}
        return {"candidates": [{**candidate, **more}], **out}

    def _word(self, event: Finished, category: str | None, called: bool) -> str:
        if self.own and event.raw_reason is not None:
            return event.raw_reason
        at = RESPONSE + event.at("reason")
        if event.reason == "pause":
            self.ledger.approximate(at, f"{event.raw_reason} has no word here")
        if event.stop_sequence is not None:
            self.ledger.hint(at, "which stop sequence matched cannot be told")
        if self.refused and event.reason in ("stop", "other") and not called:
            return WORDS["refusal"]
        return "PROHIBITED_CONTENT" if category in _FORBIDDEN and event.reason == "refusal" else WORDS[event.reason]

    def _usage(self, event: Finished) -> Any:
        """The provider's own object where it is one of this dialect; None where it told none."""
        found = event.usage
        if found is None:
            return None
        if self.own and found.raw is not None:
            return usage.worded(found.raw)
        if found.cache_write:
            self.ledger.hint(RESPONSE + event.at("usage"), "what was written to a cache is not counted here")
        return usage.write(found)


def line(value: Any) -> bytes:
    """JSON on one line, also where a provider wrote its own over several."""
    data = json.encode(value)
    return json.compact(data) if b"\n" in data or b"\r" in data else data


def _explained(event: Finished) -> tuple[str | None, str | None]:
    """(why Anthropic's model refused, in words; the category)."""
    raw: Raw | None = event.extras.get("stop_details")
    if raw is None or event.reason != "refusal":
        return None, None
    told: Any = json.decode(raw)
    if not isinstance(told, dict):
        return None, None
    return _string(told.get("explanation")), _string(told.get("category"))


def _is_blocked(event: Finished) -> bool:
    """The prompt was blocked, so there is no candidate."""
    return event.reason == "refusal" and event.paths.get("reason", "").startswith("/promptFeedback")


def _string(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


__all__ = ["Extras", "Sheet", "line"]
