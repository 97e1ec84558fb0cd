"""Stores in a folder of the test, and the ten example providers of PortBroker's documentation."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from dragoman.settings import Settings
from dragoman.store import Store


def settings(folder: Path, env: dict[str, str] | None = None, **overrides: Any) -> Settings:
    """Nothing of the developer's machine."""
    there = {"database_url": f"sqlite:///{folder}/store.db", "keys_file": str(folder / "keys.txt"), **overrides}
    return Settings.load(env or {}, folder / "no.env", **there)


@asynccontextmanager
async def opened(folder: Path, env: dict[str, str] | None = None, **overrides: Any) -> AsyncIterator[Store]:
    store = await Store.open(settings(folder, env, **overrides))
    try:
        yield store
    finally:
        await store.close()


def provider(name: str = "Custom", **more: Any) -> dict[str, Any]:
    return {"name": name, "base_url": "https://api.example.com/v1", "api_key": "sk-CANARY-0123456789", **more}


def _example(
    name: str, kind: str, url: str, key: str, models: tuple[str, str, str], priority: int, headers: dict[str, str] | None = None
) -> dict[str, Any]:
    big, medium, small = models
    more: dict[str, Any] = {} if headers is None else {"headers": headers}
    return {
        "name": name,
        "provider_type": kind,
        "base_url": url,
        "api_key": key,
        "big_model": big,
        "medium_model": medium,
        "small_model": small,
        "is_active": True,
        "priority": priority,
        **more,
    }


AZURE = "https://your-resource.openai.azure.com/openai/deployments"
GOOGLE = "https://generativelanguage.googleapis.com/v1beta/openai"
SONAR = ("llama-3.1-sonar-large-128k-online", "llama-3.1-sonar-large-128k-online", "llama-3.1-sonar-small-128k-online")
CLAUDE = ("claude-3-opus-20240229", "claude-3-sonnet-20240229", "claude-3-haiku-20240307")
LLAMA = ("llama-3.1-70b-versatile", "llama-3.1-8b-instant", "llama-3.1-8b-instant")
OWN = ("custom-large-model", "custom-medium-model", "custom-small-model")
ROUTER = ("anthropic/claude-3.5-sonnet", "anthropic/claude-3.5-sonnet", "anthropic/claude-3-haiku")
OWN_HEADERS = {"X-Api-Version": "2024-01-01", "X-Custom-Header": "custom-value"}
ROUTER_HEADERS = {"HTTP-Referer": "https://your-domain.com", "X-Title": "Your App Name"}

EXAMPLES = (
    _example("OpenAI", "openai", "https://api.openai.com/v1", "sk-your-key", ("gpt-4o", "gpt-4o", "gpt-4o-mini"), 1),
    _example(
        "Azure OpenAI", "azure", AZURE, "your-azure-key", ("gpt-4-deployment", "gpt-4-deployment", "gpt-35-turbo-deployment"), 2
    ),
    _example(
        "Anthropic",
        "anthropic",
        "https://api.anthropic.com/v1/messages",
        "sk-ant-your-key",
        CLAUDE,
        3,
        {"anthropic-version": "2023-06-01"},
    ),
    _example("Google Gemini", "gemini", GOOGLE, "your-gemini-key", ("gemini-1.5-pro", "gemini-1.5-flash", "gemini-1.5-flash"), 4),
    _example(
        "Mistral AI",
        "mistral",
        "https://api.mistral.ai/v1",
        "your-mistral-key",
        ("mistral-large-latest", "mistral-medium-latest", "mistral-small-latest"),
        5,
    ),
    _example("Perplexity", "perplexity", "https://api.perplexity.ai", "pplx-your-key", SONAR, 6),
    _example("Local Ollama", "ollama", "http://localhost:11434/v1", "ollama", ("llama3:70b", "llama3:8b", "llama3:8b"), 7),
    _example("Custom AI Service", "custom", "https://your-custom-api.com/v1", "your-custom-key", OWN, 8, OWN_HEADERS),
    _example("Groq", "groq", "https://api.groq.com/openai/v1", "gsk_your-groq-key", LLAMA, 9),
    _example("OpenRouter", "openrouter", "https://openrouter.ai/api/v1", "sk-or-your-key", ROUTER, 10, ROUTER_HEADERS),
)
"""Requirements S0-46..55, verbatim."""
