"""Requests of other dialects for Cohere's chat API: turns, tools, ranges, thinking, and what is its own."""

import json
from typing import Any

import pytest
from msgspec import Raw

from dragoman.core.parts import Media, Opaque, Reasoning, Text
from dragoman.core.quirks import Quirks
from dragoman.core.request import ReasoningAsk, Request, ResponseFormat, Tool, ToolChoice
from dragoman.dialects.base import Built
from dragoman.dialects.cohere import DIALECT
from support.foreign import call, foreign, result, turn
from support.speech import build, target

SCHEMA = Raw(b'{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]}')
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
PLAIN = Quirks(efforts=())
"""A model that does not think."""


def tool(name: str, place: int = 0, **members: Any) -> Tool:
    return Tool(name=name, at=f"/tools/{place}", **{"schema": SCHEMA, **members})


def built(request: Request, quirks: Quirks | None = None) -> tuple[dict[str, Any], dict[str, str]]:
    """(the body, kind of loss by path)."""
    found = build(request, "cohere", quirks)
    return json.loads(found.body), losses(found)


def losses(found: Built) -> dict[str, str]:
    return {loss.path: loss.kind.value for loss in found.losses}


def asked(**members: Any) -> Request:
    return foreign(**{"max_output_tokens": None, **members})


def test_the_least_that_is_asked() -> None:
    assert built(asked()) == ({"model": "some-model", "messages": [{"role": "user", "content": "hi"}]}, {})
    where = target("cohere", "command-a", Quirks(), "o")
    assert DIALECT.endpoint(where, "chat", stream=True) == "https://api.example/v1/chat"


def test_a_step_with_tools() -> None:
    history = (
        turn("user", "go"),
        turn("assistant", Reasoning(text="I will ask.", at="/r"), call("c1", "f", '{"n": 1.50}'), call("c2", "g", "")),
        turn("tool", result("c2", at="/r2"), result("c1", "one", at="/r1", is_error=True)),
        turn("user", "and?"),
    )
    body, lost = built(asked(messages=history))
    assert body["messages"][1]["content"] == [{"type": "thinking", "thinking": "I will ask."}]
    assert body["messages"][1]["tool_calls"] == [
        {"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"n": 1.50}'}},
        {"id": "c2", "type": "function", "function": {"name": "g", "arguments": "{}"}},
    ]
    assert body["messages"][2:] == [
        {"role": "tool", "tool_call_id": "c1", "content": "Error: one"},
        {"role": "tool", "tool_call_id": "c2", "content": "(no output)"},
        {"role": "user", "content": "and?"},
    ]
    assert lost == {"/r2": "approximated", "/r1/is_error": "approximated"}


def test_a_model_that_does_not_think_is_told_its_plan() -> None:
    """Its chat template writes plan and thinking alike (Cohere's guide to prompting Command A)."""
    thought = Reasoning(text="I will ask.", at="/r")
    body, lost = built(asked(messages=(turn("assistant", thought, call("c", "f")), turn("tool", result("c", "x")))), PLAIN)
    assert body["messages"][0]["tool_plan"] == "I will ask."
    assert "content" not in body["messages"][0]
    assert lost == {}
    body, lost = built(asked(messages=(turn("user", "a"), turn("assistant", thought, "b"), turn("user", "c"))), PLAIN)
    assert body["messages"][1] == {"role": "assistant", "content": "b"}
    assert lost == {"/r": "dropped"}


def test_no_turn_is_empty() -> None:
    history = (turn("user", "a"), turn("assistant", "", at="/m/1"), turn("user", "b"))
    assert built(asked(messages=history))[0]["messages"] == [
        {"role": "user", "content": "a"},
        {"role": "user", "content": "b"},
    ]


def test_instructions_stand_in_front_alone() -> None:
    history = (turn("user", "a"), turn("assistant", "b"), turn("system", "Hurry.", at="/m/2"), turn("user", "c"))
    body, lost = built(asked(system=(Text("One."), Text("Two.")), messages=history))
    assert body["messages"][0] == {"role": "system", "content": "One.\n\nTwo."}
    assert [message["role"] for message in body["messages"]] == ["system", "user", "assistant", "user"]
    assert body["messages"][3]["content"][0]["text"] == "<system-reminder>\nHurry.\n</system-reminder>"
    assert lost == {"/m/2": "approximated"}
    kept, lost = built(asked(messages=history), Quirks(mid_system=True))
    assert kept["messages"][2] == {"role": "system", "content": "Hurry."}
    assert lost == {}


def test_images() -> None:
    pictures = (
        Media(kind="image", data=PNG, detail="low", at="/m/0"),
        Media(kind="image", url="https://images.example/a.png", at="/m/1"),
        Media(kind="image", url="https://images.example/b.png", detail="original", at="/m/2"),
        Media(kind="audio", data="AAAA", at="/m/3"),
    )
    body, lost = built(asked(messages=(turn("user", "Look.", *pictures),)))
    assert body["messages"][0]["content"] == [
        {"type": "text", "text": "Look."},
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}", "detail": "low"}},
        {"type": "image_url", "image_url": {"url": "https://images.example/a.png"}},
        {"type": "image_url", "image_url": {"url": "https://images.example/b.png", "detail": "high"}},
    ]
    assert lost == {"/m/2": "hint", "/m/3": "dropped"}


