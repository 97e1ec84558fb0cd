"""Who is asked, who is asked next, and what the client is told when nobody can: tiers, priorities, cooldowns, the sandbox."""

import http.client
import json
import threading
from typing import Any

import pytest

from support.callers import CHAT, HELLO, MESSAGES, Caller, provided, record, record_of, soon, streamed_text, text_of
from support.scripted import CLOSE, HANG, RESET, Received, Script, answer, event_stream
from support.server import PATIENCE, Server
from support.vendors import TEXT, Part, Vendors, failing

pytestmark = pytest.mark.e2e
CHUNK = (
    b'{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":%b,"finish_reason":%b}]}'
)
HALF = CHUNK % (b'{"role":"assistant","content":"Half"}', b"null")
MID_ERROR = b'{"error":{"message":"broke in the middle","type":"server_error"}}'


def ranked(vendors: Vendors, model: str, *names: str, **more: Any) -> list[dict[str, Any]]:
    """Providers with this model, the first of them first. Given out of order: the priority decides."""
    found = [
        record(name, f"{vendors.url}/{name}/v1", models=[model], priority=rank, **more) for rank, name in enumerate(names, 1)
    ]
    return found[::-1]


def places(vendors: Vendors, mark: int) -> list[str]:
    return [asked.place for asked in vendors.since(mark)]


@pytest.mark.requirement("S0-3", "S0-56", "S0-60", "S0-61", "S0-62", "S0-63", "D9")
def test_priorities_are_tried_in_ascending_order(workshop: Server, vendors: Vendors) -> None:
    model, mark = "ranked", len(vendors.asked)
    with provided(workshop, *ranked(vendors, model, "first", "second", "third", "fourth")):
        assert text_of(Caller(workshop).chat(model)) == TEXT
        assert places(vendors, mark) == ["first"]
        mark = len(vendors.asked)
        with vendors.plays("first", failing(500)), vendors.plays("second", failing(500)):
            reply = Caller(workshop).chat(model)
        assert text_of(reply) == TEXT
        assert places(vendors, mark) == ["first", "second", "third"]
        assert reply.headers["x-dragoman-target"] == f"third:{model}"
        assert reply.headers["x-dragoman-attempts"] == "3"


@pytest.mark.requirement("S0-64")
def test_only_active_ones_are_considered(workshop: Server, vendors: Vendors) -> None:
    mark = len(vendors.asked)
    first, second = ranked(vendors, "active-only", "off", "on")[::-1]
    with provided(workshop, {**first, "is_active": False}, second):
        assert text_of(Caller(workshop).chat("active-only")) == TEXT
    assert places(vendors, mark) == ["on"]


@pytest.mark.requirement("S0-65", "D9")
@pytest.mark.parametrize(
    ("first", "second", "status", "kind"),
    [
        (500, 503, 503, "overloaded_error"),
        (429, 500, 429, "rate_limit_error"),
        (503, 429, 429, "rate_limit_error"),
        (401, 403, 502, "api_error"),
        (404, 500, 500, "api_error"),
    ],
)
def test_when_all_fail_the_most_useful_error_is_told(
    workshop: Server, vendors: Vendors, first: int, second: int, status: int, kind: str
) -> None:
    """Rate limit before overload before server; a refusal of our own credentials is not the client's fault."""
    model, mark = f"all-fail-{first}-{second}", len(vendors.asked)
    plays = vendors.plays("bad", failing(first)), vendors.plays("worse", failing(second))
    with provided(workshop, *ranked(vendors, model, "bad", "worse")), plays[0], plays[1]:
        reply = Caller(workshop).messages(model)
    assert places(vendors, mark) == ["bad", "worse"]
    assert reply.status in (status, 529 if status == 503 else status)
    assert (reply.json["type"], reply.json["error"]["type"]) == ("error", kind)


@pytest.mark.requirement("S0-65")
def test_the_last_error_is_told_in_its_own_words(workshop: Server, vendors: Vendors) -> None:
    plays = vendors.plays("bad", failing(500, "the first broke")), vendors.plays("worse", failing(500, "the last broke"))
    with provided(workshop, *ranked(vendors, "last-words", "bad", "worse")), plays[0], plays[1]:
        reply = Caller(workshop).chat("last-words")
    assert (reply.status, reply.json["error"]["message"]) == (500, "the last broke")


