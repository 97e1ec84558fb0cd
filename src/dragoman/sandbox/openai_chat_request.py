"""An OpenAI Chat request, read as the vendor reads it: refused in its words where it would be (2026-11)."""

from collections.abc import Iterator
from typing import Any

from dragoman.sandbox.mind import JSON_OBJECT, Ask, Tool
from dragoman.sandbox.openai_chat_rules import MAX_CALL_ID, PARTS, ROLES, check_members
from dragoman.sandbox.openai_chat_tools import Choice, read_choice, read_tools
from dragoman.sandbox.openai_rules import (
    bad,
    check_name,
    check_strict_schema,
    empty,
    missing,
    read_body,
    too_long,
    wrong_type,
    wrong_value,
)
from dragoman.sandbox.reply import Heard, Incoming
from dragoman.sandbox.task import task_in
from dragoman.wire import json

IMAGE_TOKENS, FILE_TOKENS, MESSAGE_TOKENS = 300, 1500, 3
CACHED_FROM = 1024
"""Tokens from which the vendor caches a prompt by itself."""


def read(call: Incoming, *, strict: bool) -> Heard:
    """The request, checked."""
    body = read_body(call)
    check_members(body, strict=strict)
    messages = _messages(body["messages"])
    tools = read_tools(body)
    choice, forced, tools = read_choice(body, tools)
    options = body.get("stream_options") or {}
    return Heard(
        model=body["model"],
        stream=body.get("stream") is True,
        ask=_ask(body, messages, tools, choice, forced),
        choices=body.get("n", 1),
        usage_asked=options.get("include_usage") is True,
    )


def _messages(messages: list[Any]) -> list[dict[str, Any]]:
    if not messages:
        empty("messages")
    waiting: list[str] = []
    for at, message in enumerate(messages):
        where = f"messages[{at}]"
        if not isinstance(message, dict):
            wrong_type(where, "an object", message)
        role = message.get("role")
        if role is None:
            missing(f"{where}.role")
        if role not in ROLES:
            wrong_value(f"{where}.role", role, ROLES)
        if role == "tool":
            waiting = _answered(message, at, waiting)
        elif waiting:
            _unanswered(waiting, at)
        _content(message, where, role)
        if role == "assistant" and message.get("tool_calls") is not None:
            waiting = _calls(message["tool_calls"], where)
    if waiting:
        _unanswered(waiting, len(messages))
    return messages


def _answered(message: dict[str, Any], at: int, waiting: list[str]) -> list[str]:
    call = message.get("tool_call_id")
    if call is None:
        missing(f"messages[{at}].tool_call_id")
    if not isinstance(call, str):
        wrong_type(f"messages[{at}].tool_call_id", "a string", call)
    if call not in waiting:
        words = "messages with role 'tool' must be a response to a preceeding message with 'tool_calls'."
        bad(f"Invalid parameter: {words}", f"messages.[{at}].role")
    return [other for other in waiting if other != call]


def _unanswered(waiting: list[str], at: int) -> None:
    bad(
        "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. "
        f"The following tool_call_ids did not have response messages: {', '.join(waiting)}",
        f"messages.[{at}].role",
    )


def _calls(calls: Any, where: str) -> list[str]:
    if not isinstance(calls, list):
        wrong_type(f"{where}.tool_calls", "an array of objects", calls)
    if not calls:
        empty(f"{where}.tool_calls")
    ids = []
    for at, call in enumerate(calls):
        place = f"{where}.tool_calls[{at}]"
        if not isinstance(call, dict):
            wrong_type(place, "an object", call)
        if not isinstance(call.get("id"), str):
            missing(f"{place}.id")
        if len(call["id"]) > MAX_CALL_ID:
            too_long(f"{place}.id", MAX_CALL_ID, len(call["id"]))
        kind = call.get("type")
        if kind is None:
            missing(f"{place}.type")
        if kind not in ("function", "custom"):
            wrong_value(f"{place}.type", kind, ("function", "custom"))
        inner = call.get(kind)
        if not isinstance(inner, dict):
            missing(f"{place}.{kind}")
        check_name(f"{place}.{kind}.name", inner.get("name"))
        argument = "arguments" if kind == "function" else "input"
        if not isinstance(inner.get(argument), str):
            missing(f"{place}.{kind}.{argument}")
        ids.append(call["id"])
    return ids


def _content(message: dict[str, Any], where: str, role: str) -> None:
    content = message.get("content")
    if content is None:
        if role == "assistant" and any(message.get(n) is not None for n in ("tool_calls", "function_call", "refusal", "audio")):
            return
        if role == "function":
            return
        bad("Invalid value for 'content': expected a string, got null.", f"{where}.content")
    if isinstance(content, str):
        return
    if not isinstance(content, list):
        wrong_type(f"{where}.content", "one of a string or array of objects", content)
    if not content:
        empty(f"{where}.content")
    for at, part in enumerate(content):
        _part(part, f"{where}.content[{at}]", role)


