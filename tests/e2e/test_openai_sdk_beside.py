"""The official `openai` SDK, against a gateway: everything it has beside chat, with a vendor that answers as OpenAI does."""

from collections.abc import AsyncIterator
from pathlib import Path

import openai
import pytest

from support.dialogue import provider
from support.forms import form
from support.gateway import Gateway
from support.openai_beside import PNG, SOUND, VECTOR, Vendor
from support.scripted import Scripted

LINES = b'{"custom_id":"1"}\n'


class Scene:
    """Two providers, `p1` first. `client`: the SDK."""

    def __init__(self, gateway: Gateway, client: openai.AsyncOpenAI, vendors: list[Vendor]) -> None:
        self.gateway, self.client, self.vendors = gateway, client, vendors


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    vendors = [Vendor("one"), Vendor("two")]
    async with Scripted(vendors[0].script) as one, Scripted(vendors[1].script) as two:
        records = [provider("p1", one.url, models=["emb"]), provider("p2", two.url, models=["emb"])]
        async with (
            Gateway(tmp_path, *records) as gateway,
            openai.AsyncOpenAI(base_url=f"{gateway.url}/v1", api_key="any", max_retries=0) as client,
        ):
            yield Scene(gateway, client, vendors)


async def test_embeddings_as_the_sdk_asks_for_them_and_in_numbers(scene: Scene) -> None:
    for found in (
        await scene.client.embeddings.create(model="p2:emb", input=["a", "b"]),
        await scene.client.embeddings.create(model="p2:emb", input=["a", "b"], encoding_format="float"),
    ):
        assert [tuple(one.embedding) for one in found.data] == [VECTOR, VECTOR]
        assert (found.model, found.usage.prompt_tokens) == ("emb", 4)
    assert [record.usage.input for record in await scene.gateway.recorded(2) if record.usage] == [4, 4]


async def test_images(scene: Scene) -> None:
    import base64

    made = await scene.client.images.generate(model="p1:gpt-image-1", prompt="a cat")
    assert made.data is not None
    assert base64.b64decode(made.data[0].b64_json or "") == PNG
    edited = await scene.client.images.edit(model="p1:gpt-image-1", image=("a.png", PNG, "image/png"), prompt="a dog")
    varied = await scene.client.images.create_variation(model="p1:dall-e-2", image=("a.png", PNG, "image/png"))
    assert [one.data[0].revised_prompt for one in (made, edited, varied) if one.data] == ["generations", "edits", "variations"]
    for body, model in zip(scene.vendors[0].uploaded, (b"gpt-image-1", b"dall-e-2"), strict=True):
        assert b'name="model"\r\n\r\n%b\r\n' % model in body
        assert PNG in body
    stream = await scene.client.images.generate(model="p1:gpt-image-1", prompt="a cat", stream=True)
    assert [event.type async for event in stream] == ["image_generation.completed"]


async def test_sound(scene: Scene) -> None:
    said = await scene.client.audio.speech.create(model="p1:tts-1", voice="alloy", input="hello")
    assert await said.aread() == SOUND
    asked = scene.client.audio.speech.with_streaming_response.create(model="p1:tts-1", voice="alloy", input="hello")
    async with asked as response:
        assert b"".join([data async for data in response.iter_bytes()]) == SOUND
        assert response.headers["content-type"] == "audio/mpeg"
    heard = await scene.client.audio.transcriptions.create(model="p1:whisper-1", file=("a.mp3", SOUND * 100))
    there = await scene.client.audio.translations.create(model="p1:whisper-1", file=("a.mp3", SOUND * 100))
    assert [heard.text, there.text] == ["a transcriptions", "a translations"]
    assert all(SOUND * 100 in body and b"p1:" not in body for body in scene.vendors[0].uploaded)


async def test_moderations_and_what_is_no_chat_yet(scene: Scene) -> None:
    judged = await scene.client.moderations.create(input="hello")
    assert not judged.results[0].flagged
    told = await scene.client.completions.create(model="p1:instruct", prompt="Once")
    assert (told.choices[0].text, told.model, told.usage.total_tokens if told.usage else None) == ("Once upon", "instruct", 3)
    stream = await scene.client.completions.create(model="p1:instruct", prompt="Once", stream=True)
    assert [chunk.choices[0].text async for chunk in stream] == ["Once upon"]


async def test_files_and_batches_stay_with_their_provider(scene: Scene) -> None:
    client = scene.client.with_options(default_headers={"x-dragoman-provider": "p2"})
    file = await client.files.create(file=("a.jsonl", LINES), purpose="batch")
    assert file.id == "file-two"
    assert LINES in scene.vendors[1].uploaded[0]
    bare = scene.client
    assert (await bare.files.retrieve(file.id)).id == "file-two"
    assert (await bare.files.content(file.id)).content == b'{"n":1}\n'
    batch = await bare.batches.create(input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h")
    assert batch.id == "batch_two"
    assert (await bare.batches.retrieve(batch.id)).id == "batch_two"
    assert (await bare.batches.cancel(batch.id)).status == "cancelling"
    assert batch.output_file_id is not None
    assert (await bare.files.content(batch.output_file_id)).content == b'{"n":1}\n'
    assert (await bare.files.delete(file.id)).deleted
    assert [one.id async for one in client.files.list()] == ["file-two"]
    targets = {record.target for record in await scene.gateway.recorded(9)}
    assert targets == {"p2"}


async def test_a_large_file_in_parts(scene: Scene) -> None:
    client = scene.client.with_options(default_headers={"x-dragoman-provider": "p2"})
    upload = await client.uploads.upload_file_chunked(file=b"abc", filename="a", bytes=3, mime_type="text/plain", purpose="batch")
    assert (upload.status, upload.file.id if upload.file else None) == ("completed", "file-two")
    assert (await scene.client.files.retrieve("file-two")).id == "file-two"


async def test_errors_are_the_sdks_own(scene: Scene) -> None:
    with pytest.raises(openai.NotFoundError) as missing:
        await scene.client.vector_stores.retrieve("vs_1")
    assert missing.value.code == "unknown_url"
    with pytest.raises(openai.NotFoundError):
        await scene.client.embeddings.create(model="no-such-model", input="a")
    with pytest.raises(openai.InternalServerError) as realtime:
        await scene.client.realtime.client_secrets.create()
    assert (realtime.value.status_code, realtime.value.code) == (501, "realtime_not_supported")


async def test_a_form_is_kept_byte_by_byte_but_for_the_model(scene: Scene) -> None:
    """Whatever order its fields have."""
    from support.forms import TYPE

    for fields in ({"model": "p2:w", "language": "en"}, {"language": "en", "model": "p2:w"}):
        reply = await scene.gateway.ask("/v1/audio/transcriptions", form(fields, {"file": SOUND}), content_type=TYPE)
        assert reply.status == 200
        assert scene.vendors[1].uploaded[-1] == form({**fields, "model": "w"}, {"file": SOUND})
