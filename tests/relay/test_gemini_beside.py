"""Dialogues of Google's clients beside answers: embeddings with providers of every kind, files, caches, uploads."""

import base64
import struct
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from dragoman.wire import json
from support.dialogue import good, provider
from support.gateway import Gateway
from support.scripted import Received, Scripted, Step, answer

GOOGLE = {"x_goog_api_key": "any"}


def at(name: str, dialect: str, url: str, tail: str = "") -> dict[str, Any]:
    return {**provider(name, url, models=["emb"]), "provider_type": "custom", "base_url": url + tail, "dialects": [dialect]}


def vendor(request: Received) -> list[Step]:
    """Whichever it is asked as: the first number of each vector is the text's."""
    asked = json.decode(request.body)
    if request.target.endswith(":batchEmbedContents"):
        texts = [one["content"]["parts"][0]["text"] for one in asked["requests"]]
        return [answer(200, json.encode({"embeddings": [{"values": [float(text), 0.5]} for text in texts]}))]
    if request.target.endswith(":embedContent"):
        return [answer(200, b'{"embedding":{"values":[9,0.5]}}')]
    texts = asked.get("texts") or asked["input"]
    vectors = [[float(text), 0.5] for text in texts]
    if request.target == "/api/embed":
        return [answer(200, json.encode({"model": "emb", "embeddings": vectors, "prompt_eval_count": len(texts)}))]
    if request.target == "/v2/embed":
        meta = {"billed_units": {"input_tokens": len(texts)}}
        return [answer(200, json.encode({"id": "e", "embeddings": {"float": vectors}, "meta": meta}))]
    data = [{"object": "embedding", "index": place, "embedding": vector} for place, vector in enumerate(vectors)]
    usage = {"prompt_tokens": len(texts), "total_tokens": len(texts)}
    return [answer(200, json.encode({"object": "list", "data": data, "model": "real", "usage": usage}))]


class Many:
    """A gateway with a provider of every dialect that embeds, each with the model `emb`."""

    def __init__(self, gateway: Gateway, server: Scripted) -> None:
        self.gateway, self.server = gateway, server

    @property
    def asked(self) -> tuple[str, Any]:
        request = self.server.requests[-1]
        return request.target, json.decode(request.body)


@pytest.fixture
async def many(tmp_path: Path) -> AsyncIterator[Many]:
    async with Scripted(vendor) as server:
        records = [
            at("g", "gemini", server.url, "/v1beta"), at("o", "openai-chat", server.url, "/v1"),
            at("r", "openai-responses", server.url, "/v1"), at("l", "ollama", server.url), at("c", "cohere", server.url, "/v2"),
        ]  # fmt: skip
        async with Gateway(tmp_path, *records) as gateway:
            yield Many(gateway, server)


ASKED = {
    "g": "/v1beta/models/emb:batchEmbedContents",
    "o": "/v1/embeddings",
    "r": "/v1/embeddings",
    "l": "/api/embed",
    "c": "/v2/embed",
}


@pytest.mark.parametrize("version", ["v1beta", "v1"])
@pytest.mark.parametrize("served", ASKED)
async def test_googles_clients_get_vectors_from_everybody(many: Many, served: str, version: str) -> None:
    model = f"{served}:emb"
    requests = [{"model": f"models/{model}", "content": {"parts": [{"text": text}]}} for text in "12"]
    reply = await many.gateway.ask(f"/{version}/models/{model}:batchEmbedContents", {"requests": requests}, **GOOGLE)
    assert [one["values"] for one in reply.json["embeddings"]] == [[1.0, 0.5], [2.0, 0.5]]
    assert many.asked[0] == ASKED[served]
    one = await many.gateway.ask(f"/{version}/models/{model}:embedContent", {"content": {"parts": [{"text": "9"}]}}, **GOOGLE)
    assert one.json["embedding"]["values"] == [9, 0.5]
    lanes = [record.lane for record in await many.gateway.recorded(2)]
    assert lanes == ["copy" if served == "g" else "translate"] * 2


