"""The official `openai` SDK on Responses against a running gateway, with a provider of each dialect behind it."""

import itertools
import json
from collections.abc import Iterator
from typing import Any

import openai
import pytest
from pydantic import BaseModel

from support.stack import MODELS, PNG, PROVIDERS, Stack

pytestmark = pytest.mark.e2e
HELLO = "Hello there"
SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
    "required": ["city", "days"],
    "additionalProperties": False,
}
WEATHER: Any = {"type": "function", "name": "get_weather", "description": "The weather.", "parameters": SCHEMA, "strict": True}
SHOUT: Any = {"type": "custom", "name": "shout", "description": "Says it loudly."}
BOX: Any = {"type": "namespace", "name": "mcp__box", "description": "A box of tools.", "tools": [WEATHER]}
THINKING: Any = {"reasoning": {"effort": "high", "summary": "auto"}, "include": ["reasoning.encrypted_content"], "store": False}


@pytest.fixture(scope="module")
def client(stack: Stack) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{stack.gateway}/v1", api_key="any", max_retries=0) as made:
        yield made


def ask(client: openai.OpenAI, stream: bool, **members: Any) -> Any:
    """The whole answer, however it came."""
    if not stream:
        return client.responses.create(**members)
    with client.responses.stream(**members) as helper:
        return helper.get_final_response()


def calls_of(answer: Any) -> list[Any]:
    return [item for item in answer.output if item.type in ("function_call", "custom_tool_call")]


def going_on(history: list[Any], answer: Any, told: str = "") -> list[Any]:
    """The conversation with the answer as it came, and `told` as the result of each of its calls."""
    results = [{"type": f"{call.type}_output", "call_id": call.call_id, "output": told} for call in calls_of(answer)]
    return [*history, *(item.to_dict() for item in answer.output), *results]


def said(text: str) -> list[Any]:
    return [{"role": "user", "content": text}]


@pytest.mark.parametrize("model", MODELS)
def test_plain(client: openai.OpenAI, model: str) -> None:
    answer = client.responses.create(model=model, input=HELLO, instructions="Be terse.")
    assert HELLO in answer.output_text
    assert (answer.status, answer.error, answer.incomplete_details) == ("completed", None, None)
    assert answer.usage is not None
    assert answer.usage.total_tokens == answer.usage.input_tokens + answer.usage.output_tokens > 0


@pytest.mark.parametrize("model", MODELS)
async def test_async(stack: Stack, model: str) -> None:
    async with openai.AsyncOpenAI(base_url=f"{stack.gateway}/v1", api_key="any", max_retries=0) as client:
        answer = await client.responses.create(model=model, input=HELLO)
        async with client.responses.stream(model=model, input=HELLO) as stream:
            words = [event.delta async for event in stream if event.type == "response.output_text.delta"]
            final = await stream.get_final_response()
    assert "".join(words) == answer.output_text == final.output_text
    assert answer.usage is not None
    assert final.usage is not None
    assert final.usage.output_tokens == answer.usage.output_tokens
    assert final.id != answer.id


@pytest.mark.parametrize("model", MODELS)
def test_a_stream_has_one_identity(client: openai.OpenAI, model: str) -> None:
    """One id from `created` to the end, numbers without gaps, and every text as deltas and in the finished item."""
    events: list[Any] = list(client.responses.create(model=model, input=HELLO, stream=True))
    assert [events[0].type, events[-1].type] == ["response.created", "response.completed"]
    assert len({event.response.id for event in events if hasattr(event, "response")}) == 1
    assert [event.sequence_number for event in events] == list(range(len(events)))
    (done,) = [event.item for event in events if event.type == "response.output_item.done"]
    deltas = [event for event in events if event.type == "response.output_text.delta"]
    assert {event.item_id for event in deltas} == {done.id}
    assert "".join(event.delta for event in deltas) == done.content[0].text == events[-1].response.output_text


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("model", MODELS)
def test_tools_round_trip(client: openai.OpenAI, model: str, stream: bool) -> None:
    history = said("Call get_weather, please")
    first = ask(client, stream, model=model, input=history, tools=[WEATHER])
    (call,) = calls_of(first)
    assert (call.name, call.status, set(json.loads(call.arguments))) == ("get_weather", "completed", {"city", "days"})
    history = going_on(history, first, "Sunny, 21 degrees")
    after = ask(client, stream, model=model, input=history, tools=[WEATHER])
    assert "Sunny, 21 degrees" in after.output_text


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("model", MODELS)
def test_tools_that_only_responses_has(client: openai.OpenAI, model: str, stream: bool) -> None:
    """A custom tool gets free text, a tool of a namespace is called with it, whatever the provider knows of either."""
    history = said(
        '<sandbox-task>[[{"shout": "Hooray!"}], [{"mcp__box__get_weather": {"city": "Oslo", "days": 2}}]]</sandbox-task>'
    )
    common: Any = {"model": model, "tools": [SHOUT, BOX], "store": False}
    first = ask(client, stream, input=history, **common)
    (custom,) = calls_of(first)
    assert (custom.type, custom.name, custom.input) == ("custom_tool_call", "shout", "Hooray!")
    history = going_on(history, first, "HOORAY!")
    second = ask(client, stream, input=history, **common)
    (spaced,) = calls_of(second)
    assert (spaced.type, spaced.name, spaced.namespace) == ("function_call", "get_weather", "mcp__box")
    assert json.loads(spaced.arguments) == {"city": "Oslo", "days": 2}
    third = ask(client, stream, input=going_on(history, second, "Sunny"), **common)
    assert third.output_text == "The task is done."


