"""The key file."""

from pathlib import Path

import pytest

from dragoman.core.errors import ConfigError
from dragoman.store.keyfile import read


def digest(text: str) -> str:
    return f"<{text}>"


def test_one_key_a_line(tmp_path: Path) -> None:
    path = tmp_path / "keys.txt"
    path.write_bytes(b"\xef\xbb\xbf# ours\r\n\r\nfwd_aaaaaaaa\r\n  fwd_bbbbbbbb   # laptop\n#fwd_cccccccc\nfwd_aaaaaaaa")
    found = read(path, digest)
    assert [key.digest for key in found.keys] == ["<fwd_aaaaaaaa>", "<fwd_bbbbbbbb>"]
    assert {(key.source, key.is_active, key.prefix) for key in found.keys} == {
        ("file", True, "fwd_aaaa"),
        ("file", True, "fwd_bbbb"),
    }
    assert len({key.id for key in found.keys}) == 2
    assert found.warnings == ()


def test_no_file_is_no_keys(tmp_path: Path) -> None:
    assert read(tmp_path / "none" / "keys.txt", digest).keys == ()


def test_what_is_no_key_is_told_by_line_and_not_by_content(tmp_path: Path) -> None:
    path = tmp_path / "keys.txt"
    path.write_text("short\nfwd_good_one\ntwo CANARY words\n" + "x" * 2000)
    found = read(path, digest)
    assert [key.digest for key in found.keys] == ["<fwd_good_one>"]
    assert len(found.warnings) == 3
    assert "keys.txt:1 " in found.warnings[0]
    assert "CANARY" not in "".join(found.warnings)


def test_an_unreadable_file_does_not_count_as_empty(tmp_path: Path) -> None:
    (tmp_path / "keys.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match=r"keys\.txt cannot be read"):
        read(tmp_path / "keys.txt", digest)
    with pytest.raises(ConfigError, match="cannot be read"):
        read(tmp_path, digest)
