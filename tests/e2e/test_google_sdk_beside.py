"""The official `google-genai` SDK, against a gateway: what it has beside answers, with a vendor that answers as Google does."""

import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from google import genai
from google.genai import types

from dragoman.wire import json
from support.dialogue import provider
from support.gateway import Gateway
from support.openai_beside import Vendor
from support.scripted import Received, Scripted, Step, answer

pytestmark = pytest.mark.e2e
BYTES = bytes(range(256)) * 40


class Google:
    """A vendor that keeps one file. `received`: its bytes."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.received = b""

    def script(self, request: Received) -> list[Step]:
        path, _, query = request.target.partition("?")
        if path == "/upload/v1beta/files" and "upload_id" not in query:
            url = f"https://generativelanguage.googleapis.com{path}?upload_id=of-{self.name}&upload_protocol=resumable"
            return [answer(200, b"", [("X-Goog-Upload-URL", url), ("X-Goog-Upload-Status", "active")])]
        if path == "/upload/v1beta/files":
            self.received += request.body
            return [answer(200, json.encode({"file": self._file()}), [("X-Goog-Upload-Status", "final")])]
        if path.endswith(":download"):
            return [answer(200, self.received, type_="application/octet-stream")]
        if path.endswith(":batchEmbedContents"):
            many = len(json.decode(request.body)["requests"])
            return [answer(200, json.encode({"embeddings": [{"values": [0.5, -1.25]}] * many}))]
        if request.method == "DELETE":
            return [answer(200, b"{}")]
        if path == "/v1beta/files":
            return [answer(200, json.encode({"files": [self._file()]}))]
        told = {"name": f"cachedContents/c-{self.name}", "model": "models/m"} if "cached" in path else self._file()
        return [answer(200, json.encode(told))]

    def _file(self) -> dict[str, Any]:
        uri = f"https://generativelanguage.googleapis.com/v1beta/files/{self.name}"
        return {"name": f"files/{self.name}", "uri": uri, "downloadUri": f"{uri}:download?alt=media", "mimeType": "text/plain",
                "sizeBytes": str(len(self.received)), "state": "ACTIVE", "source": "GENERATED"}  # fmt: skip


class Scene:
    """Providers `one` and `two` of Google's dialect, `o` of OpenAI's, each with the model `emb`."""

    def __init__(self, gateway: Gateway, vendors: list[Google]) -> None:
        self.gateway, self.vendors = gateway, vendors

    def client(self, **headers: str) -> genai.Client:
        return genai.Client(api_key="any", http_options=types.HttpOptions(base_url=self.gateway.url, headers=headers))


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    vendors = [Google("one"), Google("two")]
    async with Scripted(vendors[0].script) as one, Scripted(vendors[1].script) as two, Scripted(Vendor("o").script) as other:
        records = [
            {**provider(name, server.url, models=["emb"]), "provider_type": "gemini", "base_url": f"{server.url}/v1beta",
             "dialects": ["gemini"]}
            for name, server in (("one", one), ("two", two))
        ]  # fmt: skip
        async with Gateway(tmp_path, *records, provider("o", other.url, models=["emb"])) as gateway:
            yield Scene(gateway, vendors)


@pytest.mark.parametrize("model", ["one:emb", "o:emb"])
async def test_embeddings(scene: Scene, model: str) -> None:
    async with scene.client().aio as client:
        found = await client.models.embed_content(
            model=model, contents=["a", "b"], config=types.EmbedContentConfig(output_dimensionality=3)
        )
        assert found.embeddings is not None
        assert [(one.values or [])[:2] for one in found.embeddings] == [[0.5, -1.25]] * 2


async def test_a_files_life(scene: Scene) -> None:
    """It is uploaded to the second, and everything about it is asked there."""
    async with scene.client(**{"x-dragoman-provider": "two"}).aio as first:
        made = await first.files.upload(file=io.BytesIO(BYTES), config=types.UploadFileConfig(mime_type="text/plain"))
    assert (made.name, scene.vendors[1].received, scene.vendors[0].received) == ("files/two", BYTES, b"")
    async with scene.client().aio as client:
        assert (await client.files.get(name="files/two")).name == "files/two"
        assert await client.files.download(file=made) == BYTES
        assert [file.name async for file in await client.files.list()] == ["files/one"]
        await client.files.delete(name="files/two")
    targets = [record.attempts[-1].target for record in await scene.gateway.recorded(6)]
    assert targets == ["two", "two", "two", "two", "one", "two"]


async def test_caches_and_models(scene: Scene) -> None:
    async with scene.client(**{"x-dragoman-provider": "two"}).aio as first:
        made = await first.caches.create(model="emb", config=types.CreateCachedContentConfig(contents="long"))
    assert made.name == "cachedContents/c-two"
    async with scene.client().aio as client:
        changed = await client.caches.update(name="cachedContents/c-two", config=types.UpdateCachedContentConfig(ttl="10s"))
        assert changed.name == made.name
        await client.caches.delete(name="cachedContents/c-two")
        names = [model.name async for model in await client.models.list()]
        assert names
        for name in names:
            assert (await client.models.get(model=name or "")).name == name
