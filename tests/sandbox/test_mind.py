"""What is answered, in no dialect."""

from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.sandbox.mind import Answer, Ask, Say, Thought, Tool, ToolUse, answer, cost, pieces
from dragoman.sandbox.signature import Kind, holds, sign
from dragoman.wire import json

WEATHER = Tool("get_weather", {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]})
TIME = Tool("get_time", {"type": "object", "properties": {}})


def said(found: Answer) -> str:
    return "".join(part.text for part in found.parts if isinstance(part, Say))


def called(found: Answer) -> list[str]:
    return [part.name for part in found.parts if isinstance(part, ToolUse)]


@pytest.mark.parametrize(
    ("ask", "expected"),
    [
        (Ask(text="hello"), "You said: hello"),
        (Ask(), "You said nothing."),
        (Ask(text="look", images=1), "You said: look I see 1 image."),
        (Ask(text="look", images=2, documents=1), "You said: look I see 2 images and 1 document."),
        (Ask(text="again", turns=3), "You said: again This is turn 3."),
        (Ask(text="x", results=("sunny", "12:00"), turns=3), "The tool said: sunny\nThe tool said: 12:00 This is turn 3."),
        (Ask(text="x", format=WEATHER.schema), '{"city":"sample city"}'),
    ],
)
def test_text(ask: Ask, expected: str) -> None:
    found = answer(ask)
    assert (said(found), found.finish) == (expected, "stop")


@pytest.mark.parametrize(
    ("ask", "names"),
    [
        (Ask(text="hi", tools=(WEATHER, TIME)), ["get_weather"]),
        (Ask(text="use get_time", tools=(WEATHER, TIME)), ["get_time"]),
        (Ask(text="use get_time and get_weather", tools=(WEATHER, TIME)), ["get_weather", "get_time"]),
        (Ask(text="use get_time and get_weather", tools=(WEATHER, TIME), parallel=False), ["get_weather"]),
        (Ask(text="hi", tools=(WEATHER, TIME), choice="none"), []),
        (Ask(text="hi", tools=(WEATHER, TIME), choice="any"), ["get_weather"]),
        (Ask(text="hi", tools=(WEATHER, TIME), choice="tool", forced="get_time"), ["get_time"]),
        (Ask(text="hi", tools=(WEATHER, TIME), results=("x",)), []),
        (Ask(text="hi", tools=(WEATHER, TIME), results=("x",), choice="any"), ["get_weather"]),
    ],
)
def test_calls(ask: Ask, names: list[str]) -> None:
    found = answer(ask)
    assert called(found) == names
    assert found.finish == ("tools" if names else "stop")


def test_parallel_calls_are_at_least_two_and_differ() -> None:
    one = answer(Ask(text="hi", tools=(WEATHER,)), "parallel")
    assert called(one) == ["get_weather", "get_weather"]
    assert len({part.arguments for part in one.parts if isinstance(part, ToolUse)}) == 2
    assert called(answer(Ask(text="hi", tools=(WEATHER, TIME)), "parallel")) == ["get_weather", "get_time"]
    assert called(answer(Ask(text="hi", tools=(WEATHER, TIME), parallel=False), "parallel")) == ["get_weather"]


def test_arguments_are_what_the_schema_wants() -> None:
    found = answer(Ask(text="hi", tools=(WEATHER,)))
    (call,) = (part for part in found.parts if isinstance(part, ToolUse))
    assert json.decode(call.arguments) == {"city": "sample city"}


def test_custom_tools_take_free_text() -> None:
    found = answer(Ask(text="hi", tools=(Tool("shout", custom=True),)))
    (call,) = (part for part in found.parts if isinstance(part, ToolUse))
    assert (call.custom, call.arguments) == (True, "sample input for shout 1")


def test_thoughts_come_first_and_only_where_asked_for() -> None:
    found = answer(Ask(text="hi", thinking=True))
    assert isinstance(found.parts[0], Thought)
    assert found.thinking_tokens == cost(found.parts[0]) > 0
    assert not any(isinstance(part, Thought) for part in answer(Ask(text="hi")).parts)


@pytest.mark.parametrize(
    ("stops", "text", "finish", "stopped"),
    [
        (("two",), "You said: one ", "stop_sequence", "two"),
        (("three", "one"), "You said: ", "stop_sequence", "one"),
        (("four",), "You said: one two three", "stop", None),
        (("You",), "", "stop_sequence", "You"),
    ],
)
def test_stop_sequences(stops: tuple[str, ...], text: str, finish: str, stopped: str | None) -> None:
    found = answer(Ask(text="one two three", stop=stops))
    assert (said(found), found.finish, found.stop_sequence) == (text, finish, stopped)


@given(st.text(max_size=200), st.integers(1, 40), st.booleans())
def test_no_answer_is_longer_than_it_may_be(text: str, most: int, thinking: bool) -> None:
    found = answer(Ask(text=text, max_tokens=most, thinking=thinking, tools=(WEATHER,)))
    whole = answer(Ask(text=text, thinking=thinking, tools=(WEATHER,)))
    assert found.output_tokens <= most
    assert (found.finish == "length") == (whole.output_tokens > most)


@given(st.text())
def test_pieces_make_the_whole(text: str) -> None:
    for part in (Say(text), Thought(text), ToolUse("x", text)):
        assert "".join(pieces(part)) == text


@pytest.mark.parametrize(("turns", "cached", "written"), [(1, 0, 80), (3, 80, 0)])
def test_a_marked_prompt_is_written_first_and_read_later(turns: int, cached: int, written: int) -> None:
    found = answer(Ask(text="x", input_tokens=100, cache_marked=True, turns=turns))
    assert (found.cached, found.written) == (cached, written)


def test_long_answers_have_as_many_words_as_asked_for() -> None:
    assert len(said(answer(Ask(text="x"), "long", 50)).split()) == 50


def test_unicode_flavours_arguments_but_not_what_a_schema_fixes() -> None:
    schema: dict[str, Any] = {"type": "object", "properties": {"city": {"type": "string"}, "unit": {"enum": ["c"]}}}
    found = answer(Ask(text="x", tools=(Tool("t", schema),)), "unicode")
    (call,) = (part for part in found.parts if isinstance(part, ToolUse))
    arguments = json.decode(call.arguments)
    assert arguments["unit"] == "c"
    assert arguments["city"].endswith("sample city")
    assert len(arguments["city"]) > len("sample city")


@given(st.text(), st.permutations(get_args(Kind)))
def test_a_proof_holds_for_its_text_and_kind_only(text: str, kinds: list[Kind]) -> None:
    kind, *others = kinds
    proof = sign(text, kind)
    assert holds(proof, text, kind)
    assert holds(proof, kind=kind)
    assert not any(holds(proof, text, other) for other in others)
    assert not holds(proof, text + "!", kind)


@pytest.mark.parametrize("foreign", ["", "x", "EqQBCkYIBRgCKkA=", "dgm1.abc.def", "é", sign("x")[:-4] + "AAA="])
def test_other_signatures_do_not_hold(foreign: str) -> None:
    assert not holds(foreign)
