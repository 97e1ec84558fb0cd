"""The reference pages, written from what they are about: the command line's help, its exit codes, the settings."""

from collections.abc import Iterator
from typing import Any, get_args

from typer.main import get_command
from typer.testing import CliRunner

from dragoman.cli.app import app
from dragoman.cli.exits import MEANINGS
from dragoman.cli.pairing import nicknames
from dragoman.dialects.registry import CLIENTS, DIALECTS
from dragoman.settings import Settings

WIDTH = 100
INNER = ("environment", "warnings")
"""Fields of Settings that are no settings."""


def verbs() -> Iterator[tuple[str, ...]]:
    """Every verb, `keys create` as two words, in the order of the help."""
    yield from _verbs(get_command(app), ())


def _verbs(command: Any, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for name, below in getattr(command, "commands", {}).items():
        if hasattr(below, "commands"):
            yield from _verbs(below, (*path, name))
        else:
            yield (*path, name)


def help_of(verb: tuple[str, ...]) -> str:
    answer = CliRunner().invoke(app, [*verb, "--help"], prog_name="dragoman", terminal_width=WIDTH)
    assert answer.exit_code == 0, answer.output
    return "\n".join(line.rstrip() for line in answer.output.strip().splitlines())


def command_line() -> str:
    """The generated part of docs/cli.md."""
    parts = [f"## {' '.join(verb)}\n\n```text\n{help_of(verb)}\n```\n" for verb in verbs()]
    codes = "\n".join(f"| {int(code)} | {meaning} |" for code, meaning in MEANINGS.items())
    return "\n".join([*parts, f"## Exit codes\n\n| code | cause |\n|---:|---|\n{codes}\n"])


_SHOWN = 2


def dialect_table() -> str:
    """The generated part of README.md: where clients call each dialect, and its short names on the command line."""
    rows = []
    for id_ in DIALECTS:
        paths = CLIENTS[id_].paths if id_ in CLIENTS else ()
        doors = [f"`{path.method} {path.pattern}`" for path in paths if path.operation == "chat"]
        shown = ", ".join(doors[:_SHOWN]) + (f" and {len(doors) - _SHOWN} more" if len(doors) > _SHOWN else "")
        rows.append(f"| {name_of(id_)} | {shown or 'spoken to providers only'} |")
    return "\n".join(["| dialect | where clients call it |", "|---|---|", *rows, ""])


def name_of(dialect: str) -> str:
    short = ", ".join(f"`{word}`" for word in nicknames(dialect))
    return f"`{dialect}`{f' (short: {short})' if short else ''}"


def settings_table() -> str:
    """The generated part of docs/configuration.md."""
    rows = []
    for name, field in Settings.model_fields.items():
        if name not in INNER:
            default = _shown(field.get_default(call_default_factory=False))
            rows.append(f"| `{variable(name)}` | {_kind(field.annotation)} | {default} | {field.description} |")
    return "\n".join(["| variable | values | default | what it decides |", "|---|---|---|---|", *rows, ""])


def variable(name: str) -> str:
    """The environment variable of a setting."""
    return str(Settings.model_fields[name].alias or name).upper()


def _kind(annotation: Any) -> str:
    choices = get_args(annotation)
    if choices:
        return ", ".join(f"`{choice}`" for choice in choices)
    return {"str": "text", "int": "whole number", "float": "number", "bool": "`true`, `false`"}[annotation.__name__]


def _shown(value: object) -> str:
    if value == "":
        return ""
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"
