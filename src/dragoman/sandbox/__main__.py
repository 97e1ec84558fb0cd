"""Writes the scenario table of a document anew: `python -m dragoman.sandbox docs/sandbox.md`; without a file, prints it."""

import re
import sys
from pathlib import Path

from dragoman.sandbox.scenarios import table

_PLACE = re.compile(r"(<!-- scenarios: .*? -->\n).*?(<!-- /scenarios -->)", re.DOTALL)


def documented(text: str) -> str:
    """`text` with the table in its place."""
    return _PLACE.sub(lambda found: f"{found[1]}{table()}{found[2]}", text)


def main(arguments: list[str]) -> None:
    if not arguments:
        sys.stdout.write(table())
    for name in arguments:
        path = Path(name)
        path.write_text(documented(path.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
