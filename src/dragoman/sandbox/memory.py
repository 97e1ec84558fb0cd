"""What a sandbox remembers from one call to the next: answers, files, batches. Rule: bounded, in number and in bytes;
the oldest goes first, and nothing outlives the process.
"""

from collections.abc import Iterator
from typing import Any, Generic, TypeVar

from msgspec import Struct

T = TypeVar("T")
MOST = 512
MOST_BYTES = 64 * 1024 * 1024


class KeptResponse(Struct, kw_only=True):
    """An answer of OpenAI Responses. `body`: the whole object. `input`, `output`: items. `previous`: the id of the one before.

    `frames`: of its stream. In the background, `waiting`: what is shown before `body`; `cancelled`: what is shown in its place.
    """

    id: str
    body: bytes
    input: tuple[dict[str, Any], ...]
    output: tuple[dict[str, Any], ...]
    previous: str | None = None
    frames: tuple[bytes, ...] = ()
    waiting: tuple[bytes, ...] = ()
    cancelled: bytes = b""


class KeptFile(Struct, frozen=True, kw_only=True):
    """A file. `created`: seconds since 1970."""

    id: str
    name: str
    data: bytes
    created: int
    purpose: str = ""
    mime: str = "application/octet-stream"


class KeptBatch(Struct, kw_only=True):
    """A batch. `results`: custom id, status and body of each request. `asked`: how often it was asked for: it goes on by that."""

    id: str
    created: int
    results: tuple[tuple[str, int, bytes], ...]
    asked: int = 0
    cancelled: bool = False
    body: dict[str, Any] = {}


class Shelf(Generic[T]):
    """Things by id, oldest first."""

    def __init__(self, most: int = MOST, most_bytes: int = MOST_BYTES) -> None:
        self._most, self._most_bytes = most, most_bytes
        self._kept: dict[str, tuple[T, int]] = {}

    def put(self, id_: str, thing: T, size: int = 0) -> None:
        """As the newest. `size` in bytes."""
        self._kept.pop(id_, None)
        self._kept[id_] = (thing, size)
        while len(self._kept) > self._most or (len(self._kept) > 1 and sum(s for _, s in self._kept.values()) > self._most_bytes):
            del self._kept[next(iter(self._kept))]

    def get(self, id_: str) -> T | None:
        found = self._kept.get(id_)
        return None if found is None else found[0]

    def pop(self, id_: str) -> T | None:
        found = self._kept.pop(id_, None)
        return None if found is None else found[0]

    def __iter__(self) -> Iterator[T]:
        return (thing for thing, _ in tuple(self._kept.values()))


class Memory:
    """One sandbox's. Each vendor has shelves of its own."""

    def __init__(self) -> None:
        self.responses: Shelf[KeptResponse] = Shelf()
        self.openai_files: Shelf[KeptFile] = Shelf()
        self.openai_batches: Shelf[KeptBatch] = Shelf()
        self.anthropic_files: Shelf[KeptFile] = Shelf()
        self.anthropic_batches: Shelf[KeptBatch] = Shelf()
