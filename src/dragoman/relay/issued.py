"""Which provider issued an id: a call that refers to it goes there and nowhere else.

Rule: a memory and no record. It is bounded, ends with the process, and where it knows nothing the configuration decides.
"""

from collections import OrderedDict
from typing import Final

KEPT: Final = 32 * 1024
"""Ids that are remembered, of each kind; the one that was not needed for the longest time is forgotten first."""


class Issued:
    """Ids of answers, and of their pieces, are kept apart: there are many of them, and they must not drive out a file's."""

    __slots__ = ("_answers", "_pieces", "_things")

    def __init__(self) -> None:
        self._answers: OrderedDict[str, str] = OrderedDict()
        self._pieces: OrderedDict[str, str] = OrderedDict()
        self._things: OrderedDict[str, str] = OrderedDict()

    def answer(self, id_: str, slug: str) -> None:
        """A provider (its slug) gave an answer this id."""
        _remember(self._answers, id_, slug)

    def piece(self, id_: str, slug: str) -> None:
        """A provider gave a piece of an answer this id."""
        _remember(self._pieces, id_, slug)

    def thing(self, id_: str, slug: str) -> None:
        """A provider named a file, a batch, whatever it keeps, by this id."""
        _remember(self._things, id_, slug)

    @property
    def any_things(self) -> bool:
        """Some id of a thing is remembered."""
        return bool(self._things)

    def by(self, id_: str) -> str | None:
        """The slug of who issued it."""
        for kept in (self._things, self._answers, self._pieces):
            slug = kept.get(id_)
            if slug is not None:
                _remember(kept, id_, slug)
                return slug
        return None


def _remember(kept: OrderedDict[str, str], id_: str, slug: str) -> None:
    kept[id_] = slug
    kept.move_to_end(id_)
    if len(kept) > KEPT:
        kept.popitem(last=False)
