"""The whole application in this process, on a real socket: for dialogues with scripted upstreams, with its records at hand."""

import asyncio
import socket
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import uvicorn

from dragoman.api.app import App
from dragoman.core.record import Record
from dragoman.relay.call import Limits
from dragoman.settings import Settings
from support.client import Client, ask

HELLO = [{"role": "user", "content": "Hello"}]


class Gateway:
    """An async context manager. `providers`: records as the admin API takes them, best first. `records`: of the calls so far."""

    def __init__(
        self, folder: Path, *providers: dict[str, Any], keepalive: float = 10.0, total: float = 60.0, **settings: Any
    ) -> None:
        self._settings = Settings.load(
            {},
            folder / "no.env",
            database_url=f"sqlite:///{folder}/gateway.db",
            keys_file=str(folder / "keys.txt"),
            allow_private=True,
            **settings,
        )
        self._providers, self._limits = providers, Limits(total=total, keepalive=keepalive)
        self.app = App(self._settings)
        self.records: list[Record] = []
        self.url = ""

    async def __aenter__(self) -> Self:
        await self.app.start()
        live = self.app.live
        for place, values in enumerate(self._providers, 1):
            await live.store.create_provider({"priority": place, **values})
        live.relay.sink = self.records.append
        live.relay.limits = self._limits
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        config = uvicorn.Config(self.app, http="httptools", ws="none", lifespan="off", log_config=None, access_log=False)
        self._server = uvicorn.Server(config)
        self._server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
        self._task = asyncio.create_task(self._server._serve([listener]))
        while not self._server.started:
            await asyncio.sleep(0.005)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None) -> None:
        self._server.should_exit = self._server.force_exit = True
        await self._task
        await self.app.stop()

    def client(self) -> Client:
        return Client(self.url)

    async def ask(self, path: str, body: Any, method: str = "POST", **headers: str) -> Client:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await ask(self.url, path, body, named, method)

    async def chat(self, model: str | None = None, *, stream: bool = False, **more: Any) -> Client:
        """A small Chat call."""
        named = {} if model is None else {"model": model}
        return await self.ask("/v1/chat/completions", {**named, "messages": HELLO, "stream": stream, **more})

    async def messages(self, model: str, *, stream: bool = False, **more: Any) -> Client:
        """A small Messages call."""
        return await self.ask("/v1/messages", {"model": model, "max_tokens": 100, "messages": HELLO, "stream": stream, **more})

    async def recorded(self, count: int = 1) -> list[Record]:
        """The records, once there are `count`."""
        async with asyncio.timeout(20):
            while len(self.records) < count:
                await asyncio.sleep(0.005)
        return self.records
