"""What the pieces of one request share while it is built for a target of plain chat turns and functions.

Rule: state of one build, never of a dialect.
"""

from collections.abc import Mapping
from typing import Any

from dragoman.core.quirks import Quirks
from dragoman.core.request import Request
from dragoman.dialects import functions
from dragoman.dialects.base import Undo
from dragoman.dialects.ledger import Ledger


class Draft:
    """`names`: the client's names of tools -> on the wire, for those that must change."""

    __slots__ = ("_custom", "_instructions", "_names", "ledger", "quirks", "request")

    def __init__(self, request: Request, quirks: Quirks, names: Mapping[str, str]) -> None:
        self.request, self.quirks = request, quirks
        self.ledger = Ledger(own=False, weights=request.weights, whys=request.whys)
        self._instructions: list[str] = []
        self._names = names
        self._custom = functions.custom(request)

    def name(self, name: str) -> str:
        """A tool's name on the wire."""
        return self._names.get(name, name)

    def undo(self) -> Undo:
        return Undo(
            names={wire: name for name, wire in self._names.items()}, custom=frozenset(self.name(name) for name in self._custom)
        )

    def instruct(self, words: str) -> None:
        """Say in the system prompt what no member says here."""
        self._instructions.append(words)

    def demand(self) -> None:
        """Instruct the model to call the tool, or some tool, that it cannot be forced to call."""
        choice = self.request.tool_choice
        assert choice is not None
        at = choice.at or self.request.at("tool_choice")
        self.ledger.approximate(at, "the model is not forced to call a tool: it is instructed to")
        which = f"the tool `{self.name(choice.name)}`" if choice.name is not None else "at least one of your tools"
        self.instruct(f"You must call {which} in your next turn. Do not answer without calling it.")

    def instructed(self, messages: list[dict[str, Any]]) -> None:
        """Put what was instructed behind the words of the system message in front, made where there is none."""
        if not self._instructions:
            return
        if not messages or messages[0]["role"] != "system":
            messages.insert(0, {"role": "system", "content": "\n\n".join(self._instructions)})
        else:
            messages[0]["content"] = "\n\n".join((messages[0]["content"], *self._instructions))
