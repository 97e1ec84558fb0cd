"""What moves on to the next target, and which failure the client is told (requirement D9). Rule: by kind, then by status; never
by message text.
"""

import math
from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from dragoman.core.errors import UNREACHABLE, Error, ErrorKind

K = ErrorKind
LONGEST_WAIT = 60
"""Seconds; clients give up on a longer `retry-after`."""

_MOVES = frozenset((K.RATE_LIMIT, K.OVERLOADED, K.TIMEOUT, K.SERVER, K.BILLING, K.NOT_FOUND, K.CONFLICT, K.UNSUPPORTED))
_STAYS = frozenset((K.CANCELLED, K.CONTEXT_OVERFLOW, K.TOO_LARGE, K.CONTENT_POLICY))
_CREDENTIALS = frozenset((K.AUTH, K.PERMISSION))
_MOVING_STATUSES = frozenset((408, 409, 424, 425, 429, 498, *range(500, 600)))

_USE = (
    frozenset((K.BAD_REQUEST, K.CONTEXT_OVERFLOW, K.TOO_LARGE, K.CONTENT_POLICY, K.UNSUPPORTED)),
    frozenset((K.RATE_LIMIT,)),
    frozenset((K.OVERLOADED,)),
    frozenset((K.SERVER, K.TIMEOUT, K.CONFLICT)),
    frozenset((K.NOT_FOUND,)),
    frozenset((K.BILLING, K.AUTH, K.PERMISSION, K.CANCELLED)),
)
"""Most useful to a client first. A missing model after a server error: there the model may well be, so trying again helps."""
_WAITING_HELPS = frozenset((K.RATE_LIMIT, K.OVERLOADED, K.SERVER, K.TIMEOUT, K.CONFLICT))
_WAITING_CANNOT_HELP = frozenset((K.AUTH, K.PERMISSION, K.BILLING, K.UNSUPPORTED))
_ACCOUNT_WORDS = {
    K.AUTH: "the provider refused the gateway's credentials",
    K.PERMISSION: "the provider does not permit the gateway's account to do this",
    K.BILLING: "the provider refused the call because of the gateway's account or its balance",
}
_ACCOUNT_STATUSES = frozenset((401, 402, 403))


class Policy(Struct, frozen=True, kw_only=True):
    """`attempts`: tries per target. `retry_statuses`: statuses that move on, too. `retry_auth`: 401 and 403 move on."""

    attempts: int = 1
    retry_statuses: frozenset[int] = frozenset()
    retry_auth: bool = True


def moves_on(error: Error, policy: Policy) -> bool:
    """The next target is tried after this failure."""
    if error.kind is K.CANCELLED:
        return False
    if error.status is not None and error.status in policy.retry_statuses:
        return True
    if error.kind in _CREDENTIALS:
        return policy.retry_auth
    if error.kind in _MOVES or error.kind in _STAYS:
        return error.kind in _MOVES
    return not error.ours and error.status in _MOVING_STATUSES


def most_useful(errors: Sequence[Error]) -> Error:
    """What the client is told after all have failed; of equally useful ones the last."""
    if not errors:
        return Error(kind=K.SERVER, message="no target was tried", status=502, ours=True)
    best = min(reversed(errors), key=_use)
    if best.kind in _WAITING_HELPS:
        waits = [error.retry_after for error in errors if error.kind in _WAITING_HELPS and error.retry_after is not None]
        best = replace(best, retry_after=min(waits, default=None))
    return for_client(best)


def for_client(error: Error) -> Error:
    """The failure as a client may see it: trouble over the gateway's own account is a 502 in our words, with none of theirs."""
    if error.code == UNREACHABLE:
        return replace(error, message="the provider cannot be reached", status=504 if error.kind is K.TIMEOUT else 502)
    if error.ours:
        return error
    if error.own_account:
        return Error(
            kind=K.SERVER,
            message=f"{_ACCOUNT_WORDS[error.kind]}; the client's own key is not at fault",
            status=502,
            code="provider_" + error.kind.value,
            should_retry=False,
            ours=True,
        )
    if error.status in _ACCOUNT_STATUSES:
        return replace(error, status=None, body=None, headers=())
    return error


def retry_after(error: Error) -> int | None:
    """The header's value: whole seconds, 1 to 60; None where nothing is known or waiting cannot help."""
    if error.retry_after is None or not math.isfinite(error.retry_after) or error.kind not in _WAITING_HELPS:
        return None
    return min(max(math.ceil(error.retry_after), 1), LONGEST_WAIT)


def should_retry(error: Error) -> bool | None:
    """The header `x-should-retry`: False only where waiting cannot help; None leaves it to the client's own rules."""
    return False if error.kind in _WAITING_CANNOT_HELP else error.should_retry


def _use(error: Error) -> int:
    return next(rank for rank, kinds in enumerate(_USE) if error.kind in kinds)
