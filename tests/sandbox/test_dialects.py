"""Which dialects the sandbox speaks is known in one place, and everybody else says the same."""

from urllib.parse import urlsplit

import pytest

from dragoman.api.served import sandbox_provider
from dragoman.providers.presets import PRESETS, SANDBOX
from dragoman.providers.urls import address
from dragoman.sandbox import DIALECTS
from dragoman.sandbox.doors import DOORS, find
from dragoman.sandbox.reply import Incoming

ENDPOINTS = {
    "openai-chat": "/chat/completions",
    "anthropic": "/v1/messages",
    "openai-responses": "/responses",
    "gemini": "/models/m:generateContent",
    "ollama": "/api/chat",
    "cohere": "/chat",
}
"""Dialect -> what it appends to its base."""


def test_everybody_says_the_same() -> None:
    assert tuple(PRESETS[SANDBOX].speaks) == DIALECTS
    assert tuple(sandbox_provider(1).dialects) == DIALECTS


@pytest.mark.parametrize("dialect", DIALECTS)
def test_each_dialect_is_spoken_where_the_gateway_asks_for_it(dialect: str) -> None:
    path = urlsplit(address(SANDBOX, sandbox_provider(1).base_url, dialect).base).path + ENDPOINTS[dialect]
    found = find(Incoming(method="POST", path=path))
    assert found is not None
    assert "POST" in found[0].answers
    assert found[0].answers["POST"] is None


def test_every_dialect_generates_at_a_door_of_its_own() -> None:
    assert len({id(door.dialect) for door in DOORS if None in door.answers.values()}) == len(DIALECTS)
