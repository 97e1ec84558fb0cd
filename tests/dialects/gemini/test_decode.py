"""Google's answers as events: endings, failures, arguments in pieces, what a signature signs, odd frames."""

import json
from typing import Any

import pytest

from dragoman.core.errors import ErrorKind
from dragoman.core.events import Event, Failed, Finished, PartClosed, PartDelta, PartOpened, Started
from dragoman.dialects.base import Undo
from support.google import chunk, decode, lines
from support.speech import plain

USAGE = {"promptTokenCount": 9, "candidatesTokenCount": 4, "thoughtsTokenCount": 2, "totalTokenCount": 15}


def told(events: list[Event]) -> list[tuple[str, str]]:
    """(kind or name, text) of each part."""
    opened = {event.index: event for event in events if isinstance(event, PartOpened)}
    texts = {index: "".join(e.text for e in events if isinstance(e, PartDelta) and e.index == index) for index in opened}
    return [(event.name or event.kind, texts[index]) for index, event in opened.items()]


def end(events: list[Event]) -> Finished:
    assert isinstance(events[-1], Finished), events[-1]
    return events[-1]


def failure(events: list[Event]) -> Failed:
    assert isinstance(events[-1], Failed), events[-1]
    return events[-1]


def proofs(events: list[Event]) -> list[dict[str, str]]:
    return [json.loads(event.proof) for event in events if isinstance(event, PartClosed) and event.proof]


def call(name: str = "f", **args: Any) -> dict[str, Any]:
    return {"functionCall": {"name": name, "args": args}}


def test_a_stream_of_texts_thoughts_and_calls() -> None:
    events = decode(
        lines(
            chunk({"text": "Let me", "thought": True}),
            chunk({"text": " think.", "thought": True}),
            chunk({"text": "Hé"}),
            chunk({"text": "llo"}, call(a=1), call(a=1)),
            chunk(reason="STOP", usageMetadata=USAGE),
        )
    )
    assert events[0] == Started(id="r1", model="gemini-x")
    assert told(events) == [("reasoning", "Let me think."), ("text", "Héllo"), ("f", '{"a":1}'), ("f", '{"a":1}')]
    ended = end(events)
    assert (ended.reason, ended.raw_reason) == ("tool", "STOP")
    assert ended.usage is not None
    assert (ended.usage.input, ended.usage.output, ended.usage.reasoning) == (9, 6, 2)


@pytest.mark.parametrize(
    ("usage", "wanted"),
    [
        ({"promptTokenCount": 9, "candidatesTokenCount": 4, "totalTokenCount": 13}, (9, 4, 0, 0)),
        ({"promptTokenCount": 9, "cachedContentTokenCount": 5, "candidatesTokenCount": 4, "totalTokenCount": 13}, (9, 4, 0, 5)),
        ({"promptTokenCount": 9, "toolUsePromptTokenCount": 3, "candidatesTokenCount": 4, "totalTokenCount": 16}, (12, 4, 0, 0)),
        ({"promptTokenCount": 9, "candidatesTokenCount": 6, "thoughtsTokenCount": 2, "totalTokenCount": 15}, (9, 6, 2, 0)),
        ({"promptTokenCount": 9, "totalTokenCount": 9}, (9, 0, 0, 0)),
    ],
    ids=["plain", "cached", "tools", "thoughts included", "blocked"],
)
def test_usage_in_normal_form(usage: dict[str, int], wanted: tuple[int, int, int, int]) -> None:
    found = end(decode(lines(chunk({"text": "x"}, reason="STOP", usageMetadata=usage)))).usage
    assert found is not None
    assert (found.input, found.output, found.reasoning, found.cache_read) == wanted


@pytest.mark.parametrize(
    ("reason", "wanted"),
    [("STOP", "stop"), ("MAX_TOKENS", "length"), ("CONTINUATION", "length"), ("SAFETY", "refusal"), ("RECITATION", "refusal"),
     ("MODEL_ARMOR", "refusal"), ("OTHER", "other"), ("ESCALATION", "other"), ("SOMETHING_NEW", "other")],
)  # fmt: skip
def test_why_a_model_stopped(reason: str, wanted: str) -> None:
    ended = end(decode(lines(chunk({"text": "x"}, reason=reason))))
    assert (ended.reason, ended.raw_reason) == (wanted, reason)


