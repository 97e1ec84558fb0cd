"""`/openapi.json`, `/docs` and `/redoc` with assets of our own. Rule: they are public, tell nothing of this installation, and
load nothing from anywhere else."""

import importlib.util
import re
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from dragoman.api.control.calls import with_calls
from dragoman.wire import json

_BUNDLE = "fastapi_offline"
"""The package that carries the assets; its code is never imported."""
_FILES = {
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
    "redoc.standalone.js": "text/javascript",
}
_REDOC_SCRIPT = "redoc.standalone.js"
_FOREIGN_LOGO = re.compile(rb"https://cdn\.redoc\.ly/[\w./-]+")
_SWAGGER_START = """SwaggerUIBundle({
  url: "/openapi.json", dom_id: "#ui", deepLinking: true, persistAuthorization: false,
  presets: [SwaggerUIBundle.presets.apis, SwaggerUIBundle.SwaggerUIStandalonePreset],
});
"""
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; "
    "connect-src 'self'; worker-src blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Dragoman API</title>{head}</head><body style="margin:0">{body}</body></html>
"""
_SWAGGER = _PAGE.format(
    head='<link rel="stylesheet" href="/docs/assets/swagger-ui.css"><link rel="icon" href="data:,">',
    body='<div id="ui"></div><script src="/docs/assets/swagger-ui-bundle.js"></script><script src="/docs/start.js"></script>',
)
_REDOC = _PAGE.format(
    head='<link rel="icon" href="data:,">',
    body='<redoc spec-url="/openapi.json"></redoc><script src="/docs/assets/redoc.standalone.js"></script>',
)


def add_documents(app: FastAPI) -> None:
    """Plain routes, so they do not get the guard of the others."""
    folder = _assets()

    async def asset(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in _FILES:
            return Response(status_code=404)
        headers = {"cache-control": "public, max-age=86400"}
        if name == _REDOC_SCRIPT:
            return Response(_at_home(folder / name), 200, headers, _FILES[name])
        return FileResponse(folder / name, media_type=_FILES[name], headers=headers)

    async def document(_: Request) -> Response:
        return _public(json.encode(_described(app)), "application/json")

    pages = {
        "/docs": (_SWAGGER, "text/html"),
        "/redoc": (_REDOC, "text/html"),
        "/docs/start.js": (_SWAGGER_START, "text/javascript"),
    }
    for path, (text, kind) in pages.items():
        app.router.routes.append(Route(path, _constant(text, kind)))
    app.router.routes.append(Route("/docs/assets/{name}", asset))
    app.router.routes.append(Route("/openapi.json", document))


@cache
def _at_home(script: Path) -> bytes:
    """ReDoc without the logo that it fetches from its maker."""
    return _FOREIGN_LOGO.sub(b"data:,", script.read_bytes())


def _described(app: FastAPI) -> dict[str, Any]:
    return with_calls(app.openapi())


def _constant(text: str, kind: str) -> Any:
    data = text.encode()

    async def page(_: Request) -> Response:
        return _public(data, kind)

    return page


def _public(data: bytes, kind: str) -> Response:
    return Response(data, 200, {"content-security-policy": _POLICY, "x-content-type-options": "nosniff"}, kind)


def _assets() -> Path:
    spec = importlib.util.find_spec(_BUNDLE)
    if spec is None or spec.origin is None:
        raise RuntimeError(f"the package {_BUNDLE} is not installed")
    return Path(spec.origin).parent / "static"
