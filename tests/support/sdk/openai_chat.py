"""The official `openai` SDK, Chat Completions."""

from typing import Any

import pydantic
from openai.types.chat.completion_create_params import CompletionCreateParamsNonStreaming

from support.reading.openai_chat import FINISH, thoughts, usage
from support.said import Call, Said, arguments
from support.sdk.base import PROMPT, Sdk
from support.sdk.openai import ERRORS, INVALID, make


def _read(client: Any, stream: bool, strict: bool) -> Said:
    answer: Any
    if stream:
        with client.chat.completions.stream(model="m", messages=PROMPT, stream_options={"include_usage": True}) as chunks:
            for _ in chunks:
                pass
            answer = chunks.current_completion_snapshot
    else:
        answer = client.chat.completions.create(model="m", messages=PROMPT)
    choice = answer.choices[0]
    message = choice.message
    calls = []
    for call in message.tool_calls or ():
        custom = call.model_dump().get("custom")
        calls.append(Call(custom["name"], custom["input"], True) if custom else _function(call.function))
    return Said(
        message.content or "",
        thoughts(message.model_extra or {}),
        message.refusal or "",
        tuple(calls),
        FINISH.get(choice.finish_reason, "other"),
        _usage(answer.usage) if strict else usage(answer.usage and answer.usage.model_dump()),
    )


def _function(function: Any) -> Call:
    return Call(function.name, arguments(function.arguments))


def _usage(told: Any) -> dict[str, int] | None:
    if told is None:
        return None
    prompt, completion = told.prompt_tokens_details, told.completion_tokens_details
    return {
        "input": told.prompt_tokens,
        "output": told.completion_tokens,
        "cache_read": (prompt.cached_tokens or 0) if prompt is not None else 0,
        "cache_write": (prompt.cache_write_tokens or 0) if prompt is not None else 0,
        "reasoning": (completion.reasoning_tokens or 0) if completion is not None else 0,
    }


_ASKS: Any = CompletionCreateParamsNonStreaming
_CUSTOM = b'"type":"custom"'
"""Calls of custom tools in chunks."""
SDK = Sdk(make=make, read=_read, asks=pydantic.TypeAdapter(_ASKS), errors=ERRORS, invalid=INVALID, untyped=_CUSTOM)
