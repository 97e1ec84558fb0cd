"""What a pair of dialects loses, member by member.

Rule: it is found by building, never from a list: exact is what no builder tells a loss of (the laws see to it that such a member
changes what goes out).
"""

import re
from collections import Counter
from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from dragoman.core.config import Provider, Target
from dragoman.core.loss import Loss, LossKind
from dragoman.core.request import Envelope
from dragoman.core.seal import unseal
from dragoman.dialects.base import Built, Dialect, ProviderDialect
from dragoman.dialects.bodies import call_of
from dragoman.dialects.lanes import Lane, tell
from dragoman.wire import json
from dragoman.wire.pointer import inside, labelled, leaves

EXACT: Final = "exact"
GRAVEST: Final = tuple(reversed(LossKind))
"""The kinds of losses, the gravest first."""
_TAGS = ("/type", "/role")
"""Members that only say what the object is, as its label does."""
_OWN = (
    re.compile(
        r"(/(?:input_schema|parameters|parametersJsonSchema|schema|responseSchema|responseJsonSchema|metadata|labels"
        r"|logit_bias|variables))/.*"
    ),
    re.compile(r"(.+?/(?:input|args|response))/.*"),
)
"""Members whose content is the client's own and no word of the dialect: schemas, labels, arguments (all four API references,
2026-11). `/input` at the top is the conversation of OpenAI's Responses."""


class Row(Struct, frozen=True):
    """What becomes of a member. `kind`: of the loss, or "exact". `member`: a pointer for people. `whys`: in words, sorted."""

    kind: str
    member: str
    whys: tuple[str, ...] = ()


def nobody(dialect: str, model: str, base: str = "") -> Target:
    """A target that stands for the dialect alone: no provider's key or quirks."""
    provider = Provider(id=0, name=dialect, slug=dialect, provider_type="custom", base_url=base)
    return Target(provider=provider, model=model, dialect=dialect, base=base)


def told(
    envelope: Envelope, client: Dialect, speaker: ProviderDialect, target: Target, seal_key: bytes = b"no server's"
) -> tuple[Lane, Built]:
    """The call as the target gets it, losses included; a refused one is not judged. `seal_key`: opens the seals in it.

    Raises CallError (bad_request).
    """
    return tell(envelope, client, speaker, target, lambda: client.parse_request(envelope, lambda text: unseal(text, seal_key)))


def table(client: Dialect, speaker: ProviderDialect, target: Target, bodies: Iterable[bytes]) -> list[Row]:
    """All that the bodies say, the gravest losses first and what is exact last, by name. Exact is what none of them loses. Raises
    CallError (bad_request)."""
    lost: dict[tuple[LossKind, str], set[str]] = {}
    said: set[str] = set()
    spoilt: set[str] = set()
    for body in bodies:
        document = json.decode(body)
        losses = told(call_of(client, body, model=target.model), client, speaker, target)[1].losses
        for loss in losses:
            lost.setdefault((loss.kind, labelled(document, loss.path)), set()).add(loss.why)
        for leaf in leaves(document):
            if not leaf.endswith(_TAGS):
                hit = any(inside(leaf, loss.path) for loss in losses)
                (spoilt if hit else said).add(_named(labelled(document, leaf)))
    found = sorted(lost.items(), key=lambda each: (GRAVEST.index(each[0][0]), each[0][1]))
    rows = [Row(kind.value, member, tuple(sorted(filter(None, whys)))) for (kind, member), whys in found]
    return [*rows, *(Row(EXACT, member) for member in sorted(said - spoilt - {row.member for row in rows}))]


def _named(member: str) -> str:
    """As much of a pointer as names a member of the dialect."""
    for own in _OWN:
        member = own.sub(r"\1", member)
    return member


def graded(losses: Iterable[Loss]) -> list[Loss]:
    """The gravest first, else as they came."""
    return sorted(losses, key=lambda loss: GRAVEST.index(loss.kind))


def counts(rows: Iterable[Row]) -> dict[str, int]:
    """How many members each kind has, "exact" first, then from the lightest loss to the gravest."""
    found = Counter(row.kind for row in rows)
    return {kind: found[kind] for kind in (EXACT, *LossKind)}
