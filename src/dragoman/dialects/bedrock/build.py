"""The canonical form to a Converse request.

Rule: what the model would refuse is put otherwise or left out, and told; the order of members is fixed, so equal requests give
equal bytes.
"""

from typing import Any, Final

from msgspec.structs import replace

from dragoman.core.config import Target
from dragoman.core.loss import LossKind
from dragoman.core.quirks import Quirks
from dragoman.core.request import Request, ResponseFormat
from dragoman.dialects.base import Built
from dragoman.dialects.bedrock.draft import Draft
from dragoman.dialects.bedrock.facts import TAG, TAGS_MAX, THINKING_LIMIT, TIERS
from dragoman.dialects.bedrock.thinking import thinking
from dragoman.dialects.bedrock.tools import is_forced, tool_config
from dragoman.dialects.bedrock.turns import conversation
from dragoman.wire import json

_JSON_ONLY: Final = "Answer with one valid JSON object and nothing else: no other words, no code fences."
_NOT_COUNTED: Final = frozenset({"messages", "system", "toolConfig", "additionalModelRequestFields"})
"""All that CountTokens takes of a Converse request."""
_TOLD: Final = {
    "requestMetadata": ("metadata",),
    "serviceTier": ("service_tier",),
    "outputConfig": ("response_format", "reasoning"),
    "additionalModelRequestFields": ("reasoning", "top_k"),
    "inferenceConfig": ("max_output_tokens", "temperature", "top_p", "stop"),
    "toolConfig": ("tools", "tool_choice"),
}
"""Members on the wire -> the canonical ones they tell."""
_DROPPED, _HINT = LossKind.DROPPED, LossKind.HINT


def build_request(request: Request, target: Target, quirks: Quirks) -> Built:
    draft = Draft(request, target, quirks)
    return Built(body=json.encode(_body(request, draft)), losses=draft.ledger.told(), undo=draft.undo)


def build_count(request: Request, target: Target, quirks: Quirks) -> Built:
    """The same, to have its tokens counted."""
    built = build_request(request, target, quirks)
    members = {name: value for name, value in json.members(built.body).items() if name in _NOT_COUNTED}
    return replace(built, body=json.encode({"input": {"converse": members}}))


def read_count(body: bytes) -> int | None:
    try:
        found = json.decode(body)
    except json.JSONError:
        return None
    tokens = found.get("inputTokens") if isinstance(found, dict) else None
    return tokens if isinstance(tokens, int) and not isinstance(tokens, bool) and tokens >= 0 else None


def _body(request: Request, draft: Draft) -> dict[str, Any]:
    system, messages = conversation(request, draft)
    offered = tool_config(request, draft)
    forced = offered is not None and is_forced(request, draft)
    more, level = thinking(request, draft, messages, forced=forced)
    shape = _shape(request.response_format, draft)
    system += [{"text": words} for words in draft.instructions]
    output = {**({} if shape is None else {"textFormat": shape}), **({} if level is None else {"effort": level})}
    body: dict[str, Any] = {}
    for name, value in (
        ("system", system),
        ("messages", messages),
        ("inferenceConfig", _inference(request, draft, more)),
        ("toolConfig", offered),
        ("additionalModelRequestFields", more),
        ("outputConfig", output),
        ("requestMetadata", _tags(request, draft)),
        ("serviceTier", _tier(request, draft)),
    ):
        if value:
            body[name] = value
    draft.ledger.extras(request.extras, "")
    _foreign(request, draft)
    body.update(request.passed)
    return _taken(body, request, draft)


def _inference(request: Request, draft: Draft, more: dict[str, Any]) -> dict[str, Any]:
    """`inferenceConfig`. What it has no member for goes into `more`, which the model itself reads."""
    out: dict[str, Any] = {}
    limit = request.max_output_tokens
    if limit is None:
        limit = draft.quirks.max_tokens_default
    if limit is None and more.get("thinking", {}).get("type") == "enabled":
        limit = THINKING_LIMIT
    if limit is not None:
        least = draft.quirks.min_output_tokens or 1
        if limit < least:
            draft.ledger.approximate(request.at("max_output_tokens"), f"at least {least}")
        most = draft.quirks.max_output_tokens
        if most is not None and limit > most:
            draft.ledger.approximate(request.at("max_output_tokens"), f"at most {most}")
        out["maxTokens"] = max(limit if most is None else min(limit, most), least)
    thinks = more.get("thinking", {}).get("type") in ("enabled", "adaptive")
    for name, wire, value in (("temperature", "temperature", request.temperature), ("top_p", "topP", request.top_p)):
        if value is not None:
            _sample(name, wire, value, request, draft, out, thinks=thinks)
    if request.top_k is not None:
        _top_k(request.top_k, request, draft, more, thinks=thinks)
    _stop(request, draft, out)
    return out


