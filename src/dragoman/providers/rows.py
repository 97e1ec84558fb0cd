"""Quirk rows of providers and models: what deviates from the dialect's own vendor. Rule: every row has a date and a source, and
a provider or model that no row knows has no quirk at all.

Rows of models are tried in order, the first that matches counts, so longer names stand first.
"""

from collections.abc import Mapping

from dragoman.providers.claude import CLAUDE_ROWS
from dragoman.providers.cloud_rows import CLOUD_MODELS, CLOUD_ROWS
from dragoman.providers.gemini_models import GEMINI_ROWS
from dragoman.providers.model_row import Members, ModelRow, ProviderRow
from dragoman.providers.openai_models import OPENAI_ROWS

CHAT, RESPONSES, ANTHROPIC, OLLAMA, COHERE = "openai-chat", "openai-responses", "anthropic", "ollama", "cohere"


_SPEC = "the vendor's API reference and SDK, 2026-11-20"
_ONLY_MAX_TOKENS = {"max_completion_tokens": "max_tokens"}
_COMPATIBLE: Members = {"count_tokens": False, "mid_system": False}
"""An Anthropic endpoint of another vendor."""
_OPEN_SERVER: Members = {"top_k": True, "system_role": "system", "custom_tools": False}
_FUNCTIONS: Members = {"custom_tools": False, "count_tokens": False}
"""Servers whose Responses know functions and their own hosted tools, and cannot count."""
_OPEN_RESPONSES: Members = {**_FUNCTIONS, "system_role": "system", "reasoning_back": "reasoning"}
"""Open models, whose thinking is plain text that goes back as it came."""

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
    ("deepseek", ANTHROPIC): ProviderRow(
        {
            **_COMPATIBLE,
            "drop": ("container", "mcp_servers"),
            "ignores": ("document", "search_result", "redacted_thinking"),
        },
        _SPEC + "; its table of compatibility: these are ignored or not supported",
    ),
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
    ("moonshot", ANTHROPIC): ProviderRow(_COMPATIBLE, _SPEC + "; it documents no limits of this endpoint"),
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
    ("zai", ANTHROPIC): ProviderRow(_COMPATIBLE, _SPEC),
    ("qwen", CHAT): ProviderRow(
        {"system_role": "system", "effort_form": "enable_thinking", "reasoning_back": "reasoning_content", "custom_tools": False},
        _SPEC,
    ),
    ("qwen", ANTHROPIC): ProviderRow({**_COMPATIBLE, "ignores": ("document",)}, _SPEC),
    ("minimax", CHAT): ProviderRow({"system_role": "system", "custom_tools": False, "efforts": ()}, _SPEC),
    ("minimax", ANTHROPIC): ProviderRow(
        {
            **_COMPATIBLE,
            "drop": ("top_k", "stop_sequences", "service_tier", "mcp_servers", "context_management", "container"),
            "ignores": ("document",),
        },
        _SPEC + "; what it lists as ignored; it advises this endpoint, which keeps thinking apart from text",
    ),
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
    ("ollama", ANTHROPIC): ProviderRow(
        {**_COMPATIBLE, "drop": ("tool_choice", "metadata"), "ignores": ("document",)},
        _SPEC + "; what its page on Anthropic compatibility lists as not supported",
    ),
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
    ("ollama-cloud", OLLAMA): ProviderRow(
        {"json_schema": False, "json_mode": False}, "Ollama's page on structured outputs: not in its cloud, 2026-08-21"
    ),
    ("cohere", CHAT): ProviderRow(
        {
            "rename": _ONLY_MAX_TOKENS,
            "drop": ("store", "metadata", "logit_bias", "top_logprobs", "modalities", "prediction", "audio", "service_tier"),
            "parallel_flag": False,
            "system_role": "system",
            "custom_tools": False,
            "efforts": ("none", "high"),
        },
        "Cohere's page on its compatibility API, 2026-08-20",
    ),
    ("vllm", CHAT): ProviderRow({**_OPEN_SERVER, "reasoning_back": "reasoning"}, _SPEC),
    ("llama-cpp", CHAT): ProviderRow({**_OPEN_SERVER, "reasoning_back": "reasoning_content"}, _SPEC),
    ("llama-cpp", ANTHROPIC): ProviderRow({"count_tokens": True, "mid_system": False}, _SPEC),
    ("lm-studio", CHAT): ProviderRow(_OPEN_SERVER, _SPEC),
    ("lm-studio", ANTHROPIC): ProviderRow(_COMPATIBLE, _SPEC),
    ("vllm", ANTHROPIC): ProviderRow(
        {"mid_system": False, "ignores": ("document", "search_result")},
        _SPEC + "; the content types of vllm.entrypoints.anthropic.protocol",
    ),
    ("xai", RESPONSES): ProviderRow({**_FUNCTIONS, "efforts": ()}, _SPEC + "; langchain-xai and pydantic-ai 2.68.0"),
    ("groq", RESPONSES): ProviderRow(
        {**_FUNCTIONS, "efforts": (), "drop": ("include", "truncation", "safety_identifier", "prompt_cache_key")},
        _SPEC + "; its page on Responses lists what it refuses",
    ),
    ("deepseek", RESPONSES): ProviderRow(
        {
            **_OPEN_RESPONSES,
            "efforts": ("none", "low", "high", "max"),
            "thinking_default": True,
            "forced_tools": False,
        },
        _SPEC,
    ),
    ("openrouter", RESPONSES): ProviderRow({"count_tokens": False, "top_k": True}, _SPEC + "; beta, keeps nothing"),
    ("perplexity", RESPONSES): ProviderRow(_FUNCTIONS, _SPEC + "; its Agent API"),
    ("moonshot", RESPONSES): ProviderRow(
        {**_OPEN_RESPONSES, "temperature_max": 1.0, "forced_tools": False, "tool_strict": False}, _SPEC
    ),
    ("zai", RESPONSES): ProviderRow({**_OPEN_RESPONSES, "thinking_default": True}, _SPEC),
    ("minimax", RESPONSES): ProviderRow({**_OPEN_RESPONSES, "efforts": ()}, _SPEC),
    ("ollama", RESPONSES): ProviderRow(
        {**_OPEN_RESPONSES, "tool_strict": False, "efforts": ("none", "low", "medium", "high")}, _SPEC + "; keeps nothing"
    ),
    ("vllm", RESPONSES): ProviderRow({**_OPEN_RESPONSES, "top_k": True}, _SPEC),
    ("llama-cpp", RESPONSES): ProviderRow({**_OPEN_RESPONSES, "top_k": True}, _SPEC),
    ("lm-studio", RESPONSES): ProviderRow(_OPEN_RESPONSES, _SPEC),
    ("openrouter", ANTHROPIC): ProviderRow({"count_tokens": False}, _SPEC),
    ("fireworks", ANTHROPIC): ProviderRow(_COMPATIBLE, _SPEC),
    **CLOUD_ROWS,
}

