"""Writes at once, failures on the way, and what other connections did."""

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from dragoman.core.config import Snapshot
from dragoman.store.errors import UnavailableError, UnknownError
from dragoman.store.writing import Transaction
from support.store import opened, provider


async def test_listeners_hear_each_snapshot_once(tmp_path: Path) -> None:
    heard: list[Snapshot] = []
    async with opened(tmp_path) as store:
        store.subscribe(heard.append)
        await store.create_provider(provider("a"))
        await store.refresh()
        await store.create_key({})
        await store.refresh()
        assert [snapshot.revision for snapshot in heard] == [1, 2]
        assert heard[-1] is store.snapshot


async def test_what_fails_before_the_commit_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened(tmp_path) as store:
        await store.create_provider(provider("a"))
        before = store.snapshot

        real = Transaction.changes
        calls: list[Any] = []

        async def second_fails(self: Transaction, known: Any) -> Any:
            calls.append(known)
            if len(calls) == 2:
                raise RuntimeError("the new Snapshot cannot be built")
            return await real(self, known)

        monkeypatch.setattr(Transaction, "changes", second_fails)
        with pytest.raises(RuntimeError):
            await store.create_provider(provider("b"))
        monkeypatch.undo()
        assert store.snapshot is before
        await store.refresh()
        assert [one.name for one in store.snapshot.providers if one.source == "database"] == ["a"]
        assert (await store.create_provider(provider("b"))).provider.name == "b"


async def test_a_database_that_is_locked_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dragoman.store.schema.BUSY", 0.05)
    monkeypatch.setattr("dragoman.store.writing.BUSY", 0.05)
    async with opened(tmp_path) as store:
        other = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(UnavailableError, match="locked"):
            await store.create_provider(provider())
        other.execute("ROLLBACK")
        other.close()
        await store.create_provider(provider())


async def test_writers_at_once_lose_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path) as one, opened(tmp_path) as two:
        await asyncio.gather(*((one, two)[number % 2].create_provider(provider(f"p{number}")) for number in range(40)))
        for store in (one, two):
            await store.refresh()
            assert store.snapshot.revision == 40
            assert {found.name for found in store.snapshot.providers if found.source == "database"} == {
                f"p{n}" for n in range(40)
            }


async def test_both_edits_of_one_provider_hold(tmp_path: Path) -> None:
    async with opened(tmp_path) as one, opened(tmp_path) as two:
        made = (await one.create_provider(provider())).provider
        await asyncio.gather(one.update_provider(made.id, {"priority": 3}), two.update_provider(made.id, {"is_active": False}))
        await asyncio.gather(one.refresh(), two.refresh())
        for store in (one, two):
            found = store.provider(made.id).provider
            assert (found.priority, found.is_active, found.api_key) == (3, False, made.api_key)


async def test_a_deletion_elsewhere_is_seen(tmp_path: Path) -> None:
    async with opened(tmp_path) as one, opened(tmp_path) as two:
        made = await one.create_provider(provider("a"))
        await one.create_provider(provider("b"))
        key, text = await one.create_key({})
        await two.refresh()
        await one.delete_provider(made.provider.id)
        await one.delete_key(key.id)
        await two.refresh()
        assert [found.name for found in two.snapshot.providers if found.source == "database"] == ["b"]
        assert two.digest(text) not in two.snapshot.keys
        with pytest.raises(UnknownError):
            await two.update_provider(made.provider.id, {"priority": 1})


async def test_a_database_that_was_put_back_is_read_anew(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        await store.create_provider(provider("a"))
        await store.create_provider(provider("b"))
        with sqlite3.connect(tmp_path / "store.db") as connection:
            connection.execute("DELETE FROM providers WHERE name = 'b'")
            connection.execute("UPDATE providers SET priority = 77")
            connection.execute("UPDATE meta SET revision = 1")
        await store.refresh()
        assert [(one.name, one.priority) for one in store.snapshot.providers if one.source == "database"] == [("a", 77)]


async def test_only_changed_rows_are_decrypted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened(tmp_path) as store:
        for number in range(20):
            await store.create_provider(provider(f"p{number}"))
        opened_rows: list[int] = []
        keyring = store._keyring
        real = keyring.open

        def counting(sealed: str, place: Any) -> str:
            opened_rows.append(place.row)
            return real(sealed, place)

        monkeypatch.setattr(keyring, "open", counting)
        await store.update_provider(7, {"priority": 1})
        await store.delete_provider(3)
        assert set(opened_rows) == {7}
