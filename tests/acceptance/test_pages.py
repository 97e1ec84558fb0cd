"""What the server shows to people and machines without being asked for an answer: pages, health, documentation, model lists."""

import re
import struct
from typing import Any
from urllib.parse import quote

import pytest

from dragoman.dialects.registry import CLIENTS
from support.callers import Caller, provided, record
from support.server import Server
from support.vendors import Vendors

pytestmark = pytest.mark.e2e
CALLS = {
    "/v1/chat/completions",
    "/v1/messages",
    "/api/anthropic/v1/messages",
    "/v1/messages/count_tokens",
    "/api/anthropic/v1/messages/count_tokens",
}


@pytest.mark.requirement("S1-1", "S1-38")
def test_the_status_page(fresh: Server) -> None:
    page = fresh.ask("GET", "/")
    assert page.status == 200
    assert page.headers["content-type"].startswith("text/html")
    text = page.body.decode()
    assert "Dragoman" in text
    assert all(path in text for path in CALLS)
    for link in re.findall(r'(?:href|src)="(/[^"]*)"', text):
        assert fresh.ask("GET", link).status == 200, link


def test_the_status_page_tells_how_to_call(fresh: Server) -> None:
    text = fresh.ask("GET", "/").body.decode()
    assert "sandbox" in text
    assert f"{fresh.base}/v1" in text
    assert f"ANTHROPIC_BASE_URL={fresh.base}" in text


@pytest.mark.requirement("S1-1")
def test_the_logo(fresh: Server) -> None:
    logo = fresh.ask("GET", "/static/logo.png")
    assert (logo.status, logo.headers["content-type"]) == (200, "image/png")
    assert logo.body.startswith(b"\x89PNG\r\n\x1a\n")
    assert min(struct.unpack(">II", logo.body[16:24])) >= 64
    assert fresh.ask("GET", "/static/../pages.py").status == 404


@pytest.mark.requirement("S3-27", "S4-19")
def test_health_is_exactly_this(fresh: Server) -> None:
    health = fresh.ask("GET", "/health")
    assert (health.status, health.body, health.headers["content-type"]) == (200, b'{"status":"ok"}', "application/json")


@pytest.mark.requirement("S4-19")
def test_liveness_and_information(fresh: Server) -> None:
    assert fresh.ask("GET", "/ping").status == 200
    info = fresh.ask("GET", "/info").json
    assert info["service"] == "dragoman"
    assert set(info["dialects"]) == set(CLIENTS)
    assert set(info["endpoints"]) > CALLS


@pytest.mark.requirement("S1-10", "S1-39", "S1-40")
@pytest.mark.parametrize(("page", "script"), [("/docs", "swagger-ui-bundle.js"), ("/redoc", "redoc.standalone.js")])
def test_interactive_documentation_is_served_from_here(fresh: Server, page: str, script: str) -> None:
    """Nothing of it is loaded from another place."""
    shown = fresh.ask("GET", page)
    assert shown.status == 200
    assert shown.headers["content-type"].startswith("text/html")
    text = shown.body.decode()
    links = re.findall(r'(?:src|href|spec-url)="([^"]+)"', text)
    assert any(link.endswith(script) for link in links)
    for link in links:
        if not link.startswith("data:"):
            assert link.startswith("/")
            asset = fresh.ask("GET", link)
            assert asset.status == 200
            assert b"//cdn." not in asset.body


@pytest.mark.requirement("S1-10", "S0-22", "S0-23", "S0-24", "S0-28")
def test_the_description_names_every_endpoint(fresh: Server) -> None:
    paths: dict[str, dict[str, Any]] = fresh.ask("GET", "/openapi.json").json["paths"]
    assert set(paths) >= CALLS
    methods = {(method.upper(), re.sub(r"\{.*?\}", "{id}", path)) for path, found in paths.items() for method in found}
    for kind in ("providers", "api-keys"):
        assert {("GET", f"/admin/{kind}"), ("POST", f"/admin/{kind}")} <= methods
        assert {("PUT", f"/admin/{kind}/{{id}}"), ("DELETE", f"/admin/{kind}/{{id}}")} <= methods


@pytest.mark.requirement("S0-32")
def test_the_dashboard_is_html(workshop: Server, vendors: Vendors) -> None:
    with provided(workshop, record("<b>Bold</b>", f"{vendors.url}/bold/v1", big_model="big-one", priority=3)):
        page = workshop.ask("GET", "/admin")
    assert page.status == 200
    assert page.headers["content-type"].startswith("text/html")
    text = page.body.decode()
    assert "&lt;b&gt;Bold&lt;/b&gt;" in text
    assert "big-one" in text
    assert "...6789" in text
    assert "sk-of-" not in text


@pytest.mark.requirement("S4-20", "D18")
@pytest.mark.parametrize("path", ["/v1/models", "/api/anthropic/v1/models"])
def test_one_list_for_the_clients_of_both_dialects(fresh: Server, path: str) -> None:
    listed = fresh.ask("GET", path).json
    assert listed["object"] == "list"
    assert listed["has_more"] is False
    assert (listed["first_id"], listed["last_id"]) == (listed["data"][0]["id"], listed["data"][-1]["id"])
    for one in listed["data"]:
        assert {"id", "object", "created", "owned_by", "type", "display_name", "created_at"} <= set(one)
    assert "sandbox" in [one["id"] for one in listed["data"]]


@pytest.mark.requirement("D18", "S4-20")
def test_every_listed_name_resolves_and_none_is_of_an_inactive_provider(workshop: Server, vendors: Vendors) -> None:
    records = (
        record("Alpha", f"{vendors.url}/alpha/v1", models=["shared", "alpha/only:free"], big_model="gpt-4o"),
        record("Beta", f"{vendors.url}/beta/v1", models=["shared"]),
        record("Off", f"{vendors.url}/off/v1", models=["hidden"], is_active=False),
    )
    with provided(workshop, *records):
        names = [one["id"] for one in workshop.ask("GET", "/v1/models").json["data"]]
        assert len(set(names)) == len(names)
        assert {"shared", "alpha:shared", "beta:shared", "alpha/only:free", "gpt-4o"} <= set(names)
        assert not any("hidden" in name for name in names)
        for name in names:
            assert Caller(workshop).chat(name).status == 200, name
            for spelled in (name, quote(name, safe="")):
                found = workshop.ask("GET", f"/v1/models/{spelled}")
                assert (found.status, found.json["id"]) == (200, name)


@pytest.mark.requirement("D18")
def test_an_unknown_model_is_told_in_the_callers_dialect(fresh: Server, workshop: Server, vendors: Vendors) -> None:
    with provided(workshop, *(record(name, f"{vendors.url}/{name}/v1", models=["m"]) for name in ("one", "two"))):
        chat = workshop.ask("GET", "/v1/models/no-such")
        assert (chat.status, chat.json["error"]["code"]) == (404, "model_not_found")
        messages = workshop.ask("GET", "/v1/models/no-such", None, {"anthropic-version": "2023-06-01"})
        assert (messages.status, messages.json["error"]["type"]) == (404, "not_found_error")


@pytest.mark.requirement("S1-2", "S0-22", "S0-23")
def test_paths_and_methods_that_are_not_there(fresh: Server) -> None:
    assert fresh.ask("GET", "/v1/chat/completions").status == 405
    assert fresh.ask("GET", "/v1/messages").json["type"] == "error"
    nothing = fresh.ask("POST", "/v1/no-such", {})
    assert (nothing.status, "error" in nothing.json) == (404, True)
