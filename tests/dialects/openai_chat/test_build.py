"""Requests of another dialect for a Chat provider: order of the conversation, results, media, tools, options."""

import json
from typing import Any

import pytest
from msgspec import Raw
from msgspec.structs import replace

from dragoman.core.loss import LossKind
from dragoman.core.parts import Media, Opaque, Part, Reasoning, Text, ToolCall, ToolResult
from dragoman.core.quirks import Quirks
from dragoman.core.request import Message, ReasoningAsk, Request, ResponseFormat, Tool
from support.chat import ORIGIN, build, built, told

F = Tool(name="f", description="d", schema=Raw(b'{"type":"object","properties":{}}'), at="/tools/0")
STRICT = Raw(b'{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false}')


def request(*messages: Message, **members: Any) -> Request:
    return Request(dialect="anthropic", model="m", messages=messages, **members)


def user(*parts: Part) -> Message:
    return Message("user", parts, at="/messages/0")


def call(ident: str = "t1", name: str = "f", arguments: str = "{}") -> ToolCall:
    return ToolCall(id=ident, name=name, arguments=arguments, at="/call")


def result(*parts: Text | Media | Opaque, ident: str = "t1", **more: Any) -> ToolResult:
    return ToolResult(id=ident, parts=parts, at=f"/result-{ident}", **more)


def exchange(*parts: Part) -> Request:
    """A call and what the user then says."""
    return request(user(Text("go")), Message("assistant", (call(),)), Message("user", parts))


def test_instructions_come_first() -> None:
    asked = request(user(Text("Hi")), system=(Text("One.", at="/system/1"), Text("Two.", at="/system/2")))
    found = build(asked)
    assert json.loads(found.body)["messages"] == [
        {"role": "system", "content": [{"type": "text", "text": "One."}, {"type": "text", "text": "Two."}]},
        {"role": "user", "content": "Hi"},
    ]
    assert found.losses == ()
    joined = built(asked, Quirks(text_parts=False, system_role="developer"))
    assert joined["messages"][0] == {"role": "developer", "content": "One.\n\nTwo."}


def test_results_come_before_what_the_user_says() -> None:
    body = built(exchange(Text("and now?"), result(Text("7"))))
    assert body["messages"][1] == {
        "role": "assistant",
        "content": None,
        "tool_calls": [{"id": "t1", "type": "function", "function": {"name": "f", "arguments": "{}"}}],
    }
    assert body["messages"][2:] == [
        {"role": "tool", "tool_call_id": "t1", "content": "7"},
        {"role": "user", "content": "and now?"},
    ]


def test_media_of_results_follow_the_last_result() -> None:
    image = Media(kind="image", mime="image/png", data="iVBORw0KGgo=", at="/image")
    asked = request(
        Message("assistant", (call("t1"), call("t2"))),
        Message("user", (result(Text("see"), image), result(Text("8"), ident="t2"), Text("well?"))),
    )
    found = build(asked)
    messages = json.loads(found.body)["messages"]
    assert [message["role"] for message in messages] == ["assistant", "tool", "tool", "user"]
    first, picture, last = messages[3]["content"]
    assert "t1" in first["text"]
    assert picture["image_url"]["url"] == "data:image/png;base64,iVBORw0KGgo="
    assert last["text"] == "well?"
    assert told(found.losses) == {"/image": "approximated"}


def test_errors_are_told_in_words() -> None:
    found = build(exchange(result(Text("no such file"), is_error=True)))
    assert json.loads(found.body)["messages"][2]["content"] == "Error: no such file"
    assert told(found.losses)["/result-t1/is_error"] == "approximated"
    assert build(exchange(result(Text("ok"), is_error=False))).losses == ()


def test_empty_results_and_tool_references() -> None:
    assert built(exchange(result()))["messages"][2]["content"] == ""
    reference = Text("mcp__x", extras={"type": Raw(b'"tool_reference"'), "tool_name": Raw(b'"mcp__x"')}, at="/ref")
    weights = {"shown.type": None, "shown.tool_name": None}
    found = build(replace(exchange(result(reference)), weights=weights))
    assert "mcp__x" in json.loads(found.body)["messages"][2]["content"]
    assert told(found.losses) == {"/ref": "approximated"}


