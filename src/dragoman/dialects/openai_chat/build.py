"""The canonical form -> a Chat request body. The order of members is fixed: equal requests give equal bytes.

Rule: own extras go back verbatim, and what cannot be said is told (dialects/ledger).
"""

from typing import Any

from msgspec.structs import replace

from dragoman.core.config import Target
from dragoman.core.quirks import Quirks
from dragoman.core.request import Request, ResponseFormat
from dragoman.dialects.base import Built
from dragoman.dialects.ledger import below
from dragoman.dialects.openai.account import account
from dragoman.dialects.openai.cache_key import cache_key
from dragoman.dialects.openai.schemas import in_words
from dragoman.dialects.openai.strict import satisfies
from dragoman.dialects.openai_chat.build_content import Building
from dragoman.dialects.openai_chat.build_messages import build_messages
from dragoman.dialects.openai_chat.build_reasoning import reasoning_options
from dragoman.dialects.openai_chat.build_tools import agree, tool_members
from dragoman.dialects.openai_chat.facts import STOP_MAX, STREAM_OPTIONS
from dragoman.dialects.openai_chat.limits import fit
from dragoman.dialects.openai_chat.parse import FORMAT
from dragoman.wire import json

_WIRE = {"max_tokens": "max_output_tokens", "max_completion_tokens": "max_output_tokens", "parallel_tool_calls": "parallel_tools",
         "reasoning_effort": "reasoning"}  # fmt: skip
"""Wire name -> canonical member, where they differ."""
_PLAIN = (
    "temperature", "top_p", "seed", "presence_penalty", "frequency_penalty", "logprobs", "top_logprobs", "verbosity",
    "safety_identifier", "prompt_cache_key",
)  # fmt: skip


def build_request(request: Request, target: Target, quirks: Quirks) -> Built:
    building = Building(request, target, quirks)
    undo = agree(building)
    body: dict[str, Any] = {"model": target.model, "messages": build_messages(building)}
    _judge_prefill(building, body["messages"])
    body.update(tool_members(building))
    _limits(building, body)
    _options(building, body)
    body.update(reasoning_options(building))
    _format(building, body)
    hidden = _stream(building, body)
    for name, raw in building.ledger.extras(request.extras, "").items():
        if not name.startswith("/"):
            body.setdefault(name, raw)
    body.update(request.passed)
    fit(body, quirks, building.ledger, lambda name: request.at(_WIRE.get(name, name)))
    if hidden:
        undo = replace(undo, hide_usage=True)
    return Built(body=json.encode(body), losses=building.ledger.told(), undo=undo)


def _limits(building: Building, body: dict[str, Any]) -> None:
    request = building.request
    limit = request.max_output_tokens
    if limit is None:
        limit = building.quirks.max_tokens_default
    if limit is not None:
        written = request.at("max_output_tokens").lstrip("/") if building.own else "max_tokens"
        body[written if written == "max_completion_tokens" else "max_tokens"] = limit
    if request.stop is not None:
        most = len(request.stop) if building.own else STOP_MAX
        if request.stop or building.own:
            body["stop"] = list(request.stop[:most])
        if len(request.stop) > most and building.quirks.stop_max is None:
            building.ledger.drop(request.at("stop"), f"at most {most} here")


def _options(building: Building, body: dict[str, Any]) -> None:
    request, ledger = building.request, building.ledger
    for name in _PLAIN:
        value = getattr(request, name)
        if value is not None:
            body[request.at(name).lstrip("/") if building.own else name] = value
    key = None if building.own else cache_key(request, building.quirks)
    if key is not None:
        body["prompt_cache_key"] = key
    if request.top_k is not None:
        if building.own or building.quirks.top_k:
            body["top_k"] = request.top_k
        else:
            ledger.drop(request.at("top_k"), "Chat has no top_k")
    if request.n is not None and (building.own or request.n == 1):
        body["n"] = request.n
    elif request.n is not None:
        ledger.refuse(request.at("n"), "one answer at a time")
    body.update(account(request, ledger))
    if request.metadata is not None:
        if building.own:
            body["metadata"] = request.metadata
        else:
            ledger.hint(request.at("metadata"), "kept only with stored answers")
    if request.store is not None:
        if building.own:
            body["store"] = request.store
        elif request.store:
            ledger.hint(request.at("store"), "answers are not kept for other dialects")


def _stream(building: Building, body: dict[str, Any]) -> bool:
    """Ask for a stream with usage; whether the usage was our wish only."""
    request, wish = building.request, building.request.stream and building.quirks.stream_usage
    options: dict[str, Any] = {**below(request.extras, STREAM_OPTIONS)} if building.own else {}
    if building.own and request.stream_usage is not None and not wish:
        options["include_usage"] = request.stream_usage
    if request.stream:
        body["stream"] = True
    if options or wish:
        body["stream_options"] = {**options, **({"include_usage": True} if wish else {})}
    return building.own and wish and not request.stream_usage


def _format(building: Building, body: dict[str, Any]) -> None:
    form = building.request.response_format
    if form is None:
        return
    at = form.at or building.request.at("response_format")
    extras = building.ledger.extras(form.extras, at, "response_format")
    quirks = building.quirks
    if form.kind == "text":
        body["response_format"] = {"type": "text", **extras}
        return
    if form.kind == "schema" and quirks.json_schema:
        beside = below(building.request.extras, FORMAT) if building.own else {}
        body["response_format"] = {"type": "json_schema", "json_schema": {**_schema(building, form), **extras}, **beside}
        return
    if quirks.json_mode:
        body["response_format"] = {"type": "json_object", **(extras if form.kind == "json" else {})}
        if form.kind == "json":
            return
    building.ledger.approximate(at, "asked for in words")
    _instruct(body["messages"], in_words(form.schema), quirks)


def _schema(building: Building, form: ResponseFormat) -> dict[str, Any]:
    told: dict[str, Any] = {"name": form.name or "response"}
    if form.description is not None:
        told["description"] = form.description
    if form.schema is not None:
        told["schema"] = form.schema
    strict = form.strict
    if strict is None and not building.own and form.schema is not None and satisfies(form.schema):
        strict = True
    return told if strict is None else {**told, "strict": strict}


def _instruct(messages: list[dict[str, Any]], text: str, quirks: Quirks) -> None:
    """Add words to the instructions, made where there are none."""
    if messages and messages[0]["role"] in ("system", "developer"):
        said, more = messages[0]["content"], {"type": "text", "text": text}
        if isinstance(said, str) and not quirks.text_parts:
            messages[0]["content"] = f"{said}\n\n{text}"
        else:
            messages[0]["content"] = [*([{"type": "text", "text": said}] if isinstance(said, str) else said), more]
    else:
        messages.insert(0, {"role": quirks.system_role or "system", "content": text})


def _judge_prefill(building: Building, messages: list[dict[str, Any]]) -> None:
    """Chat begins a new turn where Anthropic goes on with the last one."""
    if building.own or building.quirks.prefill or not messages or messages[-1]["role"] != "assistant":
        return
    last = building.request.messages[-1]
    building.ledger.approximate(last.at, "the last turn is not continued: the answer begins anew")
