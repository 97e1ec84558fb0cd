"""The store, opened for one verb: what it refuses becomes a line and an exit code."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, TypeVar

from dragoman.cli.exits import Exit, VerbError

if TYPE_CHECKING:
    from dragoman.settings import Settings
    from dragoman.store import Store

T = TypeVar("T")


@asynccontextmanager
async def opened(settings: "Settings") -> "AsyncIterator[Store]":
    """Raises VerbError for whatever the store refuses inside the block."""
    from dragoman.store import Store
    from dragoman.store.errors import ChangeError, UnknownError

    store = await Store.open(settings)
    try:
        yield store
    except UnknownError as error:
        raise VerbError(Exit.NOT_FOUND, str(error)) from error
    except ChangeError as error:
        raise VerbError(Exit.REFUSED, str(error)) from error
    finally:
        await store.close()


def with_store(work: "Callable[[Store], Awaitable[T]]") -> T:
    """Run `work` on the store that the settings name."""
    import asyncio

    from dragoman.settings import Settings

    async def run() -> T:
        async with opened(Settings.load()) as store:
            return await work(store)

    return asyncio.run(run())
