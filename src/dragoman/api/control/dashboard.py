"""`GET /admin`: who is asked and who may call, for people. Rule: it shows what the JSON shows, and changes nothing."""

import html
from collections.abc import Iterable, Sequence
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from dragoman.api.control.deps import store_of
from dragoman.api.control.guard import GuardedRoute
from dragoman.api.control.views import key_view, provider_view
from dragoman.store import Store

router = APIRouter(tags=["pages"], route_class=GuardedRoute)

_HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": (
        "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
}
_PROVIDER = ("priority", "name", "provider_type", "base_url", "api_key", "big_model", "medium_model", "small_model", "source")
_KEY = ("name", "prefix", "description", "created_at", "expires_at", "last_used_at", "source")
_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 76rem;
  margin: 2rem auto; padding: 0 1rem; color: #1c2733; background: #fbfaf7 }
div { overflow-x: auto } table { border-collapse: collapse; width: 100% } .off { opacity: .5 } a { color: #8a4b08 }
th, td { text-align: left; padding: .35rem .7rem; border-bottom: 1px solid #dcd7cb; white-space: nowrap }
@media (prefers-color-scheme: dark) {
  body { color: #e6e1d6; background: #171b20 } th, td { border-color: #333a42 } a { color: #e0a458 } }
"""


@router.get("/admin", summary="Dashboard: providers and API keys", response_class=HTMLResponse)
async def dashboard(request: Request) -> Response:
    return HTMLResponse(_page(store_of(request)), 200, _HEADERS)


def _page(store: Store) -> str:
    providers = _table(_PROVIDER, map(provider_view, store.providers()), "No provider yet.")
    keys = _table(_KEY, map(key_view, store.keys()), "No API key yet: calls are open to this machine.")
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Dragoman: admin</title><link rel="icon" href="/static/logo.png"><style>{_STYLE}</style></head><body>
<h1><img src="/static/logo.png" alt="" width="32" height="32"> Dragoman</h1>
<h2>Providers</h2>{providers}<h2>API keys</h2>{keys}
<p>They are changed through the <a href="/docs">admin API</a>, or with
<code>dragoman providers</code> and <code>dragoman keys</code>.</p>
</body></html>"""


def _table(fields: Sequence[str], rows: Iterable[dict[str, Any]], none: str) -> str:
    lines = "".join(f"<tr{_faded(row)}>{''.join(_cell(row[field]) for field in fields)}</tr>" for row in rows)
    head = "".join(f"<th>{field.replace('_', ' ')}</th>" for field in fields)
    return f"<div><table><tr>{head}</tr>{lines}</table></div>" if lines else f"<p>{none}</p>"


def _faded(row: dict[str, Any]) -> str:
    return "" if row["is_active"] else ' class="off" title="not active"'


def _cell(value: object) -> str:
    return f"<td>{html.escape('' if value is None else str(value))}</td>"
