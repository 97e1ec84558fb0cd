"""What asks for nothing that another dialect could miss is no loss: as real clients send it unasked (2026-11).

Rule: of each case's member no loss may be told towards any other dialect; what asks for something in the same place is one.
"""

import json
from typing import Any

import pytest

from dragoman.core.quirks import Quirks
from dragoman.dialects.registry import DIALECTS
from support.fixtures import Ask
from support.speech import build, parse

TURN: dict[str, dict[str, Any]] = {
    "anthropic": {"max_tokens": 9000, "messages": [{"role": "user", "content": "Hello"}]},
    "openai-chat": {"messages": [{"role": "user", "content": "Hello"}]},
    "openai-responses": {"input": "Hello"},
    "gemini": {"contents": [{"role": "user", "parts": [{"text": "Hello"}]}]},
}
NAMED = {"type": "function", "name": "f"}
KEPT: dict[str, list[Any]] = {"edits": [{"type": "clear_thinking_20251015", "keep": "all"}]}
CLEARED = {"edits": [{"type": "clear_tool_uses_20250919"}, *KEPT["edits"]]}
ASSISTANT = {"role": "assistant", "content": "Hi"}
WEB = {"annotations": [{"type": "url_citation", "url_citation": {"url": "https://a", "start_index": 0, "end_index": 1}}]}


def guarded(threshold: str) -> list[Any]:
    return [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": threshold}]


def after(message: dict[str, Any]) -> list[Any]:
    return [{"role": "user", "content": "Hello"}, message, {"role": "user", "content": "Go on"}]


CASES = [
    pytest.param("anthropic", {"context_management": KEPT}, {"context_management": CLEARED}, id="all thoughts are kept"),
    pytest.param("gemini", {"safetySettings": []}, {"safetySettings": guarded("BLOCK_LOW_AND_ABOVE")}, id="no settings"),
    pytest.param(
        "openai-chat",
        {"messages": after({**ASSISTANT, "annotations": []})},
        {"messages": after({**ASSISTANT, **WEB})},
        id="no notes",
    ),
    pytest.param("openai-responses", {"tool_choice": "none"}, {"tool_choice": NAMED}, id="no call where there are no tools"),
    pytest.param("openai-chat", {"tool_choice": "auto"}, {"tool_choice": "required"}, id="any choice among no tools"),
    pytest.param("openai-chat", {"parallel_tool_calls": False}, None, id="one call at a time of no tools"),
]


def lost(client: str, more: dict[str, Any], to: str) -> list[str]:
    asked = parse(Ask(client, "", json.dumps({"model": "m", **TURN[client], **more}).encode()))
    return [loss.path for loss in build(asked, to).losses]


@pytest.mark.parametrize(("client", "idle", "asking"), CASES)
def test_what_asks_for_nothing_is_no_loss(client: str, idle: dict[str, Any], asking: dict[str, Any] | None) -> None:
    for to in DIALECTS.keys() - {client}:
        assert lost(client, idle, to) == [], to
    if asking is not None:
        assert any(lost(client, asking, to) for to in DIALECTS.keys() - {client})


@pytest.mark.parametrize(("threshold", "kind"), [("OFF", "hint"), ("BLOCK_NONE", "hint"), ("BLOCK_ONLY_HIGH", "dropped")])
def test_who_wants_nothing_blocked_misses_no_thresholds(threshold: str, kind: str) -> None:
    body = {"model": "m", **TURN["gemini"], "safetySettings": guarded(threshold)}
    losses = build(parse(Ask("gemini", "", json.dumps(body).encode())), "openai-chat").losses
    assert [(loss.path, loss.kind.value) for loss in losses] == [("/safetySettings", kind)]


@pytest.mark.parametrize("to", ["openai-chat", "openai-responses"])
def test_a_model_that_reasons_loses_no_setting_that_says_what_it_does_anyway(to: str) -> None:
    quirks = Quirks(reasoning_model=True, thinking_default=True, sampling="none")
    plain = {"temperature": 1.0, "top_p": 1, "presence_penalty": 0, "logprobs": False}
    for more, told in ((plain, []), ({"temperature": 0.2}, ["/temperature"])):
        body = json.dumps({"model": "m", **TURN["openai-chat"], **more}).encode()
        built = build(parse(Ask("openai-chat", "", body)), to, quirks=quirks)
        assert sorted(loss.path for loss in built.losses) == told
        assert not json.loads(built.body).keys() & plain.keys()
