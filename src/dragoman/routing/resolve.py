"""A model name -> who may serve it (requirement D8). Rule: one table of rules, tried in order; each answers or passes.

Gateways and ports come before all of it, once there are any. The sandbox is never in one answer with a real provider.
"""

from collections.abc import Callable

from msgspec import Struct
from msgspec.structs import replace

from dragoman.core.config import Provider, Snapshot
from dragoman.core.errors import CallError, Error, ErrorKind
from dragoman.providers.claude import tier
from dragoman.providers.presets import PRESETS, SANDBOX
from dragoman.routing import match

LONGEST = 500
"""Characters of a model's name, its provider's included. Names are remembered, told and logged: no client decides how much."""
ROUTE = "route"
"""The rule whose candidates an operator put together."""
ALIAS = "claude-gw/"
"""Before a name: the same, for clients that keep only names with `claude` in them (Claude Code, 2026-11)."""
_SHOWN = 60


class Candidate(Struct, frozen=True):
    """A provider, and the model as it is named there."""

    provider: Provider
    model: str


class Resolution(Struct, frozen=True):
    """`rule`: which one fired. `candidates`: in the order they are tried. `why`: one line for `explain`. `addressed`: the name
    says itself who serves it."""

    rule: str
    candidates: tuple[Candidate, ...]
    why: str
    addressed: bool = False


Rule = Callable[[Snapshot, str], Resolution | None]


def resolve(snapshot: Snapshot, model: str | None) -> Resolution:
    """Who serves a call for `model` (None or blank: none was named). Raises CallError: 404 model_not_found, or 503."""
    name = "" if model is None else model.strip()
    if len(name) > LONGEST or not name.isprintable():
        raise CallError(_missing(f"The model {name[:_SHOWN]!a} does not exist: no model has such a name"))
    for rule in _RULES if name != "" else _UNNAMED:
        found = rule(snapshot, name)
        if found is not None:
            return found
    raise CallError(_not_found(snapshot, name) if match.unasked(snapshot) else _NO_PROVIDER)


def resolve_bare(snapshot: Snapshot, word: str | None) -> Resolution:
    """Who serves a call that asks no model: the provider that it names (`x-dragoman-provider`), else all, in the order of
    PROVIDERS_PRIORITY, then of their own priority. Raises CallError."""
    if word is not None:
        provider = match.provider_called(snapshot, word)
        if provider is None:
            raise CallError(_missing(f"x-dragoman-provider: {word!r}: no active provider has this name"))
        return Resolution("provider", (Candidate(provider, ""),), f"{provider.slug} was asked for")
    every = {provider.slug: provider for provider in (*_listed(snapshot), *match.unasked(snapshot))}
    sandbox = match.sandbox(snapshot)
    found = list(every.values()) or ([] if sandbox is None else [sandbox])
    if not found:
        raise CallError(_NO_PROVIDER)
    why = "neither model nor provider was named: the first that speaks the dialect"
    return Resolution("dialect", tuple(Candidate(provider, "") for provider in found), why)


def resolve_provider(snapshot: Snapshot, word: str) -> Resolution:
    """Who serves a call that names a provider and no model (`x-dragoman-provider`). Raises CallError."""
    provider = match.provider_called(snapshot, word)
    model = "" if provider is None else _default(provider)
    if provider is None or model == "":
        what = "no active provider has this name" if provider is None else f"{provider.slug} has no default model: name one"
        raise CallError(_missing(f"x-dragoman-provider: {word!r}: {what}"))
    return Resolution("provider", (Candidate(provider, model),), f"{provider.slug} was asked for, {model} is its default")


def _route(snapshot: Snapshot, name: str) -> Resolution | None:
    route = snapshot.routes.get(name)
    if route is None or not route.is_active:
        return None
    by_slug = {provider.slug: provider for provider in snapshot.providers if provider.is_active}
    found = [Candidate(by_slug[slug], model) for slug, model in route.targets if slug in by_slug]
    real = [candidate for candidate in found if not candidate.provider.sandbox]
    return _answer(ROUTE, real or found, f"{name} is a route")


def _addressed(snapshot: Snapshot, name: str) -> Resolution | None:
    return _explicit(snapshot, name, ":", "provider:model")


def _exact(snapshot: Snapshot, name: str) -> Resolution | None:
    """A provider that was found by itself comes last here: its model was named, but perhaps not meant."""
    having = [p for p in match.active(snapshot) if name in match.configured(p) or name in p.discovered]
    having.sort(key=lambda provider: provider.addressed_only)
    return _answer("model", [Candidate(provider, name) for provider in having], f"{name} is a model of {_slugs(having)}")


def _alias(snapshot: Snapshot, name: str) -> Resolution | None:
    """How a client that takes only Claude's names was told another one (routing/models)."""
    meant = name.removeprefix(ALIAS)
    if meant == name or meant.strip() == "":
        return None
    found = resolve(snapshot, meant)
    return replace(found, rule="alias", why=f"{name} stands for {meant.strip()}; {found.why}")


def _slashed(snapshot: Snapshot, name: str) -> Resolution | None:
    return _explicit(snapshot, name, "/", "provider/model")


def _tier(snapshot: Snapshot, name: str) -> Resolution | None:
    size = tier(name)
    if size is None:
        return None
    found = [(p, {"big": p.big_model, "medium": p.medium_model, "small": p.small_model}[size]) for p in match.unasked(snapshot)]
    tiered = [Candidate(provider, model) for provider, model in found if model != ""]
    return _answer("tier", tiered, f"{name} is a Claude model of the {size} tier")


