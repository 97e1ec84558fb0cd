"""Plans of calls beside chat: who speaks an API, whatever its dialects are called."""

import pytest

from dragoman.core.errors import CallError
from dragoman.core.request import Envelope
from dragoman.dialects.base import ProviderDialect
from dragoman.dialects.openai_chat.dialect import OpenAIChat
from dragoman.dialects.registry import DIALECTS
from dragoman.relay.plans import Plans
from support.routing import provider, snapshot


class Sibling(OpenAIChat):
    """Another dialect of OpenAI's API, with the same doors beside its own."""

    id: str = "sibling"


def envelope(dialect: str = "openai-chat", door: str = "GET /v1/files/{id}", **more: object) -> Envelope:
    told = {"dialect": dialect, "operation": "pass", "model": None, "stream": False, "body": b"", "door": door, "pinned": True}
    return Envelope(**{**told, **more})  # type: ignore[arg-type]


def test_a_provider_of_any_dialect_of_that_api_has_its_doors() -> None:
    dialects: dict[str, ProviderDialect] = {"sibling": Sibling(), **DIALECTS}
    config = snapshot(provider("A", dialects={"anthropic": ""}, priority=1), provider("B", dialects={"sibling": ""}, priority=2))
    for speaks, expected in (("openai-chat", "b"), ("sibling", "b"), ("anthropic", "a")):
        assert [target.name for target in Plans(dialects).of(config, envelope(speaks)).targets] == [expected]
    with pytest.raises(CallError):
        Plans(DIALECTS).of(config, envelope())


def test_a_chat_without_a_model_that_refers_to_something() -> None:
    config = snapshot(provider("A", models=("m",), priority=1), provider("B", models=("n",), priority=2))
    plans = Plans(DIALECTS)
    plans.issued.answer("resp_1", "b")
    asked = envelope(door="", operation="chat", refers="resp_1")
    assert [target.name for target in plans.of(config, asked).targets] == ["b:n"]
    unknown = envelope(door="", operation="chat", refers="resp_2")
    assert [target.name for target in plans.of(config, unknown).targets] == ["a:m", "b:n"]
