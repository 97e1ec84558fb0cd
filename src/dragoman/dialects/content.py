"""What messages of another dialect hold, for targets whose messages are texts and some kinds of media.

Rule: a target says in one function which media it takes; all else is told as words, or as a loss.
"""

from collections.abc import Callable, Iterable

from msgspec.structs import replace

from dragoman.core.parts import CacheMark, Media, Opaque, Part, Reasoning, Refusal, Text, ToolCall, ToolResult
from dragoman.dialects.history import INTERRUPTED
from dragoman.dialects.ledger import Ledger
from dragoman.dialects.media import as_text, sniff, split_data_url
from dragoman.wire import json

Taken = Callable[[Media], str]
"""Why a target cannot take a medium; "" where it can."""
_TEXTUAL = ("text/", "application/json", "application/xml")


def pieces(parts: Iterable[Part], ledger: Ledger, taken: Taken) -> list[str | Media]:
    """The texts and media of a turn, in order."""
    found = (_piece(part, ledger, taken) for part in parts)
    return [piece for piece in found if piece is not None and piece != ""]


def words(parts: Iterable[Part], ledger: Ledger, why: str) -> list[str]:
    """The texts alone. `why`: no medium can stand there."""
    return [piece for piece in pieces(parts, ledger, lambda media: why) if isinstance(piece, str)]


def result(part: ToolResult, ledger: Ledger, taken: Taken, failed: str) -> tuple[list[str], list[Media]]:
    """(what a tool answered in words, the media it answered with): to be shown in the user's turn after the results.

    `failed`: where in a result of the client's it says that the tool failed.
    """
    ledger.extras(part.extras, part.at, "tool_result")
    unmarked(part.cache, part.at, ledger)
    told, shown = list[str](), list[Media]()
    for piece in pieces(part.parts, ledger, taken):
        if isinstance(piece, str):
            told.append(piece)
            continue
        ledger.approximate(piece.at, "shown in a user message after the results")
        told.append(f"[see attached {piece.kind}]")
        shown.append(piece)
    if part.is_error and told != [INTERRUPTED]:
        ledger.approximate(f"{part.at}{failed}", "told in words")
        told[:1] = [f"Error: {told[0]}" if told else "Error"]
    return told, shown


def attached(media: Media, call: str) -> str:
    """The words before a medium that a tool answered with. `call`: the id of the call."""
    return f"Attached {media.kind} of tool call {call}:"


def unmarked(mark: CacheMark | None, at: str, ledger: Ledger) -> None:
    """Tell a cache breakpoint that the target has no place for."""
    if mark is not None:
        ledger.hint(mark.at or f"{at}/cache_control", "no cache marks here")


def _piece(part: Part, ledger: Ledger, taken: Taken) -> str | Media | None:
    match part:
        case Text():
            unmarked(part.cache, part.at, ledger)
            _tell_extras(part, ledger)
            return part.text
        case Media():
            return _medium(part, ledger, taken)
        case Refusal():
            ledger.extras(part.extras, part.at, "content")
            ledger.approximate(part.at, "a refusal is told as text")
            return part.text
        case Opaque():
            ledger.opaque(part, f"only the client's dialect has {part.kind or 'this'}")
        case Reasoning() | ToolCall() | ToolResult():
            ledger.drop(part.at, "this turn cannot hold it")
    return None


def _tell_extras(part: Text, ledger: Ledger) -> None:
    """Of another dialect's block that is told by its words, the block is told once."""
    if "type" in part.extras:
        ledger.approximate(part.at, f"a {json.decode(part.extras['type'])} as text")
        ledger.extras(part.extras, part.at, "shown")
    else:
        ledger.extras(part.extras, part.at, "content")


def _medium(part: Media, ledger: Ledger, taken: Taken) -> str | Media | None:
    unmarked(part.cache, part.at, ledger)
    ledger.extras(part.extras, part.at, "content")
    if part.file_id is not None:
        ledger.refuse(part.at, "a file id is known only where it was made")
        return None
    text = part.text if part.text is not None else _document_in(part)
    if text is not None:
        ledger.approximate(part.at, "a text document as text")
        return f"{part.name}\n\n{text}" if part.name else text
    found = _inline(part)
    why = taken(found)
    if why:
        ledger.drop(part.at, why)
        return None
    if part.name is not None:
        ledger.hint(part.at, "a medium has no name here")
    return found


def _document_in(part: Media) -> str | None:
    """The text of a document that holds nothing else."""
    mime = part.mime or (sniff(part.data) if part.data is not None else None)
    if part.data is None or mime is None or not mime.startswith(_TEXTUAL):
        return None
    return as_text(part.data)


def _inline(part: Media) -> Media:
    """With the data of a data URL as data."""
    inline = split_data_url(part.url) if part.url is not None else None
    return part if inline is None else replace(part, url=None, data=inline[1], mime=part.mime or inline[0])
