"""Requests of other dialects as a Responses provider gets them, and the client's own rebuilt."""

import json
from typing import Any

import pytest
from msgspec import Raw
from msgspec.structs import replace

from dragoman.core.loss import LossKind
from dragoman.core.parts import CacheMark, Media, Opaque, Reasoning, Refusal, Text
from dragoman.core.request import ReasoningAsk, Request, ResponseFormat, Tool, ToolChoice
from dragoman.dialects.openai_responses import DIALECT
from support.foreign import F, call, foreign, result, turn
from support.responses import ORIGIN, ask, build, built, parse, target, told

APPROXIMATED, DROPPED, HINT, REFUSED = (kind.value for kind in
    (LossKind.APPROXIMATED, LossKind.DROPPED, LossKind.HINT, LossKind.REFUSED))  # fmt: skip
ENCRYPTED = ["reasoning.encrypted_content"]


def items(*messages: Any, quirks: dict[str, Any] | None = None, **members: Any) -> list[Any]:
    found: list[Any] = built(foreign(*messages, **members), **(quirks or {}))["input"]
    return found


def losses(request: Request, **quirks: Any) -> dict[str, str]:
    return told(build(request, **quirks).losses)


def test_a_short_question() -> None:
    assert built(foreign(system=(Text("Be kind."),), stream=True)) == {
        "model": "up-model", "instructions": "Be kind.",
        "input": [{"type": "message", "role": "user", "content": "hi"}],
        "max_output_tokens": 50000, "store": False, "include": ENCRYPTED, "stream": True,
    }  # fmt: skip


def test_a_turn_with_tools_is_items_in_their_order() -> None:
    found = items(
        turn("user", "go"),
        turn("assistant", "let me see", call("c1", arguments='{"a":1}'), call("c2", arguments="")),
        turn("tool", result("c1", "one")),
        turn("tool", result("c2", "two")),
        turn("assistant", "done"),
        turn("user", "thanks"),
    )
    assert found == [
        {"type": "message", "role": "user", "content": "go"},
        {"type": "message", "role": "assistant", "content": "let me see"},
        {"type": "function_call", "call_id": "c1", "name": "f", "arguments": '{"a":1}'},
        {"type": "function_call", "call_id": "c2", "name": "f", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "c1", "output": "one"},
        {"type": "function_call_output", "call_id": "c2", "output": "two"},
        {"type": "message", "role": "assistant", "content": "done"},
        {"type": "message", "role": "user", "content": "thanks"},
    ]


def test_what_a_text_was_for_is_told_to_those_who_ask() -> None:
    history = (turn("user", "go"), turn("assistant", "hm", call("c1")), turn("tool", result("c1", "1")),
               turn("assistant", "done"), turn("user", "x"))  # fmt: skip
    phases = [item.get("phase") for item in items(*history, quirks={"phase": True}) if item.get("role") == "assistant"]
    assert phases == ["commentary", "final_answer"]
    assert all("phase" not in item for item in items(*history))


def test_calls_and_results_are_paired() -> None:
    found = items(turn("user", "go"), turn("assistant", call("c1")), turn("user", "never mind"))
    assert [item.get("call_id") for item in found] == [None, "c1", "c1", None]
    assert "no result" in found[2]["output"]


def test_ids_and_names_fit() -> None:
    long = "n" * 200
    request = foreign(turn("user", "x"), turn("assistant", call("i" * 100, long)), turn("tool", result("i" * 100, "y")),
                      tools=(Tool(name=long), Tool(name="a.b")))  # fmt: skip
    found = build(request)
    body = json.loads(found.body)
    names = [tool["name"] for tool in body["tools"]]
    assert max(map(len, names)) <= 128
    assert "." not in names[1]
    assert body["input"][1]["name"] == names[0]
    assert body["input"][1]["call_id"] == body["input"][2]["call_id"]
    assert len(body["input"][1]["call_id"]) <= 64
    assert found.undo.names[names[0]] == long


@pytest.mark.parametrize(
    ("tool", "expected"),
    [
        (F, {"strict": False, "parameters": {"type": "object", "properties": {}}}),
        (
            Tool(name="f", description="d"),
            {"strict": False, "description": "d", "parameters": {"type": "object", "properties": {}}},
        ),
        (
            Tool(
                name="f", strict=True, schema=Raw(b'{"type":"object","properties":{},"required":[],"additionalProperties":false}')
            ),
            {"strict": True, "parameters": {"type": "object", "properties": {}, "required": [], "additionalProperties": False}},
        ),
    ],
)
def test_functions_are_flat_and_say_whether_they_are_strict(tool: Tool, expected: dict[str, Any]) -> None:
    """The vendor takes them for strict where nothing is said."""
    (found,) = built(foreign(tools=(tool,)))["tools"]
    assert found == {"type": "function", "name": "f", **expected}


