"""`GET /admin/explain?model=&dialect=`: which rule fired, the plan, and how each target is told.

Rule: it asks the functions that calls go through.
"""

from fastapi import APIRouter
from starlette.responses import Response

from dragoman.api.control.deps import Explain
from dragoman.api.control.guard import GuardedRoute
from dragoman.api.control.views import answer
from dragoman.core.errors import CallError


def add_explain(explain: Explain) -> APIRouter:
    router = APIRouter(prefix="/admin", tags=["routing"], route_class=GuardedRoute)

    @router.get("/explain", summary="Which rule takes a model name, who is asked in order, by which lane and with which quirks")
    async def explained(model: str | None = None, dialect: str = "openai-chat") -> Response:
        try:
            return answer(200, explain(model, dialect))
        except CallError as failure:
            return answer(failure.error.status or 404, {"detail": failure.error.message})

    return router