def test_results_find_their_calls() -> None:
    """A result without an id is paired in order, and one without any call stays in the conversation as text."""
    body = built(exchange(result(Text("7"), ident="other")))
    assert body["messages"][2] == {"role": "tool", "tool_call_id": "t1", "content": "7"}
    orphan = built(request(user(Text("x")), Message("user", (result(Text("lost words")),))))
    assert "lost words" in json.dumps(orphan["messages"])


def test_turns_of_one_side_are_one() -> None:
    body = built(request(user(Text("a")), user(Text("b")), Message("assistant", (Text("c"), Text("d"))), user(Text("e"))))
    assert [message["role"] for message in body["messages"]] == ["user", "assistant", "user"]
    assert [part["text"] for part in body["messages"][0]["content"]] == ["a", "b"]


def test_instructions_in_the_middle() -> None:
    brief = Message("system", (Text("Be brief.", at="/s"),), at="/messages/1")
    asked = request(user(Text("a")), brief, user(Text("b")))
    assert [message["role"] for message in built(asked)["messages"]] == ["user", "system", "user"]
    folded = build(asked, Quirks(mid_system=False))
    assert "<system-reminder>" in json.loads(folded.body)["messages"][0]["content"][1]["text"]
    assert told(folded.losses) == {"/messages/1": "approximated"}


def test_reminders_never_part_a_call_from_its_results() -> None:
    brief = Message("system", (Text("Be brief.", at="/s"),), at="/messages/9")
    turns = (user(Text("a")), Message("assistant", (call("t1"), call("t2"))), brief, Message("tool", (result(Text("1")),)))
    asked = request(*turns, Message("tool", (result(Text("2"), ident="t2"),)), user(Text("b")))
    for dialect in ("anthropic", "openai-chat"):
        sent = built(replace(asked, dialect=dialect), Quirks(mid_system=False))["messages"]
        assert [message["role"] for message in sent][:4] == ["user", "assistant", "tool", "tool"]
        assert {message["role"] for message in sent[4:]} == {"user"}


def test_instructions_at_the_front_are_one_message_where_a_target_takes_one() -> None:
    first, second = (Message("system", (Text(word, at=f"/{word}"),), {"name": Raw(b'"n"')}, f"/messages/{word}") for word in "ab")
    asked = replace(request(first, second, user(Text("c"))), dialect="openai-chat")
    assert [message["role"] for message in built(asked)["messages"]] == ["system", "system", "user"]
    found = build(asked, Quirks(mid_system=False, text_parts=False))
    assert json.loads(found.body)["messages"][0] == {"role": "system", "content": "a\n\nb", "name": "n"}
    assert told(found.losses) == {"/messages/b/name": "dropped"}


@pytest.mark.parametrize(
    ("media", "expected"),
    [
        (Media(kind="image", url="https://a.example/b.png"), {"type": "image_url", "image_url": {"url": "https://a.example/b.png"}}),
        (Media(kind="document", mime="application/pdf", data="JVBERi0=", name="a.pdf"),
         {"type": "file", "file": {"file_data": "data:application/pdf;base64,JVBERi0=", "filename": "a.pdf"}}),
        (Media(kind="document", text="words", name="Title"), {"type": "text", "text": "Title\n\nwords"}),
        (Media(kind="document", mime="text/plain", data="d29yZHM="), {"type": "text", "text": "words"}),
        (Media(kind="audio", mime="audio/wav", data="QUJD"),
         {"type": "input_audio", "input_audio": {"data": "QUJD", "format": "wav"}}),
    ],
)  # fmt: skip
def test_media(media: Media, expected: dict[str, Any]) -> None:
    assert built(request(user(Text("look"), media)))["messages"][0]["content"][1] == expected


