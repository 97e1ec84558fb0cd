"""A conversation brought into the order every provider demands, for builders: paired, settled, merged.

Rule: deterministic and stable under growth: what is made of a step does not depend on later ones, so a prompt prefix stays
the same from turn to turn (prompt caches and signatures hang on it). Nothing a client said is dropped here.
"""

from collections import deque
from collections.abc import Callable, Iterable
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from dragoman.core.parts import Opaque, Part, Text, ToolCall, ToolResult
from dragoman.core.request import Message, Request, Role
from dragoman.dialects.ledger import Ledger

INTERRUPTED = "[no result: interrupted]"
"""What stands for the result of a call that the history leaves unanswered: every vendor demands one."""
REMINDER = "<system-reminder>\n{}\n</system-reminder>"
"""How Claude models are told of instructions in a user's turn (Anthropic's prompt guide, 2026-11); others read it as well."""
_NO_MEMBER = "a reminder has no such member"
Place: TypeAlias = tuple[int, int]
"""Where a part stands: the place of its message, its place in it."""
INSTRUCTIONS: frozenset[Role] = frozenset({"system", "developer"})
"""Whose turns tell the model what to do, and are no part of the conversation."""


def leading_system(request: Request) -> tuple[tuple[Text | Opaque, ...], tuple[Message, ...]]:
    """(the instructions before the conversation, the rest): top-level system and the system messages at the front.

    Each text stays a piece of its own. Members that stood on a message itself are not in it: tell `extras` before.
    What stood before a compaction is gone, as at its vendor; its summary is the last of the instructions, and the piece
    itself stays in its place, to be told as a loss.
    """
    pieces = list(request.system)
    messages = request.messages
    front = 0
    while front < len(messages):
        message = messages[front]
        plain = [part for part in message.parts if isinstance(part, Text | Opaque)]
        if message.role not in INSTRUCTIONS or len(plain) != len(message.parts):
            break
        pieces.extend(plain)
        front += 1
    for turn in range(len(messages) - 1, front - 1, -1):
        for place, part in enumerate(messages[turn].parts):
            if isinstance(part, Opaque) and part.summary is not None:
                pieces.append(Text(part.summary, at=part.at))
                rest = messages[turn].parts[place:]
                return tuple(pieces), (replace(messages[turn], parts=rest), *messages[turn + 1 :])
    return tuple(pieces), messages[front:]


class Pairing(Struct, frozen=True):
    """`unanswered`: calls without a result in their step. `orphans`: results that no call asked for, that came too late, or that
    another of the same call and step stands for. `adopted`: results of unknown calls that answer the next one."""

    unanswered: tuple[ToolCall, ...]
    orphans: tuple[ToolResult, ...]
    adopted: tuple[ToolResult, ...] = ()


def uses_tools(messages: tuple[Message, ...]) -> bool:
    """There is a call or a result to bring into order; without one, `paired` and `settled` change nothing."""
    for message in messages:
        if message.role == "tool":
            return True
        for part in message.parts:
            if isinstance(part, ToolCall | ToolResult):
                return True
    return False


def paired(messages: tuple[Message, ...]) -> tuple[Message, ...]:
    """Every call with an id of its own, every result with the id of the call it answers.

    A call without an id, or with one that was taken before, gets a new one. A result whose id is empty or unknown is given
    the next unanswered call of its step, of its own name first. Idempotent.
    """
    if not uses_tools(messages):
        return messages
    match = _match(messages)
    new: dict[Place, str] = {place: call.wire for place, call in match.calls.items() if call.wire != call.part.id}
    for place, call in (*match.answers.items(), *match.repeats.items()):
        if call.wire != _result(messages, place).id:
            new[place] = call.wire
    if not new:
        return messages
    turns = {turn for turn, _ in new}
    return tuple(
        replace(message, parts=tuple(_renamed(part, new.get((turn, place))) for place, part in enumerate(message.parts)))
        if turn in turns
        else message
        for turn, message in enumerate(messages)
    )


def unpaired(messages: tuple[Message, ...]) -> Pairing:
    """What `paired` and `settled` have to mend in messages as the client wrote them."""
    match = _match(messages)
    answered = {id(call) for call in match.answers.values()}
    answers = ((_result(messages, place), call) for place, call in match.answers.items())
    return Pairing(
        tuple(call.part for call in match.calls.values() if id(call) not in answered),
        tuple(_result(messages, place) for place in _results(messages) if place not in match.answers),
        tuple(result for result, call in answers if result.id not in ("", call.part.id, call.wire)),
    )


