"""Reads the tables that the conformance harness writes, and says whether they are good enough.

Good: every answer is equal or reported; every request is equal, reported or refused by name; and where client and provider
speak one dialect, the bytes are the same. Usage: judge.py TABLES.md ...   Exit status 1 names each row that is not.
"""

import sys
from pathlib import Path

NEVER = ("silent", "different", "crashed", "n/a")
ALL_ROWS = "**all**"


def rows(page: str) -> list[tuple[str, dict[str, str]]]:
    """(direction, column -> cell) of every row in the result tables of a page."""
    direction, columns, found = "", [], []
    for line in page.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("## "):
            direction, columns = line[3:].partition(" ")[0].lower(), []
        elif cells[0] == "client -> provider":
            columns = ["same bytes" if cell.startswith("same bytes") else cell for cell in cells]
        elif line.startswith("| ") and len(cells) == len(columns):
            found.append((direction, dict(zip(columns, cells, strict=True))))
        elif not line.startswith("|"):
            columns = []
    return found


def complaints(direction: str, row: dict[str, str]) -> list[str]:
    """What is wrong with one row."""
    never = NEVER if direction == "request" else (*NEVER, "refused")
    said = [f"{row[verdict]} {verdict}" for verdict in never if row[verdict]]
    client, _, provider = row["client -> provider"].partition(" -> ")
    same, _, of = row["same bytes"].partition("/")
    if client == provider and (same != of or not of):
        said.append(f"same bytes {row['same bytes'] or 'never judged'}")
    return said


def judge(page: str, name: str) -> list[str]:
    """One line for each row that is not good enough; a page without cases is not, either."""
    found = rows(page)
    if {direction for direction, _ in found} != {"request", "response"} or any(row["n"] == "0" for _, row in found):
        return [f"{name}: no cases were judged"]
    return [
        f"{name}: {direction} {row['client -> provider']} {row['mode']}: {', '.join(said)}"
        for direction, row in found
        if row["client -> provider"] != ALL_ROWS and (said := complaints(direction, row))
    ]


if __name__ == "__main__":
    lines = [line for path in sys.argv[1:] for line in judge(Path(path).read_text(encoding="utf-8"), Path(path).stem)]
    print("\n".join(lines) or "conformance: all equal, reported or refused by name; same bytes within a dialect")
    sys.exit(1 if lines else 0)
