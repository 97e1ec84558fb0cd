"""Signatures and tokens for the few providers that take more than a key. Rule: made late, kept in memory only, never logged.

A token is kept until shortly before it expires, and asked for once however many calls wait for it.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from dragoman.core.config import Secret
from dragoman.core.errors import CallError, ConfigError, Error, ErrorKind
from dragoman.core.request import Headers
from dragoman.dialects.faults.read import parse_error
from dragoman.providers import keys
from dragoman.relay import oauth
from dragoman.relay.outgoing import Outgoing
from dragoman.relay.response import Response
from dragoman.relay.signing import sign

PATIENCE: Final = 30.0
"""Seconds of silence of a token's issuer."""
EARLY: Final = 60.0
"""Seconds before its end from which on a token is not used any more."""
_MOST: Final = 64 * 1024
"""Bytes of an issuer's answer."""
_FORM: Final = (("content-type", "application/x-www-form-urlencoded"), ("accept", "application/json"))
Send = Callable[[Outgoing], Awaitable[Response]]
Tokens = keys.ServiceAccount | keys.RefreshToken | keys.KeyFile | keys.EntraClient


class _Token(Struct, frozen=True):
    """`until`: on the monotonic clock."""

    value: Secret
    until: float


class Credentials:
    """`send`: how the issuers of tokens are reached: under the same rules of addresses as providers."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._kept: dict[Tokens, _Token] = {}
        self._asking: dict[Tokens, asyncio.Task[_Token]] = {}

    async def granted(self, outgoing: Outgoing) -> Outgoing:
        """The request with what lets it in. Raises CallError."""
        grant = outgoing.grant
        if grant is None:
            return outgoing
        if isinstance(grant.maker, keys.AwsKeys):
            made = await sign(outgoing, grant.maker, grant.service, grant.region)
            return replace(outgoing, headers=(*outgoing.headers, *made), grant=None)
        token = await self._token(grant.maker, allow_private=outgoing.allow_private)
        outgoing.minted.append(token)
        made = (("authorization", f"Bearer {token.reveal()}"),)
        return replace(outgoing, headers=(*outgoing.headers, *made), grant=None)

    def refused(self, outgoing: Outgoing) -> None:
        """The provider did not take the token: the next call gets a new one."""
        if outgoing.grant is not None and not isinstance(outgoing.grant.maker, keys.AwsKeys):
            self._kept.pop(outgoing.grant.maker, None)

    async def _token(self, maker: Tokens, *, allow_private: bool) -> Secret:
        kept = self._kept.get(maker)
        if kept is not None and time.monotonic() < kept.until:
            return kept.value
        task = self._asking.get(maker)
        if task is None:
            task = self._asking[maker] = asyncio.create_task(self._ask(maker, allow_private=allow_private))
            task.add_done_callback(lambda done: self._came(maker, done))
        return (await asyncio.shield(task)).value

    def _came(self, maker: Tokens, task: "asyncio.Task[_Token]") -> None:
        del self._asking[maker]
        if not task.cancelled() and task.exception() is None:
            self._kept[maker] = task.result()

    async def _ask(self, maker: Tokens, *, allow_private: bool) -> _Token:
        began = time.monotonic()
        issuer, form = oauth.asked(await _opened(maker), time.time())
        outgoing = Outgoing(
            method="POST", url=issuer, headers=_FORM, body=form, timeout_idle=PATIENCE, allow_private=allow_private
        )
        response = await self._send(outgoing)
        try:
            body = await response.read(_MOST)
        finally:
            response.abort()
        if response.status != 200:
            raise CallError(_refusal(response.status, response.headers, body))
        found = oauth.told(body)
        if found is None:
            raise CallError(_fault("the issuer of tokens answered without one"))
        value, lasts = found
        return _Token(Secret(value), began + max(lasts - EARLY, lasts / 2))


async def _opened(maker: Tokens) -> keys.ServiceAccount | keys.RefreshToken | keys.EntraClient:
    """What a file holds in its place."""
    if not isinstance(maker, keys.KeyFile):
        return maker
    try:
        found = keys.google(Secret(await asyncio.to_thread(_text, maker.path)))
    except (OSError, UnicodeDecodeError):
        raise CallError(_fault("the file that api_key names cannot be read")) from None
    except ConfigError as error:
        raise CallError(_fault(str(error))) from None
    if found is None or isinstance(found, keys.KeyFile):
        raise CallError(_fault("the file that api_key names holds no credentials of Google's"))
    return found


def _text(path: str) -> str:
    return Path(path).expanduser().read_text("utf-8").strip()


def _fault(message: str) -> Error:
    """Our credentials are at fault, not the client's: told as a provider that lets us in no more."""
    return Error(kind=ErrorKind.AUTH, message=message)


def _refusal(status: int, headers: Headers, body: bytes) -> Error:
    """What the issuer says, by its kind; a 4xx means that it does not know us."""
    told = parse_error(status, headers, body)
    kind = told.kind if status >= 500 or status == 429 else ErrorKind.AUTH
    return Error(kind=kind, message=f"no token: {oauth.words(body) or told.message}", retry_after=told.retry_after)
