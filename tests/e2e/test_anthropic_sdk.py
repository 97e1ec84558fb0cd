"""The official `anthropic` SDK against a running gateway, with a provider of either dialect behind it."""

from collections.abc import Iterator
from typing import Any

import anthropic
import pytest
from anthropic.types import MessageParam, TextBlock, ToolParam

from support.stack import MODELS, Stack

pytestmark = pytest.mark.e2e
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
WEATHER: ToolParam = {
    "name": "get_weather",
    "description": "The weather of a city.",
    "input_schema": {
        "type": "object",
        "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
        "required": ["city", "days"],
    },
}
HELLO: list[MessageParam] = [{"role": "user", "content": "Hello there"}]


@pytest.fixture
def client(stack: Stack) -> Iterator[anthropic.Anthropic]:
    with anthropic.Anthropic(base_url=stack.gateway, api_key="any", max_retries=0) as made:
        yield made


def text_of(message: Any) -> str:
    return "".join(block.text for block in message.content if isinstance(block, TextBlock) or block.type == "text")


@pytest.mark.parametrize("model", MODELS)
def test_plain(client: anthropic.Anthropic, model: str) -> None:
    answer = client.messages.create(model=model, max_tokens=200, messages=HELLO)
    assert "Hello there" in text_of(answer)
    assert (answer.stop_reason, answer.role, answer.type) == ("end_turn", "assistant", "message")
    assert answer.usage.input_tokens > 0
    assert answer.usage.output_tokens > 0


@pytest.mark.parametrize("model", MODELS)
async def test_async_and_streamed(stack: Stack, model: str) -> None:
    async with anthropic.AsyncAnthropic(base_url=stack.gateway, api_key="any", max_retries=0) as client:
        answer = await client.messages.create(model=model, max_tokens=200, messages=HELLO)
        async with client.messages.stream(model=model, max_tokens=200, messages=HELLO) as stream:
            streamed = "".join([text async for text in stream.text_stream])
            final = await stream.get_final_message()
    assert streamed == text_of(answer) == text_of(final)
    assert final.usage.output_tokens == answer.usage.output_tokens
    assert final.usage.input_tokens == answer.usage.input_tokens
    assert final.stop_reason == "end_turn"


@pytest.mark.parametrize("model", MODELS)
def test_message_ids_are_unique(client: anthropic.Anthropic, model: str) -> None:
    ids = {client.messages.create(model=model, max_tokens=50, messages=HELLO).id for _ in range(3)}
    assert len(ids) == 3


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("model", MODELS)
def test_tools_round_trip(client: anthropic.Anthropic, model: str, stream: bool) -> None:
    messages: list[MessageParam] = [{"role": "user", "content": "Call get_weather, please"}]
    if stream:
        with client.messages.stream(model=model, max_tokens=500, messages=messages, tools=[WEATHER]) as helper:
            answer: Any = helper.get_final_message()
    else:
        answer = client.messages.create(model=model, max_tokens=500, messages=messages, tools=[WEATHER])
    call = next(block for block in answer.content if block.type == "tool_use")
    assert answer.stop_reason == "tool_use"
    assert call.name == "get_weather"
    assert set(call.input) == {"city", "days"}
    content = [block.model_dump(include={"type", "id", "name", "input", "text"}) for block in answer.content]
    messages += [
        {"role": "assistant", "content": content},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": call.id, "content": "Sunny, 21 degrees"}]},
    ]
    after = client.messages.create(model=model, max_tokens=500, messages=messages, tools=[WEATHER])
    assert "Sunny, 21 degrees" in text_of(after)


@pytest.mark.parametrize("provider", ["a", "c"])
def test_parallel_tools_streamed(client: anthropic.Anthropic, provider: str) -> None:
    """Interleaved deltas of the provider come out as blocks one after the other."""
    other: ToolParam = {
        "name": "get_time",
        "input_schema": {"type": "object", "properties": {"zone": {"type": "string"}}, "required": ["zone"]},
    }
    messages: list[MessageParam] = [{"role": "user", "content": "Call get_weather and get_time"}]
    with client.messages.stream(
        model=f"{provider}:sandbox-parallel-tools", max_tokens=800, messages=messages, tools=[WEATHER, other]
    ) as helper:
        answer = helper.get_final_message()
    calls = [block for block in answer.content if block.type == "tool_use"]
    assert sorted(call.name for call in calls) == ["get_time", "get_weather"]
    assert len({call.id for call in calls}) == 2
    assert all(call.input for call in calls)


@pytest.mark.parametrize("model", MODELS)
def test_images_and_documents(client: anthropic.Anthropic, model: str) -> None:
    content: Any = [
        {"type": "text", "text": "What is this?"},
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNG}},
        {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0xLjQK"}},
    ]
    answer = client.messages.create(model=model, max_tokens=200, messages=[{"role": "user", "content": content}])
    assert "1 image" in text_of(answer)
    assert "1 document" in text_of(answer)


