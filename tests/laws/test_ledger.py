"""Ledger: blank any leaf of a request: either what goes out or what is told changes, or a loss names it."""

from typing import Any

import pytest

from dragoman.core.errors import CallError
from dragoman.core.quirks import Quirks
from dragoman.dialects.registry import DIALECTS
from support.asked import inside
from support.blanks import leaves, like, likes, pointed, respelled, variations
from support.every import every
from support.fixtures import Ask, facts, requests
from support.said import exact
from support.speech import build, endpoint, parse, quirk_rows


@pytest.mark.parametrize("asked", requests(), ids=str)
@every("target", DIALECTS)
def test_every_leaf_is_told_or_confessed(asked: Ask, target: str) -> None:
    body = respelled(asked.body)
    silent = [
        (name, leaf)
        for name, quirks in quirk_rows(target).items()
        for leaf in leaves(body)
        if not excused(asked.dialect, body, leaf) and not heard(asked.dialect, body, leaf, target, quirks)
    ]
    assert silent == []


def heard(source: str, body: bytes, leaf: str, target: str, quirks: Quirks) -> bool:
    """Without the leaf, or with another value, something else goes out or is told; or a loss names it.

    Where calls have no ids, an id that is gone from a call is told of its result: it answers a call that nobody knows.
    """
    told, losses = outcome(body, source, target, quirks)
    if names(losses, leaf):
        return True
    others = (outcome(other, source, target, quirks) for other in variations(body, leaf))
    return any(other != told or lost != losses for other, lost in others)


def names(losses: list[str], leaf: str) -> bool:
    return any(inside(leaf, path) for path in losses)


def excused(dialect: str, body: bytes, leaf: str) -> bool:
    """By the facts of the dialect, which give the reason: leaves that say nothing more, always or where they stand alone."""
    known = facts(dialect)
    return like(leaf) in known["heard"] or (like(leaf) in known["alone"] and not likes(body, leaf))


@pytest.mark.parametrize("target", DIALECTS)
@every("asked", requests())
def test_a_loss_points_to_what_the_client_wrote(asked: Ask, target: str) -> None:
    """Never to a whole conversation, and never to a place that is not there."""
    for name, quirks in quirk_rows(target).items():
        _, losses = outcome(asked.body, asked.dialect, target, quirks)
        assert [path for path in losses if not pointed(asked.body, path)] == [], name
        assert [path for path in losses if path in ("", f"/{facts(asked.dialect)['conversation']}")] == [], name


@every("asked", requests())
def test_the_same_dialect_loses_nothing(asked: Ask) -> None:
    _, losses = outcome(asked.body, asked.dialect, asked.dialect, Quirks())
    assert losses == []


def outcome(body: bytes, source: str, target: str, quirks: Quirks) -> tuple[Any, list[str]]:
    """(what goes out, or what the client is told instead; paths of the losses)."""
    try:
        request = parse(Ask(source, "", body))
        built = build(request, target, quirks)
    except CallError as refused:
        return refused.error.message, []
    url = endpoint(request, target, request.stream, quirks)
    return (exact(built.body), built.headers, url), [loss.path for loss in built.losses]
