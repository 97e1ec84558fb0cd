import pytest

from dragoman.core.config import Route
from dragoman.core.errors import CallError, Error, ErrorKind
from dragoman.routing.health import Health
from dragoman.routing.plan import Plan, at_issuer, draft, draft_beside, ordered, plan
from support.routing import BUILT, envelope, example, examples, provider, sandbox, snapshot

DOWN = Error(kind=ErrorKind.SERVER, message="down", status=500)
TWO = snapshot(provider("A", models=("m",), priority=1), provider("B", models=("m",), priority=2))


def targets(found: Plan) -> list[str]:
    return [target.name for target in found.targets]


def test_a_plan_is_the_resolution_with_dialects_chosen() -> None:
    found = plan(snapshot(*examples()), envelope("claude-opus-5", "anthropic"), BUILT, Health(), 0.0)
    assert found.rule == "tier"
    assert found.why != ""
    assert len(found.targets) == 10
    assert {target.provider.name for target in found.targets if target.dialect == "anthropic"} == {"Anthropic", "OpenRouter"}


def test_a_cooling_target_comes_last_and_returns() -> None:
    health = Health()
    first = draft(TWO, "m", "openai-chat", BUILT)
    assert targets(first) == ["a:m", "b:m"]
    health.outcome(first.targets[0], DOWN, 100.0)
    cooled = plan(TWO, envelope("m"), BUILT, health, 101.0)
    assert targets(cooled) == ["b:m", "a:m"]
    assert [name for name, _ in cooled.notes] == ["a:m"]
    assert targets(plan(TWO, envelope("m"), BUILT, health, 100_000.0)) == ["a:m", "b:m"]


def test_where_all_are_ill_all_are_asked_the_soonest_well_first() -> None:
    health = Health()
    found = draft(TWO, "m", "openai-chat", BUILT)
    health.outcome(found.targets[0], Error(kind=ErrorKind.RATE_LIMIT, message="", retry_after=50), 0.0)
    health.outcome(found.targets[1], Error(kind=ErrorKind.RATE_LIMIT, message="", retry_after=20), 0.0)
    assert targets(ordered(found, health, 1.0)) == ["b:m", "a:m"]


def test_a_plan_of_well_targets_is_not_made_anew() -> None:
    found = draft(TWO, "m", "openai-chat", BUILT)
    assert ordered(found, Health(), 0.0) is found


def test_unbuilt_dialects_are_skipped_and_told() -> None:
    config = snapshot(provider("A", models=("m",), dialects={"gemini": ""}, priority=1), provider("B", models=("m",), priority=2))
    found = plan(config, envelope("m"), BUILT, Health(), 0.0)
    assert targets(found) == ["b:m"]
    assert found.skipped[0][0] == "a:m"
    assert "gemini" in found.skipped[0][1]


def test_a_record_that_cannot_be_used_is_skipped_and_told() -> None:
    config = snapshot(provider("A", models=("m",), overrides={"nope": 1}, priority=1), provider("B", models=("m",), priority=2))
    found = plan(config, envelope("m"), BUILT, Health(), 0.0)
    assert targets(found) == ["b:m"]
    assert "nope" in found.skipped[0][1]


def test_nothing_left_is_an_error_that_says_why() -> None:
    with pytest.raises(CallError, match="bedrock") as caught:
        plan(snapshot(provider("A", dialects={"bedrock": ""})), envelope("m"), BUILT, Health(), 0.0)
    assert caught.value.error.kind is ErrorKind.UNSUPPORTED


def test_a_retired_provider_is_tried_and_noted() -> None:
    found = plan(snapshot(example("Perplexity")), envelope("llama-3.1-sonar-small-128k-online"), BUILT, Health(), 0.0)
    assert targets(found) == ["perplexity:llama-3.1-sonar-small-128k-online"]
    assert "2026-09-27" in found.notes[0][1]


def test_the_provider_header_counts_only_without_a_model() -> None:
    headers = (("x-dragoman-provider", "Local Ollama"),)
    config = snapshot(*examples())
    assert targets(plan(config, envelope(None, headers=headers), BUILT, Health(), 0.0)) == ["local-ollama:llama3:8b"]
    assert targets(plan(config, envelope("gpt-4o", headers=headers), BUILT, Health(), 0.0)) == ["openai:gpt-4o"]


def test_the_same_target_is_tried_once() -> None:
    config = snapshot(provider("A", default_model="m", base_url="https://h/v1"), provider("B"), priority=("a", "A", "a"))
    assert targets(plan(config, envelope("a:m"), BUILT, Health(), 0.0)) == ["a:m"]


def test_beside_chat_all_are_asked_for_one_model() -> None:
    """Who follows in a chat has a chat's model: no vectors that could be compared."""
    config = snapshot(
        provider("A", "openai", models=("emb",), priority=1),
        provider("B", models=("emb",), priority=2),
        provider("Chat", default_model="chat", priority=3),
        priority=("Chat",),
        routes={"both": Route(name="both", targets=(("a", "emb"), ("b", "other")))},
    )
    assert targets(draft(config, "a:emb", "openai-chat", BUILT)) == ["a:emb", "chat:chat"]
    for model, expected in (("a:emb", ["a:emb"]), ("emb", ["a:emb", "b:emb"]), ("both", ["a:emb", "b:other"])):
        assert targets(draft_beside(config, model, "openai-chat", BUILT, "")) == expected


def test_beside_chat_only_those_who_speak_it_are_asked() -> None:
    config = snapshot(provider("A", "anthropic", models=("m",), priority=1), provider("B", models=("m",), priority=2))
    found = draft_beside(config, "m", "openai-chat", ("openai-chat",), "not openai-chat")
    assert targets(found) == ["b:m"]
    assert found.skipped == (("a:m", "it speaks anthropic, not openai-chat"),)


def test_without_a_model_the_priority_comes_first_then_the_active_ones_then_the_sandbox() -> None:
    three = (provider("A", priority=1), provider("B", priority=2), provider("Off", is_active=False), sandbox())
    config = snapshot(*three, priority=("B",))
    found = draft_beside(config, None, "openai-chat", BUILT, "")
    assert (found.rule, targets(found)) == ("dialect", ["b", "a"])
    asked = draft_beside(config, None, "openai-chat", BUILT, "", "A")
    assert (asked.rule, targets(asked)) == ("provider", ["a"])
    assert targets(draft_beside(snapshot(sandbox()), None, "openai-chat", BUILT, "")) == ["sandbox"]
    for word, status in (("nobody", 404), ("Off", 404)):
        with pytest.raises(CallError) as caught:
            draft_beside(config, None, "openai-chat", BUILT, "", word)
        assert caught.value.error.status == status
    with pytest.raises(CallError) as caught:
        draft_beside(snapshot(), None, "openai-chat", BUILT, "")
    assert caught.value.error.status == 503


def test_who_issued_serves_alone_with_the_model_as_it_has_it() -> None:
    config = snapshot(
        provider("A", models=("m",), priority=1), provider("B", models=("m",), priority=2), provider("C", priority=3)
    )
    otherwise = draft(config, "m", "openai-chat", BUILT)
    for name, expected in (("B", "b:m"), ("C", "c:m")):
        issuer = next(one for one in config.providers if one.name == name)
        found = at_issuer(issuer, "it says so", otherwise, "openai-chat", BUILT, "")
        assert (found.rule, targets(found)) == ("issuer", [expected])
    assert targets(at_issuer(config.providers[1], "it says so", None, "openai-chat", BUILT, "")) == ["b"]
