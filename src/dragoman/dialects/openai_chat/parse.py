"""A client's Chat request -> the canonical form, by popping. What nobody takes is extras.

Rule: an explicit null counts as absent, and every error names the member at fault.
"""

from collections.abc import Mapping
from typing import Any

from msgspec import Raw, Struct

from dragoman.core.errors import bad_request
from dragoman.core.loss import LossKind
from dragoman.core.parts import Extras
from dragoman.core.request import Envelope, Headers, ReasoningAsk, Request, ResponseFormat
from dragoman.dialects.base import OpenSeal
from dragoman.dialects.openai_chat.facts import ID, REQUEST_WEIGHTS, REQUEST_WHYS, STREAM_OPTIONS
from dragoman.dialects.openai_chat.parse_messages import parse_messages
from dragoman.dialects.openai_chat.parse_tools import parse_choice, parse_tools
from dragoman.wire import json
from dragoman.wire.json import Members

KEPT = ("model", "messages", "stream")
"""What `extra_body` never replaces."""
FORMAT = "/response_format/"
"""Where the extras of an object begin that holds a schema."""
_ASKS = ("reasoning", "thinking", "enable_thinking", "thinking_budget")
"""Vendors' own ways to ask for reasoning: OpenRouter; Anthropic's, at DeepSeek and Z.ai; Qwen (2026-11)."""


class _Peek(Struct):
    model: str | None = None
    stream: bool | None = None
    prompt_cache_key: str | None = None


def peek(method: str, path: str, query: str, headers: Headers, body: bytes) -> Envelope:
    """What is known of a call from its top-level members alone."""
    try:
        seen = json.decode(body, _Peek)
    except json.JSONError:
        members = Members(body)
        seen = _Peek(members.take("model", str), members.take("stream", bool), _text(members.take_raw("prompt_cache_key")))
    return Envelope(
        dialect=ID, operation="chat", model=seen.model, stream=bool(seen.stream), body=body, method=method, path=path,
        query=query, headers=headers, affinity=seen.prompt_cache_key,
    )  # fmt: skip


def parse_request(envelope: Envelope, open_seal: OpenSeal) -> Request:
    """Raises CallError that names the member at fault."""
    merged, told = _with_extra_body(envelope.body)
    body = Members(merged)
    model = body.take("model", str)
    raw_messages = body.take_list("messages")
    if raw_messages is None:
        raise bad_request("messages: Field required", "messages")
    messages = parse_messages(raw_messages, open_seal)
    paths = {"parallel_tools": "/parallel_tool_calls", "stream_usage": "/stream_options/include_usage"}
    tools = parse_tools(body, paths)
    choice = parse_choice(body, paths)
    kept: Extras = {}
    fields = _options(body, paths, kept)
    weights = _weights(body)
    asked, stream_options = _stream_options(body)
    rest = body.rest()
    passed = {name: rest.pop(name) for name in told if name in rest}
    return Request(
        dialect=ID, model=model, messages=messages, tools=tools, tool_choice=choice, **fields, stream_usage=asked,
        extras={**rest, **kept, **stream_options}, passed=passed, paths=paths, weights=weights,
        whys=REQUEST_WHYS,
    )  # fmt: skip


def _with_extra_body(body: bytes) -> tuple[bytes, tuple[str, ...]]:
    """`extra_body` laid over the top level, as the OpenAI SDKs' own does (requirement S1-64), and the names that stood in it."""
    if b'"extra_body"' not in body:
        return body, ()
    members = Members(body).rest()
    merged = merge_extra_body(members)
    return (body, ()) if merged is members else (json.encode(merged), tuple(Members(members["extra_body"]).rest()))


def merge_extra_body(members: dict[str, Raw]) -> dict[str, Raw]:
    """The members with those of `extra_body` in its place, KEPT ones untouched. Raises CallError if it is no object."""
    if "extra_body" not in members:
        return members
    out = dict(members)
    extra = Members(out.pop("extra_body"), "/extra_body").rest()
    out.update((name, value) for name, value in extra.items() if name not in KEPT)
    return out


def _options(body: Members, paths: dict[str, str], kept: Extras) -> dict[str, Any]:
    """`kept`: takes what stands beside a schema."""
    limit = "max_completion_tokens" if body.has("max_completion_tokens") else "max_tokens"
    paths["max_output_tokens"] = f"/{limit}"
    fields: dict[str, Any] = {
        "max_output_tokens": body.take(limit, int),
        "parallel_tools": body.take("parallel_tool_calls", bool),
        "stop": _stop(body),
        "response_format": _format(body, kept),
        "reasoning": _reasoning(body, paths),
        "metadata": body.take_raw("metadata"),
        "stream": body.take("stream", bool) or False,
    }
    for name, type_ in _PLAIN.items():
        fields[name] = body.take(name, type_)
    if fields["seed"] is None and body.has("random_seed"):
        paths["seed"] = "/random_seed"
        fields["seed"] = body.take("random_seed", int)
    return fields


