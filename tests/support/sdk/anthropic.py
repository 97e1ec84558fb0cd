"""The official `anthropic` SDK."""

from typing import Any

import anthropic
import httpx2
import pydantic
from anthropic.types.message_create_params import MessageCreateParamsNonStreaming

from support.reading.anthropic import FINISH
from support.said import Call, Said, arguments
from support.sdk.base import PROMPT, Door, Sdk


def _make(door: Door, strict: bool) -> Any:
    http = httpx2.Client(transport=door)
    return anthropic.Anthropic(
        api_key="k", base_url="http://gateway", http_client=http, max_retries=0, _strict_response_validation=strict
    )


def _read(client: Any, stream: bool, strict: bool) -> Said:
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
        FINISH.get(message.stop_reason, "other"),
        {
            "input": message.usage.input_tokens + read + write,
            "output": message.usage.output_tokens,
            "cache_read": read,
            "cache_write": write,
            "reasoning": detail.thinking_tokens if detail is not None else 0,
        },
    )


_ASKS: Any = MessageCreateParamsNonStreaming
SDK = Sdk(
    make=_make,
    read=_read,
    asks=pydantic.TypeAdapter(_ASKS),
    errors=(anthropic.APIError,),
    invalid=(anthropic.APIResponseValidationError,),
)
