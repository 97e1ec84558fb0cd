import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.core.errors import ConfigError
from dragoman.providers import urls
from dragoman.providers.presets import PRESETS, preset_of

CHAT, ANTHROPIC, RESPONSES, GEMINI = "openai-chat", "anthropic", "openai-responses", "gemini"
APPENDED = {
    CHAT: "/chat/completions",
    ANTHROPIC: "/v1/messages",
    RESPONSES: "/responses",
    "ollama": "/api/chat",
    "cohere": "/chat",
}

FORMS = [
    # Anthropic: endpoint, version, bare host
    ("anthropic", "https://api.anthropic.com/v1/messages", ANTHROPIC, "https://api.anthropic.com"),
    ("anthropic", "https://api.anthropic.com/v1/messages/", ANTHROPIC, "https://api.anthropic.com"),
    ("anthropic", "https://api.anthropic.com/v1/messages/count_tokens", ANTHROPIC, "https://api.anthropic.com"),
    ("anthropic", "https://api.anthropic.com/v1", ANTHROPIC, "https://api.anthropic.com"),
    ("anthropic", "https://api.anthropic.com/v1/", ANTHROPIC, "https://api.anthropic.com"),
    ("anthropic", "https://api.anthropic.com", ANTHROPIC, "https://api.anthropic.com"),
    ("anthropic", "http://127.0.0.1:9/proxy/v1/messages", ANTHROPIC, "http://127.0.0.1:9/proxy"),
    ("anthropic", "http://127.0.0.1:9/proxy", ANTHROPIC, "http://127.0.0.1:9/proxy"),
    # OpenAI
    ("openai", "https://api.openai.com/v1", CHAT, "https://api.openai.com/v1"),
    ("openai", "https://api.openai.com", CHAT, "https://api.openai.com/v1"),
    ("openai", "https://api.openai.com/", RESPONSES, "https://api.openai.com/v1"),
    ("openai", "https://api.openai.com/v1/chat/completions", CHAT, "https://api.openai.com/v1"),
    ("openai", "https://api.openai.com/v1/chat/completions", RESPONSES, "https://api.openai.com/v1"),
    ("openai", "HTTPS://API.openai.com/v1", CHAT, "https://api.openai.com/v1"),
    # any OpenAI-compatible server
    ("custom", "https://your-custom-api.com/v1", CHAT, "https://your-custom-api.com/v1"),
    ("custom", "https://your-custom-api.com", CHAT, "https://your-custom-api.com/v1"),
    ("custom", "https://h/llm", CHAT, "https://h/llm"),
    ("custom", "https://h/api/v3", CHAT, "https://h/api/v3"),
    ("custom", "https://h/chat/completions", CHAT, "https://h"),
    ("custom", "https://h/v1/chat/completions", CHAT, "https://h/v1"),
    ("custom", "https://h/v1", ANTHROPIC, "https://h"),
    ("custom", "https://h/v1/messages", ANTHROPIC, "https://h"),
    ("custom", "https://h/v1/messages", CHAT, "https://h/v1"),
    # Gemini: by the end of the URL
    (
        "gemini",
        "https://generativelanguage.googleapis.com/v1beta/openai",
        CHAT,
        "https://generativelanguage.googleapis.com/v1beta/openai",
    ),
    (
        "gemini",
        "https://generativelanguage.googleapis.com/v1beta/openai/",
        CHAT,
        "https://generativelanguage.googleapis.com/v1beta/openai",
    ),
    ("gemini", "https://generativelanguage.googleapis.com/v1beta", GEMINI, "https://generativelanguage.googleapis.com/v1beta"),
    ("gemini", "https://generativelanguage.googleapis.com/v1", GEMINI, "https://generativelanguage.googleapis.com/v1"),
    ("gemini", "https://generativelanguage.googleapis.com", GEMINI, "https://generativelanguage.googleapis.com/v1beta"),
    (
        "gemini",
        "https://generativelanguage.googleapis.com/v1beta",
        CHAT,
        "https://generativelanguage.googleapis.com/v1beta/openai",
    ),
    ("gemini", "http://127.0.0.1:9/v1beta", GEMINI, "http://127.0.0.1:9/v1beta"),
    # Ollama with and without /v1 (requirements S0-52, S1-42)
    ("ollama", "http://localhost:11434/v1", CHAT, "http://localhost:11434/v1"),
    ("ollama", "http://localhost:11434", CHAT, "http://localhost:11434/v1"),
    ("ollama", "http://localhost:11434/", CHAT, "http://localhost:11434/v1"),
    ("ollama", "http://localhost:11434/api", CHAT, "http://localhost:11434/v1"),
    ("ollama", "http://localhost:11434/api/chat", CHAT, "http://localhost:11434/v1"),
    ("ollama", "http://localhost:11434/v1", ANTHROPIC, "http://localhost:11434"),
    ("ollama", "http://localhost:11434/v1", "ollama", "http://localhost:11434"),
    ("ollama", "http://box/ollama", CHAT, "http://box/ollama/v1"),
    # vendors with a path of their own
    ("groq", "https://api.groq.com/openai/v1", CHAT, "https://api.groq.com/openai/v1"),
    ("groq", "https://api.groq.com/openai", CHAT, "https://api.groq.com/openai/v1"),
    ("groq", "https://api.groq.com", CHAT, "https://api.groq.com/openai/v1"),
    ("openrouter", "https://openrouter.ai/api/v1", CHAT, "https://openrouter.ai/api/v1"),
    ("openrouter", "https://openrouter.ai/api/v1", ANTHROPIC, "https://openrouter.ai/api"),
    ("openrouter", "https://openrouter.ai/api", CHAT, "https://openrouter.ai/api/v1"),
    ("openrouter", "https://openrouter.ai", ANTHROPIC, "https://openrouter.ai/api"),
    ("openrouter", "http://127.0.0.1:9/api/v1", CHAT, "http://127.0.0.1:9/api/v1"),
    ("perplexity", "https://api.perplexity.ai", CHAT, "https://api.perplexity.ai"),
    ("perplexity", "https://api.perplexity.ai/v1", RESPONSES, "https://api.perplexity.ai/v1"),
    ("deepseek", "https://api.deepseek.com", CHAT, "https://api.deepseek.com"),
    ("deepseek", "https://api.deepseek.com/v1", CHAT, "https://api.deepseek.com/v1"),
    ("deepseek", "https://api.deepseek.com/beta", CHAT, "https://api.deepseek.com/beta"),
    ("deepseek", "https://api.deepseek.com/v1", ANTHROPIC, "https://api.deepseek.com/anthropic"),
    ("deepseek", "https://api.deepseek.com/anthropic", ANTHROPIC, "https://api.deepseek.com/anthropic"),
    ("deepseek", "https://api.deepseek.com/anthropic", CHAT, "https://api.deepseek.com"),
    ("deepseek", "https://api.deepseek.com/anthropic/v1/messages", ANTHROPIC, "https://api.deepseek.com/anthropic"),
    ("zai", "https://api.z.ai/api/coding/paas/v4", CHAT, "https://api.z.ai/api/coding/paas/v4"),
    ("zai", "https://api.z.ai/api/paas/v4", ANTHROPIC, "https://api.z.ai/api/anthropic"),
    ("fireworks", "https://api.fireworks.ai/inference/v1", ANTHROPIC, "https://api.fireworks.ai/inference"),
    ("moonshot", "https://api.moonshot.cn/v1", ANTHROPIC, "https://api.moonshot.cn/anthropic"),
    ("ollama", "http://box/ollama/api/chat", "ollama", "http://box/ollama"),
    # Cohere's own API is version 2, whatever the URL says
    ("cohere", "https://api.cohere.com/v2", CHAT, "https://api.cohere.com/compatibility/v1"),
    ("cohere", "https://api.cohere.com/v1", "cohere", "https://api.cohere.com/v2"),
    ("cohere", "https://api.cohere.com/v2/chat", "cohere", "https://api.cohere.com/v2"),
    ("cohere", "https://api.cohere.ai/compatibility/v1", "cohere", "https://api.cohere.ai/v2"),
    ("cohere", "https://cohere.corp.example", "cohere", "https://cohere.corp.example/v2"),
    # Azure
    ("azure", "https://r.openai.azure.com/openai/deployments", CHAT, "https://r.openai.azure.com/openai/deployments/{model}"),
    ("azure", "https://r.openai.azure.com/openai/deployments/gpt", CHAT, "https://r.openai.azure.com/openai/deployments/gpt"),
    ("azure", "https://r.openai.azure.com/openai/v1/", CHAT, "https://r.openai.azure.com/openai/v1"),
    ("azure", "https://r.openai.azure.com", CHAT, "https://r.openai.azure.com/openai/v1"),
    ("azure", "https://r.openai.azure.com/openai", CHAT, "https://r.openai.azure.com/openai/v1"),
    ("azure", "https://r.openai.azure.com?api-version=2024-06-01", CHAT, "https://r.openai.azure.com/openai/deployments/{model}"),
    ("azure", "https://r.services.ai.azure.com/anthropic/v1/messages", ANTHROPIC, "https://r.services.ai.azure.com/anthropic"),
]


