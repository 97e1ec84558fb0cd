from typing import Any

import pytest

from dragoman.core.config import Secret, Target
from dragoman.core.errors import ConfigError
from dragoman.dialects.registry import DIALECTS
from dragoman.providers import auth, headers, targets
from support.routing import BUILT, KEY, example, examples, provider

CHAT, ANTHROPIC, RESPONSES = "openai-chat", "anthropic", "openai-responses"


def asked(target: Target | None) -> str:
    """The URL as the dialects put it together."""
    assert target is not None
    path = {CHAT: "/chat/completions", ANTHROPIC: "/v1/messages"}[target.dialect]
    url = target.path or target.base.replace("{model}", target.model) + path
    return url + (f"?{target.query}" if target.query else "")


@pytest.mark.parametrize(
    ("name", "dialect", "url", "header"),
    [
        ("OpenAI", CHAT, "https://api.openai.com/v1/chat/completions", ("authorization", f"Bearer {KEY}")),
        (
            "Azure OpenAI",
            CHAT,
            "https://your-resource.openai.azure.com/openai/deployments/gpt-4-deployment/chat/completions?api-version=2024-10-21",
            ("api-key", KEY),
        ),
        ("Anthropic", ANTHROPIC, "https://api.anthropic.com/v1/messages", ("x-api-key", KEY)),
        (
            "Google Gemini",
            CHAT,
            "https://generativelanguage.googleapis.com/v1beta/openai/chat/completions",
            ("authorization", f"Bearer {KEY}"),
        ),
        ("Mistral AI", CHAT, "https://api.mistral.ai/v1/chat/completions", ("authorization", f"Bearer {KEY}")),
        ("Perplexity", CHAT, "https://api.perplexity.ai/chat/completions", ("authorization", f"Bearer {KEY}")),
        ("Local Ollama", CHAT, "http://localhost:11434/v1/chat/completions", ("authorization", f"Bearer {KEY}")),
        ("Custom AI Service", CHAT, "https://your-custom-api.com/v1/chat/completions", ("authorization", f"Bearer {KEY}")),
        ("Groq", CHAT, "https://api.groq.com/openai/v1/chat/completions", ("authorization", f"Bearer {KEY}")),
        ("OpenRouter", CHAT, "https://openrouter.ai/api/v1/chat/completions", ("authorization", f"Bearer {KEY}")),
    ],
)
def test_the_ten_examples_reach_the_right_url_with_the_right_key(
    name: str, dialect: str, url: str, header: tuple[str, str]
) -> None:
    record = example(name)
    target = targets.target_for(record, record.big_model, CHAT, BUILT)
    assert target is not None
    assert target.dialect == dialect
    assert asked(target) == url
    assert auth.credentials(target) == (header,)


def test_the_examples_extra_headers_are_sent() -> None:
    for record in examples():
        target = targets.target_for(record, record.big_model, CHAT, BUILT)
        assert target is not None
        sent = dict(headers.outgoing((), target, (), same_dialect=False))
        assert sent == {name.lower(): value for name, value in record.headers}


def test_only_local_examples_may_be_reached_on_private_addresses() -> None:
    assert [record.name for record in examples() if targets.allows_private(record)] == ["Local Ollama"]


@pytest.mark.parametrize(
    ("type_", "base", "dialects", "url"),
    [
        ("openai", "http://127.0.0.1:9/v1", {CHAT: ""}, "http://127.0.0.1:9/v1/chat/completions"),
        ("anthropic", "http://127.0.0.1:9", {ANTHROPIC: ""}, "http://127.0.0.1:9/v1/messages"),
        ("openai", "http://127.0.0.1:9/v1", {ANTHROPIC: ""}, "http://127.0.0.1:9/v1/messages"),
        ("custom", "https://h/v1", {ANTHROPIC: "/anthropic/v1/messages"}, "https://h/anthropic/v1/messages"),
        ("custom", "https://h/v1", {CHAT: "https://other/x/chat"}, "https://other/x/chat"),
    ],
)
def test_a_records_dialects_beat_type_and_url(type_: str, base: str, dialects: dict[str, str], url: str) -> None:
    record = provider("P", type_, base_url=base, dialects=dialects)
    assert asked(targets.target_for(record, "m", CHAT, BUILT)) == url


def test_a_client_gets_its_own_dialect_where_the_provider_speaks_it() -> None:
    record = example("OpenRouter")
    for dialect in BUILT:
        target = targets.target_for(record, "m", dialect, BUILT)
        assert target is not None
        assert target.dialect == dialect


def test_unbuilt_dialects_are_passed_over() -> None:
    record = provider("P", "custom", dialects={"watsonx": "", "converse": ""})
    assert targets.target_for(record, "m", CHAT, BUILT) is None
    target = targets.target_for(provider("O", "openai", base_url="https://api.openai.com/v1"), "gpt-4o", ANTHROPIC, BUILT)
    assert target is not None
    assert target.dialect == CHAT


