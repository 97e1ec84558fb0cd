"""Which known provider a provider is. Rule: its type decides; where that says only "OpenAI-compatible", its host; without a
known type its name, too. An unknown one is `custom`, OpenAI-compatible.
"""

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from urllib.parse import urlsplit

from dragoman.providers.catalog import ROWS
from dragoman.providers.row import Preset
from dragoman.providers.slugs import slug

CUSTOM = "custom"
SANDBOX = "sandbox"
_OPEN = frozenset({CUSTOM, "openai"})
"""Types that people use for any OpenAI-compatible server: there a known host says more."""


PRESETS: Mapping[str, Preset] = MappingProxyType({row.id: row for row in ROWS})
_NAMES: Mapping[str, Preset] = {slug(name): row for row in PRESETS.values() for name in (row.id, *row.names)}


@lru_cache(maxsize=1024)
def preset_of(provider_type: str, name: str, base_url: str) -> Preset:
    """The row that a provider falls under."""
    typed = named(provider_type)
    if typed is not None and typed.id not in _OPEN:
        return typed
    by_host = _by_host(base_url)
    if by_host is not None:
        return by_host
    return typed or _in_name(name) or PRESETS[CUSTOM]


def named(name: str) -> Preset | None:
    """The row with this id or other name, however it is spelled; None where there is none."""
    return _NAMES.get(slug(name)) if name.strip() != "" else None


def _by_host(base_url: str) -> Preset | None:
    try:
        host = urlsplit(base_url).netloc.rpartition("@")[2].lower()
    except ValueError:
        return None
    return next((row for row in PRESETS.values() if row.at_home(host)), None)


def _in_name(name: str) -> Preset | None:
    """The row whose name stands as whole words in `name`, the longest of them."""
    words = f"-{slug(name)}-"
    found = [known for known in _NAMES if f"-{known}-" in words]
    return _NAMES[max(found, key=len)] if found else None
