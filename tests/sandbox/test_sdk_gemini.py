"""The vendor's own Python SDK takes the sandbox for the vendor."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from google import genai
from google.genai import errors, types
from pydantic import BaseModel

from dragoman.sandbox import Sandbox
from dragoman.wire import json
from support.sandbox import GEMINI_ARRAY, SCHEMA, ask, generation

MODEL = "gemini-3.5-flash"
"""Of the generation that wants its signatures back."""
TOOL = types.Tool(function_declarations=[types.FunctionDeclaration(name="get_weather", parameters_json_schema=SCHEMA)])
OTHER = types.Tool(
    function_declarations=[
        types.FunctionDeclaration(
            name="get_time",
            parameters=types.Schema(
                type=types.Type.OBJECT, properties={"zone": types.Schema(type=types.Type.STRING, enum=["utc"])}
            ),
        )
    ]
)
THINKING = types.ThinkingConfig(include_thoughts=True)


@pytest.fixture
async def client(sandbox: Sandbox) -> AsyncIterator[genai.client.AsyncClient]:
    options = types.HttpOptions(base_url=f"http://127.0.0.1:{sandbox.port}")
    async with genai.Client(api_key="any", http_options=options).aio as client:
        yield client


async def whole(client: genai.client.AsyncClient, contents: Any, model: str = MODEL, **config: Any) -> Any:
    return await client.models.generate_content(model=model, contents=contents, config=types.GenerateContentConfig(**config))


async def chunks(client: genai.client.AsyncClient, contents: Any, model: str = MODEL, **config: Any) -> list[Any]:
    found = await client.models.generate_content_stream(
        model=model, contents=contents, config=types.GenerateContentConfig(**config)
    )
    return [chunk async for chunk in found]


def parts_of(found: Any) -> list[Any]:
    return [part for each in (found if isinstance(found, list) else [found]) for part in each.candidates[0].content.parts]


def calls_of(found: Any) -> list[Any]:
    return [part.function_call for part in parts_of(found) if part.function_call is not None]


async def test_a_whole_answer(client: genai.client.AsyncClient) -> None:
    found = await whole(client, "hello there", system_instruction="Be brief.", temperature=0.5)
    assert (found.text, found.candidates[0].finish_reason, found.model_version) == (
        "You said: hello there",
        types.FinishReason.STOP,
        MODEL,
    )
    usage = found.usage_metadata
    assert usage.total_token_count == usage.prompt_token_count + usage.candidates_token_count


async def test_a_stream_is_the_whole_answer(client: genai.client.AsyncClient) -> None:
    found = await chunks(client, "hello there")
    assert [chunk.text for chunk in found] == ["You ", "said: ", "hello ", "there", ""]
    assert [chunk.candidates[0].finish_reason for chunk in found] == [None] * 4 + [types.FinishReason.STOP]
    assert [chunk.usage_metadata is not None for chunk in found] == [False] * 4 + [True]
    assert found[-1].usage_metadata == (await whole(client, "hello there")).usage_metadata
    assert len({chunk.response_id for chunk in found}) == 1


@pytest.mark.parametrize("model", [MODEL, "gemini-2.5-flash", "sandbox-parallel-tools"])
@pytest.mark.parametrize("streams", [False, True])
async def test_tools_there_and_back(client: genai.client.AsyncClient, model: str, streams: bool) -> None:
    config: Any = {"tools": [TOOL, OTHER], "thinking_config": THINKING}
    found = await (chunks if streams else whole)(client, "hello", model=model, **config)
    calls = calls_of(found)
    assert [call.name for call in calls] == ["get_weather", "get_time"][: 2 if "parallel" in model else 1]
    assert calls[0].args == {"city": "sample city", "unit": "c"}
    assert (calls[0].id is None) == model.startswith("gemini-2")
    answers = [
        types.Part(function_response=types.FunctionResponse(id=call.id, name=call.name, response={"output": "sunny"}))
        for call in calls
    ]
    history = [
        types.Content(role="user", parts=[types.Part(text="hello")]),
        types.Content(role="model", parts=parts_of(found)),
        types.Content(role="user", parts=answers),
    ]
    after = await whole(client, history, model=model, **config)
    assert "The tool said: sunny" in after.text


async def test_a_steps_first_call_is_signed(client: genai.client.AsyncClient) -> None:
    found = await whole(client, "hello", model="sandbox-parallel-tools", tools=[TOOL, OTHER])
    signed = [part.thought_signature is not None for part in parts_of(found) if part.function_call is not None]
    assert signed == [True, False]


@pytest.mark.parametrize(("change", "words"), [(None, "missing a thought_signature"), (b"other", "Corrupted thought signature")])
async def test_a_signature_must_come_back_as_it_was(client: genai.client.AsyncClient, change: Any, words: str) -> None:
    parts = [part for part in parts_of(await whole(client, "hello", tools=[TOOL])) if part.function_call is not None]
    parts[0].thought_signature = change
    answer = types.Part(function_response=types.FunctionResponse(name="get_weather", response={"output": "sunny"}))
    history = [types.UserContent("hello"), types.ModelContent(parts), types.UserContent([answer])]
    with pytest.raises(errors.ClientError, match=words):
        await whole(client, history, tools=[TOOL])


async def test_functions_are_called_by_the_sdk(client: genai.client.AsyncClient) -> None:
    asked = []

    def get_weather(city: str) -> str:
        """The weather in a city."""
        asked.append(city)
        return "sunny"

    chat = client.chats.create(model=MODEL, config=types.GenerateContentConfig(tools=[get_weather], thinking_config=THINKING))
    assert "The tool said: sunny" in str((await chat.send_message("hello")).text)
    texts = [chunk.text async for chunk in await chat.send_message_stream("again")]
    assert "The tool said: sunny" in "".join(text or "" for text in texts)
    assert asked == ["sample city", "sample city"]


async def test_thinking(client: genai.client.AsyncClient) -> None:
    found = await whole(client, "hello there", thinking_config=THINKING)
    thought, said = parts_of(found)
    assert (thought.thought, "hello there" in thought.text) == (True, True)
    assert said.thought_signature is not None
    assert found.usage_metadata.thoughts_token_count > 0
    streamed = await chunks(client, "hello there", thinking_config=THINKING)
    assert "".join(part.text for part in parts_of(streamed) if part.thought) == thought.text
    assert (parts_of(streamed)[-1].text, parts_of(streamed)[-1].thought_signature) == ("", said.thought_signature)
    hidden = parts_of(await whole(client, "hello", thinking_config=types.ThinkingConfig(thinking_budget=1024)))
    assert [(part.thought, part.thought_signature is not None) for part in hidden] == [(None, True)]
    off = await whole(client, "hello", thinking_config=types.ThinkingConfig(thinking_budget=0))
    assert [part.thought_signature for part in parts_of(off)] == [None]


async def test_structured_output(client: genai.client.AsyncClient) -> None:
    class Weather(BaseModel):
        city: str
        degrees: int

    found = await whole(client, "hello", response_mime_type="application/json", response_schema=Weather)
    assert found.parsed == Weather(city="sample city", degrees=1)
    found = await whole(client, "hello", response_mime_type="application/json", response_json_schema=SCHEMA)
    assert json.decode(found.text) == {"city": "sample city", "unit": "c"}
    choice = {"type": "STRING", "enum": ["red", "blue"]}
    assert (await whole(client, "x", response_mime_type="text/x.enum", response_schema=choice)).text == "red"


async def test_the_choice_of_a_tool(client: genai.client.AsyncClient) -> None:
    def mode(name: str, *allowed: str) -> types.ToolConfig:
        config = types.FunctionCallingConfig(
            mode=types.FunctionCallingConfigMode(name), allowed_function_names=list(allowed) or None
        )
        return types.ToolConfig(function_calling_config=config)

    tools = [TOOL, OTHER]
    assert calls_of(await whole(client, "x", tools=tools, tool_config=mode("NONE"))) == []
    assert [c.name for c in calls_of(await whole(client, "x", tools=tools, tool_config=mode("ANY", "get_time")))] == ["get_time"]
    assert [c.name for c in calls_of(await whole(client, "x", tools=tools, tool_config=mode("ANY")))] == ["get_weather"]


async def test_images_and_files_are_seen(client: genai.client.AsyncClient) -> None:
    image = types.Part.from_bytes(data=b"\x89PNG", mime_type="image/png")
    file = types.Part.from_uri(file_uri="https://example.com/a.pdf", mime_type="application/pdf")
    found = await whole(client, [types.UserContent(["look", image, file])])
    assert found.text == "You said: look I see 1 image and 1 document."


async def test_limits(client: genai.client.AsyncClient) -> None:
    short = await whole(client, "hello there", max_output_tokens=3)
    assert (short.text, short.candidates[0].finish_reason) == ("You said: hello ", types.FinishReason.MAX_TOKENS)
    stopped = await whole(client, "hello there", stop_sequences=["there"])
    assert (stopped.text, stopped.candidates[0].finish_reason) == ("You said: hello ", types.FinishReason.STOP)
    several = await whole(client, "hello there", candidate_count=3)
    assert [candidate.index for candidate in several.candidates] == [0, 1, 2]
    assert several.usage_metadata.candidates_token_count == 12


async def test_blocked_prompts_and_filtered_answers(client: genai.client.AsyncClient) -> None:
    blocked = await whole(client, "x", model="sandbox-refusal")
    assert blocked.prompt_feedback.block_reason == types.BlockedReason.PROHIBITED_CONTENT
    assert blocked.candidates is None
    filtered = await whole(client, "x", model="sandbox-filtered")
    assert filtered.candidates[0].finish_reason == types.FinishReason.SAFETY


@pytest.mark.parametrize(
    ("model", "error"),
    [
        ("sandbox-400", errors.ClientError),
        ("sandbox-429", errors.ClientError),
        ("sandbox-500", errors.ServerError),
        ("sandbox-529", errors.ServerError),
    ],
)
@pytest.mark.parametrize("streams", [False, True])
async def test_errors_are_the_sdks_own(
    client: genai.client.AsyncClient, model: str, error: type[errors.APIError], streams: bool
) -> None:
    with pytest.raises(error) as raised:
        await (chunks if streams else whole)(client, "hello", model=model)
    assert raised.value.code == int(model.rpartition("-")[2])


async def test_an_error_in_a_stream_is_raised(client: genai.client.AsyncClient) -> None:
    with pytest.raises(errors.ServerError, match="Overloaded"):
        await chunks(client, "hello", model="sandbox-error-mid")


async def test_counting_and_models(client: genai.client.AsyncClient) -> None:
    counted = await client.models.count_tokens(model=MODEL, contents="hello there")
    assert counted.total_tokens == (await whole(client, "hello there")).usage_metadata.prompt_token_count
    assert "models/sandbox-429" in [model.name async for model in await client.models.list()]
    assert (await client.models.get(model="gemini-x")).name == "models/gemini-x"


async def test_vertex_asks_elsewhere(sandbox: Sandbox) -> None:
    sent = generation(GEMINI_ARRAY, MODEL).replace(b"/v1/models", b"/v1beta1/projects/p/locations/l/publishers/google/models")
    raw = await ask(sandbox, sent)
    assert raw.json["modelVersion"] == MODEL


async def test_the_sync_client(sandbox: Sandbox) -> None:
    def use() -> tuple[Any, str]:
        options = types.HttpOptions(base_url=f"http://127.0.0.1:{sandbox.port}", api_version="v1beta")
        with genai.Client(api_key="any", http_options=options) as client:
            stream = client.models.generate_content_stream(model=MODEL, contents="hello")
            streamed = "".join(chunk.text or "" for chunk in stream)
            return client.models.generate_content(model=MODEL, contents="hello").text, streamed

    assert await asyncio.to_thread(use) == ("You said: hello", "You said: hello")
