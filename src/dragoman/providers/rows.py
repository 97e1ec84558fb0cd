"""Quirk rows of providers and models: what deviates from the dialect's own vendor. Rule: every row has a date and a source, and
a provider or model that no row knows has no quirk at all.

Rows of models are tried in order, the first that matches counts, so longer names stand first.
"""

from collections.abc import Mapping

from msgspec import Struct

from dragoman.providers.claude import CLAUDE_ROWS
from dragoman.providers.gemini_models import GEMINI_ROWS
from dragoman.providers.model_row import Members, ModelRow
from dragoman.providers.openai_models import OPENAI_ROWS

CHAT, ANTHROPIC = "openai-chat", "anthropic"


class ProviderRow(Struct, frozen=True):
    members: Members
    source: str


_SPEC = "the vendor's API reference and SDK, 2026-11-20"
_ONLY_MAX_TOKENS = {"max_completion_tokens": "max_tokens"}
_OPEN_SERVER: Members = {"top_k": True, "system_role": "system", "custom_tools": False}

_NEW_TO_MISTRAL = (
    "store", "user", "logit_bias", "logprobs", "top_logprobs", "service_tier", "stream_options", "modalities",
    "audio", "verbosity", "web_search_options", "safety_identifier", "prompt_cache_key",
    "prompt_cache_options", "prompt_cache_retention", "functions", "function_call", "moderation",
    "reasoning_content", "thinking",
)  # fmt: skip
"""OpenAI members that Mistral's strict schema answers with 422 extra_forbidden."""

PROVIDER_ROWS: Mapping[tuple[str, str], ProviderRow] = {
    ("groq", CHAT): ProviderRow(
        {
            "drop": ("logprobs", "logit_bias", "top_logprobs"),
            "reasoning_back": "reasoning",
            "efforts": (),
            "custom_tools": False,
        },
        _SPEC + "; groq SDK 1.7.0",
    ),
    ("mistral", CHAT): ProviderRow(
        {
            "rename": {**_ONLY_MAX_TOKENS, "seed": "random_seed"},
            "drop": _NEW_TO_MISTRAL,
            "stream_usage": False,
            "system_role": "system",
            "tool_id": "alnum9",
            "custom_tools": False,
            "efforts": ("none", "high"),
        },
        _SPEC + "; mistralai SDK 3.7.0; efforts: models.dev pull 1986, 2026-06-03",
    ),
    ("deepseek", CHAT): ProviderRow(
        {
            "rename": _ONLY_MAX_TOKENS,
            "json_schema": False,
            "system_role": "system",
            "reasoning_back": "reasoning_content",
            "reasoning_required": True,
            "thinking_default": True,
            "efforts": ("none", "low", "high", "max"),
            "effort_form": "thinking",
            "forced_tools": False,
            "custom_tools": False,
        },
        _SPEC,
    ),
    ("deepseek", ANTHROPIC): ProviderRow({"count_tokens": False, "mid_system": False}, _SPEC),
    ("xai", CHAT): ProviderRow({"efforts": (), "reasoning_back": "reasoning_content", "custom_tools": False}, _SPEC),
    ("moonshot", CHAT): ProviderRow(
        {
            "temperature_max": 1.0,
            "system_role": "system",
            "forced_tools": False,
            "tool_strict": False,
            "custom_tools": False,
            "reasoning_back": "reasoning_content",
            "reasoning_required": True,
        },
        _SPEC,
    ),
    ("moonshot", ANTHROPIC): ProviderRow({"count_tokens": False, "mid_system": False}, _SPEC),
    ("zai", CHAT): ProviderRow(
        {
            "system_role": "system",
            "effort_form": "thinking",
            "reasoning_back": "reasoning_content",
            "thinking_default": True,
            "custom_tools": False,
        },
        _SPEC,
    ),
    ("zai", ANTHROPIC): ProviderRow({"count_tokens": False, "mid_system": False}, _SPEC),
    ("qwen", CHAT): ProviderRow(
        {"system_role": "system", "effort_form": "enable_thinking", "reasoning_back": "reasoning_content", "custom_tools": False},
        _SPEC,
    ),
    ("qwen", ANTHROPIC): ProviderRow({"count_tokens": False, "mid_system": False}, _SPEC),
    ("minimax", CHAT): ProviderRow({"system_role": "system", "custom_tools": False, "efforts": ()}, _SPEC),
    ("minimax", ANTHROPIC): ProviderRow({"count_tokens": False, "mid_system": False}, _SPEC),
    ("cerebras", CHAT): ProviderRow(
        {"reasoning_back": "reasoning", "efforts": ("none", "low", "medium", "high"), "custom_tools": False}, _SPEC
    ),
    ("together", CHAT): ProviderRow(
        {"top_k": True, "system_role": "system", "reasoning_back": "reasoning", "custom_tools": False}, _SPEC
    ),
    ("fireworks", CHAT): ProviderRow({"top_k": True, "system_role": "system", "custom_tools": False}, _SPEC),
    ("openrouter", CHAT): ProviderRow(
        {"top_k": True, "effort_form": "reasoning", "reasoning_back": "reasoning", "cache_marks": "cache_control"},
        _SPEC,
    ),
    ("google", CHAT): ProviderRow(
        {"drop": ("frequency_penalty", "presence_penalty", "logit_bias"), "system_role": "system", "custom_tools": False},
        "page-assist issue 418, 2025-02-18; RPGBox issue 2, 2026-08-29: unknown names are 400",
    ),
    ("huggingface", CHAT): ProviderRow({"system_role": "system", "custom_tools": False}, _SPEC),
    ("ollama", CHAT): ProviderRow(
        {
            "rename": _ONLY_MAX_TOKENS,
            "system_role": "system",
            "tool_strict": False,
            "custom_tools": False,
            "reasoning_back": "reasoning",
            "efforts": ("none", "low", "medium", "high"),
        },
        _SPEC,
    ),
    ("ollama", ANTHROPIC): ProviderRow({"count_tokens": False, "mid_system": False}, _SPEC),
    ("ollama-cloud", CHAT): ProviderRow(
        {
            "rename": _ONLY_MAX_TOKENS,
            "system_role": "system",
            "tool_strict": False,
            "custom_tools": False,
            "reasoning_back": "reasoning",
            "efforts": ("none", "low", "medium", "high"),
            "json_schema": False,
        },
        _SPEC,
    ),
    ("vllm", CHAT): ProviderRow({**_OPEN_SERVER, "reasoning_back": "reasoning"}, _SPEC),
    ("llama-cpp", CHAT): ProviderRow({**_OPEN_SERVER, "reasoning_back": "reasoning_content"}, _SPEC),
    ("llama-cpp", ANTHROPIC): ProviderRow({"count_tokens": True, "mid_system": False}, _SPEC),
    ("lm-studio", CHAT): ProviderRow(_OPEN_SERVER, _SPEC),
    ("lm-studio", ANTHROPIC): ProviderRow({"count_tokens": False, "mid_system": False}, _SPEC),
    ("openrouter", ANTHROPIC): ProviderRow({"count_tokens": False}, _SPEC),
    ("fireworks", ANTHROPIC): ProviderRow({"count_tokens": False, "mid_system": False}, _SPEC),
}

