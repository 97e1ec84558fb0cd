"""What an `api_key` of a cloud is: a plain key, or what a token or a signature is made from. Rule: read leniently, shown never.

Amazon     a Bedrock API key; `ACCESS:SECRET` or `ACCESS:SECRET:SESSION`; the JSON that AWS tools print (`AccessKeyId`, ...)
Google     an API key; an access token; the JSON of a service account or of `gcloud auth application-default login`; a path to it
Microsoft  a resource's key; an Entra token; the JSON that `az ad sp create-for-rbac` prints (`tenant`, `appId`, `password`)
"""

import re
from functools import lru_cache
from typing import Any, TypeAlias

from msgspec import Struct

from dragoman.core.config import Secret
from dragoman.core.errors import ConfigError
from dragoman.wire import json

GOOGLE_TOKENS = "https://oauth2.googleapis.com/token"
GOOGLE_SCOPE = "https://www.googleapis.com/auth/cloud-platform"
ENTRA = "https://login.microsoftonline.com"
ENTRA_SCOPE = "https://cognitiveservices.azure.com/.default"
_AWS_PAIR = re.compile(r"((?:AKIA|ASIA)[A-Z0-9]{12,}):([A-Za-z0-9/+=]{16,})(?::(\S+))?")
_GOOGLE_KEY = re.compile(r"AIza[\w-]+|AQ\.[\w.-]+")
_JWT = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]*")


class AwsKeys(Struct, frozen=True):
    """What Amazon's signature version 4 is made with. `region` "": the host tells."""

    access: str
    secret: Secret
    token: Secret = Secret("")
    region: str = ""


class ServiceAccount(Struct, frozen=True):
    """Google: a signed assertion is exchanged for a token. `key`: PEM."""

    email: str
    key: Secret
    key_id: str
    url: str


class RefreshToken(Struct, frozen=True):
    """Google: a user's refresh token is exchanged for a token."""

    client: str
    secret: Secret
    token: Secret
    url: str


class KeyFile(Struct, frozen=True):
    """Google: a file that holds one of the two."""

    path: str


class EntraClient(Struct, frozen=True):
    """Microsoft: an application's secret is exchanged for a token."""

    client: str
    secret: Secret
    url: str
    scope: str


Maker: TypeAlias = AwsKeys | ServiceAccount | RefreshToken | KeyFile | EntraClient
"""What a signature or a token is made from."""


@lru_cache(maxsize=256)
def aws(key: Secret) -> AwsKeys | None:
    """None: a plain key. Raises ConfigError."""
    text = key.reveal()
    told = _object(text)
    if told is not None:
        told = told["Credentials"] if isinstance(told.get("Credentials"), dict) else told
        return AwsKeys(
            _need(told, "AccessKeyId", "aws_access_key_id"),
            Secret(_need(told, "SecretAccessKey", "aws_secret_access_key")),
            Secret(_take(told, "SessionToken", "aws_session_token")),
            _take(told, "Region", "region"),
        )
    found = _AWS_PAIR.fullmatch(text)
    return None if found is None else AwsKeys(found[1], Secret(found[2]), Secret(found[3] or ""))


@lru_cache(maxsize=256)
def google(key: Secret) -> ServiceAccount | RefreshToken | KeyFile | None:
    """None: a plain key or token. Raises ConfigError."""
    text = key.reveal()
    told = _object(text)
    if told is None:
        return KeyFile(text) if text.startswith(("/", "~/")) and text.endswith(".json") else None
    if told.get("type") == "authorized_user":
        return RefreshToken(
            _need(told, "client_id"),
            Secret(_need(told, "client_secret")),
            Secret(_need(told, "refresh_token")),
            _take(told, "token_uri") or GOOGLE_TOKENS,
        )
    if told.get("type") not in ("service_account", None):
        raise ConfigError("api_key: of Google's credentials service_account and authorized_user are taken")
    return ServiceAccount(
        _need(told, "client_email"),
        Secret(_need(told, "private_key")),
        _take(told, "private_key_id"),
        _take(told, "token_uri") or GOOGLE_TOKENS,
    )


@lru_cache(maxsize=256)
def azure(key: Secret) -> EntraClient | None:
    """None: a plain key or token. Raises ConfigError."""
    told = _object(key.reveal())
    if told is None:
        return None
    authority = _take(told, "authority") or ENTRA
    return EntraClient(
        _need(told, "appId", "client_id", "clientId"),
        Secret(_need(told, "password", "client_secret", "clientSecret")),
        f"{authority.rstrip('/')}/{_need(told, 'tenant', 'tenant_id', 'tenantId')}/oauth2/v2.0/token",
        _take(told, "scope") or ENTRA_SCOPE,
    )


def is_google_key(key: Secret) -> bool:
    """An API key, not an access token."""
    return _GOOGLE_KEY.fullmatch(key.reveal()) is not None


def is_token(key: Secret) -> bool:
    """A JSON Web Token, as Entra's are."""
    return _JWT.fullmatch(key.reveal()) is not None


def secrets(maker: Maker) -> tuple[Secret, ...]:
    """What of it nobody may see."""
    match maker:
        case AwsKeys():
            return (maker.secret, maker.token)
        case ServiceAccount():
            return (maker.key,)
        case RefreshToken():
            return (maker.secret, maker.token)
        case EntraClient():
            return (maker.secret,)
        case KeyFile():
            return ()


def _object(text: str) -> dict[str, Any] | None:
    if not text.startswith("{"):
        return None
    try:
        found: dict[str, Any] = json.decode(text, dict[str, Any])
    except json.JSONError:
        raise ConfigError("api_key: begins like JSON, but is none that can be read") from None
    return found


def _take(told: dict[str, Any], *names: str) -> str:
    return next((told[name] for name in names if isinstance(told.get(name), str)), "")


def _need(told: dict[str, Any], *names: str) -> str:
    found = _take(told, *names)
    if found == "":
        raise ConfigError(f"api_key: the JSON has no {names[0]}")
    return found
