"""A client's generateContent request -> the canonical form, by popping. What nobody takes is extras.

Rule: model, method and framing stand in the URL, everything else in the body; an explicit null counts as absent, and every error
names the member at fault.
"""

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl

from msgspec import Raw, Struct

from dragoman.core.errors import bad_request
from dragoman.core.loss import LossKind
from dragoman.core.parts import Extras, Opaque, Text
from dragoman.core.request import Envelope, Headers, ReasoningAsk, Request
from dragoman.dialects.base import OpenSeal
from dragoman.dialects.gemini.facts import CONFIG, ID, REQUEST_WEIGHTS, REQUEST_WHYS
from dragoman.dialects.gemini.parse_content import parse_contents
from dragoman.dialects.gemini.parse_tools import parse_choice, parse_format, parse_tools
from dragoman.dialects.gemini.spelling import Fields
from dragoman.wire import json
from dragoman.wire.json import Members, name_of

ARRAY: Final = "array"
"""Framing of a stream as one JSON array, its elements one by one: what is sent without `alt=sse`."""
COUNT: Final = "count_tokens"
_WRAPPED = "generateContentRequest"
_URL = re.compile(
    r"/v\d\w*/(?:projects/[^/]+/locations/[^/]+/)?(?:publishers/google/)?(?:models/)?(?P<model>.+):(?P<method>\w+)", re.DOTALL
)
_FILES: Final = b"generativelanguage.googleapis.com/"
_FILE: Final = re.compile(rb'"file_?[uU]ri"\s*:\s*"https://generativelanguage\.googleapis\.com/v\d\w*/files/([\w-]+)"')
METHODS: Final = {"generateContent": "chat", "streamGenerateContent": "chat", "countTokens": COUNT}
_TIERS: Final = {"standard": "default"}
"""Google's service tiers -> OpenAI's, where the words differ (2026-11)."""


class _Peek(Struct):
    cachedContent: Raw = Raw()  # noqa: N815
    cached_content: Raw = Raw()


def peek(method: str, path: str, query: str, headers: Headers, body: bytes) -> Envelope:
    """What is known of a call from its URL; the body is only looked at for what ties it to one account."""
    found = _URL.fullmatch(path)
    name = found["method"] if found is not None else ""
    try:
        seen = json.decode(body, _Peek)
    except json.JSONError:
        Members(body)
        seen = _Peek()
    cached = next((raw for raw in (seen.cachedContent, seen.cached_content) if bytes(raw) and json.is_string(raw)), None)
    refers = _file(body) if cached is None else json.decode(cached, str).rpartition("/")[2]
    stream = name == "streamGenerateContent"
    return Envelope(
        dialect=ID, operation=METHODS.get(name, "chat"), model=found["model"] if found is not None else None, stream=stream,
        body=body, method=method, path=path, query=query, headers=headers, framing=ARRAY if stream and not _sse(query) else "",
        pinned=refers is not None, refers=refers,
    )  # fmt: skip


def _file(body: bytes) -> str | None:
    """The id of a file that was uploaded: who keeps it is the only one that can read it."""
    found = _FILE.search(body) if _FILES in body else None
    return None if found is None else found[1].decode()


def parse_request(envelope: Envelope, open_seal: OpenSeal) -> Request:
    """Raises CallError that names the member at fault."""
    body = Fields(envelope.body)
    if envelope.operation == COUNT and body.has(_WRAPPED):
        body = body.take_fields(_WRAPPED) or body
    contents = body.take_each("contents")
    if contents is None and envelope.operation != COUNT:
        raise bad_request("contents is not specified", name_of(body.path("contents")))
    messages = parse_contents(contents or [], open_seal)
    system, extras = _system(body)
    spelled = "function_response" if b'"function_response"' in envelope.body else "functionResponse"
    paths = {"is_error": f"/{spelled}/response/error"}
    tools = parse_tools(body)
    choice, kept = parse_choice(body, paths)
    extras.update(kept)
    body.take_raw("model")
    tier = body.take("serviceTier", str)
    paths["service_tier"] = body.path("serviceTier")
    config = body.take_fields(CONFIG)
    fields = {} if config is None else _config(config, paths)
    if config is not None:
        extras.update({config.path(name): value for name, value in config.rest().items()})
    extras = {**body.rest(), **extras}
    return Request(
        dialect=ID, model=envelope.model, system=system, messages=messages, tools=tools, tool_choice=choice, **fields,
        service_tier=None if tier is None else _TIERS.get(tier, tier), stream=envelope.stream,
        extras=extras, paths=paths, weights=_weights(extras), whys=REQUEST_WHYS,
    )  # fmt: skip


def _sse(query: str) -> bool:
    return any(name in ("alt", "$alt") and value == "sse" for name, value in parse_qsl(query))


