"""Dragoman's own variables: how often, how long, how much, how strictly."""

import http.client
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.callers import Caller, provided, record, soon, text_of
from support.scripted import black_hole
from support.server import PATIENCE, Server, serving
from support.vendors import TEXT, Vendors, failing

pytestmark = pytest.mark.e2e
PRIVATE = {"DRAGOMAN_ALLOW_PRIVATE": "true"}


@pytest.fixture(scope="module")
def tuned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    env = {
        **PRIVATE,
        **{"DRAGOMAN_ATTEMPTS": "2", "DRAGOMAN_RETRY_STATUSES": "418", "DRAGOMAN_RETRY_AUTH": "false"},
        **{"DRAGOMAN_MAX_BODY": "2000", "DRAGOMAN_STRICT": "true", "DRAGOMAN_SANDBOX": "true"},
    }
    with serving(tmp_path_factory.mktemp("tuned"), env=env) as server:
        yield server


@pytest.mark.requirement("D9")
@pytest.mark.parametrize(("status", "places"), [(503, "aabb"), (418, "aabb"), (401, "a"), (400, "a")])
def test_attempts_and_what_moves_on(tuned: Server, vendors: Vendors, status: int, places: str) -> None:
    """DRAGOMAN_ATTEMPTS for each target, DRAGOMAN_RETRY_STATUSES more statuses, DRAGOMAN_RETRY_AUTH=false not for 401."""
    model, mark = f"tuned-{status}", len(vendors.asked)
    records = (record(name, f"{vendors.url}/{name}/v1", models=[model], priority=n) for n, name in enumerate("ab", 1))
    with provided(tuned, *records), vendors.plays(model, failing(status)):
        assert Caller(tuned).chat(model).status >= 400
    assert "".join(one.place for one in vendors.since(mark)) == places


@pytest.mark.requirement("D13")
def test_max_body(tuned: Server) -> None:
    """413 in the words of the dialect."""
    large = [{"role": "user", "content": "x" * 2000}]
    chat = Caller(tuned).chat("sandbox", messages=large)
    assert (chat.status, "DRAGOMAN_MAX_BODY" in chat.json["error"]["message"]) == (413, True)
    assert Caller(tuned).messages("sandbox", messages=large).json["error"]["type"] == "request_too_large"
    assert Caller(tuned).chat("sandbox").status == 200


@pytest.mark.requirement("D13")
def test_a_body_that_is_too_large_is_not_waited_for(fresh: Server) -> None:
    """By default from 32 MiB on: the announced length is enough."""
    connection = http.client.HTTPConnection(fresh.base.removeprefix("http://"), timeout=PATIENCE)
    connection.putrequest("POST", "/v1/messages")
    connection.putheader("content-length", str(32 * 1024 * 1024 + 1))
    connection.endheaders()
    answer = connection.getresponse()
    assert (answer.status, b"request_too_large" in answer.read()) == (413, True)
    connection.close()


@pytest.mark.requirement("D17")
def test_sandbox_and_strict(tuned: Server, vendors: Vendors) -> None:
    """DRAGOMAN_SANDBOX keeps the sandbox beside others; DRAGOMAN_STRICT refuses what would be dropped."""
    with provided(tuned, record("real", f"{vendors.url}/real/v1", models=["real-model"])):
        assert text_of(Caller(tuned).chat("sandbox")) == "You said: Hello"
        assert text_of(Caller(tuned).messages("real-model")) == TEXT
        refused = Caller(tuned).messages("real-model", top_k=3)
        assert (refused.status, "top_k" in refused.json["error"]["message"]) == (400, True)


@pytest.mark.requirement("D13")
def test_a_providers_timeout_and_the_whole_calls(tmp_path: Path, vendors: Vendors) -> None:
    """Silence beyond the record's `timeout` moves on; DRAGOMAN_TIMEOUT_TOTAL ends the whole call."""
    env = {**PRIVATE, "DRAGOMAN_TIMEOUT_TOTAL": "1.5"}
    silent = vendors.plays("mute", lambda _: [60.0])
    with serving(tmp_path, env=env) as server, silent:
        slow = record("slow", f"{vendors.url}/slow/v1", models=["mute"], timeout=0.2, priority=1)
        with provided(server, slow, record("never", f"{vendors.url}/never/v1", models=["mute"], timeout=300, priority=2)):
            mark = len(vendors.asked)
            ended = Caller(server).chat("mute")
    assert ended.status in (408, 500, 502, 503, 504)
    assert "too long" in ended.json["error"]["message"]
    assert [one.place for one in vendors.since(mark)] == ["slow", "never"]


@pytest.mark.requirement("D13")
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a port that swallows packets is made so on Linux only")
def test_connecting_has_its_own_time(tmp_path: Path, vendors: Vendors) -> None:
    with serving(tmp_path, env={**PRIVATE, "DRAGOMAN_TIMEOUT_CONNECT": "0.3"}) as server, black_hole("127.0.0.1") as port:
        hole = record("hole", f"http://127.0.0.1:{port}/v1", models=["holed"], priority=1)
        with provided(server, hole, record("good", f"{vendors.url}/good/v1", models=["holed"], priority=2)):
            reply = Caller(server).chat("holed")
    assert text_of(reply) == TEXT
    assert reply.headers["x-dragoman-target"] == "good:holed"


@pytest.mark.requirement("S0-52", "D16")
def test_private_addresses_need_the_operators_word(tmp_path: Path, vendors: Vendors) -> None:
    """On this machine a provider is refused, but for kinds that people run themselves and under DRAGOMAN_ALLOW_PRIVATE."""
    with serving(tmp_path) as server:
        own = record("Own", f"{vendors.url}/own/v1", models=["own-model"])
        mark = len(vendors.asked)
        with provided(server, own):
            refused = Caller(server).chat("own-model")
            assert refused.status == 502
            assert "DRAGOMAN_ALLOW_PRIVATE" in refused.json["error"]["message"]
            assert vendors.since(mark) == []
        with provided(server, {**own, "name": "Local", "provider_type": "ollama"}):
            assert text_of(Caller(server).chat("own-model")) == TEXT


@pytest.mark.requirement("S1-28")
@pytest.mark.parametrize("level", ["critical", "debug"])
def test_log_level(tmp_path: Path, level: str) -> None:
    """A warning of the start is told at `debug`, and not at `critical`."""
    with serving(tmp_path, env={"LOG_LEVEL": level, "PROVIDERS_PRIORITY": "nobody"}) as server:
        soon(lambda: server.ask("GET", "/health").status, lambda status: status == 200)
        assert ("nobody" in server.said()) == (level == "debug")
