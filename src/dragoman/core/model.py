"""A model name as clients see it in lists."""

from msgspec import Struct


class ModelName(Struct, frozen=True, kw_only=True):
    """`created`: Unix seconds, when its provider was configured. `owner`: who serves it."""

    id: str
    display_name: str
    created: int
    owner: str
