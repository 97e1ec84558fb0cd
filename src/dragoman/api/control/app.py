"""The control plane as one ASGI application, and how its errors look. Rule: an error names the field, never its value."""

from collections.abc import Mapping
from typing import Any

from fastapi import Depends, FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.security import HTTPBasic
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from dragoman import __version__
from dragoman.api.control import dashboard, keys, learned, providers
from dragoman.api.control.deps import Explain, Probe, Running
from dragoman.api.control.documents import add_documents
from dragoman.api.control.explain import add_explain
from dragoman.api.control.guard import GuardedRoute
from dragoman.api.control.views import answer
from dragoman.store.errors import ChangeError, ConflictError, InvalidError, ReadOnlyError, UnavailableError, UnknownError

STATUSES: Mapping[type[ChangeError], int] = {
    InvalidError: 422,
    UnknownError: 404,
    ConflictError: 409,
    ReadOnlyError: 409,
    UnavailableError: 503,
}
_PLAIN = {"extra_forbidden": "is not a known field", "missing": "is required"}


def create_control(running: Running, *, probe: Probe | None = None, explain: Explain | None = None) -> FastAPI:
    """`probe` and `explain`: what asks a provider and the plan; without them their routes are not there."""
    app = FastAPI(title="Dragoman", version=__version__, openapi_url=None, docs_url=None, redoc_url=None)
    app.router.route_class = GuardedRoute
    app.state.running = running
    known = [Depends(_Documented(description="ADMIN_USERNAME and ADMIN_PASSWORD, where a password is set."))]
    app.include_router(providers.router, dependencies=known)
    if probe is not None:
        app.include_router(providers.add_test(probe), dependencies=known)
    app.include_router(keys.router, dependencies=known)
    app.include_router(learned.router, dependencies=known)
    app.include_router(dashboard.router, dependencies=known)
    if explain is not None:
        app.include_router(add_explain(explain), dependencies=known)
    add_documents(app)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(ChangeError, _not_changed)
    return app


class _Documented(HTTPBasic):
    """For the API's documentation only: the guard judges, and this class would refuse what is not ASCII."""

    async def __call__(self, request: Request) -> None:  # type: ignore[override]
        return None


async def _invalid(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return answer(422, {"detail": [_problem(one) for one in error.errors()]})


async def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return answer(error.status_code, {"detail": error.detail}, error.headers)


async def _not_changed(_: Request, error: Exception) -> Response:
    assert isinstance(error, ChangeError)
    if isinstance(error, InvalidError):
        told: object = [{"loc": ["body", *error.field.split(".", 1)], "msg": str(error), "type": "value_error"}]
    else:
        told = str(error)
    return answer(STATUSES[type(error)], {"detail": told})


def _problem(one: Mapping[str, Any]) -> dict[str, Any]:
    """Where and what, without the input."""
    where = [part for part in one["loc"] if part != "body"]
    what = _PLAIN.get(one["type"], str(one["msg"]).removeprefix("Value error, ").removeprefix("Input "))
    return {"loc": list(one["loc"]), "msg": f"{'.'.join(map(str, where)) or 'the body'}: {what}", "type": one["type"]}
