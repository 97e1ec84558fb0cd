"""The control plane over a store of the test, asked without sockets; who asks from where is an argument."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2

from dragoman.api.auth import Gate, open_gate
from dragoman.api.control import create_control
from dragoman.core.config import Provider, Snapshot
from dragoman.routing.learned import Learned
from dragoman.store import Store
from support.store import settings

BASE = "http://127.0.0.1:8000"


class Control:
    """What administration needs of a running server, and a client of it."""

    def __init__(self, store: Store, gate: Gate) -> None:
        self.store, self.gate, self.learned = store, gate, Learned()
        self.probed: list[Provider] = []
        self.app = create_control(self, probe=self._probe, explain=lambda model, dialect: {"model": model, "asks": dialect})
        store.subscribe(self._changed)

    async def ask(self, method: str, path: str, body: Any = None, *, peer: str = "127.0.0.1", **more: Any) -> httpx2.Response:
        """`body` goes as JSON; `content` and `headers` as httpx has them."""
        transport = httpx2.ASGITransport(self.app, client=(peer, 5))
        async with httpx2.AsyncClient(transport=transport, base_url=BASE) as client:
            return await client.request(method, path, **({} if body is None else {"json": body}), **more)

    async def _probe(self, provider: Provider) -> Mapping[str, Any]:
        self.probed.append(provider)
        return {"status": "online", "status_code": 200, "latency_ms": 1.5, "detail": None}

    def _changed(self, snapshot: Snapshot) -> None:
        self.gate = self.gate.renewed(snapshot)


@asynccontextmanager
async def controlling(folder: Path, env: dict[str, str] | None = None, **overrides: Any) -> AsyncIterator[Control]:
    there = settings(folder, env, **overrides)
    store = await Store.open(there)
    try:
        yield Control(store, open_gate(there, store.snapshot, store.digest))
    finally:
        await store.close()
