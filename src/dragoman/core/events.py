"""The steps of an answer, the same for whole bodies and streams.

`at` and `paths` tell where a piece stands in the provider's whole answer, as a JSON Pointer: a loss of it is told there, under
`/response`. Of a stream they tell the same as of the whole answer it stands for.

Order: Started, then parts (several may be open at once: parallel tool calls interleave), then exactly one Finished or Failed.
`index` is unique per part in one answer and ascending in opening order. Every opened part is closed before Finished.
"""

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

from msgspec import Raw, Struct

from dragoman.core.errors import Error
from dragoman.core.parts import Extras, Media

PIECE_ID: Final = "item_id"
"""Extras of a part of an answer: the id of the piece it stood in, by which a later call may refer to it."""
PartKind: TypeAlias = Literal["text", "reasoning", "refusal", "tool", "custom", "media", "opaque"]
Reason: TypeAlias = Literal["stop", "length", "context", "tool", "refusal", "pause", "stop_sequence", "other"]
"""Why the model stopped. context: the window was full. pause: send again to go on (Anthropic pause_turn)."""


class Usage(Struct, frozen=True, kw_only=True):
    """Tokens in normal form. `input` includes `cache_read` and the writes; `output` includes `reasoning`.

    `cache_write` is the sum of all writes, `cache_write_1h` the share of it kept longer. `raw`: the provider's own object.
    """

    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_write: int = 0
    cache_write_1h: int = 0
    reasoning: int = 0
    estimated: bool = False
    raw: Raw | None = None


class Started(Struct, frozen=True, tag="started", kw_only=True):
    """`id` and `model` as the provider told them. `usage`: what is known before the answer (Anthropic's input tokens)."""

    id: str | None = None
    model: str | None = None
    usage: Usage | None = None
    extras: Extras = {}


class PartOpened(Struct, frozen=True, tag="opened", kw_only=True):
    """`id`, `name`: of a tool or custom call. `raw`: the whole piece where `kind` is opaque. `redacted`: see Reasoning.

    `told_in`: where in the piece the text of its deltas stands, from `at` on (`/function/arguments`).
    """

    index: int
    kind: PartKind
    id: str | None = None
    name: str | None = None
    raw: Raw | None = None
    opaque_kind: str | None = None
    media: Media | None = None
    redacted: bool = False
    extras: Extras = {}
    at: str = ""
    told_in: str = ""


class PartDelta(Struct, frozen=True, tag="delta"):
    """`text`: more text, thinking, refusal, JSON argument text or custom input, by the part's kind. Never empty.

    `apart`: white space that sets two pieces of a thought apart; a dialect that has pieces begins the next one in its place.
    """

    index: int
    text: str
    apart: bool = False


class Citation(Struct, frozen=True, kw_only=True):
    """What a text is based on. `raw`: as the provider wrote it, for clients of its dialect.

    `url` None: no web page, which only the provider's dialect can tell. `start`, `end`: characters of the part's text, None where
    all of it is meant. `at`: JSON Pointer in the provider's whole answer.
    """

    raw: Raw
    url: str | None = None
    title: str | None = None
    start: int | None = None
    end: int | None = None
    at: str = ""


class PartClosed(Struct, frozen=True, tag="closed", kw_only=True):
    """`proof`: the maker's signature or ciphertext of a reasoning part, verbatim. `citations`: of a text."""

    index: int
    proof: str | None = None
    citations: tuple[Citation, ...] = ()
    extras: Extras = {}


class Finished(Struct, frozen=True, tag="finished", kw_only=True):
    """`raw_reason`: the provider's word. `usage` None: it told none. `extras`: members of the answer, not of a part.

    `paths`: "reason", "usage" or a count of it -> where it stands (default: `/` + its name).
    """

    reason: Reason
    raw_reason: str | None = None
    stop_sequence: str | None = None
    usage: Usage | None = None
    extras: Extras = {}
    paths: Mapping[str, str] = {}

    def at(self, member: str) -> str:
        """JSON Pointer of a member in the provider's whole answer."""
        return self.paths.get(member, f"/{member}")


class Failed(Struct, frozen=True, tag="failed"):
    """The answer breaks off. Nothing follows."""

    error: Error


Event: TypeAlias = Started | PartOpened | PartDelta | PartClosed | Finished | Failed


def fold(events: list[Event]) -> list[Event]:
    """The same answer with each part's deltas joined into one, parts in order of `index`: equal for whole and stream."""
    texts: dict[int, list[str]] = {}
    for event in events:
        if isinstance(event, PartDelta):
            texts.setdefault(event.index, []).append(event.text)
    started = [event for event in events if isinstance(event, Started)]
    ended = [event for event in events if isinstance(event, Finished | Failed)]
    opened = {event.index: event for event in events if isinstance(event, PartOpened)}
    closed = {event.index: event for event in events if isinstance(event, PartClosed)}
    parts: list[Event] = []
    for index in sorted(opened):
        parts.append(opened[index])
        if index in texts:
            parts.append(PartDelta(index, "".join(texts[index])))
        if index in closed:
            parts.append(closed[index])
    return [*started, *parts, *ended]