@pytest.mark.parametrize("model", MODELS)
def test_structured_output(client: anthropic.Anthropic, model: str) -> None:
    schema = {
        "type": "object",
        "properties": {"name": {"type": "string"}},
        "required": ["name"],
        "additionalProperties": False,
    }
    config: Any = {"format": {"type": "json_schema", "schema": schema}}
    answer = client.messages.create(model=model, max_tokens=200, messages=HELLO, output_config=config)
    assert '"name"' in text_of(answer)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("model", MODELS)
def test_thinking_over_two_turns(client: anthropic.Anthropic, model: str, stream: bool) -> None:
    """The signature (or our seal in its place) goes back as it came, and the provider accepts the turn."""
    thinking: Any = {"type": "enabled", "budget_tokens": 1024}
    if stream:
        with client.messages.stream(model=model, max_tokens=4000, messages=HELLO, thinking=thinking) as helper:
            first: Any = helper.get_final_message()
    else:
        first = client.messages.create(model=model, max_tokens=4000, messages=HELLO, thinking=thinking)
    thought = first.content[0]
    assert thought.type == "thinking"
    assert thought.thinking
    assert thought.signature
    messages: Any = [
        *HELLO,
        {"role": "assistant", "content": [block.model_dump(exclude_none=True) for block in first.content]},
        {"role": "user", "content": "And now?"},
    ]
    second = client.messages.create(model=model, max_tokens=4000, messages=messages, thinking=thinking)
    assert "And now?" in text_of(second)


def test_thinking_survives_a_switch_of_provider(client: anthropic.Anthropic) -> None:
    """Thinking of one provider, then the other, then the first again: foreign proofs stay away, own ones are accepted."""
    thinking: Any = {"type": "enabled", "budget_tokens": 1024}
    messages: list[Any] = [*HELLO]
    for turn, provider in enumerate(["a", "c", "a", "c"]):
        answer = client.messages.create(model=f"{provider}:sandbox", max_tokens=4000, messages=messages, thinking=thinking)
        assert answer.content[0].type == "thinking"
        content = [block.model_dump(exclude_none=True) for block in answer.content]
        messages += [{"role": "assistant", "content": content}, {"role": "user", "content": f"Go on, turn {turn}"}]


@pytest.mark.parametrize("provider", ["a", "c"])
@pytest.mark.parametrize(
    ("scenario", "raised"),
    [
        ("sandbox-400", anthropic.BadRequestError),
        ("sandbox-404", anthropic.NotFoundError),
        ("sandbox-429", anthropic.RateLimitError),
        ("sandbox-503", anthropic.APIStatusError),
        ("sandbox-error-event", anthropic.APIStatusError),
    ],
)
def test_errors_are_the_sdks_own(
    client: anthropic.Anthropic, provider: str, scenario: str, raised: type[anthropic.APIStatusError]
) -> None:
    model = f"{provider}:{scenario}"
    with pytest.raises(raised) as caught, client.messages.stream(model=model, max_tokens=100, messages=HELLO) as stream:
        stream.get_final_message()
    assert caught.value.response.headers["x-dragoman-request-id"]
    assert isinstance(caught.value.body, dict)
    assert caught.value.body["type"] == "error"


@pytest.mark.parametrize("provider", ["a", "c"])
@pytest.mark.parametrize("scenario", ["sandbox-error-mid", "sandbox-cut", "sandbox-no-terminator"])
def test_a_broken_stream_is_raised(client: anthropic.Anthropic, provider: str, scenario: str) -> None:
    model = f"{provider}:{scenario}"
    with pytest.raises(anthropic.APIStatusError), client.messages.stream(model=model, max_tokens=100, messages=HELLO) as stream:
        stream.get_final_message()


@pytest.mark.parametrize("model", MODELS)
def test_count_tokens(client: anthropic.Anthropic, model: str) -> None:
    raw = client.messages.with_raw_response.count_tokens(model=model, messages=HELLO)
    assert raw.parse().input_tokens > 0
    assert (raw.headers.get("x-dragoman-estimated") == "true") == model.startswith("c:")


def test_threads_are_refused_so_that_the_sdk_goes_on_without(client: anthropic.Anthropic) -> None:
    """The tool runner is stateful by default; told that threads cannot be had, it sends everything itself."""
    with pytest.raises(anthropic.BadRequestError) as caught:
        client.messages.create(model="c:sandbox", max_tokens=50, messages=HELLO, extra_body={"thread": {"type": "create"}})
    body: Any = caught.value.body
    assert body["error"]["details"] == {"error_code": "thread_unsupported_request", "unsupported": ["thread"]}


def test_models(client: anthropic.Anthropic) -> None:
    listed = [model.id for model in client.models.list()]
    assert listed
    assert client.models.retrieve(listed[0]).display_name
    with pytest.raises(anthropic.NotFoundError):
        client.models.retrieve("no-such-model")
