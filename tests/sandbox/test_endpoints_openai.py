"""What is no chat at OpenAI: its own SDK takes the sandbox for the vendor; what the vendor refuses is refused."""

import base64
import io
import struct
import wave
from collections.abc import AsyncIterator
from typing import Any

import openai
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openai import AsyncOpenAI
from openai.types.audio import Transcription

from dragoman.sandbox import Sandbox
from dragoman.sandbox.endpoints.multipart import read_form
from dragoman.sandbox.reply import Incoming
from dragoman.wire import json
from support.sandbox import ask, request

PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")


@pytest.fixture
async def client(sandbox: Sandbox) -> AsyncIterator[AsyncOpenAI]:
    async with AsyncOpenAI(base_url=f"http://127.0.0.1:{sandbox.port}/v1", api_key="any", max_retries=0) as client:
        yield client


async def test_embeddings_are_the_same_in_both_forms(client: AsyncOpenAI) -> None:
    floats = await client.embeddings.create(model="text-embedding-3-small", input=["a", "b"], encoding_format="float")
    packed = await client.embeddings.create(model="text-embedding-3-small", input=["a", "b"])
    assert [each.embedding for each in packed.data] == [each.embedding for each in floats.data]
    assert [each.index for each in floats.data] == [0, 1]
    assert len(floats.data[0].embedding) == 1536
    assert sum(value * value for value in floats.data[0].embedding) == pytest.approx(1)
    assert floats.data[0].embedding != floats.data[1].embedding
    assert floats.usage.total_tokens == 2


async def test_the_size_of_embeddings(client: AsyncOpenAI) -> None:
    found = await client.embeddings.create(model="text-embedding-3-large", input="a")
    assert len(found.data[0].embedding) == 3072
    for asked in ("a", [1, 2, 3], [[1], [2, 3]]):
        found = await client.embeddings.create(model="m", input=asked, dimensions=8)
        assert {len(each.embedding) for each in found.data} == {8}


async def test_moderations(client: AsyncOpenAI) -> None:
    found = await client.moderations.create(input=["hello", "Harassment and graphic things"])
    assert [result.flagged for result in found.results] == [False, True]
    categories = found.results[1].categories
    assert (categories.harassment, categories.violence_graphic, categories.hate) == (True, True, False)
    parts: Any = [{"type": "text", "text": "x"}, {"type": "image_url", "image_url": {"url": "https://example.com/"}}]
    (result,) = (await client.moderations.create(input=parts)).results
    assert result.category_applied_input_types.violence == ["text", "image"]


async def test_images(client: AsyncOpenAI) -> None:
    found = await client.images.generate(model="gpt-image-1", prompt="a pixel", n=2, quality="low")
    assert [base64.b64decode(each.b64_json or "") for each in found.data or ()] == [PNG, PNG]
    assert (found.quality, found.size, found.usage and found.usage.output_tokens) == ("low", "1024x1024", 2112)
    found = await client.images.generate(model="dall-e-3", prompt="a pixel", response_format="url")
    assert [each.url for each in found.data or ()] == ["https://example.com/sandbox.png"]
    stream = await client.images.generate(model="gpt-image-1", prompt="a pixel", stream=True, partial_images=2)
    kinds = [event.type async for event in stream]
    assert kinds == ["image_generation.partial_image"] * 2 + ["image_generation.completed"]


