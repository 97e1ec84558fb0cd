"""The official `anthropic` SDK, against a gateway: batches, files, skills and the list of models."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import anthropic
import pytest

from dragoman.wire import json
from support.dialogue import provider
from support.gateway import Gateway
from support.scripted import Received, Scripted, Step, answer

FILE = {"id": "file_1", "type": "file", "filename": "a.txt", "mime_type": "text/plain", "size_bytes": 5,
        "created_at": "2026-01-01T00:00:00Z", "downloadable": True}  # fmt: skip
BATCH = {"id": "msgbatch_1", "type": "message_batch", "processing_status": "ended", "created_at": "2026-01-01T00:00:00Z",
         "expires_at": "2026-01-02T00:00:00Z", "ended_at": "2026-01-01T00:00:00Z", "archived_at": None,
         "cancel_initiated_at": None, "results_url": "https://api.anthropic.com/v1/messages/batches/msgbatch_1/results",
         "request_counts": {"processing": 0, "succeeded": 1, "errored": 0, "canceled": 0, "expired": 0}}  # fmt: skip
RESULT = {"custom_id": "1", "result": {"type": "canceled"}}


def vendor(request: Received) -> list[Step]:
    """As Anthropic answers."""
    path = request.target.partition("?")[0]
    if path.endswith("/results"):
        return [answer(200, json.encode(RESULT) + b"\n", type_="application/x-jsonl")]
    if path.endswith("/content"):
        return [answer(200, b"hello", type_="text/plain")]
    thing: Any = BATCH if "batches" in path else FILE if "files" in path else {"id": "skill_1", "type": "skill"}
    listed = request.method == "GET" and path.count("/") == (3 if "batches" in path else 2)
    return [
        answer(200, json.encode({"data": [thing], "has_more": False, "first_id": None, "last_id": None} if listed else thing))
    ]


class Scene:
    def __init__(self, gateway: Gateway, server: Scripted, client: anthropic.AsyncAnthropic) -> None:
        self.gateway, self.server, self.client = gateway, server, client


@pytest.fixture(params=["", "/api/anthropic"])
async def scene(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Scene]:
    async with Scripted(vendor) as other, Scripted(vendor) as server:
        record = {**provider("a", server.url), "provider_type": "anthropic", "base_url": server.url, "dialects": ["anthropic"]}
        async with (
            Gateway(tmp_path, provider("first", other.url, models=["gpt-x"]), record) as gateway,
            anthropic.AsyncAnthropic(base_url=gateway.url + request.param, api_key="any", max_retries=0) as client,
        ):
            yield Scene(gateway, server, client)
        assert not other.requests


async def test_batches_and_their_results(scene: Scene) -> None:
    """The SDK asks the URL that the batch tells, with the key that it has for the gateway: it must lead back there."""
    batches = scene.client.messages.batches
    params: Any = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "Hello"}]}
    batch = await batches.create(requests=[{"custom_id": "1", "params": params}])
    assert batch.results_url == "/v1/messages/batches/msgbatch_1/results"
    results = [one async for one in await batches.results(batch.id)]
    assert [(one.custom_id, one.result.type) for one in results] == [("1", "canceled")]
    assert [one.results_url async for one in batches.list(limit=5)] == [batch.results_url]
    assert (await batches.cancel(batch.id)).id == batch.id
    assert scene.server.requests[-1].target == "/v1/messages/batches/msgbatch_1/cancel"
    assert [request.target for request in scene.server.requests if "results" in request.target] == [batch.results_url]
    keys = {request.header("x-api-key") for request in scene.server.requests}
    assert keys == {"key-of-a"}


async def test_files(scene: Scene) -> None:
    file = await scene.client.files.upload(file=("a.txt", b"hello", "text/plain"))
    assert file.id == "file_1"
    assert b"hello" in scene.server.requests[0].body
    assert await (await scene.client.files.download(file.id)).read() == b"hello"
    assert (await scene.client.files.retrieve_metadata(file.id)).filename == "a.txt"
    assert [one.id async for one in scene.client.files.list()] == ["file_1"]
    assert {record.target for record in await scene.gateway.recorded(4)} == {"a"}


async def test_models_in_pages(scene: Scene) -> None:
    whole = [one.id async for one in scene.client.models.list()]
    turned = [one.id async for one in scene.client.models.list(limit=1)]
    assert turned == whole == ["claude-gw/first:gpt-x", "claude-gw/a:m", "gpt-x", "m", "a:m"]
    for id_ in whole:
        assert (await scene.client.models.retrieve(id_)).id == id_
    listed = await scene.client.models.list(limit=1000)
    assert {one.id: one.display_name for one in listed.data}["claude-gw/first:gpt-x"] == "gpt-x (first)"
    with pytest.raises(anthropic.BadRequestError):
        await scene.client.models.list(limit=0)
