"""`/admin/providers` (requirements S0-24..27, S0-35..45). Rule: a change answers with the record as it now is."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from dragoman.api.control.deps import Probe, store_of
from dragoman.api.control.guard import GuardedRoute
from dragoman.api.control.schemas import Connectivity, ProviderCreate, ProviderRecord, ProviderUpdate
from dragoman.api.control.views import answer, changed, created, no_content, provider_view
from dragoman.store import Store
from dragoman.store.configuration import Stored
from dragoman.store.errors import UnknownError

router = APIRouter(prefix="/admin/providers", tags=["providers"], route_class=GuardedRoute)


@router.get("", response_model=list[ProviderRecord], summary="List all providers")
async def list_providers(request: Request) -> Response:
    return answer(200, [provider_view(stored) for stored in store_of(request).providers()])


@router.post("", response_model=ProviderRecord, status_code=201, summary="Create new provider")
async def create_provider(request: Request, body: ProviderCreate) -> Response:
    stored = await store_of(request).create_provider(created(body))
    return answer(201, provider_view(stored), {"location": f"/admin/providers/{stored.provider.id}"})


@router.get("/{provider}", response_model=ProviderRecord, summary="Get a provider by id or slug")
async def get_provider(request: Request, provider: str) -> Response:
    return answer(200, provider_view(find(store_of(request), provider)))


@router.put("/{provider}", response_model=ProviderRecord, summary="Update provider: only the given fields")
@router.patch("/{provider}", response_model=ProviderRecord, summary="Update provider: only the given fields")
async def update_provider(request: Request, provider: str, body: ProviderUpdate) -> Response:
    store = store_of(request)
    there = find(store, provider)
    stored = await store.update_provider(there.provider.id, changed(body, provider_view(there)))
    return answer(200, provider_view(stored))


@router.delete("/{provider}", status_code=204, summary="Delete provider")
async def delete_provider(request: Request, provider: str) -> Response:
    store = store_of(request)
    await store.delete_provider(find(store, provider).provider.id)
    return no_content()


def add_test(probe: Probe) -> APIRouter:
    """`POST /admin/providers/{id}/test`: asks the stored address, never one from the request."""
    testing = APIRouter(prefix="/admin/providers", tags=["providers"], route_class=GuardedRoute)

    @testing.post("/{provider}/test", response_model=Connectivity, summary="Connectivity check with status and latency")
    async def test_provider(request: Request, provider: str) -> Response:
        stored = find(store_of(request), provider)
        if stored.problem is not None:
            return answer(200, {"status": "offline", "status_code": None, "latency_ms": None, "detail": stored.problem})
        return answer(200, await probe(stored.provider))

    return testing


def find(store: Store, named: str) -> Stored:
    """By id or slug. Raises UnknownError."""
    digits = named.removeprefix("-")
    if digits.isascii() and digits.isdigit() and len(digits) < 19:
        return store.provider(int(named))
    found = next((stored for stored in store.providers() if stored.provider.slug == named), None)
    if found is None:
        raise UnknownError("there is no such provider")
    return found
