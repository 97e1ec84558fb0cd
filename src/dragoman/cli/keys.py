"""`keys`: clients' keys in the database. Rule: a key's text is shown once, on stdout, alone."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from dragoman.cli.exits import Exit, VerbError
from dragoman.cli.kept import with_store
from dragoman.cli.tables import aligned, day

if TYPE_CHECKING:
    from dragoman.core.config import Key
    from dragoman.store import Store

app = typer.Typer(help="Clients' keys.", no_args_is_help=True)

Which = Annotated[str, typer.Argument(metavar="KEY", help="The key's id, its name, or its first characters.")]
DAY = 86400.0


@app.command("list")
def list_keys() -> None:
    """List all keys.

    Those of the database come first, then those of the keys file.
    """

    async def read(store: "Store") -> "tuple[Key, ...]":
        return store.keys()

    head = ("id", "key", "name", "state", "created", "expires", "last used", "from")
    rows = [
        (
            *(str(key.id), f"{key.prefix}...", key.name, _state(key)),
            *(day(key.created_at or None), day(key.expires_at), day(key.last_used_at), key.source),
        )
        for key in with_store(read)
    ]
    print(aligned(head, rows))


@app.command("create")
def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Whose it is.")] = "",
    description: Annotated[str, typer.Option(metavar="TEXT", help="What it is for.")] = "",
    days: Annotated[
        float | None, typer.Option(metavar="FLOAT", min=0.001, help="Days until it expires; without it never.")
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Its calls are refused where something would be dropped.")] = False,
    length: Annotated[
        int, typer.Option(metavar="INTEGER", min=22, max=128, help="Characters after `fwd_`; 43 are 256 bits.")
    ] = 43,
) -> None:
    """Make a key, and print it once.

    Only its digest is kept.
    """
    import time

    expires = None if days is None else time.time() + days * DAY
    values = {"name": name, "description": description, "strict": strict, "expires_at": expires}

    async def make(store: "Store") -> "tuple[Key, str]":
        return await store.create_key(values, length)

    key, text = with_store(make)
    print(text)
    print(f"key {key.id} is made; it is not shown again", file=sys.stderr)


@app.command("revoke")
def revoke(which: Which) -> None:
    """Switch a key off.

    It stays in the list. A running server honours this within a second.
    """

    async def switch(store: "Store") -> "Key":
        return await store.update_key(_find(store, which).id, {"is_active": False})

    print(f"key {with_store(switch).id} is revoked")


@app.command("delete")
def delete(which: Which) -> None:
    """Take a key away for good."""

    async def remove(store: "Store") -> "Key":
        key = _find(store, which)
        await store.delete_key(key.id)
        return key

    print(f"key {with_store(remove).id} is deleted")


def _find(store: "Store", which: str) -> "Key":
    """By id, else by a name or beginning that only one key has."""
    keys = store.keys()
    found = [key for key in keys if str(key.id) == which] or [
        key for key in keys if key.name == which or (key.prefix and which.startswith(key.prefix))
    ]
    if len(found) == 1:
        return found[0]
    if not found:
        raise VerbError(Exit.NOT_FOUND, f"there is no key {which[:8]!r} (see: dragoman keys list)")
    raise VerbError(Exit.USAGE, f"{len(found)} keys are called {which[:8]!r}: name one by its id (see: dragoman keys list)")


def _state(key: "Key") -> str:
    import time

    if not key.is_active:
        return "revoked"
    return "expired" if key.expires_at is not None and key.expires_at <= time.time() else "strict" if key.strict else "active"
