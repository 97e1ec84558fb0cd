"""The Copy lane: where to ask, splicing of top-level members, and when a body cannot be copied.

Rule: a member that must change is replaced; every other value keeps its exact bytes, and an unchanged body is the same object.
"""

import re
from typing import Any

from msgspec import Raw

from dragoman.core.config import Target
from dragoman.core.quirks import Quirks
from dragoman.core.request import Envelope
from dragoman.dialects.base import Built
from dragoman.dialects.endpoints import url_of
from dragoman.dialects.ledger import Ledger
from dragoman.dialects.openai_responses.facts import REQUEST_WEIGHTS
from dragoman.dialects.openai_responses.limits import fit
from dragoman.wire import json

_IDS = re.compile(rb'"call_id"\s*:\s*"((?:[^"\\]|\\.)*)"')
_ALNUM9 = re.compile(rb"[a-zA-Z0-9]{9}")
_DEVELOPER = re.compile(rb'"role"\s*:\s*"developer"')
_INSTRUCTIONS = re.compile(rb'"role"\s*:\s*"(?:system|developer)"')
_STRICT = re.compile(rb'"strict"\s*:\s*true')
_NOT_FUNCTIONS = re.compile(
    rb'"type"\s*:\s*"(?:custom|custom_tool_call|custom_tool_call_output|namespace|additional_tools|tool_search|tool_search_call|'
    rb"tool_search_output|local_shell|local_shell_call|local_shell_call_output|shell|shell_call|shell_call_output|apply_patch|"
    rb'apply_patch_call|apply_patch_call_output)"'
)
_SCHEMA = re.compile(rb'"type"\s*:\s*"json_schema"')
_MODE = re.compile(rb'"type"\s*:\s*"json_object"')
_FORCED = re.compile(rb'"tool_choice"\s*:\s*(?:"required"|\{)')


def endpoint(target: Target, operation: str) -> str:
    return url_of(target, "/responses", "/input_tokens" if operation == "count_tokens" else "")


def retarget(envelope: Envelope, target: Target, quirks: Quirks) -> Built:
    given = json.members(envelope.body)
    ledger = Ledger(own=True, weights=REQUEST_WEIGHTS)
    nulls = {name for name, raw in given.items() if json.is_null(raw)}
    said: dict[str, Any] = {name: raw for name, raw in given.items() if name not in nulls}
    if envelope.model != target.model or "model" not in said:
        said["model"] = target.model
    fit(said, quirks, ledger, _path)
    gone = quirks.drop | quirks.rename.keys()
    out = {
        name: said[name] if name in said else given[name]
        for name in dict.fromkeys([*given, *said])
        if name in said or (name in nulls and name not in gone)
    }
    if _same(out, given):
        return Built(body=envelope.body, losses=ledger.told())
    return Built(body=json.encode(out), losses=ledger.told())


def _path(name: str) -> str:
    return "/reasoning/effort" if name == "effort" else f"/{name}"


def _same(out: dict[str, Any], given: dict[str, Raw]) -> bool:
    return out.keys() == given.keys() and all(out[name] is given[name] for name in out)


def copyable(envelope: Envelope, quirks: Quirks) -> bool:
    """Whether no quirk of the target lies below the top level of this body."""
    body = envelope.body
    if quirks.tool_id == "alnum9" and not all(_ALNUM9.fullmatch(found) for found in _IDS.findall(body)):
        return False
    if quirks.system_role == "system" and _DEVELOPER.search(body):
        return False
    if quirks.mid_system is False and len(_INSTRUCTIONS.findall(body)) > 1:
        return False
    refused = (
        (quirks.tool_strict, _STRICT),
        (quirks.custom_tools, _NOT_FUNCTIONS),
        (quirks.json_schema, _SCHEMA),
        (quirks.json_mode, _MODE),
        (quirks.forced_tools is not False, _FORCED),
    )
    if any(not taken and pattern.search(body) for taken, pattern in refused):
        return False
    return quirks.tool_name_max is None or not re.search(rb'"name"\s*:\s*"[^"]{%d,}"' % (quirks.tool_name_max + 1), body)