_MOONSHOT, _ZAI, _GROQ, _XAI, _COHERE = ("moonshot",), ("zai",), ("groq",), ("xai",), ("cohere",)
_EFFORT = "the vendor's page on reasoning, 2026-11-20"
_COMMAND = "Cohere's pages on its models, on reasoning and on tool_choice, 2026-08-20"
_GROK_REASONS: Members = {"stop_max": 0, "drop": ("presence_penalty", "frequency_penalty"), "thinking_default": True}

_GROK_EFFORTS: Mapping[str, tuple[str, ...]] = {
    r"^grok-3-mini": ("none", "low", "high"),
    r"^grok-4[.-]3": ("none", "low", "medium", "high"),
    r"^grok-4[.-][56](?!\d)": ("low", "medium", "high"),
    r"^grok-4[.-]7": ("low", "medium", "high", "xhigh"),
}
_GPT_OSS: Members = {"efforts": ("low", "medium", "high"), "thinking_default": True}
_KIMI_K3: Members = {"efforts": ("low", "high", "max"), "sampling": "none"}
_KIMI_K2: Members = {"efforts": (), "sampling": "none"}
_GLM_53: Members = {"efforts": ("low", "high", "max")}
_THINKS: Members = {"thinking_default": True}

_OTHER_ROWS = (
    ModelRow(r"^(?:openai/)?gpt-oss", CHAT, _GPT_OSS, _EFFORT, _GROQ),
    *(ModelRow(name, CHAT, {**_GROK_REASONS, "efforts": taken}, _EFFORT, _XAI) for name, taken in _GROK_EFFORTS.items()),
    ModelRow(r"^grok-(?:[4-9]|code)", CHAT, _GROK_REASONS, _EFFORT, _XAI),
    ModelRow(r"^minimax-m2", ANTHROPIC, {"ignores": ("image", "document")}, _SPEC, ("minimax",)),
    # those that do not think: all but command-a-reasoning and command-a-plus; the oldest take no tool_choice either
    ModelRow(r"^(?:command-r7b|command-a-(?:0|vision|translate))", COHERE, {"efforts": ()}, _COMMAND, _COHERE),
    ModelRow(r"^(?:command(?:$|-r|-light|-nightly)|c4ai-)", COHERE, {"efforts": (), "forced_tools": False}, _COMMAND, _COHERE),
    ModelRow(r"^kimi-k3", CHAT, {**_KIMI_K3, "effort_form": "reasoning_effort"}, _EFFORT, _MOONSHOT),
    ModelRow(r"^kimi-k2[.-]", CHAT, {**_KIMI_K2, "effort_form": "thinking"}, _EFFORT, _MOONSHOT),
    ModelRow(r"^glm-5[.-]3", CHAT, _GLM_53, _EFFORT, _ZAI),
)

_RESPONSES_ROWS = (
    ModelRow(r"^(?:openai/)?gpt-oss", RESPONSES, {**_GPT_OSS, "reasoning_back": "reasoning"}, _EFFORT, _GROQ),
    *(ModelRow(name, RESPONSES, {**_THINKS, "efforts": taken}, _EFFORT, _XAI) for name, taken in _GROK_EFFORTS.items()),
    ModelRow(r"^grok-(?:[4-9]|code)", RESPONSES, _THINKS, _EFFORT, _XAI),
    ModelRow(r"^kimi-k3", RESPONSES, {**_KIMI_K3, **_THINKS}, _EFFORT, _MOONSHOT),
    ModelRow(r"^kimi-k2[.-]", RESPONSES, {**_KIMI_K2, **_THINKS}, _EFFORT, _MOONSHOT),
    ModelRow(r"^glm-5[.-]3", RESPONSES, {**_GLM_53, **_THINKS}, _EFFORT, _ZAI),
    ModelRow(
        r"deepseek", RESPONSES, {"efforts": (), "custom_tools": False}, "Azure's reference, 2026-11-20: no effort", ("azure",)
    ),
)

MODEL_ROWS: tuple[ModelRow, ...] = (*OPENAI_ROWS, *CLAUDE_ROWS, *GEMINI_ROWS, *_OTHER_ROWS, *_RESPONSES_ROWS, *CLOUD_MODELS)
