"""Requests of other dialects for Ollama's own API: the conversation, tools, options, thinking, and what is its own."""

import json
from typing import Any

import pytest
from msgspec import Raw

from dragoman.core.parts import Media, Opaque, Reasoning, Text
from dragoman.core.quirks import Quirks
from dragoman.core.request import ReasoningAsk, Request, ResponseFormat, Tool, ToolChoice
from dragoman.dialects.base import Built
from support.foreign import F, call, foreign, result, turn
from support.said import exact
from support.speech import build, target

SCHEMA = Raw(b'{"type":"object","properties":{"a":{"type":"number"}},"required":["a"]}')
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def built(request: Request, quirks: Quirks | None = None) -> tuple[dict[str, Any], dict[str, str]]:
    """(the body, kind of loss by path)."""
    found = build(request, "ollama", quirks)
    return json.loads(found.body), losses(found)


def losses(found: Built) -> dict[str, str]:
    return {loss.path: loss.kind.value for loss in found.losses}


def asked(**members: Any) -> Request:
    return foreign(**{"max_output_tokens": None, **members})


def test_the_least_that_is_asked() -> None:
    """Nothing is sent that the client did not ask for, above all no length of the context; but streams are what is not said."""
    body, lost = built(asked())
    assert body == {"model": "some-model", "messages": [{"role": "user", "content": "hi"}], "stream": False}
    assert lost == {}
    assert built(asked(stream=True))[0]["stream"] is True


def test_the_model_is_asked_at_its_own_path() -> None:
    from dragoman.dialects.ollama import DIALECT

    where = target("ollama", "llama3", Quirks(), "o")
    assert DIALECT.endpoint(where, "chat", stream=True) == "https://api.example/v1/api/chat"


def test_a_step_with_tools() -> None:
    """Ids and names both tie a result to its call; arguments are an object, by their exact text."""
    request = asked(
        messages=(
            turn("user", "go"),
            turn(
                "assistant",
                Reasoning(text="Hm.", at="/r"),
                "On it.",
                call("c1", "f", '{"n": 1.50, "big": 12345678901234567890}', at="/c1"),
                call("c2", "g", "", at="/c2"),
            ),
            turn("tool", result("c2", "two", at="/r2"), result("c1", "one", at="/r1", is_error=True)),
            turn("user", "and?"),
        ),
        tools=(F,),
    )
    found = build(request, "ollama")
    messages = exact(found.body)["messages"]
    assert messages[1] == {
        "role": "assistant",
        "content": "On it.",
        "thinking": "Hm.",
        "tool_calls": [
            {"id": "c1", "function": {"name": "f", "arguments": {"n": "1.50", "big": "12345678901234567890"}}},
            {"id": "c2", "function": {"name": "g", "arguments": {}}},
        ],
    }
    assert messages[2:] == [
        {"role": "tool", "content": "Error: one", "tool_name": "f", "tool_call_id": "c1"},
        {"role": "tool", "content": "two", "tool_name": "g", "tool_call_id": "c2"},
        {"role": "user", "content": "and?"},
    ]
    assert b'"n": 1.50, "big": 12345678901234567890' in found.body
    assert losses(found) == {"/r1/is_error": "approximated"}


@pytest.mark.parametrize(
    ("arguments", "sent", "lost"),
    [
        ('{"a":1}', {"a": 1}, {}),
        (" ", {}, {}),
        ("null", {}, {}),
        ("[1]", {"value": [1]}, {"/c": "approximated"}),
        ('{"a":', {"_raw": '{"a":'}, {"/c": "approximated"}),
    ],
)
def test_arguments_are_always_an_object(arguments: str, sent: Any, lost: dict[str, str]) -> None:
    request = asked(messages=(turn("assistant", call("c", "f", arguments, at="/c")), turn("tool", result("c", "x"))))
    body, told = built(request)
    assert body["messages"][0]["tool_calls"][0]["function"]["arguments"] == sent
    assert told == lost


def test_a_free_text_tool_is_a_function_of_one_text() -> None:
    tool = Tool(name="shell", description="Runs it.", custom=True, schema=Raw(b'{"type":"text"}'), at="/tools/0")
    history = (turn("assistant", call("c", "shell", "ls", custom=True, at="/c")), turn("tool", result("c", "x")))
    found = build(asked(messages=history, tools=(tool,)), "ollama")
    body = json.loads(found.body)
    function = body["tools"][0]["function"]
    assert function["parameters"]["required"] == ["input"]
    assert function["description"].startswith("Runs it.\n\nThe argument `input` is free text.")
    assert body["messages"][0]["tool_calls"][0]["function"]["arguments"] == {"input": "ls"}
    assert found.undo.custom == {"shell"}
    assert losses(found) == {"/tools/0": "approximated", "/c": "approximated"}


