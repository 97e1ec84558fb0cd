"""The process: uvicorn with our application, and what a person sees when it starts."""

import asyncio
import gc
import logging
import socket
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import uvicorn

from dragoman.api.app import App
from dragoman.api.banner import banner
from dragoman.api.ingress import Ingress
from dragoman.settings import Settings

DRAIN = 10
"""Seconds that running calls get to end after a signal."""


def run(settings: Settings, *, reload: bool = False) -> int:
    """Serve until a signal; the exit code. Raises ConfigError (one clear line) where the configuration cannot be used, OSError
    where the address cannot be bound."""
    listener = _listen(settings.host, settings.port)
    try:
        if reload:
            return _reloading(settings, listener)
        return _serving(settings, [listener])
    finally:
        listener.close()


def _serving(settings: Settings, sockets: list[socket.socket]) -> int:
    level = "DEBUG" if settings.log_level == "trace" else settings.log_level.upper()
    told = "%(levelname)s %(name)s: %(message)s" if level == "DEBUG" else "%(levelname)s: %(message)s"
    logging.basicConfig(level=level, format=told)  # to stderr; records go to stdout
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        return runner.run(_serve(settings, sockets))


def _reloading(settings: Settings, listener: socket.socket) -> int:
    """A process of its own serves, and is started anew whenever our code changes. Both have the same socket and settings."""
    from uvicorn.supervisors import ChangeReload

    house = Path(__file__).parent.parent
    config = uvicorn.Config(f"{__name__}:create", factory=True, reload=True, reload_dirs=[str(house)], **_options(settings))
    ChangeReload(config, target=partial(_served_anew, settings), sockets=[listener]).run()
    return 0


def create() -> App:
    """For ASGI servers of one's own: `uvicorn --factory dragoman.api.server:create`."""
    return App(Settings.load())


def _served_anew(settings: Settings, sockets: list[socket.socket] | None) -> None:
    _serving(settings, sockets or [])


async def _serve(settings: Settings, sockets: list[socket.socket]) -> int:
    bound = sockets[0].getsockname()[1] if sockets else settings.port
    app = App(settings.model_copy(update={"port": bound}))
    try:
        await app.start()
        server = _Server(uvicorn.Config(app, lifespan="off", **_options(settings)), app)
        await server.serve(sockets=sockets)
    finally:
        await app.stop()
    return 0


class _Server(uvicorn.Server):
    """Says how to go on once the socket listens, and only then loads what the first call does not need."""

    def __init__(self, config: uvicorn.Config, app: App) -> None:
        super().__init__(config)
        self._app = app

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """uvicorn raises the signal again when it is done, so what must be kept is kept before."""
        await super().shutdown(sockets)
        await self._app.stop()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        host, port = (sockets or [])[0].getsockname()[:2]
        print(banner(host, port, self._app.live), flush=True)  # noqa: T201
        self._app.begin().add_done_callback(_settle)


def _settle(_: object) -> None:
    """What is loaded by now stays to the end: no full collection need look at it again, which is a tenth of a call's CPU."""
    gc.collect()
    gc.freeze()


def _options(settings: Settings) -> dict[str, Any]:
    return {
        "host": settings.host,
        "port": settings.port,
        "http": Ingress,
        "ws": "none",
        # Its `trace` writes queries into the log, and in a query may be a key.
        "log_level": "debug" if settings.log_level == "trace" else settings.log_level,
        "log_config": None,
        "access_log": False,
        "server_header": False,
        "proxy_headers": False,
        "timeout_keep_alive": 75,
        "timeout_graceful_shutdown": DRAIN,
    }


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    listener.set_inheritable(True)
    return listener


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop where it is there (not on Windows), else the stock loop."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop
