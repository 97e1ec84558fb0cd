"""Omission: what a target is known not to take may be left out, whatever it is, and what that loses is told."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from dragoman.core.errors import CallError
from dragoman.core.quirks import Quirks
from dragoman.core.request import Request
from dragoman.dialects.base import Built
from dragoman.dialects.omission import left_out, may_go
from dragoman.dialects.registry import DIALECTS
from dragoman.dialects.thoughts import forgetful, thinks
from support.asked import Statement, confessed, missing, statements
from support.blanks import pointed
from support.every import every
from support.fixtures import Ask, facts, requests
from support.speech import build, heard, parse, quirk_rows


def paths(body: bytes) -> set[str]:
    """Every member of a document, as providers name members in their errors."""
    return {re.sub(r"\d+(?=\.|$)", "*", path) for path in _members(json.loads(body), "")}


def _members(value: Any, at: str) -> Iterator[str]:
    if isinstance(value, dict):
        for name, each in value.items():
            yield f"{at}{name}"
            yield from _members(each, f"{at}{name}.")
    for place, each in enumerate(value if isinstance(value, list) else ()):
        yield from _members(each, f"{at}{place}.")


def removable(body: bytes) -> list[str]:
    return [path for path in paths(body) if may_go(path, body)]


@pytest.mark.parametrize("target", DIALECTS)
@every("asked", requests())
def test_what_is_left_out_is_told(asked: Ask, target: str) -> None:
    request = parse(asked)
    for name, quirks in quirk_rows(target).items():
        if quirks.rename:
            continue  # a renamed member is for a provider's eyes: our own parser does not know it
        built = build(request, target, quirks)
        for path in removable(built.body):
            out = left_out(built, request, (path,), own=asked.dialect == target)
            assert out.body != built.body, path
            assert [loss for loss in built.losses if loss not in out.losses] == [], path
            again = heard(request, target, out, quirks)
            lost = missing(statements(request), statements(again, built.undo.names), out.losses)
            assert [each for each in lost if not excused(each, request, out, quirks)] == [], (name, path)


def excused(lost: Statement, request: Request, out: Built, quirks: Quirks) -> bool:
    """A target that cannot think need not be told not to; an effort may stand apart from the rest of the thinking; of a piece
    that only its own dialect knows, it is told what went of it, where it stands in what is sent."""
    if lost.key == "opaque":
        return any("does not take this" in loss.why for loss in out.losses)
    if lost.key == "thinking off":
        return quirks.thinking == frozenset()
    return lost.key == "effort" and confessed(request.paths.get("effort", lost.at), out.losses)


def spellings(place: str) -> tuple[str, str]:
    """Google's members may be written in snake_case."""
    return place, re.sub("(?<=[a-z])[A-Z]", lambda found: f"_{found[0].lower()}", place)


@pytest.mark.parametrize("target", DIALECTS)
@every("asked", requests())
def test_it_is_told_where_the_client_wrote_it(asked: Ask, target: str) -> None:
    request = parse(asked)
    built = build(request, target)
    for path in removable(built.body):
        out = left_out(built, request, (path,), own=asked.dialect == target)
        told = [loss.path for loss in out.losses if loss not in built.losses]
        assert [place for place in told if not any(pointed(asked.body, each) for each in spellings(place))] == [], path
        assert f"/{facts(asked.dialect)['conversation']}" not in told


@pytest.mark.parametrize("target", DIALECTS)
@every("asked", requests())
def test_the_conversation_and_the_tools_stay(asked: Ask, target: str) -> None:
    """However a provider words it, no word, call, result or tool is left out."""
    request = parse(asked)
    built = build(request, target)
    before = spoken(Ask(target, "", built.body))
    for path in removable(built.body):
        out = left_out(built, request, (path,), own=asked.dialect == target)
        assert spoken(Ask(target, path, out.body)) == before, path


def spoken(asked: Ask) -> list[tuple[str, Any]]:
    told = (each for each in statements(parse(asked)) if not each.key.endswith((" strict", "effort", "budget")))
    return [(each.key, each.value) for each in told if " " in each.key or each.key in ("system", "call", "tool")
            if each.key not in ("response format", "tool choice", "thinking off")]  # fmt: skip


@pytest.mark.parametrize("target", DIALECTS)
@every("asked", [asked for asked in requests() if thinks(parse(asked))])
def test_thoughts_that_are_left_out_are_told(asked: Ask, target: str) -> None:
    request = parse(asked)
    bare, losses = forgetful(request, len(request.messages))
    assert not thinks(bare)
    assert [loss.path for loss in losses if not pointed(asked.body, loss.path)] == []
    try:
        built = build(bare, target)
    except CallError:
        return
    again = heard(request, target, built)
    assert missing(statements(request), statements(again, built.undo.names), (*losses, *built.losses)) == []