async def test_speech(client: AsyncOpenAI) -> None:
    spoken = await client.audio.speech.create(model="tts-1", voice="alloy", input="hello there", response_format="wav")
    with wave.open(io.BytesIO(spoken.content)) as sound:
        assert (sound.getframerate(), sound.getnframes()) == (24000, 24000 * 11 // 100)
    async with client.audio.speech.with_streaming_response.create(model="tts-1", voice="alloy", input="hello") as response:
        assert response.headers["content-type"] == "audio/mpeg"
        data = b"".join([piece async for piece in response.iter_bytes()])
    assert data.startswith(b"\xff\xfb")


async def test_speech_as_events(sandbox: Sandbox) -> None:
    body = json.encode({"model": "m", "voice": "v", "input": "hello", "response_format": "pcm", "stream_format": "sse"})
    raw = await ask(sandbox, request("POST", "/v1/audio/speech", body))
    *deltas, done = raw.data
    assert done["type"] == "speech.audio.done"
    assert len(b"".join(base64.b64decode(delta["audio"]) for delta in deltas)) == 240 * 2 * 5


async def test_transcriptions(client: AsyncOpenAI) -> None:
    file = ("a.wav", b"\x00\r\n\xff" * 9)
    found = await client.audio.transcriptions.create(model="whisper-1", file=file)
    assert found.text == "I heard 36 bytes of a.wav."
    verbose = await client.audio.transcriptions.create(
        model="whisper-1", file=file, response_format="verbose_json", language="de"
    )
    assert (verbose.text, verbose.language, len(verbose.segments or ())) == (found.text, "de", 1)
    assert await client.audio.transcriptions.create(model="m", file=file, response_format="text") == f"{found.text}\n"
    stream = await client.audio.transcriptions.create(model="m", file=file, stream=True)
    events: list[Any] = [event async for event in stream]
    assert "".join(event.delta for event in events[:-1]) == events[-1].text == found.text
    form: Any = {"headers": {"content-type": "multipart/form-data"}}
    asked = client.post("/audio/translations", body={"model": "m"}, files={"file": file}, options=form, cast_to=Transcription)
    assert (await asked) == found


async def test_rerank(sandbox: Sandbox) -> None:
    body = {"model": "m", "query": "red fox", "documents": ["a cat", {"text": "the red fox"}, "fox"], "top_n": 2}
    raw = await ask(sandbox, request("POST", "/v1/rerank", json.encode({**body, "return_documents": True})))
    assert [(each["index"], each["relevance_score"]) for each in raw.json["results"]] == [(1, 1.0), (2, 0.5)]
    assert raw.json["results"][0]["document"]["text"] == "the red fox"


async def test_files(client: AsyncOpenAI) -> None:
    one = await client.files.create(file=("a.txt", b"hello\r\n\x00\xff"), purpose="user_data")
    two = await client.files.create(file=("b.txt", b"x"), purpose="assistants")
    assert (one.bytes, one.filename, one.purpose, one.status) == (9, "a.txt", "user_data", "processed")
    assert [file.id async for file in client.files.list()] == [two.id, one.id]
    assert [file.id async for file in client.files.list(purpose="user_data")] == [one.id]
    assert (await client.files.content(one.id)).content == b"hello\r\n\x00\xff"
    assert (await client.files.delete(one.id)).deleted
    with pytest.raises(openai.NotFoundError, match="No such File object"):
        await client.files.retrieve(one.id)


async def test_a_list_comes_in_pages(client: AsyncOpenAI) -> None:
    for n in range(5):
        await client.files.create(file=(f"{n}.txt", b"x"), purpose="user_data")
    first = await client.files.list(limit=2)
    assert (len(first.data), first.has_more) == (2, True)
    assert [file.filename async for file in client.files.list(limit=2)] == [f"{n}.txt" for n in (4, 3, 2, 1, 0)]


async def batch_of(client: AsyncOpenAI, *models: str) -> Any:
    messages = [{"role": "user", "content": "hello"}]
    lines = [
        {"custom_id": f"r{n}", "method": "POST", "url": "/v1/chat/completions", "body": {"model": model, "messages": messages}}
        for n, model in enumerate(models)
    ]
    data = b"\n".join(json.encode(line) for line in lines)
    file = await client.files.create(file=("in.jsonl", data), purpose="batch")
    return await client.batches.create(input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h")


async def test_batches_are_really_answered(client: AsyncOpenAI) -> None:
    made = await batch_of(client, "m", "sandbox-429")
    states = [made.status] + [(await client.batches.retrieve(made.id)).status for _ in range(3)]
    assert states == ["validating", "in_progress", "completed", "completed"]
    done = await client.batches.retrieve(made.id)
    assert done.request_counts is not None
    assert (done.request_counts.completed, done.request_counts.failed) == (1, 1)
    (good,) = (await client.files.content(str(done.output_file_id))).text.splitlines()
    assert json.decode(good)["response"]["body"]["choices"][0]["message"]["content"] == "You said: hello"
    (bad,) = (await client.files.content(str(done.error_file_id))).text.splitlines()
    assert json.decode(bad)["custom_id"] == "r1"
    assert json.decode(bad)["response"]["status_code"] == 429
    assert [batch.id async for batch in client.batches.list()] == [made.id]


@pytest.mark.parametrize("model", ["sandbox-cut", "sandbox-bad-json", "sandbox-gzip", "sandbox-html-error", "sandbox-hang"])
async def test_a_batch_takes_broken_answers(client: AsyncOpenAI, model: str) -> None:
    made = await batch_of(client, model)
    for _ in range(2):
        made = await client.batches.retrieve(made.id)
    (line,) = (await client.files.content(str(made.error_file_id))).text.splitlines()
    assert json.decode(line)["response"]["body"]["error"]["type"] == "server_error"


async def test_batches_ask_with_the_callers_key() -> None:
    sandbox = Sandbox(key="right")
    port = await sandbox.start()
    async with AsyncOpenAI(base_url=f"http://127.0.0.1:{port}/v1", api_key="right") as client:
        made = await batch_of(client, "m")
        await client.batches.retrieve(made.id)
        assert (await client.batches.retrieve(made.id)).output_file_id is not None
    await sandbox.stop()


async def test_batches_can_be_cancelled(client: AsyncOpenAI) -> None:
    made = await batch_of(client, "m")
    assert (await client.batches.cancel(made.id)).status == "cancelling"
    assert (await client.batches.retrieve(made.id)).status == "cancelled"
    with pytest.raises(openai.BadRequestError, match="Cannot cancel"):
        await client.batches.cancel(made.id)


@pytest.mark.parametrize(
    ("path", "body", "words"),
    [
        ("embeddings", {"input": "x"}, "Missing required parameter: 'model'"),
        ("embeddings", {"model": "m"}, "Missing required parameter: 'input'"),
        ("embeddings", {"model": "m", "input": [""]}, "'$.input' is invalid"),
        ("embeddings", {"model": "m", "input": [[]]}, "'$.input' is invalid"),
        ("embeddings", {"model": "m", "input": "x", "encoding_format": "hex"}, "Invalid value: 'hex'"),
        ("embeddings", {"model": "m", "input": "x", "dimensions": 0}, "integer below minimum value"),
        ("moderations", {}, "Missing required parameter: 'input'"),
        ("moderations", {"input": [{"type": "sound"}]}, "Invalid value: 'sound'"),
        ("images/generations", {"model": "m"}, "Missing required parameter: 'prompt'"),
        ("images/generations", {"prompt": "x", "n": 11}, "integer above maximum value"),
        ("audio/speech", {"model": "m", "input": "x"}, "Missing required parameter: 'voice'"),
        ("audio/speech", {"model": "m", "input": "x" * 4097, "voice": "v"}, "string too long"),
        ("audio/speech", {"model": "m", "input": "x", "voice": "v", "response_format": "midi"}, "Invalid value: 'midi'"),
        ("audio/transcriptions", {}, "Expected multipart/form-data"),
        ("files", {}, "Expected multipart/form-data"),
        ("rerank", {"model": "m", "query": "x"}, "Missing required parameter: 'documents'"),
        ("rerank", {"model": "m", "query": "x", "documents": [1]}, "Invalid type for 'documents[0]'"),
        ("batches", {"endpoint": "/v1/responses"}, "Missing required parameter: 'input_file_id'"),
    ],
)
async def test_what_is_refused(sandbox: Sandbox, path: str, body: dict[str, Any], words: str) -> None:
    raw = await ask(sandbox, request("POST", f"/v1/{path}", json.encode(body)))
    assert raw.status == 400
    assert words in raw.json["error"]["message"]


@pytest.mark.parametrize("model", ["sandbox-429", "sandbox-503"])
async def test_scenarios_are_for_these_as_well(client: AsyncOpenAI, model: str) -> None:
    for asked in (
        client.embeddings.create(model=model, input="x"),
        client.audio.speech.create(model=model, voice="v", input="x"),
        client.audio.transcriptions.create(model=model, file=("a.wav", b"x")),
    ):
        with pytest.raises(openai.APIStatusError) as raised:
            await asked
        assert raised.value.status_code == int(model.rpartition("-")[2])


async def test_broken_connections_are_for_these_as_well(sandbox: Sandbox) -> None:
    body = json.encode({"model": "sandbox-cut", "input": "hello there", "voice": "v"})
    for path in ("/v1/embeddings", "/v1/audio/speech"):
        raw = await ask(sandbox, request("POST", path, body))
        assert (raw.status, raw.ending) == (200, "cut")
        assert raw.body


@settings(deadline=None)
@given(st.binary(max_size=200), st.text(st.characters(exclude_characters='"\r\n\\', codec="latin-1"), min_size=1, max_size=20))
def test_files_in_forms_keep_their_bytes(data: bytes, value: str) -> None:
    mark = b"a-boundary-that-no-data-has"
    body = (
        b'--%b\r\nContent-Disposition: form-data; name="x"\r\n\r\n%b\r\n'
        b'--%b\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\n'
        b"Content-Type: audio/wav\r\n\r\n%b\r\n--%b--\r\n"
    ) % (mark, value.encode(), mark, data, mark)
    headers = {"content-type": f"multipart/form-data; boundary={mark.decode()}"}
    form = read_form(Incoming(method="POST", path="/v1/files", headers=headers, body=body))
    assert form is not None
    assert form.fields == {"x": value}
    assert (form.files["file"].name, form.files["file"].mime, form.files["file"].data) == ("a.bin", "audio/wav", data)


def test_numbers_are_float32() -> None:
    from dragoman.sandbox.endpoints.vectors import packed, vector

    values = vector("x", 64)
    assert struct.unpack("<64f", base64.b64decode(packed(values))) == values
