"""OAuth 2 as clouds want it (RFC 6749, RFC 7523): what a token's issuer is asked, and what it answers.

Rule: pure; time is an argument.
"""

import base64
from typing import Any, Final
from urllib.parse import urlencode

from dragoman.core.errors import CallError, Error, ErrorKind
from dragoman.providers.keys import GOOGLE_SCOPE, EntraClient, RefreshToken, ServiceAccount
from dragoman.wire import json

LIFETIME: Final = 3600
"""Seconds an assertion is valid; Google takes no more."""
_ASSERTION: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def asked(maker: ServiceAccount | RefreshToken | EntraClient, now: float) -> tuple[str, bytes]:
    """(URL, form). `now`: Unix seconds. Raises CallError where a key is none."""
    match maker:
        case ServiceAccount():
            form = {"grant_type": _ASSERTION, "assertion": _assertion(maker, int(now))}
        case RefreshToken():
            form = {
                "grant_type": "refresh_token", "client_id": maker.client, "client_secret": maker.secret.reveal(),
                "refresh_token": maker.token.reveal(),
            }  # fmt: skip
        case EntraClient():
            form = {
                "grant_type": "client_credentials", "client_id": maker.client, "client_secret": maker.secret.reveal(),
                "scope": maker.scope,
            }  # fmt: skip
    return maker.url, urlencode(form).encode()


def told(body: bytes) -> tuple[str, float] | None:
    """(token, seconds it lasts); None where the answer holds none."""
    try:
        found: Any = json.decode(body)
    except json.JSONError:
        return None
    token = found.get("access_token") if isinstance(found, dict) else None
    if not isinstance(token, str) or not token.isascii() or not token.isprintable() or token == "":
        return None
    lasts = found.get("expires_in")
    known = isinstance(lasts, int | float) and not isinstance(lasts, bool) and 0 <= lasts < 10**7
    return token, float(lasts) if known else float(LIFETIME)


def words(body: bytes) -> str:
    """What an issuer says of a refusal: `error` and `error_description`."""
    try:
        found: Any = json.decode(body)
    except json.JSONError:
        return ""
    parts = (found.get(name) for name in ("error", "error_description")) if isinstance(found, dict) else ()
    return ": ".join(part for part in parts if isinstance(part, str) and part)


def _assertion(account: ServiceAccount, now: int) -> str:
    """A JSON Web Token, signed with RS256 (RFC 7515, RFC 7519)."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    head = {"alg": "RS256", "typ": "JWT", **({"kid": account.key_id} if account.key_id else {})}
    claims = {"iss": account.email, "scope": GOOGLE_SCOPE, "aud": account.url, "iat": now, "exp": now + LIFETIME}
    text = b".".join(_b64(json.encode(part)) for part in (head, claims))
    try:
        key = load_pem_private_key(account.key.reveal().encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, RSAPrivateKey):
        raise CallError(Error(kind=ErrorKind.AUTH, message="api_key: private_key is no RSA key in PEM"))
    return b".".join((text, _b64(key.sign(text, PKCS1v15(), hashes.SHA256())))).decode()


def _b64(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")
