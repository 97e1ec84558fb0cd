"""`GET /v1/models` and `/v1/models/{id}`: one body that OpenAI's and Anthropic's clients both accept."""

from datetime import UTC, datetime
from urllib.parse import unquote

from dragoman.api.auth import authenticate
from dragoman.api.inference import Scope, refuse
from dragoman.api.intake import headers_of, peer_of
from dragoman.api.live import Live
from dragoman.core.config import Snapshot
from dragoman.core.errors import CallError, Error, ErrorKind
from dragoman.core.request import Headers
from dragoman.dialects.base import Dialect
from dragoman.dialects.registry import DIALECTS
from dragoman.relay.call import make_id
from dragoman.relay.outlet import JSON, Outlet
from dragoman.routing.models import Name, listing, lookup
from dragoman.wire import json

_ROOTS = ("/v1/models", "/api/anthropic/v1/models")


def is_models_path(path: str) -> bool:
    return any(path == root or path.startswith(root + "/") for root in _ROOTS)


class Models:
    """Every name that resolves (requirement D18); `/{id}` with slashes and colons, escaped or not."""

    def __init__(self, live: Live) -> None:
        self._live = live

    async def serve(self, scope: Scope, outlet: Outlet) -> None:
        headers, request_id = headers_of(scope), make_id("req_")
        dialect = _caller(scope["path"], headers)
        query = scope["query_string"].decode("latin-1")
        try:
            authenticate(headers, query, peer_of(scope), self._live.snapshot, self._live.gate, self._live.now())
            body = self._body(scope["path"])
        except CallError as failure:
            await refuse(outlet, dialect, failure.error, request_id)
            return
        await outlet.whole(200, (("content-type", JSON), ("x-dragoman-request-id", request_id)), json.encode(body))

    def _body(self, path: str) -> dict[str, object]:
        snapshot = self._live.snapshot
        wanted = next(path[len(root) :].lstrip("/") for root in _ROOTS if path.startswith(root))
        if wanted:
            return _entry(_known(snapshot, unquote(wanted)))
        data = [_entry(name) for name in listing(snapshot)]
        ends = {"first_id": data[0]["id"], "last_id": data[-1]["id"]} if data else {"first_id": None, "last_id": None}
        return {"object": "list", "data": data, "has_more": False, **ends}


def _known(snapshot: Snapshot, name: str) -> Name:
    found = lookup(snapshot, name)
    if found is None:
        message = f"model: {name}"
        raise CallError(
            Error(kind=ErrorKind.NOT_FOUND, status=404, message=message, code="model_not_found", param="model", ours=True)
        )
    return found


def _entry(model: Name) -> dict[str, object]:
    """OpenAI's members, then Anthropic's."""
    return {
        "id": model.id,
        "object": "model",
        "created": model.created,
        "owned_by": model.owner,
        "type": "model",
        "display_name": model.display_name,
        "created_at": datetime.fromtimestamp(model.created, UTC).isoformat().replace("+00:00", "Z"),
    }


def _caller(path: str, headers: Headers) -> Dialect:
    told = path.startswith("/api/anthropic") or any(name == "anthropic-version" for name, _ in headers)
    return DIALECTS["anthropic" if told else "openai-chat"]
