"""Every call ends in one record, a JSON line in the log, with what happened in it and nothing that is secret."""

from typing import Any

import pytest

from support.callers import Caller, bearer, provided, record, record_of, records_of
from support.server import Server
from support.vendors import Vendors, failing

pytestmark = pytest.mark.e2e
FIELDS = {
    *("id", "when", "key", "gateway", "route", "model_asked", "target", "attempts", "client_dialect", "provider_dialect"),
    *("usage", "cost", "price_version", "time_to_first", "duration", "finish", "losses", "status", "stream"),
}


@pytest.mark.requirement("D9", "D12")
@pytest.mark.parametrize("stream", [False, True])
def test_a_served_call(workshop: Server, vendors: Vendors, stream: bool) -> None:
    model = f"recorded-{stream}"
    records = [
        record(name, f"{vendors.url}/{name}/v1", models=[model], priority=rank) for rank, name in enumerate(("ill", "fit"), 1)
    ]
    with provided(workshop, *records), vendors.plays("ill", failing(503, "too busy")):
        reply = Caller(workshop).messages(model, top_k=3, stream=stream)
    told = record_of(workshop, reply)
    assert set(told) >= FIELDS
    assert told["when"] > 1_700_000_000
    assert (told["model_asked"], told["target"], told["status"], told["stream"]) == (model, f"fit:{model}", 200, stream)
    assert (told["client_dialect"], told["provider_dialect"], told["finish"]) == ("anthropic", "openai-chat", "stop")
    assert (told["usage"]["input"], told["usage"]["output"]) == (9, 4)
    assert 0 < told["time_to_first"] <= told["duration"]
    assert (told["key"], told["gateway"], told["route"], told["cost"], told["price_version"]) == (None,) * 5
    assert [(one["path"], one["kind"]) for one in told["losses"]] == [("/top_k", "dropped")]
    first, second = told["attempts"]
    assert (first["target"], first["status"], first["error"], first["message"]) == (f"ill:{model}", 503, "overloaded", "too busy")
    assert (second["target"], second["status"], second["error"]) == (f"fit:{model}", 200, None)


@pytest.mark.requirement("D9")
def test_a_failed_call(workshop: Server, vendors: Vendors) -> None:
    with provided(workshop, record("down", f"{vendors.url}/down/v1", models=["downed"])), vendors.plays("down", failing(500)):
        reply = Caller(workshop).chat("downed")
    told = record_of(workshop, reply)
    assert (told["status"], told["target"], told["finish"], told["usage"]) == (500, None, None, None)
    assert (told["error"], len(told["attempts"])) == ("server", 1)


@pytest.mark.requirement("D8")
def test_a_call_that_nobody_could_take(workshop: Server) -> None:
    told = record_of(workshop, Caller(workshop).chat("nobody-has-this"))
    assert (told["status"], told["model_asked"], told["attempts"]) == (503, "nobody-has-this", [])


@pytest.mark.requirement("D7")
def test_whose_key_it_was(workshop: Server, vendors: Vendors) -> None:
    key: dict[str, Any] = workshop.ask("POST", "/admin/api-keys", {"name": "recorded"}).json
    try:
        with provided(workshop, record("keyed", f"{vendors.url}/keyed/v1", models=["keyed-model"])):
            reply = Caller(workshop, bearer(key["key"])).chat("keyed-model")
    finally:
        workshop.ask("DELETE", f"/admin/api-keys/{key['id']}")
    assert record_of(workshop, reply)["key"] == str(key["id"])


@pytest.mark.requirement("D9")
def test_one_line_a_call(fresh: Server) -> None:
    before = fresh.said().count('{"event":"call"')
    ids = [Caller(fresh).chat("sandbox").headers["x-dragoman-request-id"] for _ in range(5)]
    assert [one["id"] for one in records_of(fresh, before + 5)[-5:]] == ids
