"""The key file: one key a line, `#` begins a comment. Rule: keys are digested as they are read and kept nowhere else."""

from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from dragoman.core.config import Key
from dragoman.core.errors import ConfigError
from dragoman.store.secrets import SHOWN

SHORTEST = 8
_LONGEST = 1024

Stamp = tuple[int, int, int]
"""Modification time, size and inode: what tells that the file was changed."""


class KeyFile(Struct, frozen=True):
    """What the file held. `stamp` None: there is no file. `warnings`: lines that are no keys, by number, never by content."""

    stamp: Stamp | None = None
    keys: tuple[Key, ...] = ()
    warnings: tuple[str, ...] = ()


def stamp_of(path: Path) -> Stamp | None:
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def read(path: Path, digest: Callable[[str], str]) -> KeyFile:
    """Raises ConfigError where the file is there but cannot be read: an unread key file must not open the server."""
    try:
        stamp = stamp_of(path)
        lines = [] if stamp is None else path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        why = (error.strerror or type(error).__name__) if isinstance(error, OSError) else "it is not text"
        raise ConfigError(f"the key file {path} cannot be read: {why}") from None
    keys: dict[str, Key] = {}
    warnings = []
    for number, line in enumerate(lines, 1):
        word = line.partition("#")[0].strip()
        if not word:
            continue
        if not SHORTEST <= len(word) <= _LONGEST or " " in word or "\t" in word:
            warnings.append(f"{path}:{number} is not a key and is left out (one key a line, at least {SHORTEST} characters)")
            continue
        made = digest(word)
        keys[made] = Key(id=f"file-{digest(made)[:12]}", digest=made, prefix=word[:SHOWN], source="file")
    return KeyFile(stamp, tuple(keys.values()), tuple(warnings))
