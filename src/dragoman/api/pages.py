"""What anyone may look at: `/` and the logo for people, `/health`, `/ping` and `/info` for machines.

Rule: no secrets, no names of keys or providers.
"""

import html
from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from pathlib import Path

from dragoman import __version__
from dragoman.api.live import Live
from dragoman.api.look import POLICY, card, page
from dragoman.api.loopback import from_here
from dragoman.dialects import base
from dragoman.dialects.registry import CLIENTS
from dragoman.relay.outlet import JSON, Outlet
from dragoman.wire import json

Page = Callable[[Live, Outlet], Awaitable[None]]
_HTML = (
    ("content-type", "text/html; charset=utf-8"),
    ("content-security-policy", POLICY),
    ("x-content-type-options", "nosniff"),
)
_PNG = (("content-type", "image/png"), ("cache-control", "public, max-age=86400"), ("x-content-type-options", "nosniff"))


async def health(_: Live, outlet: Outlet) -> None:
    """Exactly `{"status":"ok"}` (requirement S3-27)."""
    await outlet.whole(200, (("content-type", JSON),), b'{"status":"ok"}')


async def ping(_: Live, outlet: Outlet) -> None:
    await outlet.whole(200, (("content-type", JSON),), b'{"ping":"pong"}')


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
    active = [provider for provider in live.snapshot.providers if provider.is_active and not provider.addressed_only]
    doors = (door for dialect in CLIENTS.values() for door in dialect.paths if door.operation != "pass")
    return {
        "service": "dragoman",
        "version": __version__,
        "status": "ok",
        "uptime_seconds": round(live.uptime(), 1),
        "revision": live.snapshot.revision,
        "dialects": list(CLIENTS),
        "providers": len(active),
        "sandbox": any(provider.sandbox for provider in active),
        "endpoints": list(dict.fromkeys(door.pattern for door in doors if door.answer is None)),
    }


async def status(live: Live, outlet: Outlet) -> None:
    await outlet.whole(200, _HTML, _page(live).encode())


def _page(live: Live) -> str:
    told = facts(live)
    subtitle = (
        f'<span class="dot">running</span> · version {__version__} · up {_duration(live.uptime())} · '
        "one server between AI clients and AI providers"
    )
    links = {"Providers and keys": "/admin", "API": "/docs"}
    cards = (
        card("Who answers", _answering(live, told)),
        card("Point a client at it", _clients(live)),
        card("Where it listens", _doors()),
        card("More", _more()),
    )
    return page("Dragoman", "56rem", subtitle, links, "".join(cards))


def _answering(live: Live, told: dict[str, object]) -> str:
    if told["sandbox"]:
        who = (
            "<p>The built-in <b>sandbox</b>: it needs no key, costs nothing and says what you said.</p>"
            '<p class="soft">For real answers set <code>OPENAI_API_KEY</code>, <code>ANTHROPIC_API_KEY</code>, ... '
            "before the start, or add a provider now: <code>dragoman providers add</code>.</p>"
        )
    elif told["providers"]:
        who = f"<p>Active providers: <b>{told['providers']}</b>, tried in their order of priority.</p>"
    else:
        who = "<p><b>Nobody yet.</b> Add a provider: <code>dragoman providers add</code>.</p>"
    key = "Calls need a key." if live.gate.needs_key else "No key exists yet: calls are open, to this machine only."
    return f'{who}<p class="soft">{key}</p>'


def _clients(live: Live) -> str:
    base = f"http://{from_here(live.settings.host)}:{live.settings.port}"
    key, header = ("YOUR_KEY", " \\\n  -H 'authorization: Bearer YOUR_KEY'") if live.gate.needs_key else ("none", "")
    rows = (
        ("OpenAI clients", f'base_url="{base}/v1"  api_key="{key}"'),
        ("Anthropic clients", f'base_url="{base}"  api_key="{key}"'),
        ("Claude Code", f"ANTHROPIC_BASE_URL={base}  ANTHROPIC_AUTH_TOKEN={key}"),
    )
    lines = "".join(f"<tr><th>{who}</th><td><code>{html.escape(what)}</code></td></tr>" for who, what in rows)
    named = '"model": "sandbox", ' if any(one.sandbox for one in live.snapshot.providers) else ""
    call = (
        f"curl {base}/v1/chat/completions -H 'content-type: application/json'{header} \\\n"
        f"""  -d '{{{named}"messages": [{{"role": "user", "content": "Hello"}}]}}'"""
    )
    return f'<div class="wide"><table>{lines}</table></div><pre>{html.escape(call)}</pre>'


def _doors() -> str:
    rows = "".join(
        f"<tr><th>{html.escape(dialect.id)}</th><td>"
        + "<br>".join(f"<code>{door.method} {html.escape(door.pattern)}</code>" for door in dialect.paths if _is_told(door))
        + "</td></tr>"
        for dialect in CLIENTS.values()
    )
    more = "Images, sound, files, batches and the rest of these APIs are passed to a provider as they are."
    return f'<div class="wide"><table>{rows}</table></div><p class="soft">{more}</p>'


def _is_told(door: base.Path) -> bool:
    return door.answer is None and door.operation != "pass"


def _more() -> str:
    return (
        '<p><a href="/docs">API in Swagger UI</a> · <a href="/redoc">API in ReDoc</a> · '
        '<a href="/openapi.json">openapi.json</a> · <a href="/health">health</a> · <a href="/info">info</a></p>'
    )


def _duration(seconds: float) -> str:
    """As "3 h 20 min": the two largest units."""
    whole = int(seconds)
    units = ((whole // 86400, "d"), (whole // 3600 % 24, "h"), (whole // 60 % 60, "min"), (whole % 60, "s"))
    first = next((place for place, (count, _) in enumerate(units) if count), len(units) - 1)
    return " ".join(f"{count} {unit}" for count, unit in units[first : first + 2] if count or first == len(units) - 1)


PAGES: Mapping[str, Page] = {
    "/": status,
    "/health": health,
    "/ping": ping,
    "/info": info,
    "/static/logo.png": logo,
}