def _part(part: Any, where: str, role: str) -> None:
    if not isinstance(part, dict):
        wrong_type(where, "an object", part)
    kind = part.get("type")
    if kind is None:
        missing(f"{where}.type")
    allowed = tuple(name for name, (roles, _) in PARTS.items() if role in roles or role == "function")
    if kind not in allowed:
        wrong_value(f"{where}.type", kind, allowed)
    value, place = part, where
    for name in PARTS[kind][1]:
        place = f"{place}.{name}"
        if not isinstance(value, dict) or value.get(name) is None:
            missing(place)
        value = value[name]
    wanted, words = (dict, "an object") if kind == "file" else (str, "a string")
    if not isinstance(value, wanted):
        wrong_type(place, words, value)
    if kind == "image_url" and not str(value).startswith(("https://", "http://", "data:image/")):
        bad(f"Invalid '{place}'. Expected a valid URL, but got a value with an invalid format.", place, "invalid_value")
    if kind == "file" and not any(part["file"].get(name) for name in ("file_id", "file_data")):
        missing(f"{place}.file_id")


def _format(body: dict[str, Any], messages: list[dict[str, Any]]) -> Any:
    wanted = body.get("response_format")
    if wanted is None:
        return None
    kind = wanted.get("type")
    if kind is None:
        missing("response_format.type")
    if kind not in ("text", "json_object", "json_schema"):
        wrong_value("response_format.type", kind, ("json_object", "json_schema", "text"))
    if kind == "text":
        return None
    if kind == "json_object":
        if "json" not in json.text([message.get("content") for message in messages]).lower():
            bad(
                "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.",
                "messages",
            )
        return JSON_OBJECT
    described = wanted.get("json_schema")
    if not isinstance(described, dict):
        missing("response_format.json_schema")
    check_name("response_format.json_schema.name", described.get("name"))
    schema = described.get("schema")
    if described.get("strict") is True:
        check_strict_schema(schema or {}, described["name"], "response_format")
    return schema if isinstance(schema, dict) else {"type": "object"}


def _ask(body: dict[str, Any], messages: list[dict[str, Any]], tools: tuple[Tool, ...], choice: Choice, forced: str) -> Ask:
    turns = _turns(messages)
    said = [turn for turn in turns if turn[0]["role"] != "assistant"]
    last = said[-1] if said and turns[-1] is said[-1] else []
    parts = [part for message in last for part in _parts(message)]
    texts = [text for message in (said[-1] if said else []) if message["role"] == "user" for text in _texts(message)]
    stop = body.get("stop", ())
    tokens = sum(MESSAGE_TOKENS + sum(_cost(part) for part in _parts(message)) + _called(message) for message in messages)
    tokens += len(json.encode(body.get("tools", []))) // 4
    marked = (
        tokens >= CACHED_FROM
        or "prompt_cache_key" in body
        or any(
            part.get("cache_control") or part.get("prompt_cache_breakpoint") for message in messages for part in _parts(message)
        )
    )
    task, done = task_in(_told(messages))
    return Ask(
        text=texts[-1] if texts else "",
        results=tuple(" ".join(_texts(message)) for message in last if message["role"] in ("tool", "function")),
        images=sum(part["type"] == "image_url" for part in parts),
        documents=sum(part["type"] == "file" for part in parts),
        turns=len(turns),
        tools=tools,
        choice=choice,
        forced=forced,
        parallel=body.get("parallel_tool_calls") is not False,
        thinking=_thinks(body),
        format=_format(body, messages),
        task=task,
        done=done,
        stop=(stop,) if isinstance(stop, str) else tuple(stop),
        max_tokens=body.get("max_completion_tokens", body.get("max_tokens")),
        input_tokens=tokens,
        cache_marked=marked,
    )


def _told(messages: list[dict[str, Any]]) -> Iterator[str | None]:
    """What the user said and, as None, the results that came."""
    for message in messages:
        if message["role"] == "user":
            yield from _texts(message)
        elif message["role"] in ("tool", "function"):
            yield None


def _thinks(body: dict[str, Any]) -> bool:
    """Asked for with the vendor's member, or with those of others who speak this dialect."""
    thinking, reasoning = body.get("thinking"), body.get("reasoning")
    return (
        body.get("reasoning_effort", "none") != "none"
        or (isinstance(thinking, dict) and thinking.get("type") == "enabled")
        or (isinstance(reasoning, dict) and reasoning.get("effort", "none") != "none")
    )


def _turns(messages: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Consecutive messages of one side together; system messages belong to no side."""
    turns: list[list[dict[str, Any]]] = []
    for message in messages:
        if message["role"] in ("system", "developer"):
            continue
        if turns and (turns[-1][0]["role"] == "assistant") == (message["role"] == "assistant"):
            turns[-1].append(message)
        else:
            turns.append([message])
    return turns


def _parts(message: dict[str, Any]) -> list[dict[str, Any]]:
    content = message.get("content")
    if isinstance(content, str):
        return [{"type": "text", "text": content}] if content else []
    return content if isinstance(content, list) else []


def _texts(message: dict[str, Any]) -> list[str]:
    return [part["text"] for part in _parts(message) if part["type"] == "text" and part["text"]]


def _cost(part: dict[str, Any]) -> int:
    if part["type"] in ("text", "refusal"):
        return len(part[part["type"]]) // 4 + 1
    return IMAGE_TOKENS if part["type"] == "image_url" else FILE_TOKENS


def _called(message: dict[str, Any]) -> int:
    calls = message.get("tool_calls")
    return len(json.encode(calls)) // 4 if calls else 0
