"""What is no chat at Anthropic and Google: their own SDKs take the sandbox for them."""

from collections.abc import AsyncIterator
from typing import Any

import anthropic
import pytest
from anthropic import AsyncAnthropic
from google import genai
from google.genai import errors, types

from dragoman.sandbox import Sandbox
from dragoman.wire import json
from support.sandbox import VERSION, ask, request

HELLO: Any = [{"role": "user", "content": "hello"}]


@pytest.fixture
async def claude(sandbox: Sandbox) -> AsyncIterator[AsyncAnthropic]:
    async with AsyncAnthropic(base_url=f"http://127.0.0.1:{sandbox.port}", api_key="any", max_retries=0) as client:
        yield client


@pytest.fixture
async def gemini(sandbox: Sandbox) -> AsyncIterator[genai.client.AsyncClient]:
    options = types.HttpOptions(base_url=f"http://127.0.0.1:{sandbox.port}")
    async with genai.Client(api_key="any", http_options=options).aio as client:
        yield client


async def batch_of(client: AsyncAnthropic, *models: str) -> Any:
    params: list[Any] = [{"model": model, "max_tokens": 99, "messages": HELLO} for model in models]
    return await client.messages.batches.create(requests=[{"custom_id": f"r{n}", "params": p} for n, p in enumerate(params)])


async def test_batches_are_really_answered(claude: AsyncAnthropic) -> None:
    made = await batch_of(claude, "m", "sandbox-529")
    assert (made.processing_status, made.request_counts.processing, made.results_url) == ("in_progress", 2, None)
    done = await claude.messages.batches.retrieve(made.id)
    assert (done.processing_status, done.request_counts.succeeded, done.request_counts.errored) == ("ended", 1, 1)
    results: list[Any] = [each async for each in await claude.messages.batches.results(made.id)]
    assert [each.custom_id for each in results] == ["r0", "r1"]
    assert results[0].result.message.content[0].text == "You said: hello"
    assert results[1].result.error.error.type == "overloaded_error"
    assert [batch.id async for batch in claude.messages.batches.list()] == [made.id]
    assert (await claude.messages.batches.delete(made.id)).type == "message_batch_deleted"
    with pytest.raises(anthropic.NotFoundError):
        await claude.messages.batches.retrieve(made.id)


async def test_batches_can_be_cancelled(claude: AsyncAnthropic) -> None:
    made = await batch_of(claude, "m")
    assert (await claude.messages.batches.cancel(made.id)).processing_status == "canceling"
    assert (await claude.messages.batches.retrieve(made.id)).request_counts.canceled == 1
    results: list[Any] = [each async for each in await claude.messages.batches.results(made.id)]
    assert results[0].result.type == "canceled"


async def test_batches_must_be_over_to_be_read_or_deleted(claude: AsyncAnthropic, sandbox: Sandbox) -> None:
    made = await batch_of(claude, "m")
    with pytest.raises(anthropic.BadRequestError, match="cannot be deleted while"):
        await claude.messages.batches.delete(made.id)
    raw = await ask(sandbox, request("GET", f"/v1/messages/batches/{made.id}/results", headers=VERSION))
    assert (raw.status, raw.json["error"]["type"]) == (400, "invalid_request_error")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "requests: List should have at least 1 item"),
        ({"requests": [{}]}, "requests.0.custom_id: Field required"),
        ({"requests": [{"custom_id": "a"}]}, "requests.0.params: Field required"),
        ({"requests": [{"custom_id": "a", "params": {}}] * 2}, "requests.1.custom_id: `custom_id` must be unique"),
    ],
)
async def test_batches_that_are_refused(sandbox: Sandbox, body: dict[str, Any], words: str) -> None:
    raw = await ask(sandbox, request("POST", "/v1/messages/batches", json.encode(body), VERSION))
    assert raw.status == 400
    assert words in raw.json["error"]["message"]


async def test_files_of_anthropic(claude: AsyncAnthropic) -> None:
    one = await claude.beta.files.upload(file=("a.txt", b"hello", "text/plain"))
    two = await claude.beta.files.upload(file=("b.pdf", b"x", "application/pdf"))
    assert (one.filename, one.mime_type, one.size_bytes, one.downloadable) == ("a.txt", "text/plain", 5, False)
    assert [file.id async for file in claude.beta.files.list()] == [two.id, one.id]
    assert (await claude.beta.files.retrieve_metadata(one.id)).id == one.id
    with pytest.raises(anthropic.BadRequestError, match="is not downloadable"):
        await claude.beta.files.download(one.id)
    assert (await claude.beta.files.delete(one.id)).type == "file_deleted"
    with pytest.raises(anthropic.NotFoundError):
        await claude.beta.files.retrieve_metadata(one.id)


async def test_files_of_two_vendors_are_not_the_same(claude: AsyncAnthropic, sandbox: Sandbox) -> None:
    await claude.beta.files.upload(file=("a.txt", b"hello"))
    assert (await ask(sandbox, request("GET", "/v1/files"))).json["data"] == []


async def test_embeddings_of_gemini(gemini: genai.client.AsyncClient) -> None:
    found = await gemini.models.embed_content(model="gemini-embedding-001", contents=["a", "b"])
    vectors = [each.values or [] for each in found.embeddings or ()]
    assert [len(vector) for vector in vectors] == [3072, 3072]
    assert vectors[0] != vectors[1]
    short = types.EmbedContentConfig(output_dimensionality=8)
    found = await gemini.models.embed_content(model="gemini-embedding-001", contents="a", config=short)
    assert [len(each.values or ()) for each in found.embeddings or ()] == [8]
    with pytest.raises(errors.ClientError):
        await gemini.models.embed_content(model="sandbox-429", contents="a")


@pytest.mark.parametrize(
    ("method", "body", "words"),
    [
        ("embedContent", {}, "EmbedContentRequest.content: content is not specified"),
        ("embedContent", {"content": {"parts": []}}, "content.parts: contents.parts must not be empty"),
        ("embedContent", {"content": {"parts": [{"text": "x"}]}, "outputDimensionality": 0}, "output_dimensionality"),
        ("batchEmbedContents", {}, "requests must not be empty"),
        ("batchEmbedContents", {"requests": [{"model": "models/x"}]}, "requests[0].model: must be models/m"),
        ("countTokens", {}, "contents is not specified"),
        ("countTokens", {"contents": [], "generateContentRequest": {}}, "Only one of contents"),
    ],
)
async def test_methods_of_gemini_that_are_refused(sandbox: Sandbox, method: str, body: dict[str, Any], words: str) -> None:
    raw = await ask(sandbox, request("POST", f"/v1beta/models/m:{method}", json.encode(body)))
    assert (raw.status, raw.json["error"]["status"]) == (400, "INVALID_ARGUMENT")
    assert words in raw.json["error"]["message"]


async def test_one_text_is_embedded(sandbox: Sandbox) -> None:
    body = json.encode({"content": {"parts": [{"text": "a"}]}, "output_dimensionality": 4})
    raw = await ask(sandbox, request("POST", "/v1/models/m:embedContent", body))
    assert len(raw.json["embedding"]["values"]) == 4
