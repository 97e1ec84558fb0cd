"""The official `anthropic` SDK against a running gateway, with a provider of each dialect behind it."""

import itertools
from collections.abc import Iterator
from typing import Any

import anthropic
import pytest
from anthropic.types import MessageParam, TextBlock, ToolParam
from pydantic import BaseModel

from support.stack import MODELS, PNG, PROVIDERS, Stack

pytestmark = pytest.mark.e2e
WEATHER: ToolParam = {
    "name": "get_weather",
    "description": "The weather of a city.",
    "input_schema": {
        "type": "object",
        "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
        "required": ["city", "days"],
    },
}
THINKING: Any = {"type": "enabled", "budget_tokens": 1024, "display": "summarized"}
HELLO: list[MessageParam] = [{"role": "user", "content": "Hello there"}]


@pytest.fixture(scope="module")
def client(stack: Stack) -> Iterator[anthropic.Anthropic]:
    with anthropic.Anthropic(base_url=stack.gateway, api_key="any", max_retries=0) as made:
        yield made


def text_of(message: Any) -> str:
    return "".join(block.text for block in message.content if isinstance(block, TextBlock) or block.type == "text")


def ask(client: anthropic.Anthropic, stream: bool, **members: Any) -> Any:
    """The whole answer, however it came."""
    if not stream:
        return client.messages.create(**members)
    with client.messages.stream(**members) as helper:
        return helper.get_final_message()


def going_on(history: list[Any], answer: Any, told: str = "") -> list[Any]:
    """The conversation with the answer as it came, and `told` as the result of each of its calls."""
    content = [block.to_dict() for block in answer.content]
    calls = [block.id for block in answer.content if block.type == "tool_use"]
    results = [{"type": "tool_result", "tool_use_id": id_, "content": told} for id_ in calls]
    after = [{"role": "user", "content": results}] if results else []
    return [*history, {"role": "assistant", "content": content}, *after]


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
    common: Any = {"model": model, "max_tokens": 500, "tools": [WEATHER]}
    history: list[Any] = [{"role": "user", "content": "Call get_weather, please"}]
    answer = ask(client, stream, messages=history, **common)
    (call,) = [block for block in answer.content if block.type == "tool_use"]
    assert (answer.stop_reason, call.name, set(call.input)) == ("tool_use", "get_weather", {"city", "days"})
    after = ask(client, stream, messages=going_on(history, answer, "Sunny, 21 degrees"), **common)
    assert "Sunny, 21 degrees" in text_of(after)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("model", MODELS)
def test_tools_that_the_sdk_calls_itself(client: anthropic.Anthropic, model: str, stream: bool) -> None:
    """Its runner is stateful by default; told that threads cannot be had, it sends everything itself."""
    asked: list[tuple[str, int]] = []

    @anthropic.beta_tool
    def get_weather(city: str, days: int) -> str:
        """The weather of a city."""
        asked.append((city, days))
        return "Sunny, 21 degrees"

    question: Any = [{"role": "user", "content": "Call get_weather, please"}]
    runner: Any = client.beta.messages.tool_runner(
        model=model, max_tokens=500, tools=[get_weather], messages=question, stream=stream
    )
    last = [turn.get_final_message() if stream else turn for turn in runner][-1]
    assert len(asked) == 1
    assert "Sunny, 21 degrees" in text_of(last)


@pytest.mark.parametrize("provider", PROVIDERS)
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


class Person(BaseModel):
    name: str
    age: int


@pytest.mark.parametrize("model", MODELS)
def test_structured_output(client: anthropic.Anthropic, model: str) -> None:
    answer = client.messages.parse(model=model, max_tokens=200, messages=HELLO, output_format=Person)
    assert isinstance(answer.parsed_output, Person)
    with client.messages.stream(model=model, max_tokens=200, messages=HELLO, output_format=Person) as stream:
        assert stream.get_final_message().parsed_output == answer.parsed_output


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("model", MODELS)
def test_thinking_over_two_turns(client: anthropic.Anthropic, model: str, stream: bool) -> None:
    """The signature (or our seal in its place) goes back as it came, beside a call and its result, then beside an answer."""
    common: Any = {"model": model, "max_tokens": 4000, "thinking": THINKING, "tools": [WEATHER]}
    history: list[Any] = [{"role": "user", "content": "Call get_weather, please"}]
    first = ask(client, stream, messages=history, **common)
    thought = first.content[0]
    assert (thought.type, bool(thought.thinking), bool(thought.signature)) == ("thinking", True, True)
    history = going_on(history, first, "Sunny, 21 degrees")
    second = ask(client, stream, messages=history, **common)
    assert "Sunny, 21 degrees" in text_of(second)
    history = [*going_on(history, second), {"role": "user", "content": "And now?"}]
    assert ask(client, stream, messages=history, **common).content


def test_thinking_survives_a_switch_of_provider(client: anthropic.Anthropic) -> None:
    """One calls, the next gets the result, and so on in turn, twice: foreign proofs stay away, own ones are accepted."""
    common: Any = {"max_tokens": 4000, "thinking": THINKING, "tools": [WEATHER]}
    history: list[Any] = []
    for caller, answerer in itertools.pairwise((*MODELS, *MODELS, MODELS[0])):
        history += [{"role": "user", "content": "Call get_weather, please"}]
        history = going_on(history, ask(client, False, model=caller, messages=history, **common), "Sunny, 21 degrees")
        answer = ask(client, False, model=answerer, messages=history, **common)
        assert "Sunny, 21 degrees" in text_of(answer)
        history = going_on(history, answer)


@pytest.mark.parametrize("provider", PROVIDERS)
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


@pytest.mark.parametrize("provider", PROVIDERS)
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
