"""The attribution block that Claude Code puts first into its instructions (2026-11): for Anthropic's accounts, not for a model.

It differs from call to call, so that elsewhere it would only break prompt caches.
"""

from dragoman.core.parts import Opaque, Text

BILLING = "x-anthropic-billing-header"
WHY = "the attribution block is Anthropic's own"


def is_billing(piece: Text | Opaque) -> bool:
    """A line of its own; whoever wrote more below it meant that for the model."""
    if isinstance(piece, Opaque):
        return piece.kind == BILLING
    return piece.text.startswith(BILLING) and "\n" not in piece.text.strip()
