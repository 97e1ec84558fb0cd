"""Dialogues about what Responses keep at a provider: every call about an answer goes to who gave it, and to nobody else."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from dragoman.wire import json
from support.dialogue import ERROR, provider
from support.gateway import Gateway
from support.scripted import Received, Scripted, Step, answer, event_stream

BROKEN = [answer(500, ERROR % b"server_error")]


def whole(name: str, **more: Any) -> dict[str, Any]:
    item = {"type": "message", "id": f"msg_{name}", "status": "completed", "role": "assistant"}
    content = [{"type": "output_text", "text": f"Hi from {name}", "annotations": []}]
    return {
        "id": f"resp_{name}", "object": "response", "created_at": 1, "status": "completed", "model": "m",
        "output": [{**item, "content": content}], "usage": {"input_tokens": 1, "output_tokens": 2, "total_tokens": 3}, **more,
    }  # fmt: skip


def streamed(name: str) -> list[Step]:
    told = whole(name)
    item = told["output"][0]
    begun = {**told, "status": "in_progress", "output": [], "usage": None}
    events: tuple[dict[str, Any], ...] = (
        {"type": "response.created", "response": begun},
        {"type": "response.output_item.added", "output_index": 0, "item": {**item, "status": "in_progress", "content": []}},
        {"type": "response.output_text.delta", "item_id": item["id"], "output_index": 0, "content_index": 0, "delta": "Hi"},
        {"type": "response.output_item.done", "output_index": 0, "item": item},
        {"type": "response.completed", "response": told},
    )
    return event_stream(*(json.encode({**event, "sequence_number": place}) for place, event in enumerate(events)))


def vendor(name: str) -> Callable[[Received], list[Step]]:
    """Its answers are called after it."""

    def script(request: Received) -> list[Step]:
        path = request.target.partition("?")[0]
        if path == "/v1/responses":
            return streamed(name) if json.decode(request.body).get("stream") else [answer(200, json.encode(whole(name)))]
        if path.endswith("/input_items"):
            return [answer(200, b'{"object":"list","data":[{"id":"msg_in","type":"message"}],"has_more":false}')]
        if path.endswith("/input_tokens"):
            return [answer(200, b'{"object":"response.input_tokens","input_tokens":77}')]
        if path.endswith("/compact"):
            return [answer(200, b'{"id":"resp_c_%b","object":"response.compaction","output":[]}' % name.encode())]
        return [answer(200, json.encode(whole(name)))]

    return script


def responses(name: str, url: str, **more: Any) -> dict[str, Any]:
    return {**provider(name, url), "dialects": ["openai-responses"], **more}


class Two:
    """A gateway with a provider of Chat alone and two of Responses, in that order, all of them having the model `m`."""

    def __init__(self, gateway: Gateway, servers: list[Scripted]) -> None:
        self.gateway, self.servers = gateway, servers

    async def target(self, method: str, path: str, body: Any = b"", **headers: str) -> tuple[int, str]:
        reply = await self.gateway.ask(f"/v1/responses{path}", body, method, **headers)
        return reply.status, reply.headers.get("x-dragoman-target", "")


@pytest.fixture
async def two(tmp_path: Path) -> AsyncIterator[Two]:
    async with AsyncExitStack() as stack:
        servers = [await stack.enter_async_context(Scripted(vendor(name))) for name in ("c", "a", "b")]
        records = [provider("c", servers[0].url), responses("a", servers[1].url), responses("b", servers[2].url)]
        yield Two(await stack.enter_async_context(Gateway(tmp_path, *records, attempts=3)), servers)


CALLS = [("GET", ""), ("DELETE", ""), ("POST", "/cancel"), ("GET", "/input_items?limit=2")]


@pytest.mark.parametrize("stream", [False, True])
async def test_calls_about_an_answer_go_to_who_gave_it(two: Two, stream: bool) -> None:
    asked = {"model": "b:m", "input": "Hello", "stream": stream}
    assert await two.target("POST", "", asked) == (200, "b:m")
    for method, below in CALLS:
        assert await two.target(method, f"/resp_b{below}", x_dragoman_provider="a") == (200, "b")
    assert [(one.method, one.target) for one in two.servers[2].requests[1:]] == [
        (method, f"/v1/responses/resp_b{below}") for method, below in CALLS
    ]
    assert {record.rule for record in (await two.gateway.recorded(5))[1:]} == {"issuer"}


async def test_an_answer_that_nobody_remembers(two: Two) -> None:
    """The header says it, else it is the first that speaks the dialect: the one of Chat alone is none of them."""
    for method, below in CALLS:
        assert await two.target(method, f"/resp_x{below}", x_dragoman_provider="b") == (200, "b")
        assert await two.target(method, f"/resp_x{below}") == (200, "a")
    assert (await two.target("GET", "/resp_x", x_dragoman_provider="nobody"))[0] == 404


@pytest.mark.parametrize(
    "more",
    [
        {"previous_response_id": "resp_b"},
        {"input": [{"type": "item_reference", "id": "msg_b"}, {"role": "user", "content": "Go on"}]},
    ],
)
@pytest.mark.parametrize("stream", [False, True])
async def test_what_goes_on_goes_to_who_began(two: Two, more: dict[str, Any], stream: bool) -> None:
    await two.target("POST", "", {"model": "b:m", "input": "Hello", "stream": stream})
    for model in ("m", "b:m", None):
        asked = {"input": "Go on", **({"model": model} if model else {}), **more}
        assert await two.target("POST", "", asked, x_dragoman_provider="a") == (200, "b:m")
    for model in ("a:m", "a/m"):  # who is named is asked, and says that it knows no such id
        assert await two.target("POST", "", {"input": "Go on", "model": model, **more}, x_dragoman_provider="b") == (200, "a:m")
    status, _ = await two.target("POST", "", {"input": "Go on", "model": "c:m", **more})
    assert status == 400
    unknown = json.decode(json.encode(more).replace(b"_b", b"_x"))
    assert await two.target("POST", "", {"input": "Go on", "model": "m", **unknown}) == (200, "a:m")
    assert await two.target("POST", "", {"input": "Go on", "model": "m", **unknown}, x_dragoman_provider="b") == (200, "b:m")
    assert len(two.servers[0].requests) == 0


async def test_a_conversation_is_where_it_was_made(tmp_path: Path) -> None:
    def script(request: Received) -> list[Step]:
        told = {"id": "conv_1", "object": "conversation"} if "conversations" in request.target else whole("b")
        return [answer(200, json.encode(told))]

    async with (
        Scripted(vendor("a")) as one,
        Scripted(script) as other,
        Gateway(tmp_path, responses("a", one.url), responses("b", other.url)) as gateway,
    ):
        await gateway.ask("/v1/conversations", {}, x_dragoman_provider="b")
        for named in ("conv_1", {"id": "conv_1"}):
            reply = await gateway.ask("/v1/responses", {"model": "m", "input": "Hi", "conversation": named})
            assert reply.headers["x-dragoman-target"] == "b:m"


async def test_counts_and_compactions(two: Two) -> None:
    await two.target("POST", "", {"model": "b:m", "input": "Hello"})
    for path in ("/input_tokens", "/compact"):
        assert await two.target("POST", path, {"model": "m", "input": "x", "previous_response_id": "resp_b"}) == (200, "b:m")
        assert await two.target("POST", path, {"model": "a:m", "input": "x"}) == (200, "a:m")
    assert two.servers[1].requests[-1].body == b'{"model":"m","input":"x"}'
    assert await two.target("GET", "/resp_c_b") == (200, "b")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/resp_x/cancel", b""),
        ("DELETE", "/resp_x", b""),
        ("POST", "/compact", b'{"model":"m","input":"x"}'),
        ("POST", "", b'{"model":"m","input":"x","previous_response_id":"resp_x"}'),
        ("POST", "", b'{"model":"m","input":[{"type":"item_reference","id":"msg_x"}]}'),
    ],
)
async def test_nobody_else_is_asked(tmp_path: Path, method: str, path: str, body: bytes) -> None:
    async with (
        Scripted(lambda _: BROKEN) as one,
        Scripted(vendor("b")) as other,
        Gateway(tmp_path, responses("a", one.url), responses("b", other.url), attempts=2) as gateway,
    ):
        assert (await gateway.ask(f"/v1/responses{path}", body, method)).status == 500
        assert (len(one.requests), len(other.requests)) == (1, 0)
        assert (await gateway.ask("/v1/responses/resp_x", b"", "GET")).status == 500
        assert len(other.requests) == 0


async def test_a_provider_of_another_dialect_keeps_nothing(tmp_path: Path) -> None:
    async with Scripted(vendor("c")) as server, Gateway(tmp_path, provider("c", server.url)) as gateway:
        for more in ({"previous_response_id": "resp_1"}, {"conversation": "conv_1"}):
            reply = await gateway.ask("/v1/responses", {"model": "m", "input": "Hi", **more})
            assert (reply.status, reply.json["error"]["param"]) == (400, next(iter(more)))
        item = await gateway.ask("/v1/responses", {"model": "m", "input": [{"type": "item_reference", "id": "msg_1"}]})
        kept = await gateway.ask("/v1/responses/resp_1", b"", "GET")
        assert (item.status, kept.status) == (400, 400)
        assert "it speaks openai-chat, not openai-responses" in kept.json["error"]["message"]
        assert not server.requests


async def test_a_websocket_is_told_to_come_by_http(two: Two) -> None:
    """Codex falls back after exactly this status."""
    reply = await two.gateway.ask(
        "/v1/responses", b"", "GET", connection="Upgrade", upgrade="websocket",
        sec_websocket_key="dGhlIHNhbXBsZSBub25jZQ==", sec_websocket_version="13",
    )  # fmt: skip
    assert (reply.status, reply.json["error"]["code"]) == (426, "websocket_not_supported")
    assert all(not server.requests for server in two.servers)


async def test_what_is_beside_answers_is_had_of_a_provider_of_responses_alone(tmp_path: Path) -> None:
    async with (
        Scripted(lambda _: [answer(200, b'{"id":"file-1"}')]) as server,
        Gateway(tmp_path, responses("a", server.url)) as gateway,
    ):
        assert (await gateway.ask("/v1/files/file-1", b"", "GET")).json == {"id": "file-1"}
