"""The vendor's own Python SDK takes the sandbox for the vendor."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import openai
import pytest
from openai import AsyncOpenAI, OpenAI
from pydantic import BaseModel

from dragoman.sandbox import Sandbox
from support.sandbox import CHAT_TOOLS

HELLO: Any = [{"role": "user", "content": "hello there"}]
TOOLS: Any = CHAT_TOOLS


@pytest.fixture
async def client(sandbox: Sandbox) -> AsyncIterator[AsyncOpenAI]:
    async with AsyncOpenAI(base_url=f"http://127.0.0.1:{sandbox.port}/v1", api_key="any", max_retries=0) as client:
        yield client


async def test_a_whole_answer(client: AsyncOpenAI) -> None:
    found = await client.chat.completions.create(model="gpt-5.2", messages=HELLO)
    assert found.choices[0].message.content == "You said: hello there"
    assert found.choices[0].finish_reason == "stop"
    assert found.usage is not None
    assert found.usage.total_tokens == found.usage.prompt_tokens + found.usage.completion_tokens > 4


async def test_a_stream(client: AsyncOpenAI) -> None:
    stream = await client.chat.completions.create(
        model="gpt-5.2", messages=HELLO, stream=True, stream_options={"include_usage": True}
    )
    chunks = [chunk async for chunk in stream]
    assert "".join(c.choices[0].delta.content or "" for c in chunks if c.choices) == "You said: hello there"
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert chunks[-1].usage is not None
    assert all(chunk.usage is None for chunk in chunks[:-1])


async def test_several_choices(client: AsyncOpenAI) -> None:
    async with client.chat.completions.stream(model="m", messages=HELLO, n=3) as stream:
        found = await stream.get_final_completion()
    assert [choice.index for choice in found.choices] == [0, 1, 2]
    assert {choice.message.content for choice in found.choices} == {"You said: hello there"}


@pytest.mark.parametrize("model", ["any", "sandbox-parallel-tools"])
async def test_tools_there_and_back(client: AsyncOpenAI, model: str) -> None:
    async with client.chat.completions.stream(model=model, messages=HELLO, tools=TOOLS) as stream:
        streamed = (await stream.get_final_completion()).choices[0].message
    whole = (await client.chat.completions.create(model=model, messages=HELLO, tools=TOOLS)).choices[0].message
    for message in (streamed, whole):
        calls: Any = message.tool_calls
        assert [call.function.name for call in calls] == ["get_weather"] * (1 if model == "any" else 2)
        assert calls[0].function.arguments == '{"city":"sample city","unit":"c"}'
        results: Any = [{"role": "tool", "tool_call_id": call.id, "content": "sunny"} for call in calls]
        history = [*HELLO, message.model_dump(exclude_none=True, exclude={"parsed"}), *results]
        after = await client.chat.completions.create(model=model, messages=history, tools=TOOLS)
        assert str(after.choices[0].message.content).startswith("The tool said: sunny")


async def test_thinking(client: AsyncOpenAI) -> None:
    found: Any = await client.chat.completions.create(model="m", messages=HELLO, reasoning_effort="low")
    assert "hello there" in found.choices[0].message.reasoning_content
    assert found.usage.completion_tokens_details.reasoning_tokens > 0


async def test_structured_output(client: AsyncOpenAI) -> None:
    class Weather(BaseModel):
        city: str
        degrees: int

    found = await client.chat.completions.parse(model="m", messages=HELLO, response_format=Weather)
    assert found.choices[0].message.parsed == Weather(city="sample city", degrees=1)
    free = await client.chat.completions.create(
        model="m", messages=[{"role": "user", "content": "JSON please"}], response_format={"type": "json_object"}
    )
    assert free.choices[0].message.content == '{"answer":"sample answer"}'


async def test_limits(client: AsyncOpenAI) -> None:
    short = (await client.chat.completions.create(model="m", messages=HELLO, max_completion_tokens=3)).choices[0]
    assert (short.message.content, short.finish_reason) == ("You said: hello ", "length")
    stopped = (await client.chat.completions.create(model="m", messages=HELLO, stop=["there"])).choices[0]
    assert (stopped.message.content, stopped.finish_reason) == ("You said: hello ", "stop")


@pytest.mark.parametrize(
    ("model", "error"),
    [
        ("sandbox-400", openai.BadRequestError),
        ("sandbox-401", openai.AuthenticationError),
        ("sandbox-403", openai.PermissionDeniedError),
        ("sandbox-404", openai.NotFoundError),
        ("sandbox-429", openai.RateLimitError),
        ("sandbox-500", openai.InternalServerError),
        ("sandbox-529", openai.InternalServerError),
        ("sandbox-cut-early", openai.APIConnectionError),
        ("sandbox-reset", openai.APIConnectionError),
    ],
)
async def test_errors_are_the_sdks_own(client: AsyncOpenAI, model: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        await client.chat.completions.create(model=model, messages=HELLO)


async def test_an_error_in_a_stream_is_raised(client: AsyncOpenAI) -> None:
    stream = await client.chat.completions.create(model="sandbox-error-mid", messages=HELLO, stream=True)
    with pytest.raises(openai.APIError, match="Overloaded"):
        [chunk async for chunk in stream]


async def test_a_wrong_key(sandbox: Sandbox) -> None:
    async with AsyncOpenAI(base_url=f"http://127.0.0.1:{sandbox.port}/v1", api_key="sandbox-wrong-key", max_retries=0) as client:
        with pytest.raises(openai.AuthenticationError, match="Incorrect API key provided"):
            await client.chat.completions.create(model="m", messages=HELLO)


async def test_models(client: AsyncOpenAI) -> None:
    assert "sandbox-429" in [model.id async for model in client.models.list()]
    assert (await client.models.retrieve("openai/gpt-5.2")).id == "openai/gpt-5.2"


async def test_the_sync_client(sandbox: Sandbox) -> None:
    def use() -> tuple[str | None, str, int]:
        with OpenAI(base_url=f"http://127.0.0.1:{sandbox.port}/v1", api_key="any", max_retries=0) as client:
            whole = client.chat.completions.create(model="m", messages=HELLO).choices[0].message.content
            stream = client.chat.completions.create(model="m", messages=HELLO, stream=True)
            streamed = "".join(chunk.choices[0].delta.content or "" for chunk in stream)
            calls = client.chat.completions.create(model="m", messages=HELLO, tools=TOOLS).choices[0].message.tool_calls or []
            return whole, streamed, len(calls)

    assert await asyncio.to_thread(use) == ("You said: hello there", "You said: hello there", 1)


async def test_the_sdk_retries_what_failed_once(sandbox: Sandbox) -> None:
    async with AsyncOpenAI(base_url=f"http://127.0.0.1:{sandbox.port}/v1", api_key="any", max_retries=1) as client:
        found = await client.chat.completions.create(model="sandbox-503-once", messages=HELLO)
    assert found.choices[0].message.content == "You said: hello there"
    assert [seen.status for seen in sandbox.seen] == [503, 200]
