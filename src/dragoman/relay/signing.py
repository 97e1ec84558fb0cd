"""Amazon's signature version 4, by botocore, which is an extra (`dragoman[aws]`).

Rule: it is loaded with the first call that needs it, beside the event loop, and nothing is signed but what makes the request:
method, address, content type and body.
"""

import asyncio
import importlib
from typing import Any

from dragoman.core.errors import CallError, Error, ErrorKind
from dragoman.core.request import Headers
from dragoman.providers.keys import AwsKeys
from dragoman.relay.outgoing import Outgoing
from dragoman.wire.http1 import parse_url

MISSING = "signing for Amazon needs botocore: install dragoman[aws], or give a Bedrock API key, which is sent as it is"
_MODULES = ("botocore.auth", "botocore.awsrequest", "botocore.credentials")
_SIGNED = frozenset({"content-type"})
_MADE = ("authorization", "x-amz-date", "x-amz-security-token")


async def sign(outgoing: Outgoing, keys: AwsKeys, service: str, region: str) -> Headers:
    """The headers that sign this request. Raises CallError where botocore is missing or the URL is none."""
    auth, request, credentials = await asyncio.to_thread(_load)
    try:
        url = parse_url(outgoing.url)
    except ValueError as error:
        raise CallError(Error(kind=ErrorKind.SERVER, message=f"the request cannot be sent: {error}", ours=True)) from None
    asked = request.AWSRequest(
        method=outgoing.method,
        url=f"{url.scheme}://{url.authority}{url.target}",
        data=outgoing.body,
        headers={name: value for name, value in outgoing.headers if name in _SIGNED},
    )
    pair = credentials.Credentials(keys.access, keys.secret.reveal(), keys.token.reveal() or None)
    auth.SigV4Auth(pair, service, region).add_auth(asked)
    found = {name.lower(): value for name, value in asked.headers.items()}
    return tuple((name, found[name]) for name in _MADE if name in found)


def _load() -> Any:
    try:
        return tuple(importlib.import_module(name) for name in _MODULES)
    except ImportError:
        raise CallError(Error(kind=ErrorKind.AUTH, message=MISSING)) from None
