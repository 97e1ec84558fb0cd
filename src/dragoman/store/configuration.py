"""Rows -> Snapshot. Rule: a Configuration is a value; only rows that changed are decoded and decrypted, so a change among a
thousand providers costs what one costs."""

from collections.abc import Mapping

from msgspec import Struct, structs

from dragoman.core.config import Key, Provider, Secret, Snapshot
from dragoman.providers.environment import Environment
from dragoman.providers.presets import preset_of
from dragoman.store.keyfile import KeyFile
from dragoman.store.reading import Changes, Counters, KeyRow, ProviderRow
from dragoman.store.secrets import Keyring, Place, SealedError
from dragoman.wire import json

ENVIRONMENT_IDS = -10
"""Added to the ids of the environment's providers: whole numbers as the others', never a row's, and clear of built-in ones."""


class Stored(Struct, frozen=True):
    """A provider as it is kept. `problem`: why it cannot serve though it is there (its secret cannot be opened)."""

    provider: Provider
    revision: int = 0
    problem: str | None = None

    @property
    def masked_key(self) -> str:
        """`...last4`; "" where there is no key, "..." where it cannot be opened."""
        if self.problem is not None:
            return Secret("").masked
        return self.provider.api_key.masked if self.provider.api_key else ""


class StoredKey(Struct, frozen=True):
    """A client's key and the keyring its digest was made under."""

    key: Key
    secret_id: str


class Base(Struct, frozen=True):
    """What does not come from the database."""

    environment: Environment
    allow_private: bool
    file: KeyFile
    timeout_idle: float = 300.0


class Configuration(Struct, frozen=True):
    """Everything that is kept, and the Snapshot it makes."""

    counters: Counters
    providers: Mapping[int, Stored]
    keys: Mapping[int, StoredKey]
    base: Base
    snapshot: Snapshot

    @classmethod
    def empty(cls, base: Base) -> "Configuration":
        return _configuration(Counters(), {}, {}, base)

    def updated(self, changes: Changes, keyring: Keyring) -> "Configuration":
        """With what was read from the database."""
        if changes.counters == self.counters:
            return self
        known = {} if changes.rewound else self.providers
        providers = {} if changes.whole else dict(known)
        for row in changes.providers:
            there = known.get(row.id)
            unchanged = there is not None and there.revision == row.revision
            providers[row.id] = there if there is not None and unchanged else _provider(row, keyring, self.base)
        keys = {} if changes.whole else dict(self.keys)
        for key in changes.keys:
            keys[key.id] = _key(key)
        return _configuration(changes.counters, providers, keys, self.base)

    def with_file(self, file: KeyFile) -> "Configuration":
        return _configuration(self.counters, self.providers, self.keys, structs.replace(self.base, file=file))

    def listed(self) -> tuple[Stored, ...]:
        """All providers somebody configured, those of the environment included, in the Snapshot's order."""
        named = (provider for provider in self.snapshot.providers if not provider.addressed_only)
        return tuple(self.find(provider.id) or Stored(provider) for provider in named)

    def find(self, provider_id: int) -> Stored | None:
        there = self.providers.get(provider_id)
        if there is None:
            there = next((Stored(one) for one in self.snapshot.providers if one.id == provider_id), None)
        return there


def _configuration(
    counters: Counters, providers: Mapping[int, Stored], keys: Mapping[int, StoredKey], base: Base
) -> Configuration:
    return Configuration(counters, providers, keys, base, _snapshot(counters, providers, keys, base))


def _snapshot(counters: Counters, providers: Mapping[int, Stored], keys: Mapping[int, StoredKey], base: Base) -> Snapshot:
    """A provider with a problem is in it, but not active: it can be named and cannot be asked."""
    own = [one.provider if one.problem is None else structs.replace(one.provider, is_active=False) for one in providers.values()]
    slugs = {provider.slug for provider in own}
    environment = [one for one in _numbered(base) if one.slug not in slugs]
    digests = {key.digest: key for key in base.file.keys} | {one.key.digest: one.key for one in keys.values()}
    return Snapshot(
        revision=counters.revision,
        providers=tuple(sorted((*own, *environment), key=lambda one: (one.priority, one.id < 0, abs(one.id)))),
        keys=digests,
        priority=base.environment.priority,
        real_provider_ever=counters.real_provider_ever or any(not one.addressed_only for one in base.environment.providers),
    )


def _numbered(base: Base) -> list[Provider]:
    return [
        structs.replace(
            one, id=ENVIRONMENT_IDS + one.id, allow_private=one.allow_private or base.allow_private, timeout=base.timeout_idle
        )
        for one in base.environment.providers
    ]


def _provider(row: ProviderRow, keyring: Keyring, base: Base) -> Stored:
    opened, problem = {"api_key": "", "headers": ""}, None
    for column, sealed in (("api_key", row.api_key), ("headers", row.headers)):
        try:
            opened[column] = keyring.open(sealed, Place("providers", row.id, column))
        except SealedError as error:
            problem = problem or f"provider {row.name!r}, {column}: {error}"
    provider = Provider(
        id=row.id,
        name=row.name,
        slug=row.slug,
        provider_type=row.provider_type,
        base_url=row.base_url,
        api_key=Secret(opened["api_key"]),
        big_model=row.big_model,
        medium_model=row.medium_model,
        small_model=row.small_model,
        models=tuple(json.decode(row.models, list[str])),
        is_active=bool(row.is_active),
        priority=row.priority,
        headers=tuple(json.decode(opened["headers"] or "{}", dict[str, str]).items()),
        timeout=row.timeout,
        dialects=json.decode(row.dialects, dict[str, str]),
        overrides=json.decode(row.overrides, dict[str, object]),
        allow_private=base.allow_private or preset_of(row.provider_type, row.name, row.base_url).local,
        source="database",
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
    return Stored(provider, row.revision, problem)


def _key(row: KeyRow) -> StoredKey:
    key = Key(
        id=row.id,
        digest=row.digest,
        name=row.name,
        description=row.description,
        prefix=row.prefix,
        is_active=bool(row.is_active),
        expires_at=row.expires_at,
        strict=bool(row.strict),
        source="database",
        created_at=row.created_at,
        last_used_at=row.last_used_at,
    )
    return StoredKey(key, row.secret_id)
