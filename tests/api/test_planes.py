"""Both planes of a real server on real sockets: who gets in, from where, before and after the first key (requirement D6)."""

import base64
import re
import time
from pathlib import Path

import pytest

from support.server import PATIENCE, Server, dragoman, serving

pytestmark = pytest.mark.e2e
CHAT = {"model": "sandbox", "messages": [{"role": "user", "content": "Hello"}]}


def chat(server: Server, **headers: str) -> int:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return server.ask("POST", "/v1/chat/completions", CHAT, named).status


def login(username: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()


def until(server: Server, status: int, **headers: str) -> None:
    """Until a call has that status."""
    deadline = time.monotonic() + PATIENCE
    while chat(server, **headers) != status:
        assert time.monotonic() < deadline, f"no {status} within {PATIENCE} s"
        time.sleep(0.05)


def test_on_loopback_it_is_open_until_the_first_key(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        assert chat(server) == 200
        assert chat(server, authorization="Bearer anything") == 200
        assert chat(server, host="evil.example") == 401
        assert chat(server, origin="https://evil.example") == 401
        assert server.ask("GET", "/admin/providers", None, {"host": "evil.example"}).status == 403
        made = server.ask("POST", "/admin/api-keys", {"name": "first"})
        assert made.status == 201
        key = made.json["key"]
        assert chat(server) == 401
        for headers in ({"authorization": f"Bearer {key}"}, {"x_api_key": key}, {"api_key": key}, {"x_goog_api_key": key}):
            assert chat(server, **headers) == 200
        assert chat(server, x_api_key=key, host="anything.example") == 200
        assert server.ask("GET", "/admin/api-keys").json[0]["last_used_at"] is not None
        server.ask("PUT", f"/admin/api-keys/{made.json['id']}", {"is_active": False})
        assert chat(server, x_api_key=key) == 401


def test_a_running_server_honours_what_the_cli_changes(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        assert chat(server) == 200
        key = dragoman(tmp_path, ["generate-key"]).stdout.strip()
        until(server, 401)
        assert chat(server, x_api_key=key) == 200
        assert (tmp_path / "keys" / "forwarder_api_keys.txt").is_file()
        assert key not in server.said()


def test_off_loopback_nothing_is_open(tmp_path: Path) -> None:
    with serving(tmp_path, env={"HOST": "0.0.0.0"}) as server:
        assert chat(server) == 401
        refused = server.ask("GET", "/admin/providers")
        assert (refused.status, refused.headers["www-authenticate"].startswith("Basic")) == (401, True)
        found = re.search(r"admin login  (\S+) / (\S+)", server.said())
        assert found is not None, server.said()
        with_login = {"authorization": login(*found.groups())}
        assert server.ask("GET", "/admin/providers", None, with_login).status == 200
        made = server.ask("POST", "/admin/api-keys", {}, with_login)
        assert chat(server) == 401
        assert chat(server, x_api_key=made.json["key"]) != 401
        assert server.said().count(found.group(2)) == 1


def test_the_admin_password_closes_the_admin_plane_alone(tmp_path: Path) -> None:
    with serving(tmp_path, env={"ADMIN_PASSWORD": "CANARY-pass", "ADMIN_USERNAME": "root"}) as server:
        assert server.ask("GET", "/admin/api-keys").status == 401
        assert server.ask("GET", "/admin/api-keys", None, {"authorization": login("root", "CANARY-pass")}).status == 200
        assert server.ask("GET", "/admin/api-keys", None, {"authorization": login("admin", "CANARY-pass")}).status == 401
        assert chat(server) == 200
        assert server.ask("GET", "/health").body == b'{"status":"ok"}'
        assert "CANARY" not in server.said()


def test_required_is_always(tmp_path: Path) -> None:
    with serving(tmp_path, env={"DRAGOMAN_AUTH": "required"}) as server:
        assert chat(server) == 401
        assert server.ask("GET", "/admin/providers").status == 401


def test_a_default_secret_is_refused_off_loopback(tmp_path: Path) -> None:
    done = dragoman(tmp_path, ["serve", "--port", "0"], {"HOST": "0.0.0.0", "SECRET_KEY": "change-me"})
    assert done.returncode != 0
    assert "SECRET_KEY" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    with serving(tmp_path, env={"SECRET_KEY": "change-me"}) as server:
        assert "well-known default" in server.said()
        assert chat(server) == 200
