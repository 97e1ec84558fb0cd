"""Records -> JSON, and JSON -> the fields the store takes. Rule: a secret leaves only masked, and a key's text only once."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel
from starlette.responses import Response

from dragoman.core.config import Key
from dragoman.providers import masking
from dragoman.routing.learned import Fact
from dragoman.store.configuration import Stored
from dragoman.store.errors import InvalidError
from dragoman.wire import json

_HEADERS = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
_CLEARED: Mapping[str, Any] = {
    "big_model": "",
    "medium_model": "",
    "small_model": "",
    "models": [],
    "headers": {},
    "timeout": 300.0,
    "dialects": {},
    "overrides": {},
    "name": "",
    "description": "",
    "expires_at": None,
}
"""What null stands for in a change."""
_MOVING = frozenset({"updated_at", "last_used_at", "problem"})
"""Read-only fields that change by themselves, so they are not compared with what was read."""


def answer(status: int, value: object, headers: Mapping[str, str] | None = None) -> Response:
    return Response(json.encode(value), status, {**_HEADERS, **(headers or {})}, "application/json")


def no_content() -> Response:
    return Response(b"", 204, _HEADERS)


def provider_view(stored: Stored) -> dict[str, Any]:
    """As the admin API shows it (requirement D15)."""
    provider = stored.provider
    plain = all(path == "" for path in provider.dialects.values())
    return {
        "id": provider.id,
        "name": provider.name,
        "slug": provider.slug,
        "provider_type": provider.provider_type,
        "base_url": provider.base_url,
        "api_key": stored.masked_key,
        "big_model": provider.big_model,
        "medium_model": provider.medium_model,
        "small_model": provider.small_model,
        "models": list(provider.models),
        "is_active": provider.is_active,
        "priority": provider.priority,
        "headers": masking.masked(provider.headers),
        "timeout": provider.timeout,
        "dialects": list(provider.dialects) if plain else provider.dialects,
        "overrides": provider.overrides,
        "source": provider.source,
        "problem": stored.problem,
        "created_at": _told(provider.created_at),
        "updated_at": _told(provider.updated_at),
    }


def key_view(key: Key) -> dict[str, Any]:
    """As the admin API shows it, never with the digest (requirement D15)."""
    return {
        "id": key.id,
        "name": key.name or None,
        "description": key.description or None,
        "expires_at": _told(key.expires_at),
        "is_active": key.is_active,
        "strict": key.strict,
        "prefix": key.prefix,
        "source": key.source,
        "created_at": _told(key.created_at),
        "last_used_at": _told(key.last_used_at),
    }


def fact_view(fact: Fact) -> dict[str, Any]:
    """What was learned of a provider, as the admin API shows it."""
    times = {"learned_at": _told(fact.learned_at), "expires_at": _told(fact.expires_at)}
    return {
        "provider": fact.provider,
        "model": fact.model,
        "dialect": fact.dialect,
        "member": fact.member,
        "said": fact.said,
        **times,
    }


def created(body: BaseModel) -> dict[str, Any]:
    """The fields of a new record that were given; null counts as not given."""
    given = body.model_dump(exclude_unset=True)
    return {name: _value(value) for name, value in given.items() if value is not None}


def changed(body: BaseModel, now: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that are to change. `now`: the record as it is shown. Raises InvalidError for a read-only field that differs."""
    given = body.model_dump(exclude_unset=True)
    read_only = [name for name, field in type(body).model_fields.items() if field.annotation is Any and name in given]
    for name in read_only:
        if given.pop(name) != now[name] and name not in _MOVING:
            raise InvalidError(name, "cannot be changed")
    return {name: _CLEARED[name] if value is None else _value(value) for name, value in given.items()}


def _value(value: Any) -> Any:
    return value.timestamp() if isinstance(value, datetime) else value


def _told(moment: float | None) -> str | None:
    """ISO 8601 in UTC; null for a moment nobody noted."""
    if moment is None or moment == 0.0:
        return None
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
