"""The conversation of a Gemini request, part by part and in its order, as the vendor checks it (2026-11)."""

import base64
from typing import Any

from msgspec import Struct

from dragoman.sandbox.gemini_rules import (
    DATA,
    MEDIA,
    NEW,
    OLD,
    PASSES,
    bad,
    broken_rule,
    decoded,
    many,
    unknown_name,
    wrong_value,
)
from dragoman.sandbox.signature import MARK, holds

STRUCT = "type.googleapis.com/google.protobuf.Struct"
ROLES = ("user", "model", "function")
_MISSING = (
    "Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly, and "
    "missing thought_signature may lead to degraded model performance. Additional data, function call `default_api:{name}` , "
    "position {place}. Please refer to https://ai.google.dev/gemini-api/docs/thought-signatures for more details."
)


class Turn(Struct, frozen=True):
    """Consecutive contents of one role, merged: the vendor's own SDK sends a streamed answer back chunk by chunk."""

    role: str
    parts: list[dict[str, Any]]

    def of(self, name: str) -> list[Any]:
        """The data of its parts of one kind."""
        return [part[name] for part in self.parts if name in part]


def read_contents(body: dict[str, Any], model: str) -> list[Turn]:
    contents = many(body.get("contents"))
    if not contents:
        broken_rule("contents", "contents is not specified")
    turns = _merged([_turn(content, f"contents[{at}]", model) for at, content in enumerate(contents)])
    _check_order(turns)
    if NEW.match(model):
        _check_signed(turns)
    return turns


def read_instruction(body: dict[str, Any], model: str) -> list[str]:
    """The texts of systemInstruction."""
    given = body.get("systemInstruction")
    return [] if given is None else [text for text in _turn(given, "systemInstruction", model).of("text") if text]


def check_contents(content: Any, where: str) -> list[str]:
    """The texts of one content, for what only embeds it."""
    return [text for text in _turn(content, where, "").of("text") if text]


def _merged(turns: list[Turn]) -> list[Turn]:
    merged: list[Turn] = []
    for turn in turns:
        if merged and merged[-1].role == turn.role:
            merged[-1] = Turn(turn.role, merged[-1].parts + turn.parts)
        else:
            merged.append(turn)
    return merged


def _turn(content: Any, where: str, model: str) -> Turn:
    if not isinstance(content, dict):
        wrong_value(where, "type.googleapis.com/google.ai.generativelanguage.v1beta.Content", content)
    for name in content:
        if name not in ("role", "parts"):
            unknown_name(name, where)
    role = content.get("role", "user")
    if role not in ROLES:
        bad("Please use a valid role: user, model.")
    parts = many(content.get("parts"))
    if not parts:
        broken_rule(f"{where}.parts", "contents.parts must not be empty.")
    for at, part in enumerate(parts):
        _part(part, f"{where}.parts[{at}]", model)
    return Turn("model" if role == "model" else "user", parts)


def _part(part: Any, where: str, model: str) -> None:
    if not isinstance(part, dict):
        wrong_value(where, "type.googleapis.com/google.ai.generativelanguage.v1beta.Part", part)
    data = [name for name in part if name in DATA]
    if not data:
        broken_rule(f"{where}.data", "required oneof field 'data' must have one initialized field")
    if len(data) > 1:
        bad(f"Invalid value at '{where}' (oneof), oneof field 'data' is already set. Cannot set '{data[1]}'")
    kind, value = data[0], part[data[0]]
    if "thoughtSignature" in part:
        _signature(part["thoughtSignature"], f"{where}.thoughtSignature")
    if kind == "text":
        if not isinstance(value, str):
            wrong_value(f"{where}.text", "TYPE_STRING", value)
        return
    if not isinstance(value, dict):
        wrong_value(f"{where}.{kind}", f"type.googleapis.com/google.ai.generativelanguage.v1beta.{kind}", value)
    if kind in ("inlineData", "fileData"):
        _media(kind, value, f"{where}.{kind}")
    if kind in ("functionCall", "functionResponse"):
        _function(kind, value, f"{where}.{kind}", model)


def _signature(value: Any, where: str) -> None:
    data = decoded(value, where)
    proof = base64.b64encode(data).decode()
    if value not in PASSES and data not in PASSES and not holds(proof, kind="thought"):
        bad("Thought signature is not valid." if data.startswith(MARK) else "Corrupted thought signature.")


def _media(kind: str, media: dict[str, Any], where: str) -> None:
    mime = media.get("mimeType")
    if kind == "inlineData":
        if not isinstance(mime, str) or not mime:
            broken_rule(f"{where}.mimeType", "mime_type must be specified")
        if not decoded(media.get("data", ""), f"{where}.data"):
            broken_rule(f"{where}.data", "data must not be empty")
    elif not isinstance(media.get("fileUri"), str) or not media["fileUri"]:
        broken_rule(f"{where}.fileUri", "file_uri must be specified")
    if isinstance(mime, str) and not MEDIA.fullmatch(mime.partition(";")[0]):
        bad(f"Unsupported MIME type: {mime}")


def _function(kind: str, value: dict[str, Any], where: str, model: str) -> None:
    if not isinstance(value.get("name"), str) or not value["name"]:
        broken_rule(f"{where}.name", "Name cannot be empty.")
    if "id" in value and OLD.match(model):
        unknown_name("id", where)
    name = "args" if kind == "functionCall" else "response"
    told = value.get(name)
    if told is not None and not isinstance(told, dict):
        wrong_value(f"{where}.{name}", STRUCT, told)
    for at, part in enumerate(many(value.get("parts"))):
        _part(part, f"{where}.parts[{at}]", model)


def _check_order(turns: list[Turn]) -> None:
    for at, turn in enumerate(turns):
        before = turns[at - 1] if at else None
        if turn.of("functionCall"):
            if before is None:
                bad(
                    "Please ensure that function call turn comes immediately after a user turn or after a function response turn."
                )
            _check_answered(turn, turns[at + 1] if at + 1 < len(turns) else None)
        if turn.of("functionResponse") and (before is None or not before.of("functionCall")):
            bad("Please ensure that function response turn comes immediately after a function call turn.")


def _check_answered(turn: Turn, after: Turn | None) -> None:
    if after is None:
        return
    if len(turn.of("functionCall")) != len(after.of("functionResponse")):
        bad(
            "Please ensure that the number of function response parts is equal to the number of function call parts of the "
            "function call turn."
        )


def _check_signed(turns: list[Turn]) -> None:
    """From the last thing that the user said on, each step's first call has its signature."""
    asked = max((at for at, turn in enumerate(turns) if turn.role == "user" and not turn.of("functionResponse")), default=-1)
    for at, turn in enumerate(turns[asked + 1 :], asked + 1):
        first = next((part for part in turn.parts if "functionCall" in part), None)
        if first is not None and "thoughtSignature" not in first:
            bad(_MISSING.format(name=first["functionCall"]["name"], place=at + 1))
