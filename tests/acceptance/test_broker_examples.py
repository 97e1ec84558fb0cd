"""PortBroker's ten example providers: POSTed verbatim, each is asked at the vendor's own URL, over TLS, with its key and headers.

The process knows nothing of the test: names resolve to public addresses, and connecting leads to the test's vendors.
"""

from typing import Any

import pytest

from support.callers import Caller, provided, streamed_text, text_of
from support.internet import Internet
from support.server import Server
from support.store import EXAMPLES
from support.vendors import TEXT, Vendors

pytestmark = pytest.mark.e2e

AZURE = "https://your-resource.openai.azure.com/openai/deployments/{}/chat/completions?api-version=2024-10-21"
RESPONSES = "https://api.openai.com/v1/responses"
"""Where OpenAI is asked for clients of other vendors' dialects: it says more there."""
PLACES = {
    "OpenAI": ("https://api.openai.com/v1/chat/completions", "authorization", "Bearer sk-your-key"),
    "Azure OpenAI": (AZURE, "api-key", "your-azure-key"),
    "Anthropic": ("https://api.anthropic.com/v1/messages", "x-api-key", "sk-ant-your-key"),
    "Google Gemini": (
        "https://generativelanguage.googleapis.com/v1beta/openai/chat/completions",
        "authorization",
        "Bearer your-gemini-key",
    ),
    "Mistral AI": ("https://api.mistral.ai/v1/chat/completions", "authorization", "Bearer your-mistral-key"),
    "Perplexity": ("https://api.perplexity.ai/chat/completions", "authorization", "Bearer pplx-your-key"),
    "Local Ollama": ("http://localhost:11434/v1/chat/completions", "authorization", "Bearer ollama"),
    "Custom AI Service": ("https://your-custom-api.com/v1/chat/completions", "authorization", "Bearer your-custom-key"),
    "Groq": ("https://api.groq.com/openai/v1/chat/completions", "authorization", "Bearer gsk_your-groq-key"),
    "OpenRouter": ("https://openrouter.ai/api/v1/chat/completions", "authorization", "Bearer sk-or-your-key"),
}
"""URL ("{}": the model), and the one header that carries the key."""
CREDENTIALS = {"authorization", "x-api-key", "api-key", "x-goog-api-key"}


@pytest.mark.requirement("S0-46", "S0-47", "S0-48", "S0-49", "S0-50", "S0-51", "S0-52", "S0-53", "S0-54", "S0-55")
@pytest.mark.requirement("S0-37", "S0-38", "S0-44", "S0-58")
@pytest.mark.parametrize("tier", ["big_model", "medium_model", "small_model"])
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["name"])
def test_each_is_asked_at_the_right_url_with_its_key_and_headers(
    broker: Server, net: Internet, example: dict[str, Any], tier: str
) -> None:
    model, (url, name, value) = example[tier], PLACES[example["name"]]
    mark = len(net.vendors.asked)
    reply = Caller(broker).chat(f"{example['name']}:{model}")
    assert text_of(reply) == TEXT
    (asked,) = net.vendors.since(mark)
    assert asked.url == url.format(model)
    assert asked.body["model"] == model
    assert {header: sent for header, sent in asked.headers.items() if header in CREDENTIALS} == {name: value}
    extra = {header.lower(): text for header, text in example.get("headers", {}).items()}
    assert extra.items() <= asked.headers.items()
    assert asked.header("accept-encoding") == "identity"


@pytest.mark.requirement("S0-2", "S0-7", "S0-46", "S0-48", "S0-54")
@pytest.mark.parametrize("name", ["OpenAI", "Anthropic", "Groq"])
@pytest.mark.parametrize("path", ["/v1/messages", "/api/anthropic/v1/messages"])
def test_a_messages_client_reaches_them_as_well(broker: Server, net: Internet, name: str, path: str) -> None:
    example = next(one for one in EXAMPLES if one["name"] == name)
    model = f"{name}:{example['small_model']}"
    assert text_of(Caller(broker).messages(model, path=path)) == TEXT
    assert net.vendors.last.url == (RESPONSES if name == "OpenAI" else PLACES[name][0])
    assert streamed_text(Caller(broker).messages(model, path=path, stream=True)) == TEXT


