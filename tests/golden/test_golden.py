"""Golden files: what goes out for every fixture, for a person to read. `make golden` writes them."""

from collections.abc import Callable

import pytest

from support import losing
from support.golden import ROOT, replace_between
from support.telling import answer_pages, request_pages

pytestmark = pytest.mark.golden


def test_requests(golden: Callable[[str, str], None]) -> None:
    for path, text in request_pages():
        golden(path, text)


def test_answers(golden: Callable[[str, str], None]) -> None:
    for path, text in answer_pages():
        golden(path, text)


def test_no_golden_file_without_its_fixture() -> None:
    wanted = {path for path, _ in [*request_pages(), *answer_pages()]}
    there = {file.relative_to(ROOT).as_posix() for file in (ROOT / "tests" / "golden").rglob("*.txt")}
    assert there - wanted == set()


def test_the_table_of_losses(golden: Callable[[str, str], None]) -> None:
    page = (ROOT / "docs" / "losses.md").read_text(encoding="utf-8")
    golden("docs/losses.md", replace_between(page, "losses", losing.page()))
