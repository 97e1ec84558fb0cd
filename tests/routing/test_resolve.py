from collections.abc import Callable

import pytest

from dragoman.core.config import Provider, Route, Snapshot
from dragoman.core.errors import CallError, ErrorKind
from dragoman.providers.environment import from_environment
from dragoman.routing.resolve import resolve, resolve_provider
from support.routing import example, examples, provider, sandbox, snapshot


def rule_of(config: Snapshot, model: str | None) -> str:
    return resolve(config, model).rule


def names(config: Snapshot, model: str | None) -> list[str]:
    return [f"{candidate.provider.slug}:{candidate.model}" for candidate in resolve(config, model).candidates]


def env(**more: str) -> Snapshot:
    """All six providers of the environment, none with a model of its own."""
    keys = {f"{name}_API_KEY": "k" for name in ("OPENAI", "ANTHROPIC", "GOOGLE", "GROQ", "OPENROUTER", "OLLAMA")}
    found = from_environment({**keys, **more})
    return Snapshot(providers=found.providers, priority=found.priority)


ALL = snapshot(*examples())


@pytest.mark.parametrize(
    ("model", "first", "rule"),
    [
        ("gpt-4o-mini", "openai:gpt-4o-mini", "family"),
        ("gpt-3.5-turbo", "openai:gpt-3.5-turbo", "family"),
        ("o3", "openai:o3", "family"),
        ("claude-3-opus-20240229", "anthropic:claude-3-opus-20240229", "family"),
        ("claude-3-haiku-20240307", "anthropic:claude-3-haiku-20240307", "family"),
        ("gemini-1.5-pro-latest", "google:gemini-1.5-pro-latest", "family"),
        ("gemini-1.5-flash", "google:gemini-1.5-flash", "family"),
        ("groq:llama3-8b-8192", "groq:llama3-8b-8192", "provider:model"),
        ("groq:gemma2-9b-it", "groq:gemma2-9b-it", "provider:model"),
        ("openrouter:openai/gpt-4o-mini", "openrouter:openai/gpt-4o-mini", "provider:model"),
        ("openrouter:anthropic/claude-3-haiku", "openrouter:anthropic/claude-3-haiku", "provider:model"),
        ("ollama:llama3", "ollama:llama3", "provider:model"),
        ("ollama:mistral", "ollama:mistral", "provider:model"),
        ("ollama:llama3:70b", "ollama:llama3:70b", "provider:model"),
        ("OpenAI : gpt-4o", "openai:gpt-4o", "provider:model"),
        ("gemini:gemini-2.5-pro", "google:gemini-2.5-pro", "provider:model"),
        ("openai/gpt-4o", "openai:gpt-4o", "provider/model"),
        ("openrouter/anthropic/claude-3-haiku", "openrouter:anthropic/claude-3-haiku", "provider/model"),
    ],
)
def test_names_of_the_environments_providers(model: str, first: str, rule: str) -> None:
    config = env()
    assert names(config, model) == [first]
    assert rule_of(config, model) == rule


@pytest.mark.parametrize("model", [None, "", "  "])
def test_no_model_goes_through_the_priority_with_its_models(model: str | None) -> None:
    config = env(PROVIDERS_PRIORITY="groq,openai,anthropic", GROQ_MODEL="groq:gemma2-9b-it", OPENAI_MODEL="gpt-4o-mini")
    assert names(config, model) == ["groq:gemma2-9b-it", "openai:gpt-4o-mini", "anthropic:claude-3-haiku-20240307"]
    assert rule_of(config, model) == "priority"


def test_no_model_and_no_priority_goes_to_the_active_providers_with_their_medium_model() -> None:
    assert names(ALL, None)[:3] == ["openai:gpt-4o", "azure-openai:gpt-4-deployment", "anthropic:claude-3-sonnet-20240229"]
    assert rule_of(ALL, None) == "default"


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("claude-3-5-haiku-latest", {"openai:gpt-4o-mini", "local-ollama:llama3:8b", "openrouter:anthropic/claude-3-haiku"}),
        ("claude-sonnet-5", {"openai:gpt-4o", "local-ollama:llama3:8b", "openrouter:anthropic/claude-3.5-sonnet"}),
        ("claude-opus-4-8", {"openai:gpt-4o", "local-ollama:llama3:70b", "google-gemini:gemini-1.5-pro"}),
        ("claude-fable-5-2", {"openai:gpt-4o", "local-ollama:llama3:70b"}),
        ("mythos", {"local-ollama:llama3:70b"}),
    ],
)
def test_claude_tiers_go_over_all_providers_by_priority(model: str, expected: set[str]) -> None:
    found = names(ALL, model)
    assert rule_of(ALL, model) == "tier"
    assert [name.partition(":")[0] for name in found] == [record.slug for record in examples()]
    assert expected <= set(found)


