"""What is live: the store, the snapshot of the moment, the relay, the sandbox. Opened and closed once, in order."""

import asyncio
import logging
import time
from typing import Any

from dragoman.api.auth import Gate, open_gate
from dragoman.api.loopback import is_loopback
from dragoman.api.served import Served, sandbox_provider
from dragoman.core.config import Key, Provider, Snapshot
from dragoman.core.errors import ConfigError
from dragoman.dialects.registry import DIALECTS
from dragoman.relay.call import Limits
from dragoman.relay.finding import find_local_models
from dragoman.relay.relay import Relay
from dragoman.relay.upstream import Upstream
from dragoman.routing.learned import Learned
from dragoman.routing.policy import Policy
from dragoman.sandbox import Sandbox
from dragoman.settings import Settings
from dragoman.store import Store
from dragoman.store.records import LogSink

log = logging.getLogger("dragoman")


class Live:
    """Read by every call; `snapshot` is replaced whole when the store says so."""

    def __init__(self, settings: Settings, store: Store, sandbox: Provider | None, sandbox_server: Sandbox | None) -> None:
        self.settings, self.store = settings, store
        self._sandbox_server = sandbox_server
        self._began = time.monotonic()
        self._tasks: list[asyncio.Task[Any]] = []
        self._served = Served(settings.host, settings.port, sandbox, always=settings.sandbox)
        self.snapshot = self._served.of(store.snapshot)
        self.gate: Gate = open_gate(settings, self.snapshot, store.digest)
        self.upstream = Upstream(timeout_connect=settings.timeout_connect)
        self.sink = LogSink(redact=store.redact)
        self.relay = Relay(
            dialects=DIALECTS,
            upstream=self.upstream,
            policy=policy_of(settings),
            limits=Limits(total=settings.timeout_total),
            seal_key=store.seal_key,
            sink=self.sink,
        )
        store.subscribe(self._changed)

    @classmethod
    async def open(cls, settings: Settings) -> "Live":
        """Raises ConfigError."""
        store = await Store.open(settings)
        for warning in (*settings.warnings, *store.warnings):
            log.warning(warning)
        sandbox = server = None
        if settings.sandbox or (is_loopback(settings.host) and not store.snapshot.real_provider_ever):
            server = Sandbox()
            port = await server.start("127.0.0.1", 0)
            sandbox = sandbox_provider(port)
        return cls(settings, store, sandbox, server)

    def begin(self) -> None:
        """What can wait until the socket listens: watching for changes, looking who is near."""
        self._tasks += [asyncio.create_task(self.store.watch()), asyncio.create_task(self._look_around())]

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.upstream.close()
        if self._sandbox_server is not None:
            await self._sandbox_server.stop()
        await self.store.close()
        self.sink.close()

    @property
    def learned(self) -> Learned:
        return self.relay.lessons.learned

    def now(self) -> float:
        """Unix seconds."""
        return time.time()

    def uptime(self) -> float:
        """Seconds."""
        return time.monotonic() - self._began

    def used(self, key: Key) -> None:
        self.store.touch_key(key.id, self.now())

    def _changed(self, snapshot: Snapshot) -> None:
        self.snapshot = self._served.of(snapshot)
        self.gate = self.gate.renewed(self.snapshot)

    async def _look_around(self) -> None:
        """Which models a local server has that was found by itself (requirement D16)."""
        for provider in self.store.snapshot.providers:
            if provider.addressed_only:
                self._served.found[provider.slug] = await find_local_models(self.upstream, provider)
        self._changed(self.store.snapshot)


def policy_of(settings: Settings) -> Policy:
    """Raises ConfigError where DRAGOMAN_RETRY_STATUSES is not a list of statuses."""
    words = [word.strip() for word in settings.retry_statuses.split(",") if word.strip()]
    if not all(word.isascii() and word.isdigit() and 100 <= int(word) <= 599 for word in words):
        raise ConfigError(
            f"DRAGOMAN_RETRY_STATUSES must be HTTP statuses with commas between them, not {settings.retry_statuses!r}"
        )
    return Policy(attempts=settings.attempts, retry_statuses=frozenset(map(int, words)), retry_auth=settings.retry_auth)
