"""An answer of a provider that is none: its error, or a redirect, which is never followed."""

from typing import Final

from dragoman.core.errors import Error, ErrorKind
from dragoman.relay.legs import Leg
from dragoman.relay.response import Response

ERROR_LIMIT: Final = 1024 * 1024
"""Bytes of a provider's error body that are read."""


async def refusal(leg: Leg, response: Response) -> Error:
    """Raises CallError where the connection breaks before it is told."""
    body = await response.read(ERROR_LIMIT)
    if 300 <= response.status < 400:
        message = f"the provider answered with a redirect ({response.status}); redirects are never followed"
        return Error(kind=ErrorKind.SERVER, status=response.status, message=message)
    return leg.failure(response.status, response.headers, body)
