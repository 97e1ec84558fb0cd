"""The master secret and its file."""

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dragoman.core.errors import ConfigError
from dragoman.store.master import FILE_NAME, master_secret


def test_the_setting_wins_and_makes_no_file(tmp_path: Path) -> None:
    master = master_secret("chosen by a person", tmp_path)
    assert (master.value, master.stretched) == (b"chosen by a person", True)
    assert list(tmp_path.iterdir()) == []


def test_a_generated_secret_stays(tmp_path: Path) -> None:
    first = master_secret("", tmp_path)
    assert master_secret("", tmp_path) == first
    assert len(first.value) >= 43
    assert not first.stretched
    assert [file.name for file in tmp_path.iterdir()] == [FILE_NAME]


@pytest.mark.skipif(sys.platform == "win32", reason="modes are POSIX")
def test_only_the_owner_reads_it(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        master_secret("", tmp_path)
    finally:
        os.umask(before)
    assert (tmp_path / FILE_NAME).stat().st_mode & 0o777 == 0o600


def test_many_starts_at_once_agree(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        found = set(pool.map(lambda _: master_secret("", tmp_path).value, range(64)))
    assert len(found) == 1


@pytest.mark.parametrize("content", [b"", b"short\n", b"\xff\xfe"])
def test_a_damaged_file_is_told_and_not_replaced(content: bytes, tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(content)
    with pytest.raises(ConfigError, match="secret file"):
        master_secret("", tmp_path)
    assert (tmp_path / FILE_NAME).read_bytes() == content
