"""DATABASE_URL in all its forms."""

from pathlib import Path

import pytest

from dragoman.core.errors import ConfigError
from dragoman.store.location import database_file


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:///./dragoman.db", "dragoman.db"),
        ("sqlite:///data/deep/d.db", "data/deep/d.db"),
        ("sqlite+aiosqlite:///./d.db", "d.db"),
        ("SQLite:///d.db", "d.db"),
        ("sqlite:///./with%20space.db?timeout=5", "with space.db"),
        ("d.db", "d.db"),
        ("./data/d.db", "data/d.db"),
    ],
)
def test_relative_forms(url: str, path: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert database_file("sqlite", url) == tmp_path / path


@pytest.mark.parametrize("url", ["sqlite:////var/lib/d.db", "/var/lib/d.db"])
def test_absolute_forms(url: str) -> None:
    assert database_file("sqlite", url) == Path("/var/lib/d.db").absolute()


@pytest.mark.parametrize(
    ("kind", "url", "told"),
    [
        ("postgresql", "postgresql://user:CANARY@localhost/portbroker", "DATABASE_TYPE=postgresql is not yet supported"),
        ("sqlite", "postgresql://user:CANARY@localhost/portbroker", "postgresql is not yet"),
        ("sqlite", "postgresql+asyncpg://user:CANARY@localhost/x", "postgresql is not yet"),
        ("sqlite", "postgres://user:CANARY@localhost/x", "postgresql is not yet"),
        ("supabase", "sqlite:///./d.db", "DATABASE_TYPE=supabase is not yet supported"),
        ("sqlite", "sqlite://", "in memory"),
        ("sqlite", "sqlite:///:memory:", "in memory"),
        ("sqlite", "sqlite://dragoman.db", "three slashes"),
        ("sqlite", "mysql://user:CANARY@host/x", "'mysql'"),
        ("sqlite", "/", "folder"),
    ],
)
def test_what_cannot_be_served_is_one_line(kind: str, url: str, told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        database_file(kind, url)
    message = str(caught.value)
    assert told in message
    assert "\n" not in message
    assert "CANARY" not in message
