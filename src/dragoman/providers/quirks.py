"""Quirk rows, merged: preset <- model <- the admin's override. Rule: rows add to sets and maps, an override replaces them.

Only rows of the dialect that is spoken count.
"""

import re
from collections.abc import Mapping
from functools import lru_cache

import msgspec
from msgspec import Struct

from dragoman.core.errors import ConfigError
from dragoman.core.quirks import Quirks
from dragoman.providers.model_row import Members, ModelRow
from dragoman.providers.rows import MODEL_ROWS, PROVIDER_ROWS

_FIELDS = frozenset(Quirks.__struct_fields__)
_COMPILED = tuple((re.compile(row.pattern), row) for row in MODEL_ROWS)


class Applied(Struct, frozen=True):
    """A row that makes a target deviate. `row`: "provider", "model" or "record" (the admin's own). `source`: date and page."""

    row: str
    members: Members
    source: str


def quirks_for(preset_id: str, dialect: str, model: str, overrides: Members | None = None) -> Quirks:
    """What the target deviates in. Raises ConfigError where an override is none."""
    if not overrides:
        return _of_rows(preset_id, dialect, model)
    return _converted({**_merged(preset_id, dialect, model), **overrides})


def rows_for(preset_id: str, dialect: str, model: str, overrides: Members | None = None) -> tuple[Applied, ...]:
    """The rows that make up `quirks_for`, each one over those before it."""
    found = []
    provider, row = PROVIDER_ROWS.get((preset_id, dialect)), _model_row(preset_id, dialect, model)
    if provider is not None:
        found.append(Applied("provider", provider.members, provider.source))
    if row is not None:
        found.append(Applied("model", row.members, row.source))
    if overrides:
        found.append(Applied("record", overrides, "overrides of the provider's record"))
    return tuple(found)


def avoids(preset_id: str, dialect: str, model: str) -> bool:
    """The model is better asked in another dialect."""
    row = _model_row(preset_id, dialect, model)
    return row is not None and row.avoid


def check(overrides: Members) -> None:
    """Raises ConfigError, one clear line, where an admin's overrides cannot be used."""
    _converted(overrides)


@lru_cache(maxsize=4096)
def _of_rows(preset_id: str, dialect: str, model: str) -> Quirks:
    return _converted(_merged(preset_id, dialect, model))


def _merged(preset_id: str, dialect: str, model: str) -> dict[str, object]:
    merged: dict[str, object] = {}
    for row in rows_for(preset_id, dialect, model):
        for name, value in row.members.items():
            before = merged.get(name)
            if name == "drop" and isinstance(before, tuple) and isinstance(value, tuple):
                merged[name] = (*before, *value)
            elif isinstance(before, Mapping) and isinstance(value, Mapping):
                merged[name] = {**before, **value}
            else:
                merged[name] = value
    return merged


@lru_cache(maxsize=4096)
def _model_row(preset_id: str, dialect: str, model: str) -> ModelRow | None:
    name = model.lower()
    for pattern, row in _COMPILED:
        if row.dialect == dialect and (not row.presets or preset_id in row.presets) and pattern.search(name):
            return row
    return None


def _converted(members: Members) -> Quirks:
    unknown = sorted(set(members) - _FIELDS)
    if unknown:
        raise ConfigError(f"overrides: unknown quirk {unknown[0]!r} (known: {', '.join(sorted(_FIELDS))})")
    try:
        return msgspec.convert(dict(members), Quirks)
    except msgspec.ValidationError as error:
        raise ConfigError(f"overrides: {error}") from None
