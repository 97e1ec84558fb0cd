"""Who asks and who would be asked, for verbs that only show what a translation does: dialects by any name people give them, and a
configured provider where one is named.
"""

import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from dragoman.cli.exits import Exit, VerbError

if TYPE_CHECKING:
    from dragoman.core.config import Target
    from dragoman.core.loss import Loss
    from dragoman.core.request import Envelope
    from dragoman.dialects.base import Dialect, ProviderDialect

T = TypeVar("T")
NICKNAMES: Mapping[str, str] = {
    "claude": "anthropic",
    "messages": "anthropic",
    "completions": "openai-chat",
    "google": "gemini",
    "converse": "bedrock",
}
"""Words that stand in no id. The last word of an id (`chat`, `responses`) is one, too; `openai` is none, as it may mean two."""
NOWHERE = "https://provider.invalid"
OWN_SEALS = b"dragoman translate"
"""The key of seals where no server's is used: what one run seals another opens, and no server does."""


class Pair(NamedTuple):
    """`client`: the dialect of who asks. `speaker`: that of the target. `configured`: the target is a provider's."""

    client: "Dialect"
    speaker: "ProviderDialect"
    target: "Target"
    configured: bool
    seal_key: bytes

    def about(self, lane: str) -> str:
        """The same for people."""
        return f"{f'{self.target.name}, ' if self.configured else ''}{self.speaker.id}: {lane}"

    def facts(self, lane: str) -> dict[str, str]:
        """The pair for programs."""
        target = {"target": self.target.name} if self.configured else {}
        return {"from": self.client.id, "to": self.speaker.id, **target, "lane": lane}


def paired(client: str, to: str | None, target: str | None, model: str, options: tuple[str, str] = ("--from", "--to")) -> Pair:
    """`client`, `to`: dialects as they were typed; `target`: any name of a model that a client may use. `options`: what the first
    two are called. Raises VerbError, CallError, ConfigError."""
    from dragoman.dialects.pairs import nobody
    from dragoman.dialects.registry import CLIENTS, DIALECTS
    from dragoman.providers.presets import CUSTOM
    from dragoman.providers.urls import address

    asking = named(client, CLIENTS, options[0])
    speaking = None if to is None else named(to, DIALECTS, options[1])
    if target is not None:
        import asyncio

        return asyncio.run(_configured(asking, speaking, target))
    if speaking is None:
        raise VerbError(Exit.USAGE, f"{options[1]} DIALECT or --target PROVIDER:MODEL says who is asked")
    base = address(CUSTOM, NOWHERE, speaking.id).base
    return Pair(asking, speaking, nobody(speaking.id, model, base), configured=False, seal_key=OWN_SEALS)


def named(word: str, known: Mapping[str, T], option: str) -> T:
    """The dialect that a word means. Raises VerbError that lists them all."""
    wanted = word.strip().lower().replace("_", "-")
    for id_ in (wanted, NICKNAMES.get(wanted, ""), *(id_ for id_ in known if id_.rpartition("-")[2] == wanted)):
        if id_ in known:
            return known[id_]
    raise VerbError(Exit.USAGE, f"{option} must be one of {', '.join(_words(known))}, not {word!r}")


def _words(known: Iterable[str]) -> list[str]:
    """Each id, with its other names."""
    return [f"{id_} ({', '.join(nicknames(id_))})" if nicknames(id_) else id_ for id_ in known]


def nicknames(id_: str) -> list[str]:
    """The other names of a dialect."""
    short = id_.rpartition("-")[2]
    return [*([short] if short != id_ else []), *(word for word, meant in NICKNAMES.items() if meant == id_)]


def call(pair: Pair, body: bytes, model: str, stream: bool) -> "tuple[Pair, Envelope]":
    """A body as a call of the client; where no provider is named, for the model that the client names.

    `stream`: it must be one. Raises CallError, VerbError.
    """
    from msgspec.structs import replace

    from dragoman.dialects.bodies import call_of

    envelope = call_of(pair.client, body, model=model, stream=stream or None)
    if stream and not envelope.stream:
        raise VerbError(Exit.USAGE, f"--stream: a request of {pair.client.id} says in its body whether it is one")
    if pair.configured or envelope.model is None:
        return pair, envelope
    return pair._replace(target=replace(pair.target, model=envelope.model)), envelope


async def _configured(client: "Dialect", speaker: "ProviderDialect | None", name: str) -> Pair:
    """The first target that a call for `name` would be sent to."""
    from dragoman.cli.kept import as_served
    from dragoman.dialects.registry import DIALECTS
    from dragoman.routing.plan import draft

    snapshot, seal_key = await as_served()
    first = draft(snapshot, name, client.id, DIALECTS.keys()).targets[0]
    target = first if speaker is None else _in_dialect(first, client.id, speaker.id)
    return Pair(client, DIALECTS[target.dialect], target, configured=True, seal_key=seal_key)


def _in_dialect(target: "Target", client: str, dialect: str) -> "Target":
    from dragoman.providers.targets import dialects_of, target_for

    found = target_for(target.provider, target.model, client, [dialect])
    if found is None:
        spoken = ", ".join(dialects_of(target.provider))
        raise VerbError(Exit.USAGE, f"{target.provider.slug} is not asked in {dialect}: it speaks {spoken}")
    return found


def read(file: str) -> bytes:
    """The bytes of a file; `-` is stdin. Raises OSError."""
    if file == "-":
        return sys.stdin.buffer.read()
    with open(file, "rb") as opened:
        return opened.read()


def say(line: str) -> None:
    """About what is printed, not part of it."""
    print(line, file=sys.stderr)


def listed(losses: Iterable["Loss"]) -> str:
    """Losses for people, the gravest first."""
    from dragoman.cli.tables import aligned
    from dragoman.dialects.pairs import graded

    return aligned(("kind", "member", "why"), [(loss.kind.value, loss.path, loss.why) for loss in graded(losses)])


def judge(kinds: Iterable[str]) -> None:
    """Raises VerbError by the gravest kind, as a strict server decides."""
    from dragoman.core.loss import LossKind

    found = list(kinds)
    for kind, code, words in (
        (LossKind.REFUSED, Exit.REFUSED, "cannot be said at all: such a request is refused"),
        (LossKind.DROPPED, Exit.LOSSY, "would be dropped: a strict server refuses such a request"),
    ):
        number = found.count(kind.value)
        if number:
            raise VerbError(code, f"{number} {'member' if number == 1 else 'members'} {words}")
