"""The canonical form -> a generateContent request. The order of members is fixed: equal requests give equal bytes.

Rule: own extras go back verbatim, and what cannot be said is told (dialects/ledger).
"""

from itertools import takewhile
from typing import Any, Final

from dragoman.core.config import Target
from dragoman.core.loss import LossKind
from dragoman.core.quirks import Quirks
from dragoman.core.request import Request, ResponseFormat
from dragoman.dialects.base import Built
from dragoman.dialects.gemini.draft import Draft
from dragoman.dialects.gemini.facts import CONFIG, STOP_MAX, TEMPERATURE_MAX
from dragoman.dialects.gemini.parse import CONFIG_NAMES
from dragoman.dialects.gemini.spelling import camel
from dragoman.dialects.gemini.thinking import thinking
from dragoman.dialects.gemini.tools import choice, schema_of, tools
from dragoman.dialects.gemini.turns import conversation
from dragoman.wire import json

_JSON: Final = "application/json"
_JSON_ONLY: Final = "Answer with JSON only, without any text around it."
_SCHEMA_ONLY: Final = _JSON_ONLY + " It must match this JSON schema:\n"
_TIERS: Final = {"default": "standard", "standard_only": "standard", "flex": "flex", "priority": "priority"}
"""OpenAI's and Anthropic's service tiers -> Google's (2026-11)."""
_CANONICAL: Final = {wire: name for name, wire in CONFIG_NAMES.items()} | {
    "stopSequences": "stop", "thinkingConfig": "reasoning", "toolConfig": "tool_choice", "serviceTier": "service_tier",
}  # fmt: skip
_SAMPLING: Final = ("temperature", "topP", "topK")
_DROPPED, _HINT = LossKind.DROPPED, LossKind.HINT


def build_request(request: Request, target: Target, quirks: Quirks) -> Built:
    draft = Draft(request, target, quirks)
    system, contents = conversation(request, draft)
    offered = tools(request, draft)
    chosen = choice(request, draft, offered=any(isinstance(entry, dict) for entry in offered))
    config = _config(request, draft, with_tools=bool(offered))
    body: dict[str, Any] = {"contents": contents}
    if draft.instructions:
        more = [{"text": words} for words in draft.instructions]
        system = {"parts": [*(system["parts"] if system is not None else ()), *more]}
    if system is not None and quirks.system_role == "user" and not draft.own:
        _at_the_head(system["parts"], contents, request, draft)
    elif system is not None:
        body["systemInstruction"] = system
    if offered or (draft.own and request.tools):
        body["tools"] = offered
    if chosen is not None:
        body["toolConfig"] = {"functionCallingConfig": chosen}
    if config:
        body[CONFIG] = config
    _tier(request, draft, body)
    _lay(draft.ledger.extras(request.extras, ""), body)
    if not draft.own:
        _foreign(request, draft)
    _adapt(body, request, draft)
    body.update(request.passed)
    return Built(body=json.encode(body), losses=draft.ledger.told(), undo=draft.undo())


def _at_the_head(instructions: list[Any], contents: list[dict[str, Any]], request: Request, draft: Draft) -> None:
    """Of the first turn of the user's, for a model that knows no instructions."""
    leading = takewhile(lambda message: message.role in ("system", "developer"), request.messages)
    for place in dict.fromkeys(each.at for each in (*request.system, *leading)):
        draft.ledger.approximate(place, "instructions go at the head of the user's first turn")
    if contents[0]["role"] == "user":
        contents[0]["parts"] = [*instructions, *contents[0]["parts"]]
    else:
        contents.insert(0, {"role": "user", "parts": instructions})


def _lay(extras: dict[str, Any], body: dict[str, Any]) -> None:
    """The client's further members, each in the object that it stood in."""
    for name, value in extras.items():
        if not name.startswith("/"):
            body.setdefault(camel(name), value)
            continue
        steps = [camel(json.unescape(step)) for step in name.split("/")[-2:]]
        body.setdefault(steps[0], {}).setdefault(steps[1], value)


def _config(request: Request, draft: Draft, *, with_tools: bool) -> dict[str, Any]:
    """`generationConfig`."""
    config: dict[str, Any] = {}
    for name, wire in CONFIG_NAMES.items():
        value = getattr(request, name)
        if value is not None and (draft.own or wire not in ("responseLogprobs", "logprobs", "candidateCount")):
            config[wire] = value
    if request.max_output_tokens is None and draft.quirks.max_tokens_default is not None and not draft.own:
        config["maxOutputTokens"] = draft.quirks.max_tokens_default
    if request.stop is not None:
        _stop(request.stop, request, draft, config)
    _format(request.response_format, draft, config, with_tools=with_tools)
    thought = thinking(request, draft)
    if thought is not None:
        config["thinkingConfig"] = thought
    if not draft.own:
        _bounded(config, request, draft)
    return config


