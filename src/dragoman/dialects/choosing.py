"""A choice among tools some of which a target does not have. Rule: a model that must call something is left fewer things to call,
which the client is told."""

from dragoman.core.loss import LossKind
from dragoman.core.parts import Opaque
from dragoman.core.request import Request
from dragoman.dialects.ledger import Ledger


def tell_narrowed(request: Request, dialect: str, ledger: Ledger) -> None:
    """`dialect`: the target's. Tools that are offered in another way are not lost."""
    choice = request.tool_choice
    if choice is None or choice.mode != "any":
        return
    for tool in request.tools:
        if not isinstance(tool, Opaque) or tool.dialect == dialect:
            continue
        chosen = choice.allowed is None or tool.kind in choice.allowed
        if chosen and ledger.weights.get(f"opaque.{tool.kind}", LossKind.DROPPED) is LossKind.DROPPED:
            ledger.approximate(choice.at or request.at("tool_choice"), f"one of the tools that are left: {tool.kind} is not")
            return
