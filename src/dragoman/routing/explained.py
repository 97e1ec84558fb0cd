"""A plan as people and programs are told of it: for each target the lane that calls take to it, and the rows of its quirks."""

from collections.abc import Mapping

from msgspec import Struct

from dragoman.core.config import Target
from dragoman.dialects.base import Dialect
from dragoman.dialects.bodies import call_of, example
from dragoman.dialects.lanes import Lane, lane_of
from dragoman.providers.quirks import Applied
from dragoman.providers.targets import rows_of
from dragoman.routing.plan import Plan

_SOME = "a body that its quirks concern below the top level is translated"


class Step(Struct, frozen=True, kw_only=True):
    """`lane`: of most calls; where some take the other one, a note of the plan says so."""

    target: Target
    lane: Lane
    quirks: tuple[Applied, ...]


class Explained(Struct, frozen=True, kw_only=True):
    """`steps`: in the order they are tried. `notes`: (target, what to know of it), the plan's own first."""

    steps: tuple[Step, ...]
    notes: tuple[tuple[str, str], ...]


def explained(plan: Plan, client: Dialect) -> Explained:
    """`client`: the dialect that asks."""
    body = example(client)
    steps, notes = [], list(plan.notes)
    for target in plan.targets:
        same = target.dialect == client.id
        steps.append(Step(target=target, lane="copy" if same else "translate", quirks=rows_of(target)))
        if same and lane_of(call_of(client, body, model=target.model), client, target) != "copy":
            notes.append((target.name, _SOME))
    return Explained(steps=tuple(steps), notes=tuple(notes))


def rows(step: Step) -> list[Mapping[str, object]]:
    """A step's quirks for programs: a row each, with its members and its source."""
    return [{"row": row.row, "members": dict(row.members), "source": row.source} for row in step.quirks]
