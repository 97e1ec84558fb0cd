"""OpenAI's models, on Chat Completions and on Responses.

Rule: rows apply at OpenAI and Azure only, so an unknown server keeps what it is sent.

A version that no row knows is taken for the newest generation.
"""

from dragoman.providers.model_row import Members, ModelRow

_CHAT, _RESPONSES = "openai-chat", "openai-responses"
_OPENAI = ("openai",)
_AT = (*_OPENAI, "azure")
_NAME = r"^(?:ft:)?(?:openai/)?"
_4O = r"gpt-4o(?![\w-]*(?:audio|realtime|transcribe|tts))"
_END = r"(?!\d|\.\d)"
"""`gpt-5` is not `gpt-5.7`."""
_WHO_SAMPLES = ("presence_penalty", "frequency_penalty", "logit_bias", "logprobs", "top_logprobs")

_SPEC = "OpenAI's API reference and model pages, 2026-11-20"
_PHASES = "OpenAI's guide to reasoning: phase from gpt-5.3-codex on, 2026-11-20"
_TOOLS_54 = _SPEC + "; openai-openapi issue 541, 2026-05-18; docker-agent pull 4165, 2026-09-04: measured"
_TOOLS_56 = _SPEC + "; litellm pull 34569, 2026-07-24: measured with no effort, low and none"
_OLDER = _SPEC + "; opencode issue 140, 2025-05-02; langchain_dart issue 712, 2025-06-04; wechat-acp issue 16, 2026-03-30"
_TOOLS_6 = _SPEC + "; onyx issue 15008, 2026-09-23; genkit pull 6303, 2026-09-08: measured"

_PLAIN: Members = {}
_SILENT: Members = {"efforts": ()}
"""Models that do not think."""
_KEYED: Members = {"cache_key": True}
"""Caches by itself, and finds what it has by a key (OpenAI's guide to prompt caching: from gpt-4o on)."""
_RENAMED: Members = {"rename": {"max_tokens": "max_completion_tokens"}}
_REASONS: Members = {
    **_RENAMED,
    "system_role": "developer",
    "stop_max": 0,
    "min_output_tokens": 16,
    "reasoning_model": True,
    **_KEYED,
}
_ALWAYS: Members = {**_REASONS, "thinking_default": True, "sampling": "none", "drop": _WHO_SAMPLES}
_LOW_HIGH = ("low", "medium", "high")
_TO_XHIGH = (*_LOW_HIGH, "xhigh")
_CACHES: Members = {"cache_marks": "prompt_cache_breakpoint"}


def _row(pattern: str, members: Members, source: str = _SPEC, *, avoid: bool = False, at: tuple[str, ...] = _AT) -> ModelRow:
    return ModelRow(_NAME + pattern, _CHAT, members, source, at, avoid)


_CHAT_ROWS = (
    _row(_4O, {**_SILENT, **_KEYED, "max_output_tokens": 16384}, _OLDER),
    _row(r"gpt-4\.1", {**_SILENT, **_KEYED, "max_output_tokens": 32768}, _OLDER),
    _row(r"gpt-(?:3\.5-turbo|4-turbo|4-1106|4-0125)", {**_SILENT, "max_output_tokens": 4096}, at=_OPENAI),
    _row(r"gpt-4(?:$|-\d{4})", {**_SILENT, "max_output_tokens": 8192}, at=_OPENAI),
    _row(r"gpt-(?:3|4)", _PLAIN),
    _row(r"gpt-oss", _PLAIN),
    _row(r"gpt-(?:image|audio|realtime)", _PLAIN),
    _row(r"gpt-5(?:\.\d+)?-chat", _RENAMED),
    _row(r"o\d(?:-[a-z-]+)?-pro", {**_ALWAYS, "efforts": ("medium", "high"), "parallel_flag": False}, avoid=True),
    _row(r"o\d(?:$|-)", {**_ALWAYS, "efforts": _LOW_HIGH, "parallel_flag": False}),
    _row(r"gpt-5-pro", {**_ALWAYS, "efforts": ("high",)}, avoid=True),
    _row(
        r"gpt-[5-9](?:\.\d+)?-pro", {**_ALWAYS, "efforts": ("medium", "high", "xhigh"), "tools_with_reasoning": False}, avoid=True
    ),
    _row(r"(?:gpt-5(?:\.[1-3])?-)?codex", {**_ALWAYS, "efforts": _TO_XHIGH}, avoid=True),
    _row(r"gpt-5" + _END, {**_ALWAYS, "efforts": ("minimal", *_LOW_HIGH)}),
    _row(r"gpt-5\.1" + _END, {**_REASONS, "efforts": ("none", *_LOW_HIGH)}),
    _row(r"gpt-5\.[23]" + _END, {**_REASONS, "efforts": ("none", *_TO_XHIGH)}),
    _row(r"gpt-5\.[45]" + _END, {**_REASONS, "efforts": ("none", *_TO_XHIGH), "tools_with_reasoning": False}, _TOOLS_54),
    _row(
        r"gpt-(?:6-astra|6\.1-sol)",
        {**_ALWAYS, **_CACHES, "efforts": _TO_XHIGH, "tools_with_reasoning": False},
        _TOOLS_6,
        avoid=True,
    ),
    _row(
        r"gpt-\d",
        {**_REASONS, **_CACHES, "efforts": ("none", *_TO_XHIGH), "tools_with_reasoning": False, "thinking_default": True},
        _TOOLS_56,
        avoid=True,
    ),
)

