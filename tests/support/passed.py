"""The table of docs/other-calls.md, written from the dialects' own."""

import re

from dragoman.dialects.base import Path
from dragoman.dialects.registry import CLIENTS

_BELOW = re.compile(r"/\{(?:id|rest)\}")


def passed_table() -> str:
    """Doors that several dialects have as one stand once."""
    owners: dict[int, tuple[Path, list[str]]] = {}
    for dialect in CLIENTS.values():
        for path in dialect.paths:
            owners.setdefault(id(path), (path, []))[1].append(f"`{dialect.id}`")
    rows: dict[tuple[str, str], list[str]] = {}
    for path, dialects in owners.values():
        if (how := _how(path)) != "":
            paths = rows.setdefault((", ".join(dialects), how), [])
            paths += [_shown(path)] if _shown(path) not in paths else []
    lines = (f"| {dialects} | {how} | {' · '.join(paths)} |\n" for (dialects, how), paths in rows.items())
    return "| clients of | what happens | paths |\n|---|---|---|\n" + "".join(lines)


def _shown(path: Path) -> str:
    """Of what is kept, and of what is refused, all that is below it is one."""
    if "{model}" in path.pattern:
        return f"`{path.method} {path.pattern}`"
    below = "..." if path.pinned or path.answer is not None else ""
    return f"`{_BELOW.split(path.pattern)[0]}`{below}"


def _how(path: Path) -> str:
    match path.operation:
        case "embed":
            return "a model is asked; translated for a provider of another dialect"
        case "pass":
            return "one provider keeps it" if path.pinned else "a model is asked"
        case _:
            return "refused with 501" if path.answer is not None and path.answer.status == 501 else ""
