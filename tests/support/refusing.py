"""Providers that refuse a request by what it holds, and requests to ask them, in any dialect."""

import json
from collections.abc import Callable
from typing import Any

from dragoman.core.errors import Error, ErrorKind
from dragoman.dialects.registry import CLIENTS
from support.fixtures import Ask, finished
from support.scripted import Received, Step, answer
from support.speech import build, parse

_WORDS = {"bedrock": "message", "cohere": "message", "ollama": "error"}
"""The member that holds the words of an error, of dialects that only providers speak."""
Refuses = Callable[[bytes], str | None]
"""A request's body -> the words it is refused with, None where it is taken."""


def answering(dialect: str) -> bytes:
    """A whole answer of a provider that speaks `dialect`: one that only says something."""
    wholes = [each for each in finished() if each.dialect == dialect and not each.stream]
    return next(each.data for each in wholes if each.said.text and not each.said.calls and each.said.finish == "stop")


def refusal(dialect: str, message: str, status: int = 400) -> Step:
    if dialect in CLIENTS:
        told = CLIENTS[dialect].build_error(Error(kind=ErrorKind.BAD_REQUEST, message=message), "req_1")[1]
    else:
        told = json.dumps({_WORDS[dialect]: message}).encode()
    return answer(status, told)


def refusing(dialect: str, refuses: Refuses, status: int = 400) -> Callable[[Received], list[Step]]:
    """A script."""

    def script(request: Received) -> list[Step]:
        said = refuses(request.body)
        return [answer(200, answering(dialect)) if said is None else refusal(dialect, said, status)]

    return script


def holding(member: str, message: str) -> Refuses:
    """Refuses bodies that hold a member of this name."""
    return lambda body: message if f'"{member}"'.encode() in body else None


def asking(client: str, model: str = "m", **more: Any) -> tuple[str, bytes]:
    """(path, body) of a call of a client of this dialect. `more`: members in Chat's words."""
    said = {"model": model, "messages": [{"role": "user", "content": "Hello"}], "max_tokens": 64, **more}
    body = build(parse(Ask("openai-chat", "", json.dumps(said).encode())), client).body
    stream = bool(said.get("stream"))
    door = next(door for door in CLIENTS[client].paths if door.operation == "chat" and _fits(door.pattern, stream))
    return door.pattern.replace("{model}", model), body


def _fits(pattern: str, stream: bool) -> bool:
    """Of a dialect that has a door for streams."""
    return ("stream" in pattern.lower()) == stream or ":" not in pattern
