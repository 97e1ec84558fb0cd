"""Losses as an HTTP field: an RFC 9651 list of JSON Pointers with their kind, at most 1 KiB (ARCHITECTURE rule 4)."""

import re
from collections.abc import Iterable

from dragoman.core.loss import Loss, LossKind

HEADER = "x-dragoman-losses"
LIMIT = 1024
_ORDER = {LossKind.REFUSED: 0, LossKind.DROPPED: 0, LossKind.APPROXIMATED: 0, LossKind.HINT: 1}
_PLACE = re.compile(r"/\d+(?=/|$)")
_MORE = 14
"""Bytes kept free for `, more;n=123456`."""


def render(losses: Iterable[Loss]) -> str:
    """The field value, "" for no losses. Dropped and approximated before hints, top-level members first; a member lost in
    many places once for each kind, at its first place."""
    found, size = _ordered(losses), -2
    items: list[str] = []
    for loss in found:
        item = _item(loss)
        size += len(item) + 2
        if size > LIMIT - _MORE:
            return ", ".join([*items, f"more;n={len(found) - len(items)}"])
        items.append(item)
    return ", ".join(items)


def _ordered(losses: Iterable[Loss]) -> list[Loss]:
    """What is told twice is told as it was first."""
    once: dict[str, Loss] = {}
    for loss in losses:
        once.setdefault(loss.path, loss)
    first: dict[tuple[str, LossKind], Loss] = {}
    for loss in once.values():
        first.setdefault((_PLACE.sub("/*", loss.path), loss.kind), loss)
    return sorted(first.values(), key=lambda loss: (_ORDER[loss.kind], loss.path.count("/") > 1))


def _item(loss: Loss) -> str:
    return f"{_string(loss.path)};kind={loss.kind.value}"


def _string(text: str) -> str:
    """A String (RFC 9651, 3.3.3), or a Display String (3.3.8) where the text is not printable ASCII."""
    if all(" " <= char <= "~" for char in text):
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    data = text.encode("utf-8", "surrogatepass")
    return '%"' + "".join(chr(byte) if 0x20 <= byte <= 0x7E and byte not in b'%"' else f"%{byte:02x}" for byte in data) + '"'
