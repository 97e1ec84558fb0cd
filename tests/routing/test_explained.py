"""A plan as it is told: lanes, quirk rows and their sources."""

import pytest

from dragoman.core.config import Provider
from dragoman.core.quirks import Quirks
from dragoman.dialects.registry import CLIENTS, DIALECTS
from dragoman.providers.quirks import quirks_for, rows_for
from dragoman.routing.explained import Explained, explained, rows
from dragoman.routing.plan import draft
from support.routing import provider, snapshot

GROQ = "https://api.groq.com/openai/v1"


def told(client: str, *providers: Provider, model: str = "m") -> Explained:
    return explained(draft(snapshot(*providers), model, client, DIALECTS.keys()), CLIENTS[client])


def lanes(found: Explained) -> list[tuple[str, str]]:
    return [(step.target.name, step.lane) for step in found.steps]


@pytest.mark.parametrize("spoken", DIALECTS)
@pytest.mark.parametrize("client", CLIENTS)
def test_the_lane_of_every_pair(client: str, spoken: str) -> None:
    found = told(client, provider("A", models=("m",), dialects={spoken: ""}))
    assert lanes(found) == [("a:m", "copy" if client == spoken else "translate")]
    assert found.notes == ()


def test_where_quirks_lie_deeper_some_bodies_are_translated() -> None:
    picky = provider("A", models=("m",), dialects={"openai-chat": ""}, overrides={"tool_id": "alnum9"})
    found = told("openai-chat", picky)
    assert lanes(found) == [("a:m", "copy")]
    assert [name for name, _ in found.notes] == ["a:m"]
    assert told("anthropic", picky).notes == ()


def test_rows_and_their_sources() -> None:
    groq = provider("Groq", provider_type="groq", base_url=GROQ, overrides={"top_k": True})
    (step,) = told("openai-chat", groq, model="groq:openai/gpt-oss-120b").steps
    assert [row["row"] for row in rows(step)] == ["provider", "model", "record"]
    assert all(row["source"] for row in rows(step))
    assert rows(step)[1]["members"] == {"efforts": ("low", "medium", "high"), "thinking_default": True}
    assert told("openai-chat", provider("A", models=("m",))).steps[0].quirks == ()


def test_the_rows_are_what_the_quirks_are_made_of() -> None:
    named = {name for row in rows_for("groq", "openai-chat", "openai/gpt-oss-120b", {"top_k": True}) for name in row.members}
    found, none = quirks_for("groq", "openai-chat", "openai/gpt-oss-120b", {"top_k": True}), Quirks()
    assert {name for name in Quirks.__struct_fields__ if getattr(found, name) != getattr(none, name)} <= named
