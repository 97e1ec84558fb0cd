"""The whole configuration, frozen. A Snapshot is replaced, never changed."""

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct, field

from dragoman.core.quirks import Quirks


class Secret:
    """A string that no log, repr or traceback shows. `reveal()` is the only way in."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        return self._value

    @property
    def masked(self) -> str:
        """`...last4`; nothing but dots where that would show too much."""
        return f"...{self._value[-4:]}" if len(self._value) > 8 else "..."

    def __repr__(self) -> str:
        return "Secret(...)"

    __str__ = __repr__

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._value == other._value

    def __hash__(self) -> int:
        return hash(self._value)


class Provider(Struct, frozen=True, kw_only=True):
    """An address that speaks one or more dialects (requirements S0-35..45, D15). `timeout` in seconds.

    `dialects`: dialect id -> path or URL ("" = the usual one), in order of preference; ids that are not built are kept and
    skipped in plans. `models`: configured upstream model ids besides the tiers. `discovered`: those its own list told.
    `preset`: the preset row it falls under. `overrides`: admin quirk overrides, by Quirks member.
    `default_model`: its `*_MODEL` of the environment. `addressed_only`: serves only when addressed or alone (requirement D16).
    """

    id: int
    name: str
    slug: str
    provider_type: str
    base_url: str
    api_key: Secret = Secret("")
    big_model: str = ""
    medium_model: str = ""
    small_model: str = ""
    models: tuple[str, ...] = ()
    discovered: tuple[str, ...] = ()
    default_model: str = ""
    is_active: bool = True
    priority: int = 100
    headers: tuple[tuple[str, str], ...] = ()
    timeout: float = 300.0
    dialects: dict[str, str] = {}
    overrides: dict[str, object] = {}
    allow_private: bool = False
    addressed_only: bool = False
    sandbox: bool = False
    source: Literal["database", "env", "sandbox"] = "database"
    created_at: float = 0.0
    updated_at: float = 0.0


class Key(Struct, frozen=True, kw_only=True):
    """A client's credential. `digest`: hex HMAC-SHA-256 of the key text. Times are Unix seconds."""

    id: int | str
    digest: str
    name: str = ""
    description: str = ""
    prefix: str = ""
    is_active: bool = True
    expires_at: float | None = None
    strict: bool = False
    source: Literal["database", "file"] = "database"
    created_at: float = 0.0
    last_used_at: float | None = None


class Target(Struct, frozen=True, kw_only=True):
    """Provider + upstream model + dialect, ready to be asked.

    `base`: normalised base URL of that dialect at that provider, to which the dialect adds its path; "{model}" in it stands
    for the upstream model. `path`: a path or URL that replaces the dialect's usual one. `ways`: the same by what is asked
    ("chat", "stream" for a streamed chat, other operations by their name), below the base. `query`: fixed query, without `?`.
    """

    provider: Provider
    model: str
    dialect: str
    base: str
    path: str = ""
    ways: Mapping[str, str] = {}
    query: str = ""
    quirks: Quirks = Quirks()

    @property
    def name(self) -> str:
        """`provider:model`, as the header `x-dragoman-target` tells it; the provider alone where no model is asked."""
        return f"{self.provider.slug}:{self.model}" if self.model else self.provider.slug

    @property
    def origin(self) -> str:
        """Where a proof made by this target is valid (seal origins)."""
        return f"{self.dialect}:{self.provider.slug}"


class Route(Struct, frozen=True, kw_only=True):
    """A public model name with its ordered (provider slug, model) targets."""

    name: str
    targets: tuple[tuple[str, str], ...] = ()
    strategy: str = "failover"
    is_active: bool = True


class Gateway(Struct, frozen=True, kw_only=True):
    """A named entrance with its own token and model mapping."""

    id: int
    name: str


class Snapshot(Struct, frozen=True, kw_only=True):
    """`providers`: all of them, active or not, best priority first. `keys`: hex digest -> key. `priority`: PROVIDERS_PRIORITY.

    `real_provider_ever`: a provider was configured once, so the sandbox no longer serves by itself (requirement D17).
    """

    revision: int = 0
    providers: tuple[Provider, ...] = ()
    routes: dict[str, Route] = field(default_factory=dict)
    gateways: dict[str, Gateway] = field(default_factory=dict)
    keys: dict[str, Key] = field(default_factory=dict)
    priority: tuple[str, ...] = ()
    real_provider_ever: bool = False