def test_a_schema_that_cannot_be_strict_is_told() -> None:
    loose = Tool(name="f", strict=True, schema=Raw(b'{"type":"object","properties":{"a":{"type":"string"}}}'), at="/tools/0")
    request = foreign(tools=(loose,))
    assert (built(request)["tools"][0]["strict"], losses(request)) == (False, {"/tools/0": APPROXIMATED})


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (ToolChoice(mode="auto"), "auto"),
        (ToolChoice(mode="any"), "required"),
        (ToolChoice(mode="none"), "none"),
        (ToolChoice(mode="tool", name="f"), {"type": "function", "name": "f"}),
        (ToolChoice(mode="any", allowed=("f",)),
         {"type": "allowed_tools", "mode": "required", "tools": [{"type": "function", "name": "f"}]}),
    ],
)  # fmt: skip
def test_tool_choice(choice: ToolChoice, expected: Any) -> None:
    assert built(foreign(tools=(F,), tool_choice=choice))["tool_choice"] == expected


def test_a_target_that_cannot_be_forced() -> None:
    request = foreign(tools=(F,), tool_choice=ToolChoice(mode="any", at="/tool_choice"))
    assert built(request, forced_tools=False)["tool_choice"] == "auto"
    assert losses(request, forced_tools=False) == {"/tool_choice": DROPPED}


def test_results_with_media_are_native() -> None:
    picture = Media(kind="image", mime="image/png", data="iVBORw0KGgo=", at="/x")
    found = items(turn("user", "x"), turn("assistant", call("c")), turn("tool", result("c", "see", picture)))
    assert found[2]["output"] == [
        {"type": "input_text", "text": "see"},
        {"type": "input_image", "image_url": "data:image/png;base64,iVBORw0KGgo=", "detail": "auto"},
    ]


@pytest.mark.parametrize(
    ("media", "expected", "lost"),
    [
        (Media(kind="image", url="https://x/y", detail="low"),
         {"type": "input_image", "image_url": "https://x/y", "detail": "low"}, None),
        (Media(kind="document", mime="application/pdf", data="JVBERi0=", name="a.pdf"),
         {"type": "input_file", "filename": "a.pdf", "file_data": "data:application/pdf;base64,JVBERi0="}, None),
        (Media(kind="document", url="https://x/y.pdf"), {"type": "input_file", "file_url": "https://x/y.pdf"}, None),
        (Media(kind="document", mime="text/plain", data="aGk=", name="a.txt"),
         {"type": "input_text", "text": "a.txt\n\nhi"}, APPROXIMATED),
        (Media(kind="audio", mime="audio/mpeg", data="AAA="), None, DROPPED),
        (Media(kind="document", file_id="file_1"), None, REFUSED),
    ],
)  # fmt: skip
def test_media(media: Media, expected: Any, lost: str | None) -> None:
    request = foreign(turn("user", "see", replace(media, at="/at")))
    content = built(request)["input"][0]["content"]
    assert (content[1] if isinstance(content, list) else None) == expected
    assert losses(request) == ({} if lost is None else {"/at": lost})


def test_a_failed_tool_is_told_in_words() -> None:
    request = foreign(turn("user", "x"), turn("assistant", call("c")), turn("tool", result("c", "boom", is_error=True, at="/r")))
    assert built(request)["input"][2]["output"] == "Error: boom"
    assert losses(request) == {"/r/is_error": APPROXIMATED}


def test_thoughts_go_back_where_they_were_made() -> None:
    item = {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "hm"}], "encrypted_content": "gAAA"}
    (native,) = parse(ask(item)).messages[0].parts
    assert isinstance(native, Reasoning)
    mine = Reasoning(text="hm", proof=native.proof, proof_from=ORIGIN, at="/t")
    assert items(turn("user", "x"), turn("assistant", mine, "y"), turn("user", "z"))[1] == item
    other = foreign(
        turn("user", "x"), turn("assistant", Reasoning(text="hm", proof="sig", proof_from="anthropic:acme", at="/t"), "y")
    )
    assert [found["type"] for found in built(other)["input"]] == ["message", "message"]
    assert losses(other)["/t"] == DROPPED
    open_model = built(other, reasoning_back="reasoning")["input"][1]
    assert open_model == {"type": "reasoning", "summary": [], "content": [{"type": "reasoning_text", "text": "hm"}]}


def test_a_thought_that_nothing_follows_is_left_out() -> None:
    item = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "gAAA"}
    (native,) = parse(ask(item)).messages[0].parts
    assert isinstance(native, Reasoning)
    request = foreign(
        turn("user", "x"),
        turn("assistant", Reasoning(text="", proof=native.proof, proof_from=ORIGIN, at="/t")),
        turn("user", "z"),
    )
    assert [found["type"] for found in built(request)["input"]] == ["message", "message"]
    assert losses(request)["/t"] == DROPPED


def test_refusals_are_words_and_opaque_pieces_are_lost() -> None:
    request = foreign(
        turn("user", "x"),
        turn("assistant", Refusal("no", at="/r"), Opaque(dialect="anthropic", kind="server_tool_use", raw=Raw(b"{}"), at="/o")),
    )
    assert built(request)["input"][1]["content"] == "no"
    assert (losses(request)["/r"], losses(request)["/o"]) == (APPROXIMATED, DROPPED)


