"""One gateway and one sandbox for all tests of this folder."""

from collections.abc import Iterator

import pytest

from support.stack import Stack, stacked


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with stacked(tmp_path_factory.mktemp("stack")) as running:
        yield running