def _stop(stop: tuple[str, ...], request: Request, draft: Draft, config: dict[str, Any]) -> None:
    most = len(stop) if draft.own else STOP_MAX
    if draft.quirks.stop_max is not None:
        most = min(most, draft.quirks.stop_max)
    if len(stop) > most:
        draft.ledger.drop(request.at("stop"), f"at most {most} here" if most else "this model takes no stop sequences")
    if stop[:most] or (draft.own and not stop):
        config["stopSequences"] = list(stop[:most])


def _bounded(config: dict[str, Any], request: Request, draft: Draft) -> None:
    """What another dialect asks for, within the limits here."""
    quirks, ledger = draft.quirks, draft.ledger
    highest = quirks.temperature_max if quirks.temperature_max is not None else TEMPERATURE_MAX
    if config.get("temperature", 0) > highest:
        config["temperature"] = highest
        ledger.approximate(request.at("temperature"), f"at most {highest:g} here")
    lowest = quirks.min_output_tokens
    if lowest is not None and config.get("maxOutputTokens", lowest) < lowest:
        config["maxOutputTokens"] = lowest
        ledger.approximate(request.at("max_output_tokens"), f"at least {lowest} here")
    most = quirks.max_output_tokens
    if most is not None and config.get("maxOutputTokens", most) > most:
        config["maxOutputTokens"] = most
        ledger.approximate(request.at("max_output_tokens"), f"at most {most} here")
    for name in _SAMPLING:
        taken = quirks.sampling != "none" and not (quirks.sampling == "one" and name == "topP" and "temperature" in config)
        if name in config and not taken:
            idle = config.pop(name) == 1 and name != "topK"
            ledger.lose(request.at(_CANONICAL[name]), _HINT if idle else _DROPPED, "not heeded by this model")


def _format(form: ResponseFormat | None, draft: Draft, config: dict[str, Any], *, with_tools: bool) -> None:
    if form is None:
        return
    extras = draft.ledger.extras(form.extras, form.at, "response_format")
    quirks = draft.quirks
    if draft.own:
        if form.schema is not None and not {"responseSchema", "responseJsonSchema"} & extras.keys():
            config["responseJsonSchema"] = form.schema
        config.update(extras)
        return
    if form.description is not None:
        draft.ledger.hint(f"{form.at}/description", "a schema has no description of its own here")
    if form.kind == "text":
        return
    taken = quirks.json_schema if form.kind == "schema" else quirks.json_mode
    if not taken or (with_tools and not quirks.tools_with_schema):
        draft.ledger.approximate(form.at, "asked for in words")
        draft.instructions.append(_JSON_ONLY if form.schema is None else _SCHEMA_ONLY + bytes(form.schema).decode())
        return
    config["responseMimeType"] = _JSON
    if form.schema is not None:
        member, schema = schema_of(form.schema, form.at, draft)
        config[f"response{member or 'Schema'}"] = schema


def _tier(request: Request, draft: Draft, body: dict[str, Any]) -> None:
    tier = request.service_tier
    if tier is None:
        return
    word = _TIERS.get(tier, tier if draft.own else None)
    if word is not None:
        body["serviceTier"] = word
    if word != tier and not draft.own:
        draft.ledger.hint(request.at("service_tier"), f"told as {word}" if word is not None else "no such tier here")


def _foreign(request: Request, draft: Draft) -> None:
    """Members that this dialect has no word for."""
    ledger = draft.ledger
    if request.n is not None and request.n > 1:
        ledger.refuse(request.at("n"), "one answer at a time")
    for name, value, idle in (
        ("logprobs", request.logprobs, (False,)),
        ("top_logprobs", request.top_logprobs, (0,)),
        ("verbosity", request.verbosity, ("medium",)),
    ):
        if value is not None and value not in idle:
            ledger.drop(request.at(name), "an answer could not tell them" if "logprobs" in name else "no such setting here")
    for name in ("user", "safety_identifier", "metadata", "prompt_cache_key", "store"):
        if getattr(request, name) is not None:
            ledger.hint(request.at(name), "no such setting here")


def _adapt(body: dict[str, Any], request: Request, draft: Draft) -> None:
    """Members under the names that this target takes, without those that it refuses."""
    quirks = draft.quirks
    for holder, kept in ((body, ("contents",)), (body.get(CONFIG, {}), ())):
        for name in sorted(quirks.drop & (holder.keys() - set(kept))):
            del holder[name]
            member = _CANONICAL.get(name, name)
            at = request.at(member) if getattr(request, member, None) is not None else None
            own = f"/{name}" if holder is body else f"/{CONFIG}/{name}"
            if at is not None or draft.own:
                draft.ledger.drop(at or own, "not taken by this provider")
        for name, taken in quirks.rename.items():
            if name in holder:
                holder[taken] = holder.pop(name)
    if body.get(CONFIG) == {} and not draft.own:
        del body[CONFIG]
