"""Dialogues about calls that are passed as they are: who is asked, who is asked next, and who must not be."""

import json
from pathlib import Path
from typing import Any

import pytest

from support.dialogue import ERROR, GOOD, WHOLE, good, provider
from support.forms import TYPE, form
from support.gateway import Gateway
from support.scripted import RESET, Received, Scripted, Step, answer, event_stream

LIMITED = [answer(429, ERROR % b"rate_limit_error", [("retry-after", "1")])]
BROKEN = [answer(500, ERROR % b"server_error")]
ANTHROPIC = {"anthropic_version": "2023-06-01"}


def named(id_: str) -> list[Step]:
    return [answer(200, b'{"id":"%b","object":"file"}' % id_.encode())]


def anthropic(name: str, url: str, **more: Any) -> dict[str, Any]:
    return {**provider(name, url, **more), "provider_type": "anthropic", "base_url": url, "dialects": ["anthropic"]}


async def test_a_model_call_moves_on_before_the_first_byte(scene: Any) -> None:
    play = await scene(lambda _: LIMITED, lambda _: [RESET], lambda _: [answer(200, b"sound", type_="audio/mpeg")])
    reply = await play.gateway.ask("/v1/audio/speech", {"model": "m"})
    assert (reply.body, reply.headers["x-dragoman-target"], reply.headers["x-dragoman-attempts"]) == (b"sound", "p3:m", "3")
    assert [attempt.error for attempt in (await play.gateway.recorded())[0].attempts] == ["rate_limit", "server", None]
    body = form({"model": "m"}, {"image": b"x"})
    again = await play.gateway.ask("/v1/images/variations", body, content_type=TYPE)
    assert (again.status, play.asked) == (200, [2, 2, 2])


async def test_all_fail_and_the_most_useful_is_told(scene: Any) -> None:
    play = await scene(lambda _: LIMITED, lambda _: BROKEN)
    reply = await play.gateway.ask("/v1/images/generations", {"model": "m"})
    assert (reply.status, reply.headers["retry-after"]) == (429, "1")
    assert b"the vendor says no" in reply.body


async def test_a_400_is_final(scene: Any) -> None:
    play = await scene(lambda _: [answer(400, ERROR % b"invalid_request_error")], good)
    assert (await play.gateway.ask("/v1/images/generations", {"model": "m"})).status == 400
    assert play.asked == [1, 0]


async def test_a_failed_side_call_says_nothing_about_chat(scene: Any) -> None:
    """And is remembered for its own kind: the next one begins with who is well."""

    def script(request: Received) -> list[Step]:
        return good(request) if request.target.endswith("/completions") else [answer(401 if "files" in request.target else 500)]

    play = await scene(script, lambda _: [answer(200, b'{"data":[]}')])
    for _ in range(2):
        assert (await play.gateway.ask("/v1/embeddings", {"model": "m", "input": "x"})).status == 200
    assert play.asked == [1, 2]
    assert (await play.gateway.ask("/v1/files", b"", method="GET")).status == 502
    assert (await play.gateway.chat("m")).headers["x-dragoman-target"] == "p1:m"
    assert (await play.gateway.ask("/v1/images/generations", {"model": "m"})).status == 200
    assert play.asked == [4, 3]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/v1/files", b""),
        ("POST", "/v1/batches", b'{"endpoint":"/v1/chat/completions"}'),
        ("DELETE", "/v1/files/file-1", b""),
        ("POST", "/v1/videos", b'{"model":"m"}'),
        ("POST", "/v1/vector_stores/vs_1/search", b'{"query":"x"}'),
        ("POST", "/v1/images/edits", b'{"model":"m","file_id":"file-1"}'),
    ],
)
async def test_what_is_kept_at_a_provider_is_asked_of_it_once(scene: Any, method: str, path: str, body: bytes) -> None:
    play = await scene(lambda _: BROKEN, good, attempts=3)
    assert (await play.gateway.ask(path, body, method)).status == 500
    assert play.asked == [1, 0]


async def test_reading_may_be_tried_again_but_not_elsewhere(scene: Any) -> None:
    answers = iter([BROKEN, BROKEN, named("file-1")])
    play = await scene(lambda _: next(answers), good, attempts=3)
    assert (await play.gateway.ask("/v1/files/file-1", b"", "GET")).status == 200
    assert play.asked == [3, 0]


