import json
import re
from typing import Any

import pytest
from msgspec.structs import replace

from dragoman.core.errors import ConfigError
from dragoman.core.quirks import Quirks
from dragoman.dialects.registry import DIALECTS
from dragoman.providers import quirks
from dragoman.providers.presets import PRESETS
from dragoman.providers.rows import MODEL_ROWS, PROVIDER_ROWS
from support.fixtures import Ask
from support.speech import parse, target

CHAT, ANTHROPIC, RESPONSES = "openai-chat", "anthropic", "openai-responses"
NONE = Quirks()


def test_every_row_is_sound() -> None:
    for (preset, _), row in PROVIDER_ROWS.items():
        assert preset in PRESETS
        assert re.search(r"20\d\d-\d\d-\d\d", row.source)
        quirks.check(row.members)
    for model_row in MODEL_ROWS:
        assert set(model_row.presets) <= set(PRESETS)
        assert re.search(r"20\d\d-\d\d-\d\d", model_row.source)
        quirks.check(model_row.members)


@pytest.mark.parametrize("preset", ["openai", "anthropic", "custom", "sandbox", "azure-serverless"])
@pytest.mark.parametrize("dialect", [CHAT, ANTHROPIC])
@pytest.mark.parametrize("model", ["sink-1", "replay-openai-7121928732--3", "my-model", "llama3:70b", "gpt-4-deployment", ""])
def test_a_model_that_no_row_knows_has_no_quirk(preset: str, dialect: str, model: str) -> None:
    assert quirks.quirks_for(preset, dialect, model) == NONE


@pytest.mark.parametrize(
    ("model", "most", "key"),
    [
        ("gpt-4o", 16384, True),
        ("gpt-4o-mini-2024-07-18", 16384, True),
        ("gpt-4.1-nano", 32768, True),
        ("gpt-3.5-turbo-0125", 4096, False),
        ("gpt-4-turbo", 4096, False),
        ("gpt-4-1106-preview", 4096, False),
        ("gpt-4", 8192, False),
        ("gpt-4-0613", 8192, False),
    ],
)
def test_older_openai_models_write_less_and_know_no_effort(model: str, most: int, key: bool) -> None:
    found = quirks.quirks_for("openai", CHAT, model)
    assert (found.efforts, found.max_output_tokens, found.cache_key) == ((), most, key)
    assert (found.rename, found.stop_max, found.reasoning_model) == ({}, None, False)


@pytest.mark.parametrize("model", ["gpt-35-turbo-deployment", "gpt-4o-audio-preview", "gpt-4-32k"])
def test_other_openai_models_keep_what_they_are_sent(model: str) -> None:
    assert quirks.quirks_for("openai", CHAT, model) == NONE


@pytest.mark.parametrize("preset", ["openai", "azure"])
@pytest.mark.parametrize(
    "model",
    ["o1", "o3", "o3-mini", "o4-mini-2025-04-16", "gpt-5", "gpt-5-mini", "gpt-5.1", "gpt-5.6-sol", "gpt-6-astra", "gpt-7"],
)
def test_openai_reasoning_models(preset: str, model: str) -> None:
    found = quirks.quirks_for(preset, CHAT, model)
    assert found.rename == {"max_tokens": "max_completion_tokens"}
    assert found.system_role == "developer"
    assert found.stop_max == 0
    assert found.reasoning_model
    assert found.efforts is not None
    assert "max" not in found.efforts


@pytest.mark.parametrize("preset", ["custom", "openrouter", "groq", "ollama"])
def test_openai_rows_stay_with_openai(preset: str) -> None:
    assert quirks.quirks_for(preset, CHAT, "gpt-5.6") == quirks.quirks_for(preset, CHAT, "some-model")


