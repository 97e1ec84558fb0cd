"""`GET /admin`: who is asked, who may call, what was learned. Rule: it shows people what the JSON shows, and changes nothing."""

import html
import time
from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from dragoman.api.control.deps import Running, running
from dragoman.api.control.guard import GuardedRoute
from dragoman.api.control.views import fact_view, key_view, provider_view
from dragoman.api.look import POLICY, card, page
from dragoman.core.config import Key

router = APIRouter(tags=["pages"], route_class=GuardedRoute)

_HEADERS = {"cache-control": "no-store", "content-security-policy": POLICY, "x-content-type-options": "nosniff"}
_TIERS = ("big", "medium", "small")
_NO_PROVIDER = (
    "<p>None yet. Add one: <code>dragoman providers add OpenAI --api-key sk-...</code>, "
    '<a href="/docs"><code>POST /admin/providers</code></a>, or <code>OPENAI_API_KEY=sk-...</code> before the start.</p>'
)
_NOTHING_LEARNED = (
    "<p>Nothing. A member of a request that a provider says it does not know is left out for a day; forget it with "
    "<code>dragoman learned clear</code>.</p>"
)
_SHOWN = 90
"""Characters of a provider's words."""
_NO_KEY = "<p>None yet: calls are {}. Make one: <code>dragoman keys create NAME</code>.</p>"


@router.get("/admin", summary="Dashboard: providers, API keys, learned refusals", response_class=HTMLResponse)
async def dashboard(request: Request) -> Response:
    return HTMLResponse(_page(running(request), time.time()), 200, _HEADERS)


def _page(here: Running, now: float) -> str:
    store, is_open = here.store, not here.gate.needs_key
    providers = _table(
        ("priority", "provider", "address", "key", "models", "state", "from"),
        [_provider(provider_view(stored)) for stored in store.providers()],
        _NO_PROVIDER,
    )
    known, nobody = store.keys(), _NO_KEY.format("open to this machine" if is_open else "closed")
    keys = _table(("name", "key", "state", "created", "expires", "last used", "from"), [_key(key, now) for key in known], nobody)
    links = {"Status": "/", "Admin API": "/docs"}
    subtitle = "changed with <code>dragoman providers</code>, <code>dragoman keys</code> or the admin API; shown as it is now"
    learned = _table(
        ("provider", "model", "left out", "its words", "learned", "until"),
        [_fact(fact_view(fact)) for fact in here.learned.facts(now)],
        _NOTHING_LEARNED,
    )
    cards = (card("Providers", providers), card("API keys", keys), card("Learned refusals", learned))
    return page("Providers and keys", "76rem", subtitle, links, "".join(cards))


def _provider(row: dict[str, Any]) -> tuple[str, ...]:
    return (
        _told(row["priority"]),
        f"{_told(row['name'])}<small>{_told(row['provider_type'])}, called {_told(row['slug'])}</small>",
        f"<code>{_told(row['base_url'])}</code>",
        f"<code>{_told(row['api_key'])}</code>" if row["api_key"] else "none",
        "<br>".join(_models(row)) or '<span class="soft">none named</span>',
        _state("broken", "bad", row["problem"]) if row["problem"] else _active(row["is_active"]),
        _told(row["source"]),
    )


def _models(row: dict[str, Any]) -> list[str]:
    """Each once, with the tiers it serves."""
    tiers: dict[str, list[str]] = {}
    for tier in _TIERS:
        tiers.setdefault(row[f"{tier}_model"], []).append(tier)
    for model in row["models"]:
        tiers.setdefault(model, [])
    return [f'{_told(model)} <span class="soft">{", ".join(names)}</span>' for model, names in tiers.items() if model]


def _key(key: Key, now: float) -> tuple[str, ...]:
    row = key_view(key)
    expired = key.expires_at is not None and key.expires_at <= now
    return (
        f"{_told(row['name'])}<small>{_told(row['description'])}</small>",
        f"<code>{_told(row['prefix'])}...</code>",
        _state("expired", "off") if expired and key.is_active else _active(key.is_active),
        *(_moment(row[field]) for field in ("created_at", "expires_at", "last_used_at")),
        _told(row["source"]),
    )


def _fact(row: dict[str, Any]) -> tuple[str, ...]:
    return (
        _told(row["provider"]),
        f"{_told(row['model'])}<small>{_told(row['dialect'])}</small>",
        f"<code>{_told(row['member'])}</code>",
        _told(_shortened(row["said"])),
        *(_moment(row[field]) for field in ("learned_at", "expires_at")),
    )


def _shortened(words: str) -> str:
    return words if len(words) <= _SHOWN else f"{words[:_SHOWN]}..."


def _active(is_active: bool) -> str:
    return _state("active", "") if is_active else _state("off", "off")


def _state(word: str, look: str, why: str = "") -> str:
    return f'<span class="dot {look}">{word}</span><small>{_told(why)}</small>'


def _moment(text: str | None) -> str:
    """ISO 8601 without seconds; UTC, as everywhere."""
    return "-" if text is None else _told(text[:16].replace("T", " "))


def _told(value: object) -> str:
    return html.escape("" if value is None else str(value))


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]], none: str) -> str:
    lines = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    head = "".join(f"<th>{name}</th>" for name in heads)
    return f'<div class="wide"><table><tr>{head}</tr>{lines}</table></div>' if rows else none
