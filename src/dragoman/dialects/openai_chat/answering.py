"""What the whole and the streaming encoder share: names, ids, extras, reasons, usage, losses.

Rule: an answer of a provider of this dialect goes back in its own words; another's in OpenAI's.
"""

from typing import Any

from dragoman.core.events import Citation, Finished, PartClosed, PartOpened, Started
from dragoman.core.parts import Extras
from dragoman.dialects.base import Answering
from dragoman.dialects.ledger import NO_PLACE, RESPONSE, Ledger
from dragoman.dialects.media import data_url
from dragoman.dialects.openai_chat import usage
from dragoman.dialects.openai_chat.facts import CHOICE, ID, MESSAGE, WORDS
from dragoman.dialects.openai_chat.reasoning import detail_of, seal_kind
from dragoman.wire import json


class Names:
    """The identity of an answer and its calls. `own`: made in this dialect. `legacy`: the client speaks `functions`."""

    __slots__ = ("_taken", "answering", "created", "id", "ledger", "legacy", "model", "own")

    def __init__(self, answering: Answering) -> None:
        self.answering = answering
        self.own = answering.provider_dialect == ID
        self.ledger = Ledger(own=self.own, weights=answering.weights)
        self.legacy = answering.request.paths.get("tools") == "/functions"
        self.id = ""
        self.model = ""
        self.created: Any = answering.stamp.now
        self._taken: set[str] = set()

    def start(self, event: Started) -> None:
        """A foreign id would look like no completion's; a missing one would not be unique."""
        made = not self.own or not event.id
        self.id = self.answering.stamp.make_id("chatcmpl-") if made else event.id or ""
        self.model = event.model or self.answering.model
        if self.own:
            self.created = event.extras.get("created", self.created)
        else:
            self.ledger.response(event.extras, "")

    def call_id(self, told: str | None) -> str:
        """Every call has an id of its own."""
        if not told or told in self._taken or self.answering.new_ids:
            told = self.answering.stamp.make_id("call_")
        self._taken.add(told)
        return told


def slot_of(event: PartOpened, own: bool) -> str:
    """The member a client finds thinking in."""
    return "reasoning" if own and "slot" in event.extras else "reasoning_content"


def detail(answering: Answering, event: PartClosed, letters: int, redacted: bool, place: int) -> dict[str, Any] | None:
    """A thought's proof as a `reasoning_details` entry without its text. `letters`: how much of the string it signs. None where
    there is nothing to prove."""
    if not event.proof:
        return None
    if answering.provider_dialect == ID:
        return detail_of(event.proof, None)
    if redacted:
        return {"type": "reasoning.encrypted", "data": answering.seal(event.proof, "red"), "format": "unknown", "index": place}
    return {
        "type": "reasoning.text",
        "signature": answering.seal(event.proof, seal_kind(letters)),
        "format": "unknown",
        "index": place,
    }


def media(names: Names, event: PartOpened) -> tuple[str, Any] | None:
    """(member of the message, what it holds); None where Chat has no place for it."""
    found = event.media
    if found is not None and found.kind == "image" and (found.url or found.data):
        names.ledger.response(event.extras, event.at, "media")
        url = found.url or data_url(found.mime or "image/png", found.data or "")
        return "images", [{"type": "image_url", "image_url": {"url": url}}]
    if found is not None and found.kind == "audio" and names.own:
        return "audio", {"data": found.data or "", **event.extras}
    names.ledger.drop(RESPONSE + event.at, f"{NO_PLACE}{found.kind if found is not None else event.kind}")
    return None


def reason_word(names: Names, event: Finished, called: bool) -> str:
    """The finish reason: the provider's own word where it is one of this dialect."""
    if names.own and event.raw_reason:
        return event.raw_reason
    if event.reason in ("other", "pause"):
        names.ledger.approximate(RESPONSE + event.at("reason"), f"{event.raw_reason or event.reason} has no word here")
    if called and (names.legacy or WORDS[event.reason] in ("stop", "tool_calls")):
        return "function_call" if names.legacy else "tool_calls"
    word = WORDS[event.reason]
    return "stop" if word == "tool_calls" else word


def usage_told(names: Names, event: Finished) -> Any:
    """The usage object: the provider's own where it is one of this dialect; None where it told none."""
    if event.usage is None:
        return None
    if names.own and event.usage.raw is not None:
        return usage.corrected(event.usage)
    if event.usage.cache_write_1h:
        names.ledger.hint(RESPONSE + event.at("cache_write_1h"), "one sum of cache writes")
    return usage.write(event.usage)


def shared(names: Names, event: Finished) -> tuple[Extras, Extras, Extras]:
    """The extras of an answer: (of the message, of the choice, of the answer itself)."""
    kept = names.ledger.response(_without_explanation(event.extras) if not names.own else event.extras, "")
    message = {json.unescape(name.removeprefix(MESSAGE)): raw for name, raw in kept.items() if name.startswith(MESSAGE)}
    choice = {
        json.unescape(name.removeprefix(CHOICE)): raw
        for name, raw in kept.items()
        if name.startswith(CHOICE) and not name.startswith(MESSAGE)
    }
    if event.stop_sequence is not None:
        choice["stop_reason"] = json.raw(event.stop_sequence)
    return message, choice, {name: raw for name, raw in kept.items() if not name.startswith(CHOICE)}


def explanation(names: Names, event: Finished) -> str | None:
    """Why Anthropic's model refused, in words."""
    raw = event.extras.get("stop_details")
    if names.own or raw is None or event.reason != "refusal":
        return None
    try:
        found = json.decode(raw)
    except json.JSONError:
        return None
    told = found.get("explanation") if isinstance(found, dict) else None
    return told if isinstance(told, str) and told else None


def _without_explanation(extras: Extras) -> Extras:
    return {name: raw for name, raw in extras.items() if name != "stop_details"}


def annotations(names: Names, event: PartClosed, at: str, start: int, end: int) -> list[Any]:
    """The citations of a text that stands from `start` to `end` in the message; of another dialect those of web pages."""
    names.ledger.response(event.extras, at, "content")
    if names.own:
        return [json.members(citation.raw) for citation in event.citations]
    for citation in event.citations:
        if citation.url is None:
            names.ledger.drop(RESPONSE + citation.at, "only citations of web pages can be told")
    return [_annotation(citation, start, end) for citation in event.citations if citation.url is not None]


def _annotation(citation: Citation, start: int, end: int) -> dict[str, Any]:
    begins = start if citation.start is None else start + citation.start
    ends = end if citation.end is None else start + citation.end
    cited = {"url": citation.url, "title": citation.title or "", "start_index": begins, "end_index": ends}
    return {"type": "url_citation", "url_citation": cited}
