"""Round trip: parse(build(r)) = r except what the losses name."""

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from dragoman.core.request import Request
from dragoman.dialects.history import leading_system, paired, unpaired
from dragoman.dialects.registry import DIALECTS
from support.asked import confessed, missing, statements
from support.every import every
from support.fixtures import Ask, facts, requests
from support.said import exact
from support.speech import build, heard, parse, plain, quirk_rows

WHERE = frozenset({"at", "paths", "stream_usage"})
"""Where a piece stood may differ (a string is a list of one text): spelling, not meaning. Usage is always asked for."""


@every("asked", requests())
def test_the_same_dialect_gets_the_same_request(asked: Ask) -> None:
    request = parse(asked)
    built = build(request, asked.dialect)
    assert built.losses == ()
    assert spelled(heard(request, asked.dialect, built), asked.dialect) == spelled(request, asked.dialect)


@pytest.mark.parametrize("target", DIALECTS)
@every("asked", requests())
def test_another_dialect_asks_the_same(asked: Ask, target: str) -> None:
    """A target that cannot think at all need not be told not to."""
    request = parse(asked)
    for name, quirks in quirk_rows(target).items():
        built = build(request, target, quirks)
        if quirks.rename:
            continue  # a renamed member is for a provider's eyes: our own parser does not know it
        again = heard(request, target, built, quirks)
        lost = missing(statements(request), statements(again, built.undo.names), built.losses)
        thinks = quirks.thinking != frozenset()
        assert [each for each in lost if thinks or each.key != "thinking off"] == [], name


@pytest.mark.parametrize("target", DIALECTS)
@every("asked", requests())
def test_what_a_history_lacks_is_told(asked: Ask, target: str) -> None:
    """A call without a result gets one, a result without a call goes as text: both are confessed."""
    request = parse(asked)
    gaps = unpaired(paired(leading_system(request)[1]))
    places = [*(call.at for call in gaps.unanswered), *(result.at for result in gaps.orphans)]
    if target != asked.dialect:
        losses = build(request, target).losses
        assert [place for place in places if not confessed(place, losses)] == []


@pytest.mark.parametrize("target", DIALECTS)
@every("asked", requests())
def test_words_are_never_lost(asked: Ask, target: str) -> None:
    """No loss excuses them: every word of the conversation is somewhere in what the target is asked."""
    request = parse(asked)
    spoken = [each.value for each in statements(request) if each.key.endswith((" text", "system", "refusal"))]
    wanted = [word for text in spoken for word in text.split()]
    calls = [each.value for each in statements(request) if each.key == "call"]
    for name, quirks in quirk_rows(target).items():
        built = build(request, target, quirks)
        told = " ".join([*strings(exact(built.body)), built.body.decode()])
        wire = {client: sent for sent, client in built.undo.names.items()}
        again = {each.value[0] for each in statements(parse(Ask(target, "built", built.body))) if each.key == "call"}
        assert [word for word in wanted if word not in told] == [], name
        assert [call for call, _ in calls if wire.get(call, call) not in told and call not in again] == [], name
        assert [word for _, given in calls for word in strings(given) if word not in told] == [], name


def spelled(request: Request, dialect: str) -> Any:
    """For comparing; names in one spelling where the dialect takes several."""
    return respelled(plain(request, WHERE)) if facts(dialect).get("snake_case") else plain(request, WHERE)


def respelled(value: Any) -> Any:
    if isinstance(value, dict):
        return {re.sub(r"_([a-z])", lambda hump: hump[1].upper(), key): respelled(each) for key, each in value.items()}
    return [respelled(each) for each in value] if isinstance(value, list) else value


def strings(value: Any) -> Iterator[str]:
    """All strings in a JSON value, keys too, and those in strings that are JSON themselves (arguments)."""
    if isinstance(value, str):
        yield value
        if value.startswith("{"):
            with suppress(ValueError):
                yield from strings(exact(value))
    yield from value if isinstance(value, dict) else ()
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from strings(each)
