"""Clients of every SDK that is there, over real sockets, with a provider behind the gateway that is asked on its own API.

What the provider answers is written by hand (tests/fixtures): the model that is asked for names the answer.
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, NamedTuple

import anthropic
import openai
import pytest

from dragoman.core.errors import ErrorKind
from support.dialogue import good, provider
from support.fixtures import FIXTURES
from support.gateway import Gateway
from support.scripted import Received, Script, Scripted, Step, answer, chunked

pytestmark = pytest.mark.e2e


class Vendor(NamedTuple):
    """`suffix` and `type`: of its streams. `refusal`: an error's status and body."""

    dialect: str
    path: str
    suffix: str
    type: str
    refusal: tuple[int, dict[str, Any]]

    def told(self, name: str, *, stream: bool) -> bytes:
        return (FIXTURES / self.dialect / "answers" / f"{name}{self.suffix if stream else '.json'}").read_bytes()

    def script(self, request: Received) -> Script:
        """A stream comes in pieces of nine bytes."""
        if request.method == "GET":
            return [answer(404, b"{}")]
        body = json.loads(request.body)
        if request.target != self.path:
            return [answer(404, b'{"error":"no such path"}')]
        if body["model"] == "refusing":
            return [answer(self.refusal[0], json.dumps(self.refusal[1]).encode())]
        if not body.get("stream"):
            return [answer(200, self.told(body["model"], stream=False))]
        data = self.told(body["model"], stream=True)
        return chunked(*(data[place : place + 9] for place in range(0, len(data), 9)), type_=self.type)

    def record(self, name: str, url: str) -> dict[str, Any]:
        models = ["text", "tools", "thinking", "thinking-tools", "error-mid-stream", "error-first", "cut", "refusing"]
        record = {"name": name, "provider_type": "ollama" if self.dialect == "ollama" else "cohere", "base_url": url}
        return {**record, "api_key": f"key-of-{name}", "models": models, "dialects": [self.dialect]}


OLLAMA = Vendor("ollama", "/api/chat", ".ndjson", "application/x-ndjson", (404, {"error": "model 'refusing' not found"}))
COHERE = Vendor("cohere", "/v2/chat", ".sse", "text/event-stream", (404, {"id": "1", "message": "model 'refusing' not found"}))
HELLO: Any = [{"role": "user", "content": "Hello there"}]
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer"}}, "required": ["city"]}
vendors = pytest.mark.parametrize("vendor", [OLLAMA, COHERE], ids=lambda vendor: vendor.dialect)


class Running(NamedTuple):
    gateway: Gateway
    server: Scripted
    openai: openai.AsyncOpenAI
    anthropic: anthropic.AsyncAnthropic

    @property
    def asked(self) -> Any:
        """What the provider was asked last."""
        return json.loads(self.server.requests[-1].body)


@contextlib.asynccontextmanager
async def running(folder: Path, vendor: Vendor, *more: dict[str, Any]) -> AsyncIterator[Running]:
    async with (
        Scripted(vendor.script) as server,
        Gateway(folder, vendor.record("own", server.url), *more) as gateway,
        openai.AsyncOpenAI(base_url=f"{gateway.url}/v1", api_key="any", max_retries=0) as chat,
        anthropic.AsyncAnthropic(base_url=gateway.url, api_key="any", max_retries=0) as messages,
    ):
        yield Running(gateway, server, chat, messages)


@vendors
async def test_whole_and_streamed(tmp_path: Path, vendor: Vendor) -> None:
    async with running(tmp_path, vendor) as play:
        whole = await play.openai.chat.completions.create(model="text", messages=HELLO)
        assert (whole.choices[0].message.content, whole.choices[0].finish_reason) == ("Hello there.", "stop")
        assert whole.usage is not None
        assert whole.usage.completion_tokens == 5
        stream = await play.openai.chat.completions.create(model="text", messages=HELLO, stream=True)
        assert "".join([chunk.choices[0].delta.content or "" async for chunk in stream if chunk.choices]) == "Hello there."

        message = await play.anthropic.messages.create(model="text", max_tokens=50, messages=HELLO, extra_body={"top_k": 7})
        assert [block.to_dict()["text"] for block in message.content] == ["Hello there."]
        async with play.anthropic.messages.stream(model="text", max_tokens=50, messages=HELLO) as events:
            final = await events.get_final_message()
        assert (final.content[0].to_dict()["text"], final.stop_reason) == ("Hello there.", "end_turn")
        assert (final.usage.input_tokens, final.usage.output_tokens) == (whole.usage.prompt_tokens, 5)
        for record in await play.gateway.recorded(4):
            assert (record.lane, record.provider_dialect, record.error) == ("translate", vendor.dialect, None)
        assert play.server.requests[-1].header("authorization") == "Bearer key-of-own"
        said = [json.loads(request.body) for request in play.server.requests if request.method == "POST"]
        assert [body.get("options", body).get("top_k", body.get("k")) for body in said] == [None, None, 7, None]