@pytest.mark.requirement("S0-57", "S0-69", "S0-70", "S0-71", "S0-72", "S0-56", "S0-61")
@pytest.mark.parametrize(
    ("asked_for", "model"),
    [
        ("claude-3-5-haiku-20241022", "gpt-4o-mini"),
        ("claude-sonnet-4-5", "gpt-4o"),
        ("claude-3-7-sonnet-latest", "gpt-4o"),
        ("claude-opus-4-1-20250805", "gpt-4o"),
    ],
)
def test_claude_names_go_to_the_tiers_of_the_first_by_priority(broker: Server, net: Internet, asked_for: str, model: str) -> None:
    """Priority 1 of the ten is OpenAI."""
    reply = Caller(broker).messages(asked_for, path="/api/anthropic/v1/messages")
    assert text_of(reply) == TEXT
    assert (net.vendors.last.url, net.vendors.last.body["model"]) == (RESPONSES, model)
    assert reply.headers["x-dragoman-target"] == f"openai:{model}"


@pytest.mark.requirement("S0-48", "D8")
def test_the_exact_model_of_a_provider_is_its_own(broker: Server, net: Internet) -> None:
    """`claude-3-haiku-20240307` is a configured model of Anthropic, `anthropic/claude-3-haiku` one of OpenRouter."""
    assert text_of(Caller(broker).chat("claude-3-haiku-20240307")) == TEXT
    assert net.vendors.last.url == PLACES["Anthropic"][0]
    assert text_of(Caller(broker).chat("anthropic/claude-3-haiku")) == TEXT
    assert net.vendors.last.url == PLACES["OpenRouter"][0]
    assert net.vendors.last.body["model"] == "anthropic/claude-3-haiku"


@pytest.mark.requirement("S0-48", "D14")
def test_the_clients_anthropic_version_beats_the_records(broker: Server, net: Internet) -> None:
    model, newer = "Anthropic:claude-3-haiku-20240307", {"anthropic-version": "2099-01-01", "anthropic-beta": "some-beta"}
    Caller(broker).messages(model, headers=newer)
    assert {name: net.vendors.last.header(name) for name in newer} == newer
    Caller(broker).messages(model)
    assert net.vendors.last.header("anthropic-version") == "2023-06-01"


@pytest.mark.requirement("S0-37", "S0-47", "S0-48", "S0-49", "S0-51", "S0-52")
@pytest.mark.parametrize(
    ("kind", "end", "path"),
    [
        ("openai", "", "/v1/chat/completions"),
        ("openai", "/", "/v1/chat/completions"),
        ("openai", "/v1", "/v1/chat/completions"),
        ("openai", "/v1/", "/v1/chat/completions"),
        ("openai", "/v1/chat/completions", "/v1/chat/completions"),
        ("custom", "/proxy/v1", "/proxy/v1/chat/completions"),
        ("anthropic", "", "/v1/messages"),
        ("anthropic", "/v1", "/v1/messages"),
        ("anthropic", "/v1/messages", "/v1/messages"),
        ("anthropic", "/proxy", "/proxy/v1/messages"),
        ("ollama", "", "/v1/chat/completions"),
        ("ollama", "/v1", "/v1/chat/completions"),
        ("azure", "/openai/deployments", "/openai/deployments/m/chat/completions?api-version=2024-10-21"),
        ("azure", "/openai/deployments?api-version=2025-01-01", "/openai/deployments/m/chat/completions?api-version=2025-01-01"),
        ("gemini", "/v1beta/openai", "/v1beta/openai/chat/completions"),
        ("perplexity", "", "/chat/completions"),
    ],
)
def test_every_form_of_a_base_url_is_understood(workshop: Server, vendors: Vendors, kind: str, end: str, path: str) -> None:
    """Bare hosts, versions, whole endpoints, with and without a slash at the end."""
    own = {"name": "Formed", "provider_type": kind, "base_url": vendors.url + end, "api_key": "key-of-formed", "models": ["m"]}
    with provided(workshop, own):
        assert text_of(Caller(workshop).chat("formed:m")) == TEXT
    assert vendors.last.path == path
