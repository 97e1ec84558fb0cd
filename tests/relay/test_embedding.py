"""Dialogues about embeddings from a provider of another dialect, and of the client's own."""

import base64
import struct
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

import dragoman.api.app
from dragoman.api.doors import Doors
from dragoman.core.record import Attempt
from dragoman.dialects.base import Dialect, ProviderDialect
from dragoman.dialects.registry import CLIENTS, DIALECTS
from dragoman.relay.plans import Plans
from dragoman.wire import json
from support.dialogue import ERROR, provider
from support.embedding import OTHER, Other
from support.gateway import Gateway
from support.scripted import Received, Scripted, Step, answer

FLOATS = {"embedding": [0.5, -1.25], "values": [0.5, -1.25]}
B64 = base64.b64encode(struct.pack("<2f", 0.5, -1.25)).decode()


def openai(request: Received) -> list[Step]:
    """Answers as it is asked, base64 too."""
    asked = json.decode(request.body)
    vector: Any = B64 if asked.get("encoding_format") == "base64" else [0.5, -1.25]
    data = [{"object": "embedding", "index": place, "embedding": vector} for place, _ in enumerate(asked["input"])]
    usage = {"prompt_tokens": len(data), "total_tokens": len(data)}
    return [answer(200, json.encode({"object": "list", "data": data, "model": "real", "usage": usage}))]


def gemini(request: Received) -> list[Step]:
    """The first number of each vector is the text's."""
    texts = [one["content"]["parts"][0]["text"] for one in json.decode(request.body)["requests"]]
    return [answer(200, json.encode({"embeddings": [{"values": [float(text), 0.1]} for text in texts]}))]


@pytest.fixture
async def gateway(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Any]:
    """`await gateway(openai script, script of the other)`: providers `o` and `g`, each with the model `emb`."""
    from contextlib import AsyncExitStack

    clients: dict[str, Dialect] = {**CLIENTS, OTHER: Other()}
    dialects: dict[str, ProviderDialect] = {**DIALECTS, **clients}
    monkeypatch.setattr(dragoman.api.app, "DOORS", Doors(clients.values()))
    async with AsyncExitStack() as stack:

        async def make(one: Any, two: Any) -> Any:
            servers = [await stack.enter_async_context(Scripted(script)) for script in (one, two)]
            records = [
                provider("o", servers[0].url, models=["emb"]),
                {**provider("g", servers[1].url, models=["emb"]), "dialects": {OTHER: ""}, "base_url": servers[1].url},
            ]
            made = await stack.enter_async_context(Gateway(tmp_path, *records))
            relay = made.app.live.relay
            relay.dialects, relay.plans = dialects, Plans(dialects)
            return made, servers

        yield make


async def test_the_same_dialect_is_bytes_whatever_was_asked_for(gateway: Any) -> None:
    made, servers = await gateway(openai, gemini)
    for encoding in ("float", "base64"):
        reply = await made.ask("/v1/embeddings", {"model": "o:emb", "input": ["1"], "encoding_format": encoding})
        assert reply.json["data"][0]["embedding"] == (B64 if encoding == "base64" else [0.5, -1.25])
        assert reply.json["usage"] == {"prompt_tokens": 1, "total_tokens": 1}
    assert servers[0].requests[0].body == b'{"model":"emb","input":["1"],"encoding_format":"float"}'
    record = (await made.recorded(2))[1]
    assert (record.operation, record.lane, record.usage.input) == ("POST /v1/embeddings", "copy", 1)


async def test_an_openai_client_reaches_another_dialects_provider(gateway: Any) -> None:
    made, servers = await gateway(openai, gemini)
    asked = {"model": "g:emb", "input": ["1", "2"], "dimensions": 2, "user": "u", "odd": 1}
    floats = await made.ask("/v1/embeddings", asked)
    assert [one["embedding"] for one in floats.json["data"]] == [[1.0, 0.1], [2.0, 0.1]]
    assert (floats.json["object"], floats.json["model"]) == ("list", "g:emb")
    assert floats.headers["x-dragoman-losses"] == '"/odd";kind=dropped, "/user";kind=hint'
    assert floats.headers["x-dragoman-target"] == "g:emb"
    in_bytes = await made.ask("/v1/embeddings", {**asked, "encoding_format": "base64"})
    vector = struct.unpack("<2f", base64.b64decode(in_bytes.json["data"][1]["embedding"]))
    assert vector == pytest.approx((2.0, 0.1))
    request = servers[1].requests[0]
    assert request.target == "/models/emb:batchEmbedContents"
    assert json.decode(request.body)["requests"][0] == {
        "model": "models/emb",
        "outputDimensionality": 2,
        "content": {"parts": [{"text": "1"}]},
    }
    record = (await made.recorded(2))[0]
    assert (record.operation, record.lane, record.provider_dialect) == ("POST /v1/embeddings", "translate", OTHER)


