"""What may be shown of a record's headers. Rule: a value that could be a credential is never shown whole."""

import re
from collections.abc import Iterable

from dragoman.core.config import Secret

_SECRET_NAME = re.compile(r"auth|token|secret|password|cookie|credential|(?:^|[-_])key|api-?key|signature", re.IGNORECASE)


def is_secret(name: str) -> bool:
    """The header's name says that its value is a credential."""
    return _SECRET_NAME.search(name) is not None


def masked(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Headers as they are shown: credentials as `...last4`."""
    return {name: Secret(value).masked if is_secret(name) else value for name, value in headers}


def masked_url(url: str) -> str:
    """A URL as it is shown: credentials in its query as dots."""
    where, mark, query = url.partition("?")
    pairs = (pair.partition("=") for pair in query.split("&"))
    return where + mark + "&".join(name + sign + ("..." if sign and is_secret(name) else value) for name, sign, value in pairs)


def unmasked(shown: dict[str, str], stored: Iterable[tuple[str, str]]) -> dict[str, str]:
    """What an admin sent back, with masked credentials replaced by the stored ones."""
    kept = {name.lower(): value for name, value in stored if is_secret(name)}
    return {
        name: kept[name.lower()] if name.lower() in kept and value == Secret(kept[name.lower()]).masked else value
        for name, value in shown.items()
    }
