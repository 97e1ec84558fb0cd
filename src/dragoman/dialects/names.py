"""Tool names and tool call ids a target accepts, made from the client's: deterministic, injective in a request, reversible.

Stable between requests, so that prompt prefixes stay the same and vendors' caches hold.
"""

import hashlib
import re
from collections.abc import Iterable

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def map_names(names: Iterable[str], limit: int, allowed: re.Pattern[str], first: re.Pattern[str] | None = None) -> dict[str, str]:
    """Client name -> wire name for the names that must change: at most `limit` characters, each matching `allowed`, the first one
    `first` where that is given (`_` stands before any other)."""
    taken: set[str] = set()
    changed: dict[str, str] = {}
    wanted = list(dict.fromkeys(names))
    fitting = {name for name in wanted if _fits(name, limit, allowed) and (first is None or first.match(name))}
    taken.update(fitting)
    for name in wanted:
        if name in fitting:
            continue
        wire, probe = _shorten(name, limit, allowed, first, 0), 0
        while wire in taken:
            probe += 1
            wire = _shorten(name, limit, allowed, first, probe)
        taken.add(wire)
        changed[name] = wire
    return changed


def map_ids(ids: Iterable[str], limit: int, allowed: re.Pattern[str], exact: int | None = None) -> dict[str, str]:
    """Client id -> wire id for the ids that must change. `exact`: the length every id must have (Mistral: 9)."""
    taken: set[str] = set()
    changed: dict[str, str] = {}
    wanted = list(dict.fromkeys(ids))
    taken.update(value for value in wanted if _fits(value, limit, allowed) and exact in (None, len(value)))
    for value in wanted:
        if value in taken:
            continue
        length, probe = exact or min(limit, 24), 0
        wire = digest62(value, length)
        while wire in taken:
            probe += 1
            wire = digest62(f"{value}#{probe}", length)
        taken.add(wire)
        changed[value] = wire
    return changed


def digest62(text: str, length: int) -> str:
    """The first `length` base-62 digits of the text's SHA-256."""
    number = int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest(), "big")
    digits: list[str] = []
    while len(digits) < length:
        number, digit = divmod(number, 62)
        digits.append(_BASE62[digit])
    return "".join(digits)


def _fits(text: str, limit: int, allowed: re.Pattern[str]) -> bool:
    return 0 < len(text) <= limit and all(allowed.match(char) for char in text)


def _shorten(name: str, limit: int, allowed: re.Pattern[str], first: re.Pattern[str] | None, probe: int) -> str:
    """As much of the name as fits, `_`, 8 hex digits of its SHA-256."""
    seed = f"{name}#{probe}" if probe else name
    tail = hashlib.sha256(seed.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    clean = "".join(char if allowed.match(char) else "_" for char in name)
    if first is not None and not first.match(clean):
        clean = f"_{clean}"
    return f"{clean[: limit - 9]}_{tail}"
