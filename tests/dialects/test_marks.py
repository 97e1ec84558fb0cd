"""Prompt cache marks: of more than a target takes the last four stay, each where the target has a place for it."""

import re
from typing import Any

import pytest
from msgspec import Raw

from dragoman.core.parts import CacheMark, Text, ToolCall, ToolResult
from dragoman.core.quirks import Quirks
from dragoman.core.request import Message, Request, Tool
from support.speech import build

FORMS: dict[str, Any] = {
    "anthropic": None,
    "openai-chat": "cache_control",
    "openai-responses": "prompt_cache_breakpoint",
    "bedrock": "cache_point",
}
MARK = re.compile(rb'"(?:cache_control|prompt_cache_breakpoint|cachePoint)"')


def mark(name: str) -> CacheMark:
    return CacheMark(at=f"/{name}/mark")


def request() -> Request:
    """Every piece that may have a mark has one; one of them stands inside a result."""
    called = ToolCall(id="c", name="f", arguments="{}", cache=mark("call"), at="/call")
    inner = Text("7", mark("inner"), at="/inner")
    return Request(
        dialect="elsewhere",
        model="m",
        max_output_tokens=9,
        tools=(Tool(name="f", schema=Raw(b'{"type":"object"}'), cache=mark("tool"), at="/tool"),),
        system=(Text("s", mark("system"), at="/system"),),
        messages=(
            Message("user", (Text("a", mark("user"), at="/user"),)),
            Message("assistant", (Text("b", mark("assistant"), at="/assistant"), called)),
            Message("tool", (ToolResult(id="c", parts=(inner,), cache=mark("result"), at="/result"),)),
            Message("user", (Text("z", mark("last"), at="/last"),)),
        ),
    )


@pytest.mark.parametrize(
    ("dialect", "kept"),
    [
        ("anthropic", {"call", "inner", "result", "last"}),
        ("openai-chat", {"call", "inner", "result", "last"}),
        ("openai-responses", {"user", "inner", "result", "last"}),
        ("bedrock", {"assistant", "call", "result", "last"}),
    ],
)
def test_the_last_four_that_have_a_place_stay(dialect: str, kept: set[str]) -> None:
    built = build(request(), dialect, Quirks(cache_marks=FORMS[dialect]))
    lost = {loss.path.split("/")[1] for loss in built.losses if loss.path.endswith("/mark") and "keeps" not in loss.why}
    assert {"tool", "system", "user", "assistant", "call", "inner", "result", "last"} - lost == kept
    assert 3 <= len(MARK.findall(built.body)) <= 4  # a result's own stands on its last text, which may have one


@pytest.mark.parametrize("dialect", ["openai-responses", "openai-chat", "bedrock", "gemini", "ollama", "cohere"])
def test_where_none_is_taken_all_are_told(dialect: str) -> None:
    built = build(request(), dialect)
    assert len([loss for loss in built.losses if loss.path.endswith("/mark")]) == 8
    assert MARK.search(built.body) is None
