"""Build by confessing: one place that writes own extras back and tells foreign ones as losses."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from msgspec import Raw

from dragoman.core.loss import Loss, LossKind
from dragoman.core.parts import Extras, Opaque
from dragoman.wire import json
from dragoman.wire.json import escape, unescape

NO_PLACE = "an answer has no place for this here: "
"""Why a piece of an answer is lost whole; its kind follows."""
RESPONSE = "/response"
"""Where losses of a provider's answer point to."""


PLACES: Final = 100
"""In which one member is told."""


class _Group:
    """One member of a kind of object, wherever it is lost. `more`: in how many places beyond those that are told."""

    __slots__ = ("first", "kind", "more", "places", "why")

    def __init__(self, kind: LossKind | None, why: str) -> None:
        self.kind, self.why = kind, why
        self.places = self.more = 0
        self.first = ""


class Ledger:
    """The losses of one builder or encoder. `own`: source and target are the same dialect, so extras are written back.

    `weights`, `whys`: the source dialect's tables of what a loss of its extras means, and why it is one (Request).
    A member that is lost in more than PLACES places is counted there: `told()` says so of the first of them.
    """

    __slots__ = ("_groups", "_told", "losses", "own", "weights", "whys")

    def __init__(
        self, *, own: bool, weights: Mapping[str, LossKind | None], whys: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        self.own = own
        self.weights = weights
        self.whys = whys
        self.losses: list[Loss] = []
        self._told: set[str] = set()
        self._groups: dict[tuple[str, str], _Group] = {}

    def lose(self, path: str, kind: LossKind, why: str = "") -> None:
        """Tell a loss, once per path."""
        if path not in self._told:
            self._told.add(path)
            self.losses.append(Loss(path, kind, why))

    def hint(self, path: str, why: str = "") -> None:
        self.lose(path, LossKind.HINT, why)

    def approximate(self, path: str, why: str = "") -> None:
        self.lose(path, LossKind.APPROXIMATED, why)

    def drop(self, path: str, why: str = "") -> None:
        self.lose(path, LossKind.DROPPED, why)

    def refuse(self, path: str, why: str = "") -> None:
        self.lose(path, LossKind.REFUSED, why)

    def extras(self, extras: Extras, at: str, parent: str = "") -> Extras:
        """What of `extras` this dialect writes back: all of its own; none of another's, each told as a loss.

        `at`: JSON Pointer of the object they stood in; `parent`: prefix of their names in `weights` (`tools`, `content`).
        """
        if self.own or not extras:
            return extras
        self.gone(extras, at, parent)
        return {}

    def gone(self, extras: Extras, at: str, parent: str, why: str | None = None) -> None:
        """Tell members that go, though it may be their own dialect that is written; a list of nothing (`"annotations": []`) asks
        for nothing. `why`: the same for all of them."""
        for name, value in extras.items():
            group = self._groups.get((parent, name))
            if group is None:
                group = self._groups[parent, name] = _Group(self.weight(name, parent), self._why(name, parent))
            if group.kind is None or _is_empty_list(value):
                continue
            if group.more or (group.places >= PLACES and not at.startswith(RESPONSE)):
                group.more += 1
                continue
            path = at + (name if name.startswith("/") else f"/{escape(name)}")
            group.places += 1
            group.first = group.first or path
            self.lose(path, group.kind, group.why if why is None else why)

    def told(self) -> tuple[Loss, ...]:
        """The losses, with how often what was lost in too many places."""
        more = {group.first: group.more for group in self._groups.values() if group.more}
        if not more:
            return tuple(self.losses)
        return tuple(
            Loss(loss.path, loss.kind, f"{loss.why} (and in {more[loss.path]} more places)") if loss.path in more else loss
            for loss in self.losses
        )

    def response(self, extras: Extras, at: str, parent: str = "") -> Extras:
        """As `extras`, of a provider's answer; `at`: pointer in it. What holds nothing (`{"applied_edits": []}`) is no loss."""
        told = extras if self.own else {name: raw for name, raw in extras.items() if not _says_nothing(raw)}
        return self.extras(told, f"{RESPONSE}{at}", parent)

    def opaque(self, piece: Opaque, why: str) -> None:
        """Tell of a whole piece that only its own dialect can say. That dialect's tables may weigh it and say why, as
        `opaque.<kind>`; without them it is dropped because of `why`."""
        if piece.summary is not None:
            self.approximate(piece.at, "its summary stands in the instructions")
            return
        key = f"opaque.{piece.kind}"
        kind = self.weights.get(key, LossKind.DROPPED)
        if kind is not None:
            self.lose(piece.at, kind, self.whys.get(key, why))

    def weight(self, name: str, parent: str = "") -> LossKind | None:
        """What losing the member `name` of a foreign `parent` means; None: nothing another dialect could miss."""
        anywhere = f"*.{name.rpartition('/')[2]}"
        for key in (
            f"{parent}.{name}" if parent else name,
            f"*.{name}",
            _below(name),
            anywhere,
            f"{parent}.*" if parent else "*",
        ):
            if key in self.weights:
                return self.weights[key]
        return self.weights.get("*", LossKind.DROPPED)

    def _why(self, name: str, parent: str) -> str:
        found = self.whys.get(f"{parent}.{name}" if parent else name)
        return found if found is not None else self.whys.get(_below(name), "no such member here")


def _below(name: str) -> str:
    """Whatever stood in the same deeper object."""
    return f"{name.rpartition('/')[0]}/*"


def below(extras: Extras, parent: str) -> Extras:
    """The extras that stood in a deeper object, by their own names. `parent`: pointer of that object and a `/`."""
    return {unescape(name.removeprefix(parent)): raw for name, raw in extras.items() if name.startswith(parent)}


def _says_nothing(raw: Raw) -> bool:
    """Arrays and objects that hold nothing but their like."""
    return (json.is_object(raw) or json.is_array(raw)) and _is_hollow(json.decode(raw))


def _is_empty_list(raw: Raw) -> bool:
    return json.is_array(raw) and not json.items(raw)


def _is_hollow(value: Any) -> bool:
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return inside is not None and all(map(_is_hollow, inside))
