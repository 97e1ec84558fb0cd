"""`/admin/learned`: which members of requests providers turned out not to take (routing/learned), seen and cleared.

Rule: it shows what calls go by, and clearing it costs one refused try at most.
"""

import time

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from dragoman.api.control.deps import running
from dragoman.api.control.guard import GuardedRoute
from dragoman.api.control.providers import find
from dragoman.api.control.schemas import LearnedRecord
from dragoman.api.control.views import answer, fact_view, no_content

router = APIRouter(prefix="/admin/learned", tags=["learned refusals"], route_class=GuardedRoute)


@router.get("", response_model=list[LearnedRecord], summary="List what providers refused to take, the latest first")
async def list_learned(request: Request) -> Response:
    return answer(200, [fact_view(fact) for fact in running(request).learned.facts(time.time())])


@router.get("/{provider}", response_model=list[LearnedRecord], summary="The same of one provider, by id or slug")
async def list_learned_of(request: Request, provider: str) -> Response:
    return answer(200, [fact_view(fact) for fact in running(request).learned.facts(time.time(), _slug(request, provider))])


@router.delete("", status_code=204, summary="Forget all of it")
async def clear_learned(request: Request) -> Response:
    running(request).learned.forget()
    return no_content()


@router.delete("/{provider}", status_code=204, summary="Forget what one provider refused, by id or slug")
async def clear_learned_of(request: Request, provider: str) -> Response:
    running(request).learned.forget(_slug(request, provider))
    return no_content()


def _slug(request: Request, named: str) -> str:
    """Of a provider that is known, or that something is remembered of though its record is gone. Raises UnknownError."""
    here = running(request)
    if any(fact.provider == named for fact in here.learned.facts(time.time())):
        return named
    return find(here.store, named).provider.slug
