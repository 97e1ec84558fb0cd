"""Names for URLs, headers and commands. Rule: a slug is lower-case ASCII letters, digits and single hyphens, never empty."""

import re
import unicodedata
from collections.abc import Collection

_OTHER = re.compile(r"[^a-z0-9]+")
_EMPTY = "provider"


def slug(name: str) -> str:
    """`Local Ollama` -> `local-ollama`."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return _OTHER.sub("-", plain).strip("-") or _EMPTY


def unique(name: str, taken: Collection[str]) -> str:
    """The slug of `name`, with the first free number where it is taken."""
    base = found = slug(name)
    number = 2
    while found in taken:
        found = f"{base}-{number}"
        number += 1
    return found
