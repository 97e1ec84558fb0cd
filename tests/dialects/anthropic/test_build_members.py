"""Tools, thinking, sampling and the other members of other dialects as an Anthropic provider gets them."""

import json
from typing import Any

import pytest
from msgspec import Raw

from dragoman.core.loss import LossKind
from dragoman.core.parts import Opaque, Text
from dragoman.core.request import ReasoningAsk, Request, ResponseFormat, Tool, ToolChoice
from support.anthropic import body, build, losses
from support.foreign import F, call, foreign, result, turn

APPROXIMATED, DROPPED, HINT, REFUSED = LossKind.APPROXIMATED, LossKind.DROPPED, LossKind.HINT, LossKind.REFUSED


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (ToolChoice(mode="auto"), {"type": "auto"}),
        (ToolChoice(mode="any"), {"type": "any"}),
        (ToolChoice(mode="none"), {"type": "none"}),
        (ToolChoice(mode="tool", name="f"), {"type": "tool", "name": "f"}),
        (None, None),
    ],
)
def test_tool_choice(choice: ToolChoice | None, expected: Any) -> None:
    assert body(foreign(tools=(F,), tool_choice=choice)).get("tool_choice") == expected
    one = body(foreign(tools=(F,), tool_choice=choice, parallel_tools=False)).get("tool_choice")
    if expected == {"type": "none"}:
        assert one == expected
    else:
        assert one == {**(expected or {"type": "auto"}), "disable_parallel_tool_use": True}


def test_only_allowed_tools_are_offered() -> None:
    g = Tool(name="g", at="/tools/1")
    request = foreign(tools=(F, g), tool_choice=ToolChoice(mode="any", allowed=("f",)))
    assert [tool["name"] for tool in body(request)["tools"]] == ["f"]
    assert losses(request) == {"/tools/1": HINT}
    or_none = foreign(tools=(F, g), tool_choice=ToolChoice(mode="auto", allowed=("f",), at="/tool_choice"))
    assert losses(or_none) == {"/tools/1": HINT, "/tool_choice": HINT}


def test_where_nothing_may_be_called_nothing_is_called_at_once() -> None:
    request = foreign(tools=(F,), tool_choice=ToolChoice(mode="none"), parallel_tools=False)
    assert losses(request) == {"/parallel_tools": HINT}


def test_a_model_that_cannot_be_forced_is_instructed() -> None:
    request = foreign(tools=(F,), tool_choice=ToolChoice(mode="tool", name="f", at="/tool_choice"))
    found = body(request, forced_tools=False)
    assert found["tool_choice"] == {"type": "auto"}
    assert "`f`" in found["system"]
    assert losses(request, forced_tools=False) == {"/tool_choice": APPROXIMATED}


def test_a_history_with_calls_has_tools_that_may_not_be_called() -> None:
    found = body(foreign(turn("user", "a"), turn("assistant", call("1")), turn("tool", result("1", "r")), turn("user", "b")))
    assert [tool["name"] for tool in found["tools"]] == ["f"]
    assert found["tool_choice"] == {"type": "none"}


def test_tools_of_another_vendors_server() -> None:
    server = Opaque(dialect="openai-chat", kind="web_search", raw=Raw(b"{}"), at="/tools/1")
    assert losses(foreign(tools=(F, server))) == {"/tools/1": DROPPED}
    assert losses(foreign(tools=(server,))) == {"/tools/1": REFUSED}
    forced = ToolChoice(mode="tool", name="web_search")
    assert losses(foreign(tools=(F, server), tool_choice=forced))["/tools/1"] is REFUSED


def test_strict_tools() -> None:
    schema = Raw(b'{"type":"object","properties":{"n":{"type":"integer","minimum":3}},"required":["n"]}')
    request = foreign(tools=(Tool(name="f", schema=schema, strict=True, at="/t"),))
    tool = body(request)["tools"][0]
    assert tool["strict"] is True
    assert tool["input_schema"]["additionalProperties"] is False
    assert tool["input_schema"]["properties"]["n"] == {"type": "integer", "description": "minimum: 3"}
    assert losses(request) == {"/t": APPROXIMATED}
    assert "strict" not in body(request, tool_strict=False)["tools"][0]


