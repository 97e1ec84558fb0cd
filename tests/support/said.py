"""What an answer says, in the few things that no translation may change: text, tool calls, why it ended, tokens.

Rule: derived alike for all: an answer with calls ended for them, one with words of refusal refused.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from dragoman.core.events import Event, Failed, Finished, PartDelta, PartOpened, Usage, fold

FINISH = {"stop_sequence": "stop", "context": "length"}
"""Reasons that not every dialect tells apart."""
COUNTS = ("input", "output", "cache_read", "cache_write", "reasoning")
NOT_JSON = {"not": "JSON"}
"""Arguments that a model wrote wrongly: they may be wrapped or repaired, never lost."""


class Number(str):
    """A number as it was written: `1.50` is not `1.5`, and no digit is lost."""

    __slots__ = ()


@dataclass(frozen=True)
class Call:
    name: str
    arguments: Any
    custom: bool = False


@dataclass(frozen=True)
class Said:
    """`error`: the kind of failure the answer breaks off with. `excused`: why it cannot be told in other dialects."""

    text: str = ""
    reasoning: str = ""
    refusal: str = ""
    calls: tuple[Call, ...] = ()
    finish: str | None = None
    usage: dict[str, int] | None = None
    error: str | None = None
    excused: str | None = field(default=None, compare=False)

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> "Said":
        """`told` is read by `exact`. Arguments of null: the model wrote what is not JSON."""
        calls = [
            Call(each["name"], NOT_JSON if each["arguments"] is None else each["arguments"], each.get("custom", False))
            for each in told.get("calls", [])
        ]
        usage = told.get("usage") and {name: int(number) for name, number in told["usage"].items()}
        return cls(**{**told, "calls": tuple(calls), "usage": usage})

    def settled(self) -> "Said":
        finish = self.finish
        if finish in ("stop", "tool"):
            finish = "tool" if self.calls else "refusal" if self.refusal else "stop"
        return Said(self.text, self.reasoning, self.refusal, self.calls, finish, self.usage, self.error, self.excused)


def arguments(told: Any) -> Any:
    """Arguments of a call for comparing: numbers as written; nothing at all means none."""
    if not isinstance(told, str):
        return exact(json.dumps(told))
    if not told.strip():
        return {}
    try:
        return {} if (found := exact(told)) is None else found
    except ValueError:
        return NOT_JSON


def exact(text: str | bytes) -> Any:
    return json.loads(text, parse_float=Number, parse_int=Number)


def of_events(events: list[Event]) -> Said:
    """What a client reads in the events."""
    words: dict[str, list[str]] = {"text": [], "reasoning": [], "refusal": []}
    opened: dict[int, PartOpened] = {}
    pieces: dict[int, str] = {}
    finish, usage, error = None, None, None
    for event in fold(events):
        if isinstance(event, PartOpened):
            opened[event.index] = event
        elif isinstance(event, PartDelta):
            pieces[event.index] = event.text
        elif isinstance(event, Finished):
            finish, usage = FINISH.get(event.reason, event.reason), event.usage
        elif isinstance(event, Failed):
            error = event.error.kind.value
    calls = []
    for index, part in opened.items():
        told = pieces.get(index, "")
        if part.kind in words:
            words[part.kind].append(told)
        elif part.kind in ("tool", "custom"):
            custom = part.kind == "custom"
            calls.append(Call(part.name or "", told if custom else arguments(told), custom))
    text, reasoning, refusal = ("".join(words[kind]) for kind in ("text", "reasoning", "refusal"))
    return Said(text, reasoning, refusal, tuple(calls), finish, counts(usage), error).settled()


def counts(usage: Usage | None) -> dict[str, int] | None:
    return None if usage is None else {name: getattr(usage, name) for name in COUNTS}


def differences(there: Said, here: Said, uncounted: Collection[str] = ()) -> list[str]:
    """What was said there and not here, across dialects. Reasoning is compared by its letters. `uncounted`: counts of tokens that
    the dialect here has not."""
    found = []
    whole = there.text + there.refusal
    explained = there.finish == "refusal" and not there.refusal
    if here.text != whole and not (explained and here.text == there.text) and here.text + here.refusal != whole:
        found.append(f"text: {whole!r} became {here.text!r}, refusal {here.refusal!r}")
    if squeeze(there.reasoning) != squeeze(here.reasoning):
        found.append(f"reasoning: {there.reasoning!r} became {here.reasoning!r}")
    if [call.name for call in there.calls] != [call.name for call in here.calls]:
        found.append(f"calls: {there.calls} became {here.calls}")
    else:
        pairs = zip(there.calls, here.calls, strict=True)
        found += [f"arguments: {left} became {right}" for left, right in pairs if not same_arguments(left, right)]
    if there.error != here.error:
        found.append(f"error: {there.error} became {here.error}")
    if not same_finish(there.finish, here.finish):
        found.append(f"finish: {there.finish} became {here.finish}")
    counted = there.usage and {name: 0 if name in uncounted else number for name, number in there.usage.items()}
    if there.error is None and counted is not None and counted != here.usage:
        found.append(f"usage: {there.usage} became {here.usage}")
    return found


def same_finish(there: str | None, here: str | None) -> bool:
    """A pause, and a reason nobody knows, may come out as a plain stop where a dialect has no word for it."""
    return there == here or (there in ("pause", "other") and here in ("stop", "tool", "other"))


def same_arguments(there: Call, here: Call) -> bool:
    if there.custom and not here.custom:
        return isinstance(here.arguments, dict) and list(here.arguments.values()) == [there.arguments]
    if there.arguments == NOT_JSON:
        return bool(here.arguments)
    return bool(there.arguments == here.arguments)


def squeeze(text: str) -> str:
    return "".join(text.split())
