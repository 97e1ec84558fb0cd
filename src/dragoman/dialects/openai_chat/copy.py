"""The Copy lane (openai/splicing): where to ask, usage asked for besides, and what of this dialect alone a target may refuse."""

import re
from typing import Any, Final

from msgspec import Raw

from dragoman.core.config import Target
from dragoman.core.quirks import Quirks
from dragoman.core.request import Envelope
from dragoman.dialects.base import NOTHING, Built, Undo
from dragoman.dialects.endpoints import url_of
from dragoman.dialects.ledger import Ledger
from dragoman.dialects.openai.splicing import named, spliced, taken
from dragoman.dialects.openai_chat.facts import REQUEST_WEIGHTS
from dragoman.dialects.openai_chat.limits import fit
from dragoman.dialects.openai_chat.parse import merge_extra_body
from dragoman.wire import json

_IDS: Final = re.compile(rb'"tool_call_id"\s*:\s*"((?:[^"\\]|\\.)*)"')
_CUSTOM: Final = re.compile(rb'"type"\s*:\s*"custom"')
_EFFORT: Final = re.compile(rb'"reasoning_effort"\s*:')
_NO_CHOICES: Final = re.compile(rb'"choices"\s*:\s*\[\s*\]')


def endpoint(target: Target) -> str:
    return url_of(target, "/chat/completions")


def retarget(envelope: Envelope, target: Target, quirks: Quirks) -> Built:
    given = json.members(envelope.body)
    members = named(dict(merge_extra_body(given)), envelope, target)
    ledger, undo = Ledger(own=True, weights=REQUEST_WEIGHTS), NOTHING
    if envelope.stream and quirks.stream_usage and not _usage_asked(members):
        members, undo = {**members, "stream_options": _with_usage(members.get("stream_options"))}, Undo(hide_usage=True)
    body = spliced(envelope, given, members, quirks, lambda said: fit(said, quirks, ledger, lambda name: f"/{name}"))
    return Built(body=body, losses=ledger.told(), undo=undo)


def copyable(envelope: Envelope, quirks: Quirks) -> bool:
    """Whether no quirk of the target lies below the top level of this body."""
    body = envelope.body
    if quirks.reasoning_required and quirks.reasoning_back and _forgets_reasoning(body, quirks.reasoning_back):
        return False
    return taken(body, quirks, _IDS, ((quirks.custom_tools, _CUSTOM), (quirks.effort_form is None, _EFFORT)))


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