def test_a_schema_for_the_answer() -> None:
    schema = Raw(b'{"type": "object", "properties": {}, "additionalProperties": false}')
    request = foreign(response_format=ResponseFormat(kind="schema", schema=schema, at="/response_format"))
    built = build(request)
    assert b'"format":{"type":"json_schema","schema":' + bytes(schema) in built.body
    assert built.losses == ()
    told = body(request, json_schema=False)
    assert '"additionalProperties": false' in told["system"]
    assert losses(request, json_schema=False) == {"/response_format": APPROXIMATED}
    anything = foreign(response_format=ResponseFormat(kind="json", at="/response_format"), system=(Text("Be."),))
    assert "JSON" in body(anything)["system"][-1]["text"]
    assert losses(anything) == {"/response_format": APPROXIMATED}


CLAUDE_4_5 = {"thinking": frozenset({"on", "off"})}
CLAUDE_5 = {"thinking": frozenset({"adaptive", "off"}), "efforts": ("low", "medium", "high", "xhigh", "max")}
MYTHOS = {"thinking": frozenset({"adaptive"}), "efforts": ("low", "medium", "high", "xhigh", "max")}


@pytest.mark.parametrize(
    ("ask", "quirks", "thinking", "effort"),
    [
        (ReasoningAsk(effort="high"), CLAUDE_5, {"type": "adaptive"}, "high"),
        (ReasoningAsk(effort="minimal"), CLAUDE_5, {"type": "adaptive"}, "low"),
        (ReasoningAsk(effort="none"), CLAUDE_5, {"type": "disabled"}, None),
        (ReasoningAsk(effort="none"), MYTHOS, None, "low"),
        (ReasoningAsk(effort="high"), CLAUDE_4_5, {"type": "enabled", "budget_tokens": 16384}, None),
        (ReasoningAsk(effort="high"), {}, {"type": "enabled", "budget_tokens": 16384}, None),
        (ReasoningAsk(mode="on", budget=5000), CLAUDE_4_5, {"type": "enabled", "budget_tokens": 5000}, None),
        (ReasoningAsk(mode="on", budget=5000), CLAUDE_5, {"type": "adaptive"}, "medium"),
        (ReasoningAsk(mode="on", budget=500), {}, {"type": "enabled", "budget_tokens": 1024}, None),
        (ReasoningAsk(mode="on", budget=90000), {}, {"type": "enabled", "budget_tokens": 49999}, None),
        (ReasoningAsk(mode="off"), {}, {"type": "disabled"}, None),
        (ReasoningAsk(mode="adaptive", summary="auto"), CLAUDE_5, {"type": "adaptive", "display": "summarized"}, None),
        (ReasoningAsk(effort="low"), {"thinking": frozenset()}, None, None),
    ],
)
def test_thinking(ask: ReasoningAsk, quirks: Any, thinking: Any, effort: str | None) -> None:
    found = body(foreign(reasoning=ask), **quirks)
    assert found.get("thinking") == thinking
    assert found.get("output_config", {}).get("effort") == effort


def test_no_budget_where_a_tool_is_forced_or_no_room_is_left() -> None:
    forced = foreign(
        tools=(F,), tool_choice=ToolChoice(mode="any"), reasoning=ReasoningAsk(effort="high", at="/reasoning_effort")
    )
    assert "thinking" not in body(forced)
    assert losses(forced)["/reasoning_effort"] is APPROXIMATED
    small = foreign(max_output_tokens=1000, reasoning=ReasoningAsk(effort="high", at="/reasoning_effort"))
    assert "thinking" not in body(small)
    assert losses(small) == {"/reasoning_effort": DROPPED}