async def test_what_must_not_be_sent_twice_takes_no_kept_connection(scene: Any) -> None:
    """A kept connection that closes leaves open whether the request arrived."""
    play = await scene(lambda request: [*named("file-1"), *([RESET] if request.number else [])])
    for _ in range(2):
        assert (await play.gateway.ask("/v1/files", b"", "GET")).status == 200
    assert len(play.servers[0].connections) == 1
    assert (await play.gateway.ask("/v1/files", b"data", content_type="text/plain")).status == 200
    assert [request.method for request in play.servers[0].requests] == ["GET", "GET", "POST"]
    assert len(play.servers[0].connections) == 2


async def test_an_id_leads_to_who_issued_it(scene: Any) -> None:
    def second(request: Received) -> list[Step]:
        if request.target == "/v1/batches":
            return [answer(200, b'{"id":"batch_2","input_file_id":"file-2","output_file_id":"file-out","object":"batch"}')]
        return named("file-2") if request.method == "POST" else [answer(200, b"lines", type_="application/jsonl")]

    play = await scene(lambda _: named("file-1"), second)
    ask = play.gateway.ask
    uploaded = await ask("/v1/files", form({"purpose": "batch"}, {"file": b"x"}), content_type=TYPE, x_dragoman_provider="p2")
    assert uploaded.headers["x-dragoman-target"] == "p2"
    assert (await ask("/v1/batches", {"input_file_id": "file-2", "endpoint": "/v1/responses"})).json["id"] == "batch_2"
    for path in ("/v1/files/file-2/content", "/v1/files/file-out/content", "/v1/batches/batch_2"):
        reply = await ask(path, b"", "GET", x_dragoman_provider="p1")
        assert (reply.body, reply.headers["x-dragoman-target"]) == (b"lines", "p2")
    assert play.asked == [0, 5]
    assert {record.rule for record in play.gateway.records} == {"provider", "issuer"}
    unknown = await ask("/v1/files/file-9", b"", "GET", x_dragoman_provider="p2")
    first = await ask("/v1/files/file-9", b"", "GET")
    assert [reply.headers["x-dragoman-target"] for reply in (unknown, first)] == ["p2", "p1"]


async def test_ids_of_lists_and_of_things_in_things_are_learned(scene: Any) -> None:
    listed = b'{"object":"list","data":[{"id":"file-a","n":1},{"id":"file-b"}],"first_id":"file-a"}'
    upload = b'{"id":"upload_1","file":{"id":"file-c"}}'
    play = await scene(good, lambda request: [answer(200, upload if "uploads" in request.target else listed)])
    await play.gateway.ask("/v1/files", b"", "GET", x_dragoman_provider="p2")
    await play.gateway.ask("/v1/uploads/upload_1/complete", {"part_ids": ["x"]}, x_dragoman_provider="p2")
    for id_ in ("file-a", "file-b", "file-c"):
        reply = await play.gateway.ask(f"/v1/files/{id_}", b"", "GET")
        assert reply.headers["x-dragoman-target"] == "p2"


async def test_where_a_path_has_no_id_the_body_may_have_one(scene: Any) -> None:
    play = await scene(good, lambda _: named("asst_2"))
    await play.gateway.ask("/v1/assistants", {"name": "x"}, x_dragoman_provider="p2")
    for id_, target in (("asst_2", "p2"), ("asst_9", "p1")):
        reply = await play.gateway.ask("/v1/threads/runs", {"assistant_id": id_})
        assert reply.headers["x-dragoman-target"] == target


async def test_who_issued_is_forgotten_with_the_provider(scene: Any) -> None:
    play = await scene(good, lambda _: named("file-2"))
    await play.gateway.ask("/v1/files", b"", x_dragoman_provider="p2")
    store = play.gateway.app.live.store
    (second,) = (one for one in store.snapshot.providers if one.slug == "p2")
    await store.update_provider(second.id, {"is_active": False})
    assert (await play.gateway.ask("/v1/files/file-2", b"", "GET")).headers["x-dragoman-target"] == "p1"


async def test_a_model_call_that_refers_to_something_goes_where_it_is(scene: Any) -> None:
    """With the model's name as that provider has it."""
    play = await scene(good, lambda _: named("file-2"))
    await play.gateway.ask("/v1/files", b"", x_dragoman_provider="p2")
    for model, asked in (("m", "p2:m"), ("p2:m", "p2:m"), ("p1:m", "p1:m")):
        reply = await play.gateway.ask("/v1/fine_tuning/jobs", {"model": model, "training_file": "file-2"})
        assert reply.headers["x-dragoman-target"] == asked
    assert play.servers[1].requests[1].body == b'{"model":"m","training_file":"file-2"}'


