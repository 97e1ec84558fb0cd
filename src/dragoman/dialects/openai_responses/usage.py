"""Token counts of Responses <-> the normal form.

Rule: `input_tokens` includes what was read from and written to a cache; `output_tokens` includes reasoning.
"""

from typing import Any

from dragoman.core.events import Usage
from dragoman.wire import json

NOTHING = Usage()
_MOST = 2**53
"""More than that is no count of tokens."""


def read(raw: dict[str, Any]) -> Usage:
    """A usage object of any compatible provider."""
    before, after = _inner(raw, "input_tokens_details"), _inner(raw, "output_tokens_details")
    written = _count(before, "cache_write_tokens")
    kept = _count(_inner(before, "cache_write_tokens_details"), "ttl_12h_tokens")
    output = _count(raw, "output_tokens")
    return Usage(
        input=_count(raw, "input_tokens"),
        output=output,
        cache_read=_count(before, "cached_tokens"),
        cache_write=written,
        cache_write_1h=min(kept, written),
        reasoning=min(_count(after, "reasoning_tokens"), output),
        raw=json.raw(raw),
    )


def write(usage: Usage) -> dict[str, Any]:
    """The official usage object. A provider that counts more cached tokens than tokens in all changes the sum."""
    total = max(usage.input, usage.cache_read + usage.cache_write)
    before: dict[str, Any] = {"cached_tokens": usage.cache_read, "cache_write_tokens": usage.cache_write}
    if usage.cache_write_1h:
        longer = usage.cache_write_1h
        before["cache_write_tokens_details"] = {"ttl_30m_tokens": usage.cache_write - longer, "ttl_12h_tokens": longer}
    return {
        "input_tokens": total,
        "input_tokens_details": before,
        "output_tokens": usage.output,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning},
        "total_tokens": total + usage.output,
    }


def _inner(raw: dict[str, Any], name: str) -> dict[str, Any]:
    found = raw.get(name)
    return found if isinstance(found, dict) else {}


def _count(raw: dict[str, Any], name: str) -> int:
    value = raw.get(name)
    known = isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= _MOST
    return int(value) if known and value is not None else 0
