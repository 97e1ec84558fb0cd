"""Requests of other dialects for a Gemini provider: instructions, turns, results, media, tools, how much to think."""

import json
from typing import Any

import pytest
from msgspec import Raw
from msgspec.structs import replace

from dragoman.core.parts import Media, Part, Text, ToolCall, ToolResult
from dragoman.core.quirks import Quirks
from dragoman.core.request import Message, ReasoningAsk, Request, ResponseFormat, Tool, ToolChoice
from support.google import ask, build, built, parse, told

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
F = Tool(name="f", schema=Raw(b'{"type":"object","properties":{"a":{"type":"string"}}}'), at="/tools/0")


def request(*messages: Message, **members: Any) -> Request:
    return Request(dialect="anthropic", model="m", messages=messages or (user(Text("Hi")),), **members)


def user(*parts: Part) -> Message:
    return Message("user", parts, at="/messages/0")


def model(*parts: Part) -> Message:
    return Message("assistant", parts, at="/messages/1")


def call(ident: str = "t1", name: str = "f", arguments: str = "{}") -> ToolCall:
    return ToolCall(id=ident, name=name, arguments=arguments, at=f"/call-{ident}")


def result(*parts: Text | Media, ident: str = "t1", **more: Any) -> ToolResult:
    return ToolResult(id=ident, parts=parts, at=f"/result-{ident}", **more)


def answered(*parts: Part) -> list[Any]:
    """What the user's turn after a call is told as."""
    found: list[Any] = built(request(user(Text("go")), model(call()), user(*parts)))["contents"][2]["parts"]
    return found


def test_instructions_stand_by_themselves() -> None:
    asked = request(user(Text("Hi")), system=(Text("One.", at="/system/0"), Text("Two.", at="/system/1")))
    assert built(asked) == {
        "contents": [{"role": "user", "parts": [{"text": "Hi"}]}],
        "systemInstruction": {"parts": [{"text": "One."}, {"text": "Two."}]},
    }


def test_a_model_that_knows_no_instructions_gets_them_at_the_head_of_the_first_turn() -> None:
    quirks = Quirks(system_role="user")
    asked = request(user(Text("Hi")), system=(Text("One.", at="/system/0"),))
    found = build(asked, quirks)
    assert json.loads(found.body) == {"contents": [{"role": "user", "parts": [{"text": "One."}, {"text": "Hi"}]}]}
    assert told(found.losses) == {"/system/0": "approximated"}
    leading = request(Message("system", (Text("One."),), at="/messages/0"), model(Text("Hello")), user(Text("Hi")))
    found = build(replace(leading, dialect="openai-chat"), quirks)
    assert [turn["role"] for turn in json.loads(found.body)["contents"]] == ["user", "model", "user"]
    assert told(found.losses) == {"/messages/0": "approximated"}


def test_the_same_dialect_keeps_its_instructions_where_they_were() -> None:
    body = ask(systemInstruction={"parts": [{"text": "One."}]})
    assert built(parse(body), Quirks(system_role="user")) == body


def test_words_about_the_form_of_the_answer_go_with_the_instructions() -> None:
    form = ResponseFormat(kind="json", at="/response_format")
    asked = request(user(Text("Hi")), response_format=form, system=(Text("One.", at="/system/0"),))
    found = built(asked, Quirks(json_mode=False, system_role="user"))
    first, second, third = found["contents"][0]["parts"]
    assert (first, third) == ({"text": "One."}, {"text": "Hi"})
    assert "JSON" in second["text"]


def test_results_of_a_step_stand_in_one_turn_in_the_order_of_their_calls() -> None:
    asked = request(
        user(Text("go")),
        model(call("a"), call("b", "g")),
        user(Text("Well?"), result(Text("2"), ident="b"), result(Text("1"), ident="a")),
    )
    assert built(asked)["contents"][2] == {
        "role": "user",
        "parts": [
            {"functionResponse": {"id": "a", "name": "f", "response": {"output": "1"}}},
            {"functionResponse": {"id": "b", "name": "g", "response": {"output": "2"}}},
            {"text": "Well?"},
        ],
    }


@pytest.mark.parametrize(
    ("said", "is_error", "response"),
    [
        ("fine", None, {"output": "fine"}),
        ("no", True, {"error": "no"}),
        ('{"a": 1}', None, {"a": 1}),
        ("[1]", None, {"output": "[1]"}),
        ('{"a": 1}', True, {"error": '{"a": 1}'}),
        ('{"output": "x"}', None, {"output": '{"output": "x"}'}),
        ('{"a": {"$ref": "x"}}', None, {"output": '{"a": {"$ref": "x"}}'}),
        ("{broken", None, {"output": "{broken"}),
        ("", None, {"output": ""}),
    ],
)
def test_what_a_function_answers(said: str, is_error: bool | None, response: Any) -> None:
    """A reference in it would be read as one to a part; `output` and `error` are Google's own words."""
    (part,) = answered(result(Text(said), is_error=is_error))
    assert part["functionResponse"]["response"] == response


def test_media_of_results_stand_in_the_response_or_after_it() -> None:
    image = Media(kind="image", mime="image/png", data=PNG, at="/image")
    asked = request(user(Text("go")), model(call()), user(result(Text("here"), image)))
    inline = {"inlineData": {"mimeType": "image/png", "data": PNG}}
    (part,) = built(asked)["contents"][2]["parts"]
    assert part["functionResponse"] == {"id": "t1", "name": "f", "response": {"output": "here"}, "parts": [inline]}
    found = build(asked, Quirks(media_in_results=False))
    answer, words, shown = json.loads(found.body)["contents"][2]["parts"]
    assert answer["functionResponse"]["response"] == {"output": "here\n[see attached image]"}
    assert ("f" in words["text"], shown) == (True, inline)
    assert told(found.losses) == {"/image": "approximated"}


