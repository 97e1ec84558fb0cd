"""What the Gemini vendor checks, as tables and words (its API reference, its protocol buffers and its 400s, 2026-11)."""

import base64
import binascii
import re
from typing import Any, NoReturn

from dragoman.core.errors import ErrorKind
from dragoman.sandbox.reply import Fault, RefusedError

Allowed = tuple[tuple[type, ...], str]
_STRING, _FLOAT, _INT, _BOOL = (
    ((str,), "TYPE_STRING"),
    ((int, float), "TYPE_FLOAT"),
    ((int,), "TYPE_INT32"),
    ((bool,), "TYPE_BOOL"),
)
_PACKAGE = "type.googleapis.com/google.ai.generativelanguage.v1beta."


def _message(name: str) -> Allowed:
    return (dict,), _PACKAGE + name


TOP: dict[str, Allowed] = {
    "contents": ((list, dict), _PACKAGE + "Content"),
    "systemInstruction": _message("Content"),
    "tools": ((list, dict), _PACKAGE + "Tool"),
    "toolConfig": _message("ToolConfig"),
    "safetySettings": ((list, dict), _PACKAGE + "SafetySetting"),
    "generationConfig": _message("GenerationConfig"),
    "cachedContent": _STRING,
    "serviceTier": _STRING,
    "store": _BOOL,
    "labels": ((dict,), "TYPE_MESSAGE"),
    "model": _STRING,
}
GENERATION: dict[str, Allowed] = {
    "temperature": _FLOAT,
    "topP": _FLOAT,
    "topK": _FLOAT,
    "candidateCount": _INT,
    "maxOutputTokens": _INT,
    "stopSequences": ((list, str), "TYPE_STRING"),
    "responseMimeType": _STRING,
    "responseSchema": _message("Schema"),
    "responseJsonSchema": ((dict,), "type.googleapis.com/google.protobuf.Value"),
    "seed": _INT,
    "presencePenalty": _FLOAT,
    "frequencyPenalty": _FLOAT,
    "responseLogprobs": _BOOL,
    "logprobs": _INT,
    "responseModalities": ((list, str), _PACKAGE + "GenerationConfig.Modality"),
    "thinkingConfig": _message("ThinkingConfig"),
    "speechConfig": _message("SpeechConfig"),
    "imageConfig": _message("ImageConfig"),
    "mediaResolution": _STRING,
    "enableEnhancedCivicAnswers": _BOOL,
    "continuationToken": _STRING,
}
RANGES: dict[str, tuple[float, float]] = {
    "temperature": (0, 2),
    "topP": (0, 1),
    "candidateCount": (1, 8),
    "maxOutputTokens": (1, 2**31 - 1),
    "presencePenalty": (-2, 2),
    "frequencyPenalty": (-2, 2),
}
MAX_STOPS = 5
MIME_TYPES = ("text/plain", "application/json", "application/xml", "application/yaml", "text/x.enum")
LEVELS = ("THINKING_LEVEL_UNSPECIFIED", "MINIMAL", "LOW", "MEDIUM", "HIGH", "XHIGH")
DATA = (
    *("text", "inlineData", "fileData", "functionCall", "functionResponse", "executableCode", "codeExecutionResult"),
    *("toolCall", "toolResponse"),
)
"""What a part can be: exactly one of these."""
MEDIA = re.compile(r"image/(?:png|jpeg|webp|heic|heif)|(?:audio|video|text)/.+|application/(?:pdf|json|rtf|x-.+)")
SCHEMA = frozenset(
    {
        *("type", "format", "title", "description", "nullable", "enum", "maxItems", "minItems", "properties", "required"),
        *("minProperties", "maxProperties", "minLength", "maxLength", "pattern", "example", "anyOf", "propertyOrdering"),
        *("default", "items", "minimum", "maximum", "additionalProperties", "defs", "ref"),
    }
)
"""Members of a Schema; JSON Schema goes into `parametersJsonSchema` and `responseJsonSchema`."""
SCHEMA_TYPES = ("TYPE_UNSPECIFIED", "STRING", "NUMBER", "INTEGER", "BOOLEAN", "ARRAY", "OBJECT", "NULL")
PASSES: frozenset[str | bytes] = frozenset(
    {
        *("skip_thought_signature_validator", "context_engineering_is_the_way_to_go"),
        *(b"skip_thought_signature_validator", b"context_engineering_is_the_way_to_go"),
    }
)
"""Signatures that the vendor takes in place of one that is lost (guide to thought signatures, 2026-11)."""
OLD = re.compile(r"gemini-[12](?:[.-]|$)")
"""Models that know no ids of calls, no levels of thinking, and no schema beside tools."""
NEW = re.compile(r"gemini-(?:[3-9]|\d\d)")
"""Models that want each step's first call back with its signature."""
_CAMEL = re.compile(r"_([a-z0-9])")
_SNAKE = re.compile(r"([A-Z])")
_AS_IT_IS = frozenset(
    {"args", "response", "parametersJsonSchema", "responseJsonSchema", "labels", "partMetadata", "default", "example", "enum"}
)
_NAMED = frozenset({"properties", "defs"})


