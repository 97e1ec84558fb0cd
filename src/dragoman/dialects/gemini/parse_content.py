"""Contents of a request to messages. Rule: what is not taken from a part stays with it, byte for byte.

Members of a part that stood in the object it is about (`functionCall`, `inlineData`, ...) are extras named by their pointer.
"""

from typing import Any

from msgspec import Raw

from dragoman.core.errors import bad_request
from dragoman.core.parts import Extras, Media, Opaque, Part, Reasoning, Text, ToolCall, ToolResult
from dragoman.core.request import Message, Role
from dragoman.dialects.base import OpenSeal
from dragoman.dialects.deeper import deeper
from dragoman.dialects.gemini.facts import DUMMIES, ID, UNREADABLE
from dragoman.dialects.gemini.proofs import Signed, Wrapped, proof_of, standard, unwrapped
from dragoman.dialects.gemini.spelling import Fields, camel
from dragoman.wire import json
from dragoman.wire.json import name_of

_ROLES: dict[str, Role] = {"user": "user", "model": "assistant", "function": "tool", "system": "system"}
_STORES = ("https://generativelanguage.googleapis.com/", "gs://", "files/")
_KINDS = ("image", "audio", "video")


class Turn:
    """A message on its way."""

    __slots__ = ("at", "extras", "parts", "role")

    def __init__(self, role: Role, at: str) -> None:
        self.role = role
        self.at = at
        self.parts: list[Part] = []
        self.extras: Extras = {}


def parse_contents(contents: list[tuple[Raw, str]], open_seal: OpenSeal) -> tuple[Message, ...]:
    """Raises CallError that names the member at fault."""
    turns: list[Turn] = []
    for raw, at in contents:
        content = Fields(raw, at)
        word = content.take("role", str)
        role = _ROLES.get(word or "user")
        if role is None:
            raise bad_request("Please use a valid role: user, model.", f"{name_of(at)}.role")
        turn = Turn(role, at)
        turns.append(turn)
        for part, where in content.take_each("parts") or ():
            _part(turns, part, where, open_seal)
        turn.extras = content.rest()
    return tuple(Message(turn.role, tuple(turn.parts), turn.extras, turn.at) for turn in turns)


def parse_media(part: Fields) -> Media | None:
    """The medium that a part, or a part of a function's response, holds; None where it holds none."""
    inner = part.take_fields("inlineData")
    if inner is not None:
        found: dict[str, Any] = {"data": standard(inner.take("data", str) or "")}
    else:
        inner = part.take_fields("fileData")
        if inner is None:
            return None
        uri = inner.take("fileUri", str) or ""
        found = {"file_id" if is_stored(uri) else "url": uri}
    mime = inner.take("mimeType", str)
    title = inner.take("displayName", str)
    extras = {**deeper(inner, part.at), **part.rest()}
    at = part.at if extras else inner.at
    return Media(kind=kind_of_media(mime), mime=mime, name=title, **found, extras=extras, at=at)


def is_stored(uri: str) -> bool:
    """A file that only Google can read."""
    return uri.startswith(_STORES)


def kind_of_media(mime: str | None) -> Any:
    top = (mime or "").partition("/")[0]
    return top if top in _KINDS else "document"


def _part(turns: list[Turn], raw: Raw, at: str, open_seal: OpenSeal) -> None:
    turn, part = turns[-1], Fields(raw, at)
    kind = next((name for name in _TAKERS if part.has(name)), None)
    if kind is None:
        turn.parts.append(Opaque(dialect=ID, kind=_kind_of(part), raw=raw, at=at))
        return
    where = part.path("thoughtSignature")
    signature, thought = part.take("thoughtSignature", str), part.take("thought", bool)
    others = None if signature is None else unwrapped(signature, open_seal)
    if others is not None:
        for each in others:
            _give_back(turns, each, where)
        signature = None
    if kind == "text":
        _text(turn, part, signature, where, thought=bool(thought), carries=others is not None)
        return
    dummy = {} if signature not in DUMMIES or kind != "functionCall" else {"thoughtSignature": json.raw(signature)}
    if signature is not None and not dummy:
        turn.parts.append(_signature(signature, "call" if kind == "functionCall" else "media", where))
    found = _TAKERS[kind](part)
    if found is not None:
        turn.parts.append(found if not dummy else _with(found, dummy))


def _kind_of(part: Fields) -> str:
    names = [camel(name) for name in part.rest()]
    return next((name for name in names if name not in ("thought", "thoughtSignature")), "")


def _with(part: Any, extras: Extras) -> Any:
    return ToolCall(id=part.id, name=part.name, arguments=part.arguments, extras={**part.extras, **extras}, at=part.at)