def test_a_tier_passes_over_records_without_it() -> None:
    config = snapshot(
        provider("A", priority=1), provider("B", small_model="s", priority=2), provider("C", big_model="b", priority=3)
    )
    assert names(config, "claude-haiku-5-5") == ["b:s"]
    assert names(config, "claude-opus-5") == ["c:b"]


def test_an_exact_id_goes_to_those_that_have_it_and_to_nobody_else() -> None:
    config = snapshot(
        provider("A", "openai", models=("shared",), priority=2),
        provider("B", "custom", discovered=("shared",), priority=1),
        provider("C", "groq", default_model="only-c", priority=3),
        priority=("c",),
    )
    assert names(config, "shared") == ["b:shared", "a:shared"]
    assert names(config, "only-c") == ["c:only-c"]
    assert rule_of(config, "shared") == "model"


def test_an_exact_id_beats_provider_slash_model_and_tier_and_family() -> None:
    assert names(ALL, "anthropic/claude-3.5-sonnet") == ["openrouter:anthropic/claude-3.5-sonnet"]
    assert names(ALL, "claude-3-opus-20240229") == ["anthropic:claude-3-opus-20240229"]
    assert names(ALL, "gpt-4o") == ["openai:gpt-4o"]
    assert rule_of(ALL, "anthropic/claude-3-opus-latest") == "provider/model"


def test_an_explicit_provider_beats_an_exact_id() -> None:
    config = snapshot(provider("A", models=("b:x",)), provider("B"))
    assert names(config, "b:x") == ["b:x"]
    assert rule_of(config, "b:x") == "provider:model"


def test_a_colon_without_a_provider_is_part_of_the_id() -> None:
    assert names(ALL, "llama3:70b") == ["local-ollama:llama3:70b"]


@pytest.mark.parametrize("word", ["Local Ollama", "local ollama", " LOCAL OLLAMA ", "local-ollama", "ollama", "Ollama"])
def test_a_provider_is_known_by_name_slug_and_type(word: str) -> None:
    assert names(ALL, f"{word}:llama3:70b") == ["local-ollama:llama3:70b"]


def test_name_beats_slug_and_slug_beats_type_and_type_means_the_best_priority() -> None:
    config = snapshot(
        provider("Late", "groq", priority=9), provider("Early", "groq", priority=1), provider("groq", "custom", priority=5)
    )
    assert names(config, "groq:m") == ["groq:m"]
    without = snapshot(*(one for one in config.providers if one.name != "groq"))
    assert names(without, "groq:m") == ["early:m"]


def test_families_prefer_the_vendors_own_address() -> None:
    config = snapshot(
        provider("Mirror", "openai", base_url="http://127.0.0.1:9/v1", priority=1),
        provider("OpenAI", "openai", base_url="https://api.openai.com/v1", priority=2),
    )
    assert names(config, "gpt-4o") == ["openai:gpt-4o"]
    assert names(snapshot(config.providers[0], provider("X", "groq")), "gpt-4o") == ["mirror:gpt-4o"]


def test_who_follows_an_explicit_name_or_a_family() -> None:
    config = env(PROVIDERS_PRIORITY="groq,openai,openrouter", GROQ_MODEL="gemma2-9b-it", OPENAI_MODEL="gpt-4o-mini")
    assert names(config, "gpt-4o") == ["openai:gpt-4o", "groq:gemma2-9b-it", "openai:gpt-4o-mini"]
    assert names(config, "ollama:llama3") == ["ollama:llama3", "groq:gemma2-9b-it", "openai:gpt-4o-mini"]