def _system(body: Fields) -> tuple[tuple[Text | Opaque, ...], Extras]:
    """(the instructions, what else stands beside their parts). A string, or parts without a content around them, will do."""
    at = body.path("systemInstruction")
    if body.is_string("systemInstruction"):
        return (Text(body.need("systemInstruction", str), at=at),), {}
    raw = body.take_raw("systemInstruction")
    if raw is None:
        return (), {}
    content = Fields(json.raw({"parts": raw}) if json.is_array(raw) else raw, at)
    parts = content.take_each("parts") or ()
    if json.is_array(raw):
        parts = [(part, f"{at}/{place}") for place, (part, _) in enumerate(parts)]
    return tuple(_instruction(part, where) for part, where in parts), {
        content.path(name): value for name, value in content.rest().items()
    }


def _instruction(raw: Raw, at: str) -> Text | Opaque:
    if json.is_string(raw):
        return Text(json.decode(raw, str), at=at)
    part = Fields(raw, at)
    if not part.is_string("text"):
        return Opaque(dialect=ID, kind=next(iter(part.rest()), ""), raw=raw, at=at)
    return Text(part.need("text", str), extras=part.rest(), at=at)


def _config(config: Fields, paths: dict[str, str]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name, wire in _PLAIN.items():
        paths[name] = config.path(wire)
        fields[name] = config.take(wire, _TYPES.get(name, int | float))
    for name, wire in _WHOLE.items():
        paths[name] = config.path(wire)
        fields[name] = config.take_number(wire)
    paths["stop"] = config.path("stopSequences")
    stop = config.take("stopSequences", list[str])
    fields["stop"] = None if stop is None else tuple(stop)
    fields["response_format"] = parse_format(config)
    paths["reasoning"] = config.path("thinkingConfig")
    fields["reasoning"] = _reasoning(config, paths)
    return fields


_PLAIN: Final = {
    "temperature": "temperature", "top_p": "topP", "presence_penalty": "presencePenalty", "frequency_penalty": "frequencyPenalty",
    "logprobs": "responseLogprobs",
}  # fmt: skip
_TYPES: Final[Mapping[str, Any]] = {"logprobs": bool}
_WHOLE: Final = {
    "max_output_tokens": "maxOutputTokens", "top_k": "topK", "seed": "seed", "n": "candidateCount", "top_logprobs": "logprobs",
}  # fmt: skip
CONFIG_NAMES: Final = {**_PLAIN, **_WHOLE}
"""Canonical member -> member of `generationConfig`."""


def _reasoning(config: Fields, paths: dict[str, str]) -> ReasoningAsk | None:
    """How much to think. A budget of -1, and thoughts that are only asked for, leave it to the model, as is Google's default."""
    raw = config.take_raw("thinkingConfig")
    if raw is None:
        return None
    thinking = Fields(raw, config.path("thinkingConfig"))
    budget, level = thinking.take_number("thinkingBudget"), thinking.take("thinkingLevel", str)
    paths["effort"], paths["summary"] = thinking.path("thinkingLevel"), thinking.path("includeThoughts")
    shown = thinking.take("includeThoughts", bool)
    effort = None if level is None or level.upper().endswith("_UNSPECIFIED") else level.lower()
    mode: Any = None
    if budget is not None:
        mode = "off" if budget == 0 else "adaptive" if budget < 0 else "on"
    elif effort is None and shown:
        mode = "adaptive"
    return ReasoningAsk(
        mode=mode, effort=effort, budget=budget if budget is not None and budget > 0 else None,
        summary=None if shown is None else "auto" if shown else "omitted",
        extras={"thinkingConfig": raw, **thinking.rest()}, at=thinking.at,
    )  # fmt: skip


_ASKING: Final = ("/responseModalities", "/response_modalities", "safetySettings", "safety_settings")
_UNGUARDED: Final = ("OFF", "BLOCK_NONE", "HARM_BLOCK_THRESHOLD_UNSPECIFIED")
"""Thresholds that block nothing, or what the model blocks by itself (Google's API reference, 2026-11)."""


def _weights(extras: Extras) -> Mapping[str, LossKind | None]:
    """Members whose loss matters only where they ask for something: `responseModalities` for more than text, `safetySettings` for
    a threshold."""
    told: dict[str, LossKind | None] = {}
    for name, raw in extras.items():
        listed = json.decode(raw) if name.endswith(_ASKING) else None
        if name.endswith(_ASKING[:2]):
            only_text = isinstance(listed, list) and all(str(word).upper() == "TEXT" for word in listed)
            told[name] = None if only_text else LossKind.REFUSED
        elif isinstance(listed, list) and all(isinstance(each, dict) and each.get("threshold") in _UNGUARDED for each in listed):
            told[name] = LossKind.HINT
    return {**REQUEST_WEIGHTS, **told} if told else REQUEST_WEIGHTS
