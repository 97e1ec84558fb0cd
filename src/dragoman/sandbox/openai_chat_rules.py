"""What the OpenAI vendor checks on Chat Completions, as tables and words (its API reference and its 400s, 2026-11)."""

import re
from typing import Any, NoReturn

from dragoman.core.errors import ErrorKind
from dragoman.sandbox.reply import Fault, RefusedError

ROLES = ("system", "assistant", "user", "function", "tool", "developer")
NUMBER, INTEGER, BOOLEAN = (int, float), (int,), (bool,)
TYPES: dict[str, tuple[tuple[type, ...], str]] = {
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
RANGES: dict[str, tuple[float | None, float | None]] = {
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
MAX_CALL_ID, MAX_NAME, MAX_STOPS = 40, 64, 4
_NAME = re.compile(r"^[a-zA-Z0-9_-]+$")
_NAMES = {str: "a string", list: "an array", dict: "an object", bool: "a boolean", int: "an integer", float: "a decimal"}


def bad(message: str, param: str | None = None, code: str | None = None) -> NoReturn:
    raise RefusedError(Fault(kind=ErrorKind.BAD_REQUEST, message=message, param=param, code=code))


def missing(param: str) -> NoReturn:
    bad(f"Missing required parameter: '{param}'.", param, "missing_required_parameter")


def wrong_type(param: str, wanted: str, value: Any) -> NoReturn:
    got = "null" if value is None else _NAMES.get(type(value), "something else")
    bad(f"Invalid type for '{param}': expected {wanted}, but got {got} instead.", param, "invalid_type")


def wrong_value(param: str, value: Any, supported: tuple[str, ...]) -> NoReturn:
    quoted = [f"'{name}'" for name in supported]
    listed = f"{', '.join(quoted[:-1])}, and {quoted[-1]}" if len(quoted) > 2 else " and ".join(quoted)
    bad(f"Invalid value: '{value}'. Supported values are: {listed}.", param, "invalid_value")


def empty(param: str) -> NoReturn:
    bad(
        f"Invalid '{param}': empty array. Expected an array with minimum length 1, but got an empty array instead.",
        param,
        "empty_array",
    )


def too_long(param: str, most: int, got: int, what: str = "string") -> NoReturn:
    article = "an" if what == "array" else "a"
    bad(
        f"Invalid '{param}': {what} too long. Expected {article} {what} with maximum length {most}, but got {article} {what} "
        f"with length {got} instead.",
        param,
        f"{what}_above_max_length",
    )


def check_members(body: dict[str, Any], *, strict: bool) -> None:
    """Types, ranges and combinations of the top-level members; nulls are left out already."""
    if not isinstance(body.get("model", ""), str):
        wrong_type("model", "a string", body["model"])
    if not body.get("model"):
        bad("you must provide a model parameter")
    if "messages" not in body:
        missing("messages")
    for name, (types, wanted) in TYPES.items():
        value = body.get(name)
        if value is not None and (not isinstance(value, types) or (isinstance(value, bool) and bool not in types)):
            wrong_type(name, wanted, value)
    for name, (low, high) in RANGES.items():
        if name in body:
            _check_range(name, body[name], low, high)
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


def _check_range(name: str, value: float, low: float | None, high: float | None) -> None:
    what = "integer" if TYPES[name][0] == INTEGER else "decimal"
    if low is not None and value < low:
        words, code = f"{what} below minimum value. Expected a value >= {low:g}", f"{what}_below_min_value"
    elif high is not None and value > high:
        words, code = f"{what} above maximum value. Expected a value <= {high:g}", f"{what}_above_max_value"
    else:
        return
    bad(f"Invalid '{name}': {words}, but got {value} instead.", name, code)


def check_name(param: str, name: Any) -> None:
    """A tool's name."""
    if not isinstance(name, str):
        missing(param) if name is None else wrong_type(param, "a string", name)
    if len(name) > MAX_NAME:
        too_long(param, MAX_NAME, len(name))
    if not _NAME.match(name):
        bad(
            f"Invalid '{param}': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.",
            param,
            "invalid_value",
        )


def check_strict_schema(schema: Any, name: str, param: str, at: tuple[str, ...] = ()) -> None:
    """What `strict: true` asks of a schema (guide to structured outputs): every object closed, every property required."""
    if not isinstance(schema, dict):
        return
    properties = schema.get("properties")
    if schema.get("type") == "object" or isinstance(properties, dict):
        context = f"Invalid schema for {param} '{name}': In context=({', '.join(repr(step) for step in at)})"
        if schema.get("additionalProperties") is not False:
            bad(f"{context}, 'additionalProperties' is required to be supplied and to be false.", param, "invalid_json_schema")
        required = schema.get("required")
        for key in properties if isinstance(properties, dict) else ():
            if not isinstance(required, list) or key not in required:
                bad(
                    f"{context}, 'required' is required to be supplied and to be an array including every key in "
                    f"properties. Missing '{key}'.",
                    param,
                    "invalid_json_schema",
                )
    for group in ("properties", "$defs", "definitions"):
        inner = schema.get(group)
        for key, value in inner.items() if isinstance(inner, dict) else ():
            check_strict_schema(value, name, param, (*at, group, key))
    check_strict_schema(schema.get("items"), name, param, (*at, "items"))
    for number, option in enumerate(schema.get("anyOf") or ()):
        check_strict_schema(option, name, param, (*at, "anyOf", str(number)))
