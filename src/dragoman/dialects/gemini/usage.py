"""Token counts of `usageMetadata` <-> the normal form.

Rule: `promptTokenCount` includes what was read from a cache and not what tools added; `candidatesTokenCount` does not include
thoughts, unless the total says so.
"""

import re
from typing import Annotated, Any, Final

from msgspec import Meta, Raw, Struct

from dragoman.core.events import Usage
from dragoman.wire import json

_MODALITIES: Final = ("MODALITY_UNSPECIFIED", "TEXT", "IMAGE", "VIDEO", "AUDIO", "DOCUMENT")
_TRAFFIC: Final = ("TRAFFIC_TYPE_UNSPECIFIED", "ON_DEMAND", "PROVISIONED_THROUGHPUT")
"""Words by number, as Vertex's older SDKs write them (google.cloud.aiplatform.v1)."""
_NUMBERED: Final = re.compile(rb'"(?:modality|trafficType)"\s*:\s*\d')
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
    """What is not told was none: of a prompt that was blocked nothing is counted."""
    try:
        told = json.decode(raw, _Wire)
    except json.JSONError:
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


def worded(raw: Raw) -> Raw:
    """The provider's own object, with words where it has numbers for them: Google's own clients stumble over those."""
    if _NUMBERED.search(bytes(raw)) is None:
        return raw
    told = json.decode(raw, dict[str, Any])
    for name, value in told.items():
        for detail in value if isinstance(value, list) else ():
            if isinstance(detail, dict) and "modality" in detail:
                detail["modality"] = _word(detail["modality"], _MODALITIES)
        if name == "trafficType":
            told[name] = _word(value, _TRAFFIC)
    return json.raw(told)


def _word(value: Any, words: tuple[str, ...]) -> Any:
    return words[value] if isinstance(value, int) and 0 <= value < len(words) else value


def write(usage: Usage) -> dict[str, Any]:
    out = {"promptTokenCount": usage.input}
    if usage.cache_read:
        out["cachedContentTokenCount"] = usage.cache_read
    out["candidatesTokenCount"] = usage.output - usage.reasoning
    if usage.reasoning:
        out["thoughtsTokenCount"] = usage.reasoning
    return {**out, "totalTokenCount": usage.input + usage.output}
