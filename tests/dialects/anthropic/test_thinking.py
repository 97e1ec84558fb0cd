"""Thinking with a budget in the middle of calls: it demands the thought that led to them."""

import json
from typing import Any

import pytest

from dragoman.core.quirks import Quirks
from support.fixtures import Ask
from support.speech import build, parse

CALL = {"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}}
LOOP: list[dict[str, Any]] = [
    {"role": "user", "content": "x"},
    {"role": "assistant", "content": None, "tool_calls": [CALL]},
    {"role": "tool", "tool_call_id": "a", "content": "1"},
]


@pytest.mark.parametrize(
    ("messages", "quirks", "thinks"),
    [
        (LOOP, Quirks(), False),
        (LOOP, Quirks(thinking=frozenset({"adaptive"})), True),
        ([*LOOP, {"role": "assistant", "content": "done"}, *LOOP[:1]], Quirks(), True),
        (LOOP[:1], Quirks(), True),
    ],
)
def test_a_budget_is_not_thought_with_between_calls_without_their_thought(
    messages: list[dict[str, Any]], quirks: Quirks, thinks: bool
) -> None:
    """Models that take budgets refuse it: the turn that called must begin with its thought (2026-01)."""
    asked = {"model": "m", "max_tokens": 9999, "reasoning_effort": "high", "messages": messages}
    built = build(parse(Ask("openai-chat", "", json.dumps(asked).encode())), "anthropic", quirks)
    assert ("thinking" in json.loads(built.body)) == thinks
    told = [loss for loss in built.losses if loss.path == "/reasoning_effort" and "between calls" in loss.why]
    assert bool(told) != thinks


def test_the_thought_that_was_another_makers_ends_an_own_budget_too() -> None:
    thought = {"type": "thinking", "thinking": "hm", "signature": "dgm1.e30.e30"}
    blocks = [thought, {"type": "tool_use", "id": "a", "name": "f", "input": {}}]
    result = {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "a", "content": "1"}]}
    asked = {
        "model": "m", "max_tokens": 9999, "thinking": {"type": "enabled", "budget_tokens": 2000},
        "messages": [{"role": "user", "content": "x"}, {"role": "assistant", "content": blocks}, result],
    }  # fmt: skip
    built = build(parse(Ask("anthropic", "", json.dumps(asked).encode())), "anthropic", Quirks())
    assert "thinking" not in json.loads(built.body)
    assert {loss.path for loss in built.losses} == {"/messages/1/content/0", "/thinking"}
