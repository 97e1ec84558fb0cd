"""The canonical form to a Messages request.

Rule: a client of this dialect gets its members back as it wrote them, and the model's own refusals with them, for such
clients negotiate by those. For any other client what the model would refuse is put otherwise or left out, and told.
"""

from typing import Any, Final

from msgspec import Raw

from dragoman.core.config import Target
from dragoman.core.loss import LossKind
from dragoman.core.quirks import Quirks
from dragoman.core.request import Request, ResponseFormat, Tool
from dragoman.dialects.anthropic import schema
from dragoman.dialects.anthropic.content import bare, plain
from dragoman.dialects.anthropic.draft import Draft
from dragoman.dialects.anthropic.thinking import thinking, unthinking
from dragoman.dialects.anthropic.tools import choice, is_forced, tools
from dragoman.dialects.anthropic.turns import conversation
from dragoman.dialects.base import Built
from dragoman.dialects.ledger import below
from dragoman.dialects.names import digest62
from dragoman.wire import json
from dragoman.wire.json import escape

HEADERS: Final = (("anthropic-version", "2023-06-01"),)
MAX_TOKENS: Final = 32000
"""The limit where one is demanded and the client gave none: what every current Claude model takes (2026-11)."""
# OpenAI's tiers (2026-11). A tier that is not listed has no equal here.
_TIERS: Final = {"auto": "auto", "priority": "auto", "default": "standard_only"}
_TOLD: Final = {
    "max_tokens": ("max_output_tokens",),
    "stop_sequences": ("stop",),
    "metadata": ("user", "safety_identifier"),
    "thinking": ("reasoning",),
    "output_config": ("reasoning", "response_format"),
    "tool_choice": ("tool_choice", "parallel_tools"),
}
"""Members on the wire -> the canonical ones they tell, where the names differ."""
_HINT, _DROPPED = LossKind.HINT, LossKind.DROPPED
_JSON_ONLY = "Answer with one valid JSON object and nothing else: no other words, no code fences."


def build_request(request: Request, target: Target, quirks: Quirks) -> Built:
    draft = Draft(request, target, quirks)
    body: dict[str, Any] = {"model": target.model}
    limit = _limit(request, draft)
    if limit is not None:
        body["max_tokens"] = limit
    offered = tools(request, draft)
    system, messages = conversation(request, draft)
    called_only = bool(offered) and not draft.own and not any(isinstance(tool, Tool) for tool in request.tools)
    chosen = choice(request, draft, offered=bool(offered), called_only=called_only)
    thought, level = thinking(request, draft, limit, messages, forced=chosen is not None and is_forced(request, draft))
    shape = _shape(request.response_format, draft)
    system += [{"type": "text", "text": words} for words in draft.instructions]
    if draft.own and "/system" in request.extras:
        body["system"] = request.extras["/system"]
    elif system:
        body["system"] = plain(system, bare=not draft.own or (len(system) == 1 and bare(request.system, draft)))
    body["messages"] = messages
    for name, value in (("tools", offered), ("tool_choice", chosen), ("thinking", thought)):
        if value:
            body[name] = value
    _sampling(request, draft, body)
    if request.stop is not None:
        _stop(request.stop, request, draft, body)
    _account(request, draft, body)
    if draft.own and thought is None and request.reasoning is not None and request.reasoning.mode == "on":
        _settle_context(body, draft)
    if request.stream:
        body["stream"] = True
    _output(request, draft, body, level, shape)
    if not draft.own:
        _foreign(request, draft)
    body.update(request.passed)
    body = _adapted(body, request, draft)
    return Built(body=json.encode(body), losses=draft.ledger.told(), undo=draft.undo(), headers=HEADERS)


def _limit(request: Request, draft: Draft) -> int | None:
    """`max_tokens`. An own request without one stays so: it counts tokens, or is the vendor's to refuse."""
    given, least, most = request.max_output_tokens, draft.quirks.min_output_tokens, draft.quirks.max_output_tokens
    if draft.own:
        return given
    if given is None:
        return min(draft.quirks.max_tokens_default or MAX_TOKENS, most or MAX_TOKENS)
    if least is not None and given < least:
        draft.ledger.approximate(request.at("max_output_tokens"), f"at least {least}")
        return least
    if most is not None and given > most:
        draft.ledger.approximate(request.at("max_output_tokens"), f"at most {most}")
        return most
    return given


def _sampling(request: Request, draft: Draft, body: dict[str, Any]) -> None:
    taken = {"temperature": request.temperature, "top_p": request.top_p, "top_k": request.top_k}
    found = {name: value for name, value in taken.items() if value is not None}
    if draft.own:
        body.update(found)
        return
    thinks = body.get("thinking", {}).get("type") in ("enabled", "adaptive")
    for name, value in found.items():
        at = request.at(name)
        if draft.quirks.sampling == "none" or (thinks and not _with_thinking(name, value)):
            default = name != "top_k" and value == 1
            draft.ledger.lose(
                at, _HINT if default else _DROPPED, "not taken by this model" + (" while it thinks" if thinks else "")
            )
        elif name == "top_p" and draft.quirks.sampling == "one" and "temperature" in body:
            draft.ledger.drop(at, "this model takes temperature or top_p, not both")
        elif name == "temperature":
            most = draft.quirks.temperature_max if draft.quirks.temperature_max is not None else 1
            if value > most:
                draft.ledger.approximate(at, f"at most {most}")
            body[name] = min(value, most)
        else:
            body[name] = value


def _with_thinking(name: str, value: float) -> bool:
    """What a model takes while it thinks: its default temperature, a narrow top_p."""
    return value == 1 if name == "temperature" else name == "top_p" and 0.95 <= value <= 1


