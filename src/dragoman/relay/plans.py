"""The plan of each call: what the configuration says, kept for as long as it stands, in the order of this moment's health.

Rule: a call beside chat says nothing about a model's health in chat, nor the reverse: a provider may have one and not the other.
"""

import time
from collections.abc import Collection, Mapping

from msgspec.structs import replace

from dragoman.core.config import Provider, Snapshot, Target
from dragoman.core.errors import Error
from dragoman.core.request import Envelope
from dragoman.dialects.base import Path, ProviderDialect
from dragoman.dialects.passing import attached, doors_of
from dragoman.relay.issued import Issued
from dragoman.routing.health import Health
from dragoman.routing.plan import PROVIDER_HEADER, Plan, at_issuer, draft, draft_beside, elsewhere, keeping, ordered
from dragoman.routing.resolve import resolve_bare

KEPT = 4096
"""Plans kept for a snapshot, at most."""


class Plans:
    """`dialects`: those that are built. `health`: of chat; outcomes go in by whoever tried. `issued`: who issued which id."""

    def __init__(self, dialects: Mapping[str, ProviderDialect]) -> None:
        self.health = Health()
        self.issued = Issued()
        self._dialects = dialects
        self._built = dialects.keys()
        self._embedding = frozenset(id_ for id_, dialect in dialects.items() if dialect.embedder is not None)
        self._alike = _alike(dialects)
        self._silent = frozenset(id_ for id_, dialect in dialects.items() if not doors_of(dialect))
        self._beside: dict[str, Health] = {}
        self._drafts: dict[tuple[str | None, ...], Plan] = {}
        self._drafted: Snapshot | None = None

    def of(self, snapshot: Snapshot, envelope: Envelope) -> Plan:
        """Raises CallError where no target can be asked."""
        if envelope.door != "" or envelope.pinned:
            return self._special(snapshot, envelope)
        file = self._file(envelope) if self.issued.any_things else None
        if file is not None:
            return self._special(snapshot, replace(envelope, refers=file))
        provider = envelope.header(PROVIDER_HEADER) if envelope.model is None else None
        return self.named(snapshot, envelope.model, envelope.dialect, provider)

    def named(self, snapshot: Snapshot, model: str | None, dialect: str, provider: str | None = None) -> Plan:
        """The same, for a model name alone."""
        found = self._kept(snapshot, (model, dialect, provider))
        if found is None:
            found = self._drafts[model, dialect, provider] = draft(snapshot, model, dialect, self._built, provider)
        return ordered(found, self.health, time.monotonic())

    def outcome(self, envelope: Envelope, target: Target, error: Error | None, now: float) -> None:
        """How a try at a target ended."""
        health = self._health(envelope)
        if health is not None:
            health.outcome(target, error, now)

    def _file(self, envelope: Envelope) -> str | None:
        """The file that a conversation refers to, if it is known who issued it."""
        found = attached(self._dialects.get(envelope.dialect), envelope.body)
        return None if found is None or self.issued.by(found) is None else found

    def _special(self, snapshot: Snapshot, envelope: Envelope) -> Plan:
        """Of a call beside chat, or one that refers to what a provider keeps."""
        issuer, why = self._issuer(snapshot, envelope)
        speaking = self._speaking(envelope)
        if issuer is not None and envelope.door == "" and envelope.model is None:
            return self.named(snapshot, None, envelope.dialect, issuer.slug)
        if issuer is not None and envelope.model is None:
            return at_issuer(issuer, why, None, envelope.dialect, speaking, _lacking(envelope))
        found, health = self._otherwise(snapshot, envelope, speaking), self._health(envelope)
        if issuer is not None and not elsewhere(found, issuer):
            return at_issuer(issuer, why, found, envelope.dialect, speaking, _lacking(envelope))
        if envelope.door == "":
            return keeping(found, envelope.dialect)
        return found if health is None else ordered(found, health, time.monotonic())

    def _otherwise(self, snapshot: Snapshot, envelope: Envelope, speaking: Collection[str]) -> Plan:
        model, dialect = envelope.model, envelope.dialect
        provider = envelope.header(PROVIDER_HEADER) if model is None else None
        if envelope.door == "":
            return self.named(snapshot, model, dialect, provider)
        key = (model, dialect, provider, envelope.operation, *speaking)
        found = self._kept(snapshot, key)
        if found is None:
            asked = dialect if envelope.operation == "embed" else next(iter(self._silent.intersection(speaking)), dialect)
            found = self._drafts[key] = draft_beside(snapshot, model, asked, speaking, _lacking(envelope), provider)
        return found

    def _kept(self, snapshot: Snapshot, key: tuple[str | None, ...]) -> Plan | None:
        if self._drafted is not snapshot or len(self._drafts) > KEPT:
            self._drafts, self._drafted = {}, snapshot
        return self._drafts.get(key)

    def _issuer(self, snapshot: Snapshot, envelope: Envelope) -> tuple[Provider | None, str]:
        """(who is said to keep what the call refers to, why). Where a model is named and nobody remembers, the header says it."""
        slug = None if envelope.refers is None else self.issued.by(envelope.refers)
        word = envelope.header(PROVIDER_HEADER)
        active = (provider for provider in snapshot.providers if provider.slug == slug and provider.is_active)
        found = next(active, None)
        if found is not None:
            return found, f"{found.slug} issued what the call refers to"
        if word is None or envelope.model is None or not envelope.pinned:
            return None, ""
        named = resolve_bare(snapshot, word)
        return named.candidates[0].provider, named.why

    def _speaking(self, envelope: Envelope) -> Collection[str]:
        """The dialects a call can be asked in."""
        if envelope.door == "":
            return self._built
        return self._embedding if envelope.operation == "embed" else self._alike[envelope.dialect, envelope.door]

    def _health(self, envelope: Envelope) -> Health | None:
        """None for what is kept at one provider: whatever its health, nobody else can be asked."""
        if envelope.door == "":
            return self.health
        return None if envelope.pinned else self._beside.setdefault(envelope.door, Health())


def _lacking(envelope: Envelope) -> str:
    """What is said of a provider that cannot be asked."""
    if envelope.door == "":
        return "which this version does not"
    return "none of which has embeddings" if envelope.operation == "embed" else f"not {envelope.dialect}"


def _alike(dialects: Mapping[str, ProviderDialect]) -> Mapping[tuple[str, str], Collection[str]]:
    """(dialect, door) -> the dialects that have the very same door, the row itself: a provider that speaks any of them has it."""
    doors: dict[int, tuple[Path, list[str]]] = {}
    for id_, dialect in dialects.items():
        for path in (*doors_of(dialect), *dialect.passes):
            if path.operation == "pass":
                doors.setdefault(id(path), (path, []))[1].append(id_)
    return {(id_, f"{path.method} {path.pattern}"): tuple(ids) for path, ids in doors.values() for id_ in ids}
