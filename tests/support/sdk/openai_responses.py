"""The official `openai` SDK, Responses: its own types, and its own helper for streams."""

from typing import Any

import openai
import pydantic
from openai.types.responses.response_create_params import ResponseCreateParamsNonStreaming

from support.said import Call, Said, arguments
from support.sdk.base import PROMPT, Sdk
from support.sdk.openai import ERRORS, INVALID, make

INCOMPLETE = {"max_output_tokens": "length", "content_filter": "refusal"}


class FailedResponseError(openai.APIError):
    """The SDK raises nothing for a response that failed: its status says so."""

    def __init__(self) -> None:
        Exception.__init__(self, "the response failed")


def _read(client: Any, stream: bool, strict: bool) -> Said:
    answer = _streamed(client, strict) if stream else client.responses.create(model="m", input=PROMPT)
    if answer.status == "failed" or answer.error is not None:
        raise FailedResponseError
    detail = answer.incomplete_details.reason if answer.incomplete_details is not None else None
    finish = INCOMPLETE.get(detail or "", "other") if answer.status == "incomplete" else "stop"
    content = [part for item in answer.output if item.type == "message" for part in item.content]
    return Said(
        "".join(part.text for part in content if part.type == "output_text"),
        "".join(_thought(item) for item in answer.output if item.type == "reasoning"),
        "".join(part.refusal for part in content if part.type == "refusal"),
        tuple(call for item in answer.output if (call := _call(item)) is not None),
        finish,
        _usage(answer.usage),
    )


def _streamed(client: Any, strict: bool) -> Any:
    """The final response; what the helper put together from the pieces must be the same."""
    texts: dict[tuple[int, int], str] = {}
    last: Any = None
    with client.responses.stream(model="m", input=PROMPT) as events:
        for event in events:
            if event.type == "response.output_text.delta":
                texts[event.output_index, event.content_index] = event.snapshot
            elif event.type in ("response.completed", "response.incomplete", "response.failed"):
                last = event.response
        if last is not None and last.status == "completed":
            last = events.get_final_response()
    assert last is not None, "no ending"
    whole = [part.text for item in last.output if item.type == "message" for part in item.content if part.type == "output_text"]
    if strict and last.status != "failed":
        assert [texts[place] for place in sorted(texts)] == [text for text in whole if text], "deltas differ from the response"
    return last


def _thought(item: Any) -> str:
    return "".join(part.text for part in [*item.summary, *(item.content or ())])


def _call(item: Any) -> Call | None:
    if item.type == "function_call":
        return Call(item.name, arguments(item.arguments))
    return Call(item.name, item.input, True) if item.type == "custom_tool_call" else None


def _usage(told: Any) -> dict[str, int] | None:
    if told is None:
        return None
    before, after = told.input_tokens_details, told.output_tokens_details
    return {
        "input": told.input_tokens,
        "output": told.output_tokens,
        "cache_read": (before.cached_tokens or 0) if before is not None else 0,
        "cache_write": (getattr(before, "cache_write_tokens", 0) or 0) if before is not None else 0,
        "reasoning": (after.reasoning_tokens or 0) if after is not None else 0,
    }


_ASKS: Any = ResponseCreateParamsNonStreaming
_FAILED = b'"type":"response.failed"'
"""More codes of errors than are listed: `insufficient_quota` (recorded 2025-11), those that Codex acts on."""
SDK = Sdk(make=make, read=_read, asks=pydantic.TypeAdapter(_ASKS), errors=ERRORS, invalid=INVALID, untyped=_FAILED)
