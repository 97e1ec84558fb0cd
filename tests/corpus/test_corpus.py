"""Recorded traffic through every pair of dialects: nothing that was said may be lost.

`DRAGOMAN_CORPUS` names the recordings; without it our own fixtures go the same way.
"""

from collections.abc import Callable

import pytest

from dragoman.dialects.registry import DIALECTS
from support.fidelity import answers, different, page, requests
from support.recordings import FAMILIES, VARIABLE, folder

pytestmark = pytest.mark.corpus


@pytest.mark.timeout(120)
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("client", DIALECTS)
@pytest.mark.parametrize("family", FAMILIES)
def test_every_answer_says_the_same_to_every_client(family: str, client: str, stream: bool) -> None:
    assert different(answers(family, client, stream)) == []


@pytest.mark.timeout(120)
@pytest.mark.parametrize("target", DIALECTS)
@pytest.mark.parametrize("family", FAMILIES)
def test_every_request_asks_the_same_of_every_target(family: str, target: str) -> None:
    assert different(requests(family, target)) == []


@pytest.mark.golden
@pytest.mark.timeout(120)
def test_the_table_of_fidelity(golden: Callable[[str, str], None]) -> None:
    if folder() is None:
        pytest.skip(f"{VARIABLE} is not set")
    golden("docs/fidelity.md", page())