@pytest.mark.parametrize(
    ("model", "efforts", "tools", "default"),
    [
        ("o3", ("low", "medium", "high"), True, True),
        ("gpt-5", ("minimal", "low", "medium", "high"), True, True),
        ("gpt-5-2025-08-07", ("minimal", "low", "medium", "high"), True, True),
        ("gpt-5.1", ("none", "low", "medium", "high"), True, False),
        ("gpt-5.2", ("none", "low", "medium", "high", "xhigh"), True, False),
        ("gpt-5.4-mini", ("none", "low", "medium", "high", "xhigh"), False, False),
        ("gpt-5.6", ("none", "low", "medium", "high", "xhigh"), False, True),
        ("gpt-5.6-terra", ("none", "low", "medium", "high", "xhigh"), False, True),
        ("gpt-6-astra", ("low", "medium", "high", "xhigh"), False, True),
        ("gpt-6.1-sol", ("low", "medium", "high", "xhigh"), False, True),
        ("gpt-6-sol", ("none", "low", "medium", "high", "xhigh"), False, True),
    ],
)
def test_effort_and_tools_by_generation(model: str, efforts: tuple[str, ...], tools: bool, default: bool) -> None:
    found = quirks.quirks_for("openai", CHAT, model)
    assert (found.efforts, found.tools_with_reasoning, found.thinking_default) == (efforts, tools, default)


def test_which_openai_models_are_better_asked_elsewhere() -> None:
    avoided = ["gpt-5.6", "gpt-6-sol", "gpt-5-pro", "gpt-5.1-codex-max", "o3-pro"]
    kept = ["gpt-5", "gpt-5.4", "o3", "gpt-4o", "unheard-of"]
    assert [model for model in (*avoided, *kept) if quirks.avoids("openai", CHAT, model)] == avoided


TO_MAX = ("low", "medium", "high", "xhigh", "max")


@pytest.mark.parametrize(
    ("model", "efforts", "default", "phase", "marks"),
    [
        ("gpt-4.1", (), False, False, None),
        ("gpt-5-chat-latest", (), False, False, None),
        ("o3", ("low", "medium", "high"), True, False, None),
        ("o3-pro", ("medium", "high"), True, False, None),
        ("gpt-5-mini", ("minimal", "low", "medium", "high"), True, False, None),
        ("gpt-5-pro", ("high",), True, False, None),
        ("gpt-5.1", ("none", "low", "medium", "high"), False, False, None),
        ("gpt-5.1-codex-max", ("low", "medium", "high", "xhigh"), True, False, None),
        ("gpt-5.2", ("none", "low", "medium", "high", "xhigh"), False, False, None),
        ("gpt-5.3-codex", ("low", "medium", "high", "xhigh"), True, True, None),
        ("gpt-5.4", ("none", "low", "medium", "high", "xhigh"), False, True, None),
        ("gpt-5.6", ("none", *TO_MAX), True, True, "prompt_cache_breakpoint"),
        ("gpt-6-astra", TO_MAX, True, True, "prompt_cache_breakpoint"),
        ("gpt-7", ("none", *TO_MAX), True, True, "prompt_cache_breakpoint"),
    ],
)
def test_openais_models_in_responses(model: str, efforts: tuple[str, ...], default: bool, phase: bool, marks: str | None) -> None:
    found = quirks.quirks_for("openai", RESPONSES, model)
    assert (found.efforts, found.thinking_default, found.phase, found.cache_marks) == (efforts, default, phase, marks)
    assert (found.count_tokens, found.custom_tools, found.min_output_tokens) == (None, True, None if efforts == () else 16)
    assert quirks.quirks_for("azure", RESPONSES, model) == replace(found, cache_long=False)


@pytest.mark.parametrize(
    ("preset", "model", "expected"),
    [
        ("xai", "grok-4.7", {"efforts": ("low", "medium", "high", "xhigh"), "thinking_default": True, "custom_tools": False}),
        ("xai", "grok-4", {"efforts": (), "thinking_default": True, "count_tokens": False}),
        ("groq", "openai/gpt-oss-120b", {"efforts": ("low", "medium", "high"), "reasoning_back": "reasoning"}),
        ("groq", "llama-3.3-70b", {"efforts": (), "thinking_default": False}),
        ("deepseek", "deepseek-v4-pro", {"forced_tools": False, "reasoning_back": "reasoning", "json_schema": True}),
        ("azure", "deepseek-v4", {"efforts": (), "custom_tools": False}),
        ("openrouter", "x/y", {"count_tokens": False, "custom_tools": True}),
        ("lm-studio", "m", {"custom_tools": False, "count_tokens": False, "system_role": "system"}),
        ("perplexity", "sonar", {"custom_tools": False, "count_tokens": False}),
        ("custom", "m", {"custom_tools": True, "count_tokens": None}),
    ],
)
def test_vendors_of_responses(preset: str, model: str, expected: dict[str, object]) -> None:
    found = quirks.quirks_for(preset, RESPONSES, model)
    assert {name: getattr(found, name) for name in expected} == expected


