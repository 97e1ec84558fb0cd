"""The judge of the conformance harness: what is not good enough is never passed."""

import importlib.util
import sys
from typing import Any

import pytest

from support.golden import ROOT


@pytest.fixture(scope="module")
def judge() -> Any:
    spec = importlib.util.spec_from_file_location("judge", ROOT / ".ci" / "judge.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["judge"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def both(judge: Any, **changes: Any) -> list[str]:
    """A good request and a good answer, and one answer that is changed."""
    good = {"id": "a", "direction": "response", "pair": "A -> C", "verdict": "equal", "same_bytes": None, "finished": True}
    cases = [good, good | {"direction": "request"}, good | {"id": "b"} | changes]
    said: list[str] = judge.complaints(judge.Judged(**case) for case in cases)
    return said


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"verdict": "reported"},
        {"direction": "request", "verdict": "refused"},
        {"same_bytes": True},
        {"same_bytes": False, "finished": False},
    ],
)
def test_good(judge: Any, changes: dict[str, Any]) -> None:
    assert both(judge, **changes) == []


@pytest.mark.parametrize("direction", ["request", "response"])
@pytest.mark.parametrize("verdict", ["silent", "different", "crashed", "n/a", "a verdict of tomorrow"])
def test_anything_else_is_not(judge: Any, direction: str, verdict: str) -> None:
    assert both(judge, direction=direction, verdict=verdict) == [f"{direction} A -> C: {verdict}: 1 (b)"]


def test_an_answer_is_never_refused(judge: Any) -> None:
    assert both(judge, verdict="refused") == ["response A -> C: refused: 1 (b)"]


def test_bytes_of_finished_answers_and_of_requests(judge: Any) -> None:
    assert both(judge, same_bytes=False) == ["response A -> C: other bytes: 1 (b)"]
    assert both(judge, direction="request", same_bytes=False, finished=False) == ["request A -> C: other bytes: 1 (b)"]


def test_a_run_without_cases_is_not_good(judge: Any) -> None:
    assert judge.complaints([]) == ["response: nothing was judged", "request: nothing was judged"]


def test_what_is_excused_is_named_and_no_more(judge: Any) -> None:
    excuse = judge.EXCUSES[0]
    known = {"id": min(excuse.ids), "direction": excuse.direction, "verdict": "different"}
    assert both(judge, **known, fields=frozenset({"results"})) == []
    assert both(judge, **known, fields=frozenset({"results", "system"})) != []
    assert both(judge, **{**known, "verdict": "crashed"}, fields=frozenset({"results"})) != []
    assert both(judge, **{**known, "id": "another"}, fields=frozenset({"results"})) != []
