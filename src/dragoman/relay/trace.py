"""What is noted while a call runs, and the Record it becomes at its end."""

from collections.abc import Iterable

from dragoman.core.config import Key, Target
from dragoman.core.errors import Error
from dragoman.core.events import Usage
from dragoman.core.loss import Loss
from dragoman.core.record import Attempt, Record
from dragoman.core.request import Envelope

_MESSAGE = 500
_LOSSES = 200
_NAME = 500


class Trace:
    """Mutable for one call only. `started`: seconds of the monotonic clock; `when`: Unix seconds."""

    __slots__ = (
        "_tries", "envelope", "error", "finish", "first", "key", "lane", "losses", "request_id", "rule", "started", "target",
        "usage", "when",
    )  # fmt: skip

    def __init__(self, request_id: str, envelope: Envelope, key: Key | None, when: float, started: float) -> None:
        self.request_id, self.envelope, self.key = request_id, envelope, key
        self.when, self.started = when, started
        self.rule: str | None = None
        self.target: Target | None = None
        self.lane: str | None = None
        self.first: float | None = None
        self.usage: Usage | None = None
        self.finish: str | None = None
        self.error: Error | None = None
        self.losses: list[Loss] = []
        self._tries: list[Attempt] = []

    @property
    def tries(self) -> int:
        return len(self._tries)

    def attempt(self, target: Target, lane: str, began: float, now: float, error: Error | None, status: int | None) -> None:
        self._tries.append(
            Attempt(
                target=target.name,
                provider=target.provider.slug,
                model=target.model,
                dialect=target.dialect,
                lane=lane,
                started=began - self.started,
                duration=now - began,
                status=status if error is None or error.status is None else error.status,
                error=error.kind.value if error is not None else None,
                message=error.message[:_MESSAGE] if error is not None else None,
            )
        )

    def serves(self, target: Target, lane: str, losses: Iterable[Loss]) -> None:
        """This target's answer is the one the client gets."""
        self.target, self.lane, self.losses = target, lane, list(losses)

    def record(self, status: int, now: float) -> Record:
        envelope, target = self.envelope, self.target
        return Record(
            id=self.request_id,
            when=self.when,
            operation=envelope.door or envelope.operation,
            client_dialect=envelope.dialect,
            stream=envelope.stream,
            status=status,
            key=str(self.key.id) if self.key is not None else None,
            rule=self.rule,
            model_asked=None if envelope.model is None else envelope.model[:_NAME],
            target=target.name if target is not None else None,
            provider=target.provider.slug if target is not None else None,
            model=target.model if target is not None else None,
            provider_dialect=target.dialect if target is not None else None,
            lane=self.lane,
            attempts=tuple(self._tries),
            usage=self.usage,
            time_to_first=self.first,
            duration=now - self.started,
            finish=self.finish,
            error=self.error.kind.value if self.error is not None else None,
            losses=tuple(self.losses[:_LOSSES]),
        )
