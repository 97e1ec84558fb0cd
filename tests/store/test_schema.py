"""The database file: made, brought up to date, refused. `schema.sql` is what the migrations say."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, inspect

from dragoman.core.errors import ConfigError
from dragoman.store import schema, tables
from dragoman.store.migrations import run
from dragoman.store.reading import KeyRow, ProviderRow


def test_schema_sql_is_the_migrations(golden: Callable[[str, str], None]) -> None:
    golden("src/dragoman/store/schema.sql", run.script())


def test_the_newest_revision_is_known() -> None:
    assert run.head() == schema.HEAD


def test_migrations_and_script_make_the_same_database(tmp_path: Path) -> None:
    schema.prepare(tmp_path / "script.db")
    run.upgrade(tmp_path / "steps.db")
    assert _shape(tmp_path / "script.db") == _shape(tmp_path / "steps.db")


def test_the_tables_are_those_of_the_database(tmp_path: Path) -> None:
    schema.prepare(tmp_path / "d.db")
    inspector = inspect(create_engine(f"sqlite:///{tmp_path / 'd.db'}"))
    there = {
        table: [(column["name"], str(column["type"]), column["nullable"]) for column in inspector.get_columns(table)]
        for table in inspector.get_table_names()
        if table != "alembic_version"
    }
    ours = {
        name: [(column.name, str(column.type), column.nullable) for column in table.columns]
        for name, table in tables.metadata.tables.items()
    }
    assert there == ours
    assert set(ProviderRow._fields) == set(tables.providers.columns.keys()) - {"name_key"}
    assert set(KeyRow._fields) == set(tables.api_keys.columns.keys())


def test_an_older_database_is_brought_up_to_date_by_alembic(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No released revision is older than the newest yet: an invented one stands for it."""
    path = tmp_path / "d.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        connection.execute("INSERT INTO alembic_version VALUES ('before')")
    upgraded: list[Path] = []

    def upgrade(database: Path) -> None:
        upgraded.append(database)
        with sqlite3.connect(database) as connection:
            connection.execute("DROP TABLE alembic_version")
        run_upgrade(database)

    run_upgrade = run.upgrade
    monkeypatch.setattr(schema, "_KNOWN", frozenset({"before", schema.HEAD}))
    monkeypatch.setattr(run, "upgrade", upgrade)
    schema.prepare(path)
    assert upgraded == [path]
    assert _rows(path, "SELECT version_num FROM alembic_version") == [(schema.HEAD,)]
    assert _rows(path, "SELECT id, revision FROM meta") == [(1, 0)]


def test_a_newer_database_is_refused_and_untouched(tmp_path: Path) -> None:
    path = tmp_path / "d.db"
    schema.prepare(path)
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    before = _rows(path, "SELECT sql FROM sqlite_master")
    with pytest.raises(ConfigError, match="newer Dragoman"):
        schema.prepare(path)
    assert _rows(path, "SELECT sql FROM sqlite_master") == before


def test_what_is_no_database_is_refused_and_untouched(tmp_path: Path) -> None:
    path = tmp_path / "d.db"
    path.write_bytes(b"this is a letter, not a database " * 50)
    with pytest.raises(ConfigError, match="cannot be used"):
        schema.prepare(path)
    assert path.read_bytes().startswith(b"this is a letter")


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(ConfigError, match="cannot be opened"):
        schema.prepare(tmp_path / "deep" / "d.db")


def test_folders_are_made_and_the_mode_is_wal(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "d.db"
    schema.prepare(path)
    assert _rows(path, "PRAGMA journal_mode") == [("wal",)]


def test_many_first_starts_at_once(tmp_path: Path) -> None:
    path = tmp_path / "d.db"
    with ThreadPoolExecutor(12) as pool:
        list(pool.map(lambda _: schema.prepare(path), range(24)))
    assert _rows(path, "SELECT count(*) FROM meta") == [(1,)]
    assert _rows(path, "SELECT count(*) FROM alembic_version") == [(1,)]


def test_opening_needs_neither_sqlalchemy_nor_alembic(tmp_path: Path) -> None:
    """Their import costs more than half of the second that `serve` may take."""
    program = (
        "import asyncio, sys\n"
        "from pathlib import Path\n"
        "from dragoman.settings import Settings\n"
        "from dragoman.store import Store\n"
        "settings = Settings.load({}, Path('none'), database_url='sqlite:///d.db')\n"
        "asyncio.run(Store.open(settings))\n"
        "print({'sqlalchemy', 'alembic', 'aiosqlite', 'fastapi'} & set(sys.modules))\n"
    )
    for _ in range(2):
        done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True)
        assert done.stdout.strip() == "set()"


def _rows(path: Path, statement: str) -> list[Any]:
    with sqlite3.connect(path) as connection:
        return connection.execute(statement).fetchall()


def _shape(path: Path) -> dict[str, Any]:
    names = [row[0] for row in _rows(path, "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    return {name: (_rows(path, f"PRAGMA table_info({name})"), sorted(map(str, _indexes(path, name)))) for name in names}


def _indexes(path: Path, table: str) -> list[Any]:
    return [(row[2], row[3], _rows(path, f"PRAGMA index_info({row[1]})")) for row in _rows(path, f"PRAGMA index_list({table})")]
