"""The Copy lane: only what must change is changed, to the byte."""

import json
from typing import Any

import pytest

from dragoman.core.quirks import Quirks
from dragoman.dialects.openai_responses import DIALECT
from support.responses import ask, envelope, target, told

ODD = b'{ "model" : "m" , "input" : [ {"role":"user","content":"h\\u00e9"} ] , "temperature" : 1.50 , "new" : {"a" : 1e2} }'


def retarget(body: Any, **quirks: Any) -> Any:
    chosen = Quirks(**quirks)
    return DIALECT.retarget(envelope(body), target("up-model", chosen), chosen)


def copyable(body: Any, **quirks: Any) -> bool:
    chosen = Quirks(**quirks)
    return DIALECT.copyable(envelope(body), target(quirks=chosen), chosen)


def test_nothing_to_change_is_the_same_object() -> None:
    asked = envelope(ODD)
    assert DIALECT.retarget(asked, target("m"), Quirks()).body is asked.body


def test_the_model_is_spliced() -> None:
    body = retarget(ODD).body
    assert body.startswith(b'{"model":"up-model","input":[ {"role":"user","content":"h\\u00e9"} ]')
    assert b"1.50" in body
    assert b'{"a" : 1e2}' in body
    assert json.loads(retarget(b'{"input":"x","model":null}').body)["model"] == "up-model"
    assert json.loads(retarget(b'{"input":"x"}').body)["model"] == "up-model"


def test_what_is_kept_at_the_vendor_goes_there() -> None:
    body = ask(store=True, previous_response_id="resp_1", background=True, conversation={"id": "c"}, prompt={"id": "p"})
    assert json.loads(retarget(body).body) == {**body, "model": "up-model"}


def test_members_are_renamed_and_dropped() -> None:
    found = retarget(
        ask(max_output_tokens=5, user="u", temperature=2, truncation="auto"),
        rename={"max_output_tokens": "max_tokens"}, drop=["user", "truncation"], temperature_max=1.0, min_output_tokens=16,
    )  # fmt: skip
    body = json.loads(found.body)
    assert {name: body.get(name) for name in ("max_tokens", "max_output_tokens", "user", "truncation", "temperature")} == {
        "max_tokens": 16, "max_output_tokens": None, "user": None, "truncation": None, "temperature": 1,
    }  # fmt: skip
    assert told(found.losses) == {
        "/max_output_tokens": "approximated", "/user": "hint", "/truncation": "dropped", "/temperature": "approximated",
    }  # fmt: skip


def test_nulls_are_no_losses() -> None:
    assert retarget(ask(user=None, truncation=None), drop=["user"]).losses == ()


@pytest.mark.parametrize(
    ("asked", "efforts", "sent", "losses"),
    [
        ({"effort": "max", "summary": "auto"}, ("low", "high"), {"effort": "high", "summary": "auto"},
         {"/reasoning/effort": "approximated"}),
        ({"effort": "low"}, ("low", "high"), {"effort": "low"}, {}),
        ({"effort": "high", "summary": "auto"}, (), None, {"/reasoning/effort": "dropped", "/reasoning/summary": "hint"}),
        ({"effort": "none"}, (), None, {"/reasoning/effort": "hint"}),
        ({"summary": "auto"}, (), None, {"/reasoning/summary": "hint"}),
        ({}, (), None, {"/reasoning": "hint"}),
    ],
)  # fmt: skip
def test_efforts(asked: Any, efforts: Any, sent: Any, losses: dict[str, str]) -> None:
    found = retarget(ask(reasoning=asked), efforts=efforts)
    assert json.loads(found.body).get("reasoning") == sent
    assert told(found.losses) == losses


def test_a_model_that_does_not_think_has_nothing_to_encrypt() -> None:
    encrypted = "reasoning.encrypted_content"
    found = retarget(ask(include=[encrypted, "message.output_text.logprobs"]), efforts=())
    assert json.loads(found.body)["include"] == ["message.output_text.logprobs"]
    assert "include" not in json.loads(retarget(ask(include=[encrypted]), efforts=()).body)
    assert "include" in json.loads(retarget(ask(include=[encrypted]), efforts=(), thinking_default=True).body)


def test_sampling_while_a_model_reasons() -> None:
    body = ask(temperature=0.5, top_p=0.9, reasoning={"effort": "low"})
    found = retarget(body, reasoning_model=True, efforts=("none", "low"))
    assert {"temperature", "top_p"}.isdisjoint(json.loads(found.body))
    kept = retarget({**body, "reasoning": {"effort": "none"}}, reasoning_model=True, efforts=("none", "low"))
    assert json.loads(kept.body)["temperature"] == 0.5
    one = retarget(body, sampling="one")
    assert ("temperature" in json.loads(one.body), "top_p" in json.loads(one.body)) == (True, False)


SPACE = {"type": "namespace", "name": "n", "tools": [{"type": "function", "name": "f", "strict": True}]}


@pytest.mark.parametrize(
    ("body", "quirks"),
    [
        (ask({"role": "developer", "content": "x"}), {"system_role": "system"}),
        (ask({"role": "system", "content": "x"}, {"role": "system", "content": "y"}), {"mid_system": False}),
        (ask(tools=[SPACE]), {"custom_tools": False}),
        (ask(tools=[{"type": "custom", "name": "f"}]), {"custom_tools": False}),
        (ask({"type": "local_shell_call", "call_id": "c"}), {"custom_tools": False}),
        (ask(tools=[SPACE]), {"tool_strict": False}),
        (ask(tool_choice="required"), {"forced_tools": False}),
        (ask(tool_choice={"type": "function", "name": "f"}), {"forced_tools": False}),
        (ask(text={"format": {"type": "json_schema"}}), {"json_schema": False}),
        (ask(text={"format": {"type": "json_object"}}), {"json_mode": False}),
        (ask({"type": "function_call_output", "call_id": "call_1", "output": ""}), {"tool_id": "alnum9"}),
        (ask(tools=[{"type": "function", "name": "much_too_long"}]), {"tool_name_max": 10}),
    ],
)
def test_what_lies_deeper_cannot_be_copied(body: dict[str, Any], quirks: dict[str, Any]) -> None:
    assert not copyable(body, **quirks)
    assert copyable(body)


def test_where_to_ask() -> None:
    assert DIALECT.endpoint(target(), "chat", True) == "https://api.example/v1/responses"
    assert DIALECT.endpoint(target(), "count_tokens", False) == "https://api.example/v1/responses/input_tokens"
    assert DIALECT.endpoint(target(query="api-version=preview"), "chat", False).endswith("/responses?api-version=preview")
