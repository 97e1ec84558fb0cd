"""Token counts of Chat <-> the normal form.

Rule: `prompt_tokens` includes what was read from and written to a cache; `completion_tokens` includes reasoning, except at xAI.
"""

from typing import Any

from dragoman.core.events import Usage
from dragoman.wire import json

_READ = ("prompt_cache_hit_tokens", "cached_tokens", "cache_read_input_tokens")
"""Where cache reads are told without details: DeepSeek, Moonshot and Together, Databricks (2026-11)."""

_MOST = 2**53
"""More than that is no count of tokens."""


def read(raw: dict[str, Any]) -> Usage:
    """A usage object of any compatible provider."""
    prompt, completion = _count(raw, "prompt_tokens"), _count(raw, "completion_tokens")
    details = _details(raw, "prompt_tokens_details", "prompt_token_details")
    cached = _count(details, "cached_tokens") or next(filter(None, (_count(raw, name) for name in _READ)), 0)
    written = _count(details, "cache_write_tokens") or _count(raw, "cache_creation_input_tokens")
    told = _details(raw, "completion_tokens_details", "completion_token_details")
    reasoning = _count(told, "reasoning_tokens") or _count(raw, "reasoning_tokens")
    if reasoning and _count(raw, "total_tokens") == prompt + completion + reasoning:
        completion += reasoning
    return Usage(
        input=prompt,
        output=completion,
        cache_read=cached,
        cache_write=written,
        reasoning=min(reasoning, completion),
        raw=json.raw(raw),
    )


def place_of_reads(raw: dict[str, Any]) -> str:
    """JSON Pointer of the count of cache reads in an answer with this usage object."""
    found = next((name for name in _READ if name in raw), None) if "prompt_tokens_details" not in raw else None
    return f"/usage/{found or 'prompt_tokens_details/cached_tokens'}"


def write(usage: Usage) -> dict[str, Any]:
    """The official usage object."""
    prompt: dict[str, int] = {"cached_tokens": usage.cache_read}
    if usage.cache_write:
        prompt["cache_write_tokens"] = usage.cache_write
    return {
        "prompt_tokens": usage.input,
        "completion_tokens": usage.output,
        "total_tokens": usage.input + usage.output,
        "prompt_tokens_details": prompt,
        "completion_tokens_details": {"reasoning_tokens": usage.reasoning},
    }


def corrected(usage: Usage) -> Any:
    """The provider's own object; with the official counts where it counts in another way (xAI)."""
    if usage.raw is None:
        return write(usage)
    raw = json.decode(usage.raw, dict[str, Any])
    told = raw.get("completion_tokens_details")
    inner = told if isinstance(told, dict) else {}
    if raw.get("completion_tokens") == usage.output and _count(inner, "reasoning_tokens") in (0, usage.reasoning):
        return usage.raw
    counts = {"completion_tokens": usage.output, "total_tokens": usage.input + usage.output}
    return {**raw, **counts, "completion_tokens_details": {**inner, "reasoning_tokens": usage.reasoning}}


def _details(raw: dict[str, Any], *names: str) -> dict[str, Any]:
    """The first of the named members that is an object; Writer spells them in the singular."""
    return next((raw[name] for name in names if isinstance(raw.get(name), dict)), {})


def _count(raw: dict[str, Any], name: str) -> int:
    value = raw.get(name)
    known = isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= _MOST
    return int(value) if known and value is not None else 0
