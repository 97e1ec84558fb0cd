"""The lists of models, `/v1/models` and the like, and `/{id}` of them: every name that resolves (requirement D18), told in the
caller's dialect; with slashes and colons, escaped or not."""

from dragoman.api.auth import authenticate
from dragoman.api.doors import Door
from dragoman.api.inference import Scope, refuse
from dragoman.api.intake import peer_of
from dragoman.api.live import Live
from dragoman.core.errors import CallError, Error, ErrorKind
from dragoman.core.model import ModelName
from dragoman.core.request import Headers
from dragoman.relay.call import make_id
from dragoman.relay.outlet import JSON, Outlet
from dragoman.routing.models import listing, lookup


class Models:
    """Serves the doors "models" and "model"."""

    def __init__(self, live: Live) -> None:
        self._live = live

    async def serve(self, door: Door, model: str, scope: Scope, headers: Headers, outlet: Outlet) -> None:
        """`model`: the name in the path, "" for the list."""
        live, dialect, request_id = self._live, door.dialect, make_id("req_")
        query, in_query = scope["query_string"].decode("latin-1"), dialect.key_in_query
        try:
            authenticate(headers, query, peer_of(scope), live.snapshot, live.gate, live.now(), in_query=in_query)
            body = dialect.model(self._known(model)) if model else dialect.models(listing(live.snapshot), query)
        except CallError as failure:
            await refuse(outlet, dialect, failure.error, request_id)
            return
        await outlet.whole(200, (("content-type", JSON), ("x-dragoman-request-id", request_id)), body)

    def _known(self, name: str) -> ModelName:
        found = lookup(self._live.snapshot, name)
        if found is None:
            message = f"model: {name}"
            raise CallError(
                Error(kind=ErrorKind.NOT_FOUND, status=404, message=message, code="model_not_found", param="model", ours=True)
            )
        return found