@pytest.mark.parametrize("mode", ["any", "tool"])
def test_a_model_that_cannot_be_forced_is_instructed(mode: Any) -> None:
    choice = ToolChoice(mode=mode, name="f" if mode == "tool" else None, at="/tool_choice")
    body, lost = built(asked(system=(Text("Be brief."),), tools=(F,), tool_choice=choice))
    assert body["messages"][0]["content"].startswith("Be brief.\n\nYou must call ")
    assert ("`f`" in body["messages"][0]["content"]) == (mode == "tool")
    assert lost == {"/tool_choice": "approximated"}


def test_where_none_may_be_called_none_is_offered() -> None:
    request = asked(tools=(F,), tool_choice=ToolChoice(mode="none", at="/tool_choice"), parallel_tools=False)
    body, lost = built(request)
    assert "tools" not in body
    assert lost == {"/tool_choice": "approximated", "/tools/0": "hint"}


def test_server_tools() -> None:
    search = Opaque(dialect="anthropic", kind="web_search", raw=Raw(b'{"name":"web_search"}'), at="/tools/1")
    assert built(asked(tools=(F, search)))[1] == {"/tools/1": "dropped"}
    assert built(asked(tools=(search,)))[1] == {"/tools/1": "refused"}
    forced = ToolChoice(mode="tool", name="web_search", at="/tool_choice")
    assert built(asked(tools=(F, search), tool_choice=forced))[1]["/tools/1"] == "refused"


def test_images_stand_beside_the_words() -> None:
    sound = Media(kind="audio", mime="audio/wav", data="UklGRg==", at="/m/2")
    parts = (Media(kind="image", data=PNG, at="/m/0"), Text("Look."), sound)
    body, lost = built(asked(messages=(turn("user", *parts),)))
    assert body["messages"] == [{"role": "user", "content": "Look.", "images": [PNG, "UklGRg=="]}]
    assert lost == {"/m/2": "approximated"}


@pytest.mark.parametrize(
    ("media", "kind"),
    [
        (Media(kind="image", url="https://images.example/a.png", at="/m"), "dropped"),
        (Media(kind="document", mime="application/pdf", data="JVBERi0=", at="/m"), "dropped"),
        (Media(kind="video", data="AAAA", at="/m"), "dropped"),
        (Media(kind="image", file_id="file_1", at="/m"), "refused"),
        (Media(kind="document", text="Words.", at="/m"), "approximated"),
        (Media(kind="document", mime="text/plain", data="V29yZHMu", at="/m"), "approximated"),
    ],
)
def test_media_that_are_not_taken(media: Media, kind: str) -> None:
    body, lost = built(asked(messages=(turn("user", "Look.", media),)))
    assert lost == {"/m": kind}
    assert body["messages"][0]["content"] == ("Look.\nWords." if kind == "approximated" else "Look.")


def test_a_data_url_is_data() -> None:
    image = Media(kind="image", url=f"data:image/png;base64,{PNG}", at="/m")
    assert built(asked(messages=(turn("user", image),)))[0]["messages"][0]["images"] == [PNG]


def test_options() -> None:
    said = {"temperature": 0, "top_p": 0.5, "top_k": 40, "seed": 0, "presence_penalty": 0.1, "frequency_penalty": 0.2}
    body, lost = built(asked(max_output_tokens=9, stop=("a", "b"), **said))
    assert body["options"] == {**said, "num_predict": 9, "stop": ["a", "b"]}
    assert lost == {}


def test_its_own_words_come_from_any_client() -> None:
    """`options` in a client's body are Ollama's; they beat what the client's own dialect says, and that is told."""
    extras = {
        "keep_alive": Raw(b'"5m"'),
        "num_ctx": Raw(b"8192"),
        "truncate": Raw(b"false"),
        "options": Raw(b'{"num_ctx":16384,"temperature":0.10}'),
        "logit_bias": Raw(b"{}"),
    }
    found = build(asked(temperature=1, extras=extras), "ollama")
    body = json.loads(found.body)
    assert (body["keep_alive"], body["truncate"]) == ("5m", False)
    assert body["options"] == {"num_ctx": 16384, "temperature": 0.1}
    assert b"0.10" in found.body
    assert losses(found) == {"/logit_bias": "dropped", "/temperature": "approximated"}


def test_what_is_laid_over_the_body() -> None:
    """`extra_body`: members as they are, but options join the others."""
    passed = {"options": Raw(b'{"num_ctx":32768}'), "num_gpu": Raw(b"1"), "keep_alive": Raw(b"-1")}
    body, _ = built(asked(seed=7, passed=passed))
    assert body["options"] == {"seed": 7, "num_ctx": 32768, "num_gpu": 1}
    assert body["keep_alive"] == -1


