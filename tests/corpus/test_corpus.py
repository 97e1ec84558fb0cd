"""Recorded traffic through every pair of dialects: nothing that was said may be lost.

`DRAGOMAN_CORPUS` names the recordings. Our own fixtures go the same way.
"""

from collections.abc import Callable

import pytest

from dragoman.dialects.registry import CLIENTS, DIALECTS
from support.fidelity import answers, different, requests
from support.fidelity_page import page
from support.recordings import FAMILIES, VARIABLE, Exchange, folder, own, recorded

pytestmark = pytest.mark.corpus


SOURCES = {"recorded": recorded, "own": own}


def exchanges(source: str, family: str) -> tuple[Exchange, ...]:
    if source == "recorded" and folder() is None:
        pytest.skip(f"{VARIABLE} is not set")
    return SOURCES[source](family)


@pytest.mark.timeout(400)
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("source", SOURCES)
def test_every_answer_says_the_same_to_every_client(source: str, family: str, client: str, stream: bool) -> None:
    assert different(answers(exchanges(source, family), client, stream)) == []


@pytest.mark.timeout(400)
@pytest.mark.parametrize("target", DIALECTS)
@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("source", SOURCES)
def test_every_request_asks_the_same_of_every_target(source: str, family: str, target: str) -> None:
    assert different(requests(exchanges(source, family), target)) == []


@pytest.mark.golden
@pytest.mark.timeout(900)
def test_the_table_of_fidelity(golden: Callable[[str, str], None]) -> None:
    if folder() is None:
        pytest.skip(f"{VARIABLE} is not set")
    golden("docs/fidelity.md", page())
