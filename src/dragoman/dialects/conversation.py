"""A conversation of another dialect, in the order that targets of plain chat turns take: instructions in front, every result
straight after its call, turns of one side as one.

Rule: what had to be made up, moved or told as something else is a loss; nothing a client said is left out.
"""

from collections.abc import Iterable

from msgspec.structs import replace

from dragoman.core.parts import Opaque, Text
from dragoman.core.request import Message, Request
from dragoman.dialects.billing import spoken
from dragoman.dialects.history import INSTRUCTIONS, joined, leading_system, paired, reminder, settled, tell_gaps
from dragoman.dialects.ledger import Ledger

_ONE_TURN = frozenset({("user", "user"), ("assistant", "assistant"), ("user", "tool")})
"""(role, role before it) of messages that are one turn; instructions and results stay by themselves."""


def retold(request: Request, ledger: Ledger, *, mid_system: bool) -> tuple[Message, ...]:
    """The whole conversation; a `tool` message holds the results of one step, then what the user says to them."""
    pieces, turns = ordered(request, ledger, mid_system=mid_system)
    front = (Message("system", pieces),) if pieces else ()
    return tuple(joined((*front, *turns), lambda first, role: (role, first) in _ONE_TURN))


def ordered(request: Request, ledger: Ledger, *, mid_system: bool) -> tuple[tuple[Text | Opaque, ...], tuple[Message, ...]]:
    """(the instructions before the conversation, the conversation). Extras of messages are told and gone.

    `mid_system`: the target takes instructions in the middle; else they are reminders in a user's turn.
    """
    pieces, rest = opened(request, paired(request.messages), ledger)
    turns = settled(rest)
    return spoken(pieces, ledger), turns if mid_system else placed(turns, ledger, native=False)


def opened(
    request: Request, messages: tuple[Message, ...], ledger: Ledger
) -> tuple[tuple[Text | Opaque, ...], tuple[Message, ...]]:
    """(the instructions before the conversation, the conversation, to be settled). What that mends is told, and what stands on
    messages themselves. `messages`: those of the request, paired.
    """
    for message in request.messages:
        ledger.extras(message.extras, message.at, "messages")
    pieces, rest = leading_system(request)
    tell_gaps(rest, ledger)
    if messages is not request.messages:
        pieces, rest = leading_system(replace(request, messages=messages))
    return pieces, tuple(replace(message, extras={}) if message.extras else message for message in _worded(rest, ledger))


def _worded(messages: Iterable[Message], ledger: Ledger) -> Iterable[Message]:
    """Without instructions that hold nothing but pieces of the client's dialect: no turn is left where they stood."""
    for message in messages:
        if message.role in INSTRUCTIONS and message.parts and all(isinstance(part, Opaque) for part in message.parts):
            for part in message.parts:
                assert isinstance(part, Opaque)
                ledger.opaque(part, f"only the client's dialect has {part.kind or 'this'}")
        else:
            yield message


def placed(messages: Iterable[Message], ledger: Ledger, *, native: bool) -> tuple[Message, ...]:
    """Instructions in the middle as reminders in a user's turn. `native`: as a `system` turn where one may stand, after a user's
    and before the model's."""
    out: list[Message] = []
    held: list[Message] = []

    def place() -> None:
        stands = bool(out) and out[-1].role in ("user", "tool")
        for message in held:
            texts_only = all(isinstance(part, Text) for part in message.parts)
            out.append(replace(message, role="system") if stands and texts_only else reminder(message, ledger))
        held.clear()

    for message in messages:
        if message.role in INSTRUCTIONS:
            if native:
                held.append(message)
            else:
                out.append(reminder(message, ledger))
            continue
        if held and message.role == "assistant":
            place()
        elif held:
            ledger.approximate(held[0].at, "moved behind the user turn that follows it")
        out.append(message)
    place()
    return tuple(out)


def reminding(messages: Iterable[Message], ledger: Ledger) -> tuple[Message, ...]:
    """The client's own turns for a target that takes instructions at the front only: those there as one message, later ones as
    reminders, never between a call and its result."""
    out: list[Message] = []
    held: list[Message] = []
    for message in messages:
        if message.role not in INSTRUCTIONS:
            out += held if message.role != "tool" else ()
            held = held if message.role == "tool" else []
            out.append(message)
        elif all(before.role in INSTRUCTIONS for before in out):
            out = [_in_front(out[0], message, ledger)] if out else [message]
        else:
            held.append(reminder(message, ledger))
    return (*out, *held)


def _in_front(first: Message, second: Message, ledger: Ledger) -> Message:
    ledger.gone(second.extras, second.at, "messages", "this target takes one message of instructions")
    return replace(first, parts=first.parts + second.parts)
