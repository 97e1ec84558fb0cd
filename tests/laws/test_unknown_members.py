"""Unknown members: whatever object a client writes one into, it is told where it stands, or goes out with what it stands in."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from dragoman.core.loss import LossKind
from dragoman.dialects.registry import CLIENTS, DIALECTS
from dragoman.wire.pointer import inside
from support.blanks import at, like, pointed
from support.fixtures import Ask, requests
from support.speech import build, parse

UNHEARD = "unheard"
DATA = frozenset(
    {"inputschema", "parameters", "schema", "arguments", "args", "response", "metadata", "labels", "logitbias", "extrabody",
     "responseschema", "responsejsonschema", "parametersjsonschema"}
)  # fmt: skip
"""Members below which everything is the client's own data."""
SAYS_NOTHING = ("/caller",)
"""Objects that no other dialect could miss: nor what is in them."""

IMAGE = "iVBORw0KGgo="
_MEDIUM = {"mimeType": "image/png", "data": IMAGE}
_FUNCTION = {"type": "function", "function": {"name": "look"}}
_CALLED = {"id": "call_1", "type": "function", "function": {"name": "look", "arguments": "{}"}}


def asked(dialect: str, *parts: Any, **more: Any) -> dict[str, Any]:
    if dialect == "gemini":
        return {"contents": [{"role": "user", "parts": list(parts)}], **more}
    turns = [{"role": "user", "content": list(parts)}]
    return (
        {"model": "m", "max_tokens": 9, "messages": turns} | more
        if dialect == "anthropic"
        else (
            {"model": "m", "input": turns, **more} if dialect == "openai-responses" else {"model": "m", "messages": turns, **more}
        )
    )


def anthropic_source(**source: Any) -> tuple[str, dict[str, Any], str]:
    kind = "image" if "data" in source and source.get("media_type") != "text/plain" else "document"
    return "anthropic", asked("anthropic", {"type": kind, "source": source}, max_tokens=9), "/messages/0/content/0/source"


def chat(part: dict[str, Any], member: str) -> tuple[str, dict[str, Any], str]:
    return "openai-chat", asked("openai-chat", part), f"/messages/0/content/0/{member}"


NESTED = (
    anthropic_source(type="base64", media_type="image/png", data=IMAGE),
    anthropic_source(type="url", url="https://example.com/a.pdf"),
    anthropic_source(type="text", media_type="text/plain", data="Grass."),
    anthropic_source(type="content", content=[{"type": "text", "text": "Grass."}]),
    chat({"type": "image_url", "image_url": {"url": f"data:image/png;base64,{IMAGE}"}}, "image_url"),
    chat({"type": "input_audio", "input_audio": {"data": "UklGRg==", "format": "wav"}}, "input_audio"),
    chat({"type": "file", "file": {"file_data": "data:application/pdf;base64,JVBERi0=", "filename": "a.pdf"}}, "file"),
    ("openai-chat", {"model": "m", "messages": [{"role": "user", "content": "x"}], "tools": [_FUNCTION]}, "/tools/0/function"),
    ("openai-chat", {"model": "m", "messages": [
        {"role": "user", "content": "x"}, {"role": "assistant", "tool_calls": [_CALLED]},
        {"role": "tool", "tool_call_id": "call_1", "content": "y"}], "tools": [_FUNCTION]}, "/messages/1/tool_calls/0/function"),
    ("openai-chat", {"model": "m", "messages": [{"role": "user", "content": "x"}], "tools": [_FUNCTION],
        "tool_choice": _FUNCTION}, "/tool_choice/function"),
    ("openai-responses", asked("openai-responses", {"type": "input_image", "image_url": f"data:image/png;base64,{IMAGE}"}),
        "/input/0/content/0"),
    ("openai-responses", asked("openai-responses", {"type": "input_image", "image_url": {"url": "https://example.com/a.png"}}),
        "/input/0/content/0/image_url"),
    ("gemini", asked("gemini", {"inlineData": _MEDIUM}), "/contents/0/parts/0/inlineData"),
    ("gemini", asked("gemini", {"fileData": {"mimeType": "image/png", "fileUri": "https://example.com/a.png"}}),
        "/contents/0/parts/0/fileData"),
    ("gemini", {"contents": [{"role": "user", "parts": [{"text": "x"}]},
        {"role": "model", "parts": [{"functionCall": {"name": "look", "args": {}}}]},
        {"role": "user", "parts": [{"functionResponse": {"name": "look", "response": {"output": "y"}}}]}]},
        "/contents/1/parts/0/functionCall"),
    ("gemini", {"contents": [{"role": "user", "parts": [{"text": "x"}]},
        {"role": "model", "parts": [{"functionCall": {"name": "look", "args": {}}}]},
        {"role": "user", "parts": [{"functionResponse": {"name": "look", "response": {"output": "y"}}}]}]},
        "/contents/2/parts/0/functionResponse"),
)  # fmt: skip


