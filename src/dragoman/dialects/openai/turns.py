"""A conversation of another dialect in the order that OpenAI's demand: instructions first, every result after its call.

Rule: what had to be moved, made up or told in another way is told as a loss.
"""

from msgspec.structs import replace

from dragoman.core.parts import Opaque, Text, ToolResult
from dragoman.core.quirks import Quirks
from dragoman.core.request import Message, Request
from dragoman.dialects.history import leading_system, paired, settled, unpaired, uses_tools
from dragoman.dialects.ledger import Ledger

BILLING = "x-anthropic-billing-header"
"""How the attribution block begins that Claude Code puts first (2026-11): of use at Anthropic only."""
INSTRUCTIONS = ("system", "developer")


def ordered(request: Request, quirks: Quirks, ledger: Ledger) -> tuple[tuple[Text | Opaque, ...], tuple[Message, ...]]:
    """(the instructions before the conversation, the conversation). Extras of messages are told and gone."""
    for message in request.messages:
        ledger.extras(message.extras, message.at, "messages")
    leading, told = leading_system(request)
    rest = _in_order(told, ledger) if uses_tools(told) else told
    plain = tuple(replace(message, extras={}) if message.extras else message for message in rest)
    return _without_billing(leading, ledger), reminding(plain, quirks, ledger)


def reminding(messages: tuple[Message, ...], quirks: Quirks, ledger: Ledger, start: int = 0) -> tuple[Message, ...]:
    """Instructions in the middle as text of the user's, where the target takes none. The first `start` messages are not in it."""
    if quirks.mid_system is not False:
        return messages
    out: list[Message] = []
    leading = True
    for place, message in enumerate(messages):
        leading = place < start or (leading and message.role in INSTRUCTIONS)
        if leading or message.role not in INSTRUCTIONS:
            out.append(message)
            continue
        ledger.approximate(message.at, "instructions in the middle as a reminder of the user's")
        text = "\n".join(part.text for part in message.parts if isinstance(part, Text))
        out.append(Message("user", (Text(f"<system-reminder>\n{text}\n</system-reminder>", at=message.at),), at=message.at))
    return tuple(out)


def _in_order(told: tuple[Message, ...], ledger: Ledger) -> tuple[Message, ...]:
    """Every result straight after its call."""
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


def _without_billing(pieces: tuple[Text | Opaque, ...], ledger: Ledger) -> tuple[Text | Opaque, ...]:
    """Without what is for Anthropic's accounts and not for a model: leaving it out changes no answer."""
    kept = []
    for piece in pieces:
        if _is_billing(piece):
            ledger.hint(piece.at, "the attribution block is Anthropic's own")
        else:
            kept.append(piece)
    return tuple(kept)


def _is_billing(piece: Text | Opaque) -> bool:
    """A line of its own; whoever wrote more below it meant that for the model."""
    if isinstance(piece, Opaque):
        return piece.kind == BILLING
    return piece.text.startswith(BILLING) and "\n" not in piece.text.strip()
