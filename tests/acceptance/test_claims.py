"""Every requirement that is claimed has a test, every test's requirement is claimed, and the page says which shows which."""

import ast
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from support.claims import CHAPTERS, CLAIMS

HERE = Path(__file__).parent
INTRODUCTION = """# Requirements

Dragoman takes the place of other servers. What each of them did, in our words, and the tests that show it here: from outside,
with real processes and real sockets.

[Coming from another gateway](coming-from.md) maps their commands. `make golden` writes this page.
"""


@cache
def shown() -> dict[str, list[tuple[str, str]]]:
    """Requirement -> (file, test) of every test that carries it."""
    found: dict[str, list[tuple[str, str]]] = {}
    for file in sorted(HERE.glob("test_*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                for id_ in _ids(node):
                    found.setdefault(id_, []).append((file.name, node.name))
    return found


def _ids(test: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
    """Those in its `@pytest.mark.requirement(...)`, which must be written out."""
    for mark in test.decorator_list:
        if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.requirement":
            yield from (ast.literal_eval(argument) for argument in mark.args)


def page() -> str:
    """docs/requirements.md."""
    tests = shown()
    parts = [INTRODUCTION]
    for title, chapter in CHAPTERS.items():
        rows = "".join(f"| {id_} | {words} | {_cells(tests.get(id_, []))} |\n" for id_, words in chapter.items())
        parts.append(f"## {title}\n\n| id | requirement | shown by |\n|---|---|---|\n{rows}")
    return "\n".join(parts)


def _cells(tests: list[tuple[str, str]]) -> str:
    links = (f"[{name.removeprefix('test_').replace('_', ' ')}](../tests/acceptance/{file})" for file, name in tests)
    return " · ".join(links)


def test_every_claim_has_a_test() -> None:
    assert [id_ for id_ in CLAIMS if id_ not in shown()] == []


def test_every_test_shows_a_claim() -> None:
    assert {id_ for id_ in shown() if id_ not in CLAIMS} == set()


def test_marks_are_the_tests_own(request: pytest.FixtureRequest) -> None:
    """What the page is made of is what pytest sees."""
    items = [item for item in request.session.items if item.path.parent == HERE]
    seen = {
        (item.path.name, item.name.partition("[")[0], str(id_))
        for item in items
        for mark in item.iter_markers("requirement")
        for id_ in mark.args
    }
    written = {(file, name, id_) for id_, tests in shown().items() for file, name in tests}
    assert seen <= written


@pytest.mark.golden
def test_the_page_is_up_to_date(golden: Callable[[str, str], None]) -> None:
    golden("docs/requirements.md", page())