BOTH, NO_SAMPLING = frozenset({"on", "off"}), "none"
ADAPTIVE = frozenset({"adaptive"})
CLAUDE = [
    # model, sampling, thinking, on by default, highest effort, forced tools, prefill, system in the middle
    ("claude-3-haiku-20240307", "any", frozenset(), False, None, True, True, False),
    ("claude-3-5-sonnet-20241022", "any", frozenset(), False, None, True, True, False),
    ("claude-3-7-sonnet-20250219", "any", BOTH, False, None, True, True, False),
    ("claude-sonnet-4-20250514", "one", BOTH, False, None, True, True, False),
    ("claude-opus-4-1-20250805", "one", BOTH, False, None, True, True, False),
    ("claude-haiku-4-5-20251001", "one", BOTH, False, None, True, True, False),
    ("claude-opus-4-5", "one", BOTH, False, "high", True, True, False),
    ("claude-sonnet-4-6", "one", frozenset({"on", "adaptive", "off"}), False, "max", True, False, False),
    ("claude-opus-4-7", NO_SAMPLING, frozenset({"adaptive", "off"}), False, "max", True, False, False),
    ("claude-opus-4-8", NO_SAMPLING, frozenset({"adaptive", "off"}), False, "max", True, False, True),
    ("claude-sonnet-5", NO_SAMPLING, frozenset({"adaptive", "off"}), True, "max", True, False, False),
    ("claude-opus-5", NO_SAMPLING, frozenset({"adaptive", "off"}), True, "max", True, False, True),
    ("claude-fable-5", NO_SAMPLING, ADAPTIVE, True, "max", True, False, True),
    ("claude-fable-5-2", NO_SAMPLING, ADAPTIVE, True, "max", False, False, True),
    ("claude-mythos-5-1", NO_SAMPLING, ADAPTIVE, True, "max", False, False, True),
    ("claude-opus-5-5", NO_SAMPLING, ADAPTIVE, True, "max", False, False, True),
    ("claude-sonnet-5-5", NO_SAMPLING, frozenset({"adaptive", "between_tools"}), True, "max", False, False, True),
    ("claude-haiku-5-5", NO_SAMPLING, frozenset({"adaptive", "off"}), True, "max", True, False, True),
    ("claude-lyric-6", NO_SAMPLING, ADAPTIVE, True, "max", None, False, True),
]


@pytest.mark.parametrize("written", ["{}", "anthropic/{}", "~anthropic/{}", "us.anthropic.{}-v1:0", "vertex_ai/{}", "{}[1m]"])
@pytest.mark.parametrize("row", CLAUDE, ids=[str(row[0]) for row in CLAUDE])
def test_the_capability_matrix(row: tuple[object, ...], written: str) -> None:
    model, sampling, thinking, default, top, forced, prefill, middle = row
    found = quirks.quirks_for("anthropic", ANTHROPIC, written.format(model))
    assert (found.sampling, found.thinking, found.thinking_default) == (sampling, thinking, default)
    assert (found.efforts[-1] if found.efforts else None) == top
    assert (found.forced_tools, found.prefill, found.mid_system) == (forced, prefill, middle)


@pytest.mark.parametrize(
    ("model", "most"),
    [
        ("claude-3-opus-20240229", 4096),
        ("claude-3-haiku-20240307", 4096),
        ("claude-3-5-sonnet-20241022", 8192),
        ("claude-3-7-sonnet-20250219", 64000),
        ("claude-opus-4-20250514", 32000),
        ("claude-opus-4-1", 32000),
        ("claude-sonnet-4-0", 64000),
        ("claude-opus-4-5", 64000),
        ("claude-sonnet-4-6", 128000),
        ("claude-fable-5-2", 128000),
        ("claude-new", 128000),
    ],
)
def test_a_claude_model_is_not_asked_for_more_than_it_can_write(model: str, most: int) -> None:
    assert quirks.quirks_for("anthropic", ANTHROPIC, model).max_output_tokens == most


