"""`providers`: who is asked. What is changed here a running server honours within a second."""

import sys
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from dragoman.cli.exits import Exit, VerbError
from dragoman.cli.kept import opened, with_store
from dragoman.cli.tables import aligned

if TYPE_CHECKING:
    from dragoman.core.config import Provider
    from dragoman.store import Store

app = typer.Typer(help="The providers that are asked.", no_args_is_help=True)

Which = Annotated[str, typer.Argument(metavar="PROVIDER", help="Its name, slug or id.")]


@app.command("list")
def list_providers() -> None:
    """List all providers, best first."""

    async def read(store: "Store") -> list[tuple[str, ...]]:
        return [_row(stored.provider, stored.masked_key, stored.problem) for stored in store.providers()]

    print(aligned(("id", "provider", "type", "base url", "key", "models", "priority", "state", "from"), with_store(read)))


def _row(provider: "Provider", key: str, problem: str | None) -> tuple[str, ...]:
    tiers = (provider.big_model, provider.medium_model, provider.small_model)
    models = ",".join(dict.fromkeys(model for model in (*tiers, *provider.models, provider.default_model) if model))
    state = "broken" if problem is not None else "active" if provider.is_active else "off"
    whose = (str(provider.id) if provider.source == "database" else "", provider.slug, provider.provider_type, provider.base_url)
    return (*whose, key, models, str(provider.priority), state, provider.source)


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is called; `NAME:MODEL` asks it.")],
    provider_type: Annotated[
        str | None,
        typer.Option("--type", metavar="TEXT", help="openai, anthropic, groq, ollama, custom, ...  [default: by its name]"),
    ] = None,
    base_url: Annotated[str | None, typer.Option(metavar="TEXT", help="Where it is.  [default: that of its type]")] = None,
    api_key: Annotated[str, typer.Option(metavar="TEXT", help="Its key; - reads it from stdin.")] = "",
    big_model: Annotated[str, typer.Option(metavar="TEXT", help="Asked for opus-tier names.")] = "",
    medium_model: Annotated[str, typer.Option(metavar="TEXT", help="Asked for sonnet-tier names.")] = "",
    small_model: Annotated[str, typer.Option(metavar="TEXT", help="Asked for haiku-tier names.")] = "",
    model: Annotated[list[str] | None, typer.Option(metavar="TEXT", help="A further model it has; may be repeated.")] = None,
    dialect: Annotated[
        list[str] | None, typer.Option(metavar="TEXT", help="A dialect it speaks, best first; may be repeated.")
    ] = None,
    header: Annotated[list[str] | None, typer.Option(metavar="NAME:VALUE", help="Sent to it; may be repeated.")] = None,
    priority: Annotated[int, typer.Option(metavar="INTEGER", help="Lower is tried first.")] = 100,
    timeout: Annotated[
        float | None, typer.Option(metavar="FLOAT", help="Seconds of silence it is allowed.  [default: DRAGOMAN_TIMEOUT_IDLE]")
    ] = None,
    inactive: Annotated[bool, typer.Option("--inactive", help="Keep it, but do not ask it.")] = False,
) -> None:
    """Add a provider.

    A running server asks it within a second. A known name is enough to know type and address:

      dragoman providers add OpenAI --api-key sk-...

      dragoman providers add Mine --type vllm --base-url http://localhost:8001/v1
    """
    kind, base = _place(name, provider_type, base_url)
    values = {
        "name": name,
        "provider_type": kind,
        "base_url": base,
        "api_key": sys.stdin.readline().strip() if api_key == "-" else api_key,
        "big_model": big_model,
        "medium_model": medium_model,
        "small_model": small_model,
        "models": model or [],
        "dialects": dialect or [],
        "headers": dict(map(_header, header or [])),
        "priority": priority,
        **({} if timeout is None else {"timeout": timeout}),
        "is_active": not inactive,
    }

    async def create(store: "Store") -> "Provider":
        return (await store.create_provider(values)).provider

    made = with_store(create)
    print(f"provider {made.id} is added: {made.slug} at {made.base_url}")
    for note in _notes(made):
        print(f"note: {note}", file=sys.stderr)