def _sample(name: str, wire: str, value: float, request: Request, draft: Draft, out: dict[str, Any], *, thinks: bool) -> None:
    at, quirks = request.at(name), draft.quirks
    if quirks.sampling == "none" or (thinks and not (value == 1 or (name == "top_p" and 0.95 <= value <= 1))):
        words = "not taken by this model" + (" while it thinks" if thinks and quirks.sampling != "none" else "")
        draft.ledger.lose(at, _HINT if value == 1 else _DROPPED, words)
        return
    if name == "top_p" and quirks.sampling == "one" and "temperature" in out:
        draft.ledger.drop(at, "this model takes temperature or top_p, not both")
        return
    most = 1 if name == "top_p" or quirks.temperature_max is None else quirks.temperature_max
    if value > most:
        draft.ledger.approximate(at, f"at most {most}")
    out[wire] = min(value, most)


def _top_k(value: int, request: Request, draft: Draft, more: dict[str, Any], *, thinks: bool) -> None:
    if draft.quirks.top_k and draft.quirks.sampling != "none" and not thinks:
        more["top_k"] = value
    else:
        draft.ledger.drop(request.at("top_k"), "not taken by this model")


def _stop(request: Request, draft: Draft, out: dict[str, Any]) -> None:
    if request.stop is None:
        return
    at = request.at("stop")
    words = [word for word in request.stop if word.strip()]
    if len(words) < len(request.stop):
        draft.ledger.approximate(at, "a stop sequence of white space is not taken")
    most = draft.quirks.stop_max
    if most is not None and (len(words) > most or not most):
        draft.ledger.lose(at, _DROPPED if words else _HINT, f"no more than {most} stop sequences")
        words = words[:most]
    if words:
        out["stopSequences"] = words


def _shape(asked: ResponseFormat | None, draft: Draft) -> dict[str, Any] | None:
    """`outputConfig.textFormat`. Without a schema, or where the model takes none, an instruction says it."""
    if asked is None:
        return None
    draft.ledger.extras(asked.extras, asked.at, "response_format")
    if asked.kind == "text":
        return None
    if asked.kind == "json" or asked.schema is None or not draft.quirks.json_schema:
        draft.ledger.approximate(asked.at, "asked for in words")
        schema = "" if asked.schema is None else f" It must follow this JSON Schema:\n{bytes(asked.schema).decode()}"
        draft.instructions.append(_JSON_ONLY + schema)
        return None
    told = {"schema": bytes(asked.schema).decode()}
    for name, value in (("name", asked.name), ("description", asked.description)):
        if value is not None:
            told[name] = value
    return {"type": "json_schema", "structure": {"jsonSchema": told}}


def _tags(request: Request, draft: Draft) -> dict[str, str]:
    """`requestMetadata`: the client's metadata, where all of it may stand there."""
    if request.metadata is None:
        return {}
    at = request.at("metadata")
    try:
        found = json.decode(request.metadata, dict[str, str])
    except json.JSONError:
        found = {}
    fits = len(found) <= TAGS_MAX and all(TAG.fullmatch(text) for pair in found.items() for text in pair)
    if not fits or not found:
        draft.ledger.hint(at, "metadata that cannot stand in Amazon's logs")
        return {}
    return found


def _tier(request: Request, draft: Draft) -> dict[str, str] | None:
    tier = request.service_tier
    word = TIERS.get(tier) if tier is not None else None
    if word != tier:
        draft.ledger.hint(request.at("service_tier"), f"told as {word}" if word is not None else "no such tier here")
    return None if word is None else {"type": word}


def _foreign(request: Request, draft: Draft) -> None:
    """Members that this dialect has no word for."""
    ledger = draft.ledger
    if request.n is not None and request.n > 1:
        ledger.refuse(request.at("n"), "one answer a call")
    for name, value, idle in (
        ("seed", request.seed, None),
        ("presence_penalty", request.presence_penalty, 0),
        ("frequency_penalty", request.frequency_penalty, 0),
        ("logprobs", request.logprobs, False),
        ("top_logprobs", request.top_logprobs, 0),
        ("verbosity", request.verbosity, "medium"),
    ):
        if value is not None and (idle is None or value != idle):
            ledger.drop(request.at(name), "no such setting here")
    for name, told in (
        ("user", request.user),
        ("safety_identifier", request.safety_identifier),
        ("prompt_cache_key", request.prompt_cache_key),
        ("store", request.store or None),
    ):
        if told is not None:
            ledger.hint(request.at(name), "no such setting here")


def _taken(body: dict[str, Any], request: Request, draft: Draft) -> dict[str, Any]:
    """Without the top-level members that this target refuses."""
    for name in sorted(draft.quirks.drop & (body.keys() - {"messages"})):
        del body[name]
        for member in _TOLD.get(name, ()):
            if getattr(request, member):
                draft.ledger.drop(request.at(member), "not taken by this provider")
    return body