@vendors
async def test_a_step_with_tools_in_chat(tmp_path: Path, vendor: Vendor) -> None:
    tools: Any = [{"type": "function", "function": {"name": "get_weather", "parameters": SCHEMA}}]
    async with running(tmp_path, vendor) as play:
        for streamed in (False, True):
            if streamed:
                async with play.openai.chat.completions.stream(model="tools", messages=HELLO, tools=tools) as events:
                    first: Any = await events.get_final_completion()
            else:
                first = await play.openai.chat.completions.create(model="tools", messages=HELLO, tools=tools)
            choice = first.choices[0]
            call = choice.message.tool_calls[0]
            assert (choice.finish_reason, call.function.name) == ("tool_calls", "get_weather")
            assert json.loads(call.function.arguments) == {"city": "Köln", "days": 2}
            turn = choice.message.model_dump(exclude_none=True)
            history = [*HELLO, turn, {"role": "tool", "tool_call_id": call.id, "content": "18°"}]
            again = await play.openai.chat.completions.create(model="text", messages=history, tools=tools)
            assert again.choices[0].message.content == "Hello there."
            _, called, result = play.asked["messages"]
            assert called["tool_calls"][0]["function"]["name"] == "get_weather"
            assert (result["role"], result["tool_call_id"], result["content"]) == ("tool", call.id, "18°")


@vendors
async def test_a_step_with_thinking_and_tools_in_messages(tmp_path: Path, vendor: Vendor) -> None:
    tools: Any = [{"name": "get_weather", "input_schema": SCHEMA}]
    async with running(tmp_path, vendor) as play:
        for streamed in (False, True):
            asked: Any = {"model": "thinking-tools", "max_tokens": 4000, "tools": tools, "messages": HELLO}
            asked["thinking"] = {"type": "enabled", "budget_tokens": 2048}
            if streamed:
                async with play.anthropic.messages.stream(**asked) as events:
                    first: Any = await events.get_final_message()
            else:
                first = await play.anthropic.messages.create(**asked)
            thought, call = first.content
            assert (thought.type, thought.thinking, call.name) == ("thinking", "I need the weather.", "get_weather")
            assert (call.input, first.stop_reason) == ({"city": "Köln"}, "tool_use")
            result = {"type": "tool_result", "tool_use_id": call.id, "content": "18°"}
            turn = {"role": "assistant", "content": [block.to_dict() for block in first.content]}
            history: Any = [*HELLO, turn, {"role": "user", "content": [result]}]
            again = await play.anthropic.messages.create(**{**asked, "model": "text", "messages": history})
            assert again.content[0].to_dict()["text"] == "Hello there."
            assert "I need the weather." in json.dumps(play.asked["messages"][1])
            assert "dgm1." not in json.dumps(play.asked)


@vendors
async def test_a_providers_error_keeps_its_words(tmp_path: Path, vendor: Vendor) -> None:
    async with running(tmp_path, vendor) as play:
        with pytest.raises(openai.NotFoundError, match="model 'refusing' not found"):
            await play.openai.chat.completions.create(model="refusing", messages=HELLO)
        with pytest.raises(anthropic.NotFoundError, match="model 'refusing' not found"):
            await play.anthropic.messages.create(model="refusing", max_tokens=9, messages=HELLO)


@vendors
@pytest.mark.parametrize("model", ["error-mid-stream", "cut"])
async def test_a_stream_that_breaks_is_an_error(tmp_path: Path, vendor: Vendor, model: str) -> None:
    """As an event of the stream, or as a status, where all of it came at once and nothing was told yet."""
    async with running(tmp_path, vendor) as play:
        with pytest.raises(openai.APIError):
            [chunk async for chunk in await play.openai.chat.completions.create(model=model, messages=HELLO, stream=True)]
        with pytest.raises(anthropic.APIStatusError):
            async with play.anthropic.messages.stream(model=model, max_tokens=9, messages=HELLO) as events:
                await events.get_final_message()
        assert {record.error for record in await play.gateway.recorded(2)} == {ErrorKind.SERVER.value}


@vendors
async def test_what_fails_before_the_first_word_is_unseen(tmp_path: Path, vendor: Vendor) -> None:
    """The next provider, of another dialect, answers."""
    async with Scripted(good) as second:
        model = "refusing" if vendor is COHERE else "error-first"  # Cohere's first error is about the request
        async with running(tmp_path, vendor, provider("other", second.url, models=[model])) as play:
            stream = await play.openai.chat.completions.create(model=model, messages=HELLO, stream=True)
            assert "".join([chunk.choices[0].delta.content or "" async for chunk in stream if chunk.choices]) == "Hi there"
            record = (await play.gateway.recorded())[0]
            assert [attempt.dialect for attempt in record.attempts] == [vendor.dialect, "openai-chat"]


@vendors
async def test_words_come_while_the_provider_still_thinks(tmp_path: Path, vendor: Vendor) -> None:
    """A stream is passed on as it comes, though one of JSON lines begins like a whole answer."""
    seen = asyncio.Event()
    data = vendor.told("text", stream=True)
    middle = data.index(b" there") - 20

    def script(request: Received) -> Script:
        begin, first, second, last = chunked(data[:middle], data[middle:], type_=vendor.type)
        steps: list[Step] = [begin, first, seen, second, last]
        return steps if request.method == "POST" else [answer(404)]

    async with Scripted(script) as server, Gateway(tmp_path, vendor.record("own", server.url)) as gateway:
        async with gateway.client() as client:
            await client.send("/v1/chat/completions", {"model": "text", "messages": HELLO, "stream": True})
            await client.seen(b'"Hello"')
            seen.set()
            await client.read()
        assert b" there" in client.body
        assert client.body.endswith(b"data: [DONE]\n\n")
