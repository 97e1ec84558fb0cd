"""The names of Amazon's exceptions (Bedrock's API reference, 2026-11): in the body, in a header, or of a message in a stream."""

from typing import Any

from dragoman.core.request import Headers

_HEADER = "x-amzn-errortype"
_END = "Exception"


def exception(value: Any, headers: Headers = ()) -> str | None:
    """The plain name: `ThrottlingException` of `com.amazon.coral.service#ThrottlingException`, of
    `ThrottlingException:http://internal.amazon.com/...` and of `throttlingException`. None where none is named."""
    told = value.get("__type") if isinstance(value, dict) else None
    if not isinstance(told, str):
        told = next((text for name, text in headers if name == _HEADER), None)
    return None if told is None else plain(told)


def plain(name: str) -> str:
    """As the reference writes it; what is no exception's name stays as it is."""
    found = name.rpartition("#")[2].partition(":")[0].strip()
    return found[0].upper() + found[1:] if found.endswith(_END) else name