def objects(value: Any, place: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        yield place
        for name, each in value.items():
            if plain(name) not in DATA and (name not in ("input", "output") or place == ""):
                yield from objects(each, f"{place}/{name}")
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from objects(each, f"{place}/{index}")


def with_one(document: Any, place: str) -> bytes:
    """The document with an unknown member in the object at `place`."""
    copied = json.loads(json.dumps(document))
    at(copied, place)[UNHEARD] = 17
    return json.dumps(copied).encode()


def places(asked: Ask) -> list[str]:
    """One object of each kind."""
    document = json.loads(asked.body)
    found = {(like(place), at(document, place).get("type")): place for place in objects(document) if place}
    return list(found.values())


@pytest.mark.parametrize("asked", requests(), ids=str)
def test_no_unknown_member_is_lost_in_silence(asked: Ask) -> None:
    """Its own dialect gets it back where it stood; another is told it, or a loss names it there, or what it stands in."""
    silent = []
    for place in places(asked):
        request = parse(Ask(asked.dialect, "", with_one(json.loads(asked.body), place)))
        for target in DIALECTS:
            built = build(request, target)
            pointers = [loss.path for loss in built.losses]
            assert [path for path in pointers if UNHEARD in path and path != f"{place}/{UNHEARD}"] == []
            if target == asked.dialect:
                told = named(place) in [named(found) for found in objects(json.loads(built.body)) if has_one(built.body, found)]
            else:
                told = any(inside(f"{place}/{UNHEARD}", path) for path in pointers) or UNHEARD.encode() in built.body
            if not told and not place.endswith(SAYS_NOTHING):
                silent.append((target, place))
    assert silent == []


def has_one(body: bytes, place: str) -> bool:
    return pointed(body, f"{place}/{UNHEARD}")


def named(place: str) -> str:
    """What an object is called by what it stands in, in one spelling: turns and tools may be regrouped."""
    name = re.sub(r"(/\d+)+$", "", place).rpartition("/")[2]
    return plain(name)


def plain(name: str) -> str:
    return name.replace("_", "").lower()


@pytest.mark.parametrize("target", DIALECTS)
@pytest.mark.parametrize(("source", "document", "place"), NESTED, ids=lambda each: each if isinstance(each, str) else "")
def test_inside_a_piece_it_weighs_what_it_does_anywhere(source: str, document: Any, place: str, target: str) -> None:
    built = build(parse(Ask(source, "", with_one(document, place))), target)
    found = {loss.path: loss.kind for loss in built.losses}
    pointer = f"{place}/{UNHEARD}"
    if target == source:
        assert found == {}
        assert UNHEARD.encode() in built.body
    elif not any(inside(pointer, path) and kind is LossKind.DROPPED for path, kind in found.items()):
        raise AssertionError(f"{pointer} is not dropped: {found}")


def test_the_table_has_every_client() -> None:
    assert {source for source, _, _ in NESTED} == set(CLIENTS)
