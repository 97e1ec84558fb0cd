"""Dialogues about calls that are passed as they are: what goes out, what comes back, and what happens when it breaks."""

import asyncio
import random
from typing import Any

import pytest

from support.forms import TYPE, form
from support.scripted import CLOSE, HANG, RESET, Received, Step, answer, chunk, chunked, event_stream, head

OK = [answer(200, b'{"id":"thing-1"}')]
SOUND = bytes(random.Random(7).randbytes(300_000))


async def test_json_passes_with_the_models_own_name_in_it(scene: Any) -> None:
    told = b'{ "id" : "modr-1", "results": [ {"flagged": false, "score": 1.50} ] }'
    play = await scene(lambda _: [answer(200, told, [("x-request-id", "req-9"), ("Set-Cookie", "a=b")])])
    body = b'{"input": [1.50, {"a":1E2}],  "model": "p1:omni-moderation-latest", "new": null}'
    reply = await play.gateway.ask("/v1/moderations?a=1&key=secret&b=%20x", body)
    assert (reply.status, reply.body) == (200, told)
    assert reply.headers["content-type"] == "application/json"
    assert reply.headers["content-length"] == str(len(told))
    assert reply.headers["x-dragoman-target"] == "p1:omni-moderation-latest"
    assert reply.headers["x-request-id"] == "req-9"
    assert "set-cookie" not in reply.headers
    request = play.servers[0].requests[0]
    assert request.body == b'{"input":[1.50, {"a":1E2}],"model":"omni-moderation-latest","new":null}'
    assert (request.method, request.target) == ("POST", "/v1/moderations?a=1&b=%20x")
    record = (await play.gateway.recorded())[0]
    assert (record.operation, record.status, record.lane) == ("POST /v1/moderations", 200, "copy")
    assert (record.target, record.model_asked) == ("p1:omni-moderation-latest", "p1:omni-moderation-latest")


async def test_bytes_are_the_clients_where_the_name_is_right(scene: Any) -> None:
    play = await scene(lambda _: OK)
    body = b'{ "model" :\n "m", "input": "x" }'
    assert (await play.gateway.ask("/v1/moderations", body)).status == 200
    assert play.servers[0].requests[0].body == body


async def test_a_form_with_a_large_file(scene: Any) -> None:
    """Only the field that names the model changes; what looks like one inside the file does not."""
    play = await scene(lambda _: [answer(200, b'{"text":"hello","usage":{"type":"tokens","input_tokens":9,"output_tokens":3}}')])
    trap = form({"model": "trap"}, {}, "other")
    file = random.Random(1).randbytes(12_000_000) + trap + b"\r\n--" + SOUND
    sent = form({"model": "p1:whisper-1", "language": "en"}, {"file": file})
    reply = await play.gateway.ask("/v1/audio/transcriptions", sent, content_type=TYPE)
    assert reply.json["text"] == "hello"
    request = play.servers[0].requests[0]
    assert request.body == form({"model": "whisper-1", "language": "en"}, {"file": file})
    assert request.header("content-type") == TYPE
    usage = (await play.gateway.recorded())[0].usage
    assert usage is not None
    assert (usage.input, usage.output) == (9, 3)


async def test_sound_streams_as_it_comes(scene: Any) -> None:
    more = asyncio.Event()

    def script(_: Received) -> list[Step]:
        begin, first, second, last = chunked(SOUND[:1000], SOUND[1000:], type_="audio/mpeg")
        return [begin, first, more, second, last]

    play = await scene(script)
    async with play.gateway.client() as client:
        await client.send(
            "/v1/audio/speech", {"model": "m", "input": "hi", "voice": "alloy"}, {"accept": "application/octet-stream"}
        )
        await client.seen(SOUND[:1000])
        assert client.headers["content-type"] == "audio/mpeg"
        assert not client.whole
        more.set()
        assert (await client.read()).body == SOUND
    assert play.servers[0].requests[0].header("accept") == "application/octet-stream"


async def test_a_client_that_does_not_read_makes_the_provider_wait(scene: Any) -> None:
    large = [head(200, [("Content-Type", "image/png"), ("Transfer-Encoding", "chunked")])]
    play = await scene(lambda _: [*large, *(chunk(b"x" * 65536) for _ in range(2000)), chunk(b"")])
    async with play.gateway.client() as client:
        await client.send("/v1/images/generations", {"model": "m"})
        await client.head()
        sent = -1
        while (now := play.servers[0].connections[0].sent) != sent:
            sent = now
            await asyncio.sleep(0.2)
        assert sent < 2000 * 65536


