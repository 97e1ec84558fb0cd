"""Which provider a word means. Rule: by name, then by slug, then by type, best priority first; only active providers serve."""

from collections.abc import Callable

from dragoman.core.config import Provider, Snapshot
from dragoman.providers.presets import named, preset_of
from dragoman.providers.row import Preset
from dragoman.providers.slugs import slug


def preset(provider: Provider) -> Preset:
    """The known provider that it falls under."""
    return preset_of(provider.provider_type, provider.name, provider.base_url)


def active(snapshot: Snapshot) -> list[Provider]:
    """Those that may serve, best priority first; the sandbox is none of them."""
    return [provider for provider in snapshot.providers if provider.is_active and not provider.sandbox]


def sandbox(snapshot: Snapshot) -> Provider | None:
    return next((provider for provider in snapshot.providers if provider.is_active and provider.sandbox), None)


def unasked(snapshot: Snapshot) -> list[Provider]:
    """Those that serve calls which do not address them. One that was found by itself is among them only if it is alone."""
    found = active(snapshot)
    return [provider for provider in found if not provider.addressed_only] or [p for p in found if p.discovered]


def provider_called(snapshot: Snapshot, word: str) -> Provider | None:
    """The active provider that `word` means, the sandbox included; None where there is none.

    One that was found by itself is meant only where no configured one is: a record "Local Ollama" is whom `ollama:x` asks.
    """
    wanted = word.strip()
    if wanted == "":
        return None
    candidates = [provider for provider in snapshot.providers if provider.is_active]
    asked = [provider for provider in candidates if not provider.addressed_only], candidates
    folded, slugged, row = wanted.casefold(), slug(wanted), named(wanted)
    rules: tuple[Callable[[Provider], bool], ...] = (
        lambda provider: provider.name.strip().casefold() == folded,
        lambda provider: provider.slug == slugged,
        lambda provider: slug(provider.provider_type) == slugged,
        lambda provider: row is not None and not provider.sandbox and preset(provider) is row,
    )
    fitting = (one for among in asked for fits in rules for one in among if fits(one))
    return next(fitting, None)


def configured(provider: Provider) -> tuple[str, ...]:
    """The provider's model ids that a record or the environment names, each once."""
    tiers = (provider.big_model, provider.medium_model, provider.small_model)
    return tuple(dict.fromkeys(model for model in (*tiers, provider.default_model, *provider.models) if model != ""))


def cheapest(provider: Provider) -> str:
    """The cheapest model the record names, else the preset's; "" where none is known."""
    tiers = (provider.small_model, provider.default_model, provider.medium_model, provider.big_model)
    return next((name for name in (*tiers, *provider.models, *provider.discovered, preset(provider).default_model) if name), "")
