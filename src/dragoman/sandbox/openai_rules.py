"""What the OpenAI vendor says when it refuses, whichever of its dialects is asked (its API reference and its 400s, 2026-11)."""

import re
from collections.abc import Mapping
from typing import Any, NoReturn

from dragoman.core.errors import ErrorKind
from dragoman.sandbox.reply import Fault, Incoming, RefusedError
from dragoman.wire import json

NUMBER, INTEGER, BOOLEAN, TEXT, LIST, OBJECT = (int, float), (int,), (bool,), (str,), (list,), (dict,)
Types = Mapping[str, tuple[tuple[type, ...], str]]
"""Member -> (the types it may have, in the vendor's words)."""
Ranges = Mapping[str, tuple[float | None, float | None]]
NOT_JSON = (
    "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP library correctly. "
    "The OpenAI API expects a JSON payload, but what was sent was not valid JSON. If you have trouble figuring out how to fix "
    "this, please contact us through our help center at help.openai.com.)"
)
MAX_NAME = 64
_NAME = re.compile(r"^[a-zA-Z0-9_-]+$")
_NAMES = {str: "a string", list: "an array", dict: "an object", bool: "a boolean", int: "an integer", float: "a decimal"}


def read_body(call: Incoming) -> dict[str, Any]:
    """The members of the request's object; a null counts as absent."""
    try:
        found = json.decode(call.body)
    except json.JSONError:
        bad(NOT_JSON)
    if not isinstance(found, dict):
        bad(NOT_JSON)
    return {name: value for name, value in found.items() if value is not None}


def check_types(body: dict[str, Any], types: Types) -> None:
    for name, (wanted, words) in types.items():
        value = body.get(name)
        if value is not None and (not isinstance(value, wanted) or (isinstance(value, bool) and bool not in wanted)):
            wrong_type(name, words, value)


def check_ranges(body: dict[str, Any], ranges: Ranges, types: Types) -> None:
    for name, (low, high) in ranges.items():
        if name in body:
            what = "integer" if types[name][0] == INTEGER else "decimal"
            check_range(name, body[name], what, low, high)


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


def check_range(name: str, value: float, what: str, low: float | None, high: float | None) -> None:
    if low is not None and value < low:
        words, code = f"{what} below minimum value. Expected a value >= {low:g}", f"{what}_below_min_value"
    elif high is not None and value > high:
        words, code = f"{what} above maximum value. Expected a value <= {high:g}", f"{what}_above_max_value"
    else:
        return
    bad(f"Invalid '{name}': {words}, but got {value} instead.", name, code)


def check_name(param: str, name: Any, most: int = MAX_NAME) -> None:
    """A tool's name."""
    if not isinstance(name, str):
        missing(param) if name is None else wrong_type(param, "a string", name)
    if len(name) > most:
        too_long(param, most, len(name))
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
