"""DATABASE_TYPE and DATABASE_URL -> the SQLite file. Rule: what cannot be served says so in one line that names the remedy."""

from pathlib import Path
from urllib.parse import unquote

from dragoman.core.errors import ConfigError

_SQLITE = ("sqlite:///", "sqlite+aiosqlite:///", "sqlite+pysqlite:///")
_LATER = {
    "postgresql": "DATABASE_TYPE=postgresql is not yet supported: use sqlite, DATABASE_URL=sqlite:///./dragoman.db",
    "supabase": "DATABASE_TYPE=supabase is not yet supported: use sqlite, DATABASE_URL=sqlite:///./dragoman.db",
}
_LATER_SCHEMES = {"postgresql": "postgresql", "postgres": "postgresql", "supabase": "supabase"}


def database_file(database_type: str, database_url: str) -> Path:
    """The absolute path of the database. Raises ConfigError."""
    scheme = database_url.partition("://")[0].partition("+")[0].lower() if "://" in database_url else ""
    kind = _LATER_SCHEMES.get(scheme, database_type)
    if kind in _LATER:
        raise ConfigError(_LATER[kind])
    name = _file_name(database_url, scheme)
    if name in ("", ":memory:") or name.startswith("file:"):
        raise ConfigError("DATABASE_URL must name a file (sqlite:///./dragoman.db): a database in memory would forget everything")
    path = Path(name).expanduser().absolute()
    if path.is_dir():
        raise ConfigError(f"DATABASE_URL names a folder, not a file: {path}")
    return path


def _file_name(url: str, scheme: str) -> str:
    for prefix in _SQLITE:
        if url.lower().startswith(prefix):
            return unquote(url[len(prefix) :].partition("?")[0])
    if scheme == "sqlite":
        return url.partition("://")[2].strip("/") and _bad_slashes(url)
    if scheme:
        raise ConfigError(
            f"DATABASE_URL has the scheme {scheme!r}: it must be sqlite:///./dragoman.db, sqlite:////path/to.db or a path"
        )
    return url


def _bad_slashes(url: str) -> str:
    raise ConfigError(
        "DATABASE_URL needs three slashes before a relative path (sqlite:///./dragoman.db), four before an absolute one"
    )
