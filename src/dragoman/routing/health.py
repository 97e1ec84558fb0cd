"""Outcomes in, cooldowns out, per provider and model. Rule: only what means that the target is ill counts; a request that was
wrong, or a client that went away, says nothing about it.

Nobody is shut out: a cooling target is asked last, and asked it is where no other can serve.
"""

import math

from msgspec import Struct

from dragoman.core.config import Provider, Target
from dragoman.core.errors import Error, ErrorKind

LONGEST = 600.0
"""Seconds a provider's own `retry-after` is believed: a day would park the only credential."""
_FORGET = 600.0
"""Seconds of health after which earlier failures no longer count."""
_MOST = 4096
_WHOLE_PROVIDER = ""
"""Stands for the model where the whole provider is ill."""


class _Cool(Struct, frozen=True):
    """Seconds of the first cooldown; each further failure doubles it, up to `cap`."""

    first: float
    cap: float


_COOLDOWNS: dict[ErrorKind, _Cool] = {
    ErrorKind.RATE_LIMIT: _Cool(5, 120),
    ErrorKind.OVERLOADED: _Cool(5, 120),
    ErrorKind.SERVER: _Cool(5, 300),
    ErrorKind.TIMEOUT: _Cool(10, 300),
    ErrorKind.NOT_FOUND: _Cool(60, LONGEST),
    ErrorKind.BILLING: _Cool(60, LONGEST),
}
_MISCONFIGURED = frozenset((ErrorKind.AUTH, ErrorKind.PERMISSION))
_ACCOUNT = frozenset((ErrorKind.BILLING, *_MISCONFIGURED))
"""Kinds that mean the account, so every model of the provider."""


class _Illness(Struct, frozen=True):
    """`provider`: as it was configured then, where only another configuration can heal it."""

    until: float
    failures: int
    kind: ErrorKind
    provider: Provider | None = None


class Health:
    """What is known of targets. Not for use from several threads."""

    __slots__ = ("_ill",)

    def __init__(self) -> None:
        self._ill: dict[tuple[str, str], _Illness] = {}

    def outcome(self, target: Target, error: Error | None, now: float) -> None:
        """How a try ended. None: it served, and earlier failures are forgotten."""
        slug, model = target.provider.slug, target.model
        if error is None:
            self._ill.pop((slug, model), None)
            self._ill.pop((slug, _WHOLE_PROVIDER), None)
            return
        key = (slug, _WHOLE_PROVIDER if error.kind in _ACCOUNT else model)
        if error.kind in _MISCONFIGURED:
            self._set(key, _Illness(math.inf, 1, error.kind, target.provider))
        elif error.kind in _COOLDOWNS:
            self._set(key, _worse(self._ill.get(key), error, _COOLDOWNS[error.kind], now))

    def cooling(self, target: Target, now: float) -> float | None:
        """Until when the target is asked last; infinity while its provider is misconfigured; None: it is well."""
        if not self._ill:
            return None
        ends = [illness.until for illness in self._of(target, now)]
        return max(ends) if ends else None

    def why(self, target: Target, now: float) -> str:
        """One line for `explain`, "" for a target that is well."""
        found = max(self._of(target, now), key=lambda illness: illness.until, default=None)
        if found is None:
            return ""
        if found.provider is not None:
            return f"misconfigured: it refused the gateway's credentials ({found.kind}), until its record changes"
        return f"cooling for {math.ceil(found.until - now)} s after {found.failures} x {found.kind}"

    def _of(self, target: Target, now: float) -> list[_Illness]:
        slug = target.provider.slug
        found = (self._ill.get((slug, target.model)), self._ill.get((slug, _WHOLE_PROVIDER)))
        return [
            illness
            for illness in found
            if illness is not None and illness.until > now and illness.provider in (None, target.provider)
        ]

    def _set(self, key: tuple[str, str], illness: _Illness) -> None:
        self._ill.pop(key, None)
        self._ill[key] = illness
        if len(self._ill) > _MOST:
            del self._ill[next(iter(self._ill))]


def _worse(before: _Illness | None, error: Error, cool: _Cool, now: float) -> _Illness:
    """Failures of calls that were under way when the target fell ill count once."""
    told = error.retry_after
    known = before is not None and before.provider is None and now < before.until + _FORGET
    failures = before.failures if known and before is not None else 0
    under_way = known and before is not None and now < before.until
    failures += 0 if under_way else 1
    if told is not None and told > 0 and math.isfinite(told):
        wait = min(told, LONGEST)
    else:
        wait = min(cool.first * 2 ** min(failures - 1, 16), cool.cap)
    until = now + wait
    if under_way and before is not None:
        until = max(before.until, until if told is not None and told > 0 else before.until)
    return _Illness(until, failures, error.kind)
