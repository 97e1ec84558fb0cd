"""The judge of the conformance tables: a table that is not good enough is never passed."""

import importlib.util
from typing import Any

import pytest

from support.golden import ROOT

HEAD = (
    "| client -> provider | mode | n | equal | reported | silent | refused | different | crashed | n/a |"
    " content right | same bytes (body) |"
)
RULE = "|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|"
COLUMNS = ("silent", "refused", "different", "crashed", "n/a")


@pytest.fixture(scope="module")
def judge() -> Any:
    spec = importlib.util.spec_from_file_location("judge", ROOT / ".ci" / "judge.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def row(pair: str = "A -> C", same: str = "", **counts: str) -> str:
    middle = " | ".join(counts.get(column, "") for column in COLUMNS)
    return f"| {pair} | whole | 9 | 5 (55 %) | 4 | {middle} | 9 | {same} |"


def page(response: str, request: str) -> str:
    tables = [f"## {name} direction\n\n{HEAD}\n{RULE}\n{line}\n" for name, line in (("Response", response), ("Request", request))]
    return "# title\n\n" + "\n".join(tables) + "\nFields that differ:\n\n| pair | fields |\n|---|---|\n| A -> C | text 3 |\n"


def test_equal_reported_and_requests_refused_by_name_are_good(judge: Any) -> None:
    assert judge.judge(page(row(), row(refused="2")), "x") == []
    assert judge.judge(page(row("A -> A", "9/9"), row("C -> C", "8/8")), "x") == []


@pytest.mark.parametrize("column", ["silent", "different", "crashed", "n/a"])
def test_anything_else_is_not(judge: Any, column: str) -> None:
    assert judge.judge(page(row(**{column: "1"}), row()), "x") == [f"x: response A -> C whole: 1 {column}"]
    assert judge.judge(page(row(), row(**{column: "3"})), "x") == [f"x: request A -> C whole: 3 {column}"]


def test_an_answer_is_never_refused(judge: Any) -> None:
    assert judge.judge(page(row(refused="1"), row()), "x") == ["x: response A -> C whole: 1 refused"]


@pytest.mark.parametrize(("same", "said"), [("8/9", "8/9"), ("", "never judged")])
def test_bytes_are_the_same_within_a_dialect(judge: Any, same: str, said: str) -> None:
    assert judge.judge(page(row("C -> C", same), row()), "x") == [f"x: response C -> C whole: same bytes {said}"]


def test_a_page_without_cases_is_not_good(judge: Any) -> None:
    assert judge.judge("# nothing\n", "x") == ["x: no cases were judged"]
