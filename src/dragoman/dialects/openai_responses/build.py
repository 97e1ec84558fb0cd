"""The canonical form -> a Responses request body. The order of members is fixed: equal requests give equal bytes.

Rule: own extras go back verbatim, and what cannot be said is told (dialects/ledger). Nothing that another dialect's client asks
is kept at the vendor; thoughts travel as ciphertext instead.
"""

from typing import Any

from dragoman.core.config import Target
from dragoman.core.quirks import Quirks
from dragoman.core.request import ReasoningAsk, Request, ResponseFormat
from dragoman.dialects.base import Built
from dragoman.dialects.effort import clamp
from dragoman.dialects.ledger import below
from dragoman.dialects.openai.account import account
from dragoman.dialects.openai.cache_key import cache_key
from dragoman.dialects.openai.effort import asked_level
from dragoman.dialects.openai.schemas import in_words
from dragoman.dialects.openai.strict import satisfies
from dragoman.dialects.openai_responses.build_content import Building
from dragoman.dialects.openai_responses.build_items import build_input
from dragoman.dialects.openai_responses.build_tools import agree, tool_members
from dragoman.dialects.openai_responses.facts import ENCRYPTED, LOGPROBS, MIN_OUTPUT
from dragoman.dialects.openai_responses.limits import fit, never_thinks
from dragoman.dialects.openai_responses.parse import TEXT
from dragoman.wire import json

_WIRE = {"parallel_tool_calls": "parallel_tools", "text": "response_format", "instructions": "system"}
"""Wire name -> canonical member, where they differ."""
_PLAIN = ("temperature", "top_p", "top_logprobs", "safety_identifier", "prompt_cache_key")
_SHOWN = {"summarized": "auto"}
"""How another dialect asks to be shown thinking -> the word here."""
_SUMMARIES = frozenset({"auto", "concise", "detailed"})


def build_request(request: Request, target: Target, quirks: Quirks) -> Built:
    building = Building(request, target.origin, quirks)
    undo = agree(building)
    instructions, items = build_input(building)
    body: dict[str, Any] = {"model": target.model}
    if instructions is not None:
        body["instructions"] = instructions
    if items != [] or not building.own:
        body["input"] = items
    body.update(tool_members(building))
    _limit(building, body)
    _options(building, body)
    asked = _reasoning(building)
    if asked:
        body["reasoning"] = asked
    _text(building, body)
    _kept(building, body)
    if request.stream:
        body["stream"] = True
    for name, raw in building.ledger.extras(request.extras, "").items():
        if not name.startswith("/"):
            body.setdefault(name, raw)
    body.update(request.passed)
    fit(body, quirks, building.ledger, lambda name: request.at(_WIRE.get(name, name)))
    return Built(body=json.encode(body), losses=building.ledger.told(), undo=undo)


def _limit(building: Building, body: dict[str, Any]) -> None:
    request = building.request
    limit = request.max_output_tokens
    if limit is None:
        limit = building.quirks.max_tokens_default
    elif limit < MIN_OUTPUT and not building.own:
        building.ledger.approximate(request.at("max_output_tokens"), f"at least {MIN_OUTPUT} here")
        limit = MIN_OUTPUT
    if limit is not None:
        body["max_output_tokens"] = limit


def _options(building: Building, body: dict[str, Any]) -> None:
    request, ledger, own = building.request, building.ledger, building.own
    for name in _PLAIN:
        value = getattr(request, name)
        if value is not None:
            body[name] = value
    key = None if own else cache_key(request, building.quirks)
    if key is not None:
        body["prompt_cache_key"] = key
    if request.top_k is not None and (own or building.quirks.top_k):
        body["top_k"] = request.top_k
    elif request.top_k is not None:
        ledger.drop(request.at("top_k"), "Responses has no top_k")
    for name in ("presence_penalty", "frequency_penalty"):
        value = getattr(request, name)
        if own and value is not None:
            body[name] = value
        elif value:
            ledger.drop(request.at(name), "Responses has no penalties")
    if request.stop:
        ledger.drop(request.at("stop"), "Responses has no stop sequences")
    if request.seed is not None:
        ledger.drop(request.at("seed"), "Responses has no seed")
    if request.n is not None and request.n > 1:
        ledger.refuse(request.at("n"), "one answer at a time")
    body.update(account(request, ledger))
    if request.metadata is not None:
        body["metadata"] = request.metadata


