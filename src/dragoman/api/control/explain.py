"""`GET /admin/explain?model=`: which rule fired, and the plan. Rule: it asks the functions that calls go through."""

from fastapi import APIRouter
from starlette.responses import Response

from dragoman.api.control.deps import Explain
from dragoman.api.control.guard import GuardedRoute
from dragoman.api.control.views import answer
from dragoman.core.errors import CallError


def add_explain(explain: Explain) -> APIRouter:
    router = APIRouter(prefix="/admin", tags=["routing"], route_class=GuardedRoute)

    @router.get("/explain", summary="Which rule takes a model name, and who is asked in order")
    async def explained(model: str | None = None) -> Response:
        try:
            return answer(200, explain(model))
        except CallError as failure:
            return answer(failure.error.status or 404, {"detail": failure.error.message})

    return router
