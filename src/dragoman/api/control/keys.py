"""`/admin/api-keys` (requirements S0-28..31). Rule: the text of a key is in the answer that created it and nowhere else."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from dragoman.api.control.deps import store_of
from dragoman.api.control.guard import GuardedRoute
from dragoman.api.control.schemas import KeyCreate, KeyCreated, KeyRecord, KeyUpdate
from dragoman.api.control.views import answer, changed, created, key_view, no_content

router = APIRouter(prefix="/admin/api-keys", tags=["API keys"], route_class=GuardedRoute)


@router.get("", response_model=list[KeyRecord], summary="List all API keys")
async def list_keys(request: Request) -> Response:
    return answer(200, [key_view(key) for key in store_of(request).keys()])  # noqa: SIM118


@router.post("", response_model=KeyCreated, status_code=201, summary="Create new API key")
async def create_key(request: Request, body: KeyCreate) -> Response:
    key, text = await store_of(request).create_key(created(body))
    return answer(201, {**key_view(key), "key": text}, {"location": f"/admin/api-keys/{key.id}"})


@router.get("/{key_id}", response_model=KeyRecord, summary="Get an API key")
async def get_key(request: Request, key_id: str) -> Response:
    return answer(200, key_view(store_of(request).key(key_id)))


@router.put("/{key_id}", response_model=KeyRecord, summary="Update API key: only the given fields")
@router.patch("/{key_id}", response_model=KeyRecord, summary="Update API key: only the given fields")
async def update_key(request: Request, key_id: str, body: KeyUpdate) -> Response:
    store = store_of(request)
    there = store.key(key_id)
    return answer(200, key_view(await store.update_key(there.id, changed(body, key_view(there)))))


@router.delete("/{key_id}", status_code=204, summary="Delete API key")
async def delete_key(request: Request, key_id: str) -> Response:
    store = store_of(request)
    await store.delete_key(store.key(key_id).id)
    return no_content()
