"""Where the items of an answer tell their parts. Rule: parts are numbered in the order they open; what is held comes first."""

from typing import Any

from msgspec import Raw

from dragoman.core.events import Event, PartClosed, PartDelta, PartKind, PartOpened
from dragoman.core.loss import Loss, LossKind
from dragoman.core.parts import Extras
from dragoman.dialects.base import Undo
from dragoman.wire import json


class Sink:
    """`called`, `refused`: what the ending must say. `any`: something was told."""

    def __init__(self, undo: Undo) -> None:
        self.out: list[Event] = []
        self.losses: list[Loss] = []
        self.undo = undo
        self.called = False
        self.refused = False
        self._next = 0
        self._held: PartDelta | None = None

    @property
    def any(self) -> bool:
        return self._next > 0

    def open(self, kind: PartKind, **more: Any) -> int:
        index, self._next = self._next, self._next + 1
        self.emit(PartOpened(index=index, kind=kind, **more))
        return index

    def emit(self, event: Event) -> None:
        if self._held is not None:
            self.out.append(self._held)
            self._held = None
        self.out.append(event)

    def say(self, index: int, text: str) -> None:
        if text:
            self.emit(PartDelta(index, text))

    def hold(self, index: int, text: str) -> None:
        """Say it before whatever comes next, unless that takes it back."""
        if text:
            if self._held is not None:
                self.out.append(self._held)
            self._held = PartDelta(index, text)

    def take_back(self, index: int) -> str:
        """What is held of a part."""
        held = self._held
        if held is None or held.index != index:
            return ""
        self._held = None
        return held.text

    def opaque(self, raw: Raw, at: str, extras: Extras | None = None) -> None:
        """A whole piece."""
        kind = json.members(raw).get("type")
        told = json.decode(kind) if kind is not None and json.is_string(kind) else ""
        self.emit(PartClosed(index=self.open("opaque", raw=raw.copy(), opaque_kind=told, at=at, extras=extras or {})))

    def approximate(self, at: str, why: str) -> None:
        loss = Loss(at, LossKind.APPROXIMATED, why)
        if loss not in self.losses:
            self.losses.append(loss)
