"""Everything wired, once: one ASGI application that tells the doors of the data plane from the control plane.

Doors are looked up by method and path; whatever is no door and no page goes to the control plane.
"""

import asyncio
import importlib
from collections.abc import Awaitable, Callable

from dragoman.api.doors import Door, Doors
from dragoman.api.inference import Inference, Scope, refuse
from dragoman.api.intake import Receive, headers_of
from dragoman.api.live import Live
from dragoman.api.models import Models
from dragoman.api.operations import explain, test_provider
from dragoman.api.pages import PAGES, Page
from dragoman.core.errors import Error, ErrorKind
from dragoman.core.request import Headers
from dragoman.dialects.registry import CLIENTS
from dragoman.relay.call import make_id
from dragoman.relay.outlet import Outlet, Send
from dragoman.settings import Settings

Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]
DOORS = Doors(CLIENTS.values())


class App:
    """The ASGI application. `live` is there from lifespan start to lifespan end."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._live: Live | None = None
        self._inference: Inference | None = None
        self._models: Models | None = None
        self._control: asyncio.Task[Asgi] | None = None

    @property
    def live(self) -> Live:
        if self._live is None:
            raise RuntimeError("the application has not started")
        return self._live

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
            return
        headers = headers_of(scope)
        found = DOORS.find(scope["method"], scope["path"], headers)
        if found is not None and found[0].path.operation == "model" and DOORS.is_asked(found[0], scope["path"]):
            await self._no_door(scope, headers, Outlet(send), named=True)
        elif found is not None:
            await self._through(*found, scope, headers, receive, send)
        elif DOORS.is_near(scope["path"]):
            await self._no_door(scope, headers, Outlet(send))
        else:
            await self._elsewhere(scope, receive, send)

    async def start(self) -> None:
        self._live = await Live.open(self.settings)
        self._inference = Inference(self._live)
        self._models = Models(self._live)

    def begin(self) -> asyncio.Future[Asgi]:
        """What can wait until the socket listens. Done when all is loaded that a process needs."""
        self.live.begin()
        self._control = asyncio.create_task(self._load_control())
        return self._control

    async def stop(self) -> None:
        """Safe to call twice."""
        if self._control is not None:
            self._control.cancel()
        live, self._live = self._live, None
        if live is not None:
            await live.close()

    async def _through(self, door: Door, model: str, scope: Scope, headers: Headers, receive: Receive, send: Send) -> None:
        assert self._inference is not None
        assert self._models is not None
        if door.path.answer is not None:
            await Outlet(send).whole(door.path.answer.status, door.path.answer.headers, door.path.answer.body)
        elif door.path.operation in ("models", "model"):
            await self._models.serve(door, model, scope, headers, Outlet(send))
        else:
            await self._inference.serve(door, scope, headers, receive, send)

    async def _elsewhere(self, scope: Scope, receive: Receive, send: Send) -> None:
        method, path = scope["method"], scope["path"]
        page: Page | None = PAGES.get(path)
        if page is not None and method in ("GET", "HEAD"):
            await page(self.live, Outlet(send))
        else:
            control = await self._administration()
            await control(scope, receive, send)

    async def _administration(self) -> Asgi:
        """The control plane, loaded on first use at the latest."""
        if self._control is None:
            self._control = asyncio.create_task(self._load_control())
        return await asyncio.shield(self._control)

    async def _load_control(self) -> Asgi:
        live = self.live
        control = await asyncio.to_thread(importlib.import_module, "dragoman.api.control")
        await live.store.warm()
        made: Asgi = control.create_control(
            live,
            probe=lambda provider: test_provider(live, provider),
            explain=lambda model, dialect: explain(live, model, dialect),
        )
        return made

    async def _no_door(self, scope: Scope, headers: Headers, outlet: Outlet, *, named: bool = False) -> None:
        """405 or 404 in the shape of the dialect whose path it is. `named`: it is asked for what is only done."""
        method, path = scope["method"], scope["path"]
        dialect, methods = DOORS.near(path, headers)
        status, words = (405, "is not allowed on") if methods and not named else (404, "has nothing at")
        told = (("allow", ", ".join(methods)),) if status == 405 else ()
        error = Error(
            kind=ErrorKind.NOT_FOUND,
            status=status,
            message=f"{method} {words} {path}",
            code="unknown_url",
            headers=told,
            ours=True,
        )
        await refuse(outlet, dialect, error, make_id("req_"))

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                try:
                    await self.start()
                    self.begin()
                except Exception as error:
                    await send({"type": "lifespan.startup.failed", "message": f"{type(error).__name__}: {error}"})
                    raise
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                await self.stop()
                await send({"type": "lifespan.shutdown.complete"})
                return
