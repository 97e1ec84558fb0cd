"""Signatures over turns: onto the part that they sign, to their maker alone; the documented placeholder where none is known."""

import json
from typing import Any

import pytest

from dragoman.core.quirks import Quirks
from support import speech
from support.fixtures import Ask
from support.google import ID, ask, build, chunk, told

NEWEST = Quirks(reasoning_required=True)
PLACEHOLDER = "skip_thought_signature_validator"


def turn(*parts: dict[str, Any]) -> bytes:
    return json.dumps(chunk(*parts, reason="STOP")).encode()


def call(name: str = "f", signature: str | None = None, **args: Any) -> dict[str, Any]:
    return {"functionCall": {"id": f"id-{name}", "name": name, "args": args}} | (
        {} if signature is None else {"thoughtSignature": signature}
    )


def messages(answer: bytes) -> dict[str, Any]:
    """The turn as an Anthropic client gets it."""
    body, _ = speech.encode("anthropic", speech.decode(ID, answer, stream=False), stream=False, provider=ID)
    return {"role": "assistant", "content": json.loads(body)["content"]}


def conversation(*turns: dict[str, Any]) -> Any:
    """An Anthropic client's next request, with a result for every call."""
    history: list[dict[str, Any]] = [{"role": "user", "content": "go"}]
    for each in turns:
        calls = [block["id"] for block in each["content"] if block["type"] == "tool_use"]
        results = [{"type": "tool_result", "tool_use_id": ident, "content": "ok"} for ident in calls]
        history += [each, {"role": "user", "content": results or "go on"}]
    return speech.parse(Ask("anthropic", "", json.dumps({"model": "m", "max_tokens": 9, "messages": history}).encode()))


def model_turns(request: Any, quirks: Quirks = NEWEST, account: str = speech.ACCOUNT) -> list[list[dict[str, Any]]]:
    body = json.loads(speech.build(request, ID, quirks, account).body)
    return [content["parts"] for content in body["contents"] if content["role"] == "model"]


def test_of_parallel_calls_the_signed_one_is_signed() -> None:
    answer = turn({"text": "Let me see.", "thought": True}, call("f", "c2ln"), call("g"))
    first, second = model_turns(conversation(messages(answer)))[0][-2:]
    assert first == {"functionCall": {"id": "id-f", "name": "f", "args": {}}, "thoughtSignature": "c2ln"}
    assert "thoughtSignature" not in second


def test_every_step_has_its_own() -> None:
    steps = [
        messages(turn(call(name, signature))) for name, signature in (("a", "c2lnMQ=="), ("b", "c2lnMg=="), ("c", "c2lnMw=="))
    ]
    found = model_turns(conversation(*steps))
    assert [parts[0]["thoughtSignature"] for parts in found] == ["c2lnMQ==", "c2lnMg==", "c2lnMw=="]


def test_text_and_its_signature() -> None:
    """One that nothing follows is not told: clients take the last block for the answer."""
    parts = [{"text": "Hello"}, {"text": " there", "thoughtSignature": "c2ln"}]
    assert model_turns(conversation(messages(turn(*parts)))) == [parts]
    alone = [{"text": "Hello"}, {"text": "", "thoughtSignature": "c2ln"}]
    assert model_turns(conversation(messages(turn(*alone)))) == [alone[:1]]


@pytest.mark.parametrize("required", [True, False])
def test_a_call_of_another_maker_has_the_placeholder_where_one_is_demanded(required: bool) -> None:
    theirs = {
        "role": "assistant",
        "content": [
            {"type": "thinking", "thinking": "hm", "signature": "EqQBCgIYAg=="},
            {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {}},
            {"type": "tool_use", "id": "toolu_2", "name": "g", "input": {}},
        ],
    }
    request = conversation(theirs)
    (parts,) = model_turns(request, Quirks(reasoning_required=required))
    assert [part.get("thoughtSignature") for part in parts] == [PLACEHOLDER if required else None, None]
    assert told(build(request, NEWEST).losses)["/messages/1/content/0"] == "dropped"


def test_a_signature_of_another_account_is_not_sent() -> None:
    """What AI Studio signed is not valid at Vertex."""
    request = conversation(messages(turn(call("f", "c2ln"))))
    (parts,) = model_turns(request, account="vertex")
    assert parts[0]["thoughtSignature"] == PLACEHOLDER


def test_there_and_back_again() -> None:
    """A turn of Claude's between two of Gemini's: each maker gets its own proofs back."""
    google = messages(turn(call("f", "c2ln")))
    claude = {
        "role": "assistant",
        "content": [{"type": "thinking", "thinking": "hm", "signature": "EqQB"}, {"type": "text", "text": "So."}],
    }
    request = conversation(google, claude, google)
    first, second, third = model_turns(request)
    assert (first[0]["thoughtSignature"], second, third[0]["thoughtSignature"]) == ("c2ln", [{"text": "So."}], "c2ln")
    back = json.loads(speech.build(request, "anthropic").body)["messages"]
    assert back[3]["content"][0]["signature"] == "EqQB"


@pytest.mark.parametrize("keeps_thoughts", [True, False], ids=["with thoughts", "without"])
def test_thinking_of_another_maker_rides_on_the_next_call(keeps_thoughts: bool) -> None:
    """Google's clients send calls back as they came, and thoughts not at all, or bare."""
    thinking = {"type": "thinking", "thinking": "Let me think.", "signature": "EqQB"}
    use = {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {"a": 1}}
    answer = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "c",
        "content": [thinking, use],
        "stop_reason": "tool_use",
    }
    body = json.dumps({**answer, "stop_sequence": None, "usage": {"input_tokens": 1, "output_tokens": 1}}).encode()
    shown, _ = speech.encode(ID, speech.decode("anthropic", body, stream=False), stream=False, provider="anthropic")
    parts = json.loads(shown)["candidates"][0]["content"]["parts"]
    assert parts[0] == {"text": "Let me think.", "thought": True}
    kept = parts if keeps_thoughts else parts[1:]
    result = {"functionResponse": {"id": parts[1]["functionCall"]["id"], "name": "f", "response": {"output": "ok"}}}
    contents = [*ask()["contents"], {"role": "model", "parts": kept}, {"role": "user", "parts": [result]}]
    request = speech.parse(Ask(ID, "", json.dumps({"contents": contents}).encode()))
    again = json.loads(speech.build(request, "anthropic").body)["messages"][1]["content"]
    assert again == [thinking, {**use, "id": parts[1]["functionCall"]["id"]}]


def test_a_clients_own_placeholder_goes_back_to_google_and_nowhere_else() -> None:
    result = {"functionResponse": {"id": "id-f", "name": "f", "response": {"output": "ok"}}}
    contents = [*ask()["contents"], {"role": "model", "parts": [call("f", PLACEHOLDER)]}, {"role": "user", "parts": [result]}]
    request = speech.parse(Ask(ID, "", json.dumps({"contents": contents}).encode()))
    assert json.loads(build(request).body)["contents"] == contents
    assert PLACEHOLDER.encode() not in speech.build(request, "anthropic").body
    assert speech.build(request, "anthropic").losses == ()
