"""Dialogues about counts: whoever asks gets one, from a provider or estimated, and nobody's health suffers. Every dialect that is
built is a client here if it has such a door, and a provider."""

from pathlib import Path
from typing import Any

import pytest

from dragoman.dialects.base import Dialect
from dragoman.dialects.registry import CLIENTS, DIALECTS
from dragoman.relay import counting
from dragoman.wire import json
from support.client import Client
from support.dialogue import ERROR, WHOLE, provider
from support.fixtures import ask
from support.gateway import HELLO, Gateway
from support.scripted import HANG, RESET, Received, Scripted, Step, answer, head

COUNTED = {
    one.id: next(path for path in one.paths if path.operation == "count_tokens")
    for one in CLIENTS.values()
    if any(path.operation == "count_tokens" for path in one.paths)
}
TOLD = {one.id: one.count_answer(42) for one in CLIENTS.values()} | {"bedrock": b'{"inputTokens":42}'}
COUNTING = [one.id for one in DIALECTS.values() if one.counts]


def speaking(dialect: str, name: str, url: str) -> dict[str, Any]:
    return {**provider(name, url), "provider_type": "custom", "base_url": url, "dialects": [dialect]}


async def count(gateway: Gateway, client: str, model: str = "p:m", body: Any = None) -> Client:
    """The dialect's plain request, to be counted."""
    told = {**json.decode(ask(client).body), "model": model} if body is None else body
    path = COUNTED[client]
    needed = {path.needs.replace("-", "_"): "x"} if path.needs else {}
    return await gateway.ask(path.pattern.replace("{model}", model), told, path.method, **needed)


def tokens(reply: Client, client: Dialect) -> int:
    found = client.read_count(reply.body)
    assert (reply.status, found is not None) == (200, True), reply.body
    return found or 0


@pytest.mark.parametrize("served", COUNTING)
@pytest.mark.parametrize("client", COUNTED)
async def test_a_provider_that_counts_is_asked_in_its_own_words(tmp_path: Path, client: str, served: str) -> None:
    async with Scripted(lambda _: [answer(200, TOLD[served])]) as server:
        async with Gateway(tmp_path, speaking(served, "p", server.url)) as gateway:
            reply = await count(gateway, client)
            assert tokens(reply, CLIENTS[client]) == 42
            assert reply.headers["x-dragoman-target"] == "p:m"
            assert "x-dragoman-estimated" not in reply.headers
            record = (await gateway.recorded())[0]
        assert (record.operation, record.lane) == ("count_tokens", "copy" if client == served else "translate")
        assert len(server.requests) == 1


FAILURES: dict[str, list[Step]] = {
    "404": [answer(404, ERROR % b"not_found_error")],
    "401": [answer(401, ERROR % b"authentication_error")],
    "429": [answer(429, ERROR % b"rate_limit_error")],
    "500": [answer(500, b"<html>")],
    "529": [answer(529, ERROR % b"overloaded_error")],
    "redirect": [answer(302, b"", [("Location", "/login")])],
    "a page": [answer(200, b"<html>welcome</html>", type_="text/html")],
    "no count": [answer(200, b'{"input_tokens":"many"}')],
    "nothing": [head(204)],
    "cut": [head(200, [("Content-Length", "99")]) + b"{", RESET],
    "reset": [RESET],
    "silent": [HANG],
}


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("served", COUNTING)
@pytest.mark.parametrize("client", COUNTED)
async def test_one_that_fails_means_an_estimate_and_harms_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, client: str, served: str, failure: str
) -> None:
    monkeypatch.setattr(counting, "PATIENCE", 0.3 if failure == "silent" else 10.0)
    async with Scripted(lambda _: FAILURES[failure]) as server:
        async with Gateway(tmp_path, speaking(served, "p", server.url), provider("q", server.url)) as gateway:
            reply = await count(gateway, client)
            assert tokens(reply, CLIENTS[client]) > 0
            assert reply.headers["x-dragoman-estimated"] == "true"
            live = gateway.app.live
            plan = live.relay.plans.named(live.snapshot, "m", client)
            assert ([target.name for target in plan.targets], plan.notes) == (["p:m", "q:m"], ())
            record = (await gateway.recorded())[0]
        assert (record.status, record.error, len(record.attempts)) == (200, None, 1)
        assert record.attempts[0].error is not None