async def test_what_it_cost_is_estimated_where_nobody_tells(gateway: Any) -> None:
    made, _ = await gateway(openai, gemini)
    reply = await made.ask("/v1/embeddings", {"model": "g:emb", "input": ["11111111", "22222222"]})
    assert (reply.json["usage"]["prompt_tokens"], reply.headers["x-dragoman-estimated"]) == (4, "true")
    usage = (await made.recorded())[0].usage
    assert (usage.input, usage.estimated) == (4, True)


async def test_a_client_of_the_other_dialect_reaches_openai(gateway: Any) -> None:
    made, servers = await gateway(openai, gemini)
    requests = [{"model": "models/o:emb", "content": {"parts": [{"text": words}]}} for words in "12"]
    many = await made.ask("/other/v1/models/o:emb:batchEmbedContents", {"requests": requests})
    assert many.json == {
        "embeddings": [{"values": [0.5, -1.25]}] * 2,
        "usageMetadata": {"promptTokenCount": 2, "totalTokenCount": 2},
    }
    one = await made.ask("/other/v1/models/o:emb:embedContent", {"content": {"parts": [{"text": "1"}]}})
    assert one.json["embedding"] == {"values": [0.5, -1.25]}
    assert servers[0].requests[0].target == "/v1/embeddings"
    assert servers[0].requests[0].body == b'{"model":"emb","input":["1","2"]}'


async def test_its_own_provider_gets_its_bytes_at_its_own_path(gateway: Any) -> None:
    made, servers = await gateway(openai, gemini)
    body = {"requests": [{"model": "models/g:emb", "content": {"parts": [{"text": "7"}]}}]}
    reply = await made.ask("/other/v1/models/g:emb:batchEmbedContents?key=secret", body)
    assert reply.body == b'{"embeddings":[{"values":[7.0,0.1]}]}'
    request = servers[1].requests[0]
    assert request.target == "/models/emb:batchEmbedContents"
    assert json.decode(request.body)["requests"][0]["model"] == "models/emb"


async def test_more_than_the_vendor_takes_at_once(gateway: Any) -> None:
    made, servers = await gateway(openai, gemini)
    reply = await made.ask("/v1/embeddings", {"model": "g:emb", "input": [str(number) for number in range(250)]})
    assert [one["embedding"][0] for one in reply.json["data"]] == list(range(250))
    assert [one["index"] for one in reply.json["data"]] == list(range(250))
    assert [len(json.decode(request.body)["requests"]) for request in servers[1].requests] == [100, 100, 50]


@pytest.mark.parametrize("late", [429, None])
async def test_all_or_nothing_and_then_the_next(gateway: Any, late: int | None) -> None:
    """The second of three calls fails: the whole is asked of the next provider."""
    failures: list[Step] = [answer(429, ERROR % b"rate_limit_error") if late else answer(200, b'{"embeddings":[]}')]

    def second(request: Received) -> list[Step]:
        return failures if len(request.connection.server.requests) == 2 else gemini(request)

    made, servers = await gateway(openai, second)
    store = made.app.live.store
    await store.update_provider(next(one.id for one in store.snapshot.providers if one.slug == "g"), {"priority": 0})
    reply = await made.ask("/v1/embeddings", {"model": "emb", "input": [str(number) for number in range(250)]})
    assert (reply.status, reply.headers["x-dragoman-target"]) == (200, "o:emb")
    assert len(reply.json["data"]) == 250
    attempts: tuple[Attempt, ...] = (await made.recorded())[0].attempts
    assert [(attempt.target, attempt.error) for attempt in attempts] == [
        ("g:emb", "rate_limit" if late else "server"),
        ("o:emb", None),
    ]
    assert len(servers[1].requests) == 2


async def test_what_only_one_of_them_can_say_is_refused_in_the_clients_words(gateway: Any) -> None:
    made, servers = await gateway(openai, gemini)
    refused = await made.ask("/v1/embeddings", {"model": "g:emb", "input": [[1, 2]]})
    assert (refused.status, refused.json["error"]["param"]) == (400, "input")
    strict = await made.ask("/v1/embeddings", {"model": "g:emb", "input": "1", "odd": 1}, x_dragoman_strict="true")
    assert (strict.status, strict.json["error"]["param"]) == (400, "odd")
    missing = await made.ask("/v1/embeddings", {"model": "g:emb"})
    assert (missing.status, missing.json["error"]["param"]) == (400, "input")
    unnamed = await made.ask("/v1/embeddings", {"input": "1"}, x_dragoman_provider="g")
    assert (unnamed.status, unnamed.json["error"]["param"]) == (400, "model")
    assert not servers[1].requests


async def test_a_providers_error_comes_in_the_clients_words(gateway: Any) -> None:
    told = b'{"error":{"code":400,"message":"Invalid value at requests[0]","status":"INVALID_ARGUMENT"}}'
    made, _ = await gateway(openai, lambda _: [answer(400, told)])
    reply = await made.ask("/v1/embeddings", {"model": "g:emb", "input": "1"})
    assert (reply.status, reply.json["error"]["message"]) == (400, "Invalid value at requests[0]")
    assert (reply.json["error"]["type"], reply.json["error"]["code"]) == ("invalid_request_error", None)