_PLAIN: Mapping[str, Any] = {
    "temperature": int | float, "top_p": int | float, "top_k": int, "seed": int, "presence_penalty": int | float,
    "frequency_penalty": int | float, "n": int, "logprobs": bool, "top_logprobs": int, "verbosity": str, "user": str,
    "safety_identifier": str, "prompt_cache_key": str, "service_tier": str, "store": bool,
}  # fmt: skip


def _stop(body: Members) -> tuple[str, ...] | None:
    raw = body.take_raw("stop")
    if raw is None:
        return None
    try:
        return (json.decode(raw, str),) if json.is_string(raw) else tuple(json.decode(raw, list[str]))
    except json.JSONError:
        raise bad_request("stop: a string or an array of strings is expected", "stop") from None


def _stream_options(body: Members) -> tuple[bool | None, dict[str, Raw]]:
    """(whether usage was asked for, what else stood there as extras)."""
    options = body.take_object("stream_options")
    if options is None:
        return None, {}
    asked = options.take("include_usage", bool)
    rest = options.rest()
    return asked, {STREAM_OPTIONS + json.escape(name): raw for name, raw in rest.items()}


def _format(body: Members, kept: Extras) -> ResponseFormat | None:
    form = body.take_object("response_format")
    if form is None:
        return None
    kind = form.need("type", str)
    if kind in ("text", "json_object"):
        return ResponseFormat(kind="text" if kind == "text" else "json", extras=form.rest(), at=form.at)
    if kind != "json_schema":
        raise bad_request(
            f"Invalid value: '{kind}'. Supported values are: 'json_object', 'json_schema', and 'text'.", "response_format.type"
        )
    inner = form.take_object("json_schema")
    if inner is None:
        raise bad_request("response_format.json_schema: Field required", "response_format.json_schema")
    kept.update({FORMAT + json.escape(name): raw for name, raw in form.rest().items()})
    return ResponseFormat(
        kind="schema", schema=inner.take_raw("schema"), name=inner.take("name", str), description=inner.take("description", str),
        strict=inner.take("strict", bool), extras=inner.rest(), at=inner.at,
    )  # fmt: skip


def _reasoning(body: Members, paths: dict[str, str]) -> ReasoningAsk | None:
    """How much to think, from the official member and from vendors' own; those are kept as they are in `extras`."""
    at = "/reasoning_effort"
    effort = body.take("reasoning_effort", str)
    own = {name: raw for name in _ASKS if (raw := body.take_raw(name)) is not None}
    if not own:
        paths["reasoning"] = at
        return None if effort is None else ReasoningAsk(effort=effort, at=at)
    told = _vendor_ask(own)
    paths["reasoning"] = at = at if effort is not None else f"/{next(iter(own))}"
    paths["summary"] = "/reasoning/exclude"
    return ReasoningAsk(**told | ({} if effort is None else {"effort": effort}), extras=own, at=at)


def _vendor_ask(own: dict[str, Raw]) -> dict[str, Any]:
    told: dict[str, Any] = {}
    values = {name: json.decode(raw) for name, raw in own.items()}
    router, thinking = values.get("reasoning"), values.get("thinking")
    if isinstance(router, dict):
        told = {"effort": _kind(router.get("effort"), str), "budget": _kind(router.get("max_tokens"), int)}
        if isinstance(router.get("enabled"), bool):
            told["mode"] = "on" if router["enabled"] else "off"
        if router.get("exclude") is True:
            told["summary"] = "omitted"
    if isinstance(thinking, dict):
        told["mode"] = {"enabled": "on", "disabled": "off", "adaptive": "adaptive"}.get(str(thinking.get("type")))
        told["budget"] = _kind(thinking.get("budget_tokens"), int)
    if isinstance(values.get("enable_thinking"), bool):
        told["mode"] = "on" if values["enable_thinking"] else "off"
    if "thinking_budget" in values:
        told["budget"] = _kind(values["thinking_budget"], int)
    return told


def _kind(value: Any, type_: type) -> Any:
    return value if isinstance(value, type_) and not isinstance(value, bool) else None


def _weights(body: Members) -> Mapping[str, LossKind | None]:
    """`modalities` matters only where it asks for more than text."""
    if not body.has("modalities"):
        return REQUEST_WEIGHTS
    only_text = bytes(body.rest()["modalities"]).replace(b" ", b"") == b'["text"]'
    return {**REQUEST_WEIGHTS, "modalities": None if only_text else LossKind.REFUSED}


def _text(raw: Raw | None) -> str | None:
    """A string member that a broken request may hold in another type."""
    try:
        return None if raw is None else json.decode(raw, str)
    except json.JSONError:
        return None