async def test_a_stream_of_events_passes_and_tells_its_usage(scene: Any) -> None:
    events = [
        b'{"type":"image_generation.partial_image","b64_json":"%b"}' % (b"A" * 200_000),
        b'{"type":"image_generation.completed","b64_json":"AA","usage":{"input_tokens":5,"output_tokens":100,'
        b'"input_tokens_details":{"text_tokens":5}}}',
    ]
    play = await scene(lambda _: event_stream(*events))
    reply = await play.gateway.ask("/v1/images/generations", {"model": "m", "stream": True})
    assert reply.body == b"".join(b"data: %b\n\n" % event for event in events)
    assert reply.headers["content-type"] == "text/event-stream"
    usage = (await play.gateway.recorded())[0].usage
    assert usage is not None
    assert (usage.input, usage.output) == (5, 100)


async def test_what_a_file_is_called_and_that_it_acts_as_no_page_of_ours(scene: Any) -> None:
    named = [("Content-Disposition", 'attachment; filename="a.jsonl"'), ("Accept-Ranges", "bytes"), ("Server", "vendor")]
    play = await scene(lambda _: [answer(206, b"<script>", [("Content-Range", "bytes 0-7/99"), *named], "text/html")])
    reply = await play.gateway.ask("/v1/files/file-1/content", b"", method="GET", range="bytes=0-7", cookie="a=b")
    assert (reply.status, reply.body) == (206, b"<script>")
    assert reply.headers["content-type"] == "text/html"
    assert reply.headers["content-disposition"] == 'attachment; filename="a.jsonl"'
    assert reply.headers["content-range"] == "bytes 0-7/99"
    assert reply.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers.get("server") != "vendor"
    request = play.servers[0].requests[0]
    assert (request.method, request.target, request.body) == ("GET", "/v1/files/file-1/content", b"")
    assert request.header("range") == "bytes=0-7"
    assert request.header("cookie") is None
    assert request.header("authorization") == "Bearer key-of-p1"


async def test_nothing_is_an_answer_too(scene: Any) -> None:
    play = await scene(lambda _: [head(204, [("x-request-id", "r")])])
    reply = await play.gateway.ask("/v1/files/file-1", b"", method="DELETE")
    assert (reply.status, reply.body, reply.headers["x-request-id"]) == (204, b"", "r")


async def test_an_empty_body_and_one_that_curl_calls_a_form(scene: Any) -> None:
    play = await scene(lambda _: OK)
    assert (await play.gateway.ask("/v1/batches/batch_1/cancel", b"")).status == 200
    form_type = "application/x-www-form-urlencoded"
    assert (await play.gateway.ask("/v1/moderations", b'{"model":"p1:x"}', content_type=form_type)).status == 200
    cancelled, asked = play.servers[0].requests
    assert (cancelled.target, cancelled.body) == ("/v1/batches/batch_1/cancel", b"")
    assert (asked.body, asked.header("content-type")) == (b'{"model":"x"}', "application/json")


async def test_bytes_of_any_type_pass(scene: Any) -> None:
    play = await scene(lambda _: OK)
    reply = await play.gateway.ask("/v1/files", b"\x00\xff{", content_type="application/x-odd; v=1")
    assert reply.status == 200
    request = play.servers[0].requests[0]
    assert (request.body, request.header("content-type")) == (b"\x00\xff{", "application/x-odd; v=1")


async def test_a_providers_error_is_its_own(scene: Any) -> None:
    told = b'{"error":{"message":"No such File object: file-9","type":"invalid_request_error","param":"id","code":null} }'
    play = await scene(lambda _: [answer(404, told, [("x-request-id", "req-1"), ("retry-after", "7")])])
    reply = await play.gateway.ask("/v1/files/file-9", b"", method="GET")
    assert (reply.status, reply.body, reply.headers["x-request-id"]) == (404, told, "req-1")
    record = (await play.gateway.recorded())[0]
    assert (record.status, record.error, record.operation) == (404, "not_found", "GET /v1/files/{id}")


@pytest.mark.parametrize("status", [401, 402, 403])
async def test_a_provider_that_refuses_our_key_is_a_502(scene: Any, status: int) -> None:
    play = await scene(lambda _: [answer(status, b'{"error":{"message":"bad key key-of-p1"}}')])
    reply = await play.gateway.ask("/v1/files", b"", method="GET")
    assert reply.status == 502
    assert b"key-of-p1" not in reply.body


@pytest.mark.parametrize("end", [CLOSE, RESET])
async def test_an_answer_that_breaks_off_does_not_look_whole(scene: Any, end: Step) -> None:
    begin, first, *_ = chunked(b"half", b"", type_="application/octet-stream")
    sized = head(200, [("Content-Type", "application/octet-stream"), ("Content-Length", "9")]) + b"half"
    play = await scene(lambda request: [sized, 0.05, end] if "sized" in request.target else [begin, first, 0.05, end])
    for path in ("/v1/files/sized/content", "/v1/files/chunked/content"):
        async with play.gateway.client() as client:
            await client.send(path, b"", method="GET")
            with pytest.raises(AssertionError, match="closed the connection after b'half'"):
                await client.read()
    for record in await play.gateway.recorded(2):
        assert (record.status, record.error) == (200, "server")


