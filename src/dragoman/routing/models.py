"""Every name that resolves (requirement D18). Rule: what stands in the list can be asked, under exactly that name."""

import re
from collections.abc import Iterator

from msgspec.structs import replace

from dragoman.core.config import Provider, Snapshot
from dragoman.core.errors import CallError
from dragoman.core.model import ModelName
from dragoman.routing import match
from dragoman.routing.resolve import ALIAS, resolve

_CLAUDES = re.compile("claude|anthropic", re.IGNORECASE)
"""What Claude Code keeps of a gateway's list (its discovery, 2026-11)."""


def listing(snapshot: Snapshot) -> list[ModelName]:
    """Routes, the bare ids of active providers, and `provider:model` where the bare id says too little."""
    found: dict[str, ModelName] = {}
    for name in (*_routes(snapshot), *_bare(snapshot), *_addressed(snapshot)):
        found.setdefault(name.id, name)
    return list(found.values())


def lookup(snapshot: Snapshot, id_: str) -> ModelName | None:
    """The name, listed or not, as a call by it would be tried: some clients ask for their model before they call it, and a 404
    here keeps them from calling (LlamaIndex with Gemini, 2026-11). None where it does not resolve, or is handed on to one whose
    own list is known and lacks it."""
    listed = next((name for name in listing(snapshot) if name.id == id_), None)
    if listed is not None:
        return listed
    meant = lookup(snapshot, id_.removeprefix(ALIAS)) if id_.startswith(ALIAS) else None
    if meant is not None:
        return replace(meant, id=id_, display_name=meant.alias_name or meant.display_name, alias="", alias_name="")
    try:
        found = resolve(snapshot, id_)
    except CallError:
        return None
    first = found.candidates[0]
    unlisted = first.provider.discovered and first.model not in first.provider.discovered
    if id_.strip() == "" or (found.rule in ("only", "alias") and unlisted):
        return None
    return _name(first.provider, first.model, id_, id_)


def _routes(snapshot: Snapshot) -> Iterator[ModelName]:
    """Only those with an active provider behind them."""
    active = {provider.slug for provider in snapshot.providers if provider.is_active}
    for route in snapshot.routes.values():
        if route.is_active and any(slug in active for slug, _ in route.targets):
            alias, name = _alias(route.name, route.name, route.name)
            yield ModelName(id=route.name, display_name=route.name, created=0, owner="dragoman", alias=alias, alias_name=name)


def _bare(snapshot: Snapshot) -> Iterator[ModelName]:
    for provider, model in _served(snapshot):
        yield _name(provider, model, model, model)


def _addressed(snapshot: Snapshot) -> Iterator[ModelName]:
    """Where several providers have the id, or its name does not tell whose it is."""
    owners: dict[str, int] = {}
    served = list(_served(snapshot))
    for _, model in served:
        owners[model] = owners.get(model, 0) + 1
    for provider, model in served:
        if owners[model] > 1 or not match.preset(provider).owns(model):
            yield _name(provider, model, f"{provider.slug}:{model}", f"{model} ({provider.name})")


def _served(snapshot: Snapshot) -> Iterator[tuple[Provider, str]]:
    """The sandbox's names are served while it is there; they are its own, so they are never in another's way."""
    sandbox = match.sandbox(snapshot)
    for provider in (*match.active(snapshot), *(() if sandbox is None else (sandbox,))):
        for model in dict.fromkeys((*match.configured(provider), *provider.discovered)):
            yield provider, model


def _name(provider: Provider, model: str, id_: str, display: str) -> ModelName:
    alias, name = _alias(id_, f"{provider.slug}:{model}", f"{model} ({provider.name})")
    created = int(provider.created_at)
    return ModelName(id=id_, display_name=display or model, created=created, owner=provider.slug, alias=alias, alias_name=name)


def _alias(id_: str, meant: str, name: str) -> tuple[str, str]:
    return ("", "") if _CLAUDES.search(id_) else (ALIAS + meant, name)
