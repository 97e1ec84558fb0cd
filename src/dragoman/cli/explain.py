"""`explain`: which rule a model name falls under, and who would be asked in which order. Asks nobody."""

from typing import TYPE_CHECKING, Annotated

import typer

from dragoman.cli.kept import opened
from dragoman.cli.tables import aligned

if TYPE_CHECKING:
    from dragoman.core.config import Snapshot, Target


def explain(
    model: Annotated[
        str, typer.Argument(metavar="MODEL", help="A model name as a client would send it; without it: no model at all.")
    ] = "",
    dialect: Annotated[str, typer.Option(metavar="TEXT", help="The dialect the client speaks.")] = "openai-chat",
) -> None:
    """Show who would be asked for a model.

    Tells which rule the name falls under, and the plan in order. Nobody is asked. Cooldowns are a running server's own, and not
    in it.
    """
    import asyncio

    print(asyncio.run(_explain(model or None, dialect)))


async def _snapshot() -> "Snapshot":
    """As `serve` would have it: the sandbox answers while no provider was ever configured."""
    from dragoman.api.loopback import is_loopback
    from dragoman.api.served import Served, sandbox_provider
    from dragoman.settings import Settings

    settings = Settings.load()
    async with opened(settings) as store:
        snapshot = store.snapshot
    sandbox = sandbox_provider(1) if settings.sandbox or is_loopback(settings.host) else None
    return Served(settings.host, settings.port, sandbox, always=settings.sandbox).of(snapshot)


async def _explain(model: str | None, dialect: str) -> str:
    from dragoman.cli.exits import Exit, VerbError
    from dragoman.dialects.registry import CLIENTS, DIALECTS
    from dragoman.routing.plan import draft

    if dialect not in CLIENTS:
        raise VerbError(Exit.USAGE, f"--dialect must be one of {', '.join(CLIENTS)}, not {dialect!r}")
    plan = draft(await _snapshot(), model, dialect, DIALECTS.keys())
    rows = [
        (str(place), target.name, target.dialect, "copy" if target.dialect == dialect else "translate", _address(target))
        for place, target in enumerate(plan.targets, 1)
    ]
    lines = [f"model  {model if model is not None else '(none)'}", f"rule   {plan.rule}: {plan.why}", ""]
    lines += [aligned(("", "target", "dialect", "lane", "address"), rows)]
    for head, told in ((("skipped", "why"), plan.skipped), (("note on", "note"), plan.notes)):
        lines += ["", aligned(head, told)] if told else []
    return "\n".join(lines)


def _address(target: "Target") -> str:
    """The sandbox has a port only while it runs."""
    return "in this process" if target.provider.sandbox else target.base
