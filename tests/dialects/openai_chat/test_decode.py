"""Providers' answers as events: streams, whole bodies, and the oddities of compatible providers."""

import json
from typing import Any

import pytest

from dragoman.core.errors import ErrorKind
from dragoman.core.events import Event, Failed, Finished, PartClosed, PartDelta, PartOpened, Started, fold
from dragoman.core.quirks import Quirks
from dragoman.dialects.base import Undo
from dragoman.dialects.openai_chat import DIALECT
from support.chat import chunk, decode, lines, whole

USAGE = {"prompt_tokens": 9, "completion_tokens": 4, "total_tokens": 13}


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


def calls(*pieces: dict[str, Any], reason: str = "tool_calls") -> list[Event]:
    return decode(lines(*(chunk({"tool_calls": [piece]}) for piece in pieces), chunk(reason=reason)))


def piece(index: int | None = 0, ident: str | None = None, name: str | None = None, arguments: Any = None) -> dict[str, Any]:
    found: dict[str, Any] = {"function": {}}
    for key, value in (("index", index), ("id", ident)):
        if value is not None:
            found[key] = value
    for key, value in (("name", name), ("arguments", arguments)):
        if value is not None:
            found["function"][key] = value
    return found


STREAM = lines(
    chunk({"role": "assistant", "content": ""}),
    chunk({"reasoning_content": "hm"}),
    chunk({"content": "Hé"}),
    chunk({"content": "llo"}),
    chunk({"tool_calls": [piece(0, "c1", "f", "")]}),
    chunk({"tool_calls": [piece(0, arguments='{"a":')]}),
    chunk({"tool_calls": [piece(0, arguments="1}")]}),
    chunk(reason="tool_calls"),
    {**chunk(), "choices": [], "usage": USAGE},
)


def test_a_stream() -> None:
    events = decode(STREAM)
    assert events[0] == Started(
        id="chatcmpl-1", model="real-model", extras=events[0].extras if isinstance(events[0], Started) else {}
    )
    assert told(events) == [("reasoning", "hm"), ("text", "Héllo"), ("f", '{"a":1}')]
    ended = end(events)
    assert (ended.reason, ended.raw_reason) == ("tool", "tool_calls")
    assert ended.usage is not None
    assert (ended.usage.input, ended.usage.output) == (9, 4)


@pytest.mark.parametrize("newline", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_any_cut(newline: bytes, size: int) -> None:
    data = STREAM.replace(b"\n", newline)
    assert decode([data[at : at + size] for at in range(0, len(data), size)]) == decode(STREAM)


def test_whole_and_stream_are_one_answer() -> None:
    message = {
        "content": "Héllo",
        "reasoning_content": "hm",
        "tool_calls": [{**piece(None, "c1", "f", '{"a":1}'), "type": "function"}],
    }
    body = whole(message, "tool_calls", usage=USAGE)
    assert fold(decode(body, stream=False)) == fold(decode(STREAM))


def test_the_first_bytes_tell_what_it_is() -> None:
    body = whole({"content": "x"})
    assert told(decode(b"\n\n " + body, stream=True)) == [("text", "x")]
    assert told(decode(b": hi\n\n" + lines(chunk({"content": "x"}, "stop")), stream=False)) == [("text", "x")]


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("stop", "stop"), ("eos", "stop"), ("length", "length"), ("max_tokens", "length"), ("model_length", "context"),
        ("model_context_window_exceeded", "context"), ("content_filter", "refusal"), ("sensitive", "refusal"),
        ("tool_calls", "stop"), ("novel", "other"),
    ],
)  # fmt: skip
def test_reasons(reason: str, expected: str) -> None:
    ended = end(decode(lines(chunk({"content": "x"}), chunk(reason=reason))))
    assert (ended.reason, ended.raw_reason) == (expected, reason)


@pytest.mark.parametrize("reason", ["error", "network_error"])
def test_reasons_that_are_failures(reason: str) -> None:
    assert failure(decode(lines(chunk({"content": "x"}), chunk(reason=reason)))).error.kind is ErrorKind.SERVER


