"""The Store: one current Snapshot, and the only ways to change it. Rule: under the write lock of the database the newest rows are
read first, so what is decided (unique names, masked secrets) is decided on what is really there."""

import asyncio
import importlib
import logging
import sqlite3
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from dragoman.core.config import Key, Snapshot
from dragoman.core.errors import ConfigError
from dragoman.providers.environment import from_environment
from dragoman.store import drafts, keyfile, schema
from dragoman.store.configuration import Base, Configuration, Stored
from dragoman.store.errors import InvalidError, UnknownError
from dragoman.store.location import database_file
from dragoman.store.master import master_secret
from dragoman.store.reading import Reader
from dragoman.store.secrets import KEY_LENGTH, SHOWN, Keyring, Place, new_key

if TYPE_CHECKING:
    from dragoman.store.writing import Transaction, Writer

log = logging.getLogger("dragoman.store")

POLL = 0.5
"""Seconds between two looks at what other processes changed."""
PROBLEMS_TOLD = 3
USED_EVERY = 10.0
"""Seconds between two writes of when keys were last used."""

Action = Callable[["Transaction", Configuration, int], Awaitable[int]]
Listener = Callable[[Snapshot], None]
T = TypeVar("T")


class StoreSettings(Protocol):
    """What the Store must know of the settings."""

    @property
    def database_type(self) -> str: ...
    @property
    def database_url(self) -> str: ...
    @property
    def secret_key(self) -> str: ...
    @property
    def keys_file(self) -> str: ...
    @property
    def allow_private(self) -> bool: ...
    @property
    def timeout_idle(self) -> float: ...
    @property
    def environment(self) -> Mapping[str, str]: ...


