"""The master secret: SECRET_KEY, else one generated into a 0600 file beside the database.

Rule: a secret is created once, whole, and never replaced: two processes that start together end up with the same one.
"""

import os
import secrets
from pathlib import Path

from msgspec import Struct

from dragoman.core.errors import ConfigError

FILE_NAME = "dragoman.secret"
_SHORTEST = 32


class Master(Struct, frozen=True):
    """`stretched`: chosen by a person, so it goes through a slow derivation first."""

    value: bytes
    stretched: bool
    origin: str


def master_secret(secret_key: str, folder: Path) -> Master:
    """SECRET_KEY where it is set, else the content of the file, which is made where it is missing. Raises ConfigError."""
    if secret_key:
        return Master(secret_key.encode("utf-8", "surrogateescape"), True, "SECRET_KEY")
    path = folder / FILE_NAME
    try:
        if not path.exists():
            _create(path)
        text = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"the secret file {path} cannot be used ({_reason(error)}): repair it or set SECRET_KEY") from None
    if len(text) < _SHORTEST:
        raise ConfigError(f"the secret file {path} is damaged: restore it from a backup, or set SECRET_KEY")
    return Master(text.encode("ascii"), False, str(path))


def _create(path: Path) -> None:
    """Whole or not at all: written under another name, then linked; whoever links first wins."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(32) + "\n")
            file.flush()
            os.fsync(file.fileno())
        _link(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def _link(draft: Path, path: Path) -> None:
    try:
        os.link(draft, path)
    except FileExistsError:
        return
    except OSError:
        # A file system without hard links. On Windows a rename never replaces; elsewhere this is the best there is.
        if not path.exists():
            draft.rename(path)


def _reason(error: Exception) -> str:
    return error.strerror or type(error).__name__ if isinstance(error, OSError) else "it is not text"
