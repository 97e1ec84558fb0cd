"""What anyone may look at: `/` and the logo for people, `/health`, `/ping` and `/info` for machines.

Rule: no secrets, no names of keys or providers.
"""

import html
from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from pathlib import Path

from dragoman import __version__
from dragoman.api.live import Live
from dragoman.dialects.registry import DIALECTS
from dragoman.relay.outlet import JSON, Outlet
from dragoman.wire import json

Page = Callable[[Live, Outlet], Awaitable[None]]
_HTML = (
    ("content-type", "text/html; charset=utf-8"),
    (
        "content-security-policy",
        "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    ("x-content-type-options", "nosniff"),
)
_PNG = (("content-type", "image/png"), ("cache-control", "public, max-age=86400"), ("x-content-type-options", "nosniff"))


async def health(_: Live, outlet: Outlet) -> None:
    """Exactly `{"status":"ok"}` (requirement S3-27)."""
    await outlet.whole(200, (("content-type", JSON),), b'{"status":"ok"}')


async def ping(_: Live, outlet: Outlet) -> None:
    await outlet.whole(200, (("content-type", JSON),), b'{"ping":"pong"}')


async def hello(_: Live, outlet: Outlet) -> None:
    """Claude Code warms its connection here."""
    await outlet.whole(200, (("content-type", JSON),), b"{}")


async def logo(_: Live, outlet: Outlet) -> None:
    """At the place where AI Forwarder had its own (requirement S1-1)."""
    await outlet.whole(200, _PNG, _logo())


@cache
def _logo() -> bytes:
    return Path(__file__).with_name("static").joinpath("logo.png").read_bytes()


async def info(live: Live, outlet: Outlet) -> None:
    await outlet.whole(200, (("content-type", JSON),), json.encode(facts(live)))


def facts(live: Live) -> dict[str, object]:
    """What `/info` tells."""
    active = [provider for provider in live.snapshot.providers if provider.is_active]
    return {
        "service": "dragoman",
        "version": __version__,
        "status": "ok",
        "uptime_seconds": round(live.uptime(), 1),
        "revision": live.snapshot.revision,
        "dialects": list(DIALECTS),
        "providers": len(active),
        "sandbox": any(provider.sandbox for provider in active),
        "endpoints": [path.pattern for dialect in DIALECTS.values() for path in dialect.paths],
    }


async def status(live: Live, outlet: Outlet) -> None:
    await outlet.whole(200, _HTML, _page(facts(live)).encode())


def _page(told: dict[str, object]) -> str:
    endpoints = "".join(f"<li><code>POST {html.escape(str(path))}</code></li>" for path in told["endpoints"])  # type: ignore[attr-defined]
    providers = "the built-in sandbox" if told["sandbox"] else f"{told['providers']} active"
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Dragoman</title><link rel="icon" href="/static/logo.png">
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 44rem;
  margin: 3rem auto; padding: 0 1rem; color: #1c2733; background: #fbfaf7 }}
h1 {{ font-weight: 600; margin-bottom: 0 }}
code {{ background: #eeebe3; padding: .1em .3em; border-radius: .2em }}
dl {{ display: grid; grid-template-columns: 8rem 1fr; gap: .3rem 1rem }} dt {{ color: #6b7680 }} dd {{ margin: 0 }}
a {{ color: #8a4b08 }} .ok {{ color: #1d7a3e }}
@media (prefers-color-scheme: dark) {{
  body {{ color: #e6e1d6; background: #171b20 }}
  code {{ background: #262c33 }} a {{ color: #e0a458 }} }}
</style></head><body>
<img src="/static/logo.png" alt="" width="64" height="64">
<h1>Dragoman</h1><p>One server between AI clients and AI providers.</p>
<dl><dt>Status</dt><dd class="ok">running</dd><dt>Version</dt><dd>{told["version"]}</dd><dt>Providers</dt><dd>{providers}</dd>
<dt>Dialects</dt><dd>{", ".join(DIALECTS)}</dd><dt>Up for</dt><dd>{told["uptime_seconds"]} s</dd></dl>
<h2>Call it</h2><ul>{endpoints}<li><code>GET /v1/models</code></li></ul>
<h2>Run it</h2><ul><li><a href="/admin">Providers and keys</a></li>
<li><a href="/docs">Admin API (Swagger UI)</a></li><li><a href="/redoc">Admin API (ReDoc)</a></li>
<li><a href="/health">Health</a></li><li><a href="/info">Info</a></li></ul>
</body></html>"""


PAGES: Mapping[str, Page] = {
    "/": status,
    "/health": health,
    "/ping": ping,
    "/info": info,
    "/api/hello": hello,
    "/static/logo.png": logo,
}
