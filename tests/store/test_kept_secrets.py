"""Secrets in rows, files and words: sealed, bound to their place, never shown."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from dragoman.core.errors import ConfigError
from dragoman.store import Store
from support.store import opened, provider, settings


async def test_nothing_secret_is_in_the_files(tmp_path: Path) -> None:
    files = tmp_path.iterdir
    async with opened(tmp_path) as store:
        await store.create_provider(provider(headers={"x-api-token": "CANARY-header-value"}))
        _, text = await store.create_key({"name": "laptop"})
    for file in files():
        data = file.read_bytes()
        assert b"CANARY" not in data, file
        assert text.encode() not in data, file
        assert text[4:20].encode() not in data, file


async def test_two_rows_cannot_change_places(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        await store.create_provider(provider("a", api_key="sk-of-a-00001"))
        await store.create_provider(provider("b", api_key="sk-of-b-00002"))
    with sqlite3.connect(tmp_path / "store.db") as connection:
        connection.execute("UPDATE providers SET api_key = (SELECT api_key FROM providers WHERE id = 2) WHERE id = 1")
    async with opened(tmp_path) as again:
        a, b = (one for one in again.providers() if one.provider.source == "database")
        assert a.problem is not None
        assert "damaged or moved" in a.problem
        assert b.problem is None


async def test_another_secret_marks_providers_and_never_overwrites(tmp_path: Path) -> None:
    async with opened(tmp_path, secret_key="the first one") as store:
        await store.create_provider(provider(headers={"x-a": "1"}))
        await store.create_key({})
    before = _column(tmp_path, "api_key")
    async with opened(tmp_path, secret_key="another") as store:
        stored = store.providers()[0]
        assert stored.problem is not None
        assert "SECRET_KEY" in stored.problem
        assert not store.snapshot.providers[0].is_active
        assert stored.provider.is_active
        assert stored.masked_key == "..."
        assert any("client keys" in warning for warning in store.warnings)
        await store.update_provider(1, {"priority": 3, "api_key": "..."})
        assert _column(tmp_path, "api_key") == before
        entered = await store.update_provider(1, {"api_key": "sk-entered-again", "headers": {"x-a": "2"}})
        assert entered.problem is None
        assert store.snapshot.providers[0].is_active
    async with opened(tmp_path, secret_key="the first one") as store:
        assert store.providers()[0].problem is not None


async def test_many_unusable_providers_are_told_in_few_lines(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        for number in range(8):
            await store.create_provider(provider(f"p{number}"))
    (tmp_path / "dragoman.secret").unlink()
    async with opened(tmp_path) as store:
        assert len(store.warnings) == 4
        assert store.warnings[-1].startswith("5 more providers")


async def test_redact(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        await store.create_provider(provider())
        assert store.redact("key sk-CANARY-0123456789 is wrong") == "key ...6789 is wrong"


async def test_a_wrong_secret_key_file_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "dragoman.secret").write_text("")
    with pytest.raises(ConfigError, match="damaged"):
        await Store.open(settings(tmp_path))


async def test_no_representation_shows_a_secret(tmp_path: Path) -> None:
    async with opened(tmp_path, {"OPENAI_API_KEY": "sk-CANARY-env"}) as store:
        await store.create_provider(provider())
        assert "CANARY" not in repr(store.snapshot) + repr(store.providers()) + repr(vars(store)) + str(settings(tmp_path))


def _column(folder: Path, name: str) -> list[Any]:
    with sqlite3.connect(folder / "store.db") as connection:
        return [row[list(row.keys()).index(name)] for row in _dicts(connection)]


def _dicts(connection: sqlite3.Connection) -> list[sqlite3.Row]:
    connection.row_factory = sqlite3.Row
    return connection.execute("SELECT * FROM providers ORDER BY id").fetchall()
