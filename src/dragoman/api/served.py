"""The store's snapshot -> the snapshot that calls see: what is this server itself is left out, what was found by itself has its
models, and the sandbox is there where it serves."""

import logging

from msgspec import structs

from dragoman.core.config import Provider, Snapshot
from dragoman.providers.targets import points_at

log = logging.getLogger("dragoman")
SANDBOX_ID = -1


class Served:
    """`host`, `port`: where this server listens. `sandbox`: None where it is not up. `always`: it serves beside others, too."""

    def __init__(self, host: str, port: int, sandbox: Provider | None, *, always: bool) -> None:
        self._host, self._port, self._sandbox, self._always = host, port, sandbox, always
        self._told: set[str] = set()
        self.found: dict[str, tuple[str, ...]] = {}

    def of(self, snapshot: Snapshot) -> Snapshot:
        providers = [self._with_models(provider) for provider in snapshot.providers if not self._is_this_server(provider)]
        if self._sandbox is not None and (self._always or not snapshot.real_provider_ever):
            providers.append(self._sandbox)
        return structs.replace(snapshot, providers=tuple(providers))

    def _is_this_server(self, provider: Provider) -> bool:
        """A shell set up for Claude Code points ANTHROPIC_BASE_URL at us."""
        mirror = points_at(provider, self._host, self._port)
        if mirror and provider.slug not in self._told:
            self._told.add(provider.slug)
            log.warning("provider %s is skipped: its address is this server's own", provider.slug)
        return mirror

    def _with_models(self, provider: Provider) -> Provider:
        found = self.found.get(provider.slug) if provider.addressed_only else None
        return provider if found is None else structs.replace(provider, discovered=found)


def sandbox_provider(port: int) -> Provider:
    """The built-in provider as a record (requirement D17)."""
    from dragoman.sandbox import DIALECTS

    return Provider(
        id=SANDBOX_ID,
        name="Sandbox",
        slug="sandbox",
        provider_type="sandbox",
        base_url=f"http://127.0.0.1:{port}",
        models=("sandbox",),
        dialects=dict.fromkeys(DIALECTS, ""),
        priority=1_000_000,
        allow_private=True,
        sandbox=True,
        source="sandbox",
    )
