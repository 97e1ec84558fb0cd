"""`explain`: which rule a model name falls under, and who would be asked in which order. Asks nobody."""

from typing import TYPE_CHECKING, Annotated

import typer

from dragoman.cli.kept import as_served
from dragoman.cli.tables import aligned

if TYPE_CHECKING:
    from dragoman.core.config import Target
    from dragoman.routing.explained import Step


def explain(
    model: Annotated[
        str, typer.Argument(metavar="MODEL", help="A model name as a client would send it; without it: no model at all.")
    ] = "",
    dialect: Annotated[str, typer.Option(metavar="TEXT", help="The dialect the client speaks.")] = "openai-chat",
) -> None:
    """Show who would be asked for a model.

    Tells which rule the name falls under, the plan in order, and for each target the lane (`copy`: bytes as they are) and its
    quirks: how it deviates from its dialect's vendor, by which row, and who says so. Nobody is asked. Cooldowns are a running
    server's own, and not in it.
    """
    import asyncio

    print(asyncio.run(_explain(model or None, dialect)))


async def _explain(model: str | None, dialect: str) -> str:
    from dragoman.cli.pairing import named
    from dragoman.dialects.registry import CLIENTS, DIALECTS
    from dragoman.routing.explained import explained
    from dragoman.routing.plan import draft

    client = named(dialect, CLIENTS, "--dialect")
    plan = draft((await as_served())[0], model, client.id, DIALECTS.keys())
    found = explained(plan, client)
    rows = [
        (str(place), step.target.name, step.target.dialect, step.lane, _address(step.target))
        for place, step in enumerate(found.steps, 1)
    ]
    lines = [f"model  {model if model is not None else '(none)'}", f"rule   {plan.rule}: {plan.why}", ""]
    lines += [aligned(("", "target", "dialect", "lane", "address"), rows)]
    for head, told in (
        (("skipped", "why"), plan.skipped),
        (("note on", "note"), found.notes),
        (("quirks of", "row", "quirks", "source"), [row for step in found.steps for row in _quirks(step)]),
    ):
        lines += ["", aligned(head, told)] if told else []
    return "\n".join(lines)


def _quirks(step: "Step") -> list[tuple[str, str, str, str]]:
    """A line a row."""
    from dragoman.wire import json

    return [
        (step.target.name, row.row, " ".join(f"{name}={json.text(value)}" for name, value in row.members.items()), row.source)
        for row in step.quirks
    ]


def _address(target: "Target") -> str:
    """The sandbox has a port only while it runs."""
    return "in this process" if target.provider.sandbox else target.base
