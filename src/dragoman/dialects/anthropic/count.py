"""Tokens counted by a provider: the same request without what only an answer needs (Anthropic's API reference, 2026-11)."""

from msgspec.structs import replace

from dragoman.core.config import Target
from dragoman.core.quirks import Quirks
from dragoman.core.request import Request
from dragoman.dialects.anthropic.build import build_request
from dragoman.dialects.base import Built
from dragoman.wire import json

_NOT_TAKEN = ("max_tokens", "stream", "temperature", "top_p", "top_k", "stop_sequences", "metadata", "service_tier")


def build_count(request: Request, target: Target, quirks: Quirks) -> Built:
    built = build_request(request, target, quirks)
    members = {name: value for name, value in json.members(built.body).items() if name not in _NOT_TAKEN}
    return replace(built, body=json.encode(members))


def read_count(body: bytes) -> int | None:
    """As Anthropic tells it, or Bedrock of a Claude model."""
    try:
        found = json.decode(body)
    except json.JSONError:
        return None
    tokens = found.get("input_tokens", found.get("inputTokens")) if isinstance(found, dict) else None
    return tokens if isinstance(tokens, int) and not isinstance(tokens, bool) and tokens >= 0 else None