@pytest.mark.parametrize("client", COUNTED)
async def test_without_a_provider_that_could_count_it_is_estimated(tmp_path: Path, client: str) -> None:
    def script(request: Received) -> list[Step]:
        return [answer(200, WHOLE % b"x")]

    async with Scripted(script) as server, Gateway(tmp_path) as alone:
        for model in ("sandbox", "whatever", "p:m"):  # nobody is configured: the sandbox counts
            assert tokens(await count(alone, client, model), CLIENTS[client]) > 0
        async with Gateway(tmp_path, provider("p", server.url), provider("q", server.url)) as gateway:
            for model in ("p:m", "m", "no-such-model", "q:"):
                reply = await count(gateway, client, model)
                assert tokens(reply, CLIENTS[client]) > 0
                assert reply.headers["x-dragoman-estimated"] == "true"
        assert not server.requests


@pytest.mark.parametrize("client", COUNTED)
async def test_no_provider_and_no_sandbox(tmp_path: Path, client: str) -> None:
    async with Gateway(tmp_path, provider("p", "http://127.0.0.1:9", is_active=False)) as gateway:
        reply = await count(gateway, client, "m")
        assert tokens(reply, CLIENTS[client]) > 0
        assert reply.headers["x-dragoman-estimated"] == "true"


@pytest.mark.parametrize(
    ("client", "body"),
    [
        (client, body)
        for client, path in COUNTED.items()
        for body in (b"", b"{", b"[]", b'"x"', b"\xff", *(() if "{model}" in path.pattern else (b'{"model":5}',)))
    ],
)
async def test_what_cannot_be_read_is_a_400_in_the_clients_dialect(tmp_path: Path, client: str, body: bytes) -> None:
    async with Scripted(lambda _: [HANG]) as server, Gateway(tmp_path, provider("p", server.url)) as gateway:
        reply = await count(gateway, client, body=body)
        assert reply.status == 400
        assert "error" in reply.json
        assert not server.requests


@pytest.mark.parametrize("client", COUNTED)
async def test_what_the_provider_of_the_same_dialect_cannot_read_it_says_itself(tmp_path: Path, client: str) -> None:
    told = b'{"type":"error","error":{"type":"invalid_request_error","message":"messages.0: odd"}}'
    async with Scripted(lambda _: [answer(400, told)]) as server, Gateway(tmp_path, speaking(client, "p", server.url)) as gateway:
        reply = await count(gateway, client)
        assert (reply.status, reply.body) == (400, told)


async def test_a_count_that_fails_leaves_chat_alone(tmp_path: Path) -> None:
    """A 404 to a count once suspended a model for half a day elsewhere."""

    def script(request: Received) -> list[Step]:
        if request.target.endswith("count_tokens"):
            return [answer(404, ERROR % b"not_found_error")]
        told = b'{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[],"stop_reason":"end_turn",'
        return [answer(200, told + b'"stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":1}}')]

    async with Scripted(script) as one, Scripted(script) as two:
        records = [speaking("anthropic", "p", one.url), speaking("anthropic", "q", two.url)]
        async with Gateway(tmp_path, *records) as gateway:
            for _ in range(3):
                counted = await gateway.ask("/v1/messages/count_tokens", {"model": "m", "messages": HELLO})
                assert counted.headers["x-dragoman-estimated"] == "true"
                assert (await gateway.messages("m")).headers["x-dragoman-target"] == "p:m"
        assert not two.requests