def tell_gaps(messages: tuple[Message, ...], ledger: Ledger) -> None:
    """Tell what `paired` and `settled` mend in these messages, as the client wrote them."""
    if not uses_tools(messages):
        return
    gaps = unpaired(messages)
    for call in gaps.unanswered:
        ledger.approximate(call.at, "the history holds no result of this call: one that says so is sent")
    for result in gaps.orphans:
        ledger.approximate(result.at, "no call is left that this answers: its content is sent as plain content")
    for result in gaps.adopted:
        ledger.approximate(result.at, "a result of an unknown call: it answers the next one without a result")


def settled(messages: tuple[Message, ...]) -> tuple[Message, ...]:
    """Results straight after the turn that called, in the order of its calls, in one `tool` message; what stood between comes
    after them.

    A call without a result gets one that says so; a result without a call goes on as plain parts of a user turn.
    Assistant turns in a row that call are one turn. `messages` are `paired`, and the extras of messages are told.
    """
    if not uses_tools(messages):
        return messages
    answers = _match(messages).answers
    by_call = {call.wire: _result(messages, place) for place, call in answers.items()}
    out: list[Message] = []
    waiting: list[ToolCall] = []

    def answer() -> None:
        if waiting:
            results = tuple(by_call[call.id] if call.id in by_call else _made_up(call) for call in waiting)
            out.append(Message("tool", results, at=results[0].at))
            waiting.clear()

    for turn, message in enumerate(messages):
        if message.role != "assistant":
            answer()
        parts = tuple(_without_results(message.parts, turn, answers))
        if waiting and message.role == "assistant":
            out[-1] = replace(out[-1], parts=out[-1].parts + parts)
        elif parts or not message.parts:
            role: Role = "user" if message.role == "tool" else message.role
            out.append(message if parts == message.parts and role == message.role else replace(message, role=role, parts=parts))
        waiting.extend(part for part in message.parts if isinstance(part, ToolCall))
    answer()
    return tuple(out)


def merged(messages: Iterable[Message]) -> tuple[Message, ...]:
    """Consecutive turns of one role as one; `tool` counts as user. Results come first in a turn; empty turns are left out."""
    turns = (replace(message, role="user") if message.role == "tool" else message for message in messages if message.parts)
    return tuple(_results_first(message) for message in joined(turns, lambda first, role: first == role))


def joined(messages: Iterable[Message], one_turn: Callable[[Role, Role], bool]) -> Iterable[Message]:
    """Runs of turns as one, which is the first's. `one_turn`: (role of the first in a run, role of the next) belong together."""
    run: list[Message] = []
    for message in messages:
        if run and not one_turn(run[0].role, message.role):
            yield _as_one(run)
            run = []
        run.append(message)
    if run:
        yield _as_one(run)


def _as_one(run: list[Message]) -> Message:
    if len(run) == 1:
        return run[0]
    parts = tuple(part for message in run for part in message.parts)
    return replace(run[0], parts=parts, extras={name: raw for message in run for name, raw in message.extras.items()})


def reminder(message: Message, ledger: Ledger) -> Message:
    """Instructions in the middle of a conversation as the user's text, for a target that takes none there. They never become
    part of those at the front: each change of these costs the whole prompt cache."""
    ledger.approximate(message.at, "told as a reminder in a user turn")
    texts = [part for part in message.parts if isinstance(part, Text) and part.text.strip()]
    for text in texts:
        ledger.gone(text.extras, text.at, "shown" if "type" in text.extras else "content", _NO_MEMBER)
    if ledger.own:
        ledger.gone(message.extras, message.at, "messages", _NO_MEMBER)
    marks = [text.cache for text in texts if text.cache is not None]
    for mark in marks[:-1]:
        ledger.hint(mark.at or message.at, "one cache mark a reminder")
    words = "\n\n".join(text.text for text in texts)
    told = (Text(REMINDER.format(words), marks[-1] if marks else None, at=message.at),) if texts else ()
    return Message("user", (*told, *(part for part in message.parts if not isinstance(part, Text))), at=message.at)


class _Call:
    """A call on its way to its result. `wire`: the id it goes out with."""

    __slots__ = ("part", "wire")

    def __init__(self, part: ToolCall, wire: str) -> None:
        self.part = part
        self.wire = wire


class _Match(Struct, frozen=True):
    """`calls`: by where they stand. `answers`, `repeats`: the call of each result, by where the result stands; of several for
    one call the last is its answer, those before are repeats."""

    calls: dict[Place, _Call] = {}
    answers: dict[Place, _Call] = {}
    repeats: dict[Place, _Call] = {}