def test_content_beats_the_reason() -> None:
    assert end(calls(piece(0, "c", "f", "{}"), reason="stop")).reason == "tool"
    assert end(decode(lines(chunk({"refusal": "No."}), chunk(reason="stop")))).reason == "refusal"


def test_a_matched_stop_sequence() -> None:
    choice = {"index": 0, "delta": {}, "finish_reason": "stop", "stop_reason": "END"}
    ended = end(decode(lines(chunk({"content": "x"}), {**chunk(), "choices": [choice]})))
    assert (ended.reason, ended.stop_sequence) == ("stop_sequence", "END")
    choice["stop_reason"] = 151645
    assert end(decode(lines(chunk({"content": "x"}), {**chunk(), "choices": [choice]}))).reason == "stop"


def test_no_ending_is_a_failure() -> None:
    unfinished = lines(chunk({"content": "x"}))
    assert failure(decode(unfinished)).error.ours
    assert failure(decode(lines(chunk({"content": "x"}, "")))).error.kind is ErrorKind.SERVER
    assert end(decode(unfinished, quirks=Quirks(ending=False))).reason == "stop"
    assert failure(decode(b"")).error.kind is ErrorKind.SERVER


def test_a_whole_body_with_content_is_an_answer() -> None:
    decoder = DIALECT.decoder(False, Quirks(), Undo())
    assert decoder.feed(whole({"content": "x"}, None)) == []
    assert end(decoder.close()).reason == "stop"
    assert [loss.path for loss in decoder.losses] == ["/response/choices/0/finish_reason"]
    assert isinstance(decode(whole({"content": None}, None), stream=False)[-1], Failed)


@pytest.mark.parametrize(
    "body",
    [b"<html>busy</html>", b'{"choices":null}', b'{"choices":[]}', b"{}", b"[]", b"null", b'"x"', b'{"choices":[{"mess', b" "],
)
def test_what_is_no_answer(body: bytes) -> None:
    assert failure(decode(body, stream=False)).error.kind is ErrorKind.SERVER


def test_errors_inside_an_answer() -> None:
    error = {"error": {"code": 429, "message": "slow", "metadata": {"raw": "busy"}}}
    for data in (
        json.dumps(error).encode(),
        lines(chunk({"content": "x"}), error),
        lines({**chunk({"content": ""}, "error"), **error}),
    ):
        assert failure(decode(data)).error.kind is ErrorKind.RATE_LIMIT
    named = b'event: error\ndata: {"message":"tool call validation failed","type":"invalid_request_error"}\n\n'
    assert failure(decode(named)).error.kind is ErrorKind.BAD_REQUEST
    inside = whole(
        {"content": ""}, "error", choices=[{"index": 0, "message": {"content": ""}, "error": {"code": 502, "message": "x"}}]
    )
    assert failure(decode(inside, stream=False)).error.kind is ErrorKind.SERVER


def test_parallel_calls_interleave() -> None:
    events = calls(piece(0, "a", "f", "{"), piece(1, "b", "g", "["), piece(0, arguments="}"), piece(1, arguments="]"))
    assert told(events) == [("f", "{}"), ("g", "[]")]


@pytest.mark.parametrize(
    "pieces",
    [
        [piece(None, "a", "f", "{}"), piece(None, "b", "g", "[]")],
        [piece(None, "a", "f"), piece(None, arguments="{}"), piece(None, "b", "g"), piece(None, arguments="[]")],
        [piece(0, "a", "f", "{}"), piece(0, "b", "g", "[]")],
        [piece(0, "a", "f"), piece(0, "a", "f", "{}"), piece(1, "b", "g", "["), piece(1, "b", None, "]")],
        [piece(0, None, "f", "{}"), piece(0, None, "g", "[]")],
        [piece(0, "a", "f", "{"), piece(0, "", "", "}"), piece(1, "b", "g", "[]")],
    ],
    ids=["no index", "no index, in pieces", "index reused", "ids repeated", "no ids", "empty ids"],
)
def test_calls_as_providers_tell_them(pieces: list[dict[str, Any]]) -> None:
    assert told(calls(*pieces)) == [("f", "{}"), ("g", "[]")]


