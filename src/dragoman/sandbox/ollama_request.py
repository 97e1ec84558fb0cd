"""An Ollama chat request, read as the vendor reads it (2026-11), in Go: what is unknown is ignored, a wrong type refused."""

import base64
import binascii
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from dragoman.core.errors import ErrorKind
from dragoman.sandbox.mind import JSON_OBJECT, Ask, Tool
from dragoman.sandbox.reply import Fault, Heard, Incoming, RefusedError
from dragoman.sandbox.task import task_in
from dragoman.wire import json

Types = Mapping[str, tuple[tuple[type, ...], str]]
TYPES: Types = {
    "model": ((str,), "string"),
    "messages": ((list,), "[]api.Message"),
    "tools": ((list,), "api.Tools"),
    "stream": ((bool,), "bool"),
    "options": ((dict,), "map[string]interface {}"),
    "format": ((str, dict), "json.RawMessage"),
    "think": ((bool, str), "api.ThinkValue"),
}
MESSAGE: Types = {
    "role": ((str,), "string"),
    "content": ((str,), "string"),
    "thinking": ((str,), "string"),
    "images": ((list,), "[]api.ImageData"),
    "tool_calls": ((list,), "[]api.ToolCall"),
    "tool_name": ((str,), "string"),
}
THINK = ("high", "medium", "low", "max")
IMAGE_TOKENS, MESSAGE_TOKENS = 300, 3
_NAMES = {str: "string", list: "array", dict: "object", bool: "bool", int: "number", float: "number"}


def bad(message: str) -> NoReturn:
    raise RefusedError(Fault(kind=ErrorKind.BAD_REQUEST, message=message))


def read_body(call: Incoming) -> dict[str, Any]:
    """The request's object; a null counts as absent."""
    try:
        found = json.decode(call.body)
    except json.JSONError as error:
        bad(str(error))
    if not isinstance(found, dict):
        wrong_type(found, "value", "api.ChatRequest")
    body = {name: value for name, value in found.items() if value is not None}
    if not body.get("model"):
        bad("model is required")
    return body


def wrong_type(value: Any, where: str, wanted: str) -> NoReturn:
    """As Go's decoder says it."""
    bad(f"json: cannot unmarshal {_NAMES.get(type(value), 'null')} into Go struct field {where} of type {wanted}")


def check_types(body: dict[str, Any], types: Types, where: str) -> None:
    for name, (wanted, words) in types.items():
        value = body.get(name)
        if value is not None and (not isinstance(value, wanted) or (isinstance(value, bool) and bool not in wanted)):
            wrong_type(value, f"{where}.{name}", words)


def read(call: Incoming, *, strict: bool) -> Heard:
    """The request, checked. The vendor ignores what it does not know, always."""
    body = read_body(call)
    check_types(body, TYPES, "ChatRequest")
    if isinstance(body.get("think"), str) and body["think"] not in THINK:
        bad(f'invalid think value: "{body["think"]}" (must be "high", "medium", "low", "max", true, or false)')
    messages = [_message(message) for message in body.get("messages", ())]
    tools = tuple(_tools(body.get("tools", ())))
    return Heard(model=body["model"], stream=body.get("stream") is not False, ask=_ask(body, messages, tools))


def _message(message: Any) -> dict[str, Any]:
    if not isinstance(message, dict):
        wrong_type(message, "ChatRequest.messages", "api.Message")
    check_types(message, MESSAGE, "ChatRequest.messages")
    for image in message.get("images") or ():
        try:
            base64.b64decode(image, validate=True)
        except (binascii.Error, ValueError, TypeError):
            bad("illegal base64 data at input byte 0")
    for called in message.get("tool_calls") or ():
        function = called.get("function") if isinstance(called, dict) else None
        arguments = function.get("arguments", {}) if isinstance(function, dict) else None
        if not isinstance(arguments, dict):
            where = "ChatRequest.messages.tool_calls.function.arguments"
            wrong_type(arguments, where, "api.ToolCallFunctionArguments")
    return {name: value for name, value in message.items() if value is not None}


def _tools(tools: Any) -> Iterator[Tool]:
    for tool in tools:
        function = tool.get("function") if isinstance(tool, dict) else None
        if not isinstance(function, dict) or not isinstance(function.get("name"), str):
            wrong_type(tool, "ChatRequest.tools", "api.Tool")
        yield Tool(function["name"], function.get("parameters"))


def _ask(body: dict[str, Any], messages: list[dict[str, Any]], tools: tuple[Tool, ...]) -> Ask:
    spoken = [message for message in messages if message.get("role") != "system"]
    said = [message.get("role") == "assistant" for message in spoken]
    last = spoken[max((at for at, model in enumerate(said) if model), default=-1) + 1 :]
    users = [message.get("content", "") for message in spoken if message.get("role") == "user"]
    stop, most = _options(body.get("options", {}))
    task, done = task_in(_told(messages))
    return Ask(
        text=users[-1] if users else "",
        results=tuple(message.get("content", "") for message in last if message.get("role") == "tool"),
        images=sum(len(message.get("images") or ()) for message in last),
        turns=sum(at == 0 or model != said[at - 1] for at, model in enumerate(said)),
        tools=tools,
        thinking=body.get("think", False) is not False,
        format=_format(body.get("format", "")),
        task=task,
        done=done,
        stop=stop,
        max_tokens=most,
        input_tokens=sum(_cost(message) for message in messages) + len(json.encode(body.get("tools", []))) // 4,
    )


def _options(options: dict[str, Any]) -> tuple[tuple[str, ...], int | None]:
    """(stop, num_predict); as many tokens as it likes where that is below 1."""
    stop, most = options.get("stop"), options.get("num_predict")
    if stop is not None and not isinstance(stop, list):
        bad('option "stop" must be of type array')
    if most is not None and (not isinstance(most, int) or isinstance(most, bool)):
        bad('option "num_predict" must be of type integer')
    return tuple(str(each) for each in stop or ()), most if most is not None and most > 0 else None


def _told(messages: list[dict[str, Any]]) -> Iterator[str | None]:
    """What the user said and, as None, the results that came."""
    for message in messages:
        if message.get("role") in ("user", "tool"):
            yield message.get("content", "") if message["role"] == "user" else None


def _format(wanted: str | dict[str, Any]) -> Any:
    if isinstance(wanted, dict):
        return wanted
    if wanted not in ("", "json"):
        bad(f'invalid format: "{wanted}"; expected "json" or a valid JSON Schema object')
    return JSON_OBJECT if wanted == "json" else None


def _cost(message: dict[str, Any]) -> int:
    calls = len(json.encode(message.get("tool_calls") or [])) // 4
    return MESSAGE_TOKENS + len(message.get("content") or "") // 4 + IMAGE_TOKENS * len(message.get("images") or ()) + calls
