"""Effort levels and thinking budgets, one in terms of the other. Levels: none < minimal < ... < max."""

LEVELS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
MIN_BUDGET = 1024
"""Anthropic's smallest thinking budget, in tokens."""
_BUDGETS = {"minimal": 1024, "low": 2048, "medium": 10000, "high": 16384, "xhigh": 32768, "max": 32768}


def level_of(budget: int) -> str:
    """The level nearest to a budget of thinking tokens."""
    for bound, level in ((1, "none"), (4000, "low"), (16000, "medium"), (32000, "high")):
        if budget < bound:
            return level
    return "xhigh"


def budget_of(level: str, max_output_tokens: int | None) -> int | None:
    """A budget for a level, below the output limit; None where the limit leaves no room for thinking."""
    budget = _BUDGETS.get(level, _BUDGETS["medium"])
    if max_output_tokens is not None:
        budget = min(budget, max_output_tokens - 1)
    return budget if budget >= MIN_BUDGET else None


def clamp(level: str, taken: tuple[str, ...] | None) -> str | None:
    """The nearest level of those `taken` (None: all): the level, else the next lower, else the lowest. None where none is taken.

    "none" is only ever answered by "none" or the lowest level.
    """
    if taken is None or level in taken:
        return level
    if not taken:
        return None
    rank = LEVELS.index(level) if level in LEVELS else LEVELS.index("medium")
    lower = [known for known in taken if known in LEVELS and LEVELS.index(known) <= rank and known != "none"]
    higher = [known for known in taken if known != "none"]
    return lower[-1] if lower else (higher or list(taken))[0]
