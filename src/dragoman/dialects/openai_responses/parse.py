"""A client's Responses request -> the canonical form, by popping. What nobody takes is extras.

Rule: an explicit null counts as absent, and every error names the member at fault.
"""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from dragoman.core.errors import bad_request
from dragoman.core.loss import LossKind
from dragoman.core.parts import Extras, Text
from dragoman.core.request import Envelope, Headers, ReasoningAsk, Request, ResponseFormat
from dragoman.dialects.base import OpenSeal
from dragoman.dialects.openai_responses.facts import ENCRYPTED, ID, LOGPROBS, REQUEST_WEIGHTS, REQUEST_WHYS
from dragoman.dialects.openai_responses.naming import Names
from dragoman.dialects.openai_responses.parse_items import Items
from dragoman.dialects.openai_responses.parse_tools import parse_choice, parse_tools
from dragoman.wire import json
from dragoman.wire.json import Members

TEXT = "/text/"
"""Where the extras of `text` stood."""
_SESSIONS = ("session-id", "session_id", "thread-id")
"""Headers in which Codex names its conversation (2026-11)."""
_REFERENCE = b'"item_reference"'
_PATHS: Mapping[str, str] = {
    "system": "/instructions",
    "parallel_tools": "/parallel_tool_calls",
    "logprobs": "/include",
    "response_format": "/text/format",
    "verbosity": "/text/verbosity",
    "reasoning": "/reasoning",
    "effort": "/reasoning/effort",
    "summary": "/reasoning/summary",
    "is_error": "/status",
}
_PLAIN: Mapping[str, Any] = {
    "max_output_tokens": int, "temperature": int | float, "top_p": int | float, "top_k": int, "presence_penalty": int | float,
    "frequency_penalty": int | float, "top_logprobs": int, "user": str, "safety_identifier": str, "prompt_cache_key": str,
    "service_tier": str, "store": bool,
}  # fmt: skip
_WITHOUT_INPUT = ("prompt", "previous_response_id", "conversation")
"""What may stand in the place of `input`."""


class _Peek(Struct):
    model: str | None = None
    stream: bool | None = None
    prompt_cache_key: str | None = None
    previous_response_id: str | None = None
    conversation: Any = None
    prompt: Any = None


class _Item(Struct):
    type: str | None = None
    id: str | None = None


class _Items(Struct):
    input: list[_Item] = []


def peek(method: str, path: str, query: str, headers: Headers, body: bytes) -> Envelope:
    """What is known of a call from its top-level members alone."""
    try:
        seen = json.decode(body, _Peek)
    except json.JSONError:
        members = Members(body)
        seen = _Peek(members.take("model", str), members.take("stream", bool), members.word("prompt_cache_key"))
    tied = _REFERENCE in body
    refers = seen.previous_response_id or _named(seen.conversation) or (_referred(body) if tied else None) or _named(seen.prompt)
    session = next((value for name, value in headers if name in _SESSIONS), None)
    return Envelope(
        dialect=ID, operation="count_tokens" if path.endswith("/input_tokens") else "chat", model=seen.model,
        stream=bool(seen.stream), body=body, method=method, path=path, query=query, headers=headers,
        affinity=seen.prompt_cache_key or session, pinned=refers is not None or tied, refers=refers,
    )  # fmt: skip


def _referred(body: bytes) -> str | None:
    """The id of the last item that the input refers to and does not tell: the one that was issued last."""
    try:
        items = json.decode(body, _Items).input
    except json.JSONError:
        return None
    return next((item.id for item in reversed(items) if item.type == "item_reference" and item.id), None)


def _named(value: Any) -> str | None:
    """The id of what is kept at the vendor: a string, or an object with one."""
    found = value.get("id") if isinstance(value, dict) else value
    return found if isinstance(found, str) and found else None


def parse_request(envelope: Envelope, open_seal: OpenSeal) -> Request:
    """Raises CallError that names the member at fault."""
    body = Members(envelope.body)
    model = body.take("model", str)
    names = Names()
    tools = parse_tools(body, names)
    items = Items(open_seal, names, tools)
    if not body.has("input") and not any(body.has(name) for name in _WITHOUT_INPUT):
        raise bad_request("Missing required parameter: 'input'.", "input")
    messages = items.parse(body.take_raw("input"))
    choice = parse_choice(body, names)
    fields: dict[str, Any] = {name: body.take(name, type_) for name, type_ in _PLAIN.items()}
    kept: Extras = {}
    form, verbosity = _text(body, kept)
    instructions = body.take("instructions", str)
    paths = dict(_PATHS)
    return Request(
        dialect=ID, model=model, messages=messages, tools=(*tools, *items.offered), tool_choice=choice, **fields,
        system=() if instructions is None else (Text(instructions, at="/instructions"),),
        parallel_tools=body.take("parallel_tool_calls", bool), metadata=body.take_raw("metadata"),
        stream=body.take("stream", bool) or False, reasoning=_reasoning(body, paths), response_format=form,
        verbosity=verbosity, logprobs=True if LOGPROBS in _included(body) else None, weights=_weights(body),
        whys=REQUEST_WHYS, extras={**body.rest(), **kept}, paths=paths,
    )  # fmt: skip


def _text(body: Members, kept: Extras) -> tuple[ResponseFormat | None, str | None]:
    text = body.take_object("text")
    if text is None:
        return None, None
    form, verbosity = _format(text), text.take("verbosity", str)
    kept.update({TEXT + json.escape(name): raw for name, raw in text.rest().items()})
    return form, verbosity


def _format(text: Members) -> ResponseFormat | None:
    form = text.take_object("format")
    if form is None:
        return None
    kind = form.need("type", str)
    if kind in ("text", "json_object"):
        return ResponseFormat(kind="text" if kind == "text" else "json", extras=form.rest(), at=form.at)
    if kind != "json_schema":
        raise bad_request(
            f"Invalid value: '{kind}'. Supported values are: 'json_object', 'json_schema', and 'text'.", "text.format.type"
        )
    inner = form.take_object("json_schema") or form
    return ResponseFormat(
        kind="schema", schema=inner.take_raw("schema"), name=inner.take("name", str), description=inner.take("description", str),
        strict=inner.take("strict", bool), extras=inner.rest(), at=form.at,
    )  # fmt: skip


def _reasoning(body: Members, paths: dict[str, str]) -> ReasoningAsk | None:
    ask = body.take_object("reasoning")
    if ask is None:
        return None
    summary = ask.take("summary", str)
    if summary is None and ask.has("generate_summary"):
        summary = ask.word("generate_summary")
        paths["summary"] = "/reasoning/generate_summary"
    return ReasoningAsk(effort=ask.take("effort", str), summary=summary, extras=ask.rest(), at=ask.at)


def _included(body: Members) -> list[Any]:
    raw = body.look("include")
    found = json.decode(raw) if raw is not None else []
    return found if isinstance(found, list) else []


def _weights(body: Members) -> Mapping[str, LossKind | None]:
    """Members whose loss matters only where they ask for something."""
    told: dict[str, LossKind | None] = {}
    if all(what in (ENCRYPTED, LOGPROBS) for what in _included(body)):
        told["include"] = None
    for name, idle in (("background", b"false"), ("truncation", b'"disabled"')):
        raw = body.look(name)
        if raw is not None and bytes(raw) == idle:
            told[name] = None
    return {**REQUEST_WEIGHTS, **told} if told else REQUEST_WEIGHTS
