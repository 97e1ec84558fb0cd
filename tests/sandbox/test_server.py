"""The server: HTTP/1.1 as such, and what it remembers of its callers."""

import asyncio

import pytest

from dragoman.sandbox import Sandbox
from dragoman.wire import json
from support.sandbox import CHAT, HELLO, MESSAGES, Raw, ask, generation, request, say, text_of


async def test_a_connection_serves_one_request_after_another(sandbox: Sandbox) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", sandbox.port)
    for model in ("one", "two"):
        writer.write(generation(CHAT, model))
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        assert json.decode(await reader.readexactly(length))["model"] == model
    assert len(sandbox.connections) == 1
    writer.close()


async def test_pipelined_requests_are_answered_in_order(sandbox: Sandbox) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", sandbox.port)
    writer.write(generation(CHAT, "sandbox-late-20ms", stream=True) + generation(CHAT, "two", stream=True))
    first, second = await reader.readuntil(b"\r\n0\r\n\r\n"), await reader.readuntil(b"\r\n0\r\n\r\n")
    assert b'"model":"sandbox-late-20ms"' in first
    assert b'"model":"two"' in second
    writer.close()


async def test_a_request_may_come_byte_by_byte_and_in_chunks(sandbox: Sandbox) -> None:
    whole = generation(CHAT, "any")
    head, _, body = whole.partition(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n") if not line.startswith(b"content-length")]
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(body[at : at + 9]), body[at : at + 9]) for at in range(0, len(body), 9))
    for sent in (whole, b"\r\n".join((*lines, b"transfer-encoding: chunked", b"", b"")) + chunks + b"0\r\n\r\n"):
        reader, writer = await asyncio.open_connection("127.0.0.1", sandbox.port)
        for at in range(len(sent)):
            writer.write(sent[at : at + 1])
            await asyncio.sleep(0)
        assert (await reader.readline()) == b"HTTP/1.1 200 OK\r\n"
        writer.close()
    assert sandbox.seen[0].body == sandbox.seen[1].body == body


async def test_connection_close_and_http_1_0_are_respected(sandbox: Sandbox) -> None:
    for sent in (
        request("GET", "/v1/models", headers={"connection": "close"}),
        request("GET", "/v1/models").replace(b"HTTP/1.1", b"HTTP/1.0"),
        generation(CHAT, "any", stream=True).replace(b"HTTP/1.1", b"HTTP/1.0"),
    ):
        reader, writer = await asyncio.open_connection("127.0.0.1", sandbox.port)
        writer.write(sent)
        got = await reader.read()
        assert b"connection: close\r\n" in got
        assert (b"chunked" not in got) or b"HTTP/1.1 200" not in got
        writer.close()


async def test_head_has_no_body(sandbox: Sandbox) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", sandbox.port)
    writer.write(request("HEAD", "/v1/models") + request("GET", "/v1/models/m"))
    assert b"content-length: " in await reader.readuntil(b"\r\n\r\n")
    assert (await reader.readline()).startswith(b"HTTP/1.1 200")
    writer.close()


async def test_an_announced_body_is_asked_for(sandbox: Sandbox) -> None:
    head, _, body = generation(CHAT, "any").partition(b"\r\n\r\n")
    reader, writer = await asyncio.open_connection("127.0.0.1", sandbox.port)
    writer.write(head + b"\r\nexpect: 100-continue\r\n\r\n")
    assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
    writer.write(body)
    assert await reader.readline() == b"HTTP/1.1 200 OK\r\n"
    writer.close()


@pytest.mark.parametrize("sent", [b"nonsense\r\n\r\n", b"GET / HTTP/1.1\r\nx: " + b"y" * 100_000])
async def test_what_is_no_request_is_refused(sandbox: Sandbox, sent: bytes) -> None:
    raw = await ask(sandbox, sent)
    assert raw.status in (400, 431)


@pytest.mark.parametrize("path", [CHAT, MESSAGES])
@pytest.mark.parametrize("declared", [True, False])
async def test_a_body_that_is_too_large_is_refused_while_it_comes(path: str, declared: bool) -> None:
    sandbox = Sandbox(max_body=1000)
    await sandbox.start()
    size = b"content-length: 2000" if declared else b"transfer-encoding: chunked"
    body = b"x" * 1500 if declared else b"%x\r\n%b\r\n" % (1500, b"x" * 1500)
    raw = await ask(sandbox, b"POST %b HTTP/1.1\r\nhost: x\r\n%b\r\n\r\n" % (path.encode(), size) + body)
    assert raw.status == 413
    assert ("request_too_large" in str(raw.json)) == (path == MESSAGES)
    await sandbox.stop()


