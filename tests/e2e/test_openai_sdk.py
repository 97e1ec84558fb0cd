"""The official `openai` SDK against a running gateway, with a provider of each dialect behind it."""

import json
from collections.abc import Iterator
from typing import Any

import openai
import pytest
from openai.types.chat import ChatCompletionMessageParam, ChatCompletionToolParam
from pydantic import BaseModel

from support.stack import MODELS, PNG, PROVIDERS, Stack

pytestmark = pytest.mark.e2e
WEATHER: ChatCompletionToolParam = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather of a city.",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
            "required": ["city", "days"],
        },
    },
}
HELLO: list[ChatCompletionMessageParam] = [{"role": "user", "content": "Hello there"}]


@pytest.fixture(scope="module")
def client(stack: Stack) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{stack.gateway}/v1", api_key="any", max_retries=0) as made:
        yield made


def ask(client: openai.OpenAI, stream: bool, **members: Any) -> dict[str, Any]:
    """The message, however it came, as it goes back."""
    if not stream:
        message: Any = client.chat.completions.create(**members).choices[0].message
    else:
        with client.chat.completions.stream(**members) as helper:
            message = helper.get_final_completion().choices[0].message
    told: dict[str, Any] = message.to_dict(exclude_none=True)
    for call in told.get("tool_calls", ()):
        call["function"].pop("parsed_arguments", None)
    return told


@pytest.mark.parametrize("model", MODELS)
def test_plain(client: openai.OpenAI, model: str) -> None:
    answer = client.chat.completions.create(model=model, messages=HELLO)
    assert "Hello there" in (answer.choices[0].message.content or "")
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage is not None
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens > 0


@pytest.mark.parametrize("model", MODELS)
async def test_plain_async(stack: Stack, model: str) -> None:
    async with openai.AsyncOpenAI(base_url=f"{stack.gateway}/v1", api_key="any", max_retries=0) as client:
        answer = await client.chat.completions.create(model=model, messages=HELLO)
        stream = await client.chat.completions.create(model=model, messages=HELLO, stream=True)
        streamed = "".join([chunk.choices[0].delta.content or "" async for chunk in stream if chunk.choices])
    assert streamed == answer.choices[0].message.content


@pytest.mark.parametrize("model", MODELS)
def test_stream_with_and_without_usage(client: openai.OpenAI, model: str) -> None:
    whole = client.chat.completions.create(model=model, messages=HELLO)
    bare = list(client.chat.completions.create(model=model, messages=HELLO, stream=True))
    told = list(client.chat.completions.create(model=model, messages=HELLO, stream=True, stream_options={"include_usage": True}))
    assert all(chunk.usage is None and chunk.choices for chunk in bare)
    assert told[-1].choices == []
    assert told[-1].usage is not None
    assert told[-1].usage.completion_tokens == (whole.usage.completion_tokens if whole.usage else None)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in bare) == whole.choices[0].message.content
    assert len({chunk.id for chunk in bare}) == 1


@pytest.mark.parametrize("model", MODELS)
def test_streaming_helper(client: openai.OpenAI, model: str) -> None:
    with client.chat.completions.stream(model=model, messages=HELLO) as stream:
        kinds = {event.type for event in stream}
        final = stream.get_final_completion()
    assert "content.delta" in kinds
    assert "Hello there" in (final.choices[0].message.content or "")
    assert final.choices[0].finish_reason == "stop"


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("model", MODELS)
def test_tools_round_trip(client: openai.OpenAI, model: str, stream: bool) -> None:
    messages: list[ChatCompletionMessageParam] = [{"role": "user", "content": "Call get_weather, please"}]
    if stream:
        with client.chat.completions.stream(model=model, messages=messages, tools=[WEATHER]) as helper:
            message = helper.get_final_completion().choices[0].message
    else:
        message = client.chat.completions.create(model=model, messages=messages, tools=[WEATHER]).choices[0].message  # type: ignore[assignment]
    assert message.tool_calls
    call = message.tool_calls[0]
    assert call.type == "function"
    assert call.function.name == "get_weather"
    assert set(json.loads(call.function.arguments)) == {"city", "days"}
    said = {"id": call.id, "type": "function", "function": {"name": "get_weather", "arguments": call.function.arguments}}
    messages += [
        {"role": "assistant", "content": message.content, "tool_calls": [said]},  # type: ignore[list-item]
        {"role": "tool", "tool_call_id": call.id, "content": "Sunny, 21 degrees"},
    ]
    after = client.chat.completions.create(model=model, messages=messages, tools=[WEATHER])
    assert "Sunny, 21 degrees" in (after.choices[0].message.content or "")


