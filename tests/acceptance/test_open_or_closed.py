"""Who may call (requirement D6): open to this machine until the first credential, and never open to a network."""

import base64
import re
from pathlib import Path

import pytest

from support.callers import CHAT, HELLO, Caller, bearer, soon
from support.server import Server, dragoman, serving

pytestmark = pytest.mark.e2e
ONE_TIME = re.compile(r"admin login +(\S+) / (\S+)")


def basic(username: str, password: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()}


def statuses(server: Server, data: dict[str, str] | None = None, admin: dict[str, str] | None = None) -> tuple[int, int]:
    """Of a call and of an admin request."""
    return Caller(server, data or {}).chat("sandbox").status, server.ask("GET", "/admin/providers", None, admin).status


@pytest.mark.requirement("D6", "S0-66", "S0-67")
def test_without_credentials_both_planes_are_open_to_this_machine_only(fresh: Server) -> None:
    assert statuses(fresh) == (200, 200)
    port = fresh.base.rpartition(":")[2]
    for own in (f"localhost:{port}", "127.0.0.1", "[::1]:80"):
        assert statuses(fresh, {"host": own}, {"host": own}) == (200, 200)
    for foreign in ("evil.example", f"127.0.0.1.evil.example:{port}"):
        assert statuses(fresh, {"host": foreign}, {"host": foreign}) == (401, 403)
    forwarded = {"x-forwarded-for": "203.0.113.9"}
    assert statuses(fresh, forwarded, forwarded) == (401, 403)
    page = {"origin": "https://evil.example"}
    assert statuses(fresh, page, page) == (401, 403)


@pytest.mark.requirement("D6")
def test_the_first_key_closes_the_data_plane_alone(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        key = server.ask("POST", "/admin/api-keys", {}).json["key"]
        assert statuses(server) == (401, 200)
        assert statuses(server, bearer(key)) == (200, 200)


@pytest.mark.requirement("D6", "S3-29", "S0-32")
@pytest.mark.parametrize("username", ["admin", "root-of-it"])
def test_a_password_closes_the_admin_plane(tmp_path: Path, username: str) -> None:
    env = {"ADMIN_PASSWORD": "a long word for admins", **({} if username == "admin" else {"ADMIN_USERNAME": username})}
    with serving(tmp_path, env=env) as server:
        right = basic(username, "a long word for admins")
        assert statuses(server) == (200, 401)
        assert statuses(server, None, right) == (200, 200)
        assert statuses(server, None, basic(username, "wrong"))[1] == 401
        assert statuses(server, None, basic("other", "a long word for admins"))[1] == 401
        refused = server.ask("GET", "/admin/providers")
        assert refused.headers["www-authenticate"].startswith("Basic ")
        for method, path in (("POST", "/admin/providers"), ("DELETE", "/admin/providers/1"), ("GET", "/admin/api-keys")):
            assert server.ask(method, path).status == 401
        assert "a long word" not in server.said()


@pytest.mark.requirement("D6")
def test_required_is_never_open(tmp_path: Path) -> None:
    with serving(tmp_path, env={"DRAGOMAN_AUTH": "required"}) as server:
        assert statuses(server) == (401, 401)
        found = ONE_TIME.findall(server.said())
        assert len(found) == 1
        made = server.ask("POST", "/admin/api-keys", {}, basic(*found[0]))
        assert made.status == 201
        assert statuses(server, bearer(made.json["key"]), basic(*found[0])) == (200, 200)


@pytest.mark.requirement("D6", "S0-16", "S1-25", "S1-29")
def test_a_bind_to_the_network_without_credentials_is_bootstrapped(tmp_path: Path) -> None:
    """A one-time password, printed once; no call before there is a key; and never the sandbox for others."""
    with serving(tmp_path, "--host", "0.0.0.0", "--log-level", "debug", verb="run-server") as server:
        assert statuses(server) == (401, 401)
        (login,) = ONE_TIME.findall(server.said())
        assert login[0] == "admin"
        assert "closed" in server.said()
        made = server.ask("POST", "/admin/api-keys", {}, basic(*login))
        assert made.status == 201
        called = Caller(server, bearer(made.json["key"])).chat("sandbox")
        assert (called.status, "no provider configured" in called.body.decode()) == (503, True)
        assert len(ONE_TIME.findall(server.said())) == 1


@pytest.mark.requirement("D6", "S0-18")
def test_well_known_secrets_are_refused_off_loopback(tmp_path: Path) -> None:
    said = dragoman(tmp_path, ["serve", "--host", "0.0.0.0", "--port", "0"], {"SECRET_KEY": "change-me"})
    assert said.returncode == 3
    assert "SECRET_KEY" in said.stderr
    assert said.stderr.count("\n") == 1
    with serving(tmp_path, env={"SECRET_KEY": "change-me"}) as server:
        assert statuses(server) == (200, 200)
        assert "SECRET_KEY" in server.said()


@pytest.mark.requirement("D6", "S3-24")
def test_a_page_of_another_site_changes_nothing(fresh: Server) -> None:
    """A browser on this machine is no way in: neither a form nor a script of a foreign page."""
    headers = {"origin": "https://evil.example", "content-type": "text/plain"}
    assert fresh.ask("POST", "/admin/api-keys", b"{}", headers).status == 403
    assert fresh.ask("POST", "/admin/api-keys", b"{}", {"content-type": "text/plain"}).status == 415
    assert fresh.ask("POST", CHAT, {"model": "sandbox", "messages": HELLO}, {"origin": "https://evil.example"}).status == 401
    assert fresh.ask("GET", "/admin/api-keys").json == []


@pytest.mark.requirement("D6", "D16")
def test_the_last_key_that_goes_opens_it_again(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        key = server.ask("POST", "/admin/api-keys", {}).json
        assert statuses(server)[0] == 401
        assert server.ask("DELETE", f"/admin/api-keys/{key['id']}").status == 204
        soon(lambda: statuses(server)[0], lambda status: status == 200)