def test_instructions_with_a_cache_mark_are_a_message() -> None:
    request = foreign(system=(Text("a"), Text("b", cache=CacheMark(ttl="1h"))))
    found = built(request, cache_marks="prompt_cache_breakpoint", system_role="developer")
    assert "instructions" not in found
    assert found["input"][0] == {"type": "message", "role": "developer", "content": [
        {"type": "input_text", "text": "a"},
        {"type": "input_text", "text": "b", "prompt_cache_breakpoint": {"mode": "explicit", "ttl": "12h"}},
    ]}  # fmt: skip
    assert built(request)["instructions"] == "a\n\nb"


@pytest.mark.parametrize(
    ("ask_", "quirks", "expected"),
    [
        (ReasoningAsk(effort="high"), {}, {"effort": "high"}),
        (ReasoningAsk(effort="high", summary="detailed"), {}, {"effort": "high", "summary": "detailed"}),
        (ReasoningAsk(mode="on", budget=20000), {}, {"effort": "high"}),
        (ReasoningAsk(mode="off"), {"efforts": ("none", "low")}, {"effort": "none"}),
        (ReasoningAsk(mode="off"), {}, None),
        (ReasoningAsk(effort="max"), {"efforts": ("low", "high")}, {"effort": "high"}),
        (ReasoningAsk(effort="high", summary="auto"), {"efforts": ()}, None),
        (ReasoningAsk(mode="adaptive"), {}, None),
        (None, {}, None),
    ],
)
def test_reasoning(ask_: ReasoningAsk | None, quirks: dict[str, Any], expected: Any) -> None:
    assert built(foreign(reasoning=ask_), **quirks).get("reasoning") == expected


def test_nothing_is_stored_and_ciphertexts_come_back() -> None:
    request = foreign(store=True, paths={"store": "/store"})
    assert (built(request)["store"], built(request)["include"]) == (False, ENCRYPTED)
    assert losses(request) == {"/store": HINT}
    assert "include" not in built(request, efforts=())
    assert "store" not in built(request, drop=["store"])


def test_members_of_other_dialects() -> None:
    request = foreign(
        stop=("END",), seed=7, top_k=5, presence_penalty=0.5, n=1, verbosity="low", parallel_tools=False, tools=(F,),
        max_output_tokens=1,
        response_format=ResponseFormat(kind="schema", schema=Raw(b'{"type":"object"}'), name="n", at="/f"),
    )  # fmt: skip
    found = built(request)
    assert found["text"] == {"format": {"type": "json_schema", "name": "n", "schema": {"type": "object"}}, "verbosity": "low"}
    assert (found["parallel_tool_calls"], found["max_output_tokens"]) == (False, 16)
    assert losses(request) == {
        "/stop": DROPPED, "/seed": DROPPED, "/top_k": DROPPED, "/presence_penalty": DROPPED, "/max_output_tokens": APPROXIMATED,
    }  # fmt: skip
    assert REFUSED in losses(foreign(n=2)).values()


def test_a_format_that_the_target_does_not_know_is_asked_for_in_words() -> None:
    request = foreign(response_format=ResponseFormat(kind="schema", schema=Raw(b'{"type":"object"}'), at="/f"))
    found = built(request, json_schema=False)
    assert found["text"] == {"format": {"type": "json_object"}}
    assert '"type":"object"' in found["instructions"]
    assert losses(request, json_schema=False) == {"/f": APPROXIMATED}


def test_own_requests_are_rebuilt_as_they_were() -> None:
    body = ask(
        {"type": "message", "role": "developer", "content": "x"},
        {"type": "reasoning", "id": "rs", "encrypted_content": "gA",
         "summary": [{"type": "summary_text", "text": "a"}, {"type": "summary_text", "text": "b"}]},
        {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "phase": "commentary",
         "content": [{"type": "output_text", "text": "hm", "annotations": [{"type": "file_citation"}]}]},
        {"type": "function_call", "call_id": "c1", "name": "f", "arguments": "{ }"},
        {"type": "function_call_output", "call_id": "c1", "output": [{"type": "input_text", "text": "y"}]},
        {"type": "item_reference", "id": "msg_9"},
        {"type": "compaction_trigger"},
        store=True, background=True, previous_response_id="resp_1", include=["x"], text={"verbosity": "high", "new": 1},
        reasoning={"effort": "low", "mode": "pro"},
        tools=[{"type": "web_search", "filters": {}}, {"type": "function", "name": "f"}],
    )  # fmt: skip
    assert built(parse(body)) == {**body, "model": "up-model"}


def test_counting_asks_for_what_an_answer_would_be_asked_with() -> None:
    built_ = DIALECT.build_count(foreign(system=(Text("s"),), tools=(F,), temperature=0.5), target(), target().quirks)
    assert set(json.loads(built_.body)) == {"model", "input", "instructions", "tools"}
    assert DIALECT.read_count(b'{"object":"response.input_tokens","input_tokens":11}') == 11
    assert [DIALECT.read_count(body) for body in (b"", b"[]", b'{"input_tokens":-1}', b'{"input_tokens":true}')] == [None] * 4
