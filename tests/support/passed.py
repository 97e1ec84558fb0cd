"""The table of docs/other-calls.md, written from the dialects' own."""

from dragoman.dialects.base import Path
from dragoman.dialects.registry import CLIENTS


def passed_table() -> str:
    rows: dict[tuple[str, str], list[str]] = {}
    for dialect in CLIENTS.values():
        for path in dialect.paths:
            if (how := _how(path)) != "":
                paths = rows.setdefault((dialect.id, how), [])
                paths += [_shown(path)] if _shown(path) not in paths else []
    lines = (f"| `{dialect}` | {how} | {' · '.join(paths)} |\n" for (dialect, how), paths in rows.items())
    return "| clients of | what happens | paths |\n|---|---|---|\n" + "".join(lines)


def _shown(path: Path) -> str:
    """Of what is kept, and of what is refused, all that is below it is one."""
    if "{model}" in path.pattern:
        return f"`{path.method} {path.pattern}`"
    below = "..." if path.pinned or path.answer is not None else ""
    return f"`{path.pattern.partition('/{')[0]}`{below}"


def _how(path: Path) -> str:
    match path.operation:
        case "embed":
            return "a model is asked; translated for a provider of another dialect"
        case "pass":
            return "one provider keeps it" if path.pinned else "a model is asked"
        case _:
            return "refused with 501" if path.answer is not None and path.answer.status == 501 else ""
