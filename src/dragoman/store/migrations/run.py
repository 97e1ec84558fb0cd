"""Alembic without its command line: bring a database to the newest revision, or write all revisions as SQL."""

import io
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, event
from sqlalchemy.pool import NullPool


def upgrade(path: Path) -> None:
    """Run what is missing in one transaction that holds the write lock, so that of many processes one migrates."""
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool)
    event.listen(engine, "connect", lambda connection, _: setattr(connection, "isolation_level", None))
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    with engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout = 60000")
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    engine.dispose()


def script() -> str:
    """All revisions as SQL, from nothing to the newest."""
    written = io.StringIO()
    command.upgrade(_config(written), "head", sql=True)
    lines = (line.rstrip() for line in written.getvalue().splitlines() if not line.startswith("--"))
    parts = (part.strip("\n") for part in "\n".join(lines).split("\n\n"))
    return "\n\n".join(part for part in parts if part != "") + "\n"


def head() -> str | None:
    return ScriptDirectory.from_config(_config()).get_current_head()


def _config(output: io.StringIO | None = None) -> Config:
    config = Config(output_buffer=output)
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    config.set_main_option("sqlalchemy.url", "sqlite://")
    return config
