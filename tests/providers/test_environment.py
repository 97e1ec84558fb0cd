import pytest

from dragoman.core.config import Provider, Secret
from dragoman.providers.environment import Environment, from_environment
from dragoman.providers.targets import points_at, target_for
from support.routing import BUILT

EXAMPLE_ENV = {
    "OPENAI_API_KEY": "sk-1",
    "ANTHROPIC_API_KEY": "sk-ant-api03-1",
    "GOOGLE_API_KEY": "AI1",
    "GROQ_API_KEY": "gsk_1",
    "OPENROUTER_API_KEY": "sk-or-v1-1",
    "OLLAMA_API_KEY": "o1",
    "OPENAI_BASE_URL": "https://api.openai.com/v1",
    "ANTHROPIC_BASE_URL": "https://api.anthropic.com/v1",
    "OLLAMA_BASE_URL": "http://localhost:11434",
    "PROVIDERS_PRIORITY": "groq,openai,anthropic",
    "OPENAI_MODEL": "gpt-4o-mini",
    "ANTHROPIC_MODEL": "claude-3-haiku-20240307",
    "GOOGLE_MODEL": "gemini-1.5-flash",
    "GROQ_MODEL": "groq:gemma2-9b-it",
    "OPENROUTER_MODEL": "openrouter:openai/gpt-4o-mini",
    "OLLAMA_MODEL": "ollama:llama3",
}


def by_slug(found: Environment) -> dict[str, Provider]:
    return {provider.slug: provider for provider in found.providers}


def test_the_documented_example() -> None:
    found = from_environment(EXAMPLE_ENV)
    assert found.warnings == ()
    assert found.priority == ("groq", "openai", "anthropic")
    assert [(p.slug, p.default_model) for p in found.providers] == [
        ("groq", "gemma2-9b-it"),
        ("openai", "gpt-4o-mini"),
        ("anthropic", "claude-3-haiku-20240307"),
        ("google", "gemini-1.5-flash"),
        ("openrouter", "openai/gpt-4o-mini"),
        ("ollama", "llama3"),
    ]
    assert all(p.source == "env" and p.id < 0 for p in found.providers)
    assert by_slug(found)["openai"].api_key == Secret("sk-1")


@pytest.mark.parametrize(
    ("slug", "base"),
    [
        ("openai", "https://api.openai.com/v1"),
        ("anthropic", "https://api.anthropic.com"),
        ("google", "https://generativelanguage.googleapis.com/v1beta/openai"),
        ("groq", "https://api.groq.com/openai/v1"),
        ("openrouter", "https://openrouter.ai/api/v1"),
        ("ollama", "http://localhost:11434/v1"),
    ],
)
@pytest.mark.parametrize("env", [EXAMPLE_ENV, {k: v for k, v in EXAMPLE_ENV.items() if k.endswith("_KEY")}])
def test_keys_alone_make_providers_usable(slug: str, base: str, env: dict[str, str]) -> None:
    target = target_for(by_slug(from_environment(env))[slug], "m", "openai-chat", BUILT)
    assert target is not None
    assert target.base == base


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("GROQ", "groq:gemma2-9b-it", "gemma2-9b-it"),
        ("GROQ", " Groq: gemma2-9b-it ", "gemma2-9b-it"),
        ("GROQ", "gemma2-9b-it", "gemma2-9b-it"),
        ("OLLAMA", "ollama:llama3:8b", "llama3:8b"),
        ("OLLAMA", "llama3:8b", "llama3:8b"),
        ("OPENROUTER", "openrouter:openai/gpt-4o-mini", "openai/gpt-4o-mini"),
        ("OPENROUTER", "openai/gpt-4o:free", "openai/gpt-4o:free"),
        ("GOOGLE", "gemini:gemini-2.5-pro", "gemini-2.5-pro"),
        ("OPENAI", "ft:gpt-4o-mini:org::id", "ft:gpt-4o-mini:org::id"),
        ("OPENAI", "openai:", "openai:"),
    ],
)
def test_a_prefix_in_a_model_is_not_forwarded(name: str, value: str, expected: str) -> None:
    found = from_environment({f"{name}_API_KEY": "k", f"{name}_MODEL": value})
    assert next(p.default_model for p in found.providers if p.default_model) == expected


def test_nothing_set_leaves_a_local_ollama_for_those_who_address_it() -> None:
    found = from_environment({"OPENAI_API_KEY": "", "GROQ_API_KEY": "  "})
    assert [(p.slug, p.addressed_only, p.allow_private) for p in found.providers] == [("ollama", True, True)]
    assert found.warnings == ()


@pytest.mark.parametrize("name", ["OLLAMA_API_KEY", "OLLAMA_BASE_URL", "OLLAMA_MODEL"])
def test_an_ollama_that_is_named_serves_like_any_other(name: str) -> None:
    found = from_environment({name: "http://box:11434"})
    assert [(p.slug, p.addressed_only) for p in found.providers] == [("ollama", False)]


@pytest.mark.parametrize(
    ("env", "told"),
    [
        ({"PROVIDERS_PRIORITY": "grok2,openai"}, "PROVIDERS_PRIORITY: unknown provider 'grok2'"),
        ({"ANTHROPIC_BASE_URL": "http://127.0.0.1:8000"}, "ANTHROPIC_BASE_URL is set, but no ANTHROPIC_API_KEY"),
        ({"OPENAI_API_KEY": "k", "OPENAI_BASE_URL": "api.openai.com"}, "OPENAI_BASE_URL: base_url"),
        ({"AZURE_OPENAI_API_KEY": "k"}, "AZURE_OPENAI_API_KEY is set, but no AZURE_OPENAI_ENDPOINT"),
    ],
)
def test_what_cannot_be_used_is_warned_of(env: dict[str, str], told: str) -> None:
    found = from_environment(env)
    assert len(found.warnings) == 1
    assert told in found.warnings[0]
    assert [p.slug for p in found.providers] == ["ollama"]


def test_priority_takes_every_spelling_and_keeps_what_a_database_may_know() -> None:
    found = from_environment({"PROVIDERS_PRIORITY": " Gemini ,openai,, google, my-own "})
    assert found.priority == ("google", "openai", "my-own")
    assert "my-own" in found.warnings[0]


def test_other_names_of_the_same_provider() -> None:
    found = by_slug(
        from_environment(
            {"GEMINI_API_KEY": "g", "AZURE_OPENAI_API_KEY": "a", "AZURE_OPENAI_ENDPOINT": "https://r.openai.azure.com"}
        )
    )
    assert found["google"].api_key == Secret("g")
    assert found["azure"].base_url == "https://r.openai.azure.com"


def test_no_warning_or_repr_shows_a_key() -> None:
    found = from_environment(
        {"OPENAI_API_KEY": "sk-very-secret", "OPENAI_BASE_URL": "nonsense", "GROQ_API_KEY": "gsk-very-secret"}
    )
    assert "very-secret" not in repr(found)


def test_a_shell_that_points_at_the_gateway_is_noticed() -> None:
    found = by_slug(from_environment({"ANTHROPIC_API_KEY": "k", "ANTHROPIC_BASE_URL": "http://localhost:8000"}))
    assert points_at(found["anthropic"], "127.0.0.1", 8000)
    assert not points_at(found["anthropic"], "127.0.0.1", 8091)
