"""Every admin route is guarded, before it reads a body; other sites' pages get nowhere."""

from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import APIRoute

from dragoman.api.control.guard import BODY_MAX, GuardedRoute
from support.control import BASE, Control, controlling
from support.store import provider

PUBLIC = {"/docs", "/docs/start.js", "/docs/assets/{name}", "/redoc", "/openapi.json"}
ROUTES = {
    ("GET", "/admin/providers"),
    ("POST", "/admin/providers"),
    ("GET", "/admin/providers/{provider}"),
    ("PUT", "/admin/providers/{provider}"),
    ("PATCH", "/admin/providers/{provider}"),
    ("DELETE", "/admin/providers/{provider}"),
    ("POST", "/admin/providers/{provider}/test"),
    ("GET", "/admin/api-keys"),
    ("POST", "/admin/api-keys"),
    ("GET", "/admin/api-keys/{key_id}"),
    ("PUT", "/admin/api-keys/{key_id}"),
    ("PATCH", "/admin/api-keys/{key_id}"),
    ("DELETE", "/admin/api-keys/{key_id}"),
    ("GET", "/admin/learned"),
    ("DELETE", "/admin/learned"),
    ("GET", "/admin/learned/{provider}"),
    ("DELETE", "/admin/learned/{provider}"),
    ("GET", "/admin/explain"),
    ("GET", "/admin"),
}
PASSWORD: dict[str, Any] = {"admin_password": "the password"}
NOTHING: dict[str, Any] = {}
LOGIN = ("admin", "the password")


def guarded(control: Control) -> set[tuple[str, str]]:
    found = set()
    for path, operations in control.app.openapi()["paths"].items():
        found |= {(method.upper(), path) for method in operations}
    return found


async def ask(control: Control, method: str, path: str, **more: Any) -> int:
    return (await control.ask(method, path.format(provider=1, key_id=1, name="x"), **more)).status_code


async def test_the_routes_are_these(tmp_path: Path) -> None:
    """A new one must be entered here, and so be looked at."""
    async with controlling(tmp_path) as control:
        assert guarded(control) == ROUTES


async def test_a_route_made_on_the_application_is_guarded_too(tmp_path: Path) -> None:
    async with controlling(tmp_path, **PASSWORD) as control:

        @control.app.get("/admin/forgotten")
        async def forgotten() -> str:
            return "CANARY"

        assert await ask(control, "GET", "/admin/forgotten") == 401
        assert control.app.router.route_class is GuardedRoute
        assert issubclass(GuardedRoute, APIRoute)


@pytest.mark.parametrize(("method", "path"), sorted(ROUTES))
async def test_without_the_password_nothing(method: str, path: str, tmp_path: Path) -> None:
    async with controlling(tmp_path, **PASSWORD) as control:
        _, client_key = await control.store.create_key({})
        before = control.store.snapshot
        for headers in (
            {},
            {"authorization": f"Bearer {client_key}"},
            {"x-api-key": client_key},
            {"authorization": "Basic YWRtaW46"},
            {"host": "localhost:8000/#@evil"},
            {"x-original-url": "/docs", "x-forwarded-host": "localhost"},
        ):
            answer = await control.ask(method, path.format(provider=1, key_id=1), headers=headers)
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"].startswith("Basic ")
        wrong = await control.ask(method, path.format(provider=1, key_id=1), auth=("admin", "wrong"))
        assert wrong.status_code == 401
        malformed = await control.ask(
            method, path.format(provider=1, key_id=1), content=b"{", headers={"content-type": "application/json"}
        )
        assert malformed.status_code == 401
        assert control.store.snapshot is before


@pytest.mark.parametrize(
    "path", ["//admin/providers", "/%61dmin/providers", "/docs/../admin/providers", "/ADMIN/providers", "/admin/providers/"]
)
async def test_no_spelling_of_a_path_goes_around_it(path: str, tmp_path: Path) -> None:
    async with controlling(tmp_path, **PASSWORD) as control:
        assert (await control.ask("GET", path)).status_code in (307, 401, 404)


async def test_with_the_password_from_anywhere(tmp_path: Path) -> None:
    async with controlling(tmp_path, **PASSWORD) as control:
        assert (
            await ask(control, "GET", "/admin/providers", auth=LOGIN, peer="203.0.113.7", headers={"host": "gateway.example"})
            == 200
        )


async def test_a_password_of_any_letters(tmp_path: Path) -> None:
    async with controlling(tmp_path, admin_password="pässwörd: 密码") as control:
        assert await ask(control, "GET", "/admin/providers", auth=("admin", "pässwörd: 密码")) == 200
        assert await ask(control, "GET", "/admin/providers", auth=("admin", "pässwörd: 密")) == 401


async def test_without_a_password_from_here_only(tmp_path: Path) -> None:
    async with controlling(tmp_path) as control:
        assert await ask(control, "GET", "/admin/providers") == 200
        assert await ask(control, "GET", "/admin/providers", peer="192.168.1.9") == 403
        assert await ask(control, "GET", "/admin/providers", headers={"host": "evil.example"}) == 403
        assert await ask(control, "GET", "/admin/providers", headers={"x-forwarded-for": "127.0.0.1"}) == 403


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://127.0.0.1:3000"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"origin": BASE, "sec-fetch-site": "same-origin"}, 201),
        ({"sec-fetch-site": "none"}, 201),
        ({}, 201),
    ],
)
async def test_pages_of_other_sites(headers: dict[str, str], status: int, tmp_path: Path) -> None:
    for settings in (NOTHING, PASSWORD):
        folder = tmp_path / str(len(settings))
        async with controlling(folder, **settings) as control:
            login = {"auth": LOGIN} if settings else {}
            assert await ask(control, "POST", "/admin/providers", body=provider(), headers=headers, **login) == status
            assert control.store.snapshot.revision == (status == 201)


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "", "text/json"])
async def test_only_json_is_taken(kind: str, tmp_path: Path) -> None:
    async with controlling(tmp_path) as control:
        for method, path in (("POST", "/admin/api-keys"), ("PUT", "/admin/providers/1"), ("DELETE", "/admin/providers/1")):
            answer = await control.ask(method, path, content=b'{"name": "x"}', headers={"content-type": kind})
            assert answer.status_code == 415
            assert "application/json" in answer.json()["detail"]


async def test_a_large_body_is_refused(tmp_path: Path) -> None:
    async with controlling(tmp_path) as control:
        body = b'{"name": "' + b"x" * BODY_MAX + b'"}'
        headers = {"content-type": "application/json"}
        assert await ask(control, "POST", "/admin/providers", content=body, headers=headers) == 413


async def test_answers_are_not_stored(tmp_path: Path) -> None:
    async with controlling(tmp_path) as control:
        answer = await control.ask("GET", "/admin/providers")
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["content-type"] == "application/json"


async def test_explain(tmp_path: Path) -> None:
    async with controlling(tmp_path) as control:
        assert (await control.ask("GET", "/admin/explain?model=haiku")).json() == {"model": "haiku", "asks": "openai-chat"}
        assert (await control.ask("GET", "/admin/explain?dialect=anthropic")).json()["asks"] == "anthropic"
        assert (await control.ask("GET", "/admin/explain")).json()["model"] is None