def test_a_claude_name_without_anthropic_goes_to_the_priority() -> None:
    keys = {"OPENAI_API_KEY": "k", "GROQ_API_KEY": "k", "OPENAI_MODEL": "gpt-4o-mini", "PROVIDERS_PRIORITY": "openai,groq"}
    found = from_environment(keys)
    config = Snapshot(providers=found.providers, priority=found.priority)
    assert names(config, "claude-sonnet-5") == ["openai:gpt-4o-mini"]
    assert rule_of(config, "claude-sonnet-5") == "priority"


def test_the_only_provider_gets_any_name_verbatim() -> None:
    config = snapshot(provider("A"), provider("B", is_active=False))
    assert names(config, "what/ever:1") == ["a:what/ever:1"]
    assert rule_of(config, "what/ever:1") == "only"


def test_a_route_comes_first() -> None:
    config = snapshot(
        provider("A", models=("gpt-4o",)),
        provider("B", is_active=False),
        routes={"gpt-4o": Route(name="gpt-4o", targets=(("b", "x"), ("a", "y")))},
    )
    assert names(config, "gpt-4o") == ["a:y"]
    off = snapshot(*config.providers, routes={"gpt-4o": Route(name="gpt-4o", targets=(("a", "y"),), is_active=False)})
    assert names(off, "gpt-4o") == ["a:gpt-4o"]


@pytest.mark.parametrize(
    "model", ["nothing-has-it", "off:m", "groq:", ":x", "magnum-opus-7b", "best", "gpt-4o", "x:y:z", "claude-2.1"]
)
def test_a_name_that_no_rule_takes_is_a_404(model: str) -> None:
    config = snapshot(provider("A"), provider("B"), provider("Off", is_active=False, models=("nothing-has-it",)))
    with pytest.raises(CallError) as caught:
        resolve(config, model)
    error = caught.value.error
    assert (error.kind, error.status, error.code, error.ours) == (ErrorKind.NOT_FOUND, 404, "model_not_found", True)
    assert model in error.message


@pytest.mark.parametrize("model", ["a:m\r\nx-evil: 1", "a:\x00", "a:\u202eb", "a:" + "m" * 500, "\x1b[31m"])
def test_what_can_be_no_name_is_a_404_that_does_not_repeat_it(model: str) -> None:
    """Names are remembered, logged and sent as headers, so no client decides what is in them, or how much."""
    with pytest.raises(CallError) as caught:
        resolve(snapshot(provider("A")), model)
    error = caught.value.error
    assert (error.status, error.code) == (404, "model_not_found")
    assert len(error.message) < 300
    assert error.message.isprintable()


def test_a_provider_that_is_switched_off_is_told() -> None:
    with pytest.raises(CallError, match="off is not active"):
        resolve(snapshot(provider("A"), provider("B"), provider("Off", is_active=False)), "off:m")


@pytest.mark.parametrize("providers", [(), (provider("Off", is_active=False),), from_environment({}).providers])
@pytest.mark.parametrize("model", [None, "gpt-4o", "claude-opus-5"])
def test_without_a_provider_it_is_503(providers: tuple[Provider, ...], model: str | None) -> None:
    with pytest.raises(CallError, match="no provider configured") as caught:
        resolve(snapshot(*providers), model)
    assert caught.value.error.status == 503


@pytest.mark.parametrize("model", [None, "gpt-4o", "claude-opus-5", "openai:gpt-4o", "a/b", "sandbox-slow", "sandbox"])
def test_the_sandbox_answers_any_name_while_it_is_alone(model: str | None) -> None:
    config = snapshot(sandbox(), provider("Off", is_active=False), *from_environment({}).providers)
    assert names(config, model) == [f"sandbox:{model or 'sandbox'}"]


def test_the_sandbox_is_never_mixed_with_a_real_provider() -> None:
    config = snapshot(
        sandbox(), provider("A", models=("m",), default_model="d"), provider("B", "groq"), priority=("sandbox", "a")
    )
    assert names(config, "sandbox-slow") == ["sandbox:sandbox-slow"]
    assert names(config, "sandbox:anything") == ["sandbox:anything"]
    assert names(config, "m") == ["a:m"]
    assert names(config, "groq:x") == ["b:x", "a:d"]
    assert names(config, None) == ["a:d"]
    with pytest.raises(CallError):
        resolve(config, "unheard-of")
    routed = snapshot(*config.providers, routes={"r": Route(name="r", targets=(("sandbox", "s"), ("a", "m")))})
    assert names(routed, "r") == ["a:m"]


