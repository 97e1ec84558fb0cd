from typing import Any

import pytest

from dragoman.core.errors import ConfigError
from dragoman.providers import listing
from dragoman.providers.listing import Listed
from dragoman.providers.row import Listing
from dragoman.wire import json
from support.routing import example, provider


def ids(kind: Listing, answer: Any) -> list[str]:
    return [model.id for model in listing.read(kind, json.encode(answer)).models]


def test_openai() -> None:
    answer = {"object": "list", "data": [{"id": "gpt-4o", "object": "model", "created": 1715367049, "owned_by": "system"}]}
    found = listing.read("openai", json.encode(answer))
    assert found.models == (Listed(id="gpt-4o", created=1715367049, owner="system"),)
    assert found.page == ""


def test_openrouter_names_and_a_bare_array() -> None:
    assert listing.read("openai", b'[{"id":"a/b","name":"B","created":1}]').models == (
        Listed(id="a/b", display_name="B", created=1),
    )


def test_anthropic() -> None:
    answer = {
        "data": [{"type": "model", "id": "claude-opus-5", "display_name": "Claude Opus 5", "created_at": "2026-01-01T00:00:00Z"}],
        "has_more": True,
        "last_id": "claude opus",
    }
    found = listing.read("anthropic", json.encode(answer))
    assert found.models == (Listed(id="claude-opus-5", display_name="Claude Opus 5", created="2026-01-01T00:00:00Z"),)
    assert found.page == "after_id=claude%20opus"


def test_gemini() -> None:
    answer = {
        "models": [
            {"name": "models/gemini-2.5-pro", "displayName": "Gemini 2.5 Pro", "supportedGenerationMethods": ["generateContent"]},
            {"name": "models/embedding-001", "supportedGenerationMethods": ["embedContent"]},
        ],
        "nextPageToken": "a/b",
    }
    found = listing.read("gemini", json.encode(answer))
    assert found.models == (Listed(id="gemini-2.5-pro", display_name="Gemini 2.5 Pro"),)
    assert found.page == "pageToken=a%2Fb"


def test_ollama_and_github() -> None:
    assert ids("ollama", {"models": [{"name": "llama3:8b", "model": "llama3:8b", "modified_at": "2024-01-01T00:00:00Z"}]}) == [
        "llama3:8b"
    ]
    assert ids("github", [{"id": "openai/gpt-4.1", "name": "GPT-4.1", "publisher": "OpenAI"}]) == ["openai/gpt-4.1"]


def test_cohere() -> None:
    answer = {
        "models": [{"name": "command-a-03-2025", "endpoints": ["chat"], "context_length": 288000, "finetuned": False}],
        "next_page_token": "a b",
    }
    found = listing.read("cohere", json.encode(answer))
    assert found.models == (Listed(id="command-a-03-2025"),)
    assert found.page == "page_token=a%20b"
    assert listing.read("cohere", json.encode({**answer, "next_page_token": ""})).page == ""


def test_a_large_catalogue_with_rubbish_in_it() -> None:
    rows = [{"id": f"vendor/model-{number}"} for number in range(153)]
    assert len(ids("openai", {"data": [*rows, None, 3, {}, {"id": ""}, {"id": 7}, rows[0], "plain"]})) == 154


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b'"x"', b'{"data":{}}', b"\xff"])
def test_what_is_no_list_is_told(body: bytes) -> None:
    with pytest.raises(ConfigError, match="models"):
        listing.read("openai", body)


@pytest.mark.parametrize(
    ("name", "kind", "url"),
    [
        ("OpenAI", "openai", "https://api.openai.com/v1/models"),
        ("Anthropic", "anthropic", "https://api.anthropic.com/v1/models?limit=1000"),
        ("Google Gemini", "openai", "https://generativelanguage.googleapis.com/v1beta/openai/models"),
        ("Azure OpenAI", "openai", "https://your-resource.openai.azure.com/openai/models?api-version=2024-10-21"),
        ("Local Ollama", "ollama", "http://localhost:11434/api/tags"),
        ("Groq", "openai", "https://api.groq.com/openai/v1/models"),
        ("OpenRouter", "openai", "https://openrouter.ai/api/v1/models"),
    ],
)
def test_where_the_examples_list_their_models(name: str, kind: str, url: str) -> None:
    found = listing.where(example(name))
    assert (found.kind, found.url) == (kind, url)


def test_where_others_do() -> None:
    assert listing.where(provider("G", "google", base_url="https://generativelanguage.googleapis.com/v1beta")).url == (
        "https://generativelanguage.googleapis.com/v1beta/models?pageSize=1000"
    )
    assert listing.where(provider("C", "custom", base_url="http://h", dialects={"anthropic": ""})).kind == "anthropic"
    for base in ("https://api.cohere.com", "https://api.cohere.ai/compatibility/v1"):
        found = listing.where(provider("C", "cohere", base_url=base))
        host = base.removeprefix("https://").split("/")[0]
        assert (found.kind, found.url) == ("cohere", f"https://{host}/v1/models?endpoint=chat&page_size=1000")
    compatible = listing.where(provider("C", "cohere", base_url="https://h.example/compatibility/v1"))
    assert (compatible.kind, compatible.url) == ("openai", "https://h.example/compatibility/v1/models")
    assert listing.where(provider("H", "github-models", base_url="https://models.github.ai/inference")).url == (
        "https://models.github.ai/catalog/models"
    )
