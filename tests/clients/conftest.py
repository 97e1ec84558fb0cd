"""What the official programs and JavaScript libraries need: node, what npm installed, and one sandbox."""

import os
from collections.abc import Iterator

import pytest

from support import node
from support.server import Server, serving


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(node.FOLDER):
            item.add_marker(pytest.mark.clients)
            item.add_marker(pytest.mark.timeout(300))


@pytest.fixture(scope="session", autouse=True)
def installed() -> None:
    """Without node and npm a developer's machine skips, and CI fails."""
    why = node.missing()
    if why is not None and os.environ.get("CI", "").lower() in ("1", "true"):
        pytest.fail(why, pytrace=False)
    if why is not None:
        pytest.skip(why)


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("sandbox"), verb="sandbox") as running:
        yield running
