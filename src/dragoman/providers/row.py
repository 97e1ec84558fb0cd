"""What a known provider is, as a row. Rule: what a row does not say is as the dialect's own vendor does."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Literal, TypeAlias
from urllib.parse import urlsplit

from msgspec import Struct

Auth: TypeAlias = Literal["bearer", "x-api-key", "api-key", "x-goog-api-key", "none"]
Listing: TypeAlias = Literal["openai", "anthropic", "gemini", "ollama", "cohere", "github"]


class Speaks(Struct, frozen=True, kw_only=True):
    """One dialect at a provider. `tail`: the path between the provider's root and what the dialect appends.

    `auth` None: as the dialect's own vendor. `spare`: only taken while none of the provider's other dialects is built.
    `everywhere`: spoken at other hosts than the provider's own, too, whichever version runs there.
    """

    tail: str = ""
    auth: Auth | None = None
    spare: bool = False
    everywhere: bool = False


class Form(Struct, frozen=True, kw_only=True):
    """Another way to write the end of this provider's base URL.

    `end`: regular expression, matched at the end of the path. `dialects`: what such a URL speaks. `to`: what stands there
    instead ("{model}": the upstream model), None to keep it. `query`: added where the URL's own query lacks it. `when`:
    regular expression that the query must contain.
    """

    end: str
    dialects: tuple[str, ...]
    to: str | None = None
    query: str = ""
    when: str = ""


class Preset(Struct, frozen=True, kw_only=True):
    """A known provider. `speaks`: dialect id -> how, in order of preference.

    `root`: its own URL without a dialect's tail. `base`: what its documentation calls the base URL ("" where each customer
    has another). `hosts`: where it is recognised; a leading dot means any host below. `names`: other types it is known by.
    `url_decides`: the end of the URL picks the dialects even at its own host. `families`: regular expression of the model
    names that are its own. `env`: prefixes of its environment variables, the first is preferred; `env_base`: further names
    of its base URL there. `local`: people run it themselves, so it may be on a private address; `found_alone`: it is looked for
    where nobody configured it. `listing`: the form of its list of models. `default_model`: asked where a call and the
    configuration name none. `betas`: the `anthropic-beta` values it takes, as regular expression ("" = any). `retired`: since
    when and what. `source`: where the row's facts are from.
    """

    id: str
    title: str
    speaks: Mapping[str, Speaks]
    source: str
    root: str = ""
    base: str = ""
    hosts: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    forms: tuple[Form, ...] = ()
    url_decides: bool = False
    families: str = ""
    env: tuple[str, ...] = ()
    env_base: tuple[str, ...] = ()
    default_model: str = ""
    local: bool = False
    found_alone: bool = False
    listing: Listing = "openai"
    betas: str = ""
    retired: str = ""

    @property
    def main(self) -> str:
        """The dialect that is assumed at another host than the provider's own."""
        first = [dialect for dialect, speaks in self.speaks.items() if not speaks.spare]
        return "openai-chat" if "openai-chat" in first else first[0]

    @property
    def mains(self) -> tuple[str, ...]:
        """The main dialect with those that are spoken everywhere, in order of preference."""
        return tuple(dialect for dialect, speaks in self.speaks.items() if dialect == self.main or speaks.everywhere)

    @property
    def root_path(self) -> str:
        return urlsplit(self.root).path

    def at_home(self, host: str) -> bool:
        """`host` (with its port, where one is given) is the provider's own."""
        bare = host.partition(":")[0]
        return any(bare.endswith(own) if own.startswith(".") else own in (host, bare) for own in self.hosts)

    def owns(self, model: str) -> bool:
        """The model name is of one of this provider's own families."""
        return self.families != "" and _compiled(self.families).match(model) is not None


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)
