"""The plan of each call: what the configuration says, kept for as long as it stands, in the order of this moment's health."""

import time
from collections.abc import Collection

from dragoman.core.config import Snapshot
from dragoman.core.request import Envelope
from dragoman.routing.health import Health
from dragoman.routing.plan import PROVIDER_HEADER, Plan, draft, ordered

KEPT = 4096
"""Plans kept for a snapshot, at most."""


class Plans:
    """`built`: the dialects there are. `health`: outcomes go in by whoever tried."""

    def __init__(self, built: Collection[str]) -> None:
        self.health = Health()
        self._built = built
        self._drafts: dict[tuple[str | None, str, str | None], Plan] = {}
        self._drafted: Snapshot | None = None

    def of(self, snapshot: Snapshot, envelope: Envelope) -> Plan:
        """Raises CallError where no target can be asked."""
        provider = envelope.header(PROVIDER_HEADER) if envelope.model is None else None
        return self.named(snapshot, envelope.model, envelope.dialect, provider)

    def named(self, snapshot: Snapshot, model: str | None, dialect: str, provider: str | None = None) -> Plan:
        """The same, for a model name alone."""
        if self._drafted is not snapshot or len(self._drafts) > KEPT:
            self._drafts, self._drafted = {}, snapshot
        wanted = (model, dialect, provider)
        found = self._drafts.get(wanted)
        if found is None:
            found = self._drafts[wanted] = draft(snapshot, model, dialect, self._built, provider)
        return ordered(found, self.health, time.monotonic())