_THINKS: Members = {**_KEYED, "system_role": "developer", "min_output_tokens": 16, "reasoning_model": True}
_ALWAYS_THINKS: Members = {**_THINKS, "thinking_default": True, "sampling": "none"}
_TELLS: Members = {"phase": True}
_TO_MAX = (*_TO_XHIGH, "max")
_NEWEST: Members = {**_THINKS, **_TELLS, "efforts": ("none", *_TO_MAX), "thinking_default": True}


def _responses(pattern: str, members: Members, source: str = _SPEC, at: tuple[str, ...] = _AT) -> ModelRow:
    return ModelRow(_NAME + pattern, _RESPONSES, members, source, at)


_RESPONSES_ROWS = (
    _responses(_4O, {**_SILENT, **_KEYED, "max_output_tokens": 16384}, _OLDER),
    _responses(r"gpt-4\.1", {**_SILENT, **_KEYED, "max_output_tokens": 32768}, _OLDER),
    _responses(r"gpt-(?:3\.5-turbo|4-turbo|4-1106|4-0125)", {**_SILENT, "max_output_tokens": 4096}, at=_OPENAI),
    _responses(r"gpt-4(?:$|-\d{4})", {**_SILENT, "max_output_tokens": 8192}, at=_OPENAI),
    _responses(r"gpt-(?:3|4)", _SILENT),
    _responses(r"gpt-oss", {}),
    _responses(r"gpt-(?:image|audio|realtime)", _SILENT),
    _responses(r"gpt-5(?:\.\d+)?-chat", _SILENT),
    _responses(r"o\d(?:-[a-z-]+)?-pro", {**_ALWAYS_THINKS, "efforts": ("medium", "high")}),
    _responses(r"o\d(?:$|-)", {**_ALWAYS_THINKS, "efforts": _LOW_HIGH}),
    _responses(r"gpt-5-pro", {**_ALWAYS_THINKS, "efforts": ("high",)}),
    _responses(r"gpt-5\.[0-2]-pro", {**_ALWAYS_THINKS, "efforts": ("medium", "high", "xhigh")}),
    _responses(r"gpt-[5-9](?:\.\d+)?-pro", {**_ALWAYS_THINKS, **_TELLS, "efforts": ("medium", "high", "xhigh")}, _PHASES),
    _responses(r"gpt-5\.3-codex", {**_ALWAYS_THINKS, **_TELLS, "efforts": _TO_XHIGH}, _PHASES),
    _responses(r"(?:gpt-5(?:\.[12])?-)?codex", {**_ALWAYS_THINKS, "efforts": _TO_XHIGH}),
    _responses(r"gpt-5" + _END, {**_ALWAYS_THINKS, "efforts": ("minimal", *_LOW_HIGH)}),
    _responses(r"gpt-5\.1" + _END, {**_THINKS, "efforts": ("none", *_LOW_HIGH)}),
    _responses(r"gpt-5\.2" + _END, {**_THINKS, "efforts": ("none", *_TO_XHIGH)}),
    _responses(r"gpt-5\.[3-5]" + _END, {**_THINKS, **_TELLS, "efforts": ("none", *_TO_XHIGH)}, _PHASES),
    _responses(r"gpt-(?:6-astra|6\.1-sol)", {**_ALWAYS_THINKS, **_TELLS, **_CACHES, "efforts": _TO_MAX}, _TOOLS_6),
    _responses(r"gpt-\d", {**_NEWEST, **_CACHES}, _TOOLS_56),
)

OPENAI_ROWS = (*_CHAT_ROWS, *_RESPONSES_ROWS)
