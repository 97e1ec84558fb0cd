"""The type of a model's quirk row. Rule: `members` are those of core.quirks.Quirks, by name."""

from collections.abc import Mapping
from typing import TypeAlias

from msgspec import Struct

Members: TypeAlias = Mapping[str, object]


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