@pytest.mark.requirement("S0-3", "D9")
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    "fault",
    [
        lambda _: [RESET],
        lambda _: [CLOSE],
        lambda _: [b"no HTTP at all\r\n\r\n", CLOSE],
        lambda _: [answer(200, b"<html>busy</html>", type_="text/html")],
        lambda _: event_stream(MID_ERROR),
        lambda _: [answer(302, b"", [("Location", "http://127.0.0.1:1/")])],
        *(failing(status) for status in (408, 409, 424, 425, 429, 498, 500, 502, 529, 402)),
    ],
    ids=lambda fault: None,
)
def test_a_fault_before_the_first_content_is_unseen(workshop: Server, vendors: Vendors, fault: Part, stream: bool) -> None:
    model = f"unseen-{len(vendors.asked)}"
    with provided(workshop, *ranked(vendors, model, "faulty", "sound")), vendors.plays("faulty", fault):
        reply = Caller(workshop).chat(model, stream=stream)
    assert (streamed_text(reply) if stream else text_of(reply)) == TEXT
    assert b"error" not in reply.body


@pytest.mark.requirement("D9")
@pytest.mark.parametrize("path", [CHAT, MESSAGES])
def test_after_the_first_content_nobody_is_switched(workshop: Server, vendors: Vendors, path: str) -> None:
    """The stream ends with the dialect's own error event."""
    mark, model, seen = len(vendors.asked), f"halved{path}", threading.Event()

    def half(_: Received) -> Script:
        first, *rest = event_stream(HALF, MID_ERROR)
        yield from (first, rest[0])
        while not seen.is_set():
            yield 0.01
        yield from rest[1:]

    with provided(workshop, *ranked(vendors, model, "half", "other")), vendors.plays("half", half):
        connection = asking(workshop, path, {"model": model, "max_tokens": 9, "messages": HELLO, "stream": True})
        answer = connection.getresponse()
        body = b""
        while b"Half" not in body:
            body += answer.read1()
        seen.set()
        body += answer.read()
        connection.close()
    assert places(vendors, mark) == ["half"]
    last = [line for line in body.decode().splitlines() if line.startswith("data: {")][-1]
    assert "broke in the middle" in last
    assert '"error"' in last
    assert (b"event: error" in body) == (path == MESSAGES)
    assert b'finish_reason":"stop' not in body
    assert b"message_stop" not in body


def asking(server: Server, path: str, body: dict[str, Any]) -> http.client.HTTPConnection:
    """A request that was sent, its answer not read."""
    connection = http.client.HTTPConnection(server.base.removeprefix("http://"), timeout=PATIENCE)
    connection.request("POST", path, json.dumps(body), {"content-type": "application/json"})
    return connection


@pytest.mark.requirement("D9")
def test_a_failed_provider_cools_down_and_serves_again_when_needed(workshop: Server, vendors: Vendors) -> None:
    with provided(workshop, *ranked(vendors, "cooling", "ill", "well")):
        with vendors.plays("ill", failing(503, retry_after="50")):
            assert Caller(workshop).chat("cooling").status == 200
        mark = len(vendors.asked)
        assert Caller(workshop).chat("cooling").status == 200
        assert places(vendors, mark) == ["well"]
        with vendors.plays("well", failing(503)):
            assert text_of(Caller(workshop).chat("cooling")) == TEXT
        assert places(vendors, mark) == ["well", "well", "ill"]


@pytest.mark.requirement("D9")
@pytest.mark.parametrize(("told", "passed"), [("0.4", "1"), ("30", "30"), ("3600", "60"), (None, None)])
def test_retry_after_is_a_small_whole_number(workshop: Server, vendors: Vendors, told: str | None, passed: str | None) -> None:
    name = f"limited-{told}"
    headers = {} if told is None else {"retry_after": told}
    with (
        provided(workshop, record(name, f"{vendors.url}/{name}/v1", models=[name])),
        vendors.plays(name, failing(429, **headers)),
    ):
        reply = Caller(workshop).messages(name)
    assert reply.status == 429
    assert passed is None or reply.headers["retry-after"] == passed
    assert reply.headers.get("x-should-retry") != "false"


