"""Every dialect that is built has the fixtures that the laws are tried with."""

import pytest

from dragoman.dialects.registry import DIALECTS
from support.fixtures import answers, dialects, requests, says, twins

ANSWERS = {
    *("text", "tools", "parallel-tools", "exact-arguments", "max-tokens", "refusal", "cached", "empty", "unicode", "unknown"),
    *("unknown-reason", "citations", "error-body", "error-mid-stream", "error-first", "cut", "broken-json", "keep-alives"),
}
TOLD_BOTH_WAYS = {"text", "tools", "parallel-tools", "exact-arguments", "max-tokens", "cached", "empty", "unicode", "unknown"}
REQUESTS = {"ask", "minimal", "maximal", "zeros", "parallel-history"}


def test_every_dialect_has_fixtures() -> None:
    assert set(dialects()) == set(DIALECTS)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_fixtures_cover_what_answers_and_requests_can_be(dialect: str) -> None:
    assert {answer.name for answer in answers() if answer.dialect == dialect} >= ANSWERS
    assert {whole.name for whole, _ in twins() if whole.dialect == dialect} >= TOLD_BOTH_WAYS
    assert {asked.name for asked in requests() if asked.dialect == dialect} >= REQUESTS


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_person_says_of_each_answer_what_it_says(dialect: str) -> None:
    assert set(says(dialect)) == {answer.name for answer in answers() if answer.dialect == dialect}
