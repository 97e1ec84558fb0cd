"""Google takes its members in camelCase and in snake_case, mixed too: its clients send both, and this reads both.

Rule: only the names of members that the dialect defines are respelled, one object at a time; data (schemas, arguments, responses,
text) is never looked into.
"""

import re
from functools import lru_cache

from msgspec import Raw

from dragoman.core.errors import bad_request
from dragoman.wire import json
from dragoman.wire.json import Members, name_of

_WORD = re.compile(r"_([a-z0-9])")
_HUMP = re.compile(r"(?<=[a-z0-9])([A-Z])")


@lru_cache(maxsize=4096)
def camel(name: str) -> str:
    """`max_output_tokens` -> `maxOutputTokens`."""
    return _WORD.sub(lambda found: found[1].upper(), name) if "_" in name else name


def snake(name: str) -> str:
    """`maxOutputTokens` -> `max_output_tokens`."""
    return _HUMP.sub(lambda found: f"_{found[1].lower()}", name)


class Fields(Members):
    """A client's object, taken apart by names in camelCase however they were written. Paths and `rest()` keep its own words."""

    __slots__ = ("_written",)

    def __init__(self, data: bytes | Raw, at: str = "") -> None:
        super().__init__(data, at)
        self._written: dict[str, str] = {}
        if any("_" in name for name in self._left):
            self._written = {camel(name): name for name in self._left if camel(name) != name}
            self._left = {camel(name): value for name, value in self._left.items()}

    def take_fields(self, name: str) -> "Fields | None":
        """Pop a member that is an object, to be taken apart in turn."""
        data = self.take_raw(name)
        return None if data is None else Fields(data, self.path(name))

    def take_each(self, name: str) -> list[tuple[Raw, str]] | None:
        """Pop a member that is an array: (item, where it stands). One item alone counts as an array of it, as at Google."""
        data = self.take_raw(name)
        if data is None:
            return None
        at = self.path(name)
        if not json.is_array(data):
            return [(data, at)]
        return [(item, f"{at}/{place}") for place, item in enumerate(json.items(data))]

    def take_number(self, name: str) -> int | None:
        """Pop a whole number, which may be written as `40.0` or, as Google does with large ones, as a string."""
        data = self.take_raw(name)
        if data is None:
            return None
        value = json.decode(data)
        if isinstance(value, str) and value.lstrip("-").isdigit():
            return int(value)
        if isinstance(value, int | float) and not isinstance(value, bool) and value == int(value):
            return int(value)
        where = name_of(self.path(name))
        raise bad_request(f"{where}: a whole number is expected", where)

    def rest(self) -> dict[str, Raw]:
        written = self._written
        return {written.get(name, name): value for name, value in super().rest().items()}

    def path(self, name: str | int) -> str:
        return super().path(self._written.get(name, name) if isinstance(name, str) else name)

    def put_back(self, name: str, value: Raw) -> None:
        """What was popped and is not taken after all."""
        self._left[name] = value
