"""Reads our answers as clients do: the official SDKs, types checked strictly, streams put together by their own accumulators."""

import json
from functools import cache
from typing import Any

import anthropic
import httpx2
import openai
import pydantic
from anthropic.types.message_create_params import MessageCreateParamsNonStreaming as AnthropicAsk
from openai.types.chat.completion_create_params import CompletionCreateParamsNonStreaming as OpenAIAsk

from support.reading import ANTHROPIC_FINISH, CHAT_FINISH, FAILED, chat_usage, thoughts
from support.said import Call, Number, Said, arguments

PROMPT: Any = [{"role": "user", "content": "Hi."}]


class UnreadableError(AssertionError):
    """An SDK stumbles over what we wrote."""


class Door(httpx2.BaseTransport):
    """Answers the next call with these bytes."""

    def __init__(self) -> None:
        self.status, self.kind, self.body = 200, "", b""

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(self.status, headers={"content-type": self.kind}, content=self.body, request=request)

    def put(self, body: bytes, *, stream: bool, status: int = 200) -> None:
        self.status, self.body = status, body
        self.kind = "text/event-stream" if stream else "application/json"


@cache
def _anthropic(strict: bool) -> tuple[Door, anthropic.Anthropic]:
    door = Door()
    http = httpx2.Client(transport=door)
    return door, anthropic.Anthropic(
        api_key="k", base_url="http://gateway", http_client=http, max_retries=0, _strict_response_validation=strict
    )


@cache
def _openai(strict: bool) -> tuple[Door, openai.OpenAI]:
    door = Door()
    http = httpx2.Client(transport=door)
    return door, openai.OpenAI(
        api_key="k", base_url="http://gateway", http_client=http, max_retries=0, _strict_response_validation=strict
    )


def read(dialect: str, body: bytes, *, stream: bool, status: int = 200, strict: bool = True) -> Said:
    """What the official client of the dialect makes of the bytes. `error` is FAILED where it raises an API error.

    `strict`: types are checked. Not where a provider's own oddities pass through to a client of its own dialect.
    """
    read_it, (door, client) = (_read_anthropic, _anthropic(strict)) if dialect == "anthropic" else (_read_openai, _openai(strict))
    door.put(body, stream=stream and status == 200, status=status)
    try:
        return read_it(client, stream).settled()
    except (anthropic.APIResponseValidationError, openai.APIResponseValidationError) as fault:
        raise UnreadableError(f"{fault.__cause__ or fault}") from fault
    except (anthropic.APIStatusError, openai.APIStatusError):
        return Said(error=FAILED)
    except (anthropic.APIError, openai.APIError):
        return Said(error=FAILED)
    except (IndexError, KeyError, TypeError, AttributeError, ValueError, RuntimeError) as fault:
        raise UnreadableError(repr(fault)) from fault


@cache
def _asks(dialect: str) -> pydantic.TypeAdapter[Any]:
    """The type of a request, as the SDK of the dialect declares it for its callers."""
    whole: Any = AnthropicAsk if dialect == "anthropic" else OpenAIAsk
    return pydantic.TypeAdapter(whole)


def faults(dialect: str, body: bytes) -> str:
    """What is wrong with a request by the SDK's types; "" for nothing. Members they do not know are let through."""
    members = json.loads(body)
    members.pop("stream", None)
    try:
        _walk(_asks(dialect).validate_python(members))
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


def _read_anthropic(client: Any, stream: bool) -> Said:
    message: Any
    if stream:
        with client.messages.stream(model="m", max_tokens=1, messages=PROMPT) as events:
            message = events.get_final_message()
    else:
        message = client.messages.create(model="m", max_tokens=1, messages=PROMPT)
    blocks = message.content
    detail = message.usage.output_tokens_details
    read, write = message.usage.cache_read_input_tokens or 0, message.usage.cache_creation_input_tokens or 0
    return Said(
        "".join(block.text for block in blocks if block.type == "text"),
        "".join(block.thinking for block in blocks if block.type == "thinking"),
        "",
        tuple(Call(block.name, arguments(block.input)) for block in blocks if block.type == "tool_use"),
        ANTHROPIC_FINISH.get(message.stop_reason, "other"),
        {
            "input": message.usage.input_tokens + read + write,
            "output": message.usage.output_tokens,
            "cache_read": read,
            "cache_write": write,
            "reasoning": detail.thinking_tokens if detail is not None else 0,
        },
    )


def _read_openai(client: Any, stream: bool) -> Said:
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
        CHAT_FINISH.get(choice.finish_reason, "other"),
        _usage(answer.usage) if client._strict_response_validation else chat_usage(answer.usage and answer.usage.model_dump()),
    )


def _function(function: Any) -> Call:
    return Call(function.name, arguments(function.arguments))


def _usage(usage: Any) -> dict[str, int] | None:
    if usage is None:
        return None
    prompt, completion = usage.prompt_tokens_details, usage.completion_tokens_details
    return {
        "input": usage.prompt_tokens,
        "output": usage.completion_tokens,
        "cache_read": (prompt.cached_tokens or 0) if prompt is not None else 0,
        "cache_write": (prompt.cache_write_tokens or 0) if prompt is not None else 0,
        "reasoning": (completion.reasoning_tokens or 0) if completion is not None else 0,
    }


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
