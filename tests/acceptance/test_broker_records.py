"""PortBroker's administration: providers made, listed, changed and taken away over HTTP, field by field."""

from typing import Any

import pytest

from support.callers import Caller, provided, record, text_of
from support.server import Server
from support.vendors import TEXT, Vendors, failing

pytestmark = pytest.mark.e2e
DOCUMENTED = {
    "name": "My Provider",
    "provider_type": "openai",
    "base_url": "https://api.example.com/v1",
    "api_key": "your-api-key",
    "big_model": "gpt-4",
    "medium_model": "gpt-3.5-turbo",
    "small_model": "gpt-3.5-turbo",
    "is_active": True,
    "priority": 10,
}
"""The body of the documentation's curl line."""


@pytest.mark.requirement("S0-5", "S0-24", "S0-25", "S0-26", "S0-27", "S0-66", "S0-67", "S0-68", "D15")
@pytest.mark.requirement("S0-35", "S0-36", "S0-37", "S0-38", "S0-39", "S0-40", "S0-41", "S0-42", "S0-43", "S0-45")
def test_the_documented_calls(workshop: Server) -> None:
    made = workshop.ask("POST", "/admin/providers", DOCUMENTED)
    assert made.status == 201
    record = made.json
    assert {name: record[name] for name in DOCUMENTED} == {**DOCUMENTED, "api_key": "...-key"}
    assert record["timeout"] == 300
    assert {"id", "slug", "dialects", "source", "created_at", "updated_at"} <= set(record)
    assert (record["slug"], record["source"]) == ("my-provider", "database")
    assert workshop.ask("GET", "/admin/providers").json == [record]
    path = f"/admin/providers/{record['id']}"
    changed = workshop.ask("PUT", path, {"is_active": False})
    assert changed.status == 200
    assert changed.json == {**record, "is_active": False, "updated_at": changed.json["updated_at"]}
    gone = workshop.ask("DELETE", path)
    assert (gone.status, gone.body) == (204, b"")
    assert workshop.ask("GET", "/admin/providers").json == []
    assert workshop.ask("DELETE", path).status == 404


@pytest.mark.requirement("S0-35", "S0-37", "S0-38", "D15")
@pytest.mark.parametrize("field", ["name", "base_url", "api_key"])
def test_what_is_required_is_named(workshop: Server, field: str) -> None:
    refused = workshop.ask("POST", "/admin/providers", {name: value for name, value in DOCUMENTED.items() if name != field})
    assert refused.status == 422
    assert field in refused.body.decode()


@pytest.mark.requirement("S0-35", "S0-37", "S0-43", "S0-44", "S0-45", "D15")
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("colour", "red"),
        ("priority", "first"),
        ("timeout", 0),
        ("base_url", "ftp://api.example.com"),
        ("base_url", "https://user:password@api.example.com"),
        ("headers", {"Transfer-Encoding": "chunked"}),
        ("headers", {"Content-Length": "1"}),
        ("headers", {"Host": "evil.example"}),
        ("headers", {"Connection": "close"}),
        ("headers", {"X-Split": "a\r\nb: c"}),
        ("dialects", ["Not A Dialect"]),
    ],
)
def test_what_cannot_be_is_refused_by_name(workshop: Server, field: str, value: Any) -> None:
    """Unknown fields, impossible values, and headers that belong to the connection."""
    refused = workshop.ask("POST", "/admin/providers", {**DOCUMENTED, field: value})
    assert refused.status == 422
    assert field in refused.body.decode()
    assert workshop.ask("GET", "/admin/providers").json == []


@pytest.mark.requirement("S0-38", "D15")
def test_a_masked_key_sent_back_keeps_the_stored_one(workshop: Server, vendors: Vendors) -> None:
    """A whole record may be sent back as it was read."""
    with provided(workshop, record("Masked", f"{vendors.url}/masked/v1", models=["m"])) as (shown,):
        path = f"/admin/providers/{shown['id']}"
        again = workshop.ask("PUT", path, shown)
        assert (again.status, again.json["api_key"]) == (200, "...6789")
        assert text_of(Caller(workshop).chat("masked:m")) == TEXT
        assert vendors.last.header("authorization") == "Bearer sk-of-Masked-0123456789"
        assert workshop.ask("PATCH", path, {"api_key": "sk-another-key-1"}).json["api_key"] == "...ey-1"
        Caller(workshop).chat("masked:m")
        assert vendors.last.header("authorization") == "Bearer sk-another-key-1"


