"""`generate-key` (requirements S1-22, S1-23)."""

import os
import re
import stat
import sys
from pathlib import Path

import pytest

from support.verbs import Shell

FILE = Path("keys/forwarder_api_keys.txt")


def test_prints_the_key_alone_and_appends_it(shell: Shell) -> None:
    said = shell("generate-key")
    assert said.code == 0
    assert re.fullmatch(r"fwd_[A-Za-z0-9_-]{43}\n", said.out)
    assert FILE.read_text() == said.out


def test_may_be_run_many_times(shell: Shell) -> None:
    keys = [shell("generate-key").out.strip() for _ in range(5)]
    assert FILE.read_text().splitlines() == keys
    assert len(set(keys)) == 5


def test_length(shell: Shell) -> None:
    assert re.fullmatch(r"fwd_[A-Za-z0-9_-]{48}\n", shell("generate-key", "--length", "48").out)


@pytest.mark.parametrize("length", ["21", "129", "-1"])
def test_a_guessable_length_is_refused(shell: Shell, length: str) -> None:
    assert shell("generate-key", "--length", length).code == 2
    assert not FILE.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_nobody_else_can_read_it(shell: Shell) -> None:
    FILE.parent.mkdir()
    FILE.write_text("fwd_old")
    FILE.chmod(0o644)
    shell("generate-key")
    assert stat.S_IMODE(FILE.stat().st_mode) == 0o600


def test_a_last_line_without_its_end_is_kept_whole(shell: Shell) -> None:
    FILE.parent.mkdir()
    FILE.write_text("# ours\nfwd_old")
    key = shell("generate-key").out
    assert FILE.read_text() == f"# ours\nfwd_old\n{key}"


def test_another_file(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    key = shell("generate-key", "--file", "elsewhere/keys.txt").out
    assert Path("elsewhere/keys.txt").read_text() == key
    monkeypatch.setitem(os.environ, "KEYS_FILE", "set/keys.txt")
    key = shell("generate-key").out
    assert Path("set/keys.txt").read_text() == key
    assert not FILE.exists()


def test_a_file_that_cannot_be_written(shell: Shell) -> None:
    Path("keys").write_text("a file where the folder should be")
    said = shell("generate-key")
    assert (said.code, said.out) == (3, "")
    assert said.err.count("\n") == 1