def _notes(made: "Provider") -> list[str]:
    """What will keep a new provider from answering, as far as its record tells."""
    from dragoman.api.loopback import is_loopback
    from dragoman.providers.presets import PRESETS
    from dragoman.providers.targets import allows_private

    notes = []
    preset = PRESETS.get(made.provider_type)
    if preset is not None and preset.base and not preset.local and not made.api_key and not made.headers:
        notes.append("it has no key; most of its type refuse calls without one (--api-key)")
    if is_loopback(urlsplit(made.base_url).hostname or "") and not allows_private(made):
        notes.append(
            "it is on this machine, where this type is not connected: give --type vllm, llama-cpp, lm-studio or ollama, "
            "or set DRAGOMAN_ALLOW_PRIVATE=true"
        )
    return notes


def _place(name: str, provider_type: str | None, base_url: str | None) -> tuple[str, str]:
    """(type, base URL), from the preset where they are not given."""
    from dragoman.providers.presets import CUSTOM, PRESETS, preset_of

    kind = provider_type if provider_type is not None else preset_of("", name, base_url or "").id
    preset = PRESETS.get(kind)
    base = base_url if base_url is not None else preset.base if preset is not None else ""
    if not base:
        also = f", or --type with one of: {', '.join(row.id for row in PRESETS.values() if row.base)}" if kind == CUSTOM else ""
        raise VerbError(Exit.USAGE, f"--base-url is needed for the type {kind!r}{also}")
    return kind, base


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not name.strip():
        raise VerbError(Exit.USAGE, f"--header must be NAME:VALUE, not {text!r}")
    return name.strip(), value.strip()


@app.command("remove")
def remove(which: Which) -> None:
    """Take a provider and its key away for good."""

    async def delete(store: "Store") -> "Provider":
        provider = find(store, which)
        await store.delete_provider(provider.id)
        return provider

    print(f"provider {with_store(delete).slug} is removed")


@app.command("test")
def check(
    which: Which,
    model: Annotated[
        str | None, typer.Option("--model", "-m", metavar="TEXT", help="Model to ask.  [default: its small one]")
    ] = None,
) -> None:
    """Ask a provider for one short answer.

    With the key and address of its record; says how it went, and how long it took.
    """
    import asyncio

    print(asyncio.run(_check(which, model)))


async def _check(which: str, model: str | None) -> str:
    from dragoman.core.errors import CallError
    from dragoman.dialects.registry import DIALECTS
    from dragoman.providers.targets import target_for
    from dragoman.relay.probe import PROBE_DIALECT, probe
    from dragoman.relay.upstream import Upstream
    from dragoman.settings import Settings

    settings = Settings.load()
    async with opened(settings) as store:
        provider = find(store, which)
        asked = model if model is not None else _model_of(provider)
        target = target_for(provider, asked, PROBE_DIALECT, DIALECTS.keys())
        if target is None:
            raise VerbError(Exit.REFUSED, f"{provider.slug} speaks no dialect that Dragoman speaks")
        upstream = Upstream(timeout_connect=settings.timeout_connect)
        try:
            told = await probe(upstream, target, DIALECTS)
        except CallError as failure:
            message = store.redact(f"{target.name} ({target.dialect}): {failure.error.message}")
            raise VerbError(_code(failure), message) from None
        finally:
            await upstream.close()
    return f"{target.name} ({target.dialect}) answered in {told.seconds:.2f} s: {told.text or '(no text)'}"


def _code(failure: "BaseException") -> Exit:
    """A provider that was not reached at all sent no status."""
    from dragoman.cli.exits import reason
    from dragoman.core.errors import CallError

    if isinstance(failure, CallError) and failure.error.ours and failure.error.status is None:
        return Exit.CONNECT
    told = reason(failure)
    return Exit.FAILED if told is None else told[0]


def _model_of(provider: "Provider") -> str:
    from dragoman.routing.match import cheapest

    model = cheapest(provider)
    if not model:
        raise VerbError(Exit.USAGE, f"the record of {provider.slug} names no model: say which with --model")
    return model


def find(store: "Store", which: str) -> "Provider":
    """By slug, id or name, in that order. Raises VerbError (NOT_FOUND)."""
    providers = [stored.provider for stored in store.providers()]
    for spelled in (lambda one: one.slug, lambda one: str(one.id), lambda one: one.name):
        if (found := next((one for one in providers if spelled(one).lower() == which.lower()), None)) is not None:
            return found
    known = ", ".join(provider.slug for provider in providers) or "none yet"
    raise VerbError(Exit.NOT_FOUND, f"there is no provider {which!r} (there are: {known})")
