"""The clouds' own side: signatures and assertions checked by their descriptions, without the code that makes them.

Sources: Amazon's "Create a signed request" (2026-11), RFC 7515 and 7519 (JWS, JWT).
"""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable
from functools import cache
from typing import Any
from urllib.parse import parse_qs, quote

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from support.scripted import Received, Script, Scripted, answer

_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(\S+)/(\d{8})/([\w-]+)/([\w-]+)/aws4_request, SignedHeaders=(\S+), Signature=([0-9a-f]{64})"
)
ACCESS, SECRET, SESSION = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "a-session-token-of-amazon=="


def aws_key(**more: str) -> str:
    """An `api_key` for a host that tells no region."""
    return json.dumps({"AccessKeyId": ACCESS, "SecretAccessKey": SECRET, "Region": "eu-central-1", **more})


def signed(request: Received, service: str, region: str = "eu-central-1") -> str:
    """Fails where the request is not signed as Amazon demands; the access key."""
    found = _AUTHORIZATION.fullmatch(request.header("authorization") or "")
    assert found is not None, request.header("authorization")
    access, date, there, what, names, signature = found.groups()
    assert (there, what) == (region, service)
    moment = request.header("x-amz-date") or ""
    assert moment.startswith(date)
    headers = "".join(f"{name}:{request.header(name)}\n" for name in names.split(";"))
    assert {"host", "x-amz-date"} <= set(names.split(";"))
    path, _, query = request.target.partition("?")
    canonical = "\n".join(
        (request.method, quote(path, safe="/~"), query, headers, names, hashlib.sha256(request.body).hexdigest())
    )
    assert signature == signature_of(canonical, SECRET, moment, date, there, what)
    return access


def signature_of(canonical: str, secret: str, moment: str, date: str, region: str, service: str) -> str:
    key = f"AWS4{secret}".encode()
    for word in (date, region, service, "aws4_request"):
        key = hmac.digest(key, word.encode(), "sha256")
    scope = f"{date}/{region}/{service}/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


@cache
def _private() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def service_account(token_uri: str) -> str:
    """An `api_key`: the key file of a service account."""
    pem = _private().private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return json.dumps(
        {
            "type": "service_account",
            "client_email": "dragoman@project.iam.gserviceaccount.com",
            "private_key_id": "key-1",
            "private_key": pem.decode(),
            "token_uri": token_uri,
        }
    )


def asserted(request: Received) -> dict[str, Any]:
    """The claims of the assertion in a token request; fails where its signature is not the account's."""
    form = parse_qs(request.body.decode())
    assert form["grant_type"] == ["urn:ietf:params:oauth:grant-type:jwt-bearer"]
    text, _, signature = form["assertion"][0].rpartition(".")
    _private().public_key().verify(_decoded(signature), text.encode(), padding.PKCS1v15(), hashes.SHA256())
    head, claims = (json.loads(_decoded(part)) for part in text.split("."))
    assert head == {"alg": "RS256", "typ": "JWT", "kid": "key-1"}
    found: dict[str, Any] = claims
    return found


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


class Issuer:
    """An issuer of tokens `token-1`, `token-2`, ... `script`: in place of its good answer."""

    def __init__(self, lasts: int = 3600, script: Callable[[Received], Script] | None = None) -> None:
        self._lasts, self._script = lasts, script
        self.server = Scripted(self._answer)

    @property
    def url(self) -> str:
        return f"{self.server.url}/token"

    @property
    def asked(self) -> list[Received]:
        return self.server.requests

    def _answer(self, request: Received) -> Script:
        if self._script is not None:
            return self._script(request)
        token = {"access_token": f"token-{len(self.asked)}", "expires_in": self._lasts, "token_type": "Bearer"}
        return [answer(200, json.dumps(token).encode())]