@pytest.mark.requirement("D9")
@pytest.mark.parametrize("status", [401, 402, 403])
def test_trouble_over_our_account_is_a_502_that_no_wait_can_help(workshop: Server, vendors: Vendors, status: int) -> None:
    name = f"account-{status}"
    part = failing(status, f"bad key sk-of-{name}-0123456789")
    with provided(workshop, record(name, f"{vendors.url}/{name}/v1", models=[name])), vendors.plays(name, part):
        for reply in (Caller(workshop).chat(name), Caller(workshop).messages(name)):
            assert (reply.status, reply.headers["x-should-retry"]) == (502, "false")
            assert b"sk-of" not in reply.body


# tiers


@pytest.mark.requirement("S0-6", "S0-39", "S0-40", "S0-41", "S0-69", "S0-70", "S0-71", "S0-72")
@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("claude-3-haiku-20240307", "small"),
        ("claude-3-5-haiku-latest", "small"),
        ("claude-3-5-sonnet-20241022", "medium"),
        ("claude-sonnet-4-5-20250929", "medium"),
        ("claude-3-opus-20240229", "big"),
        ("claude-opus-4-1", "big"),
        ("claude-fable-5", "big"),
        ("claude-mythos-5", "big"),
    ],
)
@pytest.mark.parametrize("path", ["/v1/messages", "/api/anthropic/v1/messages"])
def test_claude_names_are_mapped_to_tiers(workshop: Server, vendors: Vendors, name: str, model: str, path: str) -> None:
    with provided(workshop, tiered(vendors, "tiered", 1)):
        reply = Caller(workshop).messages(name, path=path)
        assert text_of(reply) == TEXT
        assert vendors.last.body["model"] == f"tiered-{model}"
        assert record_of(workshop, reply)["rule"] == "tier"


@pytest.mark.requirement("S0-6", "S0-62", "D8")
def test_a_tier_is_followed_by_the_tiers_of_the_others(workshop: Server, vendors: Vendors) -> None:
    """Those without tiers have no part in it."""
    mark = len(vendors.asked)
    bare = record("bare", f"{vendors.url}/bare/v1", models=[], big_model="", medium_model="", small_model="", priority=1)
    with (
        provided(workshop, bare, tiered(vendors, "later", 3), tiered(vendors, "sooner", 2)),
        vendors.plays("sooner", failing(500)),
    ):
        assert text_of(Caller(workshop).messages("claude-opus-4-1")) == TEXT
    assert [(one.place, one.body["model"]) for one in vendors.since(mark)] == [("sooner", "sooner-big"), ("later", "later-big")]


@pytest.mark.requirement("S0-40", "S1-52", "D8")
def test_without_a_model_the_medium_ones_answer_by_priority(workshop: Server, vendors: Vendors) -> None:
    mark = len(vendors.asked)
    with provided(workshop, tiered(vendors, "last", 2), tiered(vendors, "prime", 1)), vendors.plays("prime", failing(500)):
        assert text_of(Caller(workshop).chat(None)) == TEXT
    assert [one.body["model"] for one in vendors.since(mark)] == ["prime-medium", "last-medium"]


def tiered(vendors: Vendors, name: str, priority: int) -> dict[str, Any]:
    tiers = {f"{tier}_model": f"{name}-{tier}" for tier in ("big", "medium", "small")}
    return record(name, f"{vendors.url}/{name}/v1", priority=priority, **tiers)


# resolution


