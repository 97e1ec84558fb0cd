"""A conversation brought into the order every provider demands, for builders: paired, settled, merged.

Rule: deterministic and stable under growth: what is made of a step does not depend on later ones, so a prompt prefix stays
the same from turn to turn (prompt caches and signatures hang on it). Nothing a client said is dropped here.
"""

from collections.abc import Iterable
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from dragoman.core.parts import Opaque, Part, Text, ToolCall, ToolResult
from dragoman.core.request import Message, Request, Role

INTERRUPTED = "[no result: interrupted]"
"""What stands for the result of a call that the history leaves unanswered: every vendor demands one."""
Place: TypeAlias = tuple[int, int]
"""Where a part stands: the place of its message, its place in it."""
_INSTRUCTIONS: frozenset[Role] = frozenset({"system", "developer"})


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
        if message.role not in _INSTRUCTIONS or len(plain) != len(message.parts):
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
    """`unanswered`: calls without a result. `orphans`: results that no call asked for."""

    unanswered: tuple[ToolCall, ...]
    orphans: tuple[ToolResult, ...]


def uses_tools(messages: tuple[Message, ...]) -> bool:
    """There is a call or a result to bring into order; without one, `paired` and `settled` change nothing."""
    return any(isinstance(part, ToolCall | ToolResult) for message in messages for part in message.parts)


def paired(messages: tuple[Message, ...]) -> tuple[Message, ...]:
    """Every call with an id of its own, every result with the id of the call it answers.

    A call without an id, or with one that was taken before, gets a new one. A result whose id is empty or unknown is given
    the next unanswered call before it: of the latest turn first, of its own name first. Idempotent.
    """
    calls, answers = _match(messages)
    new: dict[Place, str] = {place: call.wire for place, call in calls.items() if call.wire != call.part.id}
    for place, call in answers.items():
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
    """What `settled` has to make up or to move, so that a builder can tell it. `messages` are `paired`."""
    calls, answers = _match(messages)
    return Pairing(
        tuple(call.part for call in calls.values() if not call.answered),
        tuple(_result(messages, place) for place in _results(messages) if place not in answers),
    )


def settled(messages: tuple[Message, ...]) -> tuple[Message, ...]:
    """Results straight after the turn that called, in one `tool` message; what stood between comes after them.

    A call without a result gets one that says so; a result without a call goes on as plain parts of a user turn.
    Assistant turns in a row that call are one turn. `messages` are `paired`, and the extras of messages are told.
    """
    _, answers = _match(messages)
    by_call = {call.wire: _result(messages, place) for place, call in answers.items()}
    order = {wire: number for number, wire in enumerate(by_call)}
    out: list[Message] = []
    waiting: list[ToolCall] = []

    def answer() -> None:
        if waiting:
            waiting.sort(key=lambda call: order.get(call.id, len(order)))
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
    out: list[Message] = []
    for message in messages:
        role: Role = "user" if message.role == "tool" else message.role
        if not message.parts:
            continue
        if out and out[-1].role == role:
            last = out[-1]
            out[-1] = replace(last, parts=last.parts + message.parts, extras={**last.extras, **message.extras})
        else:
            out.append(message if role == message.role else replace(message, role=role))
    return tuple(_results_first(message) for message in out)


class _Call:
    """A call on its way to its result. `wire`: the id it goes out with. `turn`: the place of the first of the assistant messages
    in a row that it stands in."""

    __slots__ = ("answered", "part", "turn", "wire")

    def __init__(self, part: ToolCall, wire: str, turn: int) -> None:
        self.part = part
        self.wire = wire
        self.turn = turn
        self.answered = False


def _match(messages: tuple[Message, ...]) -> tuple[dict[Place, _Call], dict[Place, _Call]]:
    """(calls, by where they stand; the call each result answers, by where the result stands).

    Step by step: between two assistant turns ids decide first, then order.
    """
    calls: dict[Place, _Call] = {}
    answers: dict[Place, _Call] = {}
    taken: set[str] = set()
    waiting: list[_Call] = []
    step: list[Place] = []
    begun = 0
    for turn, message in enumerate(messages):
        if message.role == "assistant":
            waiting = _answer_step(messages, step, waiting, answers)
            step = []
            begun = begun if turn and messages[turn - 1].role == "assistant" else turn
        for place, part in enumerate(message.parts):
            if isinstance(part, ToolCall):
                call = _Call(part, _free(part.id, len(calls), taken), begun if message.role == "assistant" else turn)
                taken.add(call.wire)
                calls[turn, place] = call
                waiting.append(call)
            elif isinstance(part, ToolResult):
                step.append((turn, place))
    _answer_step(messages, step, waiting, answers)
    return calls, answers


def _answer_step(
    messages: tuple[Message, ...], step: list[Place], waiting: list[_Call], answers: dict[Place, _Call]
) -> list[_Call]:
    """Give the results of one step their calls; the calls that still wait."""
    for exact in (True, False):
        for place in step:
            if place in answers or not waiting:
                continue
            call = _call_for(_result(messages, place), waiting, exact)
            if call is not None:
                call.answered = True
                waiting = [other for other in waiting if other is not call]
                answers[place] = call
    return waiting


def _call_for(result: ToolResult, waiting: list[_Call], exact: bool) -> _Call | None:
    if exact:
        waiting = [call for call in waiting if result.id and result.id in (call.part.id, call.wire)]
    if not waiting:
        return None
    latest = [call for call in waiting if call.turn == waiting[-1].turn]
    named = [call for call in latest if call.part.name == result.name]
    return (named or latest)[0]


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
