"""What somebody asked for -> columns. Rule: pure; uniqueness is decided on a Configuration that was read under the write lock."""

from collections.abc import Mapping
from typing import Any

from msgspec import structs

from dragoman.core.config import Key
from dragoman.providers import masking, slugs
from dragoman.providers.presets import SANDBOX, preset_of
from dragoman.store.configuration import Configuration, Stored
from dragoman.store.errors import ConflictError, InvalidError, ReadOnlyError, UnknownError
from dragoman.store.validate import key_values, name_key, provider_values
from dragoman.wire import json

_MASK = "..."
_MASK_LONGEST = 7
_REQUIRED = ("name", "base_url")
_SEALED = ("api_key", "headers")
_JSON = ("models", "dialects", "overrides")
_DEFAULTS: Mapping[str, Any] = {
    "api_key": "",
    "models": [],
    "is_active": True,
    "priority": 100,
    "headers": {},
    "dialects": {},
    "overrides": {},
}
"""Of requirements S0-35..45, and of the model list."""
_TIERS = ("big_model", "medium_model", "small_model")
_KEY_DEFAULTS: Mapping[str, Any] = {"name": "", "description": "", "is_active": True, "strict": False, "expires_at": None}


def new_provider(values: Mapping[str, Any]) -> dict[str, Any]:
    """All fields of a new provider: the type detected where it is not told, the tiers from the first model."""
    for field in _REQUIRED:
        if field not in values:
            raise InvalidError(field, "is required")
    draft = {**_DEFAULTS, **provider_values(values)}
    if _is_mask(draft["api_key"]):
        raise InvalidError("api_key", "is a masked key: enter the whole key")
    draft.setdefault("provider_type", preset_of("", draft["name"], draft["base_url"]).id)
    first = draft["models"][0] if draft["models"] else ""
    return {**dict.fromkeys(_TIERS, first), **draft}


def changed_provider(values: Mapping[str, Any], stored: Stored) -> dict[str, Any]:
    """The fields that change; masked credentials, as they are shown, stand for the stored ones."""
    given = {field: value for field, value in values.items() if field != "api_key" or value != stored.masked_key}
    if "headers" in given:
        given["headers"] = masking.unmasked(given["headers"], stored.provider.headers)
    changes = provider_values(given)
    if _is_mask(changes.get("api_key", "")):
        raise InvalidError("api_key", f"is a masked key, but not that of {stored.provider.name!r}: enter the whole key")
    return changes


def provider_row(fields: Mapping[str, Any], now: Configuration, own: int | None, revision: int, when: float) -> dict[str, Any]:
    """Columns, but for the sealed ones. `own`: the id of the provider that is changed, None for a new one."""
    row = {name: value for name, value in fields.items() if name not in _SEALED}
    row |= {name: json.text(row[name]) for name in _JSON if name in row}
    if "name" in fields:
        row |= _names(fields["name"], now, own)
    if own is None:
        row["created_at"] = when
    return {**row, "updated_at": when, "revision": revision}


def sealed_columns(fields: Mapping[str, Any]) -> dict[str, str]:
    """The plain text of the columns that are encrypted; "" where there is nothing to hide."""
    plain = {}
    if "api_key" in fields:
        plain["api_key"] = fields["api_key"]
    if "headers" in fields:
        plain["headers"] = json.text(fields["headers"]) if fields["headers"] else ""
    return plain


def writable(now: Configuration, provider_id: int) -> Stored:
    """The provider of the database with that id. Raises UnknownError, ReadOnlyError."""
    stored = now.find(provider_id)
    if stored is None:
        raise UnknownError(f"there is no provider {provider_id}")
    if stored.provider.source != "database":
        name = stored.provider.name
        raise ReadOnlyError(f"provider {name!r} comes from the environment: change its variables, or create one named {name!r}")
    return stored


def key_row(values: Mapping[str, Any], *, new: bool) -> dict[str, Any]:
    """The columns a person chooses; all of them for a new key."""
    return {**(_KEY_DEFAULTS if new else {}), **key_values(values)}


def writable_key(now: Configuration, key_id: int | str) -> int:
    """The id of the key's row. Raises UnknownError, ReadOnlyError."""
    row = int(key_id) if str(key_id).isdecimal() and len(str(key_id)) < 19 else None
    if row is not None and row in now.keys:
        return row
    if any(key.id == key_id for key in now.base.file.keys):
        raise ReadOnlyError("this key comes from the key file: change the file")
    raise UnknownError(f"there is no API key {str(key_id)[:40]!r}")


def with_use(key: Key, used: float | None) -> Key:
    """The key with the later time of its last use."""
    if used is None or (key.last_used_at is not None and key.last_used_at >= used):
        return key
    return structs.replace(key, last_used_at=used)


def _names(name: str, now: Configuration, own: int | None) -> dict[str, str]:
    """Name and slug, the slug with a number where another name has the same."""
    others = [stored.provider for row, stored in now.providers.items() if row != own]
    same = next((one for one in others if name_key(one.name) == name_key(name)), None)
    if same is not None:
        raise ConflictError(f"a provider named {same.name!r} exists already (id {same.id})")
    taken = {SANDBOX, *(one.slug for one in others)}
    return {"name": name, "name_key": name_key(name), "slug": slugs.unique(name, taken)}


def _is_mask(key: str) -> bool:
    return key.startswith(_MASK) and len(key) <= _MASK_LONGEST