def test_a_configured_ollama_is_meant_before_one_that_was_found() -> None:
    found = provider("Ollama", "ollama", addressed_only=True, priority=1)
    config = snapshot(found, provider("Local Ollama", "ollama", id=2, priority=7))
    assert names(config, "ollama:llama3") == names(config, "ollama/llama3") == ["local-ollama:llama3"]


def test_an_ollama_that_was_found_serves_when_addressed_or_alone() -> None:
    found = provider("Ollama", "ollama", addressed_only=True, discovered=("llama3",), priority=1)
    alone, among = snapshot(found), snapshot(found, provider("A", priority=2), provider("B", priority=3))
    assert names(alone, "any") == ["ollama:any"]
    assert names(alone, None) == ["ollama:llama3"]
    assert names(among, "ollama:llama3") == ["ollama:llama3"]
    assert names(among, "llama3") == ["ollama:llama3"]
    assert rule_of(snapshot(found, provider("A")), "any") == "only"
    with pytest.raises(CallError):
        resolve(among, "any")
    shared = snapshot(found, provider("A", models=("llama3",), priority=2))
    assert names(shared, "llama3") == ["a:llama3", "ollama:llama3"]


def test_a_provider_can_be_asked_without_a_model() -> None:
    assert [c.model for c in resolve_provider(ALL, "Local Ollama").candidates] == ["llama3:8b"]
    for word in ("nobody", ""):
        with pytest.raises(CallError, match="x-dragoman-provider"):
            resolve_provider(ALL, word)
    with pytest.raises(CallError, match="no default model"):
        resolve_provider(snapshot(provider("A")), "a")


@pytest.mark.parametrize(
    "act", [lambda c: resolve(c, "gpt-4o"), lambda c: resolve(c, None), lambda c: resolve(c, "claude-opus-5")]
)
def test_every_answer_says_why(act: Callable[[Snapshot], object]) -> None:
    found = act(ALL)
    assert getattr(found, "why") != ""  # noqa: B009


def test_the_example_records_serve_their_own_models() -> None:
    for record in examples():
        for model in (record.big_model, record.medium_model, record.small_model):
            assert names(ALL, model)[0] == f"{record.slug}:{model}"
    assert example("OpenRouter").slug == "openrouter"


@pytest.mark.parametrize(
    ("alias", "rule", "first"),
    [
        ("claude-gw/groq:llama-3.1-8b-instant", "alias", "groq:llama-3.1-8b-instant"),
        ("claude-gw/llama3:70b", "alias", "local-ollama:llama3:70b"),
        ("claude-gw/auto", "alias", "groq:x"),
        ("claude-gw/claude-opus-5", "alias", "openai:gpt-4o"),
        ("claude-gw/theirs", "model", "upstream:claude-gw/theirs"),
    ],
)
def test_an_alias_is_the_name_behind_it(alias: str, rule: str, first: str) -> None:
    """... unless somebody has a model of that very name: a gateway behind this one."""
    upstream = provider("Upstream", models=("claude-gw/theirs",), priority=99)
    routes = {"auto": Route(name="auto", targets=(("groq", "x"),))}
    found = resolve(snapshot(*examples(), upstream, routes=routes), alias)
    assert found.rule == rule
    assert f"{found.candidates[0].provider.slug}:{found.candidates[0].model}" == first
    assert rule != "alias" or found.why.startswith(f"{alias} stands for {alias.removeprefix('claude-gw/')}; ")


@pytest.mark.parametrize("alias", ["claude-gw/", "claude-gw/ ", "claude-gw/no-such-model", "claude-gw/claude-gw/no-such"])
def test_an_alias_of_nothing_is_a_404(alias: str) -> None:
    with pytest.raises(CallError) as caught:
        resolve(snapshot(provider("A", priority=1), provider("B", priority=2)), alias)
    assert (caught.value.error.status, caught.value.error.code) == (404, "model_not_found")
