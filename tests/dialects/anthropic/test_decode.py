"""Providers' answers, healthy and odd."""

import json
from typing import Any

import pytest

from dragoman.core.errors import ErrorKind
from dragoman.core.events import Event, Failed, Finished, PartClosed, PartDelta, PartOpened, Started, Usage, fold
from dragoman.core.quirks import Quirks
from dragoman.dialects.base import Undo
from support.anthropic import block, decode, end, start, stream, text

TOOL = {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {}}


def pieces(*parts: str) -> list[dict[str, Any]]:
    return [{"type": "input_json_delta", "partial_json": part} for part in parts]


def parts(events: list[Event]) -> list[Event]:
    return [event for event in events if isinstance(event, PartOpened | PartDelta | PartClosed)]


def finished(events: list[Event]) -> Finished:
    assert isinstance(events[-1], Finished)
    return events[-1]


def failure(events: list[Event]) -> tuple[ErrorKind, str]:
    assert isinstance(events[-1], Failed)
    return events[-1].error.kind, events[-1].error.message


def test_a_stream_with_every_kind_of_block() -> None:
    server = {"type": "server_tool_use", "id": "srv_1", "name": "web_search", "input": {}}
    data = stream(
        start(),
        {"type": "ping"},
        *block(
            0,
            {"type": "thinking", "thinking": "", "signature": ""},
            {"type": "thinking_delta", "thinking": "hm"},
            {"type": "signature_delta", "signature": "sig"},
        ),
        *block(1, {"type": "redacted_thinking", "data": "xyz"}),
        *text(2, "Hel", "", "lo"),
        *block(3, TOOL, *pieces("", '{"a": 1.50,', ' "b": 12345678901234567890}')),
        *block(4, server, *pieces('{"query":', '"x"}')),
        *end("tool_use", output_tokens_details={"thinking_tokens": 2}),
    )
    events = decode(data)
    assert events[0] == Started(id="msg_1", model="claude-x", usage=Usage(input=7))
    found = parts(events)
    assert found[:13] == [
        PartOpened(index=0, kind="reasoning", at="/content/0"),
        PartDelta(0, "hm"),
        PartClosed(index=0, proof="sig"),
        PartOpened(index=1, kind="reasoning", redacted=True, at="/content/1"),
        PartClosed(index=1, proof="xyz"),
        PartOpened(index=2, kind="text", at="/content/2"),
        PartDelta(2, "Hel"),
        PartDelta(2, "lo"),
        PartClosed(index=2),
        PartOpened(index=3, kind="tool", id="toolu_1", name="f", at="/content/3", told_in="/input"),
        PartDelta(3, '{"a": 1.50,'),
        PartDelta(3, ' "b": 12345678901234567890}'),
        PartClosed(index=3),
    ]
    opaque = found[13]
    assert isinstance(opaque, PartOpened)
    assert (opaque.kind, opaque.opaque_kind) == ("opaque", "server_tool_use")
    assert opaque.raw is not None
    assert json.loads(bytes(opaque.raw)) == {**server, "input": {"query": "x"}}
    usage = finished(events).usage
    assert finished(events).reason == "tool"
    assert usage is not None
    assert (usage.input, usage.output, usage.reasoning) == (7, 5, 2)


def test_any_cut_and_any_line_end_is_the_same() -> None:
    events = (start(), *text(0, "Grüße 🎉"), *block(1, TOOL, *pieces('{"a":"ü"}')), *end("tool_use"))
    for newline in ("\n", "\r\n"):
        data = stream(*events, newline=newline)
        assert decode([data[place : place + 1] for place in range(len(data))]) == decode(data)
        assert fold(decode(data)) == fold(decode(stream(*events)))


def test_citations_close_a_text() -> None:
    citation = {"type": "char_location", "cited_text": "x", "document_index": 0}
    delta = {"type": "citations_delta", "citation": citation}
    streamed = decode(stream(start(), *block(0, {"type": "text", "text": "", "citations": []}, delta), *end()))
    body = {"type": "message", "content": [{"type": "text", "text": "", "citations": [citation]}], "stop_reason": "end_turn"}
    whole = decode(json.dumps(body).encode(), streamed=False)
    for events in (streamed, whole):
        closed = parts(events)[-1]
        assert isinstance(closed, PartClosed)
        assert [json.loads(bytes(each.raw)) for each in closed.citations] == [citation]


