"""Providers and snapshots for tests of providers/ and routing/."""

from typing import Any

from dragoman.core.config import Provider, Secret, Snapshot
from dragoman.core.request import Envelope
from dragoman.providers.slugs import slug

BUILT = ("openai-chat", "anthropic")

KEY = "sk-0123456789-secret"

EXAMPLES: tuple[tuple[str, str, str, str, str, str], ...] = (
    ("OpenAI", "openai", "https://api.openai.com/v1", "gpt-4o", "gpt-4o", "gpt-4o-mini"),
    (
        "Azure OpenAI",
        "azure",
        "https://your-resource.openai.azure.com/openai/deployments",
        "gpt-4-deployment",
        "gpt-4-deployment",
        "gpt-35-turbo-deployment",
    ),
    (
        "Anthropic",
        "anthropic",
        "https://api.anthropic.com/v1/messages",
        "claude-3-opus-20240229",
        "claude-3-sonnet-20240229",
        "claude-3-haiku-20240307",
    ),
    (
        "Google Gemini",
        "gemini",
        "https://generativelanguage.googleapis.com/v1beta/openai",
        "gemini-1.5-pro",
        "gemini-1.5-flash",
        "gemini-1.5-flash",
    ),
    (
        "Mistral AI",
        "mistral",
        "https://api.mistral.ai/v1",
        "mistral-large-latest",
        "mistral-medium-latest",
        "mistral-small-latest",
    ),
    (
        "Perplexity",
        "perplexity",
        "https://api.perplexity.ai",
        "llama-3.1-sonar-large-128k-online",
        "llama-3.1-sonar-large-128k-online",
        "llama-3.1-sonar-small-128k-online",
    ),
    ("Local Ollama", "ollama", "http://localhost:11434/v1", "llama3:70b", "llama3:8b", "llama3:8b"),
    (
        "Custom AI Service",
        "custom",
        "https://your-custom-api.com/v1",
        "custom-large-model",
        "custom-medium-model",
        "custom-small-model",
    ),
    (
        "Groq",
        "groq",
        "https://api.groq.com/openai/v1",
        "llama-3.1-70b-versatile",
        "llama-3.1-8b-instant",
        "llama-3.1-8b-instant",
    ),
    (
        "OpenRouter",
        "openrouter",
        "https://openrouter.ai/api/v1",
        "anthropic/claude-3.5-sonnet",
        "anthropic/claude-3.5-sonnet",
        "anthropic/claude-3-haiku",
    ),
)
"""Name, type, base URL, big, medium and small model of examples S0-46..55; the index is the priority, from 1."""

EXAMPLE_HEADERS: dict[str, tuple[tuple[str, str], ...]] = {
    "Anthropic": (("anthropic-version", "2023-06-01"),),
    "Custom AI Service": (("X-Api-Version", "2024-01-01"), ("X-Custom-Header", "custom-value")),
    "OpenRouter": (("HTTP-Referer", "https://your-domain.com"), ("X-Title", "Your App Name")),
}


def provider(name: str = "My Provider", provider_type: str = "custom", **more: Any) -> Provider:
    """A provider record, filled with what the test does not say."""
    fields: dict[str, Any] = {
        "id": 1,
        "slug": slug(name),
        "base_url": "https://api.example.com/v1",
        "api_key": Secret(KEY),
        **more,
    }
    return Provider(name=name, provider_type=provider_type, **fields)


def example(name: str) -> Provider:
    """One of the ten examples, verbatim."""
    return next(found for found in examples() if found.name == name)


def examples() -> tuple[Provider, ...]:
    return tuple(
        provider(
            name,
            type_,
            id=priority,
            base_url=url,
            big_model=big,
            medium_model=medium,
            small_model=small,
            priority=priority,
            headers=EXAMPLE_HEADERS.get(name, ()),
        )
        for priority, (name, type_, url, big, medium, small) in enumerate(EXAMPLES, start=1)
    )


def sandbox() -> Provider:
    return provider(
        "Sandbox", "sandbox", base_url="http://127.0.0.1:9", sandbox=True, source="sandbox", models=("sandbox", "sandbox-slow")
    )


def snapshot(*providers: Provider, priority: tuple[str, ...] = (), **more: Any) -> Snapshot:
    """The providers in the order of their priority, as a store hands them out."""
    return Snapshot(providers=tuple(sorted(providers, key=lambda one: one.priority)), priority=priority, **more)


def envelope(model: str | None, dialect: str = "openai-chat", headers: tuple[tuple[str, str], ...] = ()) -> Envelope:
    return Envelope(dialect=dialect, operation="chat", model=model, stream=False, body=b"{}", headers=headers)
