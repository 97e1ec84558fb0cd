"""What is gleaned from an answer that is passed on unread: how many tokens it cost, and the ids of what its provider keeps.

Rule: gleaning never delays, changes or breaks an answer; what cannot be read tells nothing.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from msgspec import Raw, Struct

from dragoman.core.events import Usage
from dragoman.wire import json

WHOLE: Final = 4 * 1024 * 1024
"""Bytes of an answer that are kept to be read as JSON. Of a longer one, and of a stream, only the end is searched for usage."""
TAIL: Final = 64 * 1024
LONGEST_ID: Final = 256
_DEPTH: Final = 2
_IDS: Final = 2000
"""Ids that are taken from one answer, at most."""

# Where answers tell what they cost, and the words they use (API references of OpenAI, Google, Cohere, Jina, Ollama, 2026-11).
_PLACES: Final = ("usage", "usageMetadata", "meta")
_IN: Final = ("prompt_tokens", "input_tokens", "promptTokenCount", "prompt_eval_count")
_OUT: Final = ("completion_tokens", "output_tokens", "candidatesTokenCount", "eval_count")
_ALL: Final = ("total_tokens", "totalTokenCount")
_DEEPER: Final = ("tokens", "billed_units")
_READ: Final = ("prompt_tokens_details", "input_tokens_details", "input_token_details")
_MOST: Final = 2**53
"""More than that is no count of tokens."""
_MARK: Final = b'"usage'
_DETAILS: Final = rb"\{(?:[^{}]|\{[^{}]*+\})*+\}"
_OBJECT: Final = re.compile(rb'"usage(?:Metadata)?"\s*+:\s*+(\{(?:[^{}"]|"(?:[^"\\]|\\.)*+"|%b)*+\})' % _DETAILS)
_TRIES: Final = 8
"""How many of the last places that look like it are tried."""
_RESOURCE: Final = re.compile(r"(?:\w+/[\w.-]+/)*\w+/([\w.-]+)")
"""How Google names things: `files/abc`, `models/veo-3/operations/abc`."""


class Gleaned(Struct, frozen=True, kw_only=True):
    """`ids`: each as a client would name it in a path."""

    usage: Usage | None = None
    ids: tuple[str, ...] = ()


NOTHING: Final = Gleaned()


class Gleaner:
    """`feed` it what passes, `close` it at the end. Answers that are neither JSON nor a stream of events are not looked at."""

    __slots__ = ("_end_only", "_kept", "_looks", "_size", "whole_only")

    def __init__(self, content_type: str) -> None:
        kind = content_type.partition(";")[0].strip().lower()
        self._end_only = kind == "text/event-stream"
        self.whole_only = kind == "application/json" or kind.endswith("+json")
        """Nobody can use a part of such an answer."""
        self._looks = self._end_only or self.whole_only
        self._kept: list[bytes] = []
        self._size = 0

    def feed(self, data: bytes) -> None:
        if not self._looks:
            return
        self._kept.append(data)
        self._size += len(data)
        if self._size > (TAIL if self._end_only else WHOLE) + TAIL:
            end = b"".join(self._kept)[-TAIL:]
            self._end_only, self._kept, self._size = True, [end], len(end)

    def close(self) -> Gleaned:
        data = b"".join(self._kept)
        if self._end_only:
            return Gleaned(usage=_last_usage(data))
        if not self._looks:
            return NOTHING
        try:
            members = json.members(data)
            return Gleaned(usage=_told(members), ids=tuple(_ids(members))[:_IDS])
        except json.JSONError:
            return NOTHING


def usage_in(raw: Any) -> Usage | None:
    """The counts of a usage object, in anybody's words; None where it tells none."""
    if not isinstance(raw, dict):
        return None
    told = next((raw[name] for name in _DEEPER if isinstance(raw.get(name), dict)), raw)
    given, made = _count(told, _IN), _count(told, _OUT)
    if given is None and made is None:
        given = _count(told, _ALL)
    if given is None and made is None:
        return None
    details: dict[str, Any] = next((told[name] for name in _READ if isinstance(told.get(name), dict)), {})
    cached = _count(details, ("cached_tokens",)) or 0
    return Usage(input=given or 0, output=made or 0, cache_read=min(cached, given or 0), raw=json.raw(raw))


def _told(members: dict[str, Raw]) -> Usage | None:
    for name in _PLACES:
        if name in members:
            found = usage_in(json.decode(members[name]))
            if found is not None:
                return found
    counts = {name: json.decode(members[name]) for name in (*_IN, *_OUT) if name in members}
    return usage_in(counts)


def _last_usage(data: bytes) -> Usage | None:
    end = len(data)
    for _ in range(_TRIES):
        end = data.rfind(_MARK, 0, max(end, 0))
        found = _OBJECT.match(data, end) if end >= 0 else None
        usage = _readable(found[1]) if found is not None else None
        if usage is not None:
            return usage
    return None


def _readable(data: bytes) -> Usage | None:
    try:
        return usage_in(json.decode(data))
    except json.JSONError:
        return None


def _count(told: dict[str, Any], names: tuple[str, ...]) -> int | None:
    for name in names:
        value = told.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= _MOST:
            return int(value)
    return None


def _ids(members: dict[str, Raw], depth: int = 0) -> Iterator[str]:
    for name, raw in members.items():
        if json.is_string(raw):
            yield from _id(name, raw)
        elif depth < _DEPTH and json.is_object(raw):
            yield from _ids(json.members(raw), depth + 1)
        elif depth < _DEPTH and json.is_array(raw):
            for item in json.items(raw)[:_IDS]:
                if json.is_object(item):
                    yield from _ids(json.members(item), depth + 1)


def _id(name: str, raw: Raw) -> Iterator[str]:
    if len(memoryview(raw)) > LONGEST_ID:
        return
    if name == "id" or name.endswith("_id"):
        yield json.decode(raw)
    elif name == "name" and (found := _RESOURCE.fullmatch(json.decode(raw))) is not None:
        yield found[1]
