"""What an operator asks of the running server: is a provider there, and who would serve a model name."""

from collections.abc import Mapping
from typing import Any

from dragoman.api.live import Live
from dragoman.core.config import Provider
from dragoman.core.errors import CallError, bad_request
from dragoman.dialects.base import Dialect
from dragoman.dialects.registry import CLIENTS, DIALECTS
from dragoman.providers.targets import target_for
from dragoman.relay.probe import PROBE_DIALECT, probe
from dragoman.routing.explained import explained, rows
from dragoman.routing.match import cheapest
from dragoman.routing.plan import Plan


async def test_provider(live: Live, provider: Provider) -> dict[str, Any]:
    """`status`, `status_code`, `latency_ms`, `detail`: one short call with its cheapest model."""
    target = target_for(provider, cheapest(provider), PROBE_DIALECT, DIALECTS.keys())
    if target is None or target.model == "":
        why = "no model to ask for" if target is not None else "it speaks no dialect that this version does"
        return {"status": "unknown", "status_code": None, "latency_ms": None, "detail": why}
    try:
        told = await probe(live.upstream, target, DIALECTS)
    except CallError as failure:
        error = failure.error
        detail = live.store.redact(error.message)
        return {"status": "offline", "status_code": error.status, "latency_ms": None, "detail": detail}
    return {"status": "online", "status_code": 200, "latency_ms": round(told.seconds * 1000, 2), "detail": None}


def explain(live: Live, model: str | None, dialect: str) -> Mapping[str, Any]:
    """Which rule fired and the plan in order, for a client of `dialect`. Raises CallError."""
    if dialect not in CLIENTS:
        raise bad_request(f"dialect: one of {', '.join(CLIENTS)} is expected", "dialect")
    return told(live.relay.plans.named(live.snapshot, model, dialect), model, CLIENTS[dialect])


def told(plan: Plan, model: str | None, client: Dialect) -> dict[str, Any]:
    """A plan as JSON tells it."""
    found = explained(plan, client)
    return {
        "model": model,
        "rule": plan.rule,
        "why": plan.why,
        "plan": [
            {
                "target": step.target.name,
                "provider": step.target.provider.slug,
                "model": step.target.model,
                "dialect": step.target.dialect,
                "lane": step.lane,
                "quirks": rows(step),
            }
            for step in found.steps
        ],
        "skipped": [{"target": name, "why": why} for name, why in plan.skipped],
        "notes": [{"target": name, "note": note} for name, note in found.notes],
    }
