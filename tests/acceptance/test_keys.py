"""Clients' keys: their format, where they are kept, every form they come in, and what opens nothing."""

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.callers import ANTHROPIC_MESSAGES, CHAT, HELLO, MESSAGES, Caller, bearer, soon, text_of
from support.server import Reply, Server, dragoman, serving

pytestmark = pytest.mark.e2e
KEY = re.compile(r"fwd_[A-Za-z0-9_-]{43}")
CALL = {"model": "sandbox", "max_tokens": 50, "messages": HELLO}
PATHS = [
    *(
        ("POST", path)
        for path in (CHAT, MESSAGES, ANTHROPIC_MESSAGES, f"{MESSAGES}/count_tokens", f"{ANTHROPIC_MESSAGES}/count_tokens")
    ),
    *(("GET", path) for path in ("/v1/models", "/v1/models/sandbox", "/api/anthropic/v1/models")),
]
"""Every path of the data plane."""


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    """A server with one key of the key file, and a client that has it. FORWARDER_KEY is set to another word."""
    folder = tmp_path_factory.mktemp("locked")
    key = dragoman(folder, ["generate-key"]).stdout.strip()
    with serving(folder, env={"FORWARDER_KEY": "fwd_only_for_the_call_verb"}) as server:
        yield Caller(server, bearer(key))


def key_of(caller: Caller) -> str:
    return caller.headers["authorization"].removeprefix("Bearer ")


def ask(caller: Caller, method: str, path: str, headers: dict[str, str]) -> Reply:
    body = {name: value for name, value in CALL.items() if name != "max_tokens" or "count" not in path}
    return caller.server.ask(method, path, body if method == "POST" else None, headers)


@pytest.mark.requirement("S1-4", "S1-53", "S3-21", "S3-24", "D7")
@pytest.mark.parametrize(("method", "path"), PATHS)
@pytest.mark.parametrize("form", ["Bearer {}", "bearer  {}", "x-api-key", "api-key", "x-goog-api-key"])
def test_every_form_opens_every_path(locked: Caller, method: str, path: str, form: str) -> None:
    key = key_of(locked)
    headers = {"authorization": form.format(key)} if "{}" in form else {form: key}
    assert ask(locked, method, path, headers).status == 200
    wrong = {name: value.replace(key, key[:-4] + "xxxx") for name, value in headers.items()}
    assert ask(locked, method, path, wrong).status == 401


@pytest.mark.requirement("S1-4", "S3-24", "D7")
@pytest.mark.parametrize(("method", "path"), PATHS)
def test_without_a_key_every_path_is_closed_in_the_words_of_its_dialect(locked: Caller, method: str, path: str) -> None:
    """No key, an empty one, another scheme, and `?key=`, which is for Gemini's paths only."""
    for headers, query in (({}, ""), (bearer(""), ""), ({"authorization": "Basic YTpi"}, ""), ({}, f"?key={key_of(locked)}")):
        refused = ask(locked, method, path + query, headers)
        assert refused.status == 401
        if "messages" in path or "anthropic" in path:
            assert refused.json["type"] == "error"
            assert refused.json["error"]["type"] == "authentication_error"
        else:
            assert refused.json["error"]["code"] == "invalid_api_key"


@pytest.mark.requirement("S3-24")
def test_any_of_several_credentials_is_enough(locked: Caller) -> None:
    """Claude Code sends a left-over `x-api-key` beside the token that counts."""
    assert locked.messages("sandbox", headers={"x-api-key": "sk-ant-left-over"}).status == 200


@pytest.mark.requirement("S1-45")
def test_forwarder_key_opens_nothing(locked: Caller) -> None:
    assert Caller(locked.server, bearer("fwd_only_for_the_call_verb")).chat("sandbox").status == 401


@pytest.mark.requirement("S1-4")
def test_pages_for_machines_need_no_key(locked: Caller) -> None:
    for path in ("/", "/health", "/ping", "/info", "/docs", "/redoc"):
        assert locked.server.ask("GET", path).status == 200