@pytest.mark.parametrize("reason", ["MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "MISSING_THOUGHT_SIGNATURE"])
def test_an_ending_that_is_a_failure(reason: str) -> None:
    error = failure(decode(lines(chunk({"text": "x"}), chunk(reason=reason)))).error
    assert error.kind is ErrorKind.SERVER
    assert reason in error.message


def test_a_blocked_prompt_is_a_refusal() -> None:
    ended = end(decode(lines({"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": {"promptTokenCount": 3}})))
    assert (ended.reason, ended.raw_reason, ended.at("reason")) == ("refusal", "SAFETY", "/promptFeedback/blockReason")


CUT = {
    "no ending": lines(chunk({"text": "x"})),
    "nothing": b"",
    "half an event": lines(chunk({"text": "x"})) + b'data: {"candidates":[{"con',
    "half an array": b"[" + json.dumps(chunk({"text": "x"})).encode(),
}


@pytest.mark.parametrize("data", CUT.values(), ids=CUT)
def test_no_ending_is_a_failure(data: bytes) -> None:
    assert failure(decode(data)).error.kind is ErrorKind.SERVER


def test_an_error_in_the_middle() -> None:
    wrong = {"error": {"code": 503, "message": "The model is overloaded.", "status": "UNAVAILABLE"}}
    events = decode(lines(chunk({"text": "x"}), wrong))
    assert failure(events).error.kind is ErrorKind.OVERLOADED
    assert told(events) == [("text", "x")]


def test_what_a_signature_signs_is_told_after_it() -> None:
    signed = {**call(a=1), "thoughtSignature": "c2ln"}
    events = decode(
        lines(chunk({"text": "x"}, signed, call("g")), chunk({"text": "", "thoughtSignature": "bGFzdA=="}, reason="STOP"))
    )
    assert told(events) == [("text", "x"), ("reasoning", ""), ("f", '{"a":1}'), ("g", "{}"), ("reasoning", "")]
    assert proofs(events) == [{"signature": "c2ln", "of": "call"}, {"signature": "bGFzdA==", "of": "empty"}]


def test_a_thought_is_signed_with_its_last_words() -> None:
    events = decode(
        lines(
            chunk({"text": "hm", "thought": True}),
            chunk({"text": "m", "thought": True, "thoughtSignature": "c2ln"}, reason="STOP"),
        )
    )
    assert told(events) == [("reasoning", "hmm")]
    assert [event.proof for event in events if isinstance(event, PartClosed)] == ["c2ln"]


def test_signed_texts_are_not_joined() -> None:
    events = decode(
        lines(chunk({"text": "a", "thoughtSignature": "QQ=="}, {"text": "b", "thoughtSignature": "Qg=="}, reason="STOP"))
    )
    assert told(events) == [("reasoning", ""), ("text", "a"), ("reasoning", ""), ("text", "b")]


def test_arguments_in_pieces() -> None:
    def piece(**more: Any) -> dict[str, Any]:
        return chunk({"functionCall": more})

    events = decode(
        lines(
            piece(name="f", id="c1", willContinue=True),
            piece(partialArgs=[{"jsonPath": "$.city", "stringValue": "Ro", "willContinue": True}], willContinue=True),
            piece(
                partialArgs=[{"jsonPath": "$.city", "stringValue": "me"}, {"jsonPath": "$.days[1]", "numberValue": 2}],
                willContinue=True,
            ),
            piece(partialArgs=[{"jsonPath": "$['a b'].c", "boolValue": True}], willContinue=True),
            piece(),
            chunk(reason="STOP"),
        )
    )
    ((name, text),) = told(events)
    assert (name, json.loads(text)) == ("f", {"city": "Rome", "days": [None, 2], "a b": {"c": True}})


@pytest.mark.parametrize("path", ["$[999999999]", "$.a[999999999].b", "", "$", "$.", "$..", "no path", "$['"])
def test_no_place_of_a_piece_is_too_odd(path: str) -> None:
    pieces = [{"jsonPath": path, "numberValue": 1}]
    ((name, text),) = told(decode(lines(chunk({"functionCall": {"name": "f", "partialArgs": pieces}}, reason="STOP"))))
    assert (name, isinstance(json.loads(text), dict), len(text) < 1000) == ("f", True, True)


def test_numbers_keep_their_digits() -> None:
    made = b'{"functionCall":{"name":"f","args":{"n":12345678901234567890,"x":1.50}}}'
    data = b'data: {"candidates":[{"content":{"parts":[%b]},"finishReason":"STOP"}]}\n\n' % made
    assert told(decode(data)) == [("f", '{"n":12345678901234567890,"x":1.50}')]


def test_names_are_given_back_and_free_text_taken_out() -> None:
    undo = Undo(names={"short": "a very long name", "sh": "shell"}, custom=frozenset({"sh"}))
    events = decode(lines(chunk(call("short", a=1), call("sh", input="ls -l"), reason="STOP")), undo=undo)
    assert told(events) == [("a very long name", '{"a":1}'), ("shell", "ls -l")]


FRAMES = {
    "events": lambda chunks: lines(*chunks),
    "bare lines": lambda chunks: b"".join(b"data:%b\n\n" % json.dumps(each).encode() for each in chunks),
    "array": lambda chunks: json.dumps(chunks).encode(),
    "array over lines": lambda chunks: json.dumps(chunks, indent=1).encode(),
    "events with comments": lambda chunks: b": hello\n\n" + lines(*chunks) + b"data: [DONE]\n\n",
}


@pytest.mark.parametrize("frame", FRAMES)
def test_every_frame_says_the_same(frame: str) -> None:
    chunks = [chunk({"text": 'a]}"'}), chunk({"text": "b"}, call(x="[{")), chunk(reason="STOP", usageMetadata=USAGE)]
    assert plain(decode(FRAMES[frame](chunks))) == plain(decode(lines(*chunks)))


def test_only_the_first_candidate_is_told() -> None:
    second = {"content": {"parts": [{"text": "B"}]}, "finishReason": "STOP", "index": 1}
    answer = chunk({"text": "A"}, reason="STOP")
    answer["candidates"].append(second)
    assert told(decode(json.dumps(answer).encode(), stream=False)) == [("text", "A")]
