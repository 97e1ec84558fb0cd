"""Rows for people and for `cut`: columns with two spaces between them, no frames, no colours."""

from collections.abc import Iterable, Sequence


def aligned(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A heading in capitals and one line a row, columns as wide as their widest cell."""
    lines = [[name.upper() for name in head], *([cell or "-" for cell in row] for row in rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(head))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines)


def day(seconds: float | None) -> str:
    """Unix seconds as a minute in UTC."""
    if seconds is None:
        return ""
    from datetime import UTC, datetime

    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M")
