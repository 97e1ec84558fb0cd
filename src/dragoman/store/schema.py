"""The database file as this version needs it: made, brought up to date, or refused.

Rule: a database at the newest revision costs one SELECT; Alembic is imported only for one that is older.
"""

import os
import secrets
import sqlite3
import time
from importlib.resources import files
from pathlib import Path

from dragoman.core.errors import ConfigError

HEAD = "0001"
BUSY = 5.0
"""Seconds a statement waits for another process's write."""
_KNOWN = frozenset({HEAD})


def prepare(path: Path) -> None:
    """Folders, file, WAL, schema and the row of counters. Safe with many processes at once. Raises ConfigError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))  # SQLite gives its other files the same mode
        connection = connect(path)
    except (OSError, sqlite3.Error) as error:
        raise ConfigError(f"the database {path} cannot be opened: {_plain(error)}") from None
    try:
        if _version(connection) != HEAD:
            _use_wal(connection)
            _bring_to_head(connection, path)
    except sqlite3.Error as error:
        raise ConfigError(f"the database {path} cannot be used: {_plain(error)}") from None
    finally:
        connection.close()


def connect(path: Path) -> sqlite3.Connection:
    """A connection outside SQLAlchemy, without implicit transactions. It may be used in turn by several threads."""
    connection = sqlite3.connect(path, timeout=BUSY, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def _bring_to_head(connection: sqlite3.Connection, path: Path) -> None:
    version = _version(connection)
    if version is None:
        _create(connection)
    elif version not in _KNOWN:
        raise ConfigError(
            f"the database {path} was made by a newer Dragoman (schema {version}; this one knows {HEAD}): update it"
        )
    else:
        from dragoman.store.migrations.run import upgrade

        upgrade(path)
    salt = secrets.token_hex(16)
    connection.execute("INSERT OR IGNORE INTO meta VALUES (1, 0, 0, 0, ?)", (salt,))


def _create(connection: sqlite3.Connection) -> None:
    script = (files("dragoman.store") / "schema.sql").read_text(encoding="utf-8")
    connection.execute("BEGIN IMMEDIATE")
    try:
        if _version(connection) is None:
            for statement in script.split(";\n"):
                connection.execute(statement).fetchall()
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _version(connection: sqlite3.Connection) -> str | None:
    """None for a database without tables of ours."""
    if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone() is None:
        return None
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return None if row is None else str(row[0])


def _use_wal(connection: sqlite3.Connection) -> None:
    """The change of mode does not wait for other processes by itself."""
    deadline = time.monotonic() + BUSY
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL").fetchone()
            return
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def _plain(error: Exception) -> str:
    return error.strerror or type(error).__name__ if isinstance(error, OSError) else str(error)
