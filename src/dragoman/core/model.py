"""A model name as clients see it in lists."""

from msgspec import Struct


class ModelName(Struct, frozen=True, kw_only=True):
    """`created`: Unix seconds, when its provider was configured. `owner`: who serves it.

    `alias`: another id for the same, for clients that keep only ids with Claude's name in them, and `alias_name` how that is
    displayed; "" where `id` has it already.
    """

    id: str
    display_name: str
    created: int
    owner: str
    alias: str = ""
    alias_name: str = ""
