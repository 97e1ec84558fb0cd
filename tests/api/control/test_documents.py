"""`/docs` and `/redoc` work without the internet."""

import re
from pathlib import Path

import pytest

from dragoman.dialects.registry import CLIENTS
from support.control import controlling


@pytest.mark.parametrize("page", ["/docs", "/redoc"])
async def test_a_page_and_all_it_loads_are_ours(page: str, tmp_path: Path) -> None:
    async with controlling(tmp_path, admin_password="x") as control:
        html = await control.ask("GET", page)
        assert html.status_code == 200
        assert html.headers["content-type"].startswith("text/html")
        assert "unsafe-inline" not in html.headers["content-security-policy"].split("script-src")[1].split(";")[0]
        loaded = re.findall(r'(?:src|href|spec-url)="([^"]+)"', html.text)
        assert len(loaded) >= 2
        for address in loaded:
            assert address.startswith(("/docs/", "/openapi.json", "data:,")), address
            if not address.startswith("data:"):
                asset = await control.ask("GET", address)
                assert asset.status_code == 200
                assert len(asset.content) > 100
                assert asset.headers["content-type"].partition(";")[0] in ("text/javascript", "text/css", "application/json")


@pytest.mark.parametrize("name", ["../__init__.py", "..%2f__init__.py", "core.py", "%2e%2e/core.py", "x"])
async def test_nothing_else_is_served(name: str, tmp_path: Path) -> None:
    async with controlling(tmp_path) as control:
        assert (await control.ask("GET", f"/docs/assets/{name}")).status_code == 404


async def test_the_document_tells_every_door_and_no_secret(tmp_path: Path) -> None:
    async with controlling(tmp_path, {"OPENAI_API_KEY": "sk-CANARY-0123"}) as control:
        answer = await control.ask("GET", "/openapi.json")
        document = answer.json()
        assert document["openapi"].startswith("3.")
        for dialect in CLIENTS.values():
            for path in dialect.paths:
                assert path.answer is not None or path.method.lower() in document["paths"][path.pattern]
        assert {"/admin/providers", "/admin/api-keys", "/v1/models"} <= set(document["paths"])
        assert document["components"]["schemas"]["ProviderCreate"]["required"] == ["name", "base_url", "api_key"]
        assert "CANARY" not in answer.text
        assert (await control.ask("GET", "/openapi.json")).json() == document
