"""What can go wrong with a call, in one vocabulary, and the exceptions that carry it.

DragomanError
├── CallError          a call ends with `error`: ours or the provider's
└── ConfigError        what an operator wrote cannot be used
"""

from enum import StrEnum

from msgspec import Raw, Struct

UNREACHABLE = "provider_unreachable"
"""Code of an error: no connection to the provider came about."""


class ErrorKind(StrEnum):
    """Decides what moves on, what cools down and what a client is told. Never the status alone."""

    BAD_REQUEST = "bad_request"
    CONTEXT_OVERFLOW = "context_overflow"
    AUTH = "auth"
    PERMISSION = "permission"
    BILLING = "billing"
    NOT_FOUND = "not_found"
    TOO_LARGE = "too_large"
    CONFLICT = "conflict"
    RATE_LIMIT = "rate_limit"
    OVERLOADED = "overloaded"
    TIMEOUT = "timeout"
    SERVER = "server"
    CONTENT_POLICY = "content_policy"
    UNSUPPORTED = "unsupported"
    """Something asked for cannot be said to any target: a refused loss, an unbuilt endpoint."""
    CANCELLED = "cancelled"


_CREDENTIALS = frozenset((ErrorKind.AUTH, ErrorKind.PERMISSION))
_ACCOUNT_STATUSES = frozenset((401, 402, 403))


class Error(Struct, frozen=True, kw_only=True):
    """One failure. `status`: the HTTP status the provider sent, None where there was none (network, in-stream).

    `retry_after`: seconds. `param`: the client's field at fault, as that dialect writes it. `code`, `type_`: the provider's
    own words. `details`: the provider's structured details, verbatim (Anthropic `error.details`). `body`: the provider's
    whole body and `content_type`, passed verbatim to clients of `dialect`.
    `ours`: made by this gateway, not told by a provider.
    """

    kind: ErrorKind
    message: str
    status: int | None = None
    code: str | None = None
    type_: str | None = None
    param: str | None = None
    retry_after: float | None = None
    should_retry: bool | None = None
    details: Raw | None = None
    body: bytes | None = None
    dialect: str | None = None
    content_type: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    ours: bool = False

    @property
    def own_account(self) -> bool:
        """The provider refused the gateway's own credentials or account: the client's key is not at fault (requirement D9)."""
        if self.ours:
            return False
        return self.kind in _CREDENTIALS or (self.kind is ErrorKind.BILLING and self.status in _ACCOUNT_STATUSES)


class DragomanError(Exception):
    """The root of what Dragoman raises itself."""


class CallError(DragomanError):
    """The call ends with `error`."""

    def __init__(self, error: Error) -> None:
        super().__init__(error.message)
        self.error = error


class ConfigError(DragomanError):
    """The message is one clear line for the operator."""


def broken(message: str) -> CallError:
    """A provider's answer cannot be used."""
    return CallError(Error(kind=ErrorKind.SERVER, message=message, ours=True))


def bad_request(message: str, param: str | None = None) -> CallError:
    """The client's request is malformed; `param` as the client's dialect names it, "" for the body as such."""
    named = None if param == "" else param
    return CallError(Error(kind=ErrorKind.BAD_REQUEST, message=message, param=named, status=400, ours=True))
