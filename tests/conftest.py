"""What holds for every test. Rule: a program that is missing skips its tests on a developer's machine and fails them under CI."""

import os
import shutil
from collections.abc import Callable

import pytest

from support.golden import check_golden


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--write-golden", action="store_true", help="write the generated and golden files in place of comparing")


def pytest_runtest_setup(item: pytest.Item) -> None:
    for mark in item.iter_markers("needs"):
        missing = [tool for tool in mark.args if shutil.which(tool) is None]
        if missing and os.environ.get("CI", "").lower() in ("1", "true"):
            pytest.fail(f"{', '.join(missing)}: not on PATH, and CI must have it (.ci/run)", pytrace=False)
        if missing:
            pytest.skip(f"{', '.join(missing)}: not on PATH")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """`golden("docs/x.md", text)`: that file holds exactly this text. For tests marked `golden`; `make golden` writes."""
    write = bool(request.config.getoption("--write-golden"))
    return lambda path, text: check_golden(path, text, write)
