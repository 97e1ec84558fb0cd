import re

import pytest

from dragoman.providers import urls
from dragoman.providers.presets import PRESETS, named, preset_of
from support.routing import examples


@pytest.mark.parametrize(
    ("type_", "name", "url", "expected"),
    [
        ("openai", "x", "https://h/v1", "openai"),
        ("OpenAI", "x", "https://h/v1", "openai"),
        ("azure", "x", "https://h", "azure"),
        ("Azure OpenAI", "x", "https://h", "azure"),
        ("gemini", "x", "https://h", "google"),
        ("google", "x", "https://h", "google"),
        ("GitHub Models", "x", "https://h", "github-models"),
        ("openai", "x", "https://api.mistral.ai/v1", "mistral"),
        ("custom", "Groq mirror", "https://h/v1", "custom"),
        ("custom", "x", "https://api.groq.com/openai/v1", "groq"),
        ("anthropic", "x", "https://api.deepseek.com/anthropic", "anthropic"),
        ("", "My Anthropic", "https://h", "anthropic"),
        ("", "Azure OpenAI east", "https://h", "azure"),
        ("unheard-of", "OpenAI", "https://h", "openai"),
        ("", "x", "https://res.openai.azure.com/openai/v1", "azure"),
        ("", "x", "https://evil-openrouter.ai/api/v1", "custom"),
        ("", "x", "not a url", "custom"),
        ("etc", "Whatever", "https://h/v1", "custom"),
    ],
)
def test_detection_by_type_host_and_name(type_: str, name: str, url: str, expected: str) -> None:
    assert preset_of(type_, name, url).id == expected


def test_the_ten_examples_fall_under_their_rows() -> None:
    found = [preset_of(record.provider_type, record.name, record.base_url).id for record in examples()]
    assert found == [
        "openai",
        "azure",
        "anthropic",
        "google",
        "mistral",
        "perplexity",
        "ollama",
        "custom",
        "groq",
        "openrouter",
    ]


@pytest.mark.parametrize("id_", PRESETS)
def test_a_row_is_sound(id_: str) -> None:
    preset = PRESETS[id_]
    assert preset.source != ""
    assert named(preset.id) is preset
    re.compile(preset.families)
    for form in preset.forms:
        re.compile(form.end)
    if preset.base != "":
        assert preset.main in urls.dialects_at(preset, preset.base) or preset.url_decides
        assert preset.local or preset_of("", "", preset.base) is preset


def test_retired_vendors_are_marked_and_stay_usable() -> None:
    assert {row.id for row in PRESETS.values() if row.retired} == {"github-models", "perplexity"}
    assert urls.address("github-models", "https://models.github.ai/inference", "openai-chat").base == (
        "https://models.github.ai/inference"
    )


@pytest.mark.parametrize(
    ("model", "owner"),
    [
        ("gpt-4o-mini", "openai"),
        ("gpt-3.5-turbo", "openai"),
        ("o3-mini", "openai"),
        ("o1", "openai"),
        ("ft:gpt-4o:x", "openai"),
        ("gpt-oss-120b", None),
        ("claude-3-opus-20240229", "anthropic"),
        ("gemini-1.5-pro-latest", "google"),
        ("mistral-large-latest", "mistral"),
        ("grok-4.5", "xai"),
        ("deepseek-flash", "deepseek"),
        ("llama3", None),
        ("only-test", None),
        ("o3x", None),
        ("my-gpt-4", None),
    ],
)
def test_families(model: str, owner: str | None) -> None:
    assert next((row.id for row in PRESETS.values() if row.owns(model)), None) == owner
