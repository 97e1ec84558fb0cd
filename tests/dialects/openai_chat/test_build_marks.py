"""Prompt cache marks of another dialect's request, as Chat has them, and the key that stands for them at older models."""

import json
from typing import Any

import pytest
from msgspec import Raw
from msgspec.structs import replace

from dragoman.core.loss import LossKind
from dragoman.core.parts import CacheMark, Part, Text, ToolCall, ToolResult
from dragoman.core.quirks import Quirks
from dragoman.core.request import Message, Request, Tool
from support.chat import build, built, told


def request(*messages: Message, **members: Any) -> Request:
    return Request(dialect="anthropic", model="m", messages=messages, **members)


def user(*parts: Part) -> Message:
    return Message("user", parts, at="/messages/0")


def result(*parts: Text, **more: Any) -> ToolResult:
    return ToolResult(id="t1", parts=parts, at="/result-t1", **more)


def exchange(*parts: Part) -> Request:
    """A call and what the user then says."""
    call = ToolCall(id="t1", name="f", arguments="{}", at="/call")
    return request(user(Text("go")), Message("assistant", (call,)), Message("user", parts))


def test_cache_marks() -> None:
    asked = request(user(Text("a", CacheMark("1h"), at="/p")), tools=(Tool(name="f", cache=CacheMark(), at="/t"),))
    assert told(build(asked).losses) == {"/p/cache_control": "hint", "/t/cache_control": "hint"}
    found = built(asked, Quirks(cache_marks="cache_control"))
    assert found["messages"][0]["content"] == [{"type": "text", "text": "a", "cache_control": {"type": "ephemeral", "ttl": "1h"}}]
    assert found["tools"][0]["cache_control"] == {"type": "ephemeral"}
    openai = build(asked, Quirks(cache_marks="prompt_cache_breakpoint"))
    sent = json.loads(openai.body)
    assert sent["messages"][0]["content"][0]["prompt_cache_breakpoint"] == {"mode": "explicit", "ttl": "12h"}
    assert "prompt_cache_breakpoint" not in sent["tools"][0]
    assert told(openai.losses) == {"/p/cache_control/ttl": "hint", "/t/cache_control": "hint"}
    azure = built(asked, Quirks(cache_marks="prompt_cache_breakpoint", cache_long=False))
    assert azure["messages"][0]["content"][0]["prompt_cache_breakpoint"] == {"mode": "explicit", "ttl": "30m"}


def test_the_last_four_cache_marks_stay() -> None:
    said = [Text(str(number), CacheMark(at=f"/c/{number}"), at=f"/{number}") for number in range(5)]
    tool = Tool(name="f", cache=CacheMark(at="/t/mark"), at="/t")
    asked = request(user(*said), tools=(tool,))
    found = build(asked, Quirks(cache_marks="cache_control"))
    marked = [piece.get("cache_control") for piece in json.loads(found.body)["messages"][0]["content"]]
    assert marked == [None, *[{"type": "ephemeral"}] * 4]
    assert told(found.losses) == {"/c/0": "hint", "/t/mark": "hint"}


def test_a_cache_mark_on_a_result_stands_on_its_text() -> None:
    mark = CacheMark(None, {"scope": Raw(b'"global"')}, "/m")
    asked = replace(exchange(result(Text("1"), Text("2"), cache=mark)), weights={"cache_control.scope": LossKind.HINT})
    found = build(asked, Quirks(cache_marks="prompt_cache_breakpoint"))
    assert json.loads(found.body)["messages"][2]["content"] == [
        {"type": "text", "text": "1"},
        {"type": "text", "text": "2", "prompt_cache_breakpoint": {"mode": "explicit"}},
    ]
    assert told(found.losses) == {"/m/scope": "hint"}
    for lost in (build(asked), build(asked, Quirks(cache_marks="cache_control", text_parts=False))):
        assert told(lost.losses) == {"/m": "hint"}
    empty = build(exchange(result(cache=CacheMark(at="/m"))), Quirks(cache_marks="cache_control"))
    assert json.loads(empty.body)["messages"][2]["content"] == ""
    assert told(empty.losses) == {"/m": "hint"}


@pytest.mark.parametrize(
    ("quirks", "members", "key"),
    [
        (Quirks(cache_key=True), {}, True),
        (Quirks(), {}, False),
        (Quirks(cache_key=True, cache_marks="prompt_cache_breakpoint"), {}, False),
        (Quirks(cache_key=True), {"user": None}, False),
        (Quirks(cache_key=True), {"system": ()}, False),
    ],
    ids=["asked", "other servers", "marks instead", "no session", "no marks"],
)
def test_a_key_for_the_cache_only_where_it_was_asked_for(quirks: Quirks, members: dict[str, Any], key: bool) -> None:
    asked = request(user(Text("a")), **{"system": (Text("s", CacheMark()),), "user": "session_1", **members})
    found = built(asked, quirks)
    assert ("prompt_cache_key" in found) == key
    if key:
        assert len(found["prompt_cache_key"]) == 32
        assert found["prompt_cache_key"] != built(replace(asked, user="session_2"), quirks)["prompt_cache_key"]
    assert built(replace(asked, prompt_cache_key="own"), quirks)["prompt_cache_key"] == "own"
