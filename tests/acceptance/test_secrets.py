"""What must never get out: vendors' keys and clients' keys are looked for in everything that leaves a running system."""

import re
import sys
from pathlib import Path
from typing import Any

import pytest

from support.callers import Caller, bearer, provided, record, records_of
from support.internet import Internet
from support.scripted import Received, Script, answer, event_stream
from support.server import Reply, Server, dragoman, serving
from support.vendors import Vendors

pytestmark = pytest.mark.e2e
CANARY = re.compile(rb"CANARY|fwd_[A-Za-z0-9_-]{20}")
VENDOR_KEY = "sk-CANARY-of-the-vendor-0123456789"
WORDS: dict[str, Any] = {"messages": [{"role": "user", "content": "my own words: SECRET-PROMPT"}]}


def seen(*replies: Reply) -> list[bytes]:
    """Where a canary is in these answers."""
    texts = [
        b" ".join([reply.body, *(f"{name}: {value}".encode() for name, value in reply.headers.items())]) for reply in replies
    ]
    return [text for text in texts if CANARY.search(text)]


def echoing(request: Received) -> Script:
    """A vendor that repeats the credentials it got in its error, as some do."""
    key = request.header("authorization") or request.header("x-api-key") or ""
    body = b'{"error":{"message":"Incorrect API key provided: %b","type":"invalid_request_error","code":"invalid_api_key"}}'
    return [answer(401, body % key.encode(), [("x-request-id", key), ("openai-organization", key)])]


def echoing_as_refusal(request: Received) -> Script:
    """The same under a status that a client sees as it is, and in a header that passes."""
    key = request.header("authorization") or request.header("x-api-key") or ""
    body = b'{"type":"error","error":{"message":"no such field beside %b","type":"invalid_request_error"}}'
    return [answer(400, body % key.encode(), [("x-request-id", key)])]


def echoing_in_stream(request: Received) -> Script:
    key = (request.header("authorization") or request.header("x-api-key") or "").encode()
    return event_stream(b'{"error":{"message":"bad key %b","type":"authentication_error","code":"invalid_api_key"}}' % key)


@pytest.mark.requirement("S1-3", "S0-38", "D6")
def test_no_vendors_key_in_any_answer_of_a_forwarder(forwarder: Caller, net: Internet) -> None:
    """Answers, errors, headers, pages, lists, and the log, with keys that come from the environment."""
    models = (
        "gpt-4o-mini",
        "claude-3-haiku-20240307",
        "gemini-1.5-flash",
        "groq:x",
        "openrouter:a/b",
        "ollama:x",
        "no-such",
        None,
    )
    replies = [
        call(model, stream=stream)
        for model in models
        for call in (forwarder.chat, forwarder.messages)
        for stream in (False, True)
    ]
    pages = (
        "/",
        "/info",
        "/health",
        "/v1/models",
        "/admin",
        "/admin/providers",
        "/admin/api-keys",
        "/openapi.json",
        "/admin/explain?model=gpt-4o",
    )
    replies += [forwarder.get(page) for page in pages]
    assert seen(*replies) == []
    records_of(forwarder.server, len(models))
    own = CANARY.findall(forwarder.server.said().encode())
    assert own == []


@pytest.mark.requirement("S1-3", "S0-65", "D9", "D14")
@pytest.mark.parametrize("part", [echoing, echoing_as_refusal, echoing_in_stream], ids=["401", "400", "stream"])
@pytest.mark.parametrize("kind", ["openai", "anthropic"])
def test_a_vendor_that_repeats_our_key_is_not_repeated(workshop: Server, vendors: Vendors, part: object, kind: str) -> None:
    name = f"parrot-{kind}-{getattr(part, '__name__', '')}".replace("_", "-")
    own = {**record(name, f"{vendors.url}/{name}/v1", kind, models=[name]), "api_key": VENDOR_KEY}
    with provided(workshop, own) as (shown,), vendors.plays(name, part):  # type: ignore[arg-type]
        caller = Caller(workshop)
        replies = [caller.chat(name), caller.messages(name), caller.chat(name, stream=True), caller.messages(name, stream=True)]
        replies.append(workshop.ask("POST", f"/admin/providers/{shown['id']}/test"))
        told = dragoman(workshop.folder, ["providers", "test", name], {"DRAGOMAN_ALLOW_PRIVATE": "true"})
    assert [reply.status for reply in replies if reply.status == 401] == []
    assert seen(*replies) == []
    assert not CANARY.search((told.stdout + told.stderr).encode())
    records_of(workshop, 4)
    assert VENDOR_KEY not in workshop.said()