@pytest.mark.parametrize(
    ("told", "arguments"),
    [((), "{}"), (("",), "{}"), (('{"a"', ":1}"), '{"a":1}'), (("not json",), "not json")],
)
def test_arguments_of_a_stream(told: tuple[str, ...], arguments: str) -> None:
    events = decode(stream(start(), *block(0, TOOL, *pieces(*told)), *end("tool_use")))
    assert "".join(event.text for event in events if isinstance(event, PartDelta)) == arguments


def test_arguments_that_were_announced() -> None:
    events = decode(stream(start(), *block(0, {**TOOL, "input": {"a": 1}}), *end("tool_use")))
    assert parts(events)[1] == PartDelta(0, '{"a": 1}')


def test_a_whole_body_keeps_its_exact_arguments() -> None:
    call = b'{"type":"tool_use","id":"t","name":"f","input":{"b": 1.50, "a":1e2}}'
    data = b'{"id":"m","type":"message","content":[%b],"stop_reason":"tool_use"}' % call
    assert parts(decode(data, streamed=False))[1] == PartDelta(0, '{"b": 1.50, "a":1e2}')


def test_what_the_body_is_decides_how_it_is_read() -> None:
    whole = b'{"type":"message","content":[{"type":"text","text":"a"}],"stop_reason":"end_turn"}'
    assert parts(decode(whole, streamed=True)) == parts(decode(whole, streamed=False))
    streamed = stream(start(), *text(0, "a"), *end())
    assert decode(streamed, streamed=False) == decode(streamed, streamed=True)
    assert decode([b"\xef", b"\xbb", b"\xbf ", *[bytes([byte]) for byte in streamed]]) == decode(streamed)


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("end_turn", "stop"),
        ("max_tokens", "length"),
        ("stop_sequence", "stop_sequence"),
        ("tool_use", "tool"),
        ("pause_turn", "pause"),
        ("refusal", "refusal"),
        ("model_context_window_exceeded", "context"),
        ("compaction", "stop"),
        ("brand_new", "other"),
    ],
)
def test_stop_reasons(word: str, reason: str) -> None:
    found = finished(decode(stream(start(), *text(0, "x"), *end(word))))
    assert (found.reason, found.raw_reason) == (reason, word)


def test_a_call_that_ends_with_end_turn_is_a_call() -> None:
    assert finished(decode(stream(start(), *block(0, TOOL), *end("end_turn")))).reason == "tool"


def test_usage_is_merged_and_the_last_word_counts() -> None:
    first = {
        "input_tokens": 10,
        "cache_read_input_tokens": 3,
        "cache_creation_input_tokens": 4,
        "cache_creation": {"ephemeral_1h_input_tokens": 1},
        "output_tokens": 1,
    }
    data = stream(
        start(usage=first),
        *text(0, "x"),
        {"type": "message_delta", "delta": {}, "usage": {"output_tokens": 4, "input_tokens": None}},
        *end(output_tokens=9),
    )
    usage = finished(decode(data)).usage
    assert usage is not None
    assert (usage.input, usage.cache_read, usage.cache_write, usage.cache_write_1h, usage.output) == (17, 3, 4, 1, 9)


def test_zeros_at_the_start_say_nothing_and_at_the_end_they_do() -> None:
    zero = {"input_tokens": 0, "output_tokens": 0}
    ended = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}}
    assert finished(decode(stream(start(usage=zero), ended))).usage is None
    counted = finished(decode(stream(start(usage=zero), {**ended, "usage": zero}))).usage
    assert counted is not None
    assert (counted.input, counted.output) == (0, 0)


def test_members_of_the_ending() -> None:
    details = {"type": "refusal", "category": "cyber", "explanation": "no"}
    delta = {"stop_reason": "refusal", "stop_sequence": None, "stop_details": details, "container": None}
    event = {"type": "message_delta", "delta": delta, "usage": {"output_tokens": 1}, "context_management": {"applied_edits": []}}
    found = finished(decode(stream(start(diagnostics={"a": 1}), event, {"type": "message_stop"})))
    assert set(found.extras) == {"stop_details", "context_management"}


@pytest.mark.parametrize(
    "events",
    [
        (start(), start(id="msg_2"), *text(0, "x"), *end()),
        (*text(0, "x"), *end()),
        (start(), {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "x"}}, *end()),
        (start(), {"type": "content_block_delta", "index": 0, "delta": {"text": "x"}}, *end()),
        (start(), *text(0, "x")[:-1], *end()),
        (start(), *text(0, "x"), end()[0]),
        (start(), *text(0, "x"), {"type": "message_stop"}),
        (start(content=[{"type": "text", "text": "x"}]), *end()),
        (start(), *text(3, "x"), {"type": "novelty", "data": 1}, *end()),
    ],
    ids=["two starts", "no start", "no block start", "no delta type", "no block stop", "no stop", "no reason", "in start", "gap"],
)
def test_oddities(events: tuple[dict[str, Any], ...]) -> None:
    found = decode(stream(*events))
    assert isinstance(found[0], Started)
    assert parts(found) == [PartOpened(index=0, kind="text", at="/content/0"), PartDelta(0, "x"), PartClosed(index=0)]
    assert finished(found).reason == "stop"