@pytest.mark.requirement("S0-26", "S0-35", "S0-44", "S0-45", "D15")
def test_every_field_can_be_changed_alone(workshop: Server, vendors: Vendors) -> None:
    changes: dict[str, Any] = {
        "name": "Other Name",
        "provider_type": "groq",
        "base_url": f"{vendors.url}/other/v1",
        "big_model": "b",
        "medium_model": "m",
        "small_model": "s",
        "models": ["x", "y"],
        "priority": 77,
        "headers": {"X-One": "1"},
        "timeout": 12.5,
        "dialects": ["anthropic", "openai-responses"],
        "is_active": False,
    }
    with provided(workshop, record("Changing", f"{vendors.url}/changing/v1")) as (made,):
        shown = made
        for field, value in changes.items():
            changed = workshop.ask("PUT", f"/admin/providers/{shown['id']}", {field: value})
            assert (changed.status, changed.json[field]) == (200, value)
            own = {"slug"} if field == "name" else set()
            moved = {name for name in shown if shown[name] != changed.json[name]} - {"updated_at", field, *own}
            assert moved == set(), field
            shown = changed.json


@pytest.mark.requirement("S0-42", "S0-64", "S0-68")
def test_an_inactive_provider_is_not_asked_at_once(workshop: Server, vendors: Vendors) -> None:
    with provided(workshop, record("Switch", f"{vendors.url}/switch/v1", models=["switched"])) as (shown,):
        assert Caller(workshop).chat("switched").status == 200
        workshop.ask("PUT", f"/admin/providers/{shown['id']}", {"is_active": False})
        mark = len(vendors.asked)
        for name in ("switched", "switch:switched"):
            assert Caller(workshop).chat(name).status in (404, 503)
        assert vendors.since(mark) == []
        workshop.ask("PUT", f"/admin/providers/{shown['id']}", {"is_active": True})
        assert Caller(workshop).chat("switched").status == 200


@pytest.mark.requirement("S0-44", "S0-58", "D14")
def test_headers_are_sent_and_a_credential_among_them_is_masked(workshop: Server, vendors: Vendors) -> None:
    headers = {"X-Team": "red", "X-Auth-Token": "token-CANARY-0123456789"}
    with provided(workshop, record("Headed", f"{vendors.url}/headed/v1", models=["m"], headers=headers)) as (shown,):
        assert shown["headers"] == {"X-Team": "red", "X-Auth-Token": "...6789"}
        Caller(workshop).chat("headed:m")
        assert (vendors.last.header("x-team"), vendors.last.header("x-auth-token")) == ("red", "token-CANARY-0123456789")


@pytest.mark.requirement("S0-45", "D13")
def test_the_timeout_is_the_silence_that_is_borne(workshop: Server, vendors: Vendors) -> None:
    own = record("Hasty", f"{vendors.url}/hasty/v1", models=["m"], timeout=0.2)
    with provided(workshop, own), vendors.plays("hasty", lambda _: [60.0]):
        reply = Caller(workshop).chat("hasty:m")
    assert reply.status in (408, 500, 502, 503, 504)
    assert reply.headers["x-dragoman-attempts"] == "1"


@pytest.mark.requirement("S0-59")
@pytest.mark.parametrize(("status", "said"), [(200, "online"), (401, "offline")])
def test_connectivity_is_verified(workshop: Server, vendors: Vendors, status: int, said: str) -> None:
    with provided(workshop, record("Probed", f"{vendors.url}/probed/v1", small_model="s")) as (shown,):
        path = f"/admin/providers/{shown['id']}/test"
        if status == 200:
            told = workshop.ask("POST", path).json
            assert told["latency_ms"] > 0
        else:
            with vendors.plays("probed", failing(status, "wrong key sk-of-Probed-0123456789")):
                told = workshop.ask("POST", path).json
        assert (told["status"], told["status_code"]) == (said, status)
        assert "sk-of-Probed" not in str(told)


@pytest.mark.requirement("S0-36")
def test_the_type_is_found_where_it_is_not_told(workshop: Server, vendors: Vendors) -> None:
    """By the name, or the address; an unknown one is taken for OpenAI-compatible."""
    untold = {"base_url": f"{vendors.url}/untold/v1", "api_key": "k", "models": ["m"]}
    with provided(workshop, {**untold, "name": "My Groq"}, {**untold, "name": "Somebody"}) as (first, second):
        assert (first["provider_type"], second["provider_type"]) == ("groq", "custom")
        assert text_of(Caller(workshop).chat("somebody:m")) == TEXT


