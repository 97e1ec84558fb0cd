"""Tokens counted by a provider: the same request without what only an answer needs (OpenAI's API reference, 2026-11)."""

from msgspec.structs import replace

from dragoman.core.config import Target
from dragoman.core.quirks import Quirks
from dragoman.core.request import Request
from dragoman.dialects.base import Built
from dragoman.dialects.openai_responses.build import build_request
from dragoman.wire import json

_TAKEN = frozenset(
    {"model", "input", "instructions", "tools", "tool_choice", "parallel_tool_calls", "reasoning", "text", "truncation",
     "previous_response_id", "conversation"}
)  # fmt: skip


def build_count(request: Request, target: Target, quirks: Quirks) -> Built:
    built = build_request(request, target, quirks)
    members = {name: value for name, value in json.members(built.body).items() if name in _TAKEN}
    return replace(built, body=json.encode(members))


def read_count(body: bytes) -> int | None:
    try:
        found = json.decode(body)
    except json.JSONError:
        return None
    tokens = found.get("input_tokens") if isinstance(found, dict) else None
    return tokens if isinstance(tokens, int) and not isinstance(tokens, bool) and tokens >= 0 else None
