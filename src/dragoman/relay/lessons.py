"""What a target's refusal teaches: the second try without what it does not take, and what is remembered of it.

Rule: only in the Translate lane (clients of the target's own dialect negotiate by its errors), never under strict, once a call
and target; a lesson is kept when the target then takes the request, or names something else.
"""

import time
from collections.abc import Mapping

from dragoman.core.config import Target
from dragoman.core.errors import Error, ErrorKind
from dragoman.dialects.base import ProviderDialect
from dragoman.dialects.faults.proofs import refuses_proofs
from dragoman.dialects.omission import refused
from dragoman.dialects.thoughts import thinks
from dragoman.relay.legs import Asked, Leg, Lesson
from dragoman.routing.learned import Learned, conversation


class Lessons:
    """`learned`: what is remembered."""

    def __init__(self, dialects: Mapping[str, ProviderDialect]) -> None:
        self.learned = Learned()
        self._dialects = dialects

    def leg(self, asked: Asked, target: Target) -> Leg:
        """A try at the target, without what it is known not to take. Raises CallError as Leg does."""
        return Leg(asked, target, self._dialects, lambda: self._known(asked, target))

    def again(self, leg: Leg, error: Error) -> Leg | None:
        """The try after this failure, None where it teaches nothing."""
        if leg.lane != "translate" or leg.asked.strict:
            return None
        lesson = self._drawn(leg, error)
        return None if lesson is None else Leg(leg.asked, leg.target, self._dialects, lambda: lesson)

    def ended(self, first: Leg, refusal: Error, second: Leg, error: Error | None) -> Error | None:
        """How it ended: the failure that the client is told, the first refusal where leaving out what it names did not help."""
        if error is not None and error.kind is not ErrorKind.BAD_REQUEST:
            return error
        if error is not None and not refused(error, second.said):
            return refusal
        now, target = time.time(), second.target
        new = [path for path in second.lesson.members if path not in first.lesson.members]
        if new:
            self.learned.refuses(target, new, refusal.message, now)
        if second.lesson.turns > first.lesson.turns:
            self.learned.forgets(target, _conversation(second.asked), second.lesson.turns, now)
        return error

    def _known(self, asked: Asked, target: Target) -> Lesson:
        learned, now = self.learned, time.time()
        if asked.strict:
            return Lesson()
        turns = learned.turns(target, _conversation(asked), now) if learned.knows_conversations else 0
        return Lesson(members=learned.members(target, now), turns=turns)

    def _drawn(self, leg: Leg, error: Error) -> Lesson | None:
        known = leg.lesson
        members = refused(error, leg.said)
        if members:
            return Lesson(members=(*known.members, *members), turns=known.turns)
        turns = len(leg.asked.request.messages)
        if turns > known.turns and refuses_proofs(error) and thinks(leg.asked.request):
            return Lesson(members=known.members, turns=turns)
        return None


def _conversation(asked: Asked) -> str:
    return conversation(asked.request, asked.envelope.affinity)
