"""A Gemini request, read as the vendor reads it: refused in its words where it would be (2026-11). The model is in the path."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from dragoman.core.errors import ErrorKind
from dragoman.sandbox.gemini_contents import Turn, read_contents, read_instruction
from dragoman.sandbox.gemini_rules import (
    GENERATION,
    LEVELS,
    MAX_STOPS,
    MIME_TYPES,
    OLD,
    RANGES,
    TOP,
    bad,
    broken_rule,
    camel,
    check_types,
    many,
    snake,
    unknown_name,
    wrong_value,
)
from dragoman.sandbox.gemini_tools import Choice, check_schema, read_choice, read_tools
from dragoman.sandbox.mind import JSON_OBJECT, Ask, Tool
from dragoman.sandbox.reply import Fault, Heard, Incoming, RefusedError
from dragoman.sandbox.task import task_in
from dragoman.wire import json

PATH = re.compile(r".*?/models/(.+):([a-zA-Z]+)")
IMAGE_TOKENS, FILE_TOKENS = 258, 516
CACHED_FROM = 1024
"""Tokens from which the vendor caches a prompt by itself."""


def read(call: Incoming, *, strict: bool) -> Heard:
    """The request, checked."""
    model, method = model_and_method(call)
    return read_request(read_body(call), model, stream=method == "streamGenerateContent", strict=strict)


def model_and_method(call: Incoming) -> tuple[str, str]:
    """Out of the path: the method is what follows its last colon."""
    found = PATH.fullmatch(call.path)
    return (unquote(found[1]), found[2]) if found is not None else ("", "")


def read_body(call: Incoming) -> dict[str, Any]:
    """The request in camelCase; a null counts as absent."""
    try:
        found = json.decode(call.body)
    except json.JSONError as error:
        bad(f"Invalid JSON payload received. {error}")
    if not isinstance(found, dict):
        bad("Invalid JSON payload received. Root element must be a message.")
    body: dict[str, Any] = camel(found)
    return body


def read_request(body: dict[str, Any], model: str, *, stream: bool, strict: bool) -> Heard:
    check_types(body, TOP)
    config = body.get("generationConfig", {})
    check_types(config, GENERATION, "generationConfig.")
    if strict:
        _check_names(body, config)
    turns = read_contents(body, model)
    instruction = read_instruction(body, model)
    tools = read_tools(body)
    choice, forced, tools = read_choice(body, tools)
    _check_config(config, model, tools)
    if "cachedContent" in body:
        message = "CachedContent not found (or permission denied)"
        raise RefusedError(Fault(kind=ErrorKind.PERMISSION, message=message))
    return Heard(
        model=model,
        stream=stream,
        ask=_ask(config, turns, instruction, tools, choice, forced),
        choices=config.get("candidateCount", 1),
        show_thinking=config.get("thinkingConfig", {}).get("includeThoughts"),
    )


def _check_names(body: dict[str, Any], config: dict[str, Any]) -> None:
    for name in body:
        if name not in TOP:
            unknown_name(name)
    for name in config:
        if name not in GENERATION:
            unknown_name(name, "generationConfig")


def _check_config(config: dict[str, Any], model: str, tools: tuple[Tool, ...]) -> None:
    for name, (low, high) in RANGES.items():
        if name in config and not low <= config[name] <= high:
            broken_rule(f"generationConfig.{name}", f"{snake(name)} must be in the range [{low}, {high}].")
    if len(many(config.get("stopSequences"))) > MAX_STOPS:
        broken_rule("generationConfig.stopSequences", f"must have at most {MAX_STOPS} stop sequences")
    if config.get("responseMimeType", "text/plain") not in MIME_TYPES:
        listed = ", ".join(f"`{name}`" for name in MIME_TYPES[:-1])
        message = f"allowed mimetypes are {listed} and `{MIME_TYPES[-1]}`."
        broken_rule("generationConfig.responseMimeType", message)
    if "responseSchema" in config:
        check_schema(config["responseSchema"], "generationConfig.responseSchema")
    schemas = [name for name in ("responseSchema", "responseJsonSchema") if name in config]
    if len(schemas) > 1:
        broken_rule("generationConfig", "only one of response_schema and response_json_schema can be set")
    if schemas and config.get("responseMimeType", "text/plain") == "text/plain":
        broken_rule(f"generationConfig.{schemas[0]}", f"{snake(schemas[0])} needs a response_mime_type of application/json")
    if OLD.match(model) and tools and config.get("responseMimeType") == "application/json":
        bad("Function calling with a response mime type: 'application/json' is unsupported")
    _check_thinking(config.get("thinkingConfig", {}), model)


def _check_thinking(thinking: dict[str, Any], model: str) -> None:
    where = "generationConfig.thinkingConfig"
    types: Any = {"includeThoughts": ((bool,), "TYPE_BOOL"), "thinkingBudget": ((int,), "TYPE_INT32")}
    check_types(thinking, types, f"{where}.")
    level = thinking.get("thinkingLevel")
    if level is None:
        return
    if not isinstance(level, str) or level.upper() not in LEVELS:
        wrong_value(f"{where}.thinkingLevel", "type.googleapis.com/google.ai.generativelanguage.v1beta.ThinkingLevel", level)
    if "thinkingBudget" in thinking:
        bad("You can only set only one of thinking budget and thinking level.")
    if OLD.match(model):
        bad("Thinking level is not supported for this model.")


def _ask(
    config: dict[str, Any], turns: list[Turn], instruction: list[str], tools: tuple[Tool, ...], choice: Choice, forced: str
) -> Ask:
    users = [turn for turn in turns if turn.role == "user"]
    last = turns[-1] if turns[-1].role == "user" else Turn("user", [])
    answers = last.of("functionResponse")
    shown = [part for holder in (last.parts, *(many(answer.get("parts")) for answer in answers)) for part in holder]
    media = [str(data.get("mimeType", "")) for part in shown for name, data in part.items() if name in ("inlineData", "fileData")]
    images = sum(mime.startswith("image/") for mime in media)
    thinking = config.get("thinkingConfig")
    task, done = task_in(_told(turns))
    tokens = sum(len(text) // 4 + 1 for text in instruction) + sum(_cost(part) for turn in turns for part in turn.parts)
    tokens += sum(len(json.encode([tool.name, tool.schema])) // 4 for tool in tools)
    return Ask(
        text=next((text for text in reversed(users[-1].of("text")) if text), "") if users else "",
        results=tuple(_result(answer) for answer in answers),
        images=images,
        documents=len(media) - images,
        turns=sum(at == 0 or turn.role != turns[at - 1].role for at, turn in enumerate(turns)),
        tools=tools,
        choice=choice,
        forced=forced,
        thinking=thinking is not None and thinking.get("thinkingBudget") != 0,
        format=_format(config),
        bare=config.get("responseMimeType") == "text/x.enum",
        task=task,
        done=done,
        stop=tuple(many(config.get("stopSequences"))),
        max_tokens=config.get("maxOutputTokens"),
        input_tokens=tokens,
        cache_marked=tokens >= CACHED_FROM,
    )


def _told(turns: list[Turn]) -> Iterator[str | None]:
    """What the user said and, as None, the results that came."""
    for part in (part for turn in turns if turn.role == "user" for part in turn.parts):
        if "functionResponse" in part:
            yield None
        elif "text" in part:
            yield part["text"]


def _result(answer: dict[str, Any]) -> str:
    """What a function answered: a single text as it is, anything else as JSON."""
    response = answer.get("response", {})
    only = next(iter(response.values())) if len(response) == 1 else None
    return only if isinstance(only, str) else json.text(response)


def _format(config: dict[str, Any]) -> Any:
    if config.get("responseMimeType") not in ("application/json", "text/x.enum"):
        return None
    return config.get("responseJsonSchema", config.get("responseSchema", JSON_OBJECT))


def _cost(part: dict[str, Any]) -> int:
    if "text" in part:
        return len(part["text"]) // 4 + 1
    for name in ("inlineData", "fileData"):
        if name in part:
            return IMAGE_TOKENS if str(part[name].get("mimeType", "")).startswith("image/") else FILE_TOKENS
    return len(json.encode(part)) // 4
