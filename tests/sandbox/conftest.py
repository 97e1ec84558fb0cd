"""A running sandbox for every test."""

from collections.abc import AsyncIterator

import pytest

from dragoman.sandbox import Sandbox


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    sandbox = Sandbox()
    await sandbox.start()
    yield sandbox
    await sandbox.stop()