@pytest.mark.requirement("D8")
@pytest.mark.parametrize(
    ("model", "target", "rule"),
    [
        ("Local One:x", "local-one:x", "provider:model"),
        ("local-one:a/b:free", "local-one:a/b:free", "provider:model"),
        ("ollama:x", "local-one:x", "provider:model"),
        ("team/exact", "local-two:team/exact", "model"),
        ("local-two/any", "local-two:any", "provider/model"),
        ("gpt-4o", "open:gpt-4o", "family"),
        ("claude-x:y", "local-two:claude-x:y", "model"),
    ],
)
def test_names_are_resolved_in_the_documented_order(
    workshop: Server, vendors: Vendors, model: str, target: str, rule: str
) -> None:
    records = (
        record("Local One", f"{vendors.url}/one/v1", "ollama", models=["m"]),
        record("Local Two", f"{vendors.url}/two/v1", models=["m", "team/exact", "claude-x:y"]),
        record("Open", f"{vendors.url}/open/v1", "openai", models=["m"]),
    )
    with provided(workshop, *records):
        reply = Caller(workshop).chat(model)
        assert (reply.status, reply.headers["x-dragoman-target"]) == (200, target)
        assert record_of(workshop, reply)["rule"] == rule


@pytest.mark.requirement("D8")
def test_a_name_nobody_knows_goes_to_the_only_provider_else_404(workshop: Server, vendors: Vendors) -> None:
    one, two = (record(name, f"{vendors.url}/{name}/v1", models=["m"]) for name in ("only", "another"))
    with provided(workshop, one):
        assert text_of(Caller(workshop).chat("never-heard-of")) == TEXT
        assert vendors.last.body["model"] == "never-heard-of"
    with provided(workshop, one, two):
        chat, messages = Caller(workshop).chat("never-heard-of"), Caller(workshop).messages("never-heard-of")
    assert (chat.status, chat.json["error"]["code"]) == (404, "model_not_found")
    assert (messages.status, messages.json["error"]["type"]) == (404, "not_found_error")


@pytest.mark.requirement("D8")
def test_a_provider_may_be_named_in_place_of_a_model(workshop: Server, vendors: Vendors) -> None:
    with provided(workshop, tiered(vendors, "wished", 9), tiered(vendors, "unwished", 1)):
        reply = Caller(workshop).chat(headers={"x-dragoman-provider": "wished"})
    assert reply.headers["x-dragoman-target"] == "wished:wished-medium"


@pytest.mark.requirement("D17")
def test_the_sandbox_serves_while_there_is_nothing_else(fresh: Server, workshop: Server, vendors: Vendors) -> None:
    """Any name, in both dialects; never again after a provider was configured, and never beside one."""
    for model in ("any-name", "claude-opus-4-1", "gpt-4o", None):
        assert text_of(Caller(fresh).chat(model)) == "You said: Hello"
        assert text_of(Caller(fresh).messages(model)) == "You said: Hello"
    assert Caller(fresh).chat("sandbox-429").status == 429
    with provided(workshop, record("passing", f"{vendors.url}/passing/v1", models=["m"])):
        assert text_of(Caller(workshop).chat("m")) == TEXT
    for reply in (Caller(workshop).chat("any-name"), Caller(workshop).messages("any-name"), Caller(workshop).chat()):
        assert reply.status == 503
        assert "no provider configured" in reply.json["error"]["message"]


@pytest.mark.requirement("D12")
def test_the_model_of_an_answer_is_the_providers_real_one(workshop: Server, vendors: Vendors) -> None:
    with provided(workshop, tiered(vendors, "real", 1)):
        for reply in (Caller(workshop).chat("claude-opus-4-1"), Caller(workshop).messages("claude-opus-4-1")):
            assert reply.json["model"] == "real-big"
            assert reply.headers["x-dragoman-target"] == "real:real-big"


@pytest.mark.requirement("D13", "S0-3")
def test_a_client_that_goes_away_takes_its_call_with_it(workshop: Server, vendors: Vendors) -> None:
    """The provider's connection is closed; nobody else is asked."""
    reached = threading.Event()

    def waits(_: Received) -> Script:
        reached.set()
        yield HANG

    with provided(workshop, *ranked(vendors, "left-alone", "waiting", "spare")), vendors.plays("waiting", waits):
        mark = len(vendors.asked)
        connection = asking(workshop, MESSAGES, {"model": "left-alone", "max_tokens": 9, "messages": HELLO})
        assert reached.wait(PATIENCE)
        provider = vendors.since(mark)[0].request.connection
        connection.close()
        assert soon(lambda: provider.ended, lambda ended: ended is not None) in ("fin", "rst")
        assert places(vendors, mark) == ["waiting"]