async def test_seen_holds_what_was_received(sandbox: Sandbox) -> None:
    body = json.encode({"model": "any", "messages": HELLO})
    sent = request("POST", f"{CHAT}?beta=true&x=1", body, {"Authorization": "Bearer k", "X-Twice": "2"})
    await ask(sandbox, sent)
    seen = await sandbox.arrived()
    assert (seen.method, seen.path, seen.query, seen.status) == ("POST", CHAT, "beta=true&x=1", 200)
    assert (seen.header("authorization"), seen.header("x-twice"), seen.header("none")) == ("Bearer k", "2", None)
    assert (seen.body, seen.json["messages"]) == (body, HELLO)
    await seen.ended.wait()
    assert (seen.finished, seen.gone) == (True, None)


@pytest.mark.parametrize(
    "model", ["sandbox-hang", "sandbox-hang-start", "sandbox-hang-mid", "sandbox-late-9s", "sandbox-slow-900ms"]
)
@pytest.mark.parametrize("stream", [True, False])
async def test_a_caller_that_goes_away_is_noticed(sandbox: Sandbox, model: str, stream: bool) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", sandbox.port)
    writer.write(generation(CHAT, model, stream=stream))
    seen = await sandbox.arrived()
    assert not seen.ended.is_set()
    writer.close()
    await seen.ended.wait()
    assert not seen.finished
    assert seen.gone is not None
    assert not sandbox.connections


async def test_a_scenario_that_breaks_the_connection_is_not_the_callers_fault(sandbox: Sandbox) -> None:
    for model in ("sandbox-cut", "sandbox-reset"):
        await say(sandbox, CHAT, model, stream=True)
        await sandbox.seen[-1].ended.wait()
        assert sandbox.seen[-1].gone is None


async def test_a_slow_reader_is_waited_for(sandbox: Sandbox) -> None:
    long = "word " * 200_000
    body = json.encode({"model": "any", "messages": [{"role": "user", "content": long}], "stream": True})
    reader, writer = await asyncio.open_connection("127.0.0.1", sandbox.port, limit=1024)
    writer.write(request("POST", CHAT, body))
    seen = await sandbox.arrived()
    assert (await reader.readline()) == b"HTTP/1.1 200 OK\r\n"
    assert not seen.finished
    writer.close()
    await seen.ended.wait()
    assert not seen.finished


async def test_ids_are_never_the_same_twice(sandbox: Sandbox) -> None:
    answers: list[Raw] = [await say(sandbox, path) for path in (CHAT, CHAT, MESSAGES, MESSAGES)]
    assert len({raw.json["id"] for raw in answers}) == 4
    assert len({text_of(CHAT, raw.json) for raw in answers[:2]}) == 1


async def test_the_front_page_lists_the_scenarios(sandbox: Sandbox) -> None:
    raw = await ask(sandbox, request("GET", "/"))
    assert raw.status == 200
    assert b"sandbox-parallel-tools" in raw.body


async def test_stopping_closes_the_port_and_every_connection(sandbox: Sandbox) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", sandbox.port)
    writer.write(generation(CHAT, "sandbox-hang"))
    await sandbox.arrived()
    port = sandbox.port
    await sandbox.stop()
    assert await reader.read() == b""
    with pytest.raises(OSError):  # noqa: PT011
        await asyncio.open_connection("127.0.0.1", port)
    writer.close()


async def test_serving_forever_ends_when_it_is_cancelled() -> None:
    sandbox = Sandbox()
    task = asyncio.create_task(sandbox.serve_forever())
    while not sandbox.port:
        await asyncio.sleep(0)
    assert (await say(sandbox, CHAT)).status == 200
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert sandbox.port == 0


async def test_connections_break_alike_under_uvloop() -> None:
    uvloop = pytest.importorskip("uvloop", exc_type=ImportError)

    async def endings() -> list[str]:
        sandbox = Sandbox()
        await sandbox.start()
        found = [
            (await say(sandbox, CHAT, f"sandbox-{name}", stream=True)).ending for name in ("cut", "reset", "reset-mid", "1-byte")
        ]
        await sandbox.stop()
        return found

    assert await asyncio.to_thread(uvloop.run, endings()) == ["cut", "reset", "reset", "complete"]
