"""`keys`: the text is shown once, what is kept can be listed, revoked and deleted."""

import re
from pathlib import Path

import pytest

from support.verbs import Shell


def states(shell: Shell) -> dict[str, str]:
    """Name -> state of every listed key."""
    return {line[2]: line[3] for line in shell("keys", "list").lines[1:]}


def test_created_key_is_alone_on_stdout(shell: Shell) -> None:
    said = shell("keys", "create", "laptop")
    assert re.fullmatch(r"fwd_[A-Za-z0-9_-]{43}\n", said.out)
    assert "not shown again" in said.err
    assert said.out.strip() not in shell("keys", "list").out


def test_kept_nowhere_in_the_clear(shell: Shell, tmp_path: Path) -> None:
    key = shell("keys", "create", "laptop").out.strip().encode()
    assert [file.name for file in tmp_path.rglob("*") if file.is_file() and key in file.read_bytes()] == []


def test_options(shell: Shell) -> None:
    said = shell("keys", "create", "ci", "--description", "builds", "--days", "2", "--strict", "--length", "60")
    assert len(said.out.strip()) == 64
    row = shell("keys", "list").lines[1]
    assert row[2:4] == ["ci", "strict"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", row[6])


@pytest.mark.parametrize("by", ["id", "name", "text"])
def test_revoke(shell: Shell, by: str) -> None:
    text = shell("keys", "create", "laptop").out.strip()
    shell("keys", "create", "other")
    assert shell("keys", "revoke", {"id": "1", "name": "laptop", "text": text}[by]).code == 0
    assert states(shell) == {"laptop": "revoked", "other": "active"}


def test_delete(shell: Shell) -> None:
    shell("keys", "create", "laptop")
    shell("keys", "create", "other")
    assert shell("keys", "delete", "laptop").code == 0
    assert states(shell) == {"other": "active"}


def test_a_key_that_is_not_there(shell: Shell) -> None:
    said = shell("keys", "revoke", "nobody")
    assert (said.code, said.out) == (7, "")
    assert "nobody" in said.err


def test_a_name_that_two_keys_have(shell: Shell) -> None:
    shell("keys", "create", "twin")
    shell("keys", "create", "twin")
    said = shell("keys", "delete", "twin")
    assert said.code == 2
    assert len(shell("keys", "list").lines) == 3


def test_keys_of_the_file_are_listed_and_changed_there(shell: Shell) -> None:
    shell("generate-key")
    row = shell("keys", "list").lines[1]
    assert row[-1] == "file"
    said = shell("keys", "revoke", row[0])
    assert (said.code, said.out) == (8, "")