@pytest.mark.parametrize(
    ("ask", "think", "kind"),
    [
        (ReasoningAsk(mode="off", at="/t"), False, None),
        (ReasoningAsk(effort="none", at="/t"), False, None),
        (ReasoningAsk(mode="on", at="/t"), True, None),
        (ReasoningAsk(effort="minimal", at="/t"), "low", "approximated"),
        (ReasoningAsk(effort="medium", at="/t"), "medium", None),
        (ReasoningAsk(effort="xhigh", at="/t"), "high", "approximated"),
        (ReasoningAsk(effort="max", at="/t"), "max", None),
        (ReasoningAsk(mode="on", budget=20000, at="/t"), "high", "approximated"),
        (ReasoningAsk(mode="adaptive", at="/t"), None, "hint"),
    ],
)
def test_thinking(ask: ReasoningAsk, think: Any, kind: str | None) -> None:
    body, lost = built(asked(reasoning=ask))
    assert body.get("think") == think
    assert lost == ({} if kind is None else {"/t": kind})


def test_a_model_that_does_not_think_is_not_told_how() -> None:
    mute = Quirks(efforts=())
    assert built(asked(reasoning=ReasoningAsk(effort="high", at="/t")), mute)[1] == {"/t": "dropped"}
    body, lost = built(asked(reasoning=ReasoningAsk(mode="off", at="/t")), mute)
    assert lost == {"/t": "hint"}
    assert "think" not in body


def test_earlier_thinking_goes_back_as_words() -> None:
    thoughts = (
        Reasoning(text="One.", proof="sig", proof_from="anthropic", at="/r0"),
        Reasoning(proof="x", redacted=True, at="/r1"),
    )
    found = build(asked(messages=(turn("assistant", *thoughts, "Two."),)), "ollama")
    assert json.loads(found.body)["messages"] == [{"role": "assistant", "content": "Two.", "thinking": "One."}]
    assert losses(found) == {"/r0": "hint", "/r1": "dropped"}
    assert b"sig" not in found.body


@pytest.mark.parametrize(
    ("form", "quirks", "sent", "words"),
    [
        (ResponseFormat(kind="text", at="/f"), Quirks(), None, False),
        (ResponseFormat(kind="json", at="/f"), Quirks(), "json", False),
        (ResponseFormat(kind="schema", schema=SCHEMA, at="/f"), Quirks(), json.loads(bytes(SCHEMA)), False),
        (ResponseFormat(kind="schema", schema=SCHEMA, at="/f"), Quirks(json_schema=False), "json", True),
        (ResponseFormat(kind="json", at="/f"), Quirks(json_schema=False, json_mode=False), None, True),
    ],
)
def test_formats(form: ResponseFormat, quirks: Quirks, sent: Any, words: bool) -> None:
    body, lost = built(asked(response_format=form), quirks)
    assert body.get("format") == sent
    assert (body["messages"][0]["role"] == "system") == words
    assert lost == ({"/f": "approximated"} if words else {})


def test_logprobs() -> None:
    body, lost = built(asked(logprobs=True, top_logprobs=3))
    assert (body["logprobs"], body["top_logprobs"]) == (True, 3)
    assert lost == {}
    assert built(asked(logprobs=False, top_logprobs=2))[1] == {"/top_logprobs": "dropped"}


def test_what_has_no_word_is_told() -> None:
    members: dict[str, Any] = {
        "n": 2,
        "verbosity": "low",
        "user": "u",
        "metadata": Raw(b"{}"),
        "service_tier": "flex",
        "store": True,
    }
    assert built(asked(**members))[1] == {
        **{"/n": "refused", "/verbosity": "dropped", "/user": "hint", "/metadata": "hint"},
        **{"/service_tier": "hint", "/store": "hint"},
    }
    assert built(asked(n=1, verbosity="medium"))[1] == {}


def test_what_a_target_refuses_is_left_out() -> None:
    """Rows and learned facts name members of the body or of its options."""
    request = asked(seed=1, top_k=2, reasoning=ReasoningAsk(effort="low", at="/t"), extras={"keep_alive": Raw(b"0")})
    body, lost = built(request, Quirks(drop=frozenset({"seed", "think", "keep_alive"}), rename={"top_k": "k"}))
    assert body["options"] == {"k": 2}
    assert {"think", "keep_alive"} & body.keys() == set()
    assert lost == {"/seed": "dropped", "/reasoning": "dropped", "/keep_alive": "dropped"}


def test_a_turn_to_go_on_with_is_left_as_it_is() -> None:
    body, lost = built(asked(messages=(turn("user", "Count."), turn("assistant", "1, 2,"))))
    assert body["messages"][-1] == {"role": "assistant", "content": "1, 2,"}
    assert lost == {}


def test_the_beginning_does_not_depend_on_what_follows() -> None:
    step = (turn("user", "a"), turn("assistant", call("c", "f", at="/c")), turn("tool", result("c", "x")), turn("assistant", "b"))
    short, long = (built(asked(messages=(*step[:count], turn("user", "z"))))[0]["messages"] for count in (3, 4))
    assert short[:2] == long[:2]
