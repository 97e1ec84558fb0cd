"""One call as the edge hands it to the relay."""

import random

from msgspec import Struct

from dragoman.core.config import Key, Snapshot
from dragoman.core.request import Envelope
from dragoman.dialects.base import Dialect
from dragoman.relay.outlet import Outlet

_chance = random.Random()  # noqa: S311  ids must be unique, not secret


class Call(Struct, kw_only=True):
    """`snapshot`: the configuration it keeps to its end."""

    envelope: Envelope
    dialect: Dialect
    snapshot: Snapshot
    outlet: Outlet
    request_id: str
    key: Key | None = None
    strict: bool = False


class Limits(Struct, frozen=True, kw_only=True):
    """Seconds. `keepalive`: silence towards a streaming client before a keep-alive."""

    total: float = 3600.0
    keepalive: float = 10.0


def make_id(prefix: str) -> str:
    """A new id: the prefix and 24 hex digits of chance."""
    return f"{prefix}{_chance.getrandbits(96):024x}"