def test_a_result_with_an_image() -> None:
    shown = result("c", "Here:", Media(kind="image", data=PNG, at="/i"))
    body, lost = built(asked(messages=(turn("assistant", call("c", "f")), turn("tool", shown), turn("user", "Well?"))))
    assert body["messages"][1] == {"role": "tool", "tool_call_id": "c", "content": "Here:\n[see attached image]"}
    kinds = [piece["type"] for piece in body["messages"][2]["content"]]
    assert kinds == ["text", "image_url", "text"]
    assert lost == {"/i": "approximated"}


@pytest.mark.parametrize(
    ("choice", "word", "offered", "lost"),
    [
        (ToolChoice(mode="auto"), None, ["f", "g"], {}),
        (ToolChoice(mode="none"), "NONE", ["f", "g"], {}),
        (ToolChoice(mode="any"), "REQUIRED", ["f", "g"], {}),
        (ToolChoice(mode="tool", name="g"), "REQUIRED", ["g"], {"/tool_choice": "approximated", "/tools/0": "hint"}),
        (ToolChoice(mode="any", allowed=("f",)), "REQUIRED", ["f"], {"/tool_choice": "approximated", "/tools/1": "hint"}),
    ],
)
def test_choices(choice: ToolChoice, word: str | None, offered: list[str], lost: dict[str, str]) -> None:
    body, told = built(asked(tools=(tool("f"), tool("g", 1)), tool_choice=choice))
    assert body.get("tool_choice") == word
    assert [each["function"]["name"] for each in body["tools"]] == offered
    assert told == lost


def test_the_only_tool_is_forced_without_a_loss() -> None:
    body, lost = built(asked(tools=(tool("f"),), tool_choice=ToolChoice(mode="tool", name="f", at="/tool_choice")))
    assert body["tool_choice"] == "REQUIRED"
    assert lost == {}


def test_a_model_that_takes_no_choice() -> None:
    old = Quirks(forced_tools=False)
    forced = ToolChoice(mode="tool", name="f", at="/tool_choice")
    body, lost = built(asked(tools=(tool("f"), tool("g", 1)), tool_choice=forced), old)
    assert "tool_choice" not in body
    assert len(body["tools"]) == 2
    assert "`f`" in body["messages"][0]["content"]
    assert lost == {"/tool_choice": "approximated"}
    body, lost = built(asked(tools=(tool("f"),), tool_choice=ToolChoice(mode="none", at="/tool_choice")), old)
    assert "tools" not in body
    assert lost == {"/tool_choice": "approximated", "/tools/0": "hint"}


def test_names_are_of_letters_and_begin_with_one() -> None:
    names = ["get-weather", "get_weather", "2nd", "_2nd", "mcp.server/tool", "fine"]
    request = asked(tools=tuple(tool(name, place) for place, name in enumerate(names)))
    found = build(request, "cohere")
    sent = [each["function"]["name"] for each in json.loads(found.body)["tools"]]
    assert all(name.isidentifier() for name in sent)
    assert len(set(sent)) == len(names)
    assert [found.undo.names.get(name, name) for name in sent] == names
    assert sent[5] == "fine"


