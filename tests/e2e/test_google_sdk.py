"""The official `google-genai` SDK against a running gateway, with a provider of each dialect behind it."""

import base64
from collections.abc import Iterator
from typing import Any

import pytest
from google import genai
from google.genai import errors, types
from pydantic import BaseModel

from support.stack import MODELS, PNG, PROVIDERS, Stack

pytestmark = pytest.mark.e2e
PICTURE = base64.b64decode(PNG)
HELLO = "Hello there"
SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
    "required": ["city", "days"],
}
WEATHER = types.Tool(
    function_declarations=[
        types.FunctionDeclaration(name="get_weather", description="The weather of a city.", parameters_json_schema=SCHEMA)
    ]
)


@pytest.fixture(scope="module")
def client(stack: Stack) -> Iterator[genai.Client]:
    options = types.HttpOptions(base_url=stack.gateway)
    with genai.Client(api_key="any", http_options=options) as made:
        yield made


def said(chunks: list[types.GenerateContentResponse]) -> str:
    return "".join(chunk.text or "" for chunk in chunks)


@pytest.mark.parametrize("model", MODELS)
def test_plain_and_streamed(client: genai.Client, model: str) -> None:
    answer = client.models.generate_content(model=model, contents=HELLO)
    chunks = list(client.models.generate_content_stream(model=model, contents=HELLO))
    assert HELLO in (answer.text or "")
    assert said(chunks) == answer.text
    assert answer.candidates is not None
    assert answer.candidates[0].finish_reason is types.FinishReason.STOP
    last = chunks[-1]
    assert last.candidates is not None
    assert last.candidates[0].finish_reason is types.FinishReason.STOP
    for usage in (answer.usage_metadata, last.usage_metadata):
        assert usage is not None
        assert usage.prompt_token_count
        assert usage.candidates_token_count
    assert answer.response_id != last.response_id


@pytest.mark.parametrize("version", ["v1", "v1beta"])
def test_both_versions_of_the_api(stack: Stack, version: str) -> None:
    options = types.HttpOptions(base_url=stack.gateway, api_version=version)
    with genai.Client(api_key="any", http_options=options) as client:
        for model in MODELS:
            assert HELLO in (client.models.generate_content(model=model, contents=HELLO).text or "")
            assert HELLO in said(list(client.models.generate_content_stream(model=model, contents=HELLO)))


@pytest.mark.parametrize("model", MODELS)
async def test_async(stack: Stack, model: str) -> None:
    async with genai.Client(api_key="any", http_options=types.HttpOptions(base_url=stack.gateway)).aio as client:
        answer = await client.models.generate_content(model=model, contents=HELLO)
        chunks = [chunk async for chunk in await client.models.generate_content_stream(model=model, contents=HELLO)]
    assert said(chunks) == answer.text


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("model", MODELS)
def test_tools_round_trip(client: genai.Client, model: str, stream: bool) -> None:
    config = types.GenerateContentConfig(tools=[WEATHER], automatic_function_calling={"disable": True})  # type: ignore[arg-type]
    contents: list[Any] = [types.Content(role="user", parts=[types.Part(text="Call get_weather, please")])]
    if stream:
        answer = list(client.models.generate_content_stream(model=model, contents=contents, config=config))[-1]
    else:
        answer = client.models.generate_content(model=model, contents=contents, config=config)
    (call,) = answer.function_calls or []
    assert (call.name, set(call.args or ())) == ("get_weather", {"city", "days"})
    assert answer.candidates is not None
    result = types.FunctionResponse(id=call.id, name=call.name, response={"result": "Sunny, 21 degrees"})
    contents += [answer.candidates[0].content, types.Content(role="user", parts=[types.Part(function_response=result)])]
    after = client.models.generate_content(model=model, contents=contents, config=config)
    assert "Sunny, 21 degrees" in (after.text or "")


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("model", MODELS)
def test_functions_that_the_sdk_calls_itself(client: genai.Client, model: str, stream: bool) -> None:
    """While it streams it runs the calls of the last chunk alone."""
    asked: list[tuple[str, int]] = []

    def get_weather(city: str, days: int) -> str:
        """The weather of a city."""
        asked.append((city, days))
        return "Sunny, 21 degrees"

    config = types.GenerateContentConfig(tools=[get_weather])
    if stream:
        told = said(list(client.models.generate_content_stream(model=model, contents="Call get_weather, please", config=config)))
    else:
        told = client.models.generate_content(model=model, contents="Call get_weather, please", config=config).text or ""
    assert len(asked) == 1
    assert "Sunny, 21 degrees" in told


