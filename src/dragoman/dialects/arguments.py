"""Arguments of a call where a dialect takes a JSON object: exact where a model wrote one, else wrapped in one."""

from typing import Final

from msgspec import Raw

from dragoman.wire import json

EMPTY: Final = Raw(b"{}")


def object_of(arguments: str) -> Raw:
    """The arguments as an object: none is `{}`, a value is wrapped, text that is no JSON is kept as such."""
    text = arguments.strip()
    if not text:
        return EMPTY
    raw = Raw(text.encode("utf-8", "surrogatepass"))
    try:
        json.decode(raw)
    except json.JSONError:
        return json.raw({"_raw": arguments.encode("utf-8", "replace").decode()})
    if json.is_object(raw):
        return raw
    return EMPTY if json.is_null(raw) else json.raw({"value": raw})


def is_whole(arguments: str) -> bool:
    """Whether the arguments are a complete object: nothing is missing where they broke off."""
    return arguments.strip() != "" and bytes(object_of(arguments)).decode("utf-8", "replace") == arguments.strip()


def is_exact(found: Raw, arguments: str) -> bool:
    """Whether the object says just what was written."""
    return found == EMPTY or bytes(found).decode() == arguments.strip()
