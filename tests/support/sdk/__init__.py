"""Reads our answers as clients do: the official SDKs, types checked strictly, streams put together by their own accumulators.

One file a dialect.
"""

import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import pydantic

from support.reading.base import FAILED
from support.said import Call, Number, Said
from support.sdk import anthropic, bedrock, gemini, ollama, openai_chat, openai_responses
from support.sdk.base import Door, Sdk, UnreadableError

CHECKS: Mapping[str, Callable[[bytes], str]] = {"bedrock": bedrock.faults}
"""What is wrong with a request of a dialect that only providers speak, by its vendor's SDK."""
SDKS: Mapping[str, Sdk] = {
    "anthropic": anthropic.SDK,
    "gemini": gemini.SDK,
    "openai-responses": openai_responses.SDK,
    "openai-chat": openai_chat.SDK,
}
ASKS: Mapping[str, pydantic.TypeAdapter[Any]] = {**{name: sdk.asks for name, sdk in SDKS.items()}, "ollama": ollama.ASKS}
"""The type of a request, of dialects that only providers speak, too, where their SDK is small."""

__all__ = ["SDKS", "UnreadableError", "faults", "loosely", "read"]


@cache
def _client(dialect: str, strict: bool) -> tuple[Door, Any]:
    door = Door()
    return door, SDKS[dialect].make(door, strict)


def read(dialect: str, body: bytes, *, stream: bool, status: int = 200, strict: bool = True) -> Said:
    """What the official client of the dialect makes of the bytes. `error` is FAILED where it raises an API error.

    `strict`: types are checked. Not where a provider's own oddities pass through to a client of its own dialect.
    """
    sdk = SDKS[dialect]
    strict = strict and not (stream and sdk.untyped is not None and sdk.untyped in body)
    door, client = _client(dialect, strict)
    door.put(body, stream=stream and status == 200, status=status)
    try:
        return sdk.read(client, stream, strict).settled()
    except sdk.invalid as fault:
        raise UnreadableError(f"{fault.__cause__ or fault}") from fault
    except sdk.errors:
        return Said(error=FAILED)
    except (IndexError, KeyError, TypeError, AttributeError, ValueError, RuntimeError) as fault:
        raise UnreadableError(repr(fault)) from fault


def faults(dialect: str, body: bytes) -> str:
    """What is wrong with a request by the SDK's types; "" for nothing. Members they do not know are let through."""
    if dialect not in ASKS:
        return CHECKS[dialect](body) if dialect in CHECKS else ""
    members = json.loads(body)
    members.pop("stream", None)
    try:
        _walk(ASKS[dialect].validate_python(members))
    except pydantic.ValidationError as fault:
        return str(fault)
    return ""


def _walk(value: Any) -> None:
    """Lists are checked as they are read."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list) or hasattr(value, "__next__"):
        for each in value:
            _walk(each)


def loosely(said: Said) -> Said:
    """Numbers by value: an SDK that parses arguments does not keep how they were written."""
    calls = tuple(Call(call.name, _by_value(call.arguments), call.custom) for call in said.calls)
    return Said(said.text, said.reasoning, said.refusal, calls, said.finish, said.usage, said.error, said.excused)


def _by_value(value: Any) -> Any:
    if isinstance(value, Number):
        number = float(value)
        return int(value) if value.lstrip("-").isdigit() else int(number) if number.is_integer() else number
    if isinstance(value, dict):
        return {key: _by_value(each) for key, each in value.items()}
    return [_by_value(each) for each in value] if isinstance(value, list) else value