async def test_the_deadline_breaks_an_answer_off(scene: Any) -> None:
    play = await scene(lambda _: [*chunked(b"half", end=False, type_="audio/mpeg"), HANG], total=0.3)
    async with play.gateway.client() as client:
        await client.send("/v1/audio/speech", {"model": "m"})
        with pytest.raises(AssertionError, match="closed the connection"):
            await client.read()
    assert (await play.gateway.recorded())[0].error == "timeout"


async def test_a_client_that_leaves_takes_the_provider_with_it(scene: Any) -> None:
    play = await scene(lambda _: [*chunked(b"half", end=False, type_="audio/mpeg"), HANG])
    async with play.gateway.client() as client:
        await client.send("/v1/audio/speech", {"model": "m"})
        await client.seen(b"half")
        client.leave()
        await play.servers[0].connections[0].closed_by_peer()
    assert (await play.gateway.recorded())[0].error == "cancelled"


@pytest.mark.parametrize(
    "path",
    [
        "/v1/files/..", "/v1/files/%2e%2e", "/v1/files/%2E%2E/content", "/v1/files/a/..%2F..%2Fadmin", "/v1/files/a/%2e%2e/b",
        "/v1/files/..%5c..", "/v1/files/a/..%5Cb", "/v1/files/a/..;/b", "/v1/files/./content",
        "/v1/files/..%2f..%2fv2%2fsecrets",
    ],
)  # fmt: skip
async def test_no_path_leads_out_of_the_providers_base(scene: Any, path: str) -> None:
    play = await scene(lambda _: OK)
    reply = await play.gateway.ask(path, b"", method="GET")
    assert (reply.status, reply.json["error"]["code"]) == (404, "unknown_url")
    assert play.asked == [0]


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("/v1/files/a%20b%3Fx%23y", "/v1/files/a%20b%3Fx%23y"),
        ("/v1/files/%252e%252e", "/v1/files/%252e%252e"),
        ("/v1/files/{id}", "/v1/files/%7Bid%7D"),
        ("/v1/files/%7Bmodel%7D", "/v1/files/%7Bmodel%7D"),
        ("/v1/files/@evil.example:80", "/v1/files/%40evil.example%3A80"),
        ("/v1/files/%C3%A9%0d%0aHost:x", "/v1/files/%C3%A9%0D%0AHost%3Ax"),
        ("/v1/vector_stores/vs_1/files/file-1?after=x&limit=2", "/v1/vector_stores/vs_1/files/file-1?after=x&limit=2"),
        ("/v1/files?Key=1&%6bey=secret&purpose=a%26b", "/v1/files?Key=1&purpose=a%26b"),
        ("http://evil.example/v1/files/a", "/v1/files/a"),
    ],
)
async def test_a_strange_path_stays_where_its_pattern_put_it(scene: Any, path: str, asked: str) -> None:
    play = await scene(lambda _: OK)
    reply = await play.gateway.ask(path, b"", method="GET")
    assert reply.status == 200
    assert [request.target for request in play.servers[0].requests] == [asked]


@pytest.mark.parametrize(
    ("path", "kind", "body"),
    [
        ("/v1/moderations", "application/json", b"{"),
        ("/v1/moderations", "application/json", b"[]"),
        ("/v1/moderations", "application/json", b'{"model": 5}'),
        ("/v1/audio/transcriptions", "multipart/form-data", form({"model": "m"}, {})),
        ("/v1/audio/transcriptions", TYPE, form({"model": "m"}, {"file": b"x"})[:-40]),
        ("/v1/audio/transcriptions", TYPE, b"nothing of the kind"),
    ],
)
async def test_what_cannot_be_read_is_a_400(scene: Any, path: str, kind: str, body: bytes) -> None:
    play = await scene(lambda _: OK)
    reply = await play.gateway.ask(path, body, content_type=kind)
    assert (reply.status, reply.json["error"]["type"]) == (400, "invalid_request_error")
    assert play.asked == [0]


async def test_a_file_that_is_too_large_is_refused(scene: Any) -> None:
    play = await scene(lambda _: OK, max_body=1000)
    reply = await play.gateway.ask("/v1/files", form({"purpose": "batch"}, {"file": b"x" * 2000}), content_type=TYPE)
    assert reply.status == 413
    assert play.asked == [0]