@pytest.mark.parametrize("provider", PROVIDERS)
def test_parallel_tools_streamed(client: openai.OpenAI, provider: str) -> None:
    other: ChatCompletionToolParam = {
        "type": "function",
        "function": {
            "name": "get_time",
            "parameters": {"type": "object", "properties": {"zone": {"type": "string"}}, "required": ["zone"]},
        },
    }
    messages: list[ChatCompletionMessageParam] = [{"role": "user", "content": "Call get_weather and get_time"}]
    model = f"{provider}:sandbox-parallel-tools"
    with client.chat.completions.stream(model=model, messages=messages, tools=[WEATHER, other]) as helper:
        choice = helper.get_final_completion().choices[0]
    calls = choice.message.tool_calls or []
    assert choice.finish_reason == "tool_calls"
    assert sorted(call.function.name for call in calls) == ["get_time", "get_weather"]
    assert len({call.id for call in calls}) == 2
    assert all(isinstance(json.loads(call.function.arguments), dict) for call in calls)


@pytest.mark.parametrize("model", MODELS)
def test_images(client: openai.OpenAI, model: str) -> None:
    content: Any = [
        {"type": "text", "text": "What is this?"},
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}},
    ]
    answer = client.chat.completions.create(model=model, messages=[{"role": "user", "content": content}])
    assert "1 image" in (answer.choices[0].message.content or "")


class Person(BaseModel):
    name: str
    age: int


@pytest.mark.parametrize("model", MODELS)
def test_structured_output(client: openai.OpenAI, model: str) -> None:
    answer = client.chat.completions.parse(model=model, messages=HELLO, response_format=Person)
    assert isinstance(answer.choices[0].message.parsed, Person)
    with client.chat.completions.stream(model=model, messages=HELLO, response_format=Person) as stream:
        assert stream.get_final_completion().choices[0].message.parsed == answer.choices[0].message.parsed


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("model", MODELS)
def test_thinking_over_two_turns(client: openai.OpenAI, model: str, stream: bool) -> None:
    """The thinking goes back as the client got it, beside a call and its result, then beside an answer.

    Chat has no word for how thinking is shown, and Responses shows it on demand alone: its proof comes all the same. Who
    speaks Chat proves nothing.
    """
    history: list[Any] = [{"role": "user", "content": "Call get_weather, please"}]
    common: Any = {"model": model, "reasoning_effort": "high", "max_completion_tokens": 8000, "tools": [WEATHER]}
    first = ask(client, stream, messages=history, **common)
    assert first.get("reasoning_details") or model.startswith("c:")
    assert first.get("reasoning_content") or model.startswith("r:")
    (call,) = first["tool_calls"]
    history += [first, {"role": "tool", "tool_call_id": call["id"], "content": "Sunny, 21 degrees"}]
    second = ask(client, stream, messages=history, **common)
    assert "Sunny, 21 degrees" in second["content"]
    history += [second, {"role": "user", "content": "And now?"}]
    assert ask(client, stream, messages=history, **common)


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize(
    ("scenario", "raised"),
    [
        ("sandbox-400", openai.BadRequestError),
        ("sandbox-404", openai.NotFoundError),
        ("sandbox-429", openai.RateLimitError),
        ("sandbox-503", openai.InternalServerError),
        ("sandbox-error-event", openai.APIStatusError),
    ],
)
def test_errors_are_the_sdks_own(
    client: openai.OpenAI, provider: str, scenario: str, raised: type[openai.APIStatusError]
) -> None:
    with pytest.raises(raised) as caught:
        list(client.chat.completions.create(model=f"{provider}:{scenario}", messages=HELLO, stream=True))
    assert caught.value.response.headers["x-dragoman-request-id"]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_an_error_in_the_middle_of_a_stream_is_raised(client: openai.OpenAI, provider: str) -> None:
    for scenario in ("sandbox-error-mid", "sandbox-cut", "sandbox-no-terminator"):
        with pytest.raises(openai.APIError):
            list(client.chat.completions.create(model=f"{provider}:{scenario}", messages=HELLO, stream=True))


def test_models(client: openai.OpenAI) -> None:
    listed = [model.id for model in client.models.list()]
    assert listed
    assert client.models.retrieve(listed[0]).id == listed[0]
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("no-such-model")
