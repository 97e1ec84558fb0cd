"""Dialogues about errors that are none of the provider's API: pages, words and nothing, in the lane that copies."""

import json
from pathlib import Path
from typing import Any

import pytest

from dragoman.dialects.registry import CLIENTS
from support.client import Client
from support.dialogue import provider
from support.fixtures import ask
from support.gateway import HELLO, Gateway
from support.scripted import Scripted, answer

PAGE = b"<html><head><title>502 Bad Gateway</title></head><body><center>nginx</center>" + b"x" * 9000 + b"</body></html>"
ODD = {
    "a page": (PAGE, "text/html", "502 Bad Gateway"),
    "words": (b"upstream connect error " + b"x" * 5000, "text/plain", "upstream connect error"),
    "a page that says it is JSON": (PAGE, "application/json", "502 Bad Gateway"),
    "nothing": (b"", "application/json", "an empty body"),
    "blanks": (b" \n", "text/html", "an empty body"),
    "a string": (b'"busy"', "application/json", "busy"),
    "half of it": (b'{"error": {"message": "bu', "application/json", "error"),
}
CLIENT = [(client, streams) for client in CLIENTS for streams in (False, True)]


async def failed(folder: Path, client: str, stream: bool, status: int, body: bytes, type_: str) -> Client:
    async with Scripted(lambda _: [answer(status, body, type_=type_)]) as server:
        record = provider("p", server.url, provider_type="custom", dialects=[client])
        async with Gateway(folder, record) as gateway:
            doors = [path.pattern for path in CLIENTS[client].paths if path.operation == "chat"]
            door = next(each for each in doors if ("stream" in each) == (stream and client == "gemini"))
            asked: dict[str, Any] = {**json.loads(ask(client).body), "model": "p:m"}
            if stream and client != "gemini":
                asked["stream"] = True
            return await gateway.ask(door.replace("{model}", "p:m"), asked)


def told_by(reply: Client) -> str:
    """Every dialect keeps it there."""
    message = reply.json["error"]["message"]
    assert isinstance(message, str)
    return message


@pytest.mark.parametrize("status", [400, 404, 418, 429, 502, 503, 504])
@pytest.mark.parametrize(("client", "stream"), CLIENT)
async def test_a_page_is_told_in_the_clients_own_dialect(tmp_path: Path, client: str, stream: bool, status: int) -> None:
    reply = await failed(tmp_path, client, stream, status, PAGE, "text/html")
    assert (reply.status, reply.headers["content-type"].partition(";")[0]) == (status, "application/json")
    told = told_by(reply)
    assert told == f"the provider answered with status {status} and a body that is not JSON: 502 Bad Gateway"


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize(("client", "stream"), CLIENT)
async def test_whatever_it_is_the_client_can_read_it(tmp_path: Path, client: str, stream: bool, odd: str) -> None:
    body, type_, words = ODD[odd]
    reply = await failed(tmp_path, client, stream, 503, body, type_)
    told = told_by(reply)
    assert reply.status == 503
    assert words in told
    assert len(told) < 500


@pytest.mark.parametrize("type_", ["application/json", "text/html", "text/plain; charset=utf-8", "application/problem+json"])
@pytest.mark.parametrize(("client", "stream"), CLIENT)
async def test_json_passes_as_it_is_whatever_it_says_it_is(tmp_path: Path, client: str, stream: bool, type_: str) -> None:
    body = b'{ "error" : {"message": "no",  "novelty": 1.50 } }'
    reply = await failed(tmp_path, client, stream, 503, body, type_)
    assert (reply.status, reply.body) == (503, body)
    assert "json" in reply.headers["content-type"]


@pytest.mark.parametrize("door", ["/v1/chat/completions", "/v1/responses"])
async def test_a_status_is_no_code_of_openais(tmp_path: Path, door: str) -> None:
    """Google tells the status where OpenAI has a word."""
    script = [answer(400, b'{"error":{"code":400,"message":"no","status":"INVALID_ARGUMENT"}}')]
    async with Scripted(lambda _: script) as server:
        record = {**provider("p", server.url, dialects=["gemini"]), "provider_type": "custom"}
        async with Gateway(tmp_path, record) as gateway:
            reply = await gateway.ask(door, {"model": "p:m", "messages": HELLO, "input": "x"})
    assert (reply.status, reply.json["error"]["message"], reply.json["error"]["code"]) == (400, "no", None)


async def test_a_call_beside_chat_likewise(tmp_path: Path) -> None:
    script = [answer(404, b"404 page not found\n", type_="text/plain")]
    async with Scripted(lambda _: script) as server, Gateway(tmp_path, provider("p", server.url)) as gateway:
        reply = await gateway.ask("/v1/files/file-1", b"", method="GET")
    assert reply.status == 404
    assert reply.json["error"]["message"].endswith("404 page not found")
