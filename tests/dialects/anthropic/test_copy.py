"""The Copy lane, and where a target is asked."""

import json
from typing import Any

import pytest

from dragoman.core.loss import Loss, LossKind
from dragoman.core.quirks import Quirks
from dragoman.core.request import Envelope
from dragoman.dialects.anthropic import DIALECT
from dragoman.dialects.base import NOTHING, Built
from support.anthropic import target

TURNS = b'[ {"role":"user","content":"\\u00e9"} ]'
ODD = b'{ "model" :"a", "temperature":1.50 ,"messages" : %b,"big":12345678901234567890,"x":null}' % TURNS


def retarget(data: bytes, model: str = "claude-x", **quirks: Any) -> Built:
    envelope = DIALECT.peek("POST", "/v1/messages", "", (), data)
    return DIALECT.retarget(envelope, target(model), Quirks(**quirks))


def test_nothing_changes_nothing() -> None:
    envelope = DIALECT.peek("POST", "/v1/messages", "", (), ODD)
    assert DIALECT.retarget(envelope, target("a"), Quirks()).body is ODD
    assert DIALECT.retarget(envelope, target("a"), Quirks(drop=frozenset({"speed"}))).body is ODD


def test_only_the_model_changes() -> None:
    built = retarget(ODD)
    assert json.loads(built.body) == {**json.loads(ODD), "model": "claude-x"}
    for piece in (b"1.50", TURNS, b"12345678901234567890"):
        assert piece in built.body
    assert built.losses == ()
    assert built.headers == (("anthropic-version", "2023-06-01"),)


def test_the_attribution_and_cache_marks_stay_as_they_are() -> None:
    mark = b'"cache_control": {"scope":"global" ,"type":"ephemeral"}'
    system = b'[{"type":"text","text":"x-anthropic-billing-header: cc_version=2;"}, {"type":"text", "text":"Be.", %b}]' % mark
    built = retarget(b'{"model":"a","system":%b,"messages":%b}' % (system, TURNS))
    assert b'"system":' + system in built.body
    assert built.losses == ()


def test_a_model_that_is_not_named_is_written() -> None:
    assert json.loads(retarget(b'{"messages":[],"model":null}').body)["model"] == "claude-x"
    assert json.loads(retarget(b'{"messages":[]}').body)["model"] == "claude-x"


def test_members_are_dropped_and_renamed() -> None:
    built = retarget(ODD, drop=frozenset({"temperature", "x", "model", "messages"}), rename={"big": "huge"})
    assert json.loads(built.body) == {"model": "claude-x", "messages": json.loads(ODD)["messages"], "huge": 12345678901234567890}
    assert built.losses == (Loss("/temperature", LossKind.DROPPED, "not taken by this provider"),)


@pytest.mark.parametrize(
    ("data", "quirks", "copied"),
    [
        (ODD, {}, True),
        (b'{"messages":[{"role" : "system"}]}', {}, True),
        (b'{"messages":[{"role" : "system"}]}', {"mid_system": False}, False),
        (ODD, {"mid_system": False}, True),
        (b'{"tools":[]}', {"tool_name_max": 64}, False),
        (ODD, {"tool_name_max": 64}, True),
        (b'{"messages":[{"content":[{"type":"tool_use"}]}]}', {"tool_id": "alnum9"}, False),
        (b'{"tool_choice":{"type":"any"},"temperature":1}', {"forced_tools": False, "sampling": "none"}, True),
    ],
)
def test_copyable(data: bytes, quirks: dict[str, Any], copied: bool) -> None:
    envelope = Envelope(dialect="anthropic", operation="chat", model="m", stream=False, body=data)
    assert DIALECT.copyable(envelope, target(), Quirks(**quirks)) is copied


@pytest.mark.parametrize(
    ("members", "operation", "url"),
    [
        ({}, "chat", "https://api.example/v1/messages"),
        ({}, "count_tokens", "https://api.example/v1/messages/count_tokens"),
        ({"base": "https://x/anthropic/"}, "chat", "https://x/anthropic/v1/messages"),
        ({"path": "/messages"}, "chat", "https://api.example/messages"),
        ({"path": "https://y/z", "query": "a=b"}, "count_tokens", "https://y/z/count_tokens?a=b"),
        ({"base": "https://x/{model}"}, "chat", "https://x/claude%2Fx/v1/messages"),
    ],
)
def test_endpoint(members: dict[str, Any], operation: str, url: str) -> None:
    assert DIALECT.endpoint(target("claude/x", **members), operation, stream=True) == url


def test_the_rest_of_the_contract() -> None:
    assert DIALECT.frames("").ping == b'event: ping\ndata: {"type": "ping"}\n\n'
    assert DIALECT.count_answer(7) == b'{"input_tokens":7}'
    assert DIALECT.hidden(b"event: ping\n\n", NOTHING) is False
    assert {path.operation for path in DIALECT.paths} == {"chat", "count_tokens", "models", "model", "fixed", "pass"}
