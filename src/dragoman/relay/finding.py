"""Ask a provider for its models. One GET, bounded in time and size; it harms nobody's health."""

from dragoman.core.config import Provider
from dragoman.core.errors import CallError, ConfigError
from dragoman.providers.listing import read, where
from dragoman.providers.targets import allows_private
from dragoman.relay.upstream import Outgoing, Upstream

PATIENCE = 2.0
"""Seconds of silence."""
MOST = 8 * 1024 * 1024
"""Bytes of a list."""


async def find_local_models(upstream: Upstream, provider: Provider) -> tuple[str, ...]:
    """Model ids of a keyless server that may be there or not; () where it is not, or its answer is no list."""
    place = where(provider)
    outgoing = Outgoing(
        method="GET", url=place.url, headers=(), body=b"", timeout_idle=PATIENCE, allow_private=allows_private(provider)
    )
    try:
        response = await upstream.send(outgoing)
        try:
            body = await response.read(MOST)
        finally:
            response.abort()
        return tuple(model.id for model in read(place.kind, body).models) if response.status == 200 else ()
    except (CallError, ConfigError):
        return ()
