"""A request on its way to a provider, as data."""

from msgspec import Struct, field

from dragoman.core.config import Secret
from dragoman.core.request import Headers
from dragoman.providers.auth import Grant


class Outgoing(Struct, frozen=True, kw_only=True):
    """A request. `timeout_idle`: seconds of silence allowed, the first byte included. `allow_private`: see `addresses`.

    `once`: it must not be sent twice, so it takes no kept connection: of one that closes nobody knows what still arrived.
    `grant`: a signature or a token that it still needs. `minted`: takes the secrets that were made for it, so that who reads the
    answer can hide them.
    """

    method: str
    url: str
    headers: Headers
    body: bytes
    timeout_idle: float
    allow_private: bool = False
    once: bool = False
    grant: Grant | None = None
    minted: list[Secret] = field(default_factory=list)