def test_arguments_in_other_forms() -> None:
    assert told(calls(piece(0, "a", "f", {"x": 1}))) == [("f", '{"x":1}')]
    assert told(calls(piece(0, "a", "f"))) == [("f", "{}")]
    first, second = {"name": "f", "arguments": ""}, {"arguments": "{}"}
    legacy = lines(chunk({"function_call": first}), chunk({"function_call": second}), chunk(reason="function_call"))
    assert told(decode(legacy)) == [("f", "{}")]


def test_names_are_given_back() -> None:
    undo = Undo(names={"wire": "a very long name"}, ids={"w1": "c1"}, custom=frozenset({"free"}))
    data = lines(chunk({"tool_calls": [piece(0, "w1", "wire", "{}")]}), chunk({"tool_calls": [piece(1, "c2", "free", '{"inp')]}),
                 chunk({"tool_calls": [piece(1, arguments='ut":"ls -l"}')]}), chunk(reason="tool_calls"))  # fmt: skip
    events = decode(data, undo=undo)
    opened = [event for event in events if isinstance(event, PartOpened)]
    assert [(event.kind, event.id, event.name) for event in opened] == [
        ("tool", "c1", "a very long name"),
        ("custom", "c2", "free"),
    ]
    assert told(events)[1] == ("free", "ls -l")


def test_a_tool_that_only_carries_the_output() -> None:
    events = decode(
        lines(chunk({"tool_calls": [piece(0, "c", "out", '{"a":1}')]}), chunk(reason="tool_calls")), undo=Undo(json_tool="out")
    )
    assert told(events) == [("text", '{"a":1}')]
    assert end(events).reason == "stop"


def test_custom_calls() -> None:
    custom = {"index": 0, "id": "c", "type": "custom", "custom": {"name": "g", "input": "free text"}}
    events = calls(custom)
    assert told(events) == [("g", "free text")]
    assert [event.kind for event in events if isinstance(event, PartOpened)] == ["custom"]


def test_thinking_as_a_list_of_details() -> None:
    """OpenRouter tells the words twice and the signature at the end; nothing is doubled, and all but the text is the proof."""
    word = {"type": "reasoning.text", "format": "anthropic-claude-v1", "index": 0}
    stream = lines(
        chunk({"content": "", "reasoning": "I ", "reasoning_details": [{**word, "text": "I "}]}),
        chunk({"content": "", "reasoning": "see", "reasoning_details": [{**word, "text": "see"}]}),
        chunk({"reasoning_details": [{**word, "signature": "sig"}]}),
        chunk({"content": "Yes."}, "stop"),
    )
    body = whole({"content": "Yes.", "reasoning": "I see", "reasoning_details": [{**word, "text": "I see", "signature": "sig"}]})
    events = decode(stream)
    assert told(events) == [("reasoning", "I see"), ("text", "Yes.")]
    assert fold(events) == fold(decode(body, stream=False))
    (closed,) = [event for event in events if isinstance(event, PartClosed) and event.proof]
    assert json.loads(closed.proof or "") == {**word, "signature": "sig"}


def test_encrypted_thinking() -> None:
    entry = {"type": "reasoning.encrypted", "data": "gAAA", "id": "rs_1", "index": 0}
    events = decode(lines(chunk({"reasoning_details": [entry]}), chunk({"content": "x"}, "stop")))
    opened = events[1]
    assert isinstance(opened, PartOpened)
    assert (opened.kind, opened.redacted) == ("reasoning", True)
    closed = events[2]
    assert isinstance(closed, PartClosed)
    assert json.loads(closed.proof or "") == entry


