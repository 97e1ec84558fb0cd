"""Credentials of a target. Rule: the only place where a provider's key is revealed, and it is revealed as a header only.

A header that the record sets itself beats the one made from its key.
"""

from dragoman.core.config import Target
from dragoman.core.request import Headers
from dragoman.providers.presets import preset_of
from dragoman.providers.row import Auth, Preset

_BY_DIALECT: dict[str, Auth] = {"anthropic": "x-api-key", "gemini": "x-goog-api-key"}
"""How a dialect's own vendor takes the key; the others take `Authorization: Bearer`."""


def scheme(preset: Preset, dialect: str) -> Auth:
    """How the key is sent for this dialect at this provider."""
    speaks = preset.speaks.get(dialect)
    if speaks is not None and speaks.auth is not None:
        return speaks.auth
    return _BY_DIALECT.get(dialect, "bearer")


def credentials(target: Target) -> Headers:
    """The header that carries the provider's key; () where it has none."""
    provider = target.provider
    how = scheme(preset_of(provider.provider_type, provider.name, provider.base_url), target.dialect)
    if not provider.api_key or how == "none":
        return ()
    name, start = ("authorization", "Bearer ") if how == "bearer" else (how, "")
    if any(own.lower() == name for own, _ in provider.headers):
        return ()
    return ((name, start + provider.api_key.reveal()),)