def bad(message: str, field: str = "") -> NoReturn:
    """Refused with 400. `field`: which member is at fault, for programs."""
    details = {"violations": [{"field": field, "description": message}]} if field else None
    raise RefusedError(Fault(kind=ErrorKind.BAD_REQUEST, message=message, details=details))


def wrong_value(where: str, kind: str, value: Any) -> NoReturn:
    """A value that the protocol buffer cannot hold."""
    told = f'"{value}"' if isinstance(value, str) else str(value)
    bad(f"Invalid value at '{snake(where)}' ({kind}), {told}", snake(where))


def unknown_name(name: str, where: str = "") -> NoReturn:
    at = f" at '{snake(where)}'" if where else ""
    bad(f'Invalid JSON payload received. Unknown name "{name}"{at}: Cannot find field.', snake(where))


def broken_rule(where: str, message: str) -> NoReturn:
    """What the service itself checks: one line a violation."""
    bad(f"* GenerateContentRequest.{snake(where)}: {message}\n")


def snake(where: str) -> str:
    return _SNAKE.sub(lambda match: "_" + match[1].lower(), where)


def camel(value: Any) -> Any:
    """The request with its members in camelCase: the vendor takes both spellings. What is the user's data stays."""
    if isinstance(value, list):
        return [camel(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    spelled = {}
    for name, inner in value.items():
        name_ = _CAMEL.sub(lambda match: match[1].upper(), name)
        if inner is None:
            continue
        if name_ in _NAMED and isinstance(inner, dict):
            spelled[name_] = {key: camel(each) for key, each in inner.items()}
        else:
            spelled[name_] = inner if name_ in _AS_IT_IS else camel(inner)
    return spelled


def many(value: Any) -> list[Any]:
    """A repeated field: the vendor takes a single value for a list of one."""
    return value if isinstance(value, list) else [] if value is None else [value]


def check_types(body: dict[str, Any], types: dict[str, Allowed], where: str = "") -> None:
    for name, (wanted, words) in types.items():
        value = body.get(name)
        if value is not None and (not isinstance(value, wanted) or (isinstance(value, bool) and bool not in wanted)):
            wrong_value(where + name, words, value)


def decoded(value: Any, where: str) -> bytes:
    """A field of bytes: base64, in either alphabet."""
    if not isinstance(value, str):
        wrong_value(where, "TYPE_BYTES", value)
    try:
        text = value.replace("-", "+").replace("_", "/").rstrip("=")
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        at = snake(where)
        bad(f"Invalid value at '{at}' (TYPE_BYTES), Base64 decoding failed for \"{value}\"", at)
