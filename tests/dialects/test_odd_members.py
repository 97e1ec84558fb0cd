"""Members that nobody knows, where they could be taken for something else: each goes back to its own place, or nowhere."""

import json
from typing import Any

import pytest

from dragoman.core.loss import LossKind
from dragoman.dialects.deeper import laid
from support.fixtures import Ask
from support.speech import build, parse


def told(dialect: str, target: str, body: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(build(parse(Ask(dialect, "", json.dumps(body).encode())), target).body)
    return found


@pytest.mark.parametrize("threshold", [[], {}, 3, None, "OFF", "BLOCK_LOW_AND_ABOVE"])
def test_a_threshold_of_any_kind(threshold: Any) -> None:
    """Only one that is known to block nothing may go as a hint."""
    contents = [{"role": "user", "parts": [{"text": "Hi"}]}]
    body = {"contents": contents, "safetySettings": [{"category": "X", "threshold": threshold}]}
    built = build(parse(Ask("gemini", "", json.dumps(body).encode())), "openai-chat")
    kinds = {loss.path: loss.kind for loss in built.losses}
    assert kinds["/safetySettings"] is (LossKind.HINT if threshold == "OFF" else LossKind.DROPPED)


def test_a_list_that_is_not_there_is_not_made() -> None:
    assert laid({"a": {}}, {"/content/0/annotations": 1, "/a/b": 2, "/c/d": 3}) == {"a": {"b": 2}, "c": {"d": 3}}
    assert laid({"list": [{}, {}]}, {"/list/1/x": 1, "/list/7/x": 2}) == {"list": [{}, {"x": 1}]}


def test_pieces_of_a_thought_keep_their_own_members() -> None:
    item = {
        "type": "reasoning",
        "summary": [{"type": "summary_text", "foo": 1}, {"type": "summary_text", "text": "t", "bar": 2}],
        "content": [{"type": "reasoning_text", "text": "u", "annotations": []}],
    }
    body = {"model": "m", "input": [{"role": "user", "content": "Hi"}, item, {"role": "assistant", "content": "Hello"}]}
    (found,) = [each for each in told("openai-responses", "openai-responses", body)["input"] if each.get("type") == "reasoning"]
    assert all(isinstance(found.get(name, []), list) for name in ("summary", "content"))
    assert not any("foo" in piece for piece in found["summary"])
    assert found["summary"][0]["bar"] == 2


@pytest.mark.parametrize("kind", ["function", "custom"])
def test_a_slash_in_a_tools_member_is_part_of_its_name(kind: str) -> None:
    tool = {"type": kind, "name": "f", "vendor/opt": 1, "x/name": "another"}
    body = {"model": "m", "input": "Hi", "tools": [tool]}
    (found,) = told("openai-responses", "openai-responses", body)["tools"]
    assert found == {**found, **tool}


def test_what_weighs_nothing_at_the_top_of_a_piece_weighs_nothing_deeper() -> None:
    call = {"id": "c1", "type": "function", "index": 0, "function": {"name": "f", "arguments": "{}", "index": 0}}
    messages = [
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c1", "content": "1"},
    ]
    built = build(parse(Ask("openai-chat", "", json.dumps({"model": "m", "messages": messages}).encode())), "anthropic")
    assert [loss for loss in built.losses if loss.kind is LossKind.DROPPED] == []