def test_events_without_names() -> None:
    assert decode(stream(start(), *text(0, "x"), *end(), names=False)) == decode(stream(start(), *text(0, "x"), *end()))


def test_a_thinking_delta_inside_a_text_is_thinking() -> None:
    delta = {"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": "hm"}}
    found = parts(decode(stream(start(), *text(0, "x")[:-1], delta, *end())))
    assert [event.kind for event in found if isinstance(event, PartOpened)] == ["text", "reasoning"]
    assert PartDelta(1, "hm") in found


def test_a_character_that_was_cut_in_two_is_replaced() -> None:
    data = b'data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a\\ud83d"}}\n\n'
    assert PartDelta(0, "a\ufffd") in decode(stream(start()) + data + stream(*end()))
    whole = b'{"type":"message","content":[{"type":"text","text":"a\\ud83d"}],"stop_reason":"end_turn"}'
    assert PartDelta(0, "a\ufffd") in decode(whole)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", ErrorKind.SERVER),
        (b"<html>oops</html>", ErrorKind.SERVER),
        (stream(start(), *text(0, "x")), ErrorKind.SERVER),
        (stream(start(), *text(0, "x"), {"type": "message_delta", "delta": {"stop_reason": None}}), ErrorKind.SERVER),
        (stream(start()) + b"data: {nonsense\n\n", ErrorKind.SERVER),
        (stream({"type": "error", "error": {"type": "overloaded_error", "message": "busy"}}), ErrorKind.OVERLOADED),
        (stream(start(), *text(0, "x"), {"type": "error", "error": {"type": "api_error", "message": "x"}}), ErrorKind.SERVER),
        (b'{"type":"error","error":{"type":"rate_limit_error","message":"x"}}', ErrorKind.RATE_LIMIT),
        (b'{"error":{"message":"x","code":"insufficient_quota"}}', ErrorKind.BILLING),
        (b"{}", ErrorKind.SERVER),
        (b'{"content":[]}', ErrorKind.SERVER),
        (b'{"content":', ErrorKind.SERVER),
    ],
)
@pytest.mark.parametrize("streamed", [True, False])
def test_what_is_broken_has_failed(data: bytes, kind: ErrorKind, streamed: bool) -> None:
    assert failure(decode(data, streamed=streamed))[0] is kind


def test_a_provider_that_never_ends() -> None:
    data = stream(start(), *text(0, "x"))
    assert finished(decode(data, quirks=Quirks(ending=False))).reason == "stop"


def test_a_whole_answer_without_a_reason_is_one() -> None:
    data = b'{"type":"message","content":[{"type":"text","text":"a"}],"stop_reason":null}'
    assert finished(decode(data, streamed=False)).reason == "stop"


def test_an_unknown_block_is_kept_with_its_deltas() -> None:
    summary = {"type": "compaction", "content": None}
    first = {"type": "compaction_delta", "content": "a"}
    second = {"type": "compaction_delta", "content": "b", "encrypted_content": "z"}
    data = stream(start(), *block(0, summary, first, second), *end("compaction"))
    opened = parts(decode(data))[0]
    assert isinstance(opened, PartOpened)
    assert opened.raw is not None
    assert json.loads(bytes(opened.raw)) == {"type": "compaction", "content": "ab", "encrypted_content": "z"}


def test_names_and_custom_tools_are_named_back() -> None:
    undo = Undo(names={"wire": "the client's"}, custom=frozenset({"wire"}))
    custom = {**TOOL, "name": "wire"}
    data = stream(start(), *block(0, custom, *pieces('{"inp', 'ut":"ls\\n-l"}')), *end("tool_use"))
    assert parts(decode(data, undo=undo)) == [
        PartOpened(index=0, kind="custom", id="toolu_1", name="the client's", at="/content/0", told_in="/input"),
        PartDelta(0, "ls\n-l"),
        PartClosed(index=0),
    ]
    plain = Undo(names={"wire": "the client's"})
    opened = parts(decode(data, undo=plain))[0]
    assert isinstance(opened, PartOpened)
    assert (opened.kind, opened.name) == ("tool", "the client's")
