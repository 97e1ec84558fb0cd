"""How much a model shall think, as the effort level that OpenAI's dialects take."""

from dragoman.core.request import ReasoningAsk
from dragoman.dialects.effort import level_of
from dragoman.dialects.ledger import Ledger


def asked_level(ask: ReasoningAsk, at: str, ledger: Ledger) -> str | None:
    """The effort level asked for; None where the client left it to the model."""
    if ask.mode == "off":
        return "none"
    if ask.effort is not None:
        return ask.effort
    if ask.budget is not None:
        ledger.approximate(at, "a budget as an effort level")
        return level_of(ask.budget)
    return "medium" if ask.mode == "on" else None