@pytest.mark.parametrize("model", MODELS)
def test_images_and_instructions(client: genai.Client, model: str) -> None:
    parts = [types.Part(text="What is this?"), types.Part.from_bytes(data=PICTURE, mime_type="image/png")]
    config = types.GenerateContentConfig(
        system_instruction="Be terse.", max_output_tokens=200, temperature=0.5, stop_sequences=["x!"]
    )
    answer = client.models.generate_content(model=model, contents=[types.Content(role="user", parts=parts)], config=config)
    assert "1 image" in (answer.text or "")


class Person(BaseModel):
    name: str
    age: int


@pytest.mark.parametrize("model", MODELS)
def test_structured_output(client: genai.Client, model: str) -> None:
    config = types.GenerateContentConfig(response_mime_type="application/json", response_json_schema=SCHEMA)
    answer = client.models.generate_content(model=model, contents=HELLO, config=config)
    assert isinstance(answer.parsed, dict)
    assert set(answer.parsed) == {"city", "days"}
    config = types.GenerateContentConfig(response_mime_type="application/json", response_schema=Person)
    assert isinstance(client.models.generate_content(model=model, contents=HELLO, config=config).parsed, Person)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("model", MODELS)
def test_thinking_over_two_turns(client: genai.Client, model: str, stream: bool) -> None:
    """The SDK's chat sends back what it was told, with the seal in the signature's place, its own calls included."""

    def get_weather(city: str) -> str:
        """The weather of a city."""
        return f"Sunny in {city}"

    thinking = types.ThinkingConfig(include_thoughts=True, thinking_budget=2048)
    config = types.GenerateContentConfig(thinking_config=thinking, max_output_tokens=4000, tools=[get_weather])
    chat = client.chats.create(model=model, config=config)
    for asked, told in (("Call get_weather, please", "Sunny in "), ("Call get_weather, please", "Sunny in ")):
        answer = list(chat.send_message_stream(asked)) if stream else [chat.send_message(asked)]
        assert told in said(answer)
    parts = [part for content in chat.get_history() for part in content.parts or ()]
    assert any(part.thought and part.text for part in parts)
    assert any(part.thought_signature for part in parts) or model.startswith("c:")  # who speaks Chat proves nothing
    assert len([part for part in parts if part.function_call]) == 2


@pytest.mark.parametrize("model", MODELS)
def test_count_tokens(client: genai.Client, model: str) -> None:
    assert client.models.count_tokens(model=model, contents=HELLO).total_tokens


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize(("scenario", "code"), [("400", 400), ("404", 404), ("429", 429), ("503", 503), ("error-event", None)])
@pytest.mark.parametrize("stream", [False, True])
def test_errors_are_the_sdks_own(client: genai.Client, provider: str, scenario: str, code: int | None, stream: bool) -> None:
    model = f"{provider}:sandbox-{scenario}"
    ask: Any = client.models.generate_content_stream if stream else client.models.generate_content
    with pytest.raises(errors.APIError) as caught:
        list(ask(model=model, contents=HELLO))
    assert caught.value.code == code or (code is None and caught.value.code >= 500)
    assert caught.value.status
    assert caught.value.message


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("scenario", ["error-mid", "cut", "no-terminator"])
def test_a_broken_stream_is_raised(client: genai.Client, provider: str, scenario: str) -> None:
    with pytest.raises(errors.APIError):
        list(client.models.generate_content_stream(model=f"{provider}:sandbox-{scenario}", contents=HELLO))


def test_the_list_of_models_and_one_of_them(client: genai.Client) -> None:
    names = [model.name for model in client.models.list()]
    assert names
    assert names[0] is not None
    assert client.models.get(model=names[0]).name == names[0]
    assert [model.name for model in client.models.list(config={"page_size": 2})] == names