def _family(snapshot: Snapshot, name: str) -> Resolution | None:
    """The vendor's own address before another that goes by its type."""
    own = [provider for provider in match.unasked(snapshot) if match.preset(provider).owns(name)]
    if own:
        chosen = next((provider for provider in own if _at_home(provider)), own[0])
        why = f"{name} is of a family of {match.preset(chosen).title}"
        return _answer("family", _followed(snapshot, Candidate(chosen, name)), why)
    if "claude" not in name.lower():
        return None
    return _answer("priority", _by_priority(snapshot), f"{name} has no provider of its own: PROVIDERS_PRIORITY with its models")


def _sandbox_family(snapshot: Snapshot, name: str) -> Resolution | None:
    """Names of the sandbox's own scenarios go there wherever it is up."""
    sandbox = match.sandbox(snapshot)
    if sandbox is None or not PRESETS[SANDBOX].owns(name):
        return None
    return _answer("sandbox", [Candidate(sandbox, name)], f"{name} is the sandbox's")


def _only(snapshot: Snapshot, name: str) -> Resolution | None:
    found = match.unasked(snapshot)
    if len(found) != 1:
        return None
    return _answer("only", [Candidate(found[0], name)], f"{found[0].slug} is the only active provider")


def _sandbox(snapshot: Snapshot, name: str) -> Resolution | None:
    """Without a real provider the sandbox answers any name."""
    sandbox = match.sandbox(snapshot)
    if sandbox is None or any(not provider.addressed_only for provider in match.active(snapshot)):
        return None
    return _answer(
        "sandbox", [Candidate(sandbox, name or PRESETS[SANDBOX].default_model)], "no provider is configured: the sandbox answers"
    )


def _priority(snapshot: Snapshot, _: str) -> Resolution | None:
    found = [Candidate(provider, _default(provider)) for provider in _listed(snapshot) if _default(provider) != ""]
    return _answer("priority", found, "no model was named: PROVIDERS_PRIORITY with its models")


def _defaults(snapshot: Snapshot, _: str) -> Resolution | None:
    found = [Candidate(provider, _medium(provider)) for provider in match.unasked(snapshot) if _medium(provider)]
    return _answer("default", found, "no model was named: the active providers with their medium model")


_RULES: tuple[Rule, ...] = (
    _route, _addressed, _sandbox_family, _exact, _alias, _slashed, _sandbox, _tier, _family, _only
)  # fmt: skip
_UNNAMED: tuple[Rule, ...] = (_sandbox, _priority, _defaults)


def _explicit(snapshot: Snapshot, name: str, mark: str, rule: str) -> Resolution | None:
    word, _, model = name.partition(mark)
    provider = match.provider_called(snapshot, word) if model.strip() != "" else None
    if provider is None:
        return None
    first = Candidate(provider, model.strip())
    return Resolution(rule, tuple(_followed(snapshot, first)), f"{word.strip()} is {provider.slug}", addressed=True)


def _followed(snapshot: Snapshot, first: Candidate) -> list[Candidate]:
    """Explicit names and families are followed by PROVIDERS_PRIORITY, where it is set, with the models it sets."""
    return [first] if first.provider.sandbox else [first, *_by_priority(snapshot, first)]


def _by_priority(snapshot: Snapshot, first: Candidate | None = None) -> list[Candidate]:
    found = [Candidate(provider, provider.default_model) for provider in _listed(snapshot) if provider.default_model != ""]
    return [candidate for candidate in found if first is None or not _same(candidate, first)]


def _same(one: Candidate, other: Candidate) -> bool:
    return one.provider.slug == other.provider.slug and one.model == other.model


def _listed(snapshot: Snapshot) -> list[Provider]:
    """The active providers of PROVIDERS_PRIORITY, each once."""
    called = (match.provider_called(snapshot, word) for word in snapshot.priority)
    return list({provider.slug: provider for provider in called if provider is not None and not provider.sandbox}.values())


def _default(provider: Provider) -> str:
    """What is asked where no model was named: its `*_MODEL`, its medium model, else what its row says."""
    return provider.default_model or _medium(provider)


def _medium(provider: Provider) -> str:
    known = (provider.medium_model, provider.default_model, *match.configured(provider), match.preset(provider).default_model)
    return next((model for model in (*known, *provider.discovered) if model != ""), "")


def _at_home(provider: Provider) -> bool:
    row = match.preset(provider)
    host = provider.base_url.partition("://")[2].partition("/")[0].lower()
    return row.at_home(host)


def _answer(rule: str, candidates: list[Candidate], why: str) -> Resolution | None:
    return Resolution(rule, tuple(candidates), why) if candidates else None


def _slugs(providers: list[Provider]) -> str:
    return ", ".join(provider.slug for provider in providers)


_NO_PROVIDER = Error(
    kind=ErrorKind.SERVER,
    message="no provider configured: add one at /admin/providers, or set OPENAI_API_KEY or another provider's key",
    status=503,
    code="no_provider_configured",
    should_retry=False,
    ours=True,
)


def _not_found(snapshot: Snapshot, name: str) -> Error:
    if name == "":
        return _missing("no model was named, and no provider has a default model")
    word = name.partition(":")[0] if ":" in name else name.partition("/")[0]
    off = next((p.slug for p in snapshot.providers if not p.is_active and word.casefold() in (p.slug, p.name.casefold())), None)
    why = f"provider {off} is not active" if off is not None else "see GET /v1/models for the names that are served"
    return _missing(f"The model `{name}` does not exist: {why}")


def _missing(message: str) -> Error:
    return Error(
        kind=ErrorKind.NOT_FOUND,
        message=message,
        status=404,
        code="model_not_found",
        param="model",
        should_retry=False,
        ours=True,
    )
