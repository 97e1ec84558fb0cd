"""The guard of every admin route. Rule: it stands on the route that was matched, never on a path, and it acts before the body is
read."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import HTTPException
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from dragoman.api.auth import is_admin
from dragoman.api.control.deps import running
from dragoman.api.intake import headers_of, peer_of
from dragoman.wire import json

BODY_MAX = 1024 * 1024
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_OTHER_SITES = frozenset({"cross-site", "same-site"})
_LOGIN = {"www-authenticate": 'Basic realm="dragoman", charset="UTF-8"'}


class GuardedRoute(APIRoute):
    """Who may not administer gets no further than this."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            _admit(request)
            return await handle(_Bounded(request.scope, request.receive))

        return guarded


def _admit(request: Request) -> None:
    gate = running(request).gate
    if not is_admin(headers_of(request.scope), peer_of(request.scope), gate):
        if gate.password:
            raise HTTPException(401, "the admin user name and password are needed", _LOGIN)
        raise HTTPException(403, "without ADMIN_PASSWORD the admin API is open to this machine only")
    if request.method not in _SAFE:
        _refuse_other_sites(request)
        _demand_json(request)


def _refuse_other_sites(request: Request) -> None:
    """A browser sends its stored password along with other sites' requests."""
    origin = request.headers.get("origin")
    host = request.headers.get("host", "").lower()
    same = origin is None or origin.lower() in (f"http://{host}", f"https://{host}")
    if not same or request.headers.get("sec-fetch-site") in _OTHER_SITES:
        raise HTTPException(403, "requests from other sites are refused")


def _demand_json(request: Request) -> None:
    empty = request.headers.get("content-length", "0") == "0" and "transfer-encoding" not in request.headers
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not empty and kind != "application/json":
        raise HTTPException(415, "the body must be JSON, with the header content-type: application/json")


class _Bounded(Request):
    """A body of bounded size, decoded by the house's own JSON."""

    async def body(self) -> bytes:
        if not hasattr(self, "_body"):
            chunks, size = [], 0
            async for chunk in self.stream():
                size += len(chunk)
                if size > BODY_MAX:
                    raise HTTPException(413, f"the body is larger than {BODY_MAX} bytes", {"connection": "close"})
                chunks.append(chunk)
            self._body = b"".join(chunks)
        return self._body

    async def json(self) -> Any:
        try:
            return json.decode(await self.body())
        except json.JSONError as error:
            raise HTTPException(400, f"the body is not valid JSON: {error}") from None
