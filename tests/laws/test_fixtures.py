"""Every dialect that is built has the fixtures that the laws are tried with."""

import pytest

from dragoman.core.quirks import Quirks
from dragoman.dialects.registry import CLIENTS, DIALECTS
from support.fixtures import answers, dialects, facts, requests, says, twins
from support.vendor_side import SIDES

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
    assert {asked.name for asked in requests() if asked.dialect == dialect} >= (REQUESTS if dialect in CLIENTS else set())


@pytest.mark.parametrize("dialect", sorted(set(DIALECTS) - set(CLIENTS)))
def test_a_dialect_of_providers_only_has_its_vendors_side(dialect: str) -> None:
    assert dialect in SIDES


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_person_says_of_each_answer_what_it_says(dialect: str) -> None:
    assert set(says(dialect)) == {answer.name for answer in answers() if answer.dialect == dialect}


OF_ANSWERS = {"ending", "repeats_ids", "count_tokens", "host", "betas"}
"""Quirks that no builder reads."""


def test_every_quirk_of_a_request_is_tried() -> None:
    tried = {name for dialect in DIALECTS for row in facts(dialect)["quirks"].values() for name in row}
    assert set(Quirks.__struct_fields__) - tried == OF_ANSWERS
