"""A Cohere v2 chat request, read as the vendor reads it: refused in its words where it would be (API reference, 2026-11)."""

from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from dragoman.core.errors import ErrorKind
from dragoman.sandbox.mind import JSON_OBJECT, Ask, Tool
from dragoman.sandbox.reply import Fault, Heard, Incoming, RefusedError
from dragoman.sandbox.task import task_in
from dragoman.wire import json

TYPES: Mapping[str, tuple[type, ...]] = {
    "model": (str,),
    "messages": (list,),
    "tools": (list,),
    "stream": (bool,),
    "max_tokens": (int,),
    "temperature": (int, float),
    "p": (int, float),
    "k": (int,),
    "frequency_penalty": (int, float),
    "presence_penalty": (int, float),
    "seed": (int,),
    "stop_sequences": (list,),
    "response_format": (dict,),
    "thinking": (dict,),
    "documents": (list,),
    "citation_options": (dict,),
    "tool_choice": (str,),
    "strict_tools": (bool,),
    "safety_mode": (str,),
    "logprobs": (bool,),
    "priority": (int,),
}
RANGES: Mapping[str, tuple[float, float]] = {
    "temperature": (0, 2),
    "p": (0.01, 0.99),
    "k": (0, 500),
    "frequency_penalty": (0, 1),
    "presence_penalty": (0, 1),
    "max_tokens": (1, 1_000_000),
}
ROLES = ("system", "user", "assistant", "tool")
PARTS = ("text", "image_url", "document", "thinking")
CHOICES = {"REQUIRED": "any", "NONE": "none"}
MAX_STOPS, IMAGE_TOKENS, MESSAGE_TOKENS = 5, 300, 3


def bad(message: str) -> NoReturn:
    raise RefusedError(Fault(kind=ErrorKind.BAD_REQUEST, message=message))


def read_body(call: Incoming, types: Mapping[str, tuple[type, ...]] = TYPES) -> dict[str, Any]:
    """The request's object, its members of the right types; a null counts as absent."""
    try:
        found = json.decode(call.body)
    except json.JSONError:
        bad("invalid json syntax")
    if not isinstance(found, dict):
        bad("invalid json syntax")
    body = {name: value for name, value in found.items() if value is not None}
    for name, wanted in types.items():
        value = body.get(name)
        if value is not None and (not isinstance(value, wanted) or (isinstance(value, bool) and bool not in wanted)):
            bad(f"invalid type: parameter {name} is of type {type(value).__name__} but should be of type {wanted[-1].__name__}.")
    if not body.get("model"):
        bad("model is required")
    return body


def read(call: Incoming, *, strict: bool) -> Heard:
    """The request, checked."""
    body = read_body(call)
    if strict:
        for name in body:
            if name not in TYPES:
                bad(f"unknown field: parameter '{name}' is not a valid field")
    for name, (low, high) in RANGES.items():
        if name in body and not low <= body[name] <= high:
            bad(f"invalid request: {name} must be between {low} and {high} inclusive.")
    if len(body.get("stop_sequences", ())) > MAX_STOPS:
        bad(f"invalid request: at most {MAX_STOPS} stop_sequences are allowed.")
    messages = _messages(body.get("messages", []))
    tools = tuple(_tools(body.get("tools", ())))
    choice = body.get("tool_choice")
    if choice is not None and choice not in CHOICES:
        bad(f"invalid request: tool_choice must be one of REQUIRED, NONE; got {choice}.")
    if choice is not None and not tools:
        bad("invalid request: tool_choice may only be specified with tools.")
    return Heard(model=body["model"], stream=body.get("stream") is True, ask=_ask(body, messages, tools))


def _messages(messages: list[Any]) -> list[dict[str, Any]]:
    if not messages:
        bad("invalid request: messages must have at least one message.")
    waiting: list[str] = []
    for at, message in enumerate(messages):
        if not isinstance(message, dict) or message.get("role") not in ROLES:
            bad(f"invalid request: messages[{at}].role must be one of {', '.join(ROLES)}.")
        role = message["role"]
        if role == "tool":
            if message.get("tool_call_id") not in waiting:
                bad(f"invalid request: messages[{at}].tool_call_id does not refer to a tool call of the message before.")
            waiting.remove(message["tool_call_id"])
        elif waiting:
            bad(f"invalid request: all tool calls must have a tool message: {', '.join(waiting)}.")
        for part in parts(message, at):
            if part.get("type") not in PARTS:
                bad(f"invalid request: messages[{at}].content has a part of type {part.get('type')}.")
        if role == "assistant" and message.get("tool_calls") is not None:
            waiting = list(_calls(message["tool_calls"], at))
    if waiting:
        bad(f"invalid request: all tool calls must have a tool message: {', '.join(waiting)}.")
    return messages


