"""Token counts of Converse -> normal form: `inputTokens` here excludes what the cache did. Rule: a count of 0 is a count."""

from typing import Annotated

from msgspec import Meta, Raw, Struct

from dragoman.core.events import Usage
from dragoman.wire import json

_Count = Annotated[int, Meta(ge=0, le=2**53)]
"""What is no count makes the whole usage none: it would be summed up as one."""


class _Detail(Struct, rename="camel"):
    ttl: str | None = None
    input_tokens: _Count = 0


class _Wire(Struct, rename="camel"):
    input_tokens: _Count | None = None
    output_tokens: _Count | None = None
    cache_read_input_tokens: _Count | None = None
    cache_write_input_tokens: _Count | None = None
    cache_details: list[_Detail] | None = None


def told(found: Raw | None) -> Usage | None:
    """None where none was told, or where it is no usage."""
    if found is None or not json.is_object(found):
        return None
    try:
        wire = json.decode(found, _Wire)
    except json.JSONError:
        return None
    if wire.input_tokens is None and wire.output_tokens is None:
        return None
    read, write = wire.cache_read_input_tokens or 0, wire.cache_write_input_tokens or 0
    longer = sum(detail.input_tokens for detail in wire.cache_details or () if detail.ttl == "1h")
    return Usage(
        input=(wire.input_tokens or 0) + read + write,
        output=wire.output_tokens or 0,
        cache_read=read,
        cache_write=write,
        cache_write_1h=min(longer, write),
        raw=found.copy(),
    )