@pytest.mark.requirement("S1-3", "S0-18", "S0-38", "D7", "D15")
def test_nothing_is_kept_in_the_clear(tmp_path: Path, vendors: Vendors) -> None:
    """The database, the secret and every file beside them, while it runs and afterwards."""
    headers = {"X-Auth-Token": "token-CANARY-in-a-header"}
    own = record("kept", f"{vendors.url}/kept/v1", models=["kept-model"], headers=headers)
    with serving(tmp_path, env={"DRAGOMAN_ALLOW_PRIVATE": "true"}) as server:
        assert server.ask("POST", "/admin/providers", {**own, "api_key": VENDOR_KEY}).status == 201
        key = server.ask("POST", "/admin/api-keys", {"name": "client"}).json["key"]
        assert Caller(server, bearer(key)).chat("kept-model").status == 200
        assert vendors.last.header("authorization") == f"Bearer {VENDOR_KEY}"
        records_of(server, 1)
        assert found_in(tmp_path) == []
    assert found_in(tmp_path) == []


def found_in(folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file() and CANARY.search(file.read_bytes())]


@pytest.mark.requirement("S1-4", "D7")
def test_clients_keys_and_words_are_not_logged(tmp_path: Path) -> None:
    """Good ones, wrong ones, those in a query; nor what was asked."""
    with serving(tmp_path, "--log-level", "trace") as server:
        key = server.ask("POST", "/admin/api-keys", {}).json["key"]
        wrong = "fwd_" + "w" * 43
        Caller(server, bearer(key)).chat("sandbox", **WORDS)
        Caller(server, bearer(key)).messages("sandbox-503", **WORDS)
        Caller(server, bearer(wrong)).chat("sandbox", **WORDS)
        server.ask("POST", f"/v1/chat/completions?key={wrong}", {"model": "sandbox", **WORDS})
        server.ask("GET", f"/v1/models?key={key}")
        server.ask("POST", "/admin/providers", {"name": "x", "api_key": VENDOR_KEY, "base_url": f"not a url {VENDOR_KEY}"})
        records_of(server, 2)
        said = server.said()
    assert not CANARY.search(said.encode())
    assert "SECRET-PROMPT" not in said


@pytest.mark.requirement("S1-3", "S0-38")
def test_a_refused_record_does_not_repeat_its_key(workshop: Server) -> None:
    """People put keys into the wrong field."""
    wrong = [
        {"name": "x", "api_key": VENDOR_KEY, "base_url": VENDOR_KEY},
        {"name": "x", "api_key": VENDOR_KEY, "base_url": f"https://{VENDOR_KEY}@api.example.com"},
        {"name": "x", "api_key": [VENDOR_KEY], "base_url": "https://api.example.com"},
        {"name": "x", "api_key": VENDOR_KEY, "base_url": "https://api.example.com", "headers": {"X": f"{VENDOR_KEY}\r\nY: z"}},
        {"name": "x", "api_key": VENDOR_KEY, "base_url": "https://api.example.com", "priority": VENDOR_KEY},
    ]
    replies = [workshop.ask("POST", "/admin/providers", body) for body in wrong]
    assert {reply.status for reply in replies} == {422}
    assert seen(*replies) == []


@pytest.mark.requirement("S1-22", "S0-18", "S1-3")
@pytest.mark.skipif(sys.platform == "win32", reason="no such modes there")
def test_files_with_secrets_are_the_owners_only(tmp_path: Path) -> None:
    with serving(tmp_path):
        dragoman(tmp_path, ["generate-key"])
        files = [*tmp_path.glob("*.secret"), *tmp_path.glob("*.db"), tmp_path / "keys" / "forwarder_api_keys.txt"]
        assert {file.name: oct(file.stat().st_mode & 0o777) for file in files} == {
            "dragoman.secret": "0o600",
            "dragoman.db": "0o600",
            "forwarder_api_keys.txt": "0o600",
        }
