"""The Copy lane: where to ask, splicing of top-level members, and when a body cannot be copied.

Rule: a member that must change is replaced; every other value keeps its exact bytes, and an unchanged body is the same object.
"""

import re
from typing import Any

from msgspec import Raw

from dragoman.core.config import Target
from dragoman.core.quirks import Quirks
from dragoman.core.request import Envelope
from dragoman.dialects.base import NOTHING, Built, Undo
from dragoman.dialects.endpoints import url_of
from dragoman.dialects.ledger import Ledger
from dragoman.dialects.openai_chat.facts import REQUEST_WEIGHTS
from dragoman.dialects.openai_chat.limits import fit
from dragoman.dialects.openai_chat.parse import merge_extra_body
from dragoman.wire import json

_IDS = re.compile(rb'"tool_call_id"\s*:\s*"((?:[^"\\]|\\.)*)"')
_ALNUM9 = re.compile(rb"[a-zA-Z0-9]{9}")
_DEVELOPER = re.compile(rb'"role"\s*:\s*"developer"')
_SYSTEM = re.compile(rb'"role"\s*:\s*"(?:system|developer)"')
_STRICT = re.compile(rb'"strict"\s*:\s*true')
_CUSTOM = re.compile(rb'"type"\s*:\s*"custom"')
_SCHEMA = re.compile(rb'"type"\s*:\s*"json_schema"')
_MODE = re.compile(rb'"type"\s*:\s*"json_object"')
_EFFORT = re.compile(rb'"reasoning_effort"\s*:')
_NO_CHOICES = re.compile(rb'"choices"\s*:\s*\[\s*\]')
_FORCED = re.compile(rb'"tool_choice"\s*:\s*(?:"required"|\{)')


def endpoint(target: Target) -> str:
    return url_of(target, "/chat/completions")


def retarget(envelope: Envelope, target: Target, quirks: Quirks) -> Built:
    given = json.members(envelope.body)
    members: dict[str, Any] = dict(merge_extra_body(given))
    ledger = Ledger(own=True, weights=REQUEST_WEIGHTS)
    if envelope.model != target.model or "model" not in given:
        members["model"] = target.model
    asked = envelope.stream and _usage_asked(members)
    undo = NOTHING
    if envelope.stream and quirks.stream_usage and not asked:
        members["stream_options"] = _with_usage(members.get("stream_options"))
        undo = Undo(hide_usage=True)
    nulls = {name: raw for name, raw in members.items() if isinstance(raw, Raw) and json.is_null(raw)}
    said = {name: value for name, value in members.items() if name not in nulls}
    fit(said, quirks, ledger, lambda name: f"/{name}")
    dropped = quirks.drop | quirks.rename.keys()
    out = {
        name: said.get(name, nulls.get(name))
        for name in [*members, *said]
        if name in said or (name in nulls and name not in dropped)
    }
    if _same(out, given):
        return Built(body=envelope.body, losses=ledger.told(), undo=undo)
    return Built(body=json.encode(out), losses=ledger.told(), undo=undo)


def copyable(envelope: Envelope, quirks: Quirks) -> bool:
    """Whether no quirk of the target lies below the top level of this body."""
    body = envelope.body
    if quirks.tool_id == "alnum9" and not all(_ALNUM9.fullmatch(found) for found in _IDS.findall(body)):
        return False
    if quirks.system_role == "system" and _DEVELOPER.search(body):
        return False
    if quirks.mid_system is False and len(_SYSTEM.findall(body)) > 1:
        return False
    if quirks.reasoning_required and quirks.reasoning_back and _forgets_reasoning(body, quirks.reasoning_back):
        return False
    refused = (
        (quirks.tool_strict, _STRICT),
        (quirks.custom_tools, _CUSTOM),
        (quirks.json_schema, _SCHEMA),
        (quirks.json_mode, _MODE),
        (quirks.forced_tools is not False, _FORCED),
        (quirks.effort_form is None, _EFFORT),
    )
    if any(not taken and pattern.search(body) for taken, pattern in refused):
        return False
    return quirks.tool_name_max is None or not re.search(rb'"name"\s*:\s*"[^"]{%d,}"' % (quirks.tool_name_max + 1), body)


def hidden(event: bytes, undo: Undo) -> bool:
    """The chunk that only tells usage, where that was our wish."""
    if not undo.hide_usage or b'"usage"' not in event or not _NO_CHOICES.search(event):
        return False
    start = event.find(b"{")
    try:
        chunk = json.decode(event[start:].strip(), dict[str, Any])
    except json.JSONError:
        return False
    return chunk.get("choices") == [] and isinstance(chunk.get("usage"), dict)


def _same(out: dict[str, Any], given: dict[str, Raw]) -> bool:
    return out.keys() == given.keys() and all(out[name] is given[name] for name in out)


def _usage_asked(members: dict[str, Any]) -> bool:
    options = members.get("stream_options")
    try:
        return options is not None and json.decode(options, dict[str, Any]).get("include_usage") is True
    except json.JSONError:
        return False


def _with_usage(options: Raw | None) -> Any:
    """The client's stream options with usage asked for."""
    try:
        told = json.members(options) if options is not None and json.is_object(options) else {}
    except json.JSONError:
        told = {}
    return {**told, "include_usage": True}


def _forgets_reasoning(body: bytes, member: str) -> bool:
    return b'"tool_calls"' in body and f'"{member}"'.encode() not in body
