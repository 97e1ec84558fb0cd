"""The vendor's own Python SDK takes the sandbox for the vendor, on Responses."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import openai
import pytest
from openai import AsyncOpenAI, OpenAI
from pydantic import BaseModel

from dragoman.sandbox import Sandbox
from dragoman.wire import json
from support.sandbox import RESPONSES, RESPONSES_TOOLS, say

TOOLS: Any = RESPONSES_TOOLS
SPACED: Any = [{"type": "namespace", "name": "mcp__box", "description": "x", "tools": RESPONSES_TOOLS}]
CUSTOM: Any = [{"type": "custom", "name": "shout"}]
SEARCH: Any = [{"type": "tool_search", "execution": "client", "description": "x", "parameters": {"type": "object"}}]
THINKING: Any = {"reasoning": {"effort": "low", "summary": "auto"}, "include": ["reasoning.encrypted_content"]}


@pytest.fixture
async def client(sandbox: Sandbox) -> AsyncIterator[AsyncOpenAI]:
    async with AsyncOpenAI(base_url=f"http://127.0.0.1:{sandbox.port}/v1", api_key="any", max_retries=0) as client:
        yield client


async def create(client: AsyncOpenAI, **members: Any) -> Any:
    return await client.responses.create(**members)


async def streamed(client: AsyncOpenAI, **members: Any) -> Any:
    async with client.responses.stream(**members) as stream:
        return await stream.get_final_response()


async def test_a_whole_answer(client: AsyncOpenAI) -> None:
    found = await create(client, model="gpt-5.2", input="hello there", metadata={"a": "b"}, instructions="Be brief.")
    assert (found.output_text, found.status, found.model) == ("You said: hello there", "completed", "gpt-5.2")
    assert (found.metadata, found.instructions, found.store) == ({"a": "b"}, "Be brief.", True)
    assert found.usage is not None
    assert found.usage.total_tokens == found.usage.input_tokens + found.usage.output_tokens > 4


async def test_a_stream_is_the_whole_answer_in_the_vendors_order(client: AsyncOpenAI) -> None:
    stream = await create(client, model="m", input="hello there", stream=True)
    events: list[Any] = [event async for event in stream]
    assert [event.type.removeprefix("response.") for event in events] == [
        *("created", "in_progress", "output_item.added", "content_part.added"),
        *["output_text.delta"] * 4,
        *("output_text.done", "content_part.done", "output_item.done", "completed"),
    ]
    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert {event.response.id for event in events if hasattr(event, "response")} == {events[0].response.id}
    whole = await create(client, model="m", input="hello there")
    assert events[-1].response.output_text == whole.output_text
    assert events[-1].response.output[0].id == events[2].item.id == events[4].item_id
    assert events[-1].response.usage == whole.usage


@pytest.mark.parametrize("model", ["any", "sandbox-parallel-tools"])
@pytest.mark.parametrize("more", [{}, THINKING], ids=["plain", "thinking"])
async def test_tools_there_and_back(client: AsyncOpenAI, model: str, more: Any) -> None:
    common: Any = {"model": model, "tools": [*TOOLS, *CUSTOM], "store": False, **more}
    for found in (await create(client, input="hello", **common), await streamed(client, input="hello", **common)):
        calls = [item for item in found.output if item.type in ("function_call", "custom_tool_call")]
        assert [call.type for call in calls] == ["function_call", "custom_tool_call"][: 1 if model == "any" else 2]
        assert json.decode(calls[0].arguments) == {"city": "sample city", "unit": "c"}
        assert all(call.input.startswith("sample input for shout") for call in calls[1:])
        results = [{"type": f"{call.type}_output", "call_id": call.call_id, "output": "sunny"} for call in calls]
        history = [{"role": "user", "content": "hello"}, *(item.to_dict() for item in found.output), *results]
        after = await create(client, input=history, **common)
        assert after.output_text.startswith("The tool said: sunny")


async def test_a_tool_in_a_namespace_is_called_with_it(client: AsyncOpenAI) -> None:
    for found in (
        await create(client, model="m", input="hi", tools=SPACED),
        await streamed(client, model="m", input="hi", tools=SPACED),
    ):
        assert (found.output[-1].name, found.output[-1].namespace) == ("get_weather", "mcp__box")


async def test_the_client_searches_for_tools(client: AsyncOpenAI) -> None:
    """The search is not called unless it is the only tool, or named."""
    assert [i.type for i in (await create(client, model="m", input="x", tools=[*SEARCH, *TOOLS])).output][-1] == "function_call"
    found: Any = await streamed(client, model="m", input="use tool_search", tools=[*SEARCH, *TOOLS])
    call = found.output[-1]
    assert (call.type, call.execution, call.status) == ("tool_search_call", "client", "completed")
    result: Any = {"type": "tool_search_output", "call_id": call.call_id, "tools": SPACED, "execution": "client"}
    after = await create(client, model="m", previous_response_id=found.id, input=[result], tools=SEARCH)
    assert after.output_text.startswith("The tool said: mcp__box__get_weather found")


@pytest.mark.parametrize("streams", [False, True])
async def test_thinking_and_its_proof(client: AsyncOpenAI, streams: bool) -> None:
    ask: Any = {"model": "m", "input": "hello", "store": False, **THINKING}
    found = await streamed(client, **ask) if streams else await create(client, **ask)
    thought, said = found.output
    assert (thought.type, said.type) == ("reasoning", "message")
    assert "hello" in thought.summary[0].text
    assert found.usage.output_tokens_details.reasoning_tokens > 0
    history: Any = [{"role": "user", "content": "hello"}, thought.to_dict(), said.to_dict(), {"role": "user", "content": "again"}]
    assert (await create(client, model="m", input=history)).output_text == "You said: again This is turn 3."
    history[1]["encrypted_content"] = "gAAAAABfromelsewhere"
    with pytest.raises(openai.BadRequestError, match="could not be verified") as raised:
        await create(client, model="m", input=history)
    assert raised.value.code == "invalid_encrypted_content"


async def test_thoughts_are_shown_as_asked_for(client: AsyncOpenAI) -> None:
    found: Any = await create(client, model="m", input="x", reasoning={"effort": "low"})
    assert (found.output[0].summary, found.output[0].encrypted_content) == ([], None)
    assert [item.type for item in (await create(client, model="m", input="x", reasoning={"effort": "none"})).output] == [
        "message"
    ]


async def test_a_ciphertext_under_way_is_not_the_final_one(sandbox: Sandbox) -> None:
    raw = await say(sandbox, RESPONSES, stream=True, **THINKING)
    added, done = (event["item"] for event in raw.data if "item" in event and event["item"]["type"] == "reasoning")
    assert done["encrypted_content"].startswith(added["encrypted_content"])
    assert done["encrypted_content"] != added["encrypted_content"]


async def test_a_conversation_goes_on_by_the_id_of_an_answer(client: AsyncOpenAI) -> None:
    first: Any = await create(client, model="m", input="one", tools=TOOLS)
    results: Any = [{"type": "function_call_output", "call_id": first.output[-1].call_id, "output": "sunny"}]
    second = await create(client, model="m", input=results, previous_response_id=first.id)
    third = await create(client, model="m", input="two", previous_response_id=second.id)
    assert (third.output_text, third.previous_response_id) == ("You said: two This is turn 5.", second.id)
    items: list[Any] = [item async for item in client.responses.input_items.list(third.id, order="asc", limit=2)]
    assert [item.type for item in items] == ["message", "message", "function_call", "function_call_output", "message", "message"]
    assert items[0].content[0].text == "one"
    assert len({item.id for item in items}) == 6


async def test_items_are_referred_to_by_id(client: AsyncOpenAI) -> None:
    first: Any = await create(client, model="m", input="one", **THINKING)
    references: Any = [{"type": "item_reference", "id": item.id} for item in first.output]
    again = await create(
        client, model="m", input=[{"role": "user", "content": "one"}, *references, {"role": "user", "content": "two"}]
    )
    assert again.output_text == "You said: two This is turn 3."


async def test_what_is_stored_is_fetched_and_deleted(client: AsyncOpenAI) -> None:
    made = await create(client, model="m", input="one")
    assert await client.responses.retrieve(made.id) == made
    await client.responses.delete(made.id)
    with pytest.raises(openai.NotFoundError, match="not found"):
        await client.responses.retrieve(made.id)
    hidden = await create(client, model="m", input="one", store=False)
    with pytest.raises(openai.NotFoundError):
        await client.responses.retrieve(hidden.id)
    with pytest.raises(openai.BadRequestError, match="not found") as raised:
        await create(client, model="m", input="two", previous_response_id=hidden.id)
    assert raised.value.code == "previous_response_not_found"


async def test_in_the_background(client: AsyncOpenAI) -> None:
    made = await create(client, model="m", input="one", background=True)
    states = [made.status] + [(await client.responses.retrieve(made.id)).status for _ in range(3)]
    assert states == ["queued", "queued", "in_progress", "completed"]
    other = await create(client, model="m", input="one", background=True)
    assert (await client.responses.cancel(other.id)).status == "cancelled"
    assert (await client.responses.retrieve(other.id)).output == []
    with pytest.raises(openai.BadRequestError, match="Cannot cancel a synchronous response"):
        await client.responses.cancel((await create(client, model="m", input="one")).id)


async def test_a_stream_in_the_background_is_taken_up_again(client: AsyncOpenAI) -> None:
    stream = await create(client, model="m", input="hello there", background=True, stream=True)
    events: list[Any] = [event async for event in stream]
    assert [event.type for event in events[:3]] == ["response.created", "response.queued", "response.in_progress"]
    rest = await client.responses.retrieve(events[0].response.id, stream=True, starting_after=4)
    assert [event async for event in rest] == events[5:]


async def test_making_short_and_counting(client: AsyncOpenAI) -> None:
    history: Any = [
        {"role": "user", "content": "one"},
        {"role": "assistant", "content": "two"},
        {"role": "user", "content": "three"},
    ]
    short: Any = await client.responses.compact(model="m", input=history)
    assert [item.type for item in short.output] == ["message", "message", "compaction"]
    after = await create(
        client,
        model="m",
        input=[*short.model_dump(warnings=False, exclude_none=True)["output"], {"role": "user", "content": "x"}],
    )
    assert after.output_text.startswith("You said: x")
    counted = await client.responses.input_tokens.count(model="m", input=history)
    asked = await create(client, model="m", input=history)
    assert asked.usage is not None
    assert counted.input_tokens == asked.usage.input_tokens


async def test_a_trigger_makes_short_at_once(client: AsyncOpenAI) -> None:
    history: Any = [{"role": "user", "content": "one"}, {"type": "compaction_trigger"}]
    for found in (await create(client, model="m", input=history), await streamed(client, model="m", input=history)):
        assert [item.type for item in found.output] == ["compaction"]


async def test_structured_output(client: AsyncOpenAI) -> None:
    class Weather(BaseModel):
        city: str
        degrees: int

    found = await client.responses.parse(model="m", input="hello", text_format=Weather)
    assert found.output_parsed == Weather(city="sample city", degrees=1)
    free = await create(client, model="m", input="JSON please", text={"format": {"type": "json_object"}})
    assert free.output_text == '{"answer":"sample answer"}'


async def test_images_and_files_are_seen(client: AsyncOpenAI) -> None:
    parts: Any = [
        {"type": "input_text", "text": "look"},
        {"type": "input_image", "image_url": "data:image/png;base64,iVBORw0KGgo="},
        {"type": "input_file", "filename": "a.pdf", "file_data": "data:application/pdf;base64,AA=="},
    ]
    found = await create(client, model="m", input=[{"role": "user", "content": parts}])
    assert found.output_text == "You said: look I see 1 image and 1 document."


async def test_limits(client: AsyncOpenAI) -> None:
    words = " ".join(str(n) for n in range(40))
    for found in (
        await create(client, model="m", input=words, max_output_tokens=16),
        [e async for e in await create(client, model="m", input=words, max_output_tokens=16, stream=True)][-1].response,
    ):
        assert (found.status, found.incomplete_details and found.incomplete_details.reason) == ("incomplete", "max_output_tokens")
        assert len(found.output_text.split()) == 16


@pytest.mark.parametrize(
    ("model", "error"),
    [
        ("sandbox-400", openai.BadRequestError),
        ("sandbox-401", openai.AuthenticationError),
        ("sandbox-404", openai.NotFoundError),
        ("sandbox-429", openai.RateLimitError),
        ("sandbox-500", openai.InternalServerError),
        ("sandbox-reset", openai.APIConnectionError),
    ],
)
async def test_errors_are_the_sdks_own(client: AsyncOpenAI, model: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        await create(client, model=model, input="hello")


async def test_an_error_in_a_stream_is_raised(client: AsyncOpenAI) -> None:
    with pytest.raises(openai.APIError, match="Overloaded"):
        await streamed(client, model="sandbox-error-mid", input="hello")


async def test_an_answer_that_failed_says_so(client: AsyncOpenAI) -> None:
    found = await create(client, model="sandbox-error-mid", input="hello")
    assert found.error is not None
    assert (found.status, found.error.message) == ("failed", "Overloaded")


async def test_the_sync_client(sandbox: Sandbox) -> None:
    def use() -> tuple[str, str]:
        with OpenAI(base_url=f"http://127.0.0.1:{sandbox.port}/v1", api_key="any", max_retries=0) as client:
            whole = client.responses.create(model="m", input="hello").output_text
            with client.responses.stream(model="m", input="hello") as stream:
                return whole, stream.get_final_response().output_text

    assert await asyncio.to_thread(use) == ("You said: hello", "You said: hello")
