"""The response object around the items of an answer: what it is called, what was asked, how it ended, what it cost.

Rule: an answer of a provider of this dialect goes back in its own words; another's in OpenAI's, with the client's request
repeated as the vendor repeats it.
"""

from typing import Any

from msgspec import Raw

from dragoman.core.events import Finished, Started
from dragoman.core.parts import Text
from dragoman.core.quirks import Quirks
from dragoman.core.request import Request
from dragoman.dialects.base import Answering
from dragoman.dialects.ledger import RESPONSE, Ledger
from dragoman.dialects.openai_responses import usage
from dragoman.dialects.openai_responses.build import own_reasoning, own_text
from dragoman.dialects.openai_responses.build_content import Building
from dragoman.dialects.openai_responses.build_tools import choice_told, own_tools
from dragoman.dialects.openai_responses.facts import ECHOED, ID, INCOMPLETE, STATUS
from dragoman.wire import json


class Frame:
    """`ledger`: of the answer. `head`: the response as it is while it is in progress."""

    __slots__ = ("_answering", "head", "ledger", "own")

    def __init__(self, answering: Answering) -> None:
        self._answering = answering
        self.own = answering.provider_dialect == ID
        self.ledger = Ledger(own=self.own, weights=answering.weights)
        self.head: dict[str, Any] = {}

    def start(self, event: Started) -> None:
        answering = self._answering
        told = self.own and event.id and not answering.new_ids
        kept = dict(self.ledger.response(event.extras, ""))
        created: Any = kept.pop("created_at", answering.stamp.now) if self.own else answering.stamp.now
        self.head = {
            "id": event.id if told else answering.stamp.make_id("resp_"),
            "object": "response",
            "created_at": created,
            "status": "in_progress",
            "error": None,
            "incomplete_details": None,
            "model": event.model or answering.model,
            "output": [],
            "usage": None,
            **(kept if self.own else echo(answering.request)),
        }

    def ended(self, event: Finished, output: list[Any], *, refused: bool) -> dict[str, Any]:
        """The whole response. `refused`: a refusal was told in words."""
        status, detail = self._status(event, refused)
        extras = self.ledger.response({name: raw for name, raw in event.extras.items() if self.own or name != "stop_details"}, "")
        told = {**self.head, "status": status, "output": output, "usage": self._usage(event), **extras}
        return told if detail is None else {**told, "incomplete_details": {"reason": detail}}

    def _status(self, event: Finished, refused: bool) -> tuple[str, str | None]:
        """(status, why it is incomplete)."""
        if self.own and event.raw_reason is not None:
            return (event.raw_reason, None) if event.at("reason") == STATUS else ("incomplete", event.raw_reason)
        if event.reason in ("other", "pause") and not self.own:
            why = f"{event.raw_reason or event.reason} has no word here"
            self.ledger.approximate(RESPONSE + event.at("reason"), why)
        detail = None if event.reason == "refusal" and refused else INCOMPLETE.get(event.reason)
        return ("completed", None) if detail is None else ("incomplete", detail)

    def _usage(self, event: Finished) -> Any:
        """The provider's own object where it is one of this dialect. Some clients loop where there is none."""
        if event.usage is None:
            return None if self.own else usage.write(usage.NOTHING)
        if self.own and event.usage.raw is not None:
            return event.usage.raw
        if not self.own and event.usage.cache_read + event.usage.cache_write > event.usage.input:
            self.ledger.approximate(RESPONSE + event.at("cache_read"), "more tokens cached than there were")
        return usage.write(event.usage)


def echo(request: Request) -> dict[str, Any]:
    """The members of a request that its answer repeats. Nothing is stored."""
    building = Building(request, "", Quirks())
    instructions = [piece.text for piece in request.system if isinstance(piece, Text)]
    told: dict[str, Any] = {
        "background": False,
        "instructions": "\n\n".join(instructions) if instructions else None,
        "max_output_tokens": request.max_output_tokens,
        "metadata": request.metadata if request.metadata is not None else {},
        "parallel_tool_calls": request.parallel_tools is not False,
        "previous_response_id": None,
        "prompt_cache_key": request.prompt_cache_key,
        "reasoning": {"effort": None, "summary": None, **own_reasoning(request)},
        "safety_identifier": request.safety_identifier,
        "store": False,
        "temperature": request.temperature,
        "text": {"format": {"type": "text"}, **own_text(building)},
        "tool_choice": "auto" if request.tool_choice is None else choice_told(building),
        "tools": Raw(json.encode(own_tools(building))),
        "top_logprobs": request.top_logprobs,
        "top_p": request.top_p,
        "truncation": "disabled",
        "user": request.user,
    }
    told.update({name: request.extras[name] for name in ECHOED if name in request.extras})
    return told


def explanation(event: Finished) -> str | None:
    """Why Anthropic's model refused, in words."""
    raw = event.extras.get("stop_details")
    if raw is None or event.reason != "refusal":
        return None
    found = json.decode(raw)
    told = found.get("explanation") if isinstance(found, dict) else None
    return told if isinstance(told, str) and told else None