def test_calls_without_ids_for_models_that_know_none() -> None:
    asked = request(
        user(Text("go")), model(call("a"), call("b")), user(result(Text("2"), ident="b"), result(Text("1"), ident="a"))
    )
    _, called, told_back = built(asked, Quirks(tool_id="none"))["contents"]
    assert called["parts"] == [{"functionCall": {"name": "f", "args": {}}}] * 2
    assert [part["functionResponse"]["response"]["output"] for part in told_back["parts"]] == ["1", "2"]
    assert all("id" not in part["functionResponse"] for part in told_back["parts"])


@pytest.mark.parametrize(
    "schema", [None, b'{"type":"object"}', b'{"type":"object","properties":{}}', b"{}"], ids=["none", "object", "empty", "any"]
)
def test_a_function_without_parameters_has_none(schema: bytes | None) -> None:
    asked = request(tools=(Tool(name="f", schema=None if schema is None else Raw(schema), at="/tools/0"),))
    assert built(asked)["tools"] == [{"functionDeclarations": [{"name": "f"}]}]


@pytest.mark.parametrize(
    ("choice", "config"),
    [
        (ToolChoice(mode="auto"), {"mode": "AUTO"}),
        (ToolChoice(mode="none"), {"mode": "NONE"}),
        (ToolChoice(mode="any"), {"mode": "ANY"}),
        (ToolChoice(mode="tool", name="f"), {"mode": "ANY", "allowedFunctionNames": ["f"]}),
        (ToolChoice(mode="any", allowed=("f",)), {"mode": "ANY", "allowedFunctionNames": ["f"]}),
        (ToolChoice(mode="auto", allowed=("f",)), {"mode": "VALIDATED", "allowedFunctionNames": ["f"]}),
    ],
    ids=["auto", "none", "any", "one", "some", "some or none"],
)
def test_the_choice_among_tools(choice: ToolChoice, config: dict[str, Any]) -> None:
    asked = request(tools=(F, replace(F, name="g", at="/tools/1")), tool_choice=choice)
    assert built(asked)["toolConfig"] == {"functionCallingConfig": config}
    assert told(build(asked).losses) == ({"/tool_choice": "hint"} if config["mode"] == "VALIDATED" else {})


def test_a_strictness_that_is_off_is_no_loss() -> None:
    assert build(request(tools=(replace(F, strict=False),))).losses == ()
    assert told(build(request(tools=(replace(F, strict=True),))).losses) == {"/tools/0": "approximated"}


LEVELS = {"thinking": frozenset({"adaptive"}), "efforts": ("low", "high")}
BUDGETS = {"thinking": frozenset({"on", "off"}), "thinking_budget": (128, 24576), "efforts": ()}


@pytest.mark.parametrize(
    ("asked", "quirks", "config"),
    [
        ({"effort": "high"}, {}, {"includeThoughts": True, "thinkingLevel": "HIGH"}),
        ({"mode": "on", "budget": 5000}, {}, {"includeThoughts": True, "thinkingBudget": 5000}),
        ({"effort": "high"}, LEVELS, {"includeThoughts": True, "thinkingLevel": "HIGH"}),
        ({"effort": "minimal"}, LEVELS, {"includeThoughts": True, "thinkingLevel": "LOW"}),
        ({"mode": "on", "budget": 5000}, LEVELS, {"includeThoughts": True, "thinkingLevel": "LOW"}),
        ({"mode": "on", "budget": 20000}, LEVELS, {"includeThoughts": True, "thinkingLevel": "HIGH"}),
        ({"mode": "off"}, LEVELS, {"thinkingLevel": "LOW"}),
        ({"effort": "medium"}, BUDGETS, {"includeThoughts": True, "thinkingBudget": 8192}),
        ({"mode": "on", "budget": 50}, BUDGETS, {"includeThoughts": True, "thinkingBudget": 128}),
        ({"mode": "on", "budget": 99999}, BUDGETS, {"includeThoughts": True, "thinkingBudget": 24576}),
        ({"mode": "adaptive"}, BUDGETS, {"includeThoughts": True, "thinkingBudget": -1}),
        ({"mode": "off"}, BUDGETS, {"thinkingBudget": 0}),
        ({"effort": "none"}, BUDGETS, {"thinkingBudget": 0}),
        ({"effort": "high"}, {"thinking": frozenset()}, None),
    ],
)
def test_how_much_to_think(asked: dict[str, Any], quirks: dict[str, Any], config: dict[str, Any] | None) -> None:
    found = built(request(reasoning=ReasoningAsk(at="/thinking", **asked)), Quirks(**quirks))
    assert found.get("generationConfig", {}).get("thinkingConfig") == config


def test_prompts_grow_at_their_end_alone() -> None:
    """What was sent stays byte for byte as the conversation goes on."""
    turns: list[Message] = [user(Text("go"))]
    before = b""
    for number in range(20):
        turns += [model(Text(f"step {number}"), call(f"t{number}")), user(result(Text(f"r{number}"), ident=f"t{number}"))]
        body = build(request(*turns, tools=(F,), system=(Text("One.", at="/system/0"),))).body
        contents = body[: body.index(b'],"systemInstruction"')]
        assert contents.startswith(before)
        before = contents