def test_content_as_a_list() -> None:
    thinking = {"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}
    body = whole({"content": [thinking, {"type": "text", "text": "x"}]})
    assert told(decode(body, stream=False)) == [("reasoning", "hm"), ("text", "x")]
    assert told(decode(lines(chunk({"content": [thinking]}), chunk({"content": "x"}, "stop")))) == [
        ("reasoning", "hm"),
        ("text", "x"),
    ]


@pytest.mark.parametrize(
    "more",
    [
        [{**chunk(reason="stop"), "usage": USAGE}],
        [chunk(reason="stop"), {**chunk(), "choices": [], "usage": USAGE}],
        [{**chunk(), "usage": {**USAGE, "completion_tokens": 1}}, chunk(reason="stop"), {**chunk(), "usage": USAGE}],
        [{**chunk(reason="stop"), "x_groq": {"id": "r", "usage": USAGE}}],
        [{**chunk(), "choices": [{"index": 0, "delta": {}, "finish_reason": "stop", "usage": USAGE}]}],
    ],
    ids=["with the finish", "after it", "cumulative", "x_groq", "in the choice"],
)
def test_usage_wherever_it_stands(more: list[dict[str, Any]]) -> None:
    usage = end(decode(lines(chunk({"content": "x"}), *more))).usage
    assert usage is not None
    assert (usage.input, usage.output) == (9, 4)


def test_azure_begins_without_choices() -> None:
    first = {"id": "", "object": "", "created": 0, "model": "", "choices": [], "prompt_filter_results": [{"prompt_index": 0}]}
    events = decode(lines(first, chunk({"role": "assistant", "content": ""}), chunk({"content": "x"}, "stop")))
    assert isinstance(events[0], Started)
    assert events[0].id == "chatcmpl-1"
    assert set(end(events).extras) == {"prompt_filter_results"}


def test_content_after_the_reason_and_twice_a_reason() -> None:
    events = decode(
        lines(
            chunk({"tool_calls": [piece(0, "a", "f", "{}")]}, "tool_calls"),
            chunk({"content": ""}, "stop"),
            chunk({"content": "x"}),
        )
    )
    assert told(events) == [("f", "{}"), ("text", "x")]
    assert end(events).raw_reason == "tool_calls"


def test_only_the_first_choice_is_told() -> None:
    other = {"index": 1, "delta": {"content": "b"}, "finish_reason": None}
    decoder = DIALECT.decoder(True, Quirks(), Undo())
    events = decoder.feed(lines(chunk({"content": "a"}), {**chunk(), "choices": [other]}, chunk(reason="stop")))
    assert told(events) == [("text", "a")]
    assert [loss.path for loss in decoder.losses] == ["/response/choices/1"]


def test_what_has_no_event_is_extras() -> None:
    entry = {"token": "x", "logprob": -0.5, "top_logprobs": []}
    choice = {"index": 0, "delta": {"content": "x"}, "finish_reason": None, "logprobs": {"content": [entry]}}
    events = decode(lines({**chunk(), "choices": [choice], "obfuscation": "abc"}, {**chunk(), "choices": [choice]},
                          chunk(reason="stop", service_tier="default")))  # fmt: skip
    extras = {name: json.loads(bytes(raw)) for name, raw in end(events).extras.items()}
    assert extras == {"/choices/0/logprobs": {"content": [entry, entry]}, "service_tier": "default"}


def test_images_and_sound() -> None:
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    audio = [{"id": "a1", "transcript": "Hel"}, {"data": "QUJD"}, {"data": "REVG", "expires_at": 9, "transcript": "lo"}]
    events = decode(lines(chunk({"images": [image]}), *(chunk({"audio": each}) for each in audio), chunk(reason="stop")))
    first, second = (event for event in events if isinstance(event, PartOpened))
    assert first.media is not None
    assert (first.media.mime, first.media.data) == ("image/png", "AAAA")
    assert second.media is not None
    assert second.media.data == "QUJDREVG"
    assert json.loads(bytes(second.extras["transcript"])) == "Hello"


def test_half_a_surrogate_does_not_break_a_stream() -> None:
    data = lines(chunk({"content": "x"}), chunk(reason="stop")).replace(b'"x"', b'"a\\ud83d\\\\u"')
    assert told(decode(data)) == [("text", "a\ufffd\\u")]


def test_a_broken_event_breaks_the_stream() -> None:
    assert failure(decode(lines(chunk({"content": "x"}), '{"choices":[', chunk(reason="stop")))).error.ours
    cut = lines(chunk({"content": "x"}), chunk(reason="stop"), done=False) + b'data: {"usa'
    assert end(decode(cut)).reason == "stop"