@pytest.mark.parametrize("served", ASKED)
async def test_openais_clients_get_vectors_from_everybody(many: Many, served: str) -> None:
    asked = {"model": f"{served}:emb", "input": ["1", "2"]}
    numbers = await many.gateway.ask("/v1/embeddings", asked)
    assert [one["embedding"] for one in numbers.json["data"]] == [[1.0, 0.5], [2.0, 0.5]]
    assert (many.asked[0], numbers.json["object"]) == (ASKED[served], "list")
    if served != "o":
        packed = await many.gateway.ask("/v1/embeddings", {**asked, "encoding_format": "base64"})
        vectors = [one["embedding"] for one in packed.json["data"]]
        assert served == "r" or [struct.unpack("<2f", base64.b64decode(one)) for one in vectors] == [(1.0, 0.5), (2.0, 0.5)]


async def test_what_it_is_for_is_said_in_each_vendors_words(many: Many) -> None:
    content = {"content": {"parts": [{"text": "1"}]}, "taskType": "RETRIEVAL_QUERY", "title": "T", "outputDimensionality": 2}
    cohere = await many.gateway.ask("/v1beta/models/c:emb:embedContent", content)
    assert many.asked[1] == {
        "model": "emb", "texts": ["1"], "embedding_types": ["float"], "input_type": "search_query", "output_dimension": 2,
    }  # fmt: skip
    assert cohere.headers["x-dragoman-losses"] == '"/title";kind=dropped'
    ollama = await many.gateway.ask("/v1beta/models/l:emb:embedContent", content)
    assert many.asked[1] == {"model": "emb", "input": ["1"], "dimensions": 2}
    assert ollama.headers["x-dragoman-losses"] == '"/taskType";kind=dropped, "/title";kind=dropped'
    odd = await many.gateway.ask("/v1beta/models/c:emb:embedContent", {**content, "taskType": "FACT_VERIFICATION"})
    assert many.asked[1]["input_type"] == "search_document"
    assert '"/taskType";kind=dropped' in odd.headers["x-dragoman-losses"]


@pytest.mark.parametrize("served", ["g", "l", "c"])
async def test_tokens_of_another_vocabulary_are_refused(many: Many, served: str) -> None:
    reply = await many.gateway.ask("/v1/embeddings", {"model": f"{served}:emb", "input": [[1, 2]]})
    assert (reply.status, reply.json["error"]["param"]) == (400, "input")
    assert not many.server.requests


@pytest.mark.parametrize("served", ["g", "l", "c"])
@pytest.mark.parametrize("body", [b"{}", b"[]", b"<html>", b'{"embeddings":[]}', b'{"embeddings":{"float":[]}}'])
async def test_an_answer_without_vectors(tmp_path: Path, served: str, body: bytes) -> None:
    dialect, tail = {"g": ("gemini", "/v1beta"), "l": ("ollama", ""), "c": ("cohere", "/v2")}[served]
    async with (
        Scripted(lambda _: [answer(200, body)]) as server,
        Gateway(tmp_path, at("p", dialect, server.url, tail)) as gateway,
    ):
        assert (await gateway.ask("/v1/embeddings", {"model": "p:emb", "input": "1"})).status == 500


async def test_more_texts_than_a_vendor_takes_at_once(many: Many) -> None:
    reply = await many.gateway.ask("/v1/embeddings", {"model": "c:emb", "input": [str(number) for number in range(200)]})
    assert [one["embedding"][0] for one in reply.json["data"]] == list(range(200))
    assert [len(json.decode(one.body)["texts"]) for one in many.server.requests] == [96, 96, 8]
    assert reply.json["usage"]["prompt_tokens"] == 200


