"""The official `google-genai` SDK. Its client reads leniently: where we check strictly, its types read every chunk once more."""

from collections.abc import Iterator
from typing import Any

import httpx2
import pydantic
from google import genai
from google.genai import errors, types

from support.reading.gemini import FINISH
from support.said import Call, Said, arguments
from support.sdk.base import Door, Sdk, UnreadableError


class _Ask(pydantic.BaseModel):
    """A request as the SDK's types have it."""

    contents: list[types.Content]
    systemInstruction: types.Content | None = None  # noqa: N815
    tools: list[types.Tool] | None = None
    toolConfig: types.ToolConfig | None = None  # noqa: N815
    generationConfig: types.GenerationConfig | None = None  # noqa: N815
    serviceTier: types.ServiceTier | None = None  # noqa: N815


_ONCE = types.GenerateContentConfig(automatic_continuation=False)
"""An answer that is to be continued is not asked for again."""


def _make(door: Door, strict: bool) -> Any:
    options: Any = {"base_url": "http://gateway", "httpx_client": httpx2.Client(transport=door)}
    return genai.Client(api_key="k", http_options=options), door


def _read(client: Any, stream: bool, strict: bool) -> Said:
    sdk, door = client
    if stream:
        chunks = list(sdk.models.generate_content_stream(model="m", contents="Hi.", config=_ONCE))
    else:
        chunks = [sdk.models.generate_content(model="m", contents="Hi.", config=_ONCE)]
    if strict:
        for data in _events(door.body) if stream else [door.body]:
            types.GenerateContentResponse.model_validate_json(data)
    return _said(chunks)


def _events(body: bytes) -> Iterator[bytes]:
    """The data of a stream, which holds nothing but `data: ` lines, and no call in more than one event."""
    calling = 0
    for event in body.split(b"\r\n\r\n"):
        if not event:
            continue
        if not event.startswith(b"data: {") or b"\n" in event:
            raise UnreadableError(f"a stream of Google's has no such event: {event!r}")
        calling += b'"functionCall":' in event
        yield event.removeprefix(b"data: ")
    if calling > 1:
        raise UnreadableError("calls in more than one chunk")


def _said(chunks: list[types.GenerateContentResponse]) -> Said:
    text, thought, calls, finish, usage = "", "", [], None, None
    for chunk in chunks:
        usage = chunk.usage_metadata or usage
        if chunk.prompt_feedback is not None and chunk.prompt_feedback.block_reason is not None:
            finish = "refusal"
        for candidate in (chunk.candidates or ())[:1]:
            for part in (candidate.content.parts or ()) if candidate.content is not None else ():
                if part.thought:
                    thought += part.text or ""
                else:
                    text += part.text or ""
                if part.function_call is not None and part.function_call.name:
                    calls.append(Call(part.function_call.name, arguments(part.function_call.args or {})))
            if candidate.finish_reason is not None:
                finish = FINISH.get(candidate.finish_reason.value, "other")
    return Said(text, thought, "", tuple(calls), finish, _usage(usage))


def _usage(told: types.GenerateContentResponseUsageMetadata | None) -> dict[str, int] | None:
    if told is None:
        return None
    prompt = (told.prompt_token_count or 0) + (told.tool_use_prompt_token_count or 0)
    said, reasoning = told.candidates_token_count or 0, told.thoughts_token_count or 0
    inside = 0 < reasoning <= said and prompt + said == told.total_token_count
    return {
        "input": prompt,
        "output": said if inside else said + reasoning,
        "cache_read": told.cached_content_token_count or 0,
        "cache_write": 0,
        "reasoning": reasoning,
    }


SDK = Sdk(
    make=_make,
    read=_read,
    asks=pydantic.TypeAdapter(_Ask),
    errors=(errors.APIError,),
    invalid=(pydantic.ValidationError,),
)
