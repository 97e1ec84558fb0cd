"""Sentences that Claude Code acts on, for errors that it would not understand in another vendor's words: dated rows.

Rule: the sentence comes first, the provider's own words stay behind it. Source of the sentences: Anthropic's API, as Claude Code
2.1.328 recovers from them (2026-11): it makes the conversation shorter, asks for fewer tokens, leaves a member out.
"""

import re
from collections.abc import Iterator
from typing import Final

from dragoman.core.errors import Error, ErrorKind

TOO_LONG: Final = "prompt is too long"
_NO_ROOM = "input length and `max_tokens` exceed context limit"
_TOO_MANY = "which is the maximum allowed number of output tokens"
_STABLE: Final = "capability_rejected: prompt_too_long"
"""What Claude Code takes in place of the sentence (its gateway protocol, 2026-11), where no numbers are known."""
_READ: Final = 4000

# Each: (pattern, groups `most`: of the context, `input`, `output`: tokens of the request; source)
_CONTEXT: Final = tuple(
    re.compile(pattern)
    for pattern in (
        # OpenAI, DeepSeek and vLLM: NextChat issue 3195, 2023-11-08; vllm issue 20409, 2025-07-03
        r"maximum context length is (?P<most>\d+) tokens.{0,40}requested \d+ tokens \((?P<input>\d+) in the messages?,"
        r" (?P<output>\d+) in the completion",
        # vLLM: issue 42474, 2026-05-13
        r"maximum context length is (?P<most>\d+) tokens.{0,40}requested (?P<output>\d+) output tokens and your prompt contains"
        r" (?:at least )?(?P<input>\d+) input tokens",
        # vLLM: claude-code-best issue 272, 2026-04-15
        r"too large: (?P<output>\d+)\. This model's maximum context length is\s+(?P<most>\d+) tokens and your request has"
        r" (?P<input>\d+) input tokens",
        # OpenAI: its API, 2026-11
        r"maximum context length is (?P<most>\d+) tokens.{0,40}(?:messages|request|prompt|input) (?:resulted in|has|contains)"
        r" (?P<input>\d+)",
        # Google: its API, 2026-11
        r"input token count \(?(?P<input>\d+)\)? exceeds the maximum number of tokens allowed \(?(?P<most>\d+)",
        # llama.cpp: openwiki issue 648, 2026-08-14; pull 15780, 2025-09-03
        r"request \((?P<input>\d+) tokens\) exceeds the available context size \((?P<most>\d+) tokens\)",
        # Mistral: its API, 2026-11
        r"[Pp]rompt contains (?P<input>\d+) tokens.{0,80}model with (?P<most>\d+) maximum context length",
        # servers behind NVIDIA and others: free-claude-code issue 263, 2026-04-29
        r"input \((?P<input>\d+) tokens\) is longer than the model's context length \((?P<most>\d+) tokens\)",
        # omlx issue 26, 2026-02-20
        r"[Pp]rompt too long: (?P<input>\d+) tokens exceeds max context window of (?P<most>\d+)",
    )
)
_OUTPUT: Final = tuple(
    re.compile(pattern)
    for pattern in (
        # OpenAI: ExtractThinker issue 346, 2025-06-24
        r"max_(?:completion_)?tokens is too large: (?P<output>\d+)\. This model supports at most (?P<most>\d+)",
        # Volcengine: openclaude issue 331, 2026-04-04
        r"max_(?:completion_)?tokens`? .{0,80}expected a value <= (?P<most>\d+), but got (?P<output>\d+)",
    )
)


def worded(error: Error) -> str:
    """The message for a client of Anthropic's dialect."""
    sentence = _sentence(error)
    return error.message if sentence is None else f"{sentence}. {error.message}"


def unknown(name: str) -> str:
    """A member that no provider of a model takes, as Anthropic refuses one that it does not know."""
    return f"{name}: Extra inputs are not permitted"


def _sentence(error: Error) -> str | None:
    """None where the message is our own, says it already, or says nothing of the kind."""
    message = error.message[:_READ]
    if error.ours:
        return None
    if error.kind is ErrorKind.CONTEXT_OVERFLOW:
        if TOO_LONG in message or _NO_ROOM in message:
            return None
        found = next(_found(_CONTEXT, message), None)
        return f"{TOO_LONG} ({_STABLE})" if found is None else _of_context(found)
    if error.kind is ErrorKind.BAD_REQUEST and _TOO_MANY not in message:
        found = next(_found(_OUTPUT, message), None)
        return None if found is None else f"max_tokens: {found['output']} > {found['most']}, {_TOO_MANY}"
    return None


def _of_context(found: dict[str, int]) -> str:
    asked, most, output = found["input"], found["most"], found.get("output")
    if output is not None and asked < most:
        return f"{_NO_ROOM}: {asked} + {output} > {most}, decrease input length or `max_tokens` and try again"
    return f"{TOO_LONG}: {asked} tokens > {most} maximum"


def _found(patterns: tuple[re.Pattern[str], ...], message: str) -> Iterator[dict[str, int]]:
    for pattern in patterns:
        match = pattern.search(message)
        if match is not None:
            yield {name: int(number) for name, number in match.groupdict().items()}