_MOONSHOT, _ZAI, _GROQ, _XAI = ("moonshot",), ("zai",), ("groq",), ("xai",)
_EFFORT = "the vendor's page on reasoning, 2026-11-20"
_GROK_REASONS: Members = {"stop_max": 0, "drop": ("presence_penalty", "frequency_penalty"), "thinking_default": True}

_OTHER_ROWS = (
    ModelRow(r"^(?:openai/)?gpt-oss", CHAT, {"efforts": ("low", "medium", "high"), "thinking_default": True}, _EFFORT, _GROQ),
    ModelRow(r"^grok-3-mini", CHAT, {**_GROK_REASONS, "efforts": ("none", "low", "high")}, _EFFORT, _XAI),
    ModelRow(r"^grok-4[.-]3", CHAT, {**_GROK_REASONS, "efforts": ("none", "low", "medium", "high")}, _EFFORT, _XAI),
    ModelRow(r"^grok-4[.-][56](?!\d)", CHAT, {**_GROK_REASONS, "efforts": ("low", "medium", "high")}, _EFFORT, _XAI),
    ModelRow(r"^grok-4[.-]7", CHAT, {**_GROK_REASONS, "efforts": ("low", "medium", "high", "xhigh")}, _EFFORT, _XAI),
    ModelRow(r"^grok-(?:[4-9]|code)", CHAT, _GROK_REASONS, _EFFORT, _XAI),
    ModelRow(
        r"^kimi-k3",
        CHAT,
        {"effort_form": "reasoning_effort", "efforts": ("low", "high", "max"), "sampling": "none"},
        _EFFORT,
        _MOONSHOT,
    ),
    ModelRow(r"^kimi-k2[.-]", CHAT, {"effort_form": "thinking", "efforts": (), "sampling": "none"}, _EFFORT, _MOONSHOT),
    ModelRow(r"^glm-5[.-]3", CHAT, {"efforts": ("low", "high", "max")}, _EFFORT, _ZAI),
)

MODEL_ROWS: tuple[ModelRow, ...] = (*OPENAI_ROWS, *CLAUDE_ROWS, *GEMINI_ROWS, *_OTHER_ROWS)
