"""A folder of its own and an empty environment for every verb."""

from pathlib import Path

import pytest

from support.verbs import Shell


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("os.environ", {"HOME": str(tmp_path)})
    return Shell(capsys)
