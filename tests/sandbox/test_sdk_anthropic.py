"""The vendor's own Python SDK takes the sandbox for the vendor."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import anthropic
import pytest
from anthropic import Anthropic, AsyncAnthropic, beta_async_tool

from dragoman.sandbox import Sandbox
from support.sandbox import MESSAGES_TOOLS, SCHEMA

HELLO: Any = [{"role": "user", "content": "hello there"}]
TOOLS: Any = MESSAGES_TOOLS


@pytest.fixture
async def client(sandbox: Sandbox) -> AsyncIterator[AsyncAnthropic]:
    async with AsyncAnthropic(base_url=f"http://127.0.0.1:{sandbox.port}", api_key="any", max_retries=0) as client:
        yield client


async def test_a_whole_answer(client: AsyncAnthropic) -> None:
    found: Any = await client.messages.create(model="claude-x", max_tokens=100, messages=HELLO)
    assert found.content[0].text == "You said: hello there"
    assert (found.stop_reason, found.usage.output_tokens) == ("end_turn", 4)
    assert found.usage.input_tokens > 0


async def test_a_stream(client: AsyncAnthropic) -> None:
    async with client.messages.stream(model="claude-x", max_tokens=100, messages=HELLO) as stream:
        pieces = [piece async for piece in stream.text_stream]
        found = await stream.get_final_message()
    assert pieces == ["You ", "said: ", "hello ", "there"]
    whole: Any = await client.messages.create(model="claude-x", max_tokens=100, messages=HELLO)
    assert [block.to_dict()["text"] for block in found.content] == [block.text for block in whole.content]
    assert found.usage.output_tokens == whole.usage.output_tokens


@pytest.mark.parametrize("model", ["any", "sandbox-parallel-tools"])
@pytest.mark.parametrize("think", [False, True])
async def test_tools_there_and_back(client: AsyncAnthropic, model: str, think: bool) -> None:
    extra: Any = {"thinking": {"type": "enabled", "budget_tokens": 1024}} if think else {}
    common: Any = {"model": model, "max_tokens": 2000, "tools": TOOLS, **extra}
    async with client.messages.stream(messages=HELLO, **common) as stream:
        streamed: Any = await stream.get_final_message()
    whole: Any = await client.messages.create(messages=HELLO, **common)
    for message in (streamed, whole):
        assert message.stop_reason == "tool_use"
        calls = [block for block in message.content if block.type == "tool_use"]
        assert [call.name for call in calls] == ["get_weather"] * (1 if model == "any" else 2)
        assert calls[0].input == {"city": "sample city", "unit": "c"}
        results = [{"type": "tool_result", "tool_use_id": call.id, "content": "sunny"} for call in calls]
        history: Any = [*HELLO, {"role": "assistant", "content": message.content}, {"role": "user", "content": results}]
        after: Any = await client.messages.create(messages=history, **common)
        assert after.stop_reason == "end_turn"
        assert "The tool said: sunny" in "".join(block.text for block in after.content if block.type == "text")


async def test_the_tool_runner_goes_on_without_threads(client: AsyncAnthropic, sandbox: Sandbox) -> None:
    asked = []

    @beta_async_tool
    async def get_weather(city: str) -> str:
        """The weather in a city."""
        asked.append(city)
        return "sunny"

    runner = client.beta.messages.tool_runner(model="any", max_tokens=500, messages=HELLO, tools=[get_weather])
    last: Any = await runner.until_done()
    assert asked == ["sample city"]
    assert last.content[0].text == "The tool said: sunny This is turn 3."


async def test_thinking_and_its_signature(client: AsyncAnthropic) -> None:
    common: Any = {"model": "m", "max_tokens": 2000, "thinking": {"type": "adaptive"}}
    async with client.messages.stream(messages=HELLO, **common) as stream:
        found: Any = await stream.get_final_message()
    thought = found.content[0]
    assert thought.type == "thinking"
    assert "hello there" in thought.thinking
    assert found.usage.output_tokens_details.thinking_tokens > 0
    history: Any = [*HELLO, {"role": "assistant", "content": found.content}, *HELLO]
    again: Any = await client.messages.create(messages=history, **common)
    assert again.content[-1].text == "You said: hello there This is turn 3."
    thought.thinking = "something else"
    with pytest.raises(anthropic.BadRequestError, match="Invalid `signature` in `thinking` block"):
        await client.messages.create(messages=history, **common)


async def test_omitted_thinking_has_a_signature_only(client: AsyncAnthropic) -> None:
    common: Any = {"model": "m", "max_tokens": 2000, "thinking": {"type": "adaptive", "display": "omitted"}}
    async with client.messages.stream(messages=HELLO, **common) as stream:
        found: Any = await stream.get_final_message()
    assert found.content[0].thinking == ""
    history: Any = [*HELLO, {"role": "assistant", "content": found.content}, *HELLO]
    assert (await client.messages.create(messages=history, **common)).stop_reason == "end_turn"


async def test_structured_output(client: AsyncAnthropic) -> None:
    wanted: Any = {"format": {"type": "json_schema", "schema": SCHEMA}}
    found: Any = await client.messages.create(model="m", max_tokens=100, messages=HELLO, output_config=wanted)
    assert found.content[0].text == '{"city":"sample city","unit":"c"}'


async def test_limits(client: AsyncAnthropic) -> None:
    short: Any = await client.messages.create(model="m", max_tokens=3, messages=HELLO)
    assert (short.content[0].text, short.stop_reason) == ("You said: hello ", "max_tokens")
    stopped: Any = await client.messages.create(model="m", max_tokens=99, messages=HELLO, stop_sequences=["there"])
    assert (stopped.content[0].text, stopped.stop_reason, stopped.stop_sequence) == ("You said: hello ", "stop_sequence", "there")


async def test_refusals_and_caching(client: AsyncAnthropic) -> None:
    refused: Any = await client.messages.create(model="sandbox-refusal", max_tokens=99, messages=HELLO)
    assert (refused.stop_reason, refused.stop_details.type) == ("refusal", "refusal")
    system: Any = [{"type": "text", "text": "x" * 4000, "cache_control": {"type": "ephemeral"}}]
    cached = await client.messages.create(model="m", max_tokens=99, messages=HELLO, system=system)
    assert cached.usage.cache_creation_input_tokens
    assert cached.usage.cache_creation_input_tokens > cached.usage.input_tokens


@pytest.mark.parametrize(
    ("model", "error"),
    [
        ("sandbox-400", anthropic.BadRequestError),
        ("sandbox-401", anthropic.AuthenticationError),
        ("sandbox-403", anthropic.PermissionDeniedError),
        ("sandbox-404", anthropic.NotFoundError),
        ("sandbox-429", anthropic.RateLimitError),
        ("sandbox-500", anthropic.InternalServerError),
        ("sandbox-529", anthropic.InternalServerError),
        ("sandbox-cut-early", anthropic.APIConnectionError),
        ("sandbox-reset", anthropic.APIConnectionError),
    ],
)
async def test_errors_are_the_sdks_own(client: AsyncAnthropic, model: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        await client.messages.create(model=model, max_tokens=99, messages=HELLO)


async def test_an_error_in_a_stream_is_raised(client: AsyncAnthropic) -> None:
    stream = await client.messages.create(model="sandbox-error-mid", max_tokens=99, messages=HELLO, stream=True)
    with pytest.raises(anthropic.APIStatusError, match="Overloaded"):
        [event async for event in stream]


async def test_counting_and_models(client: AsyncAnthropic) -> None:
    assert (await client.messages.count_tokens(model="m", messages=HELLO)).input_tokens > 0
    assert "sandbox-429" in [model.id async for model in client.models.list()]
    assert (await client.models.retrieve("claude-x")).id == "claude-x"


async def test_the_sync_client(sandbox: Sandbox) -> None:
    def use() -> tuple[str, str, int]:
        with Anthropic(base_url=f"http://127.0.0.1:{sandbox.port}", api_key="any", max_retries=0) as client:
            whole: Any = client.messages.create(model="m", max_tokens=99, messages=HELLO)
            with client.messages.stream(model="m", max_tokens=99, messages=HELLO) as stream:
                streamed = "".join(stream.text_stream)
            called: Any = client.messages.create(model="m", max_tokens=99, messages=HELLO, tools=TOOLS)
            return whole.content[0].text, streamed, sum(block.type == "tool_use" for block in called.content)

    assert await asyncio.to_thread(use) == ("You said: hello there", "You said: hello there", 1)
