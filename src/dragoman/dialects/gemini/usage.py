"""Token counts of `usageMetadata` <-> the normal form.

Rule: `promptTokenCount` includes what was read from a cache and not what tools added; `candidatesTokenCount` does not include
thoughts, unless the total says so.
"""

from typing import Annotated, Any, Final

from msgspec import Meta, Raw, Struct

from dragoman.core.events import Usage
from dragoman.wire import json

PATHS: Final = {"usage": "/usageMetadata", "cache_read": "/usageMetadata/cachedContentTokenCount"}
_Count = Annotated[int, Meta(ge=0, le=2**53)]
"""What is no count makes the whole usage none: it would be summed up as one."""


class _Wire(Struct):
    promptTokenCount: _Count | None = None  # noqa: N815
    toolUsePromptTokenCount: _Count | None = None  # noqa: N815
    cachedContentTokenCount: _Count | None = None  # noqa: N815
    candidatesTokenCount: _Count | None = None  # noqa: N815
    thoughtsTokenCount: _Count | None = None  # noqa: N815
    totalTokenCount: _Count | None = None  # noqa: N815


def read(raw: Raw) -> Usage | None:
    """None where nothing is counted."""
    try:
        told = json.decode(raw, _Wire)
    except json.JSONError:
        return None
    counts = (told.promptTokenCount, told.candidatesTokenCount, told.thoughtsTokenCount, told.totalTokenCount)
    if counts == (None, None, None, None):
        return None
    given = (told.promptTokenCount or 0) + (told.toolUsePromptTokenCount or 0)
    said, thought = told.candidatesTokenCount or 0, told.thoughtsTokenCount or 0
    included = 0 < thought <= said and given + said == told.totalTokenCount
    return Usage(
        input=given,
        output=said if included else said + thought,
        cache_read=told.cachedContentTokenCount or 0,
        reasoning=thought,
        raw=raw,
    )


def write(usage: Usage) -> dict[str, Any]:
    out = {"promptTokenCount": usage.input}
    if usage.cache_read:
        out["cachedContentTokenCount"] = usage.cache_read
    out["candidatesTokenCount"] = usage.output - usage.reasoning
    if usage.reasoning:
        out["thoughtsTokenCount"] = usage.reasoning
    return {**out, "totalTokenCount": usage.input + usage.output}