def _text(turn: Turn, part: Fields, signature: str | None, where: str, *, thought: bool, carries: bool) -> None:
    text = part.take("text", str) or ""
    if thought:
        if not carries or text:
            proof_from = None if signature is None else ID
            turn.parts.append(Reasoning(text=text, proof=signature, proof_from=proof_from, extras=part.rest(), at=part.at))
        return
    if signature is not None:
        turn.parts.append(_signature(signature, "text" if text else "empty", where))
    if text or (signature is None and not carries):
        turn.parts.append(Text(text, extras=part.rest(), at=part.at))


def _signature(signature: str, signed: Signed, at: str) -> Reasoning:
    return Reasoning(proof=proof_of(signature, signed), proof_from=ID, redacted=True, at=at)


def _call(part: Fields) -> ToolCall:
    call = part.take_fields("functionCall")
    assert call is not None
    arguments = call.take_raw("args")
    return ToolCall(
        id=call.take("id", str) or "",
        name=call.need("name", str),
        arguments=bytes(arguments).decode() if arguments is not None else "",
        extras={**deeper(call, part.at), **part.rest()},
        at=part.at,
    )


def _result(part: Fields) -> ToolResult:
    result = part.take_fields("functionResponse")
    assert result is not None
    where, response = result.path("response"), result.take_raw("response")
    parts: list[Text | Media | Opaque] = []
    kept: Extras = {}
    is_error = None
    if response is not None:
        text, is_error = _words(response)
        kept = {f"{where.removeprefix(part.at)}": response}
        parts.append(Text(text, at=where))
    for raw, at in result.take_each("parts") or ():
        parts.append(parse_media(Fields(raw, at)) or Opaque(dialect=ID, kind="part", raw=raw, at=at))
    return ToolResult(
        id=result.take("id", str) or "",
        name=result.take("name", str),
        parts=tuple(parts),
        is_error=is_error,
        extras={**kept, **deeper(result, part.at), **part.rest()},
        at=part.at,
    )


def _words(response: Raw) -> tuple[str, bool | None]:
    """(what a function answered, whether it says that it failed): `output` and `error` alone are Google's own words for that."""
    members = json.members(response) if json.is_object(response) else {}
    if len(members) == 1:
        ((name, value),) = members.items()
        if name in ("output", "error"):
            text = json.decode(value, str) if json.is_string(value) else bytes(value).decode()
            return text, True if name == "error" else None
    return bytes(response).decode(), None


def _give_back(turns: list[Turn], wrapped: Wrapped | None, at: str) -> None:
    """Put another maker's thinking where it stood in the turn, in place of the bare words that some clients send beside it."""
    if wrapped is None:
        turns[-1].parts.append(Reasoning(redacted=True, proof="", proof_from=UNREADABLE, at=at))
        return
    first = len(turns) - 1
    while first and turns[first - 1].role == "assistant":
        first -= 1
    run = [(turn, place) for turn in turns[first:] for place in range(len(turn.parts))]
    thought = Reasoning(
        text=wrapped.text, proof=wrapped.proof, proof_from=wrapped.origin, redacted=wrapped.redacted, at=at
    )  # fmt: skip
    echo = _echo(run, wrapped.text) if wrapped.text else []
    start = run.index(echo[0]) if echo else _back(run, wrapped.back)
    turn, place = run[start] if start < len(run) else (turns[-1], len(turns[-1].parts))
    for holder, index in reversed(echo):
        del holder.parts[index]
    turn.parts.insert(place, thought)


def _echo(run: list[tuple[Turn, int]], text: str) -> list[tuple[Turn, int]]:
    """The bare thoughts that say these words, in one piece or as they came."""
    found: list[tuple[Turn, int]] = []
    for place in run:
        part = _at(place)
        if isinstance(part, Reasoning) and part.proof is None:
            found.append(place)
            said = "".join(each.text for each in map(_at, found) if isinstance(each, Reasoning))
            if said == text:
                return found
            if text.startswith(said):
                continue
        found = []
    return []


def _back(run: list[tuple[Turn, int]], pieces: int) -> int:
    """Where in the run the last so many pieces begin: a call or medium is one, and so are texts with only thoughts between."""
    place = start = len(run)
    inside = False
    while place:
        place -= 1
        part = _at(run[place])
        if isinstance(part, Reasoning):
            continue
        if not (inside and isinstance(part, Text)):
            if not pieces:
                break
            pieces -= 1
        inside, start = isinstance(part, Text), place
    return start


def _at(place: tuple[Turn, int]) -> Part:
    turn, index = place
    return turn.parts[index]


_TAKERS: dict[str, Any] = {
    "functionCall": _call,
    "functionResponse": _result,
    "inlineData": parse_media,
    "fileData": parse_media,
    "text": None,
}
