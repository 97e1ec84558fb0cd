"""Token counts, Anthropic's spelling <-> normal form: `input_tokens` here excludes what the cache did.

Rule: decode(encode(usage)) = usage; a count of 0 is a count.
"""

from typing import Annotated, Any

from msgspec import Meta, Raw, Struct

from dragoman.core.events import Usage
from dragoman.wire import json

_Count = Annotated[int, Meta(ge=0, le=2**53)]
"""What is no count makes the whole usage none: it would be summed up as one."""


class _Creation(Struct):
    ephemeral_1h_input_tokens: _Count | None = None


class _Details(Struct):
    thinking_tokens: _Count | None = None


class _Wire(Struct):
    input_tokens: _Count | None = None
    output_tokens: _Count | None = None
    cache_read_input_tokens: _Count | None = None
    cache_creation_input_tokens: _Count | None = None
    cache_creation: _Creation | None = None
    output_tokens_details: _Details | None = None


def told(*objects: Raw | None) -> Usage | None:
    """One usage out of the objects an answer told it in; members of a later object beat those of earlier ones (nulls do not).

    None where none was told, or where it is no usage.
    """
    whole: dict[str, Raw] = {}
    for found in objects:
        if found is not None and json.is_object(found):
            later = {name: value for name, value in json.members(found).items() if not json.is_null(value)}
            whole = {**later, **{name: value for name, value in whole.items() if name not in later}}
    if not whole:
        return None
    raw = json.raw(whole)
    try:
        wire = json.decode(raw, _Wire)
    except json.JSONError:
        return None
    return _normal(wire, raw)


def before(usage: Usage | None) -> Usage | None:
    """What is known before the answer: the input side alone."""
    if usage is None or not usage.input:
        return None
    return Usage(
        input=usage.input, cache_read=usage.cache_read, cache_write=usage.cache_write, cache_write_1h=usage.cache_write_1h
    )


def spelled(usage: Usage) -> dict[str, Any]:
    """The usage as this dialect writes it. Counts that are 0 are left out where they may be.

    The counts of the cache stand apart here: a provider that counts more of them than tokens in all changes the sum.
    """
    out: dict[str, Any] = {"input_tokens": max(0, usage.input - usage.cache_read - usage.cache_write)}
    if usage.cache_write:
        longer = min(usage.cache_write_1h, usage.cache_write)
        out["cache_creation_input_tokens"] = usage.cache_write
        out["cache_creation"] = {
            "ephemeral_5m_input_tokens": usage.cache_write - longer,
            "ephemeral_1h_input_tokens": longer,
        }
    if usage.cache_read:
        out["cache_read_input_tokens"] = usage.cache_read
    out["output_tokens"] = usage.output
    if usage.reasoning:
        out["output_tokens_details"] = {"thinking_tokens": usage.reasoning}
    return out


def _normal(wire: _Wire, raw: Raw) -> Usage:
    read, write = wire.cache_read_input_tokens or 0, wire.cache_creation_input_tokens or 0
    longer = wire.cache_creation.ephemeral_1h_input_tokens if wire.cache_creation is not None else None
    details = wire.output_tokens_details
    return Usage(
        input=(wire.input_tokens or 0) + read + write,
        output=wire.output_tokens or 0,
        cache_read=read,
        cache_write=write,
        cache_write_1h=min(longer or 0, write),
        reasoning=(details.thinking_tokens or 0) if details is not None else 0,
        raw=raw,
    )
