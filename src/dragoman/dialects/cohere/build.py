"""The canonical form -> a chat request. The order of members is fixed: equal requests give equal bytes.

Rule: what cannot be said is told.
"""

import re
from typing import Any

from dragoman.core.config import Target
from dragoman.core.quirks import Quirks
from dragoman.core.request import Request
from dragoman.dialects import functions
from dragoman.dialects.base import Built
from dragoman.dialects.cohere.facts import NAME_MAX, OWN_MEMBERS, RANGES, STOP_MAX
from dragoman.dialects.cohere.messages import build_messages
from dragoman.dialects.cohere.output import response_format
from dragoman.dialects.cohere.thinking import thinking
from dragoman.dialects.drafting import Draft
from dragoman.dialects.names import map_names
from dragoman.dialects.unsaid import confess, fit, idle
from dragoman.wire import json

_WORD, _FIRST = re.compile(r"[a-zA-Z0-9_]"), re.compile(r"[a-zA-Z_]")
"""What names of tools hold, and begin with."""
_UNSAID = ("n", "top_logprobs", "verbosity", "user", "safety_identifier", "metadata", "prompt_cache_key", "service_tier", "store")
_TOLD = {
    **{name: (member,) for name, (member, _, _) in RANGES.items()},
    "max_tokens": ("max_output_tokens",),
    "stop_sequences": ("stop",),
    "thinking": ("reasoning",),
    **{name: (name,) for name in ("tools", "tool_choice", "response_format", "seed", "logprobs")},
}
"""Members on the wire -> the canonical ones they tell."""


def build_request(request: Request, target: Target, quirks: Quirks) -> Built:
    names = map_names(functions.names(request), quirks.tool_name_max or NAME_MAX, _WORD, _FIRST)
    draft = Draft(request, quirks, names)
    own = {name: raw for name, raw in request.extras.items() if name in OWN_MEMBERS}
    draft.ledger.extras({name: raw for name, raw in request.extras.items() if name not in own}, "")
    messages = build_messages(draft)
    body: dict[str, Any] = {"model": target.model, "messages": messages}
    offered = _offered(draft)
    _tools(draft, offered, body)
    shape = response_format(draft, bare=not offered and "documents" not in own)
    if shape is not None:
        body["response_format"] = shape
    _limits(draft, body)
    thought = thinking(draft)
    if thought is not None:
        body["thinking"] = thought
    if request.logprobs:
        body["logprobs"] = True
    confess(request, draft.ledger, _UNSAID)
    draft.instructed(messages)
    if request.stream:
        body["stream"] = True
    body.update(own)
    body.update(request.passed)
    fit(body, request, quirks, draft.ledger, _TOLD)
    return Built(body=json.encode(body), losses=draft.ledger.told(), undo=draft.undo())


def _offered(draft: Draft) -> list[functions.Function]:
    """Without a word for it, none is called where none is offered."""
    request, choosy = draft.request, draft.quirks.forced_tools is not False
    if choosy or request.tool_choice is None or request.tool_choice.mode != "none":
        return functions.offered(request, draft.ledger, alone=choosy)
    return functions.withheld(request, draft.ledger)


def _tools(draft: Draft, offered: list[functions.Function], body: dict[str, Any]) -> None:
    request, ledger, choice = draft.request, draft.ledger, draft.request.tool_choice
    if choice is not None:
        ledger.extras(choice.extras, choice.at, "tool_choice")
    if not offered:
        idle(request, ledger)
        return
    confess(request, ledger, ("parallel_tools",))
    body["tools"] = [_tool(each, draft) for each in offered]
    if _strict(draft, offered):
        body["strict_tools"] = True
    if choice is None or choice.mode == "auto":
        return
    if draft.quirks.forced_tools is False:
        draft.demand()
    else:
        body["tool_choice"] = "NONE" if choice.mode == "none" else "REQUIRED"


def _tool(each: functions.Function, draft: Draft) -> dict[str, Any]:
    described = {} if each.description is None else {"description": each.description}
    return {"type": "function", "function": {"name": draft.name(each.tool.name), **described, "parameters": each.schema}}


def _strict(draft: Draft, offered: list[functions.Function]) -> bool:
    """Strictness is of all tools or of none, and each needs a required parameter (guide to structured outputs)."""
    wanted = [each for each in offered if each.tool.strict]
    if len(wanted) == len(offered) and draft.quirks.tool_strict and all(map(_requires, offered)):
        return True
    for each in wanted:
        draft.ledger.approximate(each.tool.at, "all tools are strict, each with a required parameter, or none is")
    return False


def _requires(each: functions.Function) -> bool:
    found = json.decode(json.encode(each.schema))
    return bool(found.get("required"))


def _limits(draft: Draft, body: dict[str, Any]) -> None:
    request, ledger, quirks = draft.request, draft.ledger, draft.quirks
    limit = request.max_output_tokens if request.max_output_tokens is not None else quirks.max_tokens_default
    if limit is not None:
        body["max_tokens"] = limit
    most = STOP_MAX if quirks.stop_max is None else quirks.stop_max
    stop = request.stop or ()
    if len(stop) > most:
        ledger.drop(request.at("stop"), f"at most {most} here")
    if stop[:most]:
        body["stop_sequences"] = list(stop[:most])
    for name, (member, least, highest) in RANGES.items():
        value = getattr(request, member)
        if value is not None and name != _other_penalty(request):
            body[name] = _within(draft, name, value, least, highest)
        elif value is not None and value != 0:
            ledger.drop(request.at(member), "one kind of penalty at a time")
    if request.seed is not None and request.seed >= 0:
        body["seed"] = request.seed
    elif request.seed is not None:
        ledger.drop(request.at("seed"), "a seed is not negative here")


def _within(draft: Draft, name: str, value: float, least: float, most: float) -> float:
    """The nearest value that is taken."""
    if name == "temperature" and draft.quirks.temperature_max is not None:
        most = draft.quirks.temperature_max
    if least <= value <= most:
        return value
    draft.ledger.approximate(draft.request.at(RANGES[name][0]), f"from {least:g} to {most:g} here")
    return least if value < least else most


def _other_penalty(request: Request) -> str:
    """The one of the two penalties that is not sent: newer models take one of them (page on errors)."""
    frequency, presence = request.frequency_penalty, request.presence_penalty
    if frequency is None or presence is None:
        return ""
    return "presence_penalty" if frequency > 0 else "frequency_penalty"