@pytest.mark.requirement("S0-35", "D15")
def test_two_providers_cannot_have_one_name(workshop: Server) -> None:
    with provided(workshop, DOCUMENTED):
        refused = workshop.ask("POST", "/admin/providers", {**DOCUMENTED, "name": "my provider"})
        assert refused.status == 409


@pytest.mark.requirement("D15", "D8")
def test_dialects_that_are_not_built_are_kept_and_passed_over(workshop: Server, vendors: Vendors) -> None:
    later = record("Later", f"{vendors.url}/later/v1", models=["m"], dialects=["watsonx", "converse"], priority=1)
    both = record("Both", f"{vendors.url}/both/v1", models=["m"], dialects={"watsonx": "", "openai-chat": "/both/x/chat"})
    with provided(workshop, later, both) as (first, second):
        assert first["dialects"] == ["watsonx", "converse"]
        assert second["dialects"] == {"watsonx": "", "openai-chat": "/both/x/chat"}
        with vendors.plays("both", failing(503)):
            Caller(workshop).chat("m")
        assert vendors.last.path == "/both/x/chat"
        refused = Caller(workshop).chat("later:m")
        assert refused.status in (400, 404, 503)
        assert "watsonx" in refused.json["error"]["message"]


@pytest.mark.requirement("D9", "D8")
def test_a_refused_credential_marks_the_provider(workshop: Server, vendors: Vendors) -> None:
    """Calls go on with the next one, and `explain` says whose record is wrong."""
    records = [
        record(name, f"{vendors.url}/{name}/v1", models=["marked"], priority=n) for n, name in enumerate(("bad", "fine"), 1)
    ]
    with provided(workshop, *records), vendors.plays("bad", failing(401)):
        assert Caller(workshop).chat("marked").headers["x-dragoman-target"] == "fine:marked"
        told = workshop.ask("GET", "/admin/explain?model=marked").json
    assert [one["target"] for one in told["plan"]] == ["fine:marked", "bad:marked"]
    (note,) = told["notes"]
    assert note["target"] == "bad:marked"
    assert "credential" in note["note"] or "misconfigured" in note["note"]


@pytest.mark.requirement("D16")
@pytest.mark.parametrize("kind", ["anthropic", "openai"])
def test_a_record_that_points_back_here_is_skipped(workshop: Server, kind: str) -> None:
    """Conflict C22: no call goes round in circles."""
    with provided(workshop, record("mirror", workshop.base, kind, models=["mirrored"])):
        for name in ("mirrored", "mirror:mirrored", None):
            assert Caller(workshop).messages(name).status in (404, 503)


@pytest.mark.requirement("D8")
def test_explain_tells_the_rule_over_http(workshop: Server, vendors: Vendors) -> None:
    with provided(workshop, record("Told", f"{vendors.url}/told/v1", models=["told-model"])):
        told = workshop.ask("GET", "/admin/explain?model=told-model").json
        assert (told["rule"], [one["target"] for one in told["plan"]]) == ("model", ["told:told-model"])


@pytest.mark.requirement("D8")
def test_explain_tells_how_each_target_is_asked(workshop: Server, vendors: Vendors) -> None:
    """The lane of a client's dialect, and the quirk rows with their sources."""
    with provided(workshop, record("Told", f"{vendors.url}/told/v1", "mistral", models=["told-model"])):
        for dialect, lane in (("openai-chat", "copy"), ("anthropic", "translate")):
            told = workshop.ask("GET", f"/admin/explain?model=told-model&dialect={dialect}").json
            assert [(one["dialect"], one["lane"]) for one in told["plan"]] == [("openai-chat", lane)]
            (row,) = told["plan"][0]["quirks"]
            assert (row["row"], row["members"]["tool_id"]) == ("provider", "alnum9")
            assert "20" in row["source"]
            assert [note["target"] for note in told["notes"]] == (["told:told-model"] if lane == "copy" else [])
        unknown = workshop.ask("GET", "/admin/explain?model=told-model&dialect=klingon")
        assert (unknown.status, "anthropic" in unknown.json["detail"]) == (400, True)
