"""The Copy lane of OpenAI's dialects: top-level members are spliced, and what lies deeper is searched for what a target refuses.

Rule: a member that must change is replaced; every other value keeps its exact bytes, and an unchanged body is the same object.
What a search finds wrongly is translated, which is exact.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any, Final

from msgspec import Raw

from dragoman.core.config import Target
from dragoman.core.quirks import Quirks
from dragoman.core.request import Envelope
from dragoman.dialects.openai.limits import Members
from dragoman.wire import json

_ALNUM9: Final = re.compile(rb"[a-zA-Z0-9]{9}")
_DEVELOPER: Final = re.compile(rb'"role"\s*:\s*"developer"')
_INSTRUCTIONS: Final = re.compile(rb'"role"\s*:\s*"(?:system|developer)"')
_STRICT: Final = re.compile(rb'"strict"\s*:\s*true')
_SCHEMA: Final = re.compile(rb'"type"\s*:\s*"json_schema"')
_MODE: Final = re.compile(rb'"type"\s*:\s*"json_object"')
_FORCED: Final = re.compile(rb'"tool_choice"\s*:\s*(?:"required"|\{)')

Mark = tuple[bool, re.Pattern[bytes]]
"""(whether the target takes it, how it is found in a body)."""


def named(members: Members, envelope: Envelope, target: Target) -> Members:
    """The same with the target's model."""
    return members if envelope.model == target.model and "model" in members else {**members, "model": target.model}


def spliced(envelope: Envelope, given: dict[str, Raw], members: Members, quirks: Quirks, fit: Callable[[Members], None]) -> bytes:
    """The body with `members` for `given`, after `fit`, which sees no nulls: they stay as written where their name is taken."""
    nulls = {name: raw for name, raw in members.items() if isinstance(raw, Raw) and json.is_null(raw)}
    said = {name: value for name, value in members.items() if name not in nulls}
    fit(said)
    gone = quirks.drop | quirks.rename.keys()
    out: dict[str, Any] = {
        name: said.get(name, nulls.get(name))
        for name in dict.fromkeys([*members, *said])
        if name in said or (name in nulls and name not in gone)
    }
    same = out.keys() == given.keys() and all(out[name] is given[name] for name in out)
    return envelope.body if same else json.encode(out)


def taken(body: bytes, quirks: Quirks, ids: re.Pattern[bytes], marks: Iterable[Mark]) -> bool:
    """Whether no quirk of a target lies below the top level. `ids`: of calls; `marks`: what one dialect has besides."""
    if quirks.tool_id == "alnum9" and not all(_ALNUM9.fullmatch(found) for found in ids.findall(body)):
        return False
    if quirks.system_role == "system" and _DEVELOPER.search(body):
        return False
    if quirks.mid_system is False and len(_INSTRUCTIONS.findall(body)) > 1:
        return False
    every = (
        (quirks.tool_strict, _STRICT),
        (quirks.json_schema, _SCHEMA),
        (quirks.json_mode, _MODE),
        (quirks.forced_tools is not False, _FORCED),
        *marks,
    )
    if any(not takes and pattern.search(body) for takes, pattern in every):
        return False
    return quirks.tool_name_max is None or not re.search(rb'"name"\s*:\s*"[^"]{%d,}"' % (quirks.tool_name_max + 1), body)
