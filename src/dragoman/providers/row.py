"""What a known provider is, as a row. Rule: what a row does not say is as the dialect's own vendor does."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Literal, TypeAlias
from urllib.parse import urlsplit

from msgspec import Struct

Auth: TypeAlias = Literal["bearer", "x-api-key", "api-key", "x-goog-api-key", "none", "aws", "google", "azure"]
"""How a key is sent: in which header, or as a cloud wants it (providers/keys)."""
Listing: TypeAlias = Literal["openai", "anthropic", "gemini", "ollama", "cohere", "github", "bedrock"]


class Speaks(Struct, frozen=True, kw_only=True):
    """One dialect at a provider. `tail`: the path between the provider's root and what the dialect appends.

    `auth` None: as the preset says, else as the dialect's own vendor. `spare`: only taken while none of the provider's other
    dialects is built. `faithful`: it does what the dialect says, so a client of the dialect is served there, byte for byte; else
    it is merely there, and taken where nothing better is. `ways`: way -> path below the base, where the dialect's own is another
    ("chat", "stream", "count_tokens"; "{model}" is the upstream model). `prefix`: what stands before a model's name that has no
    `/` in it. `everywhere`: spoken at other hosts than the provider's own, too, whichever version runs there.
    """

    tail: str = ""
    auth: Auth | None = None
    spare: bool = False
    faithful: bool = True
    ways: Mapping[str, str] = {}
    prefix: str = ""
    everywhere: bool = False


class Form(Struct, frozen=True, kw_only=True):
    """Another way to write the end of this provider's base URL.

    `end`: regular expression, matched at the end of the path. `dialects`: what such a URL speaks. `to`: what stands there
    instead ("{model}": the upstream model), None to keep it. `query`: added where the URL's own query lacks it. `when`:
    regular expression that the query must contain. `below`: what is matched belongs to the root, and each dialect's tail follows.
    """

    end: str
    dialects: tuple[str, ...]
    to: str | None = None
    query: str = ""
    when: str = ""
    below: bool = False


class Made(Struct, frozen=True):
    """A base URL made of the environment. `url`: with names in braces; `names`: name -> variables, the first that is set;
    `usual`: values where none is set. `others`: value of the first name -> another URL, for places that are called otherwise."""

    url: str
    names: Mapping[str, tuple[str, ...]]
    usual: Mapping[str, str] = {}
    others: Mapping[str, str] = {}


class Preset(Struct, frozen=True, kw_only=True):
    """A known provider. `speaks`: dialect id -> how, in order of preference.

    `root`: its own URL without a dialect's tail. `base`: what its documentation calls the base URL ("" where each customer has
    another). `hosts`: where it is recognised; a leading dot means any host below, `*` any letters of one label. `names`: other
    types it is known by. `url_decides`: the end of the URL picks the dialects even at its own host. `anywhere`: all of its
    dialects are spoken at any host. `families`: regular expression of the model names that are its own.

    `env`: prefixes of its environment variables, the first is preferred; `env_base`: further names of its base URL there.
    `env_keys`: further variables of its key. `env_shared`: variables that are a key together, with colons between them (the
    last of three may be absent), and that others use, too: they count where a variable of this provider is set. `made`: how its
    base URL is made of the environment.

    `local`: people run it themselves, so it may be on a private address; `found_alone`: it is looked for where nobody
    configured it. `listing`: the form of its list of models. `default_model`: asked where a call and the configuration name
    none. `auth`: how the key is sent where a dialect's row does not say. `service`: the name that Amazon's signatures are made
    for. `retired`: since when and what. `source`: where the row's facts are from.
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
    auth: Auth | None = None
    service: str = ""
    env_keys: tuple[str, ...] = ()
    env_shared: tuple[str, ...] = ()
    anywhere: bool = False
    made: Made | None = None
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
        return any(_is_host(own, host, bare) for own in self.hosts)

    def owns(self, model: str) -> bool:
        """The model name is of one of this provider's own families."""
        return self.families != "" and _compiled(self.families).match(model) is not None


def _is_host(own: str, host: str, bare: str) -> bool:
    if own.startswith("."):
        return bare.endswith(own)
    if "*" in own:
        return _compiled("[a-z0-9-]+".join(map(re.escape, own.split("*"))) + r"\Z").match(bare) is not None
    return own in (host, bare)


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)