@pytest.mark.parametrize(
    ("media", "kind"),
    [
        (Media(kind="document", url="https://a.example/b.pdf", at="/m"), "dropped"),
        (Media(kind="video", url="https://a.example/b.mp4", at="/m"), "dropped"),
        (Media(kind="image", file_id="file_1", at="/m"), "refused"),
    ],
)
def test_media_without_a_place(media: Media, kind: str) -> None:
    assert told(build(request(user(Text("look"), media))).losses) == {"/m": kind}


def test_options() -> None:
    asked = request(
        user(Text("a")),
        max_output_tokens=9, temperature=0, top_p=0.5, top_k=3, stop=tuple("abcde"), user="u",
        service_tier="standard_only", stream=True,
    )  # fmt: skip
    found = build(asked)
    body = json.loads(found.body)
    assert body == {
        "model": "up-model", "messages": body["messages"], "max_tokens": 9, "stop": list("abcd"), "temperature": 0, "top_p": 0.5,
        "user": "u", "service_tier": "default", "stream": True, "stream_options": {"include_usage": True},
    }  # fmt: skip
    assert told(found.losses) == {"/top_k": "dropped", "/stop": "dropped", "/service_tier": "hint"}
    assert not found.undo.hide_usage
    long = build(request(user(Text("a")), user="u" * 65))
    assert len(json.loads(long.body)["user"]) == 32
    assert told(long.losses) == {"/user": "approximated"}


def test_a_target_that_reasons() -> None:
    quirks = Quirks(
        rename={"max_tokens": "max_completion_tokens"},
        reasoning_model=True,
        stop_max=0,
        efforts=("low", "high"),
        min_output_tokens=16,
    )
    found = build(request(user(Text("a")), max_output_tokens=4, temperature=0.5, stop=("x",), frequency_penalty=1), quirks)
    body = json.loads(found.body)
    assert body["max_completion_tokens"] == 16
    assert not {"temperature", "stop", "frequency_penalty", "max_tokens"} & body.keys()
    assert told(found.losses)["/temperature"] == "dropped"
    quiet = Quirks(reasoning_model=True, efforts=("none", "low"))
    assert "temperature" in built(request(user(Text("a")), temperature=1), quiet)


@pytest.mark.parametrize(
    ("asked", "quirks", "expected"),
    [
        (ReasoningAsk(effort="max"), Quirks(efforts=("low", "high")), {"reasoning_effort": "high"}),
        (ReasoningAsk(mode="on", budget=2048), Quirks(), {"reasoning_effort": "low"}),
        (ReasoningAsk(mode="off"), Quirks(efforts=("none", "low")), {"reasoning_effort": "none"}),
        (ReasoningAsk(mode="off"), Quirks(efforts=("low",)), {"reasoning_effort": "low"}),
        (ReasoningAsk(mode="off"), Quirks(), {}),
        (ReasoningAsk(mode="adaptive"), Quirks(), {}),
        (ReasoningAsk(effort="high"), Quirks(efforts=()), {}),
        (ReasoningAsk(mode="on", budget=2048), Quirks(effort_form="reasoning"), {"reasoning": {"max_tokens": 2048}}),
        (ReasoningAsk(mode="off"), Quirks(effort_form="thinking"), {"thinking": {"type": "disabled"}}),
        (ReasoningAsk(effort="low"), Quirks(effort_form="thinking", efforts=("low", "max")),
         {"thinking": {"type": "enabled"}, "reasoning_effort": "low"}),
        (ReasoningAsk(mode="on", budget=9), Quirks(effort_form="enable_thinking"),
         {"enable_thinking": True, "thinking_budget": 9}),
        (ReasoningAsk(summary="auto"), Quirks(effort_form="enable_thinking"), {}),
        (ReasoningAsk(summary="auto"), Quirks(effort_form="thinking"), {}),
        (ReasoningAsk(effort="low", summary="omitted"), Quirks(effort_form="reasoning"),
         {"reasoning": {"exclude": True, "effort": "low"}}),
    ],
)  # fmt: skip
def test_how_much_to_think(asked: ReasoningAsk, quirks: Quirks, expected: dict[str, Any]) -> None:
    body = built(request(user(Text("a")), reasoning=asked), quirks)
    names = ("reasoning_effort", "reasoning", "thinking", "enable_thinking", "thinking_budget")
    assert {name: body[name] for name in names if name in body} == expected