class _Waiting:
    """The calls of a step that have no result yet, in their order: by id and name, by id, by name, and all of them."""

    __slots__ = ("_queues", "_taken")

    def __init__(self, calls: Iterable[_Call]) -> None:
        self._taken: set[_Call] = set()
        self._queues: dict[tuple[str | None, str | None], deque[_Call]] = {}
        for call in calls:
            for id_ in dict.fromkeys((call.part.id, call.wire, None)):
                for name in (call.part.name, None):
                    self._queues.setdefault((id_, name), deque()).append(call)

    def take(self, result: ToolResult, *, exact: bool) -> _Call | None:
        """The first call that has the result's id, or any, if possible with its name."""
        if exact and not result.id:
            return None
        id_ = result.id if exact else None
        call = None if result.name is None else self._first(id_, result.name)
        call = call or self._first(id_, None)
        if call is not None:
            self._taken.add(call)
        return call

    def _first(self, id_: str | None, name: str | None) -> _Call | None:
        queue = self._queues.get((id_, name))
        while queue and queue[0] in self._taken:
            queue.popleft()
        return queue[0] if queue else None


def _match(messages: tuple[Message, ...]) -> _Match:
    """Step by step, from one assistant's turn to the next: in a step ids decide first, then order. What a step leaves open stays
    so: the model has gone on without it."""
    match = _Match({}, {}, {})
    taken: set[str] = set()
    waiting: list[_Call] = []
    step: list[Place] = []
    heard = True
    for turn, message in enumerate(messages):
        if message.role != "assistant":
            heard = True
        elif heard:
            _answer_step(messages, step, waiting, match)
            waiting, step, heard = [], [], False
        for place, part in enumerate(message.parts):
            if isinstance(part, ToolCall):
                call = _Call(part, _free(part.id, len(match.calls), taken))
                taken.add(call.wire)
                match.calls[turn, place] = call
                waiting.append(call)
            elif isinstance(part, ToolResult):
                step.append((turn, place))
    _answer_step(messages, step, waiting, match)
    return match


def _answer_step(messages: tuple[Message, ...], step: list[Place], waiting: list[_Call], match: _Match) -> None:
    """Give the results of one step its calls."""
    by_id: dict[str, Place] = {}
    left = _Waiting(waiting if step else ())
    for place in step:
        result = _result(messages, place)
        call = left.take(result, exact=True)
        if call is None and result.id in by_id:
            call = match.repeats[by_id[result.id]] = match.answers.pop(by_id[result.id])
        if call is not None:
            match.answers[place] = call
            by_id[result.id] = place
    for place in step:
        if place in match.answers or place in match.repeats:
            continue
        call = left.take(_result(messages, place), exact=False)
        if call is not None:
            match.answers[place] = call


def _free(wanted: str, ordinal: int, taken: set[str]) -> str:
    """The id itself; `call_<ordinal>` where there is none; with the ordinal behind it where an earlier call has it."""
    if wanted and wanted not in taken:
        return wanted
    found = f"{wanted}_{ordinal}" if wanted else f"call_{ordinal}"
    while found in taken:
        found += "_"
    return found


def _results(messages: tuple[Message, ...]) -> Iterable[Place]:
    for turn, message in enumerate(messages):
        for place, part in enumerate(message.parts):
            if isinstance(part, ToolResult):
                yield turn, place


def _result(messages: tuple[Message, ...], place: Place) -> ToolResult:
    part = messages[place[0]].parts[place[1]]
    assert isinstance(part, ToolResult)
    return part


def _renamed(part: Part, wire: str | None) -> Part:
    return replace(part, id=wire) if wire is not None and isinstance(part, ToolCall | ToolResult) else part


def _made_up(call: ToolCall) -> ToolResult:
    return ToolResult(id=call.id, name=call.name, parts=(Text(INTERRUPTED, at=call.at),), is_error=True, at=call.at)


def _without_results(parts: tuple[Part, ...], turn: int, answers: dict[Place, _Call]) -> Iterable[Part]:
    """The parts without their results; of results that no call asked for, what they hold."""
    for place, part in enumerate(parts):
        if not isinstance(part, ToolResult):
            yield part
        elif (turn, place) not in answers:
            yield from part.parts


def _results_first(message: Message) -> Message:
    results = tuple(part for part in message.parts if isinstance(part, ToolResult))
    if not results or message.parts[: len(results)] == results:
        return message
    return replace(message, parts=results + tuple(part for part in message.parts if not isinstance(part, ToolResult)))
