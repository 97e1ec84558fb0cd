"""What the OpenAI vendor checks on Chat Completions, as tables and words (its API reference and its 400s, 2026-11)."""

from typing import Any

from dragoman.sandbox.openai_rules import (
    BOOLEAN,
    INTEGER,
    NUMBER,
    Ranges,
    Types,
    bad,
    check_ranges,
    check_types,
    missing,
    too_long,
    wrong_type,
    wrong_value,
)

ROLES = ("system", "assistant", "user", "function", "tool", "developer")
TYPES: Types = {
    "model": ((str,), "a string"),
    "messages": ((list,), "an array of objects"),
    "temperature": (NUMBER, "a decimal"),
    "top_p": (NUMBER, "a decimal"),
    "frequency_penalty": (NUMBER, "a decimal"),
    "presence_penalty": (NUMBER, "a decimal"),
    "n": (INTEGER, "an integer"),
    "seed": (INTEGER, "an integer"),
    "max_tokens": (INTEGER, "an integer"),
    "max_completion_tokens": (INTEGER, "an integer"),
    "top_logprobs": (INTEGER, "an integer"),
    "stream": (BOOLEAN, "a boolean"),
    "store": (BOOLEAN, "a boolean"),
    "logprobs": (BOOLEAN, "a boolean"),
    "parallel_tool_calls": (BOOLEAN, "a boolean"),
    "tools": ((list,), "an array of objects"),
    "tool_choice": ((str, dict), "one of a string or object"),
    "response_format": ((dict,), "an object"),
    "stream_options": ((dict,), "an object"),
    "metadata": ((dict,), "an object"),
    "logit_bias": ((dict,), "an object"),
    "reasoning_effort": ((str,), "a string"),
    "user": ((str,), "a string"),
    "stop": ((str, list), "one of a string or array of strings"),
}
RANGES: Ranges = {
    "temperature": (0, 2),
    "top_p": (0, 1),
    "frequency_penalty": (-2, 2),
    "presence_penalty": (-2, 2),
    "n": (1, 128),
    "max_tokens": (1, None),
    "max_completion_tokens": (1, None),
    "top_logprobs": (0, 20),
}
EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh")
KNOWN = frozenset(TYPES) | {
    "audio",
    "function_call",
    "functions",
    "modalities",
    "moderation",
    "prediction",
    "prompt_cache_key",
    "prompt_cache_options",
    "prompt_cache_retention",
    "safety_identifier",
    "service_tier",
    "verbosity",
    "web_search_options",
}
PARTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "text": (("system", "developer", "user", "assistant", "tool"), ("text",)),
    "image_url": (("user",), ("image_url", "url")),
    "input_audio": (("user",), ("input_audio", "data")),
    "file": (("user",), ("file",)),
    "refusal": (("assistant",), ("refusal",)),
}
"""Kind of part -> (roles that may send it, path to its value)."""
MAX_CALL_ID, MAX_STOPS = 40, 4


def check_members(body: dict[str, Any], *, strict: bool) -> None:
    """Types, ranges and combinations of the top-level members; nulls are left out already."""
    if not isinstance(body.get("model", ""), str):
        wrong_type("model", "a string", body["model"])
    if not body.get("model"):
        bad("you must provide a model parameter")
    if "messages" not in body:
        missing("messages")
    check_types(body, TYPES)
    check_ranges(body, RANGES, TYPES)
    if "max_tokens" in body and "max_completion_tokens" in body:
        bad(
            "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.",
            "max_tokens",
            "invalid_parameter_combination",
        )
    if "stream_options" in body and body.get("stream") is not True:
        bad("The 'stream_options' parameter is only allowed when 'stream' is enabled.", "stream_options")
    if body.get("reasoning_effort", "none") not in EFFORTS:
        wrong_value("reasoning_effort", body["reasoning_effort"], EFFORTS)
    if "top_logprobs" in body and body.get("logprobs") is not True:
        bad(
            "The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled.",
            "top_logprobs",
            "invalid_parameter_combination",
        )
    _check_stops(body.get("stop"))
    if strict:
        for name in body:
            if name not in KNOWN:
                bad(f"Unrecognized request argument supplied: {name}")


def _check_stops(stops: Any) -> None:
    if not isinstance(stops, list):
        return
    if len(stops) > MAX_STOPS:
        too_long("stop", MAX_STOPS, len(stops), "array")
    for at, stop in enumerate(stops):
        if not isinstance(stop, str):
            wrong_type(f"stop[{at}]", "a string", stop)
