"""Calls and choices that providers tell oddly: each call is one, and none is told that cannot be made."""

from typing import Any

import pytest

from dragoman.core.events import Event, Finished, PartDelta, PartOpened
from dragoman.core.quirks import Quirks
from dragoman.dialects.base import Undo
from dragoman.dialects.openai_chat import DIALECT
from support.chat import chunk, decode, lines, whole


def told(events: list[Event]) -> list[tuple[str, str]]:
    """(kind or name, text) of each part."""
    opened = {event.index: event for event in events if isinstance(event, PartOpened)}
    texts = {index: "".join(e.text for e in events if isinstance(e, PartDelta) and e.index == index) for index in opened}
    return [(event.name or event.kind, texts[index]) for index, event in opened.items()]


def call(name: str | None, arguments: str | None) -> dict[str, Any]:
    return {"id": "same", "type": "function", "function": {"name": name, "arguments": arguments}}


def test_calls_of_a_whole_message_are_apart_whatever_their_ids() -> None:
    body = whole({"content": None, "tool_calls": [call("f", "{}"), call("g", "{}")]}, "tool_calls")
    assert told(decode(body, stream=False)) == [("f", "{}"), ("g", "{}")]


def test_null_is_no_arguments() -> None:
    assert told(decode(whole({"content": None, "tool_calls": [call("f", "null")]}, "tool_calls"), stream=False)) == [("f", "{}")]
    streamed = lines(chunk({"tool_calls": [{**call("f", "null"), "index": 0}]}), chunk(reason="tool_calls"))
    assert told(decode(streamed)) == [("f", "{}")]


@pytest.mark.parametrize("arguments", [None, '{"x":1}'])
def test_a_call_that_never_gets_a_name_is_told_as_lost(arguments: str | None) -> None:
    decoder = DIALECT.decoder(True, Quirks(), Undo())
    nameless = {"tool_calls": [{**call(None, arguments), "index": 0}]}
    events = decoder.feed(lines(chunk({"content": "x"}), chunk(nameless), chunk(reason="tool_calls")))
    assert told(events) == [("text", "x")]
    assert isinstance(events[-1], Finished)
    assert events[-1].reason == "stop"
    assert [loss.path for loss in decoder.losses] == ["/response/choices/0/message/tool_calls/0"]


def test_the_first_choice_of_a_whole_body_is_the_answer_whatever_its_number() -> None:
    choices = [{"index": place, "message": {"content": str(place)}, "finish_reason": "stop"} for place in (1, 0)]
    assert told(decode(whole({}, "stop", choices=choices), stream=False)) == [("text", "1")]
