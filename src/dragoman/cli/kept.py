"""The store, opened for one verb: what it refuses becomes a line and an exit code."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, TypeVar

from dragoman.cli.exits import Exit, VerbError

if TYPE_CHECKING:
    from dragoman.core.config import Snapshot
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


async def as_served() -> "tuple[Snapshot, bytes]":
    """(The configuration as `serve` would have it, its key of seals); the sandbox is there while no provider ever was."""
    from dragoman.api.loopback import is_loopback
    from dragoman.api.served import Served, sandbox_provider
    from dragoman.settings import Settings

    settings = Settings.load()
    async with opened(settings) as store:
        snapshot, seal_key = store.snapshot, store.seal_key
    sandbox = sandbox_provider(1) if settings.sandbox or is_loopback(settings.host) else None
    return Served(settings.host, settings.port, sandbox, always=settings.sandbox).of(snapshot), seal_key
