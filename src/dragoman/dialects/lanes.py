"""Which lane a call takes to a target, and what the target is told. Rule: whoever sends asks here, and so does whoever only shows
what would be sent."""

from collections.abc import Callable
from typing import Literal, TypeAlias

from msgspec import structs

from dragoman.core.config import Target
from dragoman.core.errors import bad_request
from dragoman.core.request import Envelope, Request
from dragoman.core.seal import MARK
from dragoman.dialects.base import Built, Dialect, ProviderDialect
from dragoman.dialects.hosting import wraps
from dragoman.wire import json

Lane: TypeAlias = Literal["copy", "translate"]
_SEAL = MARK.encode()


def lane_of(envelope: Envelope, client: Dialect, target: Target) -> Lane:
    """`client`: the dialect of the envelope (ARCHITECTURE rule 1)."""
    same = client.id == target.dialect and _SEAL not in envelope.body and not wraps(envelope.operation, target.quirks)
    return "copy" if same and client.copyable(envelope, target, target.quirks) else "translate"


def tell(
    envelope: Envelope, client: Dialect, speaker: ProviderDialect, target: Target, request: Callable[[], Request]
) -> tuple[Lane, Built]:
    """`speaker`: the target's dialect. `request`: gives the canonical form; not asked for in the Copy lane.

    Raises CallError (bad_request).
    """
    lane = lane_of(envelope, client, target)
    try:
        if lane == "copy":
            return lane, client.retarget(envelope, target, target.quirks)
        build = speaker.build_count if envelope.operation == "count_tokens" else speaker.build_request
        return lane, build(structs.replace(request(), stream=envelope.stream), target, target.quirks)
    except json.JSONError as error:  # of what the client sent, all JSON is known to be well formed
        raise bad_request(f"the request body holds what cannot be read: {error}") from None
