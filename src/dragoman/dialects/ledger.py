"""Build by confessing: one place that writes own extras back and tells foreign ones as losses."""

from collections.abc import Mapping

from dragoman.core.loss import Loss, LossKind
from dragoman.core.parts import Extras
from dragoman.wire.json import escape

RESPONSE = "/response"
"""Where losses of a provider's answer point to."""


class Ledger:
    """The losses of one builder or encoder. `own`: source and target are the same dialect, so extras are written back.

    `weights`: the source dialect's table of what a loss of its extras means (Request.weights).
    """

    __slots__ = ("_told", "losses", "own", "weights")

    def __init__(self, *, own: bool, weights: Mapping[str, LossKind | None]) -> None:
        self.own = own
        self.weights = weights
        self.losses: list[Loss] = []
        self._told: set[str] = set()

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
        for name in extras:
            kind = self.weight(name, parent)
            if kind is not None:
                self.lose(at + (name if name.startswith("/") else f"/{escape(name)}"), kind, "cannot be said here")
        return {}

    def response(self, extras: Extras, at: str, parent: str = "") -> Extras:
        """As `extras`, of a provider's answer; `at`: pointer in it."""
        return self.extras(extras, f"{RESPONSE}{at}", parent)

    def weight(self, name: str, parent: str = "") -> LossKind | None:
        """What losing the member `name` of a foreign `parent` means; None: nothing another dialect could miss."""
        for key in (f"{parent}.{name}" if parent else name, f"*.{name}", f"{parent}.*" if parent else "*"):
            if key in self.weights:
                return self.weights[key]
        return self.weights.get("*", LossKind.DROPPED)
