"""What providers' refusals taught: outcomes in, what is to be left out comes out. Quirks learned, beside the listed ones.

Rule: a fact holds for one provider, model and dialect as they are configured now, for a day; then the provider is tried anew.
What is kept is bounded, the oldest goes first.
"""

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any, Final

from msgspec import Struct

from dragoman.core.config import Target
from dragoman.core.parts import Media, Part, Refusal, Text, ToolCall, ToolResult
from dragoman.core.request import Message, Request

DAY: Final = 86_400.0
MOST_TARGETS: Final = 1024
MOST_MEMBERS: Final = 32
"""Of one target."""
MOST_CONVERSATIONS: Final = 8192
_WORDS: Final = 300


class Fact(Struct, frozen=True, kw_only=True):
    """`member`: path in requests of `dialect` (wire.cut) that the provider does not take for this model. `said`: its words, the
    beginning. Times in Unix seconds."""

    provider: str
    model: str
    dialect: str
    member: str
    said: str
    learned_at: float
    expires_at: float


_Where = tuple[str, str, str, str]


class Learned:
    """Not for use from several threads."""

    __slots__ = ("_facts", "_thoughts")

    def __init__(self) -> None:
        self._facts: dict[_Where, dict[str, Fact]] = {}
        self._thoughts: dict[tuple[_Where, str], tuple[int, float]] = {}

    def members(self, target: Target, now: float) -> tuple[str, ...]:
        """What is to be left out of requests to the target."""
        facts = self._facts.get(_where(target)) if self._facts else None
        return tuple(fact.member for fact in facts.values() if now < fact.expires_at) if facts else ()

    def refuses(self, target: Target, members: Iterable[str], said: str, now: float) -> None:
        """The target took a request without these members that it had refused with them."""
        facts = self._facts.setdefault(_where(target), {})
        for member in members:
            facts.pop(member, None)
            facts[member] = Fact(
                provider=target.provider.slug, model=target.model, dialect=target.dialect, member=member, said=said[:_WORDS],
                learned_at=now, expires_at=now + DAY,
            )  # fmt: skip
        _bound(facts, MOST_MEMBERS)
        _bound(self._facts, MOST_TARGETS)

    def turns(self, target: Target, conversation: str, now: float) -> int:
        """How many of a conversation's first messages go to the target without their thoughts."""
        turns, expires_at = self._thoughts.get((_where(target), conversation), (0, 0.0))
        return turns if now < expires_at else 0

    def forgets(self, target: Target, conversation: str, turns: int, now: float) -> None:
        """The target took a conversation without the thoughts of its first `turns` messages, whose proofs it had refused."""
        key = (_where(target), conversation)
        self._thoughts.pop(key, None)
        self._thoughts[key] = (turns, now + DAY)
        _bound(self._thoughts, MOST_CONVERSATIONS)

    @property
    def knows_conversations(self) -> bool:
        return bool(self._thoughts)

    def facts(self, now: float, provider: str | None = None) -> tuple[Fact, ...]:
        """What is known of members, the latest first. `provider`: of this slug only."""
        found = [fact for facts in self._facts.values() for fact in facts.values() if now < fact.expires_at]
        found.sort(key=lambda fact: -fact.learned_at)
        return tuple(fact for fact in found if provider in (None, fact.provider))

    def forget(self, provider: str | None = None) -> None:
        """Everything, or all that is known of one provider, conversations too."""
        self._facts = {where: facts for where, facts in self._facts.items() if provider not in (None, where[0])}
        self._thoughts = {key: value for key, value in self._thoughts.items() if provider not in (None, key[0][0])}


def conversation(request: Request, affinity: str | None) -> str:
    """What tells a conversation from others and stays the same while it grows: a digest of how it begins."""
    digest = hashlib.sha256((affinity or "").encode("utf-8", "surrogatepass"))
    for word in _beginning(request.messages):
        digest.update(b"\0" + word.encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def _beginning(messages: tuple[Message, ...]) -> Iterator[str]:
    """Everything up to the first words of the model, those included; instructions may change from turn to turn."""
    for message in messages:
        if message.role in ("system", "developer"):
            continue
        yield message.role
        for part in message.parts:
            yield from _words(part)
        if message.role == "assistant":
            return


def _words(part: Part) -> Iterator[str]:
    match part:
        case Text() | Refusal():
            yield part.text
        case ToolCall():
            yield from (part.name, part.arguments)
        case ToolResult():
            for inner in part.parts:
                yield from _words(inner)
        case Media():
            yield from (part.kind, part.data or part.url or part.file_id or part.text or "")
        case _:
            return


def _where(target: Target) -> _Where:
    return target.provider.slug, target.model, target.dialect, f"{target.base} {target.path}"


def _bound(kept: dict[Any, Any], most: int) -> None:
    while len(kept) > most:
        del kept[next(iter(kept))]
