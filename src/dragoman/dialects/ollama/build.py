"""The canonical form -> a chat request. The order of members is fixed: equal requests give equal bytes.

Rule: what cannot be said is told; `stream` is always said, for Ollama streams where nobody says.
"""

import re
from typing import Any

from dragoman.core.config import Target
from dragoman.core.loss import LossKind
from dragoman.core.quirks import Quirks
from dragoman.core.request import Request, ResponseFormat
from dragoman.dialects import functions
from dragoman.dialects.base import Built
from dragoman.dialects.drafting import Draft
from dragoman.dialects.effort import clamp, level_of
from dragoman.dialects.names import map_names
from dragoman.dialects.ollama.facts import EFFORTS
from dragoman.dialects.ollama.messages import build_messages
from dragoman.dialects.ollama.options import members, options, own_words
from dragoman.dialects.unsaid import confess, fit, idle
from dragoman.wire import json

_UNSAID = ("n", "verbosity", "user", "safety_identifier", "metadata", "prompt_cache_key", "service_tier", "store")
_TOLD = {"format": ("response_format",), "think": ("reasoning",), "tools": ("tools",), "logprobs": ("logprobs",),
         "top_logprobs": ("top_logprobs",)}  # fmt: skip
"""Top-level members on the wire -> the canonical ones they tell."""
_ANY = re.compile(r"[\s\S]")
"""Templates write names of tools as they are."""
_JSON_ONLY = "Answer with JSON only, without any text around it."


def build_request(request: Request, target: Target, quirks: Quirks) -> Built:
    limit = quirks.tool_name_max
    draft = Draft(request, quirks, {} if limit is None else map_names(functions.names(request), limit, _ANY))
    own = own_words(request)
    draft.ledger.extras({name: raw for name, raw in request.extras.items() if name not in own}, "")
    messages = build_messages(draft)
    body: dict[str, Any] = {"model": target.model, "messages": messages}
    tools = _tools(draft)
    if tools:
        body["tools"] = tools
    _format(draft, body)
    _thinking(draft, body)
    if request.logprobs:
        body["logprobs"] = True
        if request.top_logprobs is not None:
            body["top_logprobs"] = request.top_logprobs
    elif request.top_logprobs:
        draft.ledger.drop(request.at("top_logprobs"), "only together with logprobs")
    body.update(members(own))
    chosen = options(draft, own)
    if chosen:
        body["options"] = chosen
    confess(request, draft.ledger, _UNSAID)
    draft.instructed(messages)
    body["stream"] = request.stream
    body.update(members(request.passed))
    fit(body, request, quirks, draft.ledger, _TOLD)
    return Built(body=json.encode(body), losses=draft.ledger.told(), undo=draft.undo())


def _tools(draft: Draft) -> list[dict[str, Any]]:
    request, ledger, choice = draft.request, draft.ledger, draft.request.tool_choice
    if choice is not None:
        ledger.extras(choice.extras, choice.at, "tool_choice")
    none = choice is not None and choice.mode == "none"
    found = functions.withheld(request, ledger) if none else functions.offered(request, ledger)
    if found:
        confess(request, ledger, ("parallel_tools",))
        if choice is not None and choice.mode in ("any", "tool"):
            draft.demand()
    else:
        idle(request, ledger)
    return [_tool(each, draft) for each in found]


def _tool(each: functions.Function, draft: Draft) -> dict[str, Any]:
    if each.tool.strict:
        draft.ledger.approximate(each.tool.at, "no model is held to the schema of a tool")
    described = {} if each.description is None else {"description": each.description}
    return {"type": "function", "function": {"name": draft.name(each.tool.name), **described, "parameters": each.schema}}


def _thinking(draft: Draft, body: dict[str, Any]) -> None:
    """`think`: false, true or a level."""
    ask, ledger = draft.request.reasoning, draft.ledger
    if ask is None:
        return
    at = ask.at or draft.request.at("reasoning")
    ledger.extras(ask.extras, at, "reasoning")
    level, told = _level(draft, at), draft.request.paths.get("effort", at) if ask.effort is not None else at
    taken = EFFORTS if draft.quirks.efforts is None else draft.quirks.efforts
    if level is None:
        if ask.mode == "on" and taken:
            body["think"] = True
        else:
            ledger.hint(at, "how much to think is left to the model")
    elif (found := clamp(level, taken)) is None:
        ledger.lose(told, LossKind.HINT if level == "none" else LossKind.DROPPED, "this model does not think")
    else:
        body["think"] = False if found == "none" else found
        if found != level:
            ledger.approximate(told, f"{level} is not taken here: {found}")
    if ask.summary is not None:
        ledger.hint(at, "how thinking is shown is the provider's to say")


def _level(draft: Draft, at: str) -> str | None:
    """The level asked for; None where the client named none."""
    ask = draft.request.reasoning
    assert ask is not None
    if ask.mode == "off":
        return "none"
    if ask.effort is None and ask.budget is not None:
        draft.ledger.approximate(at, "a budget as a level")
        return level_of(ask.budget)
    return ask.effort


def _format(draft: Draft, body: dict[str, Any]) -> None:
    form, quirks = draft.request.response_format, draft.quirks
    if form is None:
        return
    at = form.at or draft.request.at("response_format")
    draft.ledger.extras(form.extras, at, "response_format")
    if form.kind == "text":
        return
    if form.description is not None:
        draft.ledger.hint(f"{at}/description", "a schema has no description of its own here")
    if form.kind == "schema" and form.schema is not None and quirks.json_schema:
        body["format"] = form.schema
        return
    if quirks.json_mode:
        body["format"] = "json"
    if form.kind == "schema" or not quirks.json_mode:
        draft.ledger.approximate(at, "asked for in words")
        draft.instruct(_in_words(form))


def _in_words(form: ResponseFormat) -> str:
    return _JSON_ONLY if form.schema is None else f"{_JSON_ONLY} It must match this JSON schema:\n{bytes(form.schema).decode()}"
