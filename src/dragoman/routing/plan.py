"""A name -> the targets to try, in order, for one call. Rule: only targets that are built and active; the ill ones come last.

`draft` depends on the configuration alone and may be kept for a snapshot; `ordered` is for this moment. A call that refers to
state kept at a provider (`Envelope.pinned`) takes the first target only: that is the relay's to see to.
"""

from collections.abc import Collection

from msgspec import Struct
from msgspec.structs import replace

from dragoman.core.config import Provider, Snapshot, Target
from dragoman.core.errors import CallError, ConfigError, Error, ErrorKind
from dragoman.core.request import Envelope
from dragoman.providers.targets import dialects_of, target_for
from dragoman.routing import match
from dragoman.routing.health import Health
from dragoman.routing.resolve import ROUTE, Candidate, Resolution, resolve, resolve_bare, resolve_provider

PROVIDER_HEADER = "x-dragoman-provider"


class Plan(Struct, frozen=True, kw_only=True):
    """`rule`, `why`, `addressed`: of the resolution.
    `skipped`: (target, why it is not tried). `notes`: (target, what to know of it)."""

    rule: str
    why: str
    targets: tuple[Target, ...]
    skipped: tuple[tuple[str, str], ...] = ()
    notes: tuple[tuple[str, str], ...] = ()
    addressed: bool = False


def plan(snapshot: Snapshot, envelope: Envelope, built: Collection[str], health: Health, now: float) -> Plan:
    """What to try for this call. Raises CallError where nothing can serve it."""
    word = envelope.header(PROVIDER_HEADER) if envelope.model is None else None
    return ordered(draft(snapshot, envelope.model, envelope.dialect, built, word), health, now)


def draft(snapshot: Snapshot, model: str | None, dialect: str, built: Collection[str], provider: str | None = None) -> Plan:
    """The plan while all targets are well. `provider`: what `x-dragoman-provider` says of a call without a model."""
    asked = model is None and provider is not None
    resolution = resolve_provider(snapshot, provider or "") if asked else resolve(snapshot, model)
    return _of(resolution, dialect, built)


def draft_beside(
    snapshot: Snapshot, model: str | None, dialect: str, speaking: Collection[str], lacking: str, provider: str | None = None
) -> Plan:
    """The same, of a call beside chat. `speaking`: the dialects it can be asked in; `lacking`: what is said of whom speaks none.

    All targets are asked for one and the same model: vectors of another one cannot be compared, and who follows in a chat has
    a chat's model. Only a route says otherwise.
    """
    resolution = resolve_bare(snapshot, provider) if model is None else resolve(snapshot, model)
    first = resolution.candidates[0].model
    if resolution.rule != ROUTE:
        resolution = replace(resolution, candidates=tuple(one for one in resolution.candidates if one.model == first))
    return _of(resolution, dialect, speaking, lacking, beside=True)


def at_issuer(issuer: Provider, why: str, otherwise: Plan | None, dialect: str, speaking: Collection[str], lacking: str) -> Plan:
    """The plan of a call that refers to what `issuer` keeps, as `why` says: nobody else can serve it. `otherwise`: the plan
    without that; None where no model is asked."""
    asked = () if otherwise is None else otherwise.targets
    model = next((target.model for target in asked if target.provider.slug == issuer.slug), asked[0].model if asked else "")
    return _of(Resolution("issuer", (Candidate(issuer, model),), why), dialect, speaking, lacking)


def elsewhere(plan: Plan, issuer: Provider) -> bool:
    """Whether the model's name says of whom it is asked, and that is not `issuer`: an id asks nobody who was not meant."""
    return plan.addressed and all(target.provider.slug != issuer.slug for target in plan.targets)


def keeping(plan: Plan, dialect: str) -> Plan:
    """The plan of a call whose issuer nobody remembers: what it refers to is kept where its dialect is spoken, if anywhere."""
    if plan.addressed:
        return plan
    return replace(plan, targets=tuple(sorted(plan.targets, key=lambda one: one.dialect != dialect)))


def ordered(plan: Plan, health: Health, now: float) -> Plan:
    """The same plan with the targets that cool down last, the soonest well first. Nothing changes while all are ill."""
    waits = [(health.cooling(target, now), target) for target in plan.targets]
    if all(until is None for until, _ in waits):
        return plan
    well = [target for until, target in waits if until is None]
    ill = sorted(((until, target) for until, target in waits if until is not None), key=lambda pair: pair[0])
    notes = tuple((target.name, health.why(target, now)) for _, target in ill)
    return replace(plan, targets=(*well, *(target for _, target in ill)), notes=(*plan.notes, *notes))


def _of(
    resolution: Resolution,
    dialect: str,
    built: Collection[str],
    lacking: str = "which this version does not",
    *,
    beside: bool = False,
) -> Plan:
    """`beside`: of a call beside chat."""
    targets: dict[str, Target] = {}
    skipped: list[tuple[str, str]] = []
    notes: list[tuple[str, str]] = []
    for candidate in resolution.candidates:
        provider, name = candidate.provider, ":".join(filter(None, (candidate.provider.slug, candidate.model)))
        try:
            target = target_for(provider, candidate.model, dialect, built)
        except ConfigError as error:
            skipped.append((name, f"its record cannot be used: {error}"))
            continue
        if target is None:
            skipped.append((name, f"it speaks {', '.join(dialects_of(provider))}, {lacking}"))
            continue
        if beside and target.ways:
            skipped.append((name, f"where it is hosted, {target.dialect} has nothing but answers"))
            continue
        if match.preset(provider).retired != "":
            notes.append((name, match.preset(provider).retired))
        targets.setdefault(name, target)
    if not targets:
        raise CallError(_unbuilt(skipped, resolution.candidates[0].model))
    return Plan(
        rule=resolution.rule,
        why=resolution.why,
        addressed=resolution.addressed,
        targets=tuple(targets.values()),
        skipped=tuple(skipped),
        notes=tuple(notes),
    )


def _unbuilt(skipped: list[tuple[str, str]], model: str) -> Error:
    told = "; ".join(f"{name}: {why}" for name, why in skipped)
    what, param = ("model", "model") if model else ("call", None)
    return Error(kind=ErrorKind.UNSUPPORTED, message=f"no target can serve this {what}. {told}", param=param, ours=True)