@pytest.mark.parametrize("stream", [False, True])
async def test_a_stored_answer_is_asked_of_who_gave_it(scene: Any, stream: bool) -> None:
    def second(request: Received) -> list[Step]:
        if request.method == "POST":
            return event_stream(*GOOD) if stream else [answer(200, WHOLE % b"two")]
        return [answer(200, b'{"id":"chatcmpl-1"}')]

    play = await scene(lambda _: LIMITED, second)
    assert (await play.gateway.chat("m", stream=stream, store=True)).headers["x-dragoman-target"] == "p2:m"
    for path in ("/v1/chat/completions/chatcmpl-1", "/v1/chat/completions/chatcmpl-1/messages"):
        reply = await play.gateway.ask(path, b"", "GET")
        assert reply.headers["x-dragoman-target"] == "p2"


async def test_a_chat_that_goes_on_goes_to_who_began_it(tmp_path: Path) -> None:
    """Anthropic's threads: `continue` names the message before."""
    whole = b'{"id":"msg_%b","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"Hi"}],'
    whole += b'"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":1}}'
    async with (
        Scripted(lambda _: [answer(200, whole % b"1")]) as one,
        Scripted(lambda _: [answer(200, whole % b"2")]) as two,
        Gateway(tmp_path, anthropic("p1", one.url), anthropic("p2", two.url)) as gateway,
    ):
        await gateway.messages("p2:m", thread={"type": "create"})
        for named_model, asked in (("m", "p2:m"), ("p1:m", "p1:m")):
            thread = {"type": "continue", "previous_message_id": "msg_2"}
            assert (await gateway.messages(named_model, thread=thread)).headers["x-dragoman-target"] == asked
        thread = {"type": "continue", "previous_message_id": "msg_unknown"}
        assert (await gateway.messages("m", thread=thread)).headers["x-dragoman-target"] == "p1:m"


async def test_shared_paths_are_told_apart_by_who_asks(tmp_path: Path) -> None:
    async with Scripted(lambda _: named("of-openai")) as one, Scripted(lambda _: named("of-anthropic")) as two:
        async with Gateway(tmp_path, provider("o", one.url), anthropic("a", two.url)) as gateway:
            for path in ("/v1/files", "/v1/skills/skill_1/versions"):
                assert (await gateway.ask(path, b"", "GET")).json["id"] == "of-openai"
                assert (await gateway.ask(path, b"", "GET", **ANTHROPIC)).json["id"] == "of-anthropic"
            batches = [await gateway.ask(f"{root}/v1/messages/batches/b1/results", b"", "GET") for root in ("", "/api/anthropic")]
            assert [reply.json["id"] for reply in batches] == ["of-anthropic"] * 2
        assert [request.target for request in one.requests] == ["/v1/files", "/v1/skills/skill_1/versions"]
        assert [request.target for request in two.requests][2:] == ["/v1/messages/batches/b1/results"] * 2
        assert two.requests[0].header("anthropic-version") == "2023-06-01"


async def test_a_model_that_nobody_of_the_dialect_has(tmp_path: Path) -> None:
    async with Scripted(good) as server, Gateway(tmp_path, anthropic("a", server.url)) as gateway:
        image = await gateway.ask("/v1/images/generations", {"model": "a:m"})
        assert (image.status, image.json["error"]["param"]) == (400, "model")
        assert "a:m: it speaks anthropic, not openai-chat" in image.json["error"]["message"]
        embedding = await gateway.ask("/v1/embeddings", {"model": "a:m", "input": "x"})
        assert "a:m: it speaks anthropic, none of which has embeddings" in embedding.json["error"]["message"]
        listed = await gateway.ask("/v1/batches", b"", "GET")
        assert (listed.status, listed.json["error"]["param"]) == (400, None)
        unknown = await gateway.ask("/v1/batches", b"", "GET", x_dragoman_provider="nobody")
        assert unknown.status == 404
        assert not server.requests


async def test_without_a_model_the_order_is_that_of_priority(tmp_path: Path) -> None:
    async with Scripted(lambda _: BROKEN) as one, Scripted(lambda _: named("2")) as two, Scripted(lambda _: named("3")) as three:
        records = [anthropic("a", three.url), provider("p1", one.url), provider("p2", two.url)]
        async with Gateway(tmp_path, *records) as gateway:
            reply = await gateway.ask("/v1/moderations", {"input": "x"})
            assert (reply.status, reply.headers.get("x-dragoman-target")) == (200, "p2")
            assert one.requests[0].body == two.requests[0].body == b'{"input":"x"}'


