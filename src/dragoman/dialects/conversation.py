"""A conversation of another dialect, in the order that targets of plain chat turns take: instructions in front, every result
straight after its call, turns of one side as one.

Rule: what had to be made up, moved or told as something else is a loss; nothing a client said is left out.
"""

from collections.abc import Iterable

from msgspec.structs import replace

from dragoman.core.parts import Opaque, Text, ToolResult
from dragoman.core.request import Message, Request
from dragoman.dialects.billing import WHY, is_billing
from dragoman.dialects.history import leading_system, paired, settled, unpaired, uses_tools
from dragoman.dialects.ledger import Ledger

INSTRUCTIONS = ("system", "developer")
_ONE_TURN = frozenset({("user", "user"), ("assistant", "assistant"), ("user", "tool")})
"""(role, role before it) of messages that are one turn."""


def retold(request: Request, ledger: Ledger, *, mid_system: bool) -> tuple[Message, ...]:
    """The whole conversation; a `tool` message holds the results of one step, then what the user says to them."""
    pieces, turns = ordered(request, ledger, mid_system=mid_system)
    return _adjoined((Message("system", pieces), *turns) if pieces else turns)


def ordered(request: Request, ledger: Ledger, *, mid_system: bool) -> tuple[tuple[Text | Opaque, ...], tuple[Message, ...]]:
    """(the instructions before the conversation, the conversation). Extras of messages are told and gone.

    `mid_system`: the target takes instructions in the middle; else they are reminders in a user's turn.
    """
    for message in request.messages:
        ledger.extras(message.extras, message.at, "messages")
    leading, told = leading_system(request)
    rest = _in_order(told, ledger) if uses_tools(told) else told
    turns = tuple(replace(message, extras={}) if message.extras else message for message in rest)
    return _without_billing(leading, ledger), turns if mid_system else tuple(_reminder(message, ledger) for message in turns)


def _without_billing(pieces: tuple[Text | Opaque, ...], ledger: Ledger) -> tuple[Text | Opaque, ...]:
    """Without what is for Anthropic's accounts and not for a model: leaving it out changes no answer."""
    kept = []
    for piece in pieces:
        if is_billing(piece):
            ledger.hint(piece.at, WHY)
        else:
            kept.append(piece)
    return tuple(kept)


def reminding(messages: tuple[Message, ...], ledger: Ledger) -> tuple[Message, ...]:
    """Instructions that do not stand in front as text of the user's."""
    front = next((place for place, message in enumerate(messages) if message.role not in INSTRUCTIONS), len(messages))
    return (*messages[:front], *(_reminder(message, ledger) for message in messages[front:]))


def _reminder(message: Message, ledger: Ledger) -> Message:
    if message.role not in INSTRUCTIONS:
        return message
    ledger.approximate(message.at, "instructions in the middle as a reminder of the user's")
    text = "\n".join(part.text for part in message.parts if isinstance(part, Text))
    rest = tuple(part for part in message.parts if not isinstance(part, Text))
    reminder = Text(f"<system-reminder>\n{text}\n</system-reminder>", at=message.at)
    return Message("user", (reminder, *rest), at=message.at)


def _in_order(told: tuple[Message, ...], ledger: Ledger) -> tuple[Message, ...]:
    rest = paired(told)
    _tell_repairs(told, rest, ledger)
    pairing = unpaired(rest)
    for call in pairing.unanswered:
        ledger.approximate(call.at, "a call without a result is given one that says so")
    for result in pairing.orphans:
        ledger.approximate(result.at, "a result without a call goes as text")
    return settled(rest)


def _tell_repairs(before: tuple[Message, ...], after: tuple[Message, ...], ledger: Ledger) -> None:
    if before is after:
        return
    for old, new in zip(before, after, strict=True):
        for part, found in zip(old.parts, new.parts, strict=True):
            if isinstance(part, ToolResult) and isinstance(found, ToolResult) and part.id not in ("", found.id):
                ledger.approximate(part.at, "a result of an unknown call answers the next one without a result")


def _adjoined(messages: Iterable[Message]) -> tuple[Message, ...]:
    """Turns of one side in a row as one turn; instructions and results stay by themselves."""
    out: list[Message] = []
    for message in messages:
        if out and (message.role, out[-1].role) in _ONE_TURN:
            out[-1] = replace(out[-1], parts=out[-1].parts + message.parts)
        else:
            out.append(message)
    return tuple(out)
