"""What the dialect is called, its limits and words, and what losing its members means. Dated tables, no code.

Source of all rows: OpenAI's API reference and SDK 3.51.0 (2026-11), answers of compatible providers as recorded (2026-11).
"""

from collections.abc import Mapping

from dragoman.core.events import Reason
from dragoman.core.loss import LossKind

ID = "openai-chat"
NAME_MAX = 64
"""Characters a tool name may have at OpenAI."""
ID_MAX = 40
"""Characters a tool call id may have at OpenAI."""
STOP_MAX = 4
ROLES = ("system", "developer", "user", "assistant", "tool", "function")
CHOICE = "/choices/0/"
MESSAGE = "/choices/0/message/"
"""Where the members of an answer's choice and of its message stand; their extras are named by it."""

STREAM_OPTIONS = "/stream_options/"
"""Where the extras of stream options stood."""

REQUEST_WEIGHTS: Mapping[str, LossKind | None] = {
    "*": LossKind.DROPPED,
    # what only helps cost, latency, caching or accounting
    "prediction": LossKind.HINT,
    "prompt_cache_options": LossKind.HINT,
    "prompt_cache_retention": LossKind.HINT,
    "/stream_options/*": LossKind.HINT,
    "moderation": LossKind.HINT,
    "provider": LossKind.HINT,
    "models": LossKind.HINT,
    "transforms": LossKind.HINT,
    "usage": LossKind.HINT,
    "reasoning_format": LossKind.HINT,
    "include_reasoning": LossKind.HINT,
    # an answer in sound cannot be had elsewhere
    "audio": LossKind.REFUSED,
    # of messages, content parts and calls: repeats of what is said elsewhere
    "*.annotations": LossKind.HINT,
    "*.audio": LossKind.DROPPED,
    "*.provider_specific_fields": LossKind.HINT,
    "*.index": None,
    "*.type": None,
    "*.role": None,
    "*.tool_calls": None,
    "*.refusal": None,
    "*.mode": None,
    "*.prefix": None,  # Mistral and DeepSeek: the last turn is to be continued, as it is elsewhere without a word
    # told in canonical form beside
    "*.reasoning": LossKind.HINT,
    "*.reasoning_content": LossKind.HINT,
    "reasoning.reasoning": None,
    "*./image_url/format": None,
    "*./file/format": LossKind.HINT,
    "*.thinking": None,
    "*.enable_thinking": None,
    "*.thinking_budget": None,
}

REQUEST_WHYS: Mapping[str, str] = {
    "audio": "no answers in sound",
    "modalities": "answers are text",
    "logit_bias": "tokens cannot be weighed",
    "web_search_options": "no search of its own",
    "messages.name": "a turn has no name",
    "messages.audio": "an earlier answer in sound is known only to its maker",
    "messages.reasoning": "told beside it, in another member",
    "messages.reasoning_content": "told beside it, in another member",
    "prediction": "an answer cannot be predicted",
    "prompt_cache_options": "prompts are cached in another way",
    "prompt_cache_retention": "prompts are cached in another way",
    "moderation": "no moderation to choose",
    "safe_prompt": "no safety prompt is added",
    "/stream_options/include_obfuscation": "streams are not padded",
}
"""Why a member is lost in another dialect, in a few words."""

ANSWER_WEIGHTS: Mapping[str, LossKind | None] = {
    "*": None,
    "slot": None,
    "citations": LossKind.DROPPED,
    "search_results": LossKind.DROPPED,
    "/choices/0/logprobs": LossKind.DROPPED,
    "/choices/0/message/annotations": LossKind.DROPPED,
    "/choices/0/message/executed_tools": LossKind.DROPPED,
    "/choices/0/message/extra_content": LossKind.DROPPED,
    "extra_content": LossKind.DROPPED,
    "transcript": LossKind.DROPPED,
}

REASONS: Mapping[str, Reason] = {
    "stop": "stop",
    "eos": "stop",  # Together
    "end_turn": "stop",
    "stop_sequence": "stop",
    "length": "length",
    "max_tokens": "length",
    "model_length": "context",  # Mistral
    "model_context_window_exceeded": "context",  # Z.ai
    "tool_calls": "tool",
    "tool_call": "tool",  # models on Azure
    "function_call": "tool",
    "content_filter": "refusal",
    "sensitive": "refusal",  # Z.ai
}
FAILURES = frozenset({"error", "network_error"})
"""Finish reasons that tell a failure (OpenRouter, Mistral, Z.ai)."""

WORDS: Mapping[Reason, str] = {
    "stop": "stop",
    "length": "length",
    "context": "length",
    "tool": "tool_calls",
    "refusal": "content_filter",
    "pause": "stop",
    "stop_sequence": "stop",
    "other": "stop",
}
"""How the official dialect says why a model stopped."""

URL_PARTS: Mapping[str, str] = {
    "document_url": "document",  # Mistral
    "file_url": "document",  # Perplexity
    "video_url": "video",  # OpenRouter, vLLM
    "audio_url": "audio",  # vLLM
}
"""Content parts of compatible providers that hold a URL -> kind of media."""
BARE_URL_PARTS = frozenset({"document_url"})
"""Those of them whose member is the URL itself and no object."""
