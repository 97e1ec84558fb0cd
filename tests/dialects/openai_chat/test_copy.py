"""The Copy lane: only what must change is changed, to the byte."""

import json
from typing import Any

import pytest

from dragoman.core.quirks import Quirks
from dragoman.dialects.base import NOTHING, Undo
from dragoman.dialects.openai_chat import DIALECT
from support.chat import ask, chunk, envelope, lines, target, told

ODD = b'{ "model" : "m" , "messages" : [ {"role":"user","content":"h\\u00e9"} ] , "temperature" : 1.50 , "new" : {"a" : 1e2} }'


def retarget(body: Any, quirks: Quirks | None = None, model: str = "up-model") -> Any:
    chosen = quirks or Quirks()
    return DIALECT.retarget(envelope(body), target(model, chosen), chosen)


def copyable(body: Any, **quirks: Any) -> bool:
    chosen = Quirks(**quirks)
    return DIALECT.copyable(envelope(body), target(quirks=chosen), chosen)


def test_nothing_to_change_is_the_same_object() -> None:
    asked = envelope(ODD)
    assert DIALECT.retarget(asked, target("m"), Quirks()).body is asked.body


def test_the_model_is_spliced() -> None:
    body = retarget(ODD).body
    assert body.startswith(b'{"model":"up-model","messages":[ {"role":"user","content":"h\\u00e9"} ]')
    assert b"1.50" in body
    assert b'{"a" : 1e2}' in body
    assert json.loads(retarget(b'{"messages":[],"model":null}').body)["model"] == "up-model"
    assert json.loads(retarget(b'{"messages":[]}').body)["model"] == "up-model"


def test_usage_is_asked_for_and_hidden() -> None:
    found = retarget(ask(stream=True, stream_options={"include_obfuscation": False}))
    assert json.loads(found.body)["stream_options"] == {"include_obfuscation": False, "include_usage": True}
    assert found.undo == Undo(hide_usage=True)
    asked = envelope(ask(stream=True, stream_options={"include_usage": True}))
    untouched = DIALECT.retarget(asked, target("m"), Quirks())
    assert (untouched.body is asked.body, untouched.undo) == (True, NOTHING)
    assert "stream_options" not in json.loads(retarget(ask(stream=True), Quirks(stream_usage=False)).body)
    assert "stream_options" not in json.loads(retarget(ask()).body)


def test_only_the_usage_chunk_is_hidden() -> None:
    usage = lines({**chunk(), "choices": [], "usage": {"prompt_tokens": 1}}, done=False)
    assert DIALECT.hidden(usage, Undo(hide_usage=True))
    assert DIALECT.hidden(usage.replace(b"\n", b"\r\n"), Undo(hide_usage=True))
    assert not DIALECT.hidden(usage, NOTHING)
    for other in (
        {**chunk({"content": '"usage" "choices":[]'}), "usage": None},
        {**chunk(reason="stop"), "usage": {"prompt_tokens": 1}},
        {**chunk(), "choices": [], "usage": None},
        {**chunk(), "choices": [], "prompt_filter_results": []},
    ):
        assert not DIALECT.hidden(lines(other, done=False), Undo(hide_usage=True))
    assert not DIALECT.hidden(b"data: [DONE]\n\n", Undo(hide_usage=True))


def test_members_are_renamed_and_dropped() -> None:
    quirks = Quirks(
        rename={"max_tokens": "max_completion_tokens"}, drop=frozenset({"user", "logit_bias"}), stop_max=1, temperature_max=1.0
    )
    found = retarget(ask(max_tokens=5, user="u", logit_bias={}, stop=["a", "b"], temperature=2), quirks)
    body = json.loads(found.body)
    assert {name: body.get(name) for name in ("max_completion_tokens", "max_tokens", "user", "stop", "temperature")} == {
        "max_completion_tokens": 5, "max_tokens": None, "user": None, "stop": ["a"], "temperature": 1,
    }  # fmt: skip
    assert told(found.losses) == {"/user": "hint", "/logit_bias": "dropped", "/stop": "dropped", "/temperature": "approximated"}


def test_nulls_are_no_losses() -> None:
    found = retarget(ask(user=None, seed=None), Quirks(drop=frozenset({"user"})))
    assert found.losses == ()
    body = json.loads(found.body)
    assert "user" not in body
    assert body["seed"] is None


def test_tools_or_reasoning() -> None:
    tools = [{"type": "function", "function": {"name": "f"}}]
    found = retarget(ask(tools=tools, reasoning_effort="high"), Quirks(tools_with_reasoning=False))
    assert json.loads(found.body)["reasoning_effort"] == "none"
    assert told(found.losses) == {"/reasoning_effort": "dropped"}


def test_extra_body() -> None:
    found = json.loads(
        retarget(ask(temperature=1, extra_body={"temperature": 0, "model": "x", "messages": [], "stream": True, "top_k": 5})).body
    )
    assert found == {"model": "up-model", "messages": ask()["messages"], "temperature": 0, "top_k": 5}


@pytest.mark.parametrize(
    ("base", "path", "query", "expected"),
    [
        ("https://api.example/v1", "", "", "https://api.example/v1/chat/completions"),
        ("https://api.example/v1/", "/chat", "", "https://api.example/v1/chat"),
        ("https://api.example", "https://other.example/ask", "", "https://other.example/ask"),
        ("https://x.azure.example/openai/deployments/{model}", "", "api-version=1",
         "https://x.azure.example/openai/deployments/a%2Fb/chat/completions?api-version=1"),
        ("https://api.example", "/c?a=1", "b=2", "https://api.example/c?a=1&b=2"),
    ],
)  # fmt: skip
def test_endpoint(base: str, path: str, query: str, expected: str) -> None:
    assert DIALECT.endpoint(target("a/b", base=base, path=path, query=query), "chat", True) == expected


FUNCTION = {"name": "f", "arguments": "{}"}
CALL = {"role": "assistant", "content": None, "tool_calls": [{"id": "call_1", "type": "function", "function": FUNCTION}]}
RESULT = {"role": "tool", "tool_call_id": "call_1", "content": "7"}


@pytest.mark.parametrize(
    ("body", "quirks"),
    [
        (ask(CALL, RESULT), {"tool_id": "alnum9"}),
        (ask({"role": "developer", "content": "x"}), {"system_role": "system"}),
        (ask({"role": "system", "content": "x"}, {"role": "system", "content": "z"}), {"mid_system": False}),
        (ask(CALL, RESULT), {"reasoning_required": True, "reasoning_back": "reasoning_content"}),
        (ask(response_format={"type": "json_schema", "json_schema": {"name": "x"}}), {"json_schema": False}),
        (ask(tools=[{"type": "custom", "custom": {"name": "x"}}]), {"custom_tools": False}),
        (ask(tools=[{"type": "function", "function": {"name": "x", "strict": True}}]), {"tool_strict": False}),
        (ask(reasoning_effort="low"), {"effort_form": "thinking"}),
        (ask(tool_choice="required"), {"forced_tools": False}),
    ],
)  # fmt: skip
def test_what_cannot_be_copied(body: dict[str, Any], quirks: dict[str, Any]) -> None:
    assert copyable(body)
    assert not copyable(body, **quirks)
    assert copyable(ask(), **quirks)


def test_several_choices_can_be_copied() -> None:
    assert copyable(ask(n=2))
    assert json.loads(retarget(ask(n=2)).body)["n"] == 2
    fine = json.loads(json.dumps([CALL, RESULT]).replace("call_1", "aB3dE6gH9"))
    assert copyable(ask(*fine), tool_id="alnum9")
