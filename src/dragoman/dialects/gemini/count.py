"""Tokens counted by a provider (Google's API reference, 2026-11): the whole request, wrapped, for without that only its contents
are taken; Vertex takes it as it is.
"""

from typing import Any, Final

from msgspec.structs import replace

from dragoman.core.config import Target
from dragoman.core.quirks import Quirks
from dragoman.core.request import Request
from dragoman.dialects.base import Built
from dragoman.dialects.gemini.build import build_request
from dragoman.dialects.gemini.copy import MODELS
from dragoman.wire import json

_PLAIN: Final = ("contents", "systemInstruction", "tools", "generationConfig")


def build_count(request: Request, target: Target, quirks: Quirks) -> Built:
    built = build_request(request, target, quirks)
    members = json.members(built.body)
    if quirks.count_form == "plain":
        body: dict[str, Any] = {name: members[name] for name in _PLAIN if name in members}
    else:
        body = {"generateContentRequest": {"model": MODELS + target.model.removeprefix(MODELS), **members}}
    return replace(built, body=json.encode(body))


def read_count(body: bytes) -> int | None:
    try:
        found = json.decode(body)
    except json.JSONError:
        return None
    tokens = found.get("totalTokens") if isinstance(found, dict) else None
    return tokens if isinstance(tokens, int) and not isinstance(tokens, bool) and tokens >= 0 else None