def _stop(stop: tuple[str, ...], request: Request, draft: Draft, body: dict[str, Any]) -> None:
    words, at = list(stop), request.at("stop")
    if not draft.own:
        words = [word for word in words if word.strip()]
        if len(words) < len(stop):
            draft.ledger.approximate(at, "a stop sequence of white space is not taken")
        most = draft.quirks.stop_max
        if most is not None and (len(words) > most or not most):
            draft.ledger.lose(at, _DROPPED if words else _HINT, f"no more than {most} stop sequences")
            words = words[:most]
    if words or draft.own:
        body["stop_sequences"] = words


def _account(request: Request, draft: Draft, body: dict[str, Any]) -> None:
    """Who asks, and what for."""
    ledger = draft.ledger
    extras = ledger.extras(request.extras, "")
    body.update({name: value for name, value in extras.items() if not name.startswith("/")})
    user = request.safety_identifier if request.safety_identifier is not None else request.user
    member = "safety_identifier" if request.safety_identifier is not None else "user"
    if request.safety_identifier is not None:
        ledger.hint(request.at("safety_identifier"), "told as the id of the user")
        if request.user not in (None, request.safety_identifier):
            ledger.hint(request.at("user"), "one identifier of the user is sent")
    if user is not None and not draft.own and "@" in user:
        ledger.approximate(request.at(member), "an address is sent as its digest: it must not tell a person")
        user = digest62(user, 32)
    metadata = below(extras, "/metadata/")
    if user is not None or metadata:
        body["metadata"] = {**({} if user is None else {"user_id": user}), **metadata}
    tier = request.service_tier
    if tier is not None:
        word = tier if draft.own else _TIERS.get(tier)
        if word is not None:
            body["service_tier"] = word
        if word != tier:
            ledger.hint(request.at("service_tier"), f"told as {word}" if word is not None else "no such tier here")


def _settle_context(body: dict[str, Any], draft: Draft) -> None:
    """Where thinking was taken out of a client's own request, what speaks of it goes with it."""
    name = "context_management"
    asked = json.decode(body[name]) if isinstance(body.get(name), Raw) else None
    kept = unthinking(asked.get("edits")) if isinstance(asked, dict) else None
    if not isinstance(asked, dict) or kept == asked.get("edits"):
        return
    draft.ledger.approximate(f"/{name}/edits", "no thoughts are cleared where there is no thinking")
    rest = {key: value for key, value in asked.items() if key != "edits"}
    body.update({name: {**rest, "edits": kept}} if kept or rest else {})
    if not kept and not rest:
        del body[name]


def _shape(asked: ResponseFormat | None, draft: Draft) -> dict[str, Any] | None:
    """`output_config.format`. Without a schema, or where the target takes none, an instruction says it."""
    if asked is None:
        return None
    if draft.own:
        return {"type": "json_schema", "schema": asked.schema, **asked.extras}
    draft.ledger.extras(asked.extras, asked.at, "response_format")
    if asked.kind == "text":
        return None
    if asked.kind == "json" or asked.schema is None:
        draft.ledger.approximate(asked.at, "asked for in words")
        draft.instructions.append(_JSON_ONLY)
        return None
    if not draft.quirks.json_schema:
        draft.ledger.approximate(asked.at, "asked for in words")
        draft.instructions.append(f"{_JSON_ONLY} It must follow this JSON Schema:\n{bytes(asked.schema).decode()}")
        return None
    found, changed = schema.strict(asked.schema)
    if changed:
        draft.ledger.approximate(asked.at, "bounds in the schema are told in words")
    if asked.description is not None:
        draft.ledger.hint(f"{asked.at}/description", "a schema has no description of its own here")
    return {"type": "json_schema", "schema": found}


def _output(request: Request, draft: Draft, body: dict[str, Any], level: str | None, shape: dict[str, Any] | None) -> None:
    kept = below(request.extras, "/output_config/") if draft.own else {}
    config: dict[str, Any] = {} if level is None else {"effort": level}
    if shape is not None and draft.own and request.response_format is not None and request.response_format.at == "/output_format":
        body["output_format"] = shape
    elif shape is not None:
        config["format"] = shape
    config.update(kept)
    if config:
        body["output_config"] = config


def _foreign(request: Request, draft: Draft) -> None:
    """Members that this dialect has no word for."""
    ledger = draft.ledger
    if request.n is not None and request.n > 1:
        ledger.refuse(request.at("n"), "one answer a call")
    for name, value, idle in (
        ("seed", request.seed, ()),
        ("presence_penalty", request.presence_penalty, (0,)),
        ("frequency_penalty", request.frequency_penalty, (0,)),
        ("logprobs", request.logprobs, (False,)),
        ("top_logprobs", request.top_logprobs, (0,)),
        ("verbosity", request.verbosity, ("medium",)),
    ):
        if value is not None and value not in idle:
            ledger.drop(request.at(name), "no such setting here")
    for name, told in (
        ("metadata", request.metadata),
        ("prompt_cache_key", request.prompt_cache_key),
        ("store", request.store or None),
    ):
        if told is not None:
            ledger.hint(request.at(name), "no such setting here")


def _adapted(body: dict[str, Any], request: Request, draft: Draft) -> dict[str, Any]:
    """Members under the names this target takes, without those it refuses."""
    for name in sorted(draft.quirks.drop & (body.keys() - {"model", "messages"})):
        del body[name]
        told = _TOLD.get(name, (name,))
        asked = [request.at(member) for member in told if getattr(request, member, None) is not None]
        for at in [f"/{escape(name)}"] if draft.own else asked:
            draft.ledger.drop(at, "not taken by this provider")
    rename = draft.quirks.rename
    return {rename.get(name, name): value for name, value in body.items()} if rename else body
