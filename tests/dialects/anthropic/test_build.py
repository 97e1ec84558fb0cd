"""Conversations of other dialects as an Anthropic provider gets them."""

import json
from typing import Any

import pytest
from msgspec import Raw
from msgspec.structs import replace

from dragoman.core.loss import LossKind
from dragoman.core.parts import CacheMark, Media, Reasoning, Refusal, Text, ToolResult
from dragoman.core.request import Message, Tool, ToolChoice
from dragoman.dialects.history import INTERRUPTED
from support.anthropic import body, build, losses
from support.foreign import F, call, foreign, result, turn

APPROXIMATED, DROPPED, HINT, REFUSED = LossKind.APPROXIMATED, LossKind.DROPPED, LossKind.HINT, LossKind.REFUSED


def messages(*turns: Message, **quirks: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = body(foreign(*turns, tools=(F,)), **quirks)["messages"]
    return found


def blocks(*turns: Message) -> list[Any]:
    return [block for message in messages(*turns) for block in message["content"]]


def test_instructions_stand_first_each_a_block() -> None:
    request = foreign(turn("system", "a", "b"), turn("developer", "c"), turn("user", "hi"), system=(Text("top"),))
    found = body(request)
    assert [block["text"] for block in found["system"]] == ["top", "a", "b", "c"]
    assert found["messages"] == [{"role": "user", "content": "hi"}]


def test_roles_take_turns_and_results_come_first() -> None:
    found = messages(
        turn("user", "a"),
        turn("user", "b"),
        turn("assistant", "c", call("1"), call("2")),
        turn("tool", result("2", "two")),
        turn("tool", result("1", "one")),
        turn("user", "d", ""),
    )
    assert [message["role"] for message in found] == ["user", "assistant", "user"]
    assert [block["type"] for block in found[1]["content"]] == ["text", "tool_use", "tool_use"]
    assert found[2]["content"] == [
        {"type": "tool_result", "tool_use_id": "1", "content": "one"},
        {"type": "tool_result", "tool_use_id": "2", "content": "two"},
        {"type": "text", "text": "d"},
    ]


def test_gaps_in_a_history_are_filled_and_told() -> None:
    request = foreign(
        turn("user", "a"), turn("assistant", call("1", at="/m/1")), turn("user", "b"), turn("tool", result("9", "x", at="/m/3"))
    )
    assert losses(request) == {"/m/3": LossKind.APPROXIMATED}
    request = foreign(turn("user", "a"), turn("assistant", call("1", at="/m/1")), turn("user", "b"), tools=(F,))
    assert losses(request) == {"/m/1": APPROXIMATED}
    assert body(request)["messages"][2]["content"][0] == {
        "type": "tool_result",
        "tool_use_id": "1",
        "content": INTERRUPTED,
        "is_error": True,
    }
    orphan = foreign(turn("user", "a"), turn("tool", result("9", "x", at="/m/1")))
    assert losses(orphan) == {"/m/1": APPROXIMATED}
    assert body(orphan)["messages"] == [
        {"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "x"}]}
    ]


def test_the_first_turn_is_the_users() -> None:
    assert messages(turn("assistant", "hello"), turn("user", "hi"))[0] == {"role": "user", "content": "."}
    assert body(foreign(turn("system", "only"), turn("user")))["messages"] == [{"role": "user", "content": "."}]


def test_a_system_message_in_the_middle() -> None:
    turns = (
        turn("user", "a"),
        turn("system", "now", at="/m/1"),
        turn("assistant", "b"),
        turn("developer", "then"),
        turn("user", "c"),
    )
    folded = messages(*turns)
    assert [block["text"] for block in folded[0]["content"]] == ["a", "<system-reminder>\nnow\n</system-reminder>"]
    assert [block["text"] for block in folded[2]["content"]] == ["<system-reminder>\nthen\n</system-reminder>", "c"]
    assert losses(foreign(*turns))["/m/1"] is APPROXIMATED
    native = messages(*turns, mid_system=True)
    assert [message["role"] for message in native] == ["user", "system", "assistant", "user", "system"]


def test_a_system_message_never_parts_a_call_from_its_result() -> None:
    found = messages(turn("user", "a"), turn("assistant", call("1")), turn("system", "now"), turn("tool", result("1", "r")))
    assert [block["type"] for block in found[2]["content"]] == ["tool_result", "text"]


def test_prefill() -> None:
    turns = (turn("user", "a"), turn("assistant", "b \n", at="/m/1"))
    assert messages(*turns)[-1] == {"role": "assistant", "content": "b"}
    instructed = messages(*turns, prefill=False)
    assert [message["role"] for message in instructed] == ["user", "assistant", "user"]
    assert losses(foreign(*turns), prefill=False) == {"/m/1": APPROXIMATED}


def inline(mime: str, data: str) -> dict[str, str]:
    return {"type": "base64", "media_type": mime, "data": data}


def words(text: str) -> dict[str, str]:
    return {"type": "text", "media_type": "text/plain", "data": text}


@pytest.mark.parametrize(
    ("media", "source"),
    [
        (Media(kind="image", data="iVBORw0KGgoAAA", mime="image/jpeg"), inline("image/png", "iVBORw0KGgoAAA")),
        (Media(kind="image", data="AAAA"), inline("image/png", "AAAA")),
        (Media(kind="image", url="https://x/y.png"), {"type": "url", "url": "https://x/y.png"}),
        (Media(kind="image", url="data:image/gif;base64,R0lGODAA"), inline("image/gif", "R0lGODAA")),
        (Media(kind="file", data="JVBERi0x"), inline("application/pdf", "JVBERi0x")),
        (Media(kind="file", data="aGVsbG8=", mime="text/markdown"), words("hello")),
        (Media(kind="document", text="words"), words("words")),
    ],
)
def test_media(media: Media, source: dict[str, Any]) -> None:
    (block,) = blocks(turn("user", media))
    assert block["source"] == source
    assert block["type"] == ("image" if source.get("media_type", "image/").startswith("image/") else "document")
    nested = blocks(turn("user", "a"), turn("assistant", call("1")), turn("tool", result("1", media)))[-1]
    assert nested["content"] == [block]


@pytest.mark.parametrize(
    "media",
    [
        Media(kind="audio", data="AAAA", at="/a"),
        Media(kind="video", url="https://x", at="/a"),
        Media(kind="file", data="//79", mime="application/msword", at="/a"),
        Media(kind="image", data="AAAA", mime="image/heic", at="/a"),
    ],
)
def test_media_that_is_not_taken(media: Media) -> None:
    request = foreign(turn("user", media))
    assert losses(request) == {"/a": DROPPED}
    assert body(request)["messages"] == [{"role": "user", "content": "."}]


def test_a_file_that_another_vendor_keeps_is_refused() -> None:
    assert losses(foreign(turn("user", Media(kind="file", file_id="file-1", at="/a")))) == {"/a": REFUSED}


def test_thinking_goes_back_only_to_its_maker() -> None:
    def told(**members: Any) -> tuple[Any, dict[str, LossKind]]:
        request = foreign(turn("user", "a"), turn("assistant", Reasoning(text="hm", at="/r", **members), "b"), turn("user", "c"))
        content = body(request)["messages"][1]["content"]
        return content[0] if isinstance(content, list) else None, losses(request)

    signed = {"type": "thinking", "thinking": "hm", "signature": "p"}
    assert told(proof="p", proof_from="anthropic") == (signed, {})
    assert told(proof="p", proof_from="anthropic:claude") == (signed, {})
    assert told(proof="", proof_from="anthropic:claude")[0] == {**signed, "signature": ""}
    redacted = told(proof="p", proof_from="anthropic", redacted=True)
    assert redacted[0] == {"type": "redacted_thinking", "data": "p"}
    for origin, proof in (
        ("openai-chat:acc", "p"),
        ("anthropic:other", "p"),
        (None, None),
        ("anthropic", ""),
        ("unreadable", "p"),
    ):
        assert told(proof=proof, proof_from=origin) == (None, {"/r": DROPPED})


def test_names_and_ids_are_made_valid_and_named_back() -> None:
    request = foreign(
        turn("user", "a"),
        turn("assistant", call("a:1", "get.weather"), call("", "get.weather")),
        turn("tool", result("a:1", "r")),
        turn("tool", result("", "s")),
        tools=(Tool(name="get.weather", schema=Raw(b"{}")),),
        tool_choice=ToolChoice(mode="tool", name="get.weather"),
    )
    built = build(request)
    found = json.loads(built.body)
    wire = found["tools"][0]["name"]
    assert wire != "get.weather"
    assert found["tool_choice"] == {"type": "tool", "name": wire}
    calls = found["messages"][1]["content"]
    assert [block["name"] for block in calls] == [wire, wire]
    assert [block["tool_use_id"] for block in found["messages"][2]["content"]] == [block["id"] for block in calls]
    assert built.undo.names == {wire: "get.weather"}
    assert built.undo.ids == {calls[0]["id"]: "a:1"}
    assert found["tools"][0]["input_schema"] == {"type": "object", "properties": {}}


def test_arguments() -> None:
    for arguments, expected in (
        ("", {}),
        ("null", {}),
        ('{"a": 1}', {"a": 1}),
        ("[1]", {"value": [1]}),
        ("oops", {"_raw": "oops"}),
    ):
        (block,) = blocks(turn("user", "a"), turn("assistant", call("1", "f", arguments)), turn("tool", result("1", "r")))[-2:-1]
        assert block["input"] == expected


def test_free_text_tools_are_functions_with_one_text() -> None:
    tool = Tool(name="shell", description="Runs.", custom=True, schema=Raw(b'{"type":"text"}'), at="/tools/0")
    request = foreign(
        turn("user", "a"),
        turn("assistant", call("1", "shell", "ls -l", custom=True, at="/c")),
        turn("tool", result("1", "r")),
        tools=(tool,),
    )
    built = build(request)
    found = json.loads(built.body)
    assert found["messages"][1]["content"][0]["input"] == {"input": "ls -l"}
    assert found["tools"][0]["input_schema"]["required"] == ["input"]
    assert built.undo.custom == {"shell"}
    assert losses(request) == {"/tools/0": APPROXIMATED, "/c": APPROXIMATED}


def test_a_name_is_a_loss_never_text() -> None:
    request = foreign(Message("user", (Text("hi"),), {"name": Raw(b'"Ada"')}, "/messages/0"))
    assert losses(request) == {"/messages/0/name": DROPPED}
    assert b"Ada" not in build(request).body


def test_a_refusal_of_the_past_is_text() -> None:
    found = messages(turn("user", "a"), turn("assistant", Refusal("I cannot.", at="/r")), turn("user", "b"))
    assert found[1]["content"] == "I cannot."


def test_the_last_four_cache_marks_stay_and_long_ones_come_first() -> None:
    mark = {"type": "ephemeral"}
    said = [Text(str(number), CacheMark("30m" if number == 2 else "24h", at=f"/c/{number}")) for number in range(4)]
    tool = replace(F, cache=CacheMark("24h", at="/t"))
    turns = (turn("user", *said[:2]), turn("assistant", "ok"), turn("user", *said[2:]))
    request = foreign(*turns, system=(Text("s"),), tools=(tool,))
    found = body(request)
    assert found["tools"][0].get("cache_control") is None
    assert [block["cache_control"] for block in found["messages"][0]["content"]] == [{**mark, "ttl": "1h"}] * 2
    assert [block["cache_control"] for block in found["messages"][2]["content"]] == [mark, mark]
    assert set(losses(request)) == {"/t", *(f"/c/{number}" for number in range(4))}
    assert set(losses(request).values()) == {HINT}
    fewer = body(replace(request, messages=request.messages[2:]))
    assert fewer["tools"][0]["cache_control"] == {**mark, "ttl": "1h"}


def test_marks_on_results_are_counted_with_what_they_hold() -> None:
    results = [ToolResult(id=f"t{n}", parts=(Text("r", CacheMark(at=f"/i{n}")),), cache=CacheMark(at=f"/o{n}")) for n in range(3)]
    calls = [call(f"t{n}") for n in range(3)]
    blocks = messages(turn("user", "a"), turn("assistant", *calls), turn("tool", *results))[-1]["content"]
    assert ["cache_control" in block for block in blocks] == [False, True, True]
    assert ["cache_control" in block["content"][0] for block in blocks if not isinstance(block["content"], str)] == [True, True]


def test_the_same_request_is_the_same_bytes_and_a_longer_one_begins_alike() -> None:
    turns = (turn("user", "a"), turn("assistant", call("x:1")), turn("tool", result("x:1", "r")), turn("assistant", "ok"))
    assert build(foreign(*turns, tools=(F,))).body == build(foreign(*turns, tools=(F,))).body
    longer = messages(*turns, turn("user", "more"))
    assert longer[: len(turns)] == messages(*turns)
