"""Exit codes differ by cause, and an error is one line."""

import os
import subprocess
import sys

import pytest

from dragoman.cli.exits import MEANINGS, Exit, VerbError, reason
from dragoman.core.errors import CallError, ConfigError, Error, ErrorKind
from support.verbs import Shell


def call_error(kind: ErrorKind) -> CallError:
    return CallError(Error(kind=kind, message="it went wrong"))


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (VerbError(Exit.NOT_FOUND, "it went wrong"), 7),
        (ConfigError("it went wrong"), 3),
        (call_error(ErrorKind.AUTH), 5),
        (call_error(ErrorKind.PERMISSION), 5),
        (call_error(ErrorKind.NOT_FOUND), 7),
        (call_error(ErrorKind.BAD_REQUEST), 8),
        (call_error(ErrorKind.UNSUPPORTED), 8),
        (call_error(ErrorKind.RATE_LIMIT), 6),
        (call_error(ErrorKind.OVERLOADED), 6),
        (call_error(ErrorKind.SERVER), 6),
        (ConnectionRefusedError(111, "it went wrong"), 4),
    ],
)
def test_the_cause_decides_the_code(error: BaseException, code: int) -> None:
    assert reason(error) == (code, "it went wrong")


def test_files_are_configuration() -> None:
    assert reason(PermissionError(13, "Permission denied", "x.db")) == (3, "x.db: Permission denied")


def test_interrupted() -> None:
    assert reason(KeyboardInterrupt()) == (130, "interrupted")


def test_a_defect_is_not_explained_away() -> None:
    assert reason(ZeroDivisionError()) is None


def test_every_code_has_a_meaning() -> None:
    assert set(MEANINGS) == set(Exit)


@pytest.mark.parametrize(
    "arguments",
    [
        ("serve", "--port", "many"),
        ("serve", "--port", "65536"),
        ("serve", "--no-such-option"),
        ("call",),
        ("no-such-verb",),
        ("keys", "create", "--length", "5"),
    ],
    ids=" ".join,
)
def test_usage_is_one_line_that_leads_to_the_help(shell: Shell, arguments: tuple[str, ...]) -> None:
    said = shell(*arguments)
    assert (said.code, said.out) == (2, "")
    assert said.err.count("\n") == 1
    assert said.err.startswith("dragoman: ")
    assert "--help)" in said.err


@pytest.mark.parametrize(
    ("name", "value"), [("PORT", "many"), ("DATABASE_TYPE", "oracle"), ("DRAGOMAN_ATTEMPTS", "0"), ("LOG_LEVEL", "loud")]
)
def test_a_bad_setting_is_named(shell: Shell, monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setitem(os.environ, name, value)
    said = shell("keys", "list")
    assert said.code == 3
    assert said.err.count("\n") == 1
    assert name in said.err
    assert value in said.err


def test_no_verb_shows_the_help(shell: Shell) -> None:
    said = shell()
    assert said.code == 2
    assert "serve" in said.out


def test_help_of_all(shell: Shell) -> None:
    said = shell("--help")
    assert said.code == 0
    for verb in ("serve", "run-server", "call", "generate-key", "keys", "providers", "explain", "losses", "translate", "version"):
        assert f"\n  {verb} " in said.out


def test_the_module_is_the_command() -> None:
    done = subprocess.run([sys.executable, "-m", "dragoman", "version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("dragoman ")


def test_help_loads_nothing_heavy() -> None:
    """`--help` and the start of every verb stay fast: what only some verbs need is loaded by them."""
    code = (
        "import sys\n"
        "from dragoman.cli.app import run\n"
        "run(['--help'])\n"
        "heavy = {'sqlalchemy', 'fastapi', 'uvicorn', 'pydantic', 'cryptography', 'rich', 'asyncio'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"