@pytest.mark.parametrize(("type_", "url", "dialect", "base"), FORMS)
def test_every_form_of_a_base_url(type_: str, url: str, dialect: str, base: str) -> None:
    preset = preset_of(type_, "", url)
    assert urls.address(preset.id, url, dialect).base == base


@pytest.mark.parametrize(
    ("url", "query"),
    [
        ("https://r.openai.azure.com/openai/deployments", "api-version=2024-10-21"),
        ("https://r.openai.azure.com/openai/deployments?api-version=2025-01-01", "api-version=2025-01-01"),
        ("https://r.openai.azure.com/openai/deployments/d/chat/completions?x=1", "x=1&api-version=2024-10-21"),
        ("https://r.openai.azure.com/openai/v1", ""),
        ("https://r.openai.azure.com/openai/v1?api-version=preview", "api-version=preview"),
    ],
)
def test_a_query_is_kept_and_completed(url: str, query: str) -> None:
    assert urls.address("azure", url, CHAT).query == query


@pytest.mark.parametrize(
    ("type_", "url", "spoken"),
    [
        ("openai", "https://api.openai.com/v1", (RESPONSES, CHAT)),
        ("openai", "http://127.0.0.1:9/v1", (CHAT,)),
        ("openai", "https://h/v1/messages", (ANTHROPIC,)),
        ("anthropic", "https://api.anthropic.com/v1/messages", (ANTHROPIC,)),
        ("gemini", "https://generativelanguage.googleapis.com/v1beta/openai", (CHAT,)),
        ("gemini", "https://generativelanguage.googleapis.com/v1beta", (GEMINI, CHAT)),
        ("ollama", "http://localhost:11434", ("ollama", CHAT)),
        ("ollama", "http://localhost:11434/v1", ("ollama", CHAT)),
        ("ollama", "http://box:11434/api", ("ollama", CHAT)),
        ("ollama", "http://box:11434/api/chat", ("ollama", CHAT)),
        ("ollama", "http://box:11434/v1/messages", (ANTHROPIC,)),
        ("custom", "http://box:11434/api/chat", ("ollama",)),
        ("cohere", "https://api.cohere.com", ("cohere", CHAT)),
        ("cohere", "https://api.cohere.ai/compatibility/v1", ("cohere", CHAT)),
        ("cohere", "https://cohere.corp.example/v2/chat", ("cohere",)),
        ("cohere", "https://cohere.corp.example", (CHAT,)),
        ("deepseek", "https://api.deepseek.com", (CHAT, ANTHROPIC, RESPONSES)),
        ("deepseek", "http://127.0.0.1:9/anthropic", (ANTHROPIC,)),
        ("azure", "https://r.openai.azure.com/openai/deployments", (CHAT,)),
        ("azure", "https://r.openai.azure.com/openai/v1", (RESPONSES, CHAT)),
        ("azure", "https://r.services.ai.azure.com/anthropic", (ANTHROPIC,)),
        ("custom", "https://h", (CHAT,)),
    ],
)
def test_which_dialects_a_url_speaks(type_: str, url: str, spoken: tuple[str, ...]) -> None:
    assert urls.dialects_at(preset_of(type_, "", url), url) == spoken