class Store:
    """Made by `open`. `warnings`: what an operator should know about the configuration at start."""

    def __init__(self, path: Path, keys_path: Path, keyring: Keyring, reader: Reader, base: Base) -> None:
        self._path, self._keys_path, self._keyring, self._reader = path, keys_path, keyring, reader
        self._writer: Writer | None = None
        self._lock = asyncio.Lock()
        self._listeners: list[Listener] = []
        self._used: dict[int | str, float] = {}
        self._unwritten: set[int] = set()
        self._told: set[str] = set()
        self._configuration = Configuration.empty(base).updated(reader.changes(Configuration.empty(base).counters), keyring)
        self.seal_key = keyring.seal_key
        self.digest = keyring.digest
        self.warnings = tuple(self._warnings())

    @classmethod
    async def open(cls, settings: StoreSettings) -> "Store":
        """Raises ConfigError."""
        return cls._opened(settings)

    @classmethod
    def _opened(cls, settings: StoreSettings) -> "Store":
        path = database_file(settings.database_type, settings.database_url)
        schema.prepare(path)
        master = master_secret(settings.secret_key, path.parent)
        try:
            reader = Reader(schema.connect(path))
            keyring = Keyring(master, reader.salt())
        except sqlite3.Error as error:
            raise ConfigError(f"the database {path} cannot be read: {error}") from None
        keys_path = Path(settings.keys_file).expanduser().absolute()
        keys = keyfile.read(keys_path, keyring.digest)
        base = Base(from_environment(settings.environment), settings.allow_private, keys, settings.timeout_idle)
        return cls(path, keys_path, keyring, reader, base)

    @property
    def snapshot(self) -> Snapshot:
        return self._configuration.snapshot

    def subscribe(self, listener: Listener) -> None:
        """Call `listener` with each new Snapshot, right after it was swapped in."""
        self._listeners.append(listener)

    async def warm(self) -> None:
        """Import what the first write needs, in a thread, once there is time."""
        await self._writing()

    async def close(self) -> None:
        await self._write_used()
        if self._writer is not None:
            await self._writer.close()
        self._reader.close()

    # providers

    def providers(self) -> tuple[Stored, ...]:
        """All of them, best priority first."""
        return self._configuration.listed()

    def provider(self, provider_id: int) -> Stored:
        return _found(self._configuration.find(provider_id), f"there is no provider {provider_id}")

    async def create_provider(self, values: Mapping[str, Any]) -> Stored:
        """`values`: fields of requirements S0-35..45, `name` and `base_url` at least. Raises ChangeError."""
        draft = drafts.new_provider({"timeout": self._configuration.base.timeout_idle, **values})

        async def create(transaction: "Transaction", now: Configuration, revision: int) -> int:
            row = drafts.provider_row(draft, now, None, revision, time.time())
            sealed = drafts.sealed_columns(draft)
            made = await transaction.insert("providers", {**row, **dict.fromkeys(sealed, "")})
            await transaction.update("providers", made, self._sealed(sealed, made))
            return made

        return self.provider(await self._change(create, provider=True))

    async def update_provider(self, provider_id: int, values: Mapping[str, Any]) -> Stored:
        """Only the given fields change; an `api_key` as it is shown keeps the stored one. Raises ChangeError."""

        async def update(transaction: "Transaction", now: Configuration, revision: int) -> int:
            changes = drafts.changed_provider(values, drafts.writable(now, provider_id))
            row = drafts.provider_row(changes, now, provider_id, revision, time.time())
            await transaction.update(
                "providers", provider_id, {**row, **self._sealed(drafts.sealed_columns(changes), provider_id)}
            )
            return provider_id

        return self.provider(await self._change(update))

    async def delete_provider(self, provider_id: int) -> None:
        """Raises ChangeError."""

        async def delete(transaction: "Transaction", now: Configuration, _: int) -> int:
            drafts.writable(now, provider_id)
            await transaction.delete("providers", provider_id)
            return provider_id

        await self._change(delete, deleted=True)

    # keys

    def keys(self) -> tuple[Key, ...]:
        """All of them, those of the key file last."""
        keys = self.snapshot.keys.values()
        return tuple(map(self._with_use, sorted(keys, key=lambda key: (key.source != "database", str(key.id).zfill(20)))))

    def key(self, key_id: int | str) -> Key:
        there = next((key for key in self.snapshot.keys.values() if str(key.id) == str(key_id)), None)
        return self._with_use(_found(there, f"there is no API key {key_id}"))

    async def create_key(self, values: Mapping[str, Any], length: int = KEY_LENGTH) -> tuple[Key, str]:
        """The key as it is kept and, once, its text. Raises ChangeError."""
        try:
            text = new_key(length)
        except ValueError as error:
            raise InvalidError("length", str(error)) from None
        draft = drafts.key_row(values, new=True) | {
            "digest": self.digest(text),
            "secret_id": self._keyring.id,
            "prefix": text[:SHOWN],
        }

        async def create(transaction: "Transaction", _: Configuration, revision: int) -> int:
            return await transaction.insert("api_keys", {**draft, "created_at": time.time(), "revision": revision})

        return self.key(await self._change(create)), text

    async def update_key(self, key_id: int | str, values: Mapping[str, Any]) -> Key:
        """Only the given fields change. Raises ChangeError."""
        changes = drafts.key_row(values, new=False)

        async def update(transaction: "Transaction", now: Configuration, revision: int) -> int:
            row = drafts.writable_key(now, key_id)
            await transaction.update("api_keys", row, {**changes, "revision": revision})
            return row

        return self.key(await self._change(update))

    async def delete_key(self, key_id: int | str) -> None:
        async def delete(transaction: "Transaction", now: Configuration, _: int) -> int:
            row = drafts.writable_key(now, key_id)
            await transaction.delete("api_keys", row)
            return row

        await self._change(delete, deleted=True)

    def touch_key(self, key_id: int | str, now: float) -> None:
        """A call was made with this key. Costs nothing here: it is written with the next batch."""
        self._used[key_id] = now
        if isinstance(key_id, int):
            self._unwritten.add(key_id)

    # other processes

    async def watch(self) -> None:
        """Follow what other processes change, until cancelled."""
        last = time.monotonic()
        while True:
            await asyncio.sleep(POLL)
            try:
                await self.refresh()
                if time.monotonic() - last > USED_EVERY:
                    last = time.monotonic()
                    await self._write_used()
            except (sqlite3.Error, ConfigError, OSError) as error:
                self._tell_once(f"the configuration could not be read again, the last one stays: {error}")

    async def refresh(self) -> None:
        """Take over what other processes changed. Raises sqlite3.Error, ConfigError; then the last configuration stays."""
        async with self._lock:
            after = await asyncio.to_thread(self._looked, self._configuration)
            self._swap(after)

    def redact(self, text: str) -> str:
        """`text` without any provider's secrets, for logs."""
        for provider in self.snapshot.providers:
            key = provider.api_key.reveal()
            if len(key) >= 8 and key in text:
                text = text.replace(key, provider.api_key.masked)
        return text

    def _looked(self, now: Configuration) -> Configuration:
        if keyfile.stamp_of(self._keys_path) != now.base.file.stamp:
            now = now.with_file(keyfile.read(self._keys_path, self._keyring.digest))
        return now.updated(self._reader.changes(now.counters), self._keyring) if self._reader.moved() else now

    async def _change(self, action: Action, *, deleted: bool = False, provider: bool = False) -> int:
        """One transaction: newest rows, write, new Snapshot; then commit, swap, tell. What the action returns."""
        writer = await self._writing()
        async with self._lock:
            async with writer.transaction() as transaction:
                now = self._configuration
                now = now.updated(await transaction.changes(now.counters), self._keyring)
                revision = await transaction.count(deleted=deleted, provider=provider)
                row = await action(transaction, now, revision)
                after = now.updated(await transaction.changes(now.counters), self._keyring)
            self._swap(after)
        return row

    def _swap(self, after: Configuration) -> None:
        if after is self._configuration:
            return
        self._configuration = after
        for listener in self._listeners:
            listener(after.snapshot)

    async def _writing(self) -> "Writer":
        if self._writer is None:
            writing = await asyncio.to_thread(importlib.import_module, "dragoman.store.writing")
            if self._writer is None:
                self._writer = writing.Writer(self._path)
        return self._writer

    async def _write_used(self) -> None:
        times = {row: self._used[row] for row in self._unwritten}
        if not times:
            return
        writer = await self._writing()
        async with self._lock, writer.transaction() as transaction:
            await transaction.used(times)
        self._unwritten -= {row for row, at in times.items() if self._used[row] == at}

    def _sealed(self, secrets: Mapping[str, str], row: int) -> dict[str, str]:
        return {column: self._keyring.seal(plain, Place("providers", row, column)) for column, plain in secrets.items()}

    def _with_use(self, key: Key) -> Key:
        return drafts.with_use(key, self._used.get(key.id))

    def _warnings(self) -> list[str]:
        now = self._configuration
        foreign = sum(one.secret_id != self._keyring.id for one in now.keys.values())
        keys = [f"{foreign} client keys were made under another SECRET_KEY and open nothing now: put it back or make new keys"]
        problems = [one.problem for one in now.providers.values() if one.problem is not None]
        beyond = len(problems) - PROBLEMS_TOLD
        more = [f"{beyond} more providers cannot be used for such a reason"] if beyond > 0 else []
        own = [*problems[:PROBLEMS_TOLD], *more, *(keys if foreign else [])]
        return [*now.base.environment.warnings, *now.base.file.warnings, *own]

    def _tell_once(self, message: str) -> None:
        if message not in self._told and len(self._told) < 100:
            self._told.add(message)
            log.warning(message)


def _found(there: T | None, message: str) -> T:
    if there is None:
        raise UnknownError(message)
    return there