def _reasoning(building: Building) -> dict[str, Any]:
    ask = building.request.reasoning
    if ask is None:
        return {}
    if building.own:
        return own_reasoning(building.request)
    at = ask.at or building.request.at("reasoning")
    building.ledger.extras(ask.extras, at, "reasoning")
    found = {} if ask.open else _effort(building, ask, at)
    summary = _SHOWN.get(ask.summary or "", ask.summary)
    if ask.summary is not None and (summary not in _SUMMARIES or found.get("effort") == "none" or never_thinks(building.quirks)):
        building.ledger.hint(building.request.at("summary"), "how thinking is shown is the provider's to say")
    elif summary is not None:
        found["summary"] = summary
    return found


def own_reasoning(request: Request) -> dict[str, Any]:
    """As a client of this dialect asked for it."""
    ask = request.reasoning
    if ask is None:
        return {}
    out: dict[str, Any] = {} if ask.effort is None else {"effort": ask.effort}
    if ask.summary is not None and "generate_summary" not in ask.extras:
        out["summary"] = ask.summary
    return {**out, **ask.extras}


def _effort(building: Building, ask: ReasoningAsk, at: str) -> dict[str, Any]:
    level = asked_level(ask, at, building.ledger)
    ledger, taken = building.ledger, building.quirks.efforts
    if level is None:
        ledger.hint(at, "how much to think is left to the model")
        return {}
    if level == "none" and taken is None:
        ledger.hint(at, "whether to think is left to the model")
        return {}
    found = clamp(level, taken)
    at = building.request.paths.get("effort", at) if ask.effort is not None and ask.mode != "off" else at
    if found is None and level == "none":
        ledger.hint(at, "this model does not think")
    elif found is None:
        ledger.drop(at, "this model takes no effort")
    if found is None:
        return {}
    if found != level:
        ledger.approximate(at, f"{level} is not taken here: {found}")
    return {"effort": found}


def _text(building: Building, body: dict[str, Any]) -> None:
    """`text`: the format of the answer and how wordy it is."""
    request = building.request
    told: dict[str, Any] = {}
    if request.response_format is not None:
        form = _format(building, request.response_format, body)
        if form is not None:
            told["format"] = form
    if request.verbosity is not None:
        told["verbosity"] = request.verbosity
    if building.own:
        told.update(below(request.extras, TEXT))
    if told:
        body["text"] = told


def own_text(building: Building) -> dict[str, Any]:
    """As a client of this dialect asked for it."""
    form = building.request.response_format
    told = {} if form is None else {"format": _format(building, form, {})}
    return {**told, **({} if building.request.verbosity is None else {"verbosity": building.request.verbosity})}


def _format(building: Building, form: ResponseFormat, body: dict[str, Any]) -> dict[str, Any] | None:
    at, quirks = form.at or building.request.at("response_format"), building.quirks
    extras = building.ledger.extras(form.extras, at, "response_format")
    if form.kind == "text":
        return {"type": "text", **extras}
    if form.kind == "schema" and quirks.json_schema:
        return {"type": "json_schema", **_schema(building, form), **extras}
    if form.kind == "json" and quirks.json_mode:
        return {"type": "json_object", **extras}
    building.ledger.approximate(at, "asked for in words")
    words = in_words(form.schema)
    body["instructions"] = f"{body['instructions']}\n\n{words}" if "instructions" in body else words
    return {"type": "json_object"} if quirks.json_mode else None


def _schema(building: Building, form: ResponseFormat) -> dict[str, Any]:
    told: dict[str, Any] = {"name": form.name or "response"}
    if form.description is not None:
        told["description"] = form.description
    if form.schema is not None or not building.own:
        told["schema"] = form.schema if form.schema is not None else {}
    strict = form.strict
    if strict is None and not building.own and form.schema is not None and satisfies(form.schema):
        strict = True
    return told if strict is None else {**told, "strict": strict}


def _kept(building: Building, body: dict[str, Any]) -> None:
    """What is kept at the vendor, and what comes with an answer."""
    request = building.request
    if building.own:
        if request.store is not None:
            body["store"] = request.store
        return
    if request.store:
        building.ledger.hint(request.at("store"), "answers are not kept for other dialects")
    included = [*([] if never_thinks(building.quirks) else [ENCRYPTED]), *([LOGPROBS] if request.logprobs else [])]
    ours = {"store": False, **({"include": included} if included else {})}
    body.update({name: value for name, value in ours.items() if name not in building.quirks.drop})
