"""Credentials of a target. Rule: the only place where a provider's key is revealed as a header, and as nothing else.

A header that the record sets itself beats the one made from its key. What a key only makes (a signature, a token) is a Grant,
which the relay turns into headers.
"""

import re
from urllib.parse import urlsplit

from msgspec import Struct

from dragoman.core.config import Provider, Secret, Target
from dragoman.core.errors import ConfigError
from dragoman.core.request import Headers
from dragoman.providers import keys
from dragoman.providers.presets import preset_of
from dragoman.providers.row import Auth, Preset

_BY_DIALECT: dict[str, Auth] = {"anthropic": "x-api-key", "gemini": "x-goog-api-key"}
"""How a dialect's own vendor takes the key; the others take `Authorization: Bearer`."""
_BEARER = ("authorization", "Bearer ")
_REGION = re.compile(r"[.-]([a-z]{2}(?:-[a-z]+){1,3}-\d+)(?=[.])")
"""A region in a host of Amazon's, between dots (`bedrock-runtime.us-east-1.amazonaws.com`)."""


class Grant(Struct, frozen=True):
    """What is still to be done for a request to be let in. `service`, `region`: of a signature."""

    maker: keys.Maker
    service: str = ""
    region: str = ""


def scheme(preset: Preset, dialect: str) -> Auth:
    """How the key is sent for this dialect at this provider."""
    speaks = preset.speaks.get(dialect)
    if speaks is not None and speaks.auth is not None:
        return speaks.auth
    return preset.auth or _BY_DIALECT.get(dialect, "bearer")


def credentials(target: Target) -> Headers:
    """The header that carries the provider's key; () where it has none, or where the key only makes what is sent (`grant`)."""
    how = _how(target)
    if how is None or _made(target.provider, how) is not None:
        return ()
    key = target.provider.api_key
    match how:
        case "bearer" | "aws":
            name, start = _BEARER
        case "google":
            name, start = ("x-goog-api-key", "") if keys.is_google_key(key) else _BEARER
        case "azure":
            name, start = _BEARER if keys.is_token(key) else ("api-key", "")
        case _:
            name, start = how, ""
    return () if _has(target.provider, name) else ((name, start + key.reveal()),)


def grant(target: Target) -> Grant | None:
    """None for all but a few: the key itself is sent. Raises ConfigError where the key cannot be used."""
    how = _how(target)
    maker = None if how is None else _made(target.provider, how)
    if maker is None or _has(target.provider, _BEARER[0]):
        return None
    if not isinstance(maker, keys.AwsKeys):
        return Grant(maker)
    host = urlsplit(target.path if "://" in target.path else target.base).hostname or ""
    found = _REGION.search(host)
    region = maker.region or (found[1] if found is not None else "")
    if region == "":
        raise ConfigError(
            f"api_key: neither the host {host} nor the key tells Amazon's region: give the key as JSON with a Region"
        )
    return Grant(maker, _preset(target.provider).service, region)


def secrets(provider: Provider) -> tuple[Secret, ...]:
    """The key, and what it holds that could be shown on its own."""
    how = _preset(provider).auth
    try:
        maker = None if how is None or not provider.api_key else _made(provider, how)
    except ConfigError:
        maker = None
    return (provider.api_key, *(() if maker is None else keys.secrets(maker)))


def _preset(provider: Provider) -> Preset:
    return preset_of(provider.provider_type, provider.name, provider.base_url)


def _how(target: Target) -> Auth | None:
    """None where nothing is sent."""
    provider = target.provider
    how = scheme(_preset(provider), target.dialect)
    return None if not provider.api_key or how == "none" else how


def _made(provider: Provider, how: Auth) -> keys.Maker | None:
    """What the key makes; None where it is sent itself."""
    match how:
        case "aws":
            return keys.aws(provider.api_key)
        case "google":
            return keys.google(provider.api_key)
        case "azure":
            return keys.azure(provider.api_key)
        case _:
            return None


def _has(provider: Provider, name: str) -> bool:
    return any(own.lower() == name for own, _ in provider.headers)
