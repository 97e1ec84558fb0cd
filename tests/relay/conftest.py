"""Loops for tests with sockets: a module with `BOTH_LOOPS = True` runs on asyncio's own loop and on uvloop, if any."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

import pytest

from support import dialogue
from support.dialogue import Scene

try:
    import uvloop
except ImportError:
    uvloop = None  # type: ignore[assignment]

OWN: Mapping[str, Callable[[], asyncio.AbstractEventLoop]] = {"asyncio": asyncio.new_event_loop}
BOTH = OWN if uvloop is None else {**OWN, "uvloop": uvloop.new_event_loop}


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    module = item.getparent(pytest.Module)
    return BOTH if module is not None and getattr(module.obj, "BOTH_LOOPS", False) else OWN


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Callable[..., Awaitable[Scene]]]:
    """`await scene(script, ...)`: a gateway with these providers, closed with the test."""
    async with AsyncExitStack() as stack:
        yield partial(dialogue.scene, stack, tmp_path)