@pytest.mark.parametrize("provider", PROVIDERS)
def test_parallel_tools_streamed(client: openai.OpenAI, provider: str) -> None:
    other = {**WEATHER, "name": "get_time"}
    model = f"{provider}:sandbox-parallel-tools"
    answer = ask(client, True, model=model, input="Call get_weather and get_time", tools=[WEATHER, other])
    calls = calls_of(answer)
    assert sorted(call.name for call in calls) == ["get_time", "get_weather"]
    assert len({call.call_id for call in calls}) == len({call.id for call in calls}) == 2
    assert all(isinstance(json.loads(call.arguments), dict) for call in calls)


@pytest.mark.parametrize("model", MODELS)
def test_images(client: openai.OpenAI, model: str) -> None:
    content: Any = [
        {"type": "input_text", "text": "What is this?"},
        {"type": "input_image", "image_url": f"data:image/png;base64,{PNG}", "detail": "auto"},
    ]
    answer = client.responses.create(model=model, input=[{"role": "user", "content": content}])
    assert "1 image" in answer.output_text


class Person(BaseModel):
    name: str
    age: int


@pytest.mark.parametrize("model", MODELS)
def test_structured_output(client: openai.OpenAI, model: str) -> None:
    answer = client.responses.parse(model=model, input=HELLO, text_format=Person)
    assert isinstance(answer.output_parsed, Person)
    with client.responses.stream(model=model, input=HELLO, text_format=Person) as stream:
        assert stream.get_final_response().output_parsed == answer.output_parsed


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("model", MODELS)
def test_thinking_over_two_turns(client: openai.OpenAI, model: str, stream: bool) -> None:
    """The reasoning item goes back as it came, first beside a call and its result, then beside an answer."""
    common: Any = {"model": model, "tools": [WEATHER], **THINKING}
    history = said("Call get_weather, please")
    first = ask(client, stream, input=history, **common)
    thought = first.output[0]
    assert (thought.type, bool(thought.encrypted_content)) == ("reasoning", True)
    assert thought.summary[0].text
    history = going_on(history, first, "Sunny, 21 degrees")
    second = ask(client, stream, input=history, **common)
    assert "Sunny, 21 degrees" in second.output_text
    history = [*going_on(history, second), *said("And now?")]
    assert ask(client, stream, input=history, **common).output


def test_thinking_survives_a_switch_of_provider(client: openai.OpenAI) -> None:
    """One calls, the next gets the result, and so on in turn, twice: foreign proofs stay away, own ones are accepted."""
    history: list[Any] = []
    common: Any = {"tools": [WEATHER], **THINKING}
    for caller, answerer in itertools.pairwise((*MODELS, *MODELS, MODELS[0])):
        history += said("Call get_weather, please")
        history = going_on(history, ask(client, False, model=caller, input=history, **common), "Sunny, 21 degrees")
        answer = ask(client, False, model=answerer, input=history, **common)
        assert "Sunny, 21 degrees" in answer.output_text
        history = going_on(history, answer)


@pytest.mark.parametrize("model", MODELS)
def test_what_only_the_provider_of_responses_keeps(client: openai.OpenAI, model: str) -> None:
    """What was stored goes on by its id where the provider has it; elsewhere the member is named, and nothing is made up."""
    first = client.responses.create(model=model, input=HELLO)
    if model.startswith("r:"):
        after = client.responses.create(model=model, input="And now?", previous_response_id=first.id)
        assert after.output_text == "You said: And now? This is turn 3."
        return
    with pytest.raises(openai.BadRequestError, match="previous_response_id"):
        client.responses.create(model=model, input="And now?", previous_response_id=first.id)


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("scenario", "raised"),
    [
        ("sandbox-400", openai.BadRequestError),
        ("sandbox-404", openai.NotFoundError),
        ("sandbox-429", openai.RateLimitError),
        ("sandbox-503", openai.InternalServerError),
    ],
)
def test_errors_are_the_sdks_own(
    client: openai.OpenAI, provider: str, scenario: str, raised: type[openai.APIStatusError], stream: bool
) -> None:
    with pytest.raises(raised) as caught:
        ask(client, stream, model=f"{provider}:{scenario}", input=HELLO)
    assert caught.value.response.headers["x-dragoman-request-id"]
    assert caught.value.message


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("scenario", ["sandbox-error-mid", "sandbox-cut", "sandbox-no-terminator"])
def test_a_broken_stream_is_told(client: openai.OpenAI, provider: str, scenario: str) -> None:
    """As an event of the stream, which is `response.failed` or `error`; never as an answer that is complete."""
    kinds = []
    try:
        for event in client.responses.create(model=f"{provider}:{scenario}", input=HELLO, stream=True):
            kinds.append(event.type)
    except openai.APIError:
        kinds.append("error")
    assert kinds[-1] in ("response.failed", "error")
    assert "response.completed" not in kinds