def _calls(calls: Any, at: int) -> Iterator[str]:
    for call in calls if isinstance(calls, list) else [None]:
        function = call.get("function") if isinstance(call, dict) else None
        if not isinstance(call, dict) or not isinstance(function, dict) or not isinstance(call.get("id"), str):
            bad(f"invalid request: messages[{at}].tool_calls needs id and function.")
        if not isinstance(function.get("name"), str) or not isinstance(function.get("arguments"), str):
            bad(f"invalid request: messages[{at}].tool_calls.function needs name and arguments.")
        yield call["id"]


def parts(message: dict[str, Any], at: int = 0) -> list[dict[str, Any]]:
    content = message.get("content")
    if content is None and (message["role"] != "assistant" or not message.get("tool_calls")):
        bad(f"invalid request: messages[{at}].content is required.")
    if isinstance(content, str):
        return [{"type": "text", "text": content}] if content else []
    if content is not None and (not isinstance(content, list) or not all(isinstance(part, dict) for part in content)):
        bad(f"invalid request: messages[{at}].content must be a string or a list of objects.")
    return content or []


def _tools(tools: Any) -> Iterator[Tool]:
    for at, tool in enumerate(tools):
        function = tool.get("function") if isinstance(tool, dict) else None
        if not isinstance(function, dict) or not isinstance(function.get("name"), str) or tool.get("type") != "function":
            bad(f"invalid request: tools[{at}] must be a function with a name.")
        schema = function.get("parameters")
        if schema is not None and not isinstance(schema, dict):
            bad(f"invalid request: tools[{at}].function.parameters must be an object.")
        yield Tool(function["name"], schema)


def _ask(body: dict[str, Any], messages: list[dict[str, Any]], tools: tuple[Tool, ...]) -> Ask:
    spoken = [message for message in messages if message["role"] != "system"]
    said = [message["role"] == "assistant" for message in spoken]
    last = spoken[max((at for at, model in enumerate(said) if model), default=-1) + 1 :]
    users = [text for message in spoken if message["role"] == "user" for text in _texts(message)]
    task, done = task_in(_told(messages))
    choice: Any = CHOICES.get(body.get("tool_choice", ""), "auto")
    return Ask(
        text=users[-1] if users else "",
        results=tuple(" ".join(_texts(message)) for message in last if message["role"] == "tool"),
        images=sum(part.get("type") == "image_url" for message in last for part in parts(message)),
        documents=len(body.get("documents", ())),
        turns=sum(at == 0 or model != said[at - 1] for at, model in enumerate(said)),
        tools=tools,
        choice=choice,
        thinking=body.get("thinking", {}).get("type") == "enabled",
        format=_format(body, tools),
        task=task,
        done=done,
        stop=tuple(each for each in body.get("stop_sequences", ()) if isinstance(each, str)),
        max_tokens=body.get("max_tokens"),
        input_tokens=sum(_cost(message) for message in messages) + len(json.encode(body.get("tools", []))) // 4,
    )


def _texts(message: dict[str, Any]) -> list[str]:
    """The texts of a message; a document's data is one."""
    found = []
    for part in parts(message):
        if part["type"] == "text" and isinstance(part.get("text"), str):
            found.append(part["text"])
        elif part["type"] == "document":
            data = part["document"].get("data") if isinstance(part.get("document"), dict) else None
            found.append(data if isinstance(data, str) else json.text(data))
    return found


def _told(messages: list[dict[str, Any]]) -> Iterator[str | None]:
    """What the user said and, as None, the results that came."""
    for message in messages:
        if message["role"] == "tool":
            yield None
        elif message["role"] == "user":
            yield from _texts(message)


def _format(body: dict[str, Any], tools: tuple[Tool, ...]) -> Any:
    wanted = body.get("response_format", {"type": "text"})
    if wanted.get("type") not in ("text", "json_object"):
        bad("invalid request: response_format.type must be one of text, json_object.")
    if wanted["type"] == "text":
        return None
    if tools:
        bad("invalid request: response_format of type json_object is not supported with tools.")
    schema = wanted.get("schema", JSON_OBJECT)
    if not isinstance(schema, dict):
        bad("invalid request: response_format.schema must be an object.")
    return schema


def _cost(message: dict[str, Any]) -> int:
    said = sum(IMAGE_TOKENS if part["type"] == "image_url" else len(json.encode(part)) // 4 for part in parts(message))
    return MESSAGE_TOKENS + said + len(json.encode(message.get("tool_calls") or [])) // 4