def test_dots_and_dashes_name_the_same_version() -> None:
    assert quirks.quirks_for("openrouter", ANTHROPIC, "anthropic/claude-opus-4.8") == quirks.quirks_for(
        "openrouter", ANTHROPIC, "anthropic/claude-opus-4-8"
    )


def test_an_unknown_minor_is_not_taken_for_the_version_before() -> None:
    assert quirks.quirks_for("anthropic", ANTHROPIC, "claude-opus-5-7") == quirks.quirks_for("anthropic", ANTHROPIC, "claude-new")


@pytest.mark.parametrize(
    ("preset", "expected"),
    [
        ("mistral", {"tool_id": "alnum9", "stream_usage": False}),
        ("deepseek", {"json_schema": False, "reasoning_required": True}),
        ("ollama", {"rename": {"max_completion_tokens": "max_tokens"}}),
        ("openrouter", {"top_k": True, "effort_form": "reasoning"}),
        ("moonshot", {"temperature_max": 1.0, "forced_tools": False}),
    ],
)
def test_provider_rows(preset: str, expected: dict[str, object]) -> None:
    found = quirks.quirks_for(preset, CHAT, "some-model")
    assert {name: getattr(found, name) for name in expected} == expected


def test_model_rows_add_to_provider_rows() -> None:
    found = quirks.quirks_for("groq", CHAT, "openai/gpt-oss-120b")
    assert found.efforts == ("low", "medium", "high")
    assert "logit_bias" in found.drop
    assert quirks.quirks_for("groq", CHAT, "llama-3.3-70b-versatile").efforts == ()


@pytest.mark.parametrize(
    ("model", "efforts", "forced"),
    [
        ("command-a-reasoning-08-2025", None, None),
        ("command-a-plus-05-2026", None, None),
        ("command-a-03-2025", (), None),
        ("command-a-vision-07-2025", (), None),
        ("command-r7b-12-2024", (), None),
        ("command-r-plus-08-2024", (), False),
        ("command-r", (), False),
        ("command", (), False),
        ("c4ai-aya-expanse-32b", (), False),
        ("command-b-01-2027", None, None),
    ],
)
def test_which_of_coheres_models_think(model: str, efforts: tuple[str, ...] | None, forced: bool | None) -> None:
    found = quirks.quirks_for("cohere", "cohere", model)
    assert (found.efforts, found.forced_tools) == (efforts, forced)


def test_ollamas_cloud_takes_no_schemas() -> None:
    found = quirks.quirks_for("ollama-cloud", "ollama", "gpt-oss:120b")
    assert (found.json_schema, found.json_mode) == (False, False)
    assert quirks.quirks_for("ollama", "ollama", "gpt-oss:20b") == NONE


@pytest.mark.parametrize("model", ["kimi-k2.6", "kimi-k2-thinking"])
def test_a_model_that_knows_only_on_and_off_is_sent_no_effort(model: str) -> None:
    body = built({"model": "m", "messages": [{"role": "user", "content": "x"}], "reasoning_effort": "low"}, model)
    assert body["thinking"] == {"type": "enabled"}
    assert "reasoning_effort" not in body


def built(asked: dict[str, Any], model: str) -> dict[str, Any]:
    """What Moonshot is sent."""
    dialect = DIALECTS[CHAT]
    request = parse(Ask(CHAT, "", json.dumps(asked).encode()))
    found = quirks.quirks_for("moonshot", CHAT, model)
    body: dict[str, Any] = json.loads(dialect.build_request(request, target(CHAT, model, found, "moonshot"), found).body)
    return body


def test_an_override_replaces_what_the_rows_say() -> None:
    found = quirks.quirks_for("mistral", CHAT, "m", {"drop": ["user"], "rename": {}, "stream_usage": True})
    assert (found.drop, found.rename, found.stream_usage) == (frozenset({"user"}), {}, True)
    assert found.tool_id == "alnum9"


@pytest.mark.parametrize("overrides", [{"nope": 1}, {"sampling": "some"}, {"efforts": "low"}, {"stop_max": "x"}])
def test_a_wrong_override_is_told(overrides: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match=next(iter(overrides))):
        quirks.check(overrides)