async def test_where_a_base_has_a_place_for_the_model(tmp_path: Path) -> None:
    """Azure's deployments: models are asked under it, files beside it; the record's version beats the client's."""
    async with Scripted(lambda _: named("x")) as server:
        record = provider("azure", server.url, base_url=f"{server.url}/openai/deployments?api-version=2024-10-21")
        async with Gateway(tmp_path, {**record, "provider_type": "azure"}) as gateway:
            await gateway.ask("/v1/embeddings", {"model": "azure:my emb", "input": "x"})
            await gateway.ask("/v1/files?api-version=1&limit=2", b"", "GET")
        assert [request.target for request in server.requests] == [
            "/openai/deployments/my%20emb/embeddings?api-version=2024-10-21",
            "/openai/files?api-version=2024-10-21&limit=2",
        ]


async def test_a_path_of_a_records_own_moves_the_rest_with_it(tmp_path: Path) -> None:
    async with Scripted(lambda _: named("x")) as server:
        paths = {"openai-chat": "/proxy/v7/chat/completions"}
        async with Gateway(tmp_path, provider("p", server.url, dialects=paths)) as gateway:
            await gateway.ask("/v1/files", b"", "GET")
        assert server.requests[0].target == "/proxy/v7/files"


async def test_realtime_is_told_not_to_be_there(scene: Any) -> None:
    play = await scene(good)
    upgrade = {
        "connection": "Upgrade",
        "upgrade": "websocket",
        "sec_websocket_key": "dGhlIHNhbXBsZSBub25jZQ==",
        "sec_websocket_version": "13",
    }
    for path, method in (
        ("/v1/realtime?model=gpt-realtime", "GET"),
        ("/v1/realtime/client_secrets", "POST"),
        ("/v1/live/sessions", "POST"),
    ):
        reply = await play.gateway.ask(path, b"", method, **(upgrade if method == "GET" else {}))
        assert (reply.status, reply.json["error"]["code"]) == (501, "realtime_not_supported")
    assert play.asked == [0]


FILED: dict[str, tuple[str, str, dict[str, Any]]] = {
    "chat": ("/v1/chat/completions", "messages", {"type": "file", "file": {"file_id": "file-2"}}),
    "a file": ("/v1/responses", "input", {"type": "input_file", "file_id": "file-2"}),
    "an image": ("/v1/responses", "input", {"type": "input_image", "file_id": "file-2"}),
    "a document": ("/v1/messages", "messages", {"type": "document", "source": {"type": "file", "file_id": "file-2"}}),
    "an upload": ("/v1/messages", "messages", {"type": "container_upload", "file_id": "file-2"}),
    "a result": (
        "/v1/messages",
        "messages",
        {
            "type": "tool_result",
            "tool_use_id": "toolu_1",
            "content": [{"type": "image", "source": {"type": "file", "file_id": "file-2"}}],
        },
    ),
}


@pytest.mark.parametrize("where", FILED)
async def test_a_file_in_a_conversation_leads_to_who_keeps_it(tmp_path: Path, where: str) -> None:
    """Nobody else is asked, but for a name that says whom to ask; a file that nobody remembers is no reason."""
    door, turns, part = FILED[where]
    async with (
        Scripted(lambda _: BROKEN) as one,
        Scripted(lambda request: named("file-2") if "files" in request.target else BROKEN) as two,
    ):
        claude = door == "/v1/messages"
        make, headers = (anthropic, ANTHROPIC) if claude else (provider, {})
        spoken = {"dialects": ["anthropic"] if claude else ["openai-chat", "openai-responses"]}
        async with Gateway(tmp_path, make("p1", one.url, **spoken), make("p2", two.url, **spoken)) as gateway:
            await gateway.ask("/v1/files", b"{}", x_dragoman_provider="p2", **headers)

            async def asked(model: str, told: dict[str, Any]) -> list[str]:
                """Who was asked, in their order."""
                before = len(gateway.records)
                body = {"model": model, "max_tokens": 9, turns: [{"role": "user", "content": [told, None]}]}
                await gateway.ask(door, body, **headers)
                return [each.provider for each in (await gateway.recorded(before + 1))[before].attempts]

            unknown = json.loads(json.dumps(part).replace("file-2", "file-9"))
            assert await asked("m", {"type": "text", "text": '"file_id": "file-2"'}) == ["p1", "p2"]
            assert await asked("m", part) == ["p2"]
            assert await asked("p1:m", part) == ["p1"]
            assert await asked("claude-gw/p1:m", part) == ["p1"]
            assert await asked("m", unknown) == ["p1", "p2"]
