"""The types of quirk rows. Rule: `members` are those of core.quirks.Quirks, by name."""

from collections.abc import Mapping
from typing import TypeAlias

from msgspec import Struct

Members: TypeAlias = Mapping[str, object]


class ProviderRow(Struct, frozen=True):
    """What a provider does differently in a dialect, whatever the model."""

    members: Members
    source: str


class ModelRow(Struct, frozen=True):
    """`pattern`: regular expression, searched in the lower-case upstream model name. `presets`: only there; () = everywhere.

    `avoid`: the dialect is only taken where the target speaks no other that is built.
    """

    pattern: str
    dialect: str
    members: Members
    source: str
    presets: tuple[str, ...] = ()
    avoid: bool = False
