"""`generate-key`: a client key for the keys file, which a running server watches. Keys with names are in the database: `keys`."""

from pathlib import Path
from typing import Annotated

import typer


def generate_key(
    length: Annotated[
        int, typer.Option(metavar="INTEGER", min=22, max=128, help="Characters after `fwd_`; 43 are 256 bits.")
    ] = 43,
    file: Annotated[Path | None, typer.Option(metavar="FILE", help="The file to append to.  [default: KEYS_FILE]")] = None,
) -> None:
    """Make a client key for the keys file.

    It is printed, and appended to the keys file, which a running server watches.
    """
    import sys

    from dragoman.settings import Settings
    from dragoman.store.secrets import new_key

    path = Path(Settings.load().keys_file) if file is None else file
    key = new_key(length)
    append(path.expanduser(), key)
    print(key)
    print(f"appended to {path}; a running server honours it within a second", file=sys.stderr)


def append(path: Path, key: str) -> None:
    """One key a line. Folder and file are made where they are missing; nobody but the owner can read the file."""
    import os

    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "r+b") as file:
        path.chmod(0o600)
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - 1))
        unfinished = file.read(1) not in (b"", b"\n")
        file.write((b"\n" if unfinished else b"") + key.encode() + b"\n")