def test_sampling() -> None:
    request = foreign(temperature=1.5, top_p=0.5, top_k=3)
    assert {name: body(request)[name] for name in ("temperature", "top_p", "top_k")} == {
        "temperature": 1,
        "top_p": 0.5,
        "top_k": 3,
    }
    assert losses(request) == {"/temperature": APPROXIMATED}
    assert "top_p" not in body(request, sampling="one")
    assert not {"temperature", "top_p", "top_k"} & body(request, sampling="none").keys()
    assert losses(foreign(temperature=1), sampling="none") == {"/temperature": HINT}
    assert body(foreign(temperature=0, seed=0))["temperature"] == 0
    thinks = foreign(temperature=0.2, reasoning=ReasoningAsk(mode="on", budget=2000))
    assert losses(thinks) == {"/temperature": DROPPED}


def test_limits() -> None:
    assert body(foreign(max_output_tokens=None))["max_tokens"] == 32000
    assert body(foreign(max_output_tokens=None), max_tokens_default=4096)["max_tokens"] == 4096
    assert body(foreign(max_output_tokens=5), min_output_tokens=16)["max_tokens"] == 16
    assert body(foreign(), max_output_tokens=4096)["max_tokens"] == 4096
    large = foreign(max_output_tokens=200_000)
    assert body(large, max_output_tokens=64_000)["max_tokens"] == 64_000
    assert losses(large, max_output_tokens=64_000) == {"/max_output_tokens": APPROXIMATED}


def test_stop_sequences() -> None:
    request = foreign(stop=("a", " \n", "b"))
    assert body(request)["stop_sequences"] == ["a", "b"]
    assert losses(request) == {"/stop": APPROXIMATED}
    assert body(foreign(stop=("a", "b")), stop_max=1)["stop_sequences"] == ["a"]
    assert "stop_sequences" not in body(foreign(stop=("",)))


def test_members_without_a_word_here() -> None:
    request = foreign(
        n=2,
        seed=0,
        presence_penalty=0,
        frequency_penalty=0.5,
        logprobs=True,
        top_logprobs=3,
        verbosity="low",
        store=True,
        metadata=Raw(b"{}"),
        prompt_cache_key="k",
        service_tier="flex",
        extras={"prediction": Raw(b"{}"), "web_search_options": Raw(b"{}")},
        weights={"prediction": HINT},
    )
    assert losses(request) == {
        "/n": REFUSED,
        "/seed": DROPPED,
        "/frequency_penalty": DROPPED,
        "/logprobs": DROPPED,
        "/top_logprobs": DROPPED,
        "/verbosity": DROPPED,
        "/store": HINT,
        "/metadata": HINT,
        "/prompt_cache_key": HINT,
        "/service_tier": HINT,
        "/prediction": HINT,
        "/web_search_options": DROPPED,
    }
    assert set(json.loads(build(request).body)) == {"model", "max_tokens", "messages"}


def test_who_asks() -> None:
    assert body(foreign(user="u-1"))["metadata"] == {"user_id": "u-1"}
    assert body(foreign(user="u-1", safety_identifier="s-1"))["metadata"] == {"user_id": "s-1"}
    hidden = foreign(user="ada@example.org")
    assert "@" not in body(hidden)["metadata"]["user_id"]
    assert losses(hidden) == {"/user": APPROXIMATED}


def test_members_a_target_refuses_or_calls_otherwise() -> None:
    request = foreign(user="u", temperature=0.5)
    found = body(request, drop=frozenset({"metadata", "temperature"}), rename={"max_tokens": "max_output"})
    assert set(found) == {"model", "max_output", "messages"}
    assert losses(request, drop=frozenset({"metadata", "temperature"})) == {"/user": DROPPED, "/temperature": DROPPED}


def test_own_requests_keep_what_quirks_do_not_forbid() -> None:
    own = Request(
        dialect="anthropic",
        messages=(turn("user", "a"), turn("system", "now", at="/messages/1"), turn("assistant", "b ")),
        temperature=1.5,
    )
    found = body(own, sampling="none", prefill=False)
    assert (found["temperature"], [message["role"] for message in found["messages"]]) == (1.5, ["user", "system", "assistant"])
    folded = body(own, mid_system=False)["messages"]
    assert [message["role"] for message in folded] == ["user", "user", "assistant"]
    assert losses(own, mid_system=False) == {"/messages/1": APPROXIMATED}
