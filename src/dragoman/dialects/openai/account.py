"""Who asks, and how fast the answer shall come: members that OpenAI's dialects spell alike."""

from typing import Any

from dragoman.core.request import Request
from dragoman.dialects.ledger import Ledger
from dragoman.dialects.names import digest62
from dragoman.dialects.openai.facts import TIERS, USER_MAX


def account(request: Request, ledger: Ledger) -> dict[str, Any]:
    """`user` and `service_tier`."""
    out: dict[str, Any] = {}
    if request.user is not None:
        long = not ledger.own and len(request.user) > USER_MAX
        if long:
            ledger.approximate(request.at("user"), f"longer than {USER_MAX} characters: a digest of it")
        out["user"] = digest62(request.user, 32) if long else request.user
    if request.service_tier is not None:
        tier = request.service_tier if ledger.own else TIERS.get(request.service_tier)
        if tier is not None:
            out["service_tier"] = tier
        if tier != request.service_tier:
            ledger.hint(request.at("service_tier"), "no such tier here" if tier is None else f"told as {tier}")
    return out