segments = st.sampled_from(
    ["", "/v1", "/v2", "/api", "/openai", "/v1beta", "/anthropic", "/llm", "/inference", "/paas/v4", "/beta"]
)


@given(
    preset=st.sampled_from(sorted(PRESETS)),
    host=st.sampled_from(["http://127.0.0.1:9", "https://h.example", "https://openrouter.ai", "https://api.z.ai"]),
    first=segments,
    second=segments,
    end=st.sampled_from(["", "/", "/chat/completions", "/v1/messages", "/messages", "/responses", "/api/chat", "/v2/chat"]),
)
def test_the_url_that_is_asked_asks_itself_again(preset: str, host: str, first: str, second: str, end: str) -> None:
    given_url = host + first + second + end
    row = PRESETS[preset]
    for dialect in urls.dialects_at(row, given_url):
        if dialect not in APPENDED:
            continue
        address = urls.address(preset, given_url, dialect)
        if "{model}" in address.base:
            continue
        url = address.path or address.base + APPENDED[dialect]
        again = urls.address(preset, url, dialect)
        assert (again.path or again.base + APPENDED[dialect]) == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "api.openai.com/v1",
        "ftp://h/v1",
        "file:///etc/passwd",
        "https://",
        "https:///v1",
        "https://u:p@h/v1",
        "https://u@h/",
        "https://h/v1#x",
        "https://h/#",
        "https://h:99999/",
        "https://h:0/",
        "https://h:x/",
        "https://h\\@other/",
        "https://h /v1",
        "https://h/v1\r\nx: y",
        "https://bücher.example/v1",
        "https://%31/v1",
        "https://[::1/v1",
        "javascript:alert(1)",
    ],
)
def test_what_is_no_providers_url_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match="base_url"):
        urls.check(url)


@pytest.mark.parametrize("url", ["https://h", "http://localhost:1/v1", "http://[::1]:11434", "https://a-b.example.com./x?y=z"])
def test_what_is_a_providers_url_is_taken(url: str) -> None:
    urls.check(url)


@pytest.mark.parametrize(
    ("url", "host", "port", "expected"),
    [
        ("http://127.0.0.1:8000/v1", "127.0.0.1", 8000, True),
        ("http://localhost:8000", "127.0.0.1", 8000, True),
        ("http://[::1]:8000", "127.0.0.1", 8000, True),
        ("http://127.0.0.1:8000/v1", "0.0.0.0", 8000, True),
        ("http://127.0.0.1:8001/v1", "127.0.0.1", 8000, False),
        ("https://api.anthropic.com", "127.0.0.1", 443, False),
        ("http://gateway.local", "gateway.local", 80, True),
        ("https://gateway.local", "gateway.local", 80, False),
        ("http://10.0.0.5:8000", "0.0.0.0", 8000, False),
    ],
)
def test_a_provider_that_points_back_at_us(url: str, host: str, port: int, expected: bool) -> None:
    assert urls.points_at(url, host, port) is expected