@pytest.mark.requirement("S1-22", "S1-23", "S1-45", "D7")
def test_generate_key_fills_the_file_that_the_server_watches(tmp_path: Path) -> None:
    """The folder is made; a running server closes with the first key, takes a second, and drops what is taken out."""
    file = tmp_path / "keys" / "forwarder_api_keys.txt"
    with serving(tmp_path) as server:
        assert Caller(server).chat("sandbox").status == 200
        first = dragoman(tmp_path, ["generate-key"]).stdout.strip()
        second = dragoman(tmp_path, ["generate-key", "--length", "48"]).stdout.strip()
        assert KEY.fullmatch(first)
        assert re.fullmatch(r"fwd_[A-Za-z0-9_-]{48}", second)
        assert file.read_text(encoding="utf-8").split() == [first, second]
        for caller in (Caller(server, bearer(first)), Caller(server, bearer(second))):
            soon(lambda caller=caller: caller.chat("sandbox").status, lambda status: status == 200)  # type: ignore[misc]
        soon(lambda: Caller(server).chat("sandbox").status, lambda status: status == 401)
        file.write_text(second + "\n", encoding="utf-8")
        soon(lambda: Caller(server, bearer(first)).chat("sandbox").status, lambda status: status == 401)
        assert Caller(server, bearer(second)).chat("sandbox").status == 200


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose keys are made and changed by its admin API."""
    with serving(tmp_path_factory.mktemp("office")) as server:
        yield server


def made(office: Server, **fields: Any) -> dict[str, Any]:
    reply = office.ask("POST", "/admin/api-keys", fields)
    assert reply.status == 201, reply.body
    found: dict[str, Any] = reply.json
    return found


@pytest.mark.requirement("S0-5", "S0-28", "S0-29", "D7", "D15")
def test_a_key_is_shown_once(office: Server) -> None:
    key = made(office, name="laptop", description="of the office", expires_at="2199-01-01T00:00:00Z")
    assert KEY.fullmatch(key["key"])
    listed = office.ask("GET", "/admin/api-keys").json
    assert isinstance(listed, list)
    shown = next(one for one in listed if one["id"] == key["id"])
    wanted = {"id", "name", "description", "expires_at", "is_active", "prefix", "created_at", "last_used_at"}
    assert wanted <= set(shown)
    assert "key" not in shown
    assert (shown["name"], shown["description"], shown["is_active"]) == ("laptop", "of the office", True)
    assert shown["expires_at"].startswith("2199-01-01T00:00:00")
    assert key["key"].startswith(shown["prefix"])
    assert key["key"] not in str(listed)


@pytest.mark.requirement("D7")
def test_only_digests_are_kept(office: Server) -> None:
    key = made(office, name="digest")["key"]
    for file in office.folder.rglob("*"):
        assert not file.is_file() or key.encode() not in file.read_bytes(), file
    with sqlite3.connect(office.folder / "dragoman.db") as database:
        digests = [row[0] for row in database.execute("select digest from api_keys")]
    assert digests
    assert all(re.fullmatch(r"[0-9a-f]{64}", digest) for digest in digests)


@pytest.mark.requirement("S0-30", "S0-31", "D15")
def test_a_key_is_changed_and_taken_away(office: Server) -> None:
    key = made(office, name="door")
    caller, path = Caller(office, bearer(key["key"])), f"/admin/api-keys/{key['id']}"
    assert caller.chat("sandbox").status == 200
    changed = office.ask("PUT", path, {"is_active": False})
    assert (changed.status, changed.json["is_active"], changed.json["name"]) == (200, False, "door")
    assert caller.chat("sandbox").status == 401
    assert office.ask("PUT", path, {"is_active": True, "description": "again"}).json["description"] == "again"
    assert caller.chat("sandbox").status == 200
    assert office.ask("PUT", path, {"expires_at": "2001-01-01T00:00:00Z"}).status == 200
    assert caller.chat("sandbox").status == 401
    gone = office.ask("DELETE", path)
    assert (gone.status, gone.body) == (204, b"")
    assert path.rpartition("/")[2] not in [str(one["id"]) for one in office.ask("GET", "/admin/api-keys").json]
    assert office.ask("PUT", path, {"is_active": True}).status == 404


@pytest.mark.requirement("D15")
def test_unknown_fields_of_a_key_are_named(office: Server) -> None:
    refused = office.ask("POST", "/admin/api-keys", {"name": "x", "colour": "red"})
    assert refused.status == 422
    assert "colour" in refused.body.decode()


@pytest.mark.requirement("D7")
def test_a_keys_last_use_is_told(office: Server) -> None:
    key = made(office, name="used")
    assert key["last_used_at"] is None
    assert Caller(office, bearer(key["key"])).chat("sandbox").status == 200
    listed = office.ask("GET", "/admin/api-keys").json
    assert next(one for one in listed if one["id"] == key["id"])["last_used_at"] is not None


@pytest.mark.requirement("S1-22", "D16")
def test_the_verbs_make_and_revoke_keys_of_a_running_server(office: Server) -> None:
    key = dragoman(office.folder, ["keys", "create", "by-hand"]).stdout.strip()
    caller = Caller(office, bearer(key))
    soon(lambda: caller.chat("sandbox").status, lambda status: status == 200)
    assert "by-hand" in dragoman(office.folder, ["keys", "list"]).stdout
    assert dragoman(office.folder, ["keys", "revoke", "by-hand"]).returncode == 0
    soon(lambda: caller.chat("sandbox").status, lambda status: status == 401)
    assert dragoman(office.folder, ["keys", "delete", "by-hand"]).returncode == 0
    assert "by-hand" not in dragoman(office.folder, ["keys", "list"]).stdout


@pytest.mark.requirement("D7", "D6")
def test_a_strict_key_refuses_what_would_be_dropped(office: Server) -> None:
    key = made(office, name="strict", strict=True)["key"]
    asked: dict[str, Any] = {"model": "sandbox", "messages": HELLO, "logit_bias": {"1": 1}}
    assert text_of(Caller(office, bearer(key)).post(CHAT, {"model": "sandbox", "messages": HELLO})) == "You said: Hello"
    assert Caller(office, bearer(key)).post(CHAT, asked).status in (200, 400)
