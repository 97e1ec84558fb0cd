"""Requests of a client of another dialect, as its parser would give them."""

from typing import Any

from msgspec import Raw

from dragoman.core.parts import Part, Text, ToolCall, ToolResult
from dragoman.core.request import Message, Request, Role, Tool

F = Tool(name="f", schema=Raw(b'{"type":"object"}'), at="/tools/0")


def foreign(*messages: Message, **members: Any) -> Request:
    turns = messages or (turn("user", "hi"),)
    return Request(**{"dialect": "openai-chat", "messages": turns, "max_output_tokens": 50000, **members})


def turn(role: Role, *parts: Part | str, **members: Any) -> Message:
    return Message(role, tuple(Text(part) if isinstance(part, str) else part for part in parts), **members)


def call(id_: str, name: str = "f", arguments: str = "{}", **members: Any) -> ToolCall:
    return ToolCall(id=id_, name=name, arguments=arguments, **members)


def result(id_: str, *parts: Any, **members: Any) -> ToolResult:
    return ToolResult(id=id_, parts=tuple(Text(part) if isinstance(part, str) else part for part in parts), **members)