def test_strict_tools_are_all_or_none() -> None:
    strict, loose = tool("f", strict=True), tool("g", 1)
    free = tool("h", 1, strict=True, schema=Raw(b'{"type":"object","properties":{"a":{}}}'))
    assert built(asked(tools=(strict,)))[0]["strict_tools"] is True
    for tools, lost in (((strict, loose), ["/tools/0"]), ((strict, free), ["/tools/0", "/tools/1"])):
        body, told = built(asked(tools=tools))
        assert "strict_tools" not in body
        assert told == dict.fromkeys(lost, "approximated")


@pytest.mark.parametrize(
    ("member", "value", "name", "sent", "lost"),
    [
        ("max_output_tokens", 9, "max_tokens", 9, False),
        ("temperature", 0, "temperature", 0, False),
        ("temperature", 1.5, "temperature", 1, True),
        ("top_p", 1, "p", 0.99, True),
        ("top_p", 0, "p", 0.01, True),
        ("top_p", 0.5, "p", 0.5, False),
        ("top_k", 900, "k", 500, True),
        ("top_k", 0, "k", 0, False),
        ("frequency_penalty", 1.2, "frequency_penalty", 1, True),
        ("presence_penalty", -1, "presence_penalty", 0, True),
        ("seed", 0, "seed", 0, False),
    ],
)
def test_ranges(member: str, value: Any, name: str, sent: Any, lost: bool) -> None:
    body, told = built(asked(**{member: value}))
    assert body[name] == sent
    assert told == ({f"/{member}": "approximated"} if lost else {})


@pytest.mark.parametrize(
    ("frequency", "presence", "sent", "lost"),
    [
        (0.5, 0.5, {"frequency_penalty": 0.5}, {"/presence_penalty": "dropped"}),
        (0, 0.5, {"presence_penalty": 0.5}, {}),
        (0.5, 0, {"frequency_penalty": 0.5}, {}),
        (-0.5, 0.5, {"presence_penalty": 0.5}, {"/frequency_penalty": "dropped"}),
        (0, 0, {"presence_penalty": 0}, {}),
    ],
)
def test_one_kind_of_penalty(frequency: float, presence: float, sent: dict[str, float], lost: dict[str, str]) -> None:
    body, told = built(asked(frequency_penalty=frequency, presence_penalty=presence))
    assert {name: value for name, value in body.items() if name.endswith("penalty")} == sent
    assert told == lost


def test_limits() -> None:
    body, lost = built(asked(stop=("1", "2", "3", "4", "5", "6"), seed=-1))
    assert body["stop_sequences"] == ["1", "2", "3", "4", "5"]
    assert "seed" not in body
    assert lost == {"/stop": "dropped", "/seed": "dropped"}
    assert "stop_sequences" not in built(asked(stop=()))[0]


@pytest.mark.parametrize(
    ("ask", "sent", "kind"),
    [
        (ReasoningAsk(mode="off", at="/t"), {"type": "disabled"}, None),
        (ReasoningAsk(effort="none", at="/t"), {"type": "disabled"}, None),
        (ReasoningAsk(mode="on", at="/t"), {"type": "enabled"}, None),
        (ReasoningAsk(mode="on", budget=2048, at="/t"), {"type": "enabled", "token_budget": 2048}, None),
        (ReasoningAsk(effort="low", at="/t"), {"type": "enabled", "token_budget": 2048}, "approximated"),
        (ReasoningAsk(effort="high", at="/t"), {"type": "enabled"}, "approximated"),
        (ReasoningAsk(mode="adaptive", at="/t"), None, "hint"),
    ],
)
def test_thinking(ask: ReasoningAsk, sent: Any, kind: str | None) -> None:
    body, lost = built(asked(reasoning=ask))
    assert body.get("thinking") == sent
    assert lost == ({} if kind is None else {"/t": kind})


def test_a_model_that_does_not_think_is_not_told_how() -> None:
    for ask, kind in ((ReasoningAsk(effort="low", at="/t"), "dropped"), (ReasoningAsk(mode="off", at="/t"), "hint")):
        body, lost = built(asked(reasoning=ask), PLAIN)
        assert "thinking" not in body
        assert lost == {"/t": kind}


