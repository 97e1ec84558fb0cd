"""Histories, however odd: what a target is sent is in the order its vendor demands, holds every word, and does not change while
the conversation grows.

Over every dialect, from a client of another; the sandbox judges where it speaks the dialect.
"""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from dragoman.core.loss import Loss
from dragoman.core.parts import Part, Reasoning, Text, ToolCall, ToolResult
from dragoman.core.quirks import Quirks
from dragoman.core.request import Message, Request, Role
from dragoman.dialects.history import INTERRUPTED
from dragoman.dialects.registry import DIALECTS
from support.asked import confessed
from support.fixtures import Ask, facts
from support.judged import refused
from support.speech import build, parse

ELSEWHERE = "elsewhere"
"""A client's dialect that no target speaks."""
_texts = st.just(Text(""))
_ids = st.sampled_from(["", "a", "b", "call_0", "call_1", "a_1"])
_calls = st.builds(lambda id_, name: ToolCall(id=id_, name=name, arguments="{}"), _ids, st.sampled_from("fg"))
_results = st.builds(
    lambda id_, name, error: ToolResult(id=id_, parts=(Text(""),), name=name, is_error=error or None),
    _ids, st.sampled_from([None, "f", "g"]), st.booleans(),
)  # fmt: skip
_thoughts = st.builds(lambda proof: Reasoning(text="hm", proof=proof, proof_from="another:account"), st.sampled_from(["p", ""]))


def _message(role: Role, parts: list[Part]) -> Message:
    return Message(role, tuple(parts))


_turns = st.one_of(
    st.builds(_message, st.just("assistant"), st.lists(st.one_of(_texts, _calls, _thoughts), max_size=3)),
    st.builds(_message, st.sampled_from(["user", "tool"]), st.lists(st.one_of(_texts, _results), max_size=3)),
    st.builds(_message, st.sampled_from(["system", "developer"]), st.lists(_texts, min_size=1, max_size=2)),
)
_histories = st.lists(_turns, max_size=8)
_quirks = st.builds(
    Quirks, mid_system=st.sampled_from([None, True, False]), text_parts=st.booleans(), prefill=st.sampled_from([None, False])
)


def spoken(turns: list[Message]) -> tuple[Message, ...]:
    """The turns with places and texts of their own: `w3.1` is the second part of the fourth turn."""
    return tuple(
        replace(
            message, at=f"/m/{turn}", parts=tuple(_placed(part, f"w{turn}.{place}") for place, part in enumerate(message.parts))
        )
        for turn, message in enumerate(turns)
    )


def _placed(part: Part, word: str) -> Part:
    at = f"/m/{word[1:].replace('.', '/')}"
    if isinstance(part, Text):
        return Text(word, at=at)
    if isinstance(part, ToolResult):
        return replace(part, parts=(Text(word, at=f"{at}/0"),), at=at)
    return replace(part, at=at)


def words(messages: tuple[Message, ...]) -> list[str]:
    """In order."""
    found = []
    for message in messages:
        for part in message.parts:
            found += [
                piece.text for piece in (part.parts if isinstance(part, ToolResult) else (part,)) if isinstance(piece, Text)
            ]
    return found


def built(target: str, turns: list[Message], quirks: Quirks) -> tuple[bytes, list[Any], tuple[Loss, ...]]:
    """(the body, what stands for the conversation in it, the losses)."""
    request = Request(dialect=ELSEWHERE, model="m", messages=spoken(turns), max_output_tokens=9)
    told = build(request, target, quirks)
    return told.body, json.loads(told.body)[facts(target)["conversation"]], told.losses


@pytest.mark.parametrize("target", DIALECTS)
@given(_histories, _quirks)
@settings(max_examples=60, deadline=None)
def test_any_history_is_sent_as_the_vendor_demands_it(target: str, history: list[Message], quirks: Quirks) -> None:
    turns = [*history, Message("user", (Text(""),))]
    body, _, _ = built(target, turns, quirks)
    assert refused(target, body) is None
    text = body.decode()
    assert [word for word in words(spoken(turns)) if f"{word}" not in text] == []


@pytest.mark.parametrize("target", DIALECTS)
@given(_histories, _quirks)
@settings(max_examples=60, deadline=None)
def test_every_call_is_answered_once_right_after_its_turn(target: str, history: list[Message], quirks: Quirks) -> None:
    turns = [*history, Message("user", (Text(""),))]
    body, _, _ = built(target, turns, quirks)
    messages = parse(Ask(target, "", body)).messages
    ids = [part.id for message in messages for part in message.parts if isinstance(part, ToolCall)]
    assert len(set(ids)) == len(ids)
    open_calls: list[str] = []
    for message in messages:
        answers = [part.id for part in message.parts if isinstance(part, ToolResult)]
        assert answers == open_calls[: len(answers)]
        assert not (open_calls and message.role in ("system", "developer"))
        open_calls = open_calls[len(answers) :]
        if message.role not in ("assistant", "tool"):
            assert open_calls == []
        open_calls += [part.id for part in message.parts if isinstance(part, ToolCall)]
    assert open_calls == []


@pytest.mark.parametrize("target", DIALECTS)
@given(_histories, _histories, _quirks)
@settings(max_examples=60, deadline=None)
def test_what_was_sent_stays_while_it_grows(target: str, history: list[Message], more: list[Message], quirks: Quirks) -> None:
    """A request ends before the model's turn. What it held is the beginning of what the next one holds, byte for byte."""
    asked = [*history, Message("user", (Text(""),))]
    grown = [*asked, Message("assistant", (Text(""),)), *more, Message("user", (Text(""),))]
    before, after = built(target, asked, quirks)[1], built(target, grown, quirks)[1]
    assert json.dumps(after[: len(before)]) == json.dumps(before)


@pytest.mark.parametrize("target", DIALECTS)
@given(_histories, _quirks)
@settings(max_examples=60, deadline=None)
def test_what_is_mended_is_told(target: str, history: list[Message], quirks: Quirks) -> None:
    """A result that is made up, and one that goes on as text."""
    turns = [*history, Message("user", (Text(""),))]
    body, _, losses = built(target, turns, quirks)
    messages = parse(Ask(target, "", body)).messages
    made_up = sum(words((message,)).count(INTERRUPTED) for message in messages)
    paths = {loss.path for loss in losses}
    told = sum(isinstance(part, ToolCall) and part.at in paths for message in spoken(turns) for part in message.parts)
    assert made_up == told
    results = [part for message in spoken(turns) for part in message.parts if isinstance(part, ToolResult)]
    sent = {word.removeprefix("Error: ") for message in messages for part in message.parts if isinstance(part, ToolResult)
            for word in words((Message("user", (part,)),))}  # fmt: skip
    lost = [result for result in results if not set(words((Message("user", (result,)),))) & sent]
    assert [result.at for result in lost if not confessed(result.at, losses)] == []