def test_native_gemini_is_asked_in_its_own_dialect_once_that_is_built() -> None:
    record = provider("G", "google", base_url="https://generativelanguage.googleapis.com/v1beta")
    today = targets.target_for(record, "gemini-1.5-flash", CHAT, BUILT)
    assert asked(today) == "https://generativelanguage.googleapis.com/v1beta/openai/chat/completions"
    later = targets.target_for(record, "gemini-1.5-flash", CHAT, (*BUILT, "gemini"))
    assert later is not None
    assert later.dialect == "gemini"
    assert auth.credentials(later) == (("x-goog-api-key", KEY),)


@pytest.mark.parametrize(
    ("type_", "base", "url"),
    [
        ("ollama", "http://localhost:11434", "http://localhost:11434/api/chat"),
        ("ollama", "http://localhost:11434/v1", "http://localhost:11434/api/chat"),
        ("ollama-cloud", "https://ollama.com", "https://ollama.com/api/chat"),
        ("cohere", "https://api.cohere.ai/compatibility/v1", "https://api.cohere.ai/v2/chat"),
    ],
)
def test_who_does_not_speak_chat_gets_the_vendors_own_api(type_: str, base: str, url: str) -> None:
    """It says more than the compatible one; who speaks Chat keeps bytes."""
    record, built = provider("P", type_, base_url=base), (*BUILT, "ollama", "cohere")
    chat, gemini = (targets.target_for(record, "m", dialect, built) for dialect in (CHAT, "gemini"))
    assert chat is not None
    assert chat.dialect == CHAT
    assert gemini is not None
    assert DIALECTS[gemini.dialect].endpoint(gemini, "chat", stream=False) == url
    assert auth.credentials(gemini) == (("authorization", f"Bearer {KEY}"),)


def test_a_record_may_ask_for_the_vendors_own_api_alone() -> None:
    record = provider("P", "ollama", base_url="http://localhost:11434", dialects={"ollama": ""})
    target = targets.target_for(record, "m", CHAT, (*BUILT, "ollama"))
    assert target is not None
    assert target.dialect == "ollama"


@pytest.mark.parametrize(
    ("model", "client", "expected"),
    [
        ("gpt-4o", CHAT, CHAT),
        ("gpt-4o", RESPONSES, RESPONSES),
        ("gpt-4o", ANTHROPIC, RESPONSES),
        ("gpt-5.4", CHAT, CHAT),
        ("gpt-5.6", CHAT, RESPONSES),
        ("gpt-6-astra", CHAT, RESPONSES),
        ("gpt-5.6-sol", ANTHROPIC, RESPONSES),
        ("gpt-5.1-codex-max", CHAT, RESPONSES),
    ],
)
@pytest.mark.parametrize(
    ("preset", "base"), [("openai", "https://api.openai.com/v1"), ("azure", "https://r.openai.azure.com/openai/v1")]
)
def test_openais_reasoning_models_are_asked_in_responses(preset: str, base: str, model: str, client: str, expected: str) -> None:
    """Chat refuses tools while they reason."""
    target = targets.target_for(provider("O", preset, base_url=base), model, client, (CHAT, ANTHROPIC, RESPONSES))
    assert target is not None
    assert target.dialect == expected


def test_where_responses_are_not_built_chat_serves() -> None:
    record = provider("O", "openai", base_url="https://api.openai.com/v1")
    target = targets.target_for(record, "gpt-5.6-sol", CHAT, BUILT)
    assert target is not None
    assert target.dialect == CHAT


@pytest.mark.parametrize(
    ("preset", "base", "expected"),
    [
        ("xai", "https://api.x.ai/v1", RESPONSES),
        ("perplexity", "https://api.perplexity.ai/v1", RESPONSES),
        ("deepseek", "https://api.deepseek.com", CHAT),
        ("groq", "https://api.groq.com/openai/v1", CHAT),
        ("custom", "https://x.example/v1", CHAT),
    ],
)
def test_what_a_foreign_client_is_served_in(preset: str, base: str, expected: str) -> None:
    target = targets.target_for(provider("P", preset, base_url=base), "m", "gemini", (CHAT, ANTHROPIC, RESPONSES))
    assert target is not None
    assert target.dialect == expected


def test_no_key_no_header() -> None:
    target = targets.target_for(provider("O", "ollama", api_key=Secret("")), "llama3", CHAT, BUILT)
    assert target is not None
    assert auth.credentials(target) == ()


def test_a_records_own_credential_header_beats_its_key() -> None:
    target = targets.target_for(provider(headers=(("Authorization", "Token x"),)), "m", CHAT, BUILT)
    assert target is not None
    assert auth.credentials(target) == ()
    assert headers.outgoing((), target, (), same_dialect=False) == (("authorization", "Token x"),)


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"base_url": "ftp://h/v1"}, "http"),
        ({"base_url": "https://user:pw@h/v1"}, "api_key"),
        ({"overrides": {"no_such": 1}}, "no_such"),
        ({"overrides": {"stream_usage": "maybe"}}, "stream_usage"),
        ({"dialects": {"openai-chat": "v1/chat"}}, "dialects.openai-chat"),
    ],
)
def test_a_record_that_cannot_be_used_is_told_in_one_line(more: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigError, match=told) as caught:
        targets.check(provider(**more))
    assert "\n" not in str(caught.value)