DEEP = Raw(
    b'{"type":"object","properties":{"a":{"type":"array","items":{"type":"object","properties":{"b":{}}}}},"required":["a"]}'
)
NAMED = Raw(b'{"type":"object","properties":{"properties":{"type":"string"}},"required":["properties"]}')
JSON = {"type": "json_object"}


@pytest.mark.parametrize(
    ("form", "more", "sent", "lost"),
    [
        (ResponseFormat(kind="text", at="/f"), {}, None, {}),
        (ResponseFormat(kind="json", at="/f"), {}, JSON, {"/f": "hint"}),
        (ResponseFormat(kind="schema", schema=SCHEMA, at="/f"), {}, {**JSON, "json_schema": json.loads(bytes(SCHEMA))}, {}),
        (ResponseFormat(kind="schema", schema=NAMED, at="/f"), {}, {**JSON, "json_schema": json.loads(bytes(NAMED))}, {}),
        (ResponseFormat(kind="schema", schema=DEEP, at="/f"), {}, JSON, {"/f": "approximated"}),
        (ResponseFormat(kind="schema", schema=Raw(b'{"type":"array"}'), at="/f"), {}, JSON, {"/f": "approximated"}),
        (ResponseFormat(kind="schema", schema=SCHEMA, at="/f"), {"tools": (tool("f"),)}, None, {"/f": "approximated"}),
        (ResponseFormat(kind="json", at="/f"), {"extras": {"documents": Raw(b'["x"]')}}, None, {"/f": "approximated"}),
    ],
)
def test_formats(form: ResponseFormat, more: dict[str, Any], sent: Any, lost: dict[str, str]) -> None:
    """Beside tools or documents, and for a schema it does not take, words say it."""
    body, told = built(asked(response_format=form, **more))
    assert body.get("response_format") == sent
    assert told == lost
    assert (body["messages"][0]["role"] == "system") == bool(lost)


def test_its_own_words_come_from_any_client() -> None:
    extras = {
        "documents": Raw(b'[{"id":"d","data":{"text":"x"}}]'),
        "citation_options": Raw(b'{"mode":"FAST"}'),
        "safety_mode": Raw(b'"STRICT"'),
        "priority": Raw(b"1"),
        "connectors": Raw(b'[{"id":"web-search"}]'),
    }
    body, lost = built(asked(extras=extras, passed={"raw_prompting": Raw(b"true")}))
    assert body["documents"] == [{"id": "d", "data": {"text": "x"}}]
    assert (body["citation_options"], body["safety_mode"], body["priority"]) == ({"mode": "FAST"}, "STRICT", 1)
    assert body["raw_prompting"] is True
    assert lost == {"/connectors": "dropped"}


def test_what_a_target_refuses_is_left_out() -> None:
    request = asked(top_k=2, top_p=0.5, max_output_tokens=5, extras={"priority": Raw(b"1")})
    body, lost = built(request, Quirks(drop=frozenset({"k", "priority"}), rename={"max_tokens": "max_output"}))
    assert body == {"model": "some-model", "messages": body["messages"], "p": 0.5, "max_output": 5}
    assert lost == {"/top_k": "dropped", "/priority": "dropped"}


def test_what_has_no_word_is_told() -> None:
    search = Opaque(dialect="anthropic", kind="web_search", raw=Raw(b'{"name":"web_search"}'), at="/tools/1")
    members: dict[str, Any] = {"n": 2, "top_logprobs": 3, "logprobs": True, "parallel_tools": False, "user": "u"}
    body, lost = built(asked(tools=(tool("f"), search), **members))
    assert body["logprobs"] is True
    assert lost == {
        **{"/n": "refused", "/top_logprobs": "dropped", "/parallel_tools": "dropped", "/user": "hint"},
        **{"/tools/1": "dropped"},
    }


def test_a_turn_to_go_on_with_is_begun_anew() -> None:
    request = asked(messages=(turn("user", "Count."), turn("assistant", "1, 2,", at="/m/1")))
    assert built(request)[1] == {"/m/1": "approximated"}
    assert built(request, Quirks(prefill=True))[1] == {}