@pytest.mark.parametrize("path", ["/v1/rerank", "/v2/rerank"])
async def test_reranking_at_cohere_and_at_others(tmp_path: Path, path: str) -> None:
    told = b'{"results":[{"index":0,"relevance_score":0.9}],"meta":{"billed_units":{"search_units":1}}}'
    async with Scripted(lambda _: [answer(200, told)]) as server:
        both = {
            **at("c", "cohere", server.url, "/v2"),
            "dialects": {"openai-chat": "/compatibility/v1/chat/completions", "cohere": ""},
        }
        async with Gateway(tmp_path, both, at("j", "openai-chat", server.url, "/v1")) as gateway:
            for name in ("c", "j"):
                asked = {"model": f"{name}:rerank-v4", "query": "q", "documents": ["d"]}
                reply = await gateway.ask(path, asked)
                assert (reply.body, reply.headers["x-dragoman-target"]) == (told, f"{name}:rerank-v4")
        assert [one.target for one in server.requests] == ["/v2/rerank", "/v1/rerank"]
        assert json.decode(server.requests[0].body) == {"model": "rerank-v4", "query": "q", "documents": ["d"]}


def keeper(name: str) -> Any:
    def script(request: Received) -> list[Step]:
        path, _, query = request.target.partition("?")
        if path.startswith("/upload/") and "upload_id" not in query:
            url = f"https://generativelanguage.googleapis.com{path}?upload_id=up-{name}&upload_protocol=resumable"
            return [answer(200, b"", [("X-Goog-Upload-URL", url), ("X-Goog-Upload-Status", "active")])]
        if path.startswith("/upload/"):
            file = {"file": {"name": f"files/{name}", "uri": f"https://generativelanguage.googleapis.com/v1beta/files/{name}"}}
            return [answer(200, json.encode(file), [("X-Goog-Upload-Status", "final")])]
        if path.endswith(":download"):
            return [answer(200, b"bytes", type_="application/octet-stream")]
        if "predictLongRunning" in path:
            return [answer(200, json.encode({"name": f"models/veo/operations/op-{name}"}))]
        if "generateContent" in path:
            part = b'{"candidates":[{"content":{"parts":[{"text":"Hi"}],"role":"model"},"finishReason":"STOP","index":0}]}'
            return [answer(200, part)]
        return [answer(200, json.encode({"name": f"{path.split('/')[2]}/{name}"}))]

    return script


class Pair:
    """Two providers of Google's, `a` first."""

    def __init__(self, gateway: Gateway, servers: list[Scripted]) -> None:
        self.gateway, self.servers = gateway, servers

    async def target(self, path: str, body: Any = b"", method: str = "GET", **headers: str) -> str:
        reply = await self.gateway.ask(path, body, method, **GOOGLE, **headers)
        assert reply.status == 200, reply.body
        return str(reply.headers["x-dragoman-target"])


@pytest.fixture
async def pair(tmp_path: Path) -> AsyncIterator[Pair]:
    async with Scripted(keeper("a")) as one, Scripted(keeper("b")) as two:
        records = [at(name, "gemini", server.url, "/v1beta") for name, server in (("a", one), ("b", two))]
        async with Gateway(tmp_path, *records) as gateway:
            yield Pair(gateway, [one, two])


