"""Provider + upstream model + the client's dialect -> Target.

Rule: the client's dialect if the provider speaks it faithfully, else the first that the model's row allows (ARCHITECTURE rule 9);
never one that is not built.
"""

from collections.abc import Collection
from urllib.parse import urlsplit

from dragoman.core.config import Provider, Target
from dragoman.core.errors import ConfigError
from dragoman.providers import quirks, urls
from dragoman.providers.presets import preset_of
from dragoman.providers.row import Preset


def dialects_of(provider: Provider) -> tuple[str, ...]:
    """Every dialect the provider speaks, in order of preference: its record's, else by its type and URL."""
    if provider.dialects:
        return tuple(provider.dialects)
    return urls.dialects_at(_preset(provider), provider.base_url)


def target_for(provider: Provider, model: str, client_dialect: str, built: Collection[str]) -> Target | None:
    """The target that serves the model to a client of this dialect; None where the provider speaks none that is built.

    Raises ConfigError where the record cannot be used.
    """
    preset = _preset(provider)
    dialect = _choose(preset, provider, model, client_dialect, built)
    if dialect is None:
        return None
    address = urls.address(preset.id, provider.base_url, dialect)
    speaks = preset.speaks.get(dialect)
    return Target(
        provider=provider,
        model=model if speaks is None or "/" in model else speaks.prefix + model,
        dialect=dialect,
        base=address.base,
        path=_own_path(provider, dialect) or address.path,
        ways={} if speaks is None else speaks.ways,
        query=address.query,
        quirks=quirks.quirks_for(preset.id, dialect, model, provider.overrides),
    )


def rows_of(target: Target) -> tuple[quirks.Applied, ...]:
    """The rows that make the target deviate from its dialect's vendor."""
    return quirks.rows_for(_preset(target.provider).id, target.dialect, target.model, target.provider.overrides)


def check(provider: Provider) -> None:
    """Raises ConfigError, one clear line, where the record cannot be used."""
    urls.check(provider.base_url)
    quirks.check(provider.overrides)
    for dialect, path in provider.dialects.items():
        if path != "" and not path.startswith("/"):
            try:
                urls.check(path)
            except ConfigError as error:
                raise ConfigError(f"dialects.{dialect}: a path must begin with / or be a URL ({error})") from None


def allows_private(provider: Provider) -> bool:
    """The provider may be on loopback or a private address: its record says so, or it is of a kind that people run themselves."""
    return provider.allow_private or provider.sandbox or _preset(provider).local


def points_at(provider: Provider, host: str, port: int) -> bool:
    """The provider is this server itself, which listens on `host`:`port`: calls to it would come back for ever."""
    return any(urls.points_at(url, host, port) for url in (provider.base_url, *provider.dialects.values()) if "://" in url)


def _preset(provider: Provider) -> Preset:
    return preset_of(provider.provider_type, provider.name, provider.base_url)


def _choose(preset: Preset, provider: Provider, model: str, client: str, built: Collection[str]) -> str | None:
    usable = [dialect for dialect in dialects_of(provider) if dialect in built]
    firm = [d for d in usable if provider.dialects or d not in preset.speaks or not preset.speaks[d].spare] or usable
    good = [dialect for dialect in firm if not quirks.avoids(preset.id, dialect, model)] or firm
    trusted = [d for d in good if provider.dialects or d not in preset.speaks or preset.speaks[d].faithful] or good
    if client in trusted:
        return client
    return trusted[0] if trusted else None


def _own_path(provider: Provider, dialect: str) -> str:
    """The record's own path, as a URL: it counts from the root of the provider's host."""
    path = provider.dialects.get(dialect, "")
    if not path.startswith("/"):
        return path
    parts = urlsplit(provider.base_url)
    return f"{parts.scheme}://{parts.netloc}{path}"
