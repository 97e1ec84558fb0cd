"""What changed in the database since a known revision. Rule: the statements are plain SQL that sqlite3 and SQLAlchemy both run,
so that reading at start and watching need no SQLAlchemy, whose import alone costs half a second of CPU."""

import sqlite3
from collections.abc import Sequence
from typing import Any, NamedTuple

from msgspec import Struct


class ProviderRow(NamedTuple):
    """A row of `providers`, secrets sealed."""

    id: int
    slug: str
    name: str
    provider_type: str
    base_url: str
    api_key: str
    headers: str
    big_model: str
    medium_model: str
    small_model: str
    models: str
    is_active: int
    priority: int
    timeout: float
    dialects: str
    overrides: str
    created_at: float
    updated_at: float
    revision: int


class KeyRow(NamedTuple):
    """A row of `api_keys`."""

    id: int
    digest: str
    secret_id: str
    prefix: str
    name: str
    description: str
    is_active: int
    strict: int
    expires_at: float | None
    created_at: float
    last_used_at: float | None
    revision: int


class Counters(Struct, frozen=True):
    """The row of `meta` that tells whether anything changed."""

    revision: int = -1
    deletions: int = -1
    real_provider_ever: bool = False


class Changes(Struct, frozen=True):
    """`whole`: the rows are all there are; otherwise those that were written since. `rewound`: the database was put back to an
    earlier state, and nothing known before holds."""

    counters: Counters
    whole: bool
    rewound: bool
    providers: Sequence[ProviderRow]
    keys: Sequence[KeyRow]


COUNTERS = "SELECT revision, deletions, real_provider_ever FROM meta WHERE id = 1"
PROVIDERS = f"SELECT {', '.join(ProviderRow._fields)} FROM providers WHERE revision > :since"  # noqa: S608 (names of ours)
KEYS = f"SELECT {', '.join(KeyRow._fields)} FROM api_keys WHERE revision > :since"  # noqa: S608 (names of ours)


def counters_of(row: Sequence[Any]) -> Counters:
    return Counters(int(row[0]), int(row[1]), bool(row[2]))


def since(known: Counters, now: Counters) -> int:
    """The revision after which rows must be read; -1: all of them."""
    same = now.deletions == known.deletions and now.revision >= known.revision
    return known.revision if same else -1


def changes_of(known: Counters, now: Counters, providers: Sequence[Any], keys: Sequence[Any]) -> Changes:
    return Changes(
        counters=now,
        whole=since(known, now) == -1,
        rewound=now.revision < known.revision,
        providers=[ProviderRow._make(row) for row in providers],
        keys=[KeyRow._make(row) for row in keys],
    )


class Reader:
    """A connection that only reads. It may be used from any thread, by one at a time."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._seen = -1

    def salt(self) -> bytes:
        row = self._connection.execute("SELECT salt FROM meta WHERE id = 1").fetchone()
        return bytes.fromhex(row[0])

    def moved(self) -> bool:
        """Whether anyone wrote since this was last asked; costs a few microseconds."""
        seen: int = self._connection.execute("PRAGMA data_version").fetchone()[0]
        moved, self._seen = seen != self._seen, seen
        return moved

    def changes(self, known: Counters) -> Changes:
        """One consistent view, in one read transaction."""
        self._connection.execute("BEGIN")
        try:
            now = counters_of(self._connection.execute(COUNTERS).fetchone())
            parameters = {"since": since(known, now)}
            if now == known:
                return changes_of(known, now, (), ())
            providers = self._connection.execute(PROVIDERS, parameters).fetchall()
            keys = self._connection.execute(KEYS, parameters).fetchall()
            return changes_of(known, now, providers, keys)
        finally:
            self._connection.execute("COMMIT")

    def close(self) -> None:
        self._connection.close()
