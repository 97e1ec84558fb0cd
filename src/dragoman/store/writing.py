"""Transactions that write, through SQLAlchemy. Rule: every one begins with BEGIN IMMEDIATE, so that it holds the write lock
before it reads what it decides by. Imported with the first write (`reading` says why)."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, Table, bindparam, delete, event, insert, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from dragoman.store import reading, tables
from dragoman.store.errors import UnavailableError
from dragoman.store.reading import Changes, Counters
from dragoman.store.schema import BUSY

_TABLES: dict[str, Table] = {"providers": tables.providers, "api_keys": tables.api_keys}
_COUNTERS, _PROVIDERS, _KEYS = text(reading.COUNTERS), text(reading.PROVIDERS), text(reading.KEYS)


class Writer:
    """One connection; the Store lets one transaction in at a time."""

    def __init__(self, path: Path) -> None:
        self._engine: AsyncEngine = create_async_engine(
            f"sqlite+aiosqlite:///{path}", pool_size=1, max_overflow=0, connect_args={"timeout": BUSY}
        )
        _begin_immediate(self._engine.sync_engine)

    @asynccontextmanager
    async def transaction(self) -> "AsyncIterator[Transaction]":
        """Committed at the end, rolled back on any exception. Raises UnavailableError."""
        try:
            async with self._engine.begin() as connection:
                yield Transaction(connection)
        except DBAPIError as error:
            raise UnavailableError(f"the database cannot be written: {error.orig}") from None

    async def close(self) -> None:
        await self._engine.dispose()


class Transaction:
    """What can be written. Every variable part is a bound parameter."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def changes(self, known: Counters) -> Changes:
        now = reading.counters_of((await self._connection.execute(_COUNTERS)).one())
        if now == known:
            return reading.changes_of(known, now, (), ())
        parameters = {"since": reading.since(known, now)}
        providers = (await self._connection.execute(_PROVIDERS, parameters)).all()
        keys = (await self._connection.execute(_KEYS, parameters)).all()
        return reading.changes_of(known, now, providers, keys)

    async def count(self, *, deleted: bool = False, provider: bool = False) -> int:
        """The revision of this transaction. `deleted`: it takes rows away; `provider`: from now on there was one."""
        meta = tables.meta
        values: dict[str, Any] = {"revision": meta.c.revision + 1}
        if deleted:
            values["deletions"] = meta.c.deletions + 1
        if provider:
            values["real_provider_ever"] = True
        result = await self._connection.execute(update(meta).values(values).returning(meta.c.revision))
        return int(result.scalar_one())

    async def insert(self, table: str, values: Mapping[str, Any]) -> int:
        """The id of the new row."""
        result = await self._connection.execute(insert(_TABLES[table]).values(dict(values)))
        (row,) = result.inserted_primary_key or (0,)
        return int(row)

    async def update(self, table: str, row: int, values: Mapping[str, Any]) -> None:
        """Only the named columns, so that two edits of different ones both hold."""
        there = _TABLES[table]
        await self._connection.execute(update(there).where(there.c.id == row).values(dict(values)))

    async def delete(self, table: str, row: int) -> None:
        there = _TABLES[table]
        await self._connection.execute(delete(there).where(there.c.id == row))

    async def used(self, times: Mapping[int, float]) -> None:
        """When keys were last used; no change of the configuration, so the revision stays."""
        keys = tables.api_keys
        statement = update(keys).where(keys.c.id == bindparam("row")).values(last_used_at=bindparam("at"))
        await self._connection.execute(statement, [{"row": row, "at": at} for row, at in times.items()])


def _begin_immediate(engine: Engine) -> None:
    def connected(connection: Any, _: Any) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA foreign_keys = ON")

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
