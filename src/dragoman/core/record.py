"""What happened in one call. Fields may be added, none is ever renamed."""

from msgspec import Struct

from dragoman.core.events import Usage
from dragoman.core.loss import Loss


class Attempt(Struct, frozen=True, kw_only=True):
    """One try at one target. Times in seconds. `status` None where no HTTP answer came; `error` None where it served."""

    target: str
    provider: str
    model: str
    dialect: str
    lane: str
    started: float
    duration: float
    status: int | None = None
    error: str | None = None
    message: str | None = None


class Record(Struct, frozen=True, kw_only=True):
    """`when`: Unix seconds. `time_to_first`: seconds to the first content, None where none came. Prices come later."""

    id: str
    when: float
    operation: str
    client_dialect: str
    stream: bool
    status: int
    key: str | None = None
    gateway: str | None = None
    route: str | None = None
    rule: str | None = None
    model_asked: str | None = None
    target: str | None = None
    provider: str | None = None
    model: str | None = None
    provider_dialect: str | None = None
    lane: str | None = None
    attempts: tuple[Attempt, ...] = ()
    usage: Usage | None = None
    cost: str | None = None
    price_version: str | None = None
    time_to_first: float | None = None
    duration: float = 0.0
    finish: str | None = None
    error: str | None = None
    losses: tuple[Loss, ...] = ()