def test_no_tools_while_it_reasons() -> None:
    found = build(request(user(Text("a")), tools=(F,), reasoning=ReasoningAsk(effort="high")), Quirks(tools_with_reasoning=False))
    assert json.loads(found.body)["reasoning_effort"] == "none"
    assert told(found.losses) == {"/reasoning": "dropped"}
    assert "reasoning_effort" not in built(request(user(Text("a"))), Quirks(tools_with_reasoning=False))


def test_structured_output() -> None:
    form = ResponseFormat(kind="schema", schema=STRICT, at="/format")
    wanted = {"name": "response", "schema": json.loads(bytes(STRICT)), "strict": True}
    asked = request(user(Text("a")), response_format=form, system=(Text("Hello."),))
    assert built(asked)["response_format"] == {"type": "json_schema", "json_schema": wanted}
    poor = build(asked, Quirks(json_schema=False, text_parts=False))
    body = json.loads(poor.body)
    assert body["response_format"] == {"type": "json_object"}
    assert body["messages"][0]["content"].startswith("Hello.\n\n")
    assert '"required":["a"]' in body["messages"][0]["content"]
    assert told(poor.losses) == {"/format": "approximated"}
    poorest = built(request(user(Text("a")), response_format=form), Quirks(json_schema=False, json_mode=False))
    assert "response_format" not in poorest
    assert poorest["messages"][0]["role"] == "system"


def test_earlier_thinking() -> None:
    detail = '{"format":"x","index":0,"signature":"s","type":"reasoning.text"}'
    ours = Reasoning(text="hm", proof=detail, proof_from=ORIGIN, at="/ours")
    foreign = Reasoning(text="ha", proof="sig", proof_from="anthropic", at="/foreign")
    asked = request(user(Text("a")), Message("assistant", (ours, foreign, Text("b"))), user(Text("c")))
    found = build(asked)
    message = json.loads(found.body)["messages"][1]
    assert message["reasoning_details"] == [{"format": "x", "index": 0, "signature": "s", "type": "reasoning.text", "text": "hm"}]
    assert told(found.losses) == {"/foreign": "dropped"}
    back = build(asked, Quirks(reasoning_back="reasoning_content"))
    assert json.loads(back.body)["messages"][1]["reasoning_content"] == "hmha"
    assert told(back.losses) == {"/foreign": "hint"}
    demanding = Quirks(reasoning_back="reasoning_content", reasoning_required=True)
    assert built(request(Message("assistant", (call(),))), demanding)["messages"][0]["reasoning_content"] == " "


def test_foreign_extras_by_weight() -> None:
    asked = request(
        Message("user", (Text("a"),), {"name": Raw(b'"ada"')}, "/messages/0"),
        extras={"speed": Raw(b'"fast"'), "container": Raw(b'"c"'), "noise": Raw(b"1")},
        weights={"*": LossKind.DROPPED, "speed": LossKind.HINT, "noise": None},
    )
    assert told(build(asked).losses) == {"/messages/0/name": "dropped", "/speed": "hint", "/container": "dropped"}


def test_a_last_turn_of_the_assistant() -> None:
    asked = request(user(Text("a")), Message("assistant", (Text("Once upon"),), at="/messages/1"))
    assert told(build(asked).losses) == {"/messages/1": "approximated"}
    assert build(asked, Quirks(prefill=True)).losses == ()


def test_quirks_drop_what_a_target_refuses() -> None:
    asked = request(user(Text("a")), user="u", seed=7, temperature=1.5)
    found = build(asked, Quirks(drop=frozenset({"user", "seed"}), temperature_max=1.0))
    assert json.loads(found.body)["temperature"] == 1
    assert told(found.losses) == {"/user": "hint", "/seed": "dropped", "/temperature": "approximated"}


def test_equal_requests_give_equal_bytes() -> None:
    first, second = (build(exchange(result(Text("7")), Text("x"))).body for _ in range(2))
    assert first == second