async def test_a_file_is_uploaded_in_two_steps_and_stays_where_it_is(pair: Pair) -> None:
    start = {"x_goog_upload_protocol": "resumable", "x_goog_upload_command": "start"}
    begun = await pair.gateway.ask("/upload/v1beta/files?key=ours", {"file": {}}, x_dragoman_provider="b", **GOOGLE, **start)
    url = begun.headers["x-goog-upload-url"]
    assert url == f"{pair.gateway.url}/upload/v1beta/files?upload_id=up-b&upload_protocol=resumable"
    first = pair.servers[1].requests[0]
    assert (first.target, first.header("x-goog-upload-command")) == ("/upload/v1beta/files", "start")
    sent = await pair.gateway.ask(
        url.removeprefix(pair.gateway.url), b"\x00bytes", x_goog_upload_command="upload, finalize", x_goog_upload_offset="0"
    )
    assert sent.status == 200, sent.body
    assert (sent.headers["x-goog-upload-status"], sent.headers["x-dragoman-target"]) == ("final", "b")
    assert (pair.servers[1].requests[1].body, pair.servers[1].requests[1].header("x-goog-upload-offset")) == (b"\x00bytes", "0")
    for path in ("/v1beta/files/b", "/v1beta/files/b:download?alt=media", "/v1/files/b"):
        assert await pair.target(path) == "b"
    uri = {"fileData": {"fileUri": "https://generativelanguage.googleapis.com/v1beta/files/b", "mimeType": "text/plain"}}
    assert await pair.target("/v1beta/models/emb:generateContent", {"contents": [{"parts": [uri]}]}, "POST") == "b:emb"
    assert await pair.target("/v1beta/files/b", method="DELETE") == "b"
    assert len(pair.servers[0].requests) == 0


@pytest.mark.parametrize("version", ["v1beta", "v1"])
async def test_caches_and_operations_are_where_they_were_made(pair: Pair, version: str) -> None:
    made = await pair.gateway.ask(f"/{version}/cachedContents", {"contents": []}, x_dragoman_provider="b", **GOOGLE)
    assert made.json["name"] == "cachedContents/b"
    assert await pair.target(f"/{version}/cachedContents/b", {"ttl": "1s"}, "PATCH") == "b"
    asked = {"contents": [{"parts": [{"text": "Hi"}]}], "cachedContent": "cachedContents/b"}
    assert await pair.target(f"/{version}/models/emb:generateContent", asked, "POST") == "b:emb"
    assert await pair.target(f"/{version}/models/b:veo:predictLongRunning", {"instances": []}, "POST") == "b:veo"
    assert await pair.target(f"/{version}/models/veo/operations/op-b") == "b"
    assert pair.servers[1].requests[-1].target == "/v1beta/models/veo/operations/op-b"
    assert len(pair.servers[0].requests) == 0


async def test_a_live_session_is_told_not_to_be_there(pair: Pair) -> None:
    path = "/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent"
    reply = await pair.gateway.ask(path, b"", "GET")
    assert (reply.status, reply.json["error"]["code"]) == (501, 501)


async def test_the_list_has_three_shapes(tmp_path: Path) -> None:
    """Told apart by the headers that their clients send; a name in the list can be asked for alone, an alias too. Of two
    providers neither would be asked for any name."""
    async with (
        Scripted(good) as server,
        Gateway(tmp_path, *(provider(name, server.url, models=[f"gpt-{model}"]) for name, model in ("px", "qy"))) as gateway,
    ):
        shapes: dict[str, tuple[str, dict[str, str], Callable[[Any], list[str]]]] = {
            "openai": ("/v1/models", {}, lambda told: [one["id"] for one in told["data"] if one["object"] == "model"]),
            "anthropic": ("/v1/models", {"anthropic_version": "2023-06-01"}, lambda told: [one["id"] for one in told["data"]]),
            "google": ("/v1/models", GOOGLE, lambda told: [one["name"].removeprefix("models/") for one in told["models"]]),
            "beta": ("/v1beta/models", {}, lambda told: [one["name"].removeprefix("models/") for one in told["models"]]),
        }
        for kind, (path, headers, names) in shapes.items():
            found = names((await gateway.ask(path, b"", "GET", **headers)).json)
            assert "gpt-x" in found
            assert ("claude-gw/p:gpt-x" in found) is (kind == "anthropic")
            for name in ("gpt-x", "p:gpt-x", "claude-gw/p:gpt-x"):
                one = await gateway.ask(f"{path}/{name}", b"", "GET", **headers)
                assert one.status == 200, (kind, name)
                assert name in (one.json.get("id"), str(one.json.get("name")).removeprefix("models/"))
            assert (await gateway.ask(f"{path}/no-such:model", b"", "GET", **headers)).status == 404
