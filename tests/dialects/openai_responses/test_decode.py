"""Providers' answers as events: streams, whole bodies, and the oddities of compatible providers."""

import json
from typing import Any

import pytest
from msgspec import Raw

from dragoman.core.errors import ErrorKind
from dragoman.core.events import Event, Failed, Finished, PartClosed, PartDelta, PartOpened, Started, fold
from dragoman.core.parts import Media
from dragoman.core.quirks import Quirks
from dragoman.dialects.base import Undo
from support.responses import completed, created, decode, decode_with_losses, lines, message, response, told, whole

USAGE = {"input_tokens": 9, "output_tokens": 4, "total_tokens": 13}
CALL = {"id": "fc_1", "type": "function_call", "call_id": "c1", "name": "f", "arguments": '{"a":1}', "status": "completed"}
THOUGHT = {
    "id": "rs_1",
    "type": "reasoning",
    "summary": [{"type": "summary_text", "text": "One."}, {"type": "summary_text", "text": "Two."}],
    "encrypted_content": "gAAA",
}


def added(item: dict[str, Any], index: int = 0) -> dict[str, Any]:
    return {"type": "response.output_item.added", "output_index": index, "item": item}


def done(item: dict[str, Any], index: int = 0) -> dict[str, Any]:
    return {"type": "response.output_item.done", "output_index": index, "item": item}


def delta(text: str, kind: str = "output_text", index: int | None = 0, **more: Any) -> dict[str, Any]:
    place = {} if index is None else {"output_index": index}
    return {"type": f"response.{kind}.delta", **place, "delta": text, **more}


def said(events: list[Event]) -> list[tuple[str, str]]:
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


STREAM = lines(
    created(),
    {"type": "response.in_progress", "response": response(status="in_progress")},
    added({"id": "rs_1", "type": "reasoning", "summary": []}),
    {
        "type": "response.reasoning_summary_part.added",
        "output_index": 0,
        "summary_index": 0,
        "part": {"type": "summary_text", "text": ""},
    },
    delta("On", "reasoning_summary_text", summary_index=0),
    delta("e.", "reasoning_summary_text", summary_index=0),
    {"type": "response.reasoning_summary_text.done", "output_index": 0, "summary_index": 0, "text": "One."},
    delta("Two.", "reasoning_summary_text", summary_index=1),
    done(THOUGHT),
    added({**message(), "content": [], "status": "in_progress"}, 1),
    {"type": "response.content_part.added", "output_index": 1, "content_index": 0, "part": {"type": "output_text", "text": ""}},
    delta("Hé", index=1, content_index=0, item_id="msg_1"),
    delta("llo", index=1, content_index=0, item_id="msg_1"),
    {"type": "response.output_text.done", "output_index": 1, "content_index": 0, "text": "Héllo"},
    done(message("Héllo"), 1),
    added({**CALL, "arguments": ""}, 2),
    delta('{"a":', "function_call_arguments", 2),
    delta("1}", "function_call_arguments", 2),
    {"type": "response.function_call_arguments.done", "output_index": 2, "arguments": '{"a":1}'},
    done(CALL, 2),
    completed(THOUGHT, message("Héllo"), CALL, usage=USAGE),
)
PARTS = [("reasoning", "One.\n\nTwo."), ("text", "Héllo"), ("f", '{"a":1}')]


@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_a_stream_in_any_pieces(size: int) -> None:
    pieces = [STREAM[place : place + size] for place in range(0, len(STREAM), size)]
    events = decode(pieces)
    assert said(events) == PARTS
    assert isinstance(events[0], Started)
    assert (events[0].id, events[0].model) == ("resp_1", "real-model")
    assert end(events).reason == "tool"
    found = end(events).usage
    assert found is not None
    assert (found.input, found.output) == (9, 4)


def test_a_whole_body_says_the_same() -> None:
    events = decode(whole(THOUGHT, message("Héllo"), CALL, usage=USAGE), stream=False)
    assert said(events) == PARTS
    assert fold(events) == fold(decode(STREAM))


@pytest.mark.parametrize("asked", [True, False])
def test_the_bytes_tell_whether_it_is_a_stream(asked: bool) -> None:
    assert said(decode(STREAM, stream=asked)) == PARTS
    assert said(decode(whole(message("x")), stream=asked)) == [("text", "x")]


def test_a_thought_keeps_its_ciphertext_and_its_pieces() -> None:
    proof = next(event.proof for event in decode(STREAM) if isinstance(event, PartClosed))
    assert json.loads(proof or "") == {"encrypted_content": "gAAA", "id": "rs_1", "summary": [4, 4]}
    bare = decode(whole({"type": "reasoning", "id": "rs", "summary": [], "encrypted_content": "X"}, message("y")), stream=False)
    assert [event.redacted for event in bare if isinstance(event, PartOpened)] == [True, False]
    open_ = decode(
        whole({"type": "reasoning", "summary": [], "content": [{"type": "reasoning_text", "text": "hm"}]}), stream=False
    )
    assert (said(open_), [e.proof for e in open_ if isinstance(e, PartClosed)]) == ([("reasoning", "hm")], [None])


def test_what_deltas_left_out_follows() -> None:
    """Some servers tell arguments, or whole texts, only at the end of an item."""
    events = decode(lines(created(), added({**CALL, "arguments": ""}), done(CALL), completed(CALL)))
    assert said(events) == [("f", '{"a":1}')]
    events = decode(lines(created(), added(message()), delta("He"), done(message("Hello")), completed(message("Hello"))))
    assert said(events) == [("text", "Hello")]
    events = decode(lines(created(), completed(message("Hello"), CALL)))
    assert said(events) == [("text", "Hello"), ("f", '{"a":1}')]


def test_items_without_an_ending_of_their_own() -> None:
    events = decode(lines(created(), added(message()), delta("Hello"), completed()))
    assert said(events) == [("text", "Hello")]


def test_an_end_that_says_otherwise() -> None:
    """The last piece waits for it; what went out cannot be called back, and is told."""
    stream = lines(created(), delta("Well"), delta("."), done(message("Well, well")), completed(message("Well, well")))
    events, losses = decode_with_losses(stream)
    assert (said(events), losses) == ([("text", "Well, well")], [])
    events, losses = decode_with_losses(lines(created(), delta("a"), delta("b"), done(message("xyz")), completed()))
    assert (said(events), told(losses)) == ([("text", "ab")], {"/response/output/0/content/0": "approximated"})
    other = {**CALL, "arguments": "{}"}
    events, losses = decode_with_losses(
        lines(created(), added(other), delta("[", "function_call_arguments"), done(other), completed())
    )
    assert (said(events), told(losses)) == ([("f", "[")], {"/response/output/0": "approximated"})


def test_empty_pieces_are_nothing() -> None:
    events = decode(lines(created(), added(message()), delta("a"), delta(""), done(message("ab")), completed()))
    assert said(events) == [("text", "ab")]


def test_items_are_known_by_their_place() -> None:
    """Ids may change from event to event, and some servers leave the places out."""
    events = decode(
        lines(created(), delta("a", item_id="x"), delta("b", item_id="y"), done({**message("ab"), "id": "z"}), completed())
    )
    assert said(events) == [("text", "ab")]
    begun, over = ({"type": f"response.output_item.{word}", "item": message("a")} for word in ("added", "done"))
    events = decode(lines(created(), begun, delta("a", index=None, item_id="msg_1"), over, completed()))
    assert said(events) == [("text", "a")]


def test_names_of_events_may_be_missing_or_the_only_ones() -> None:
    assert said(decode(lines(created(), delta("a"), completed(message("a")), named=False))) == [("text", "a")]
    bare = b'event: response.output_text.delta\ndata: {"delta":"a","output_index":0}\n\n'
    assert said(decode(lines(created()) + bare + lines(completed(message("a"))))) == [("text", "a")]


def test_what_is_no_event_is_passed_over() -> None:
    noise = b': ping\n\nevent: keepalive\ndata: {"type":"keepalive","sequence_number":3}\n\ndata: [DONE]\n\n'
    rate = lines({"type": "rate_limits.updated"})
    assert said(decode(lines(created()) + noise + rate + lines(delta("a"), completed(message("a"))) + noise)) == [("text", "a")]


def test_items_of_the_vendor_are_told_whole() -> None:
    search = {"id": "ws_1", "type": "web_search_call", "status": "completed", "action": {"type": "search", "query": "x"}}
    busy = [
        {"type": f"response.web_search_call.{word}", "output_index": 0, "item_id": "ws_1"}
        for word in ("in_progress", "completed")
    ]
    events = decode(lines(created(), added(search), *busy, done(search), completed(search, message("x"))))
    opened = [event for event in events if isinstance(event, PartOpened)]
    assert [(event.kind, event.opaque_kind) for event in opened] == [("opaque", "web_search_call"), ("text", None)]
    assert opened[0].raw is not None
    assert json.loads(bytes(opened[0].raw)) == search


def test_citations() -> None:
    note = {"type": "url_citation", "url": "https://x", "title": "X", "start_index": 0, "end_index": 1}
    event = {"type": "response.output_text.annotation.added", "output_index": 0, "content_index": 0, "annotation": note}
    for stream in (
        lines(created(), delta("a"), event, completed()),
        lines(completed({**message(), "content": [{"type": "output_text", "text": "a", "annotations": [note]}]})),
    ):
        (closed,) = (event for event in decode(stream) if isinstance(event, PartClosed))
        assert [(each.url, each.title, each.start, each.end) for each in closed.citations] == [("https://x", "X", 0, 1)]


def test_free_text_that_was_wrapped_is_unwrapped() -> None:
    call = {**CALL, "name": "exec", "arguments": '{"input":"print(1)"}'}
    undo = Undo(custom=frozenset({"exec"}))
    stream = lines(
        created(), added({**call, "arguments": ""}), delta('{"input":"pr', "function_call_arguments"), done(call), completed()
    )
    events = decode(stream, undo=undo)
    assert said(events) == [("exec", "print(1)")]
    assert [event.kind for event in events if isinstance(event, PartOpened)] == ["custom"]


def test_names_and_ids_are_given_back() -> None:
    undo = Undo(names={"f": "long.name"}, ids={"c1": "call one"})
    (opened,) = (event for event in decode(whole(CALL), undo=undo) if isinstance(event, PartOpened))
    assert (opened.name, opened.id) == ("long.name", "call one")


@pytest.mark.parametrize(
    ("members", "reason", "raw"),
    [
        ({"status": "completed"}, "stop", "completed"),
        ({"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}}, "length", "max_output_tokens"),
        ({"status": "incomplete", "incomplete_details": {"reason": "content_filter"}}, "refusal", "content_filter"),
        ({"status": "incomplete", "incomplete_details": {"reason": "steered"}}, "other", "steered"),
        ({"status": "incomplete"}, "other", "incomplete"),
        ({"status": "queued"}, "other", "queued"),
        ({"status": "cancelled"}, "other", "cancelled"),
    ],
)
def test_how_an_answer_ends(members: dict[str, Any], reason: str, raw: str) -> None:
    found = end(decode(whole(message("x"), **members), stream=False))
    assert (found.reason, found.raw_reason) == (reason, raw)


def test_a_refusal_ends_as_one() -> None:
    refusal = {**message(), "content": [{"type": "refusal", "refusal": "No."}]}
    events = decode(lines(created(), delta("No", "refusal"), done(refusal), completed(refusal)))
    assert (said(events), end(events).reason) == ([("refusal", "No.")], "refusal")


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ({"code": "rate_limit_exceeded", "message": "slow"}, ErrorKind.RATE_LIMIT),
        ({"code": "context_length_exceeded", "message": "long"}, ErrorKind.CONTEXT_OVERFLOW),
        ({"code": "insufficient_quota", "message": "pay"}, ErrorKind.BILLING),
        ({"code": "server_is_overloaded", "message": "busy"}, ErrorKind.OVERLOADED),
        ({"code": "invalid_prompt", "message": "bad"}, ErrorKind.BAD_REQUEST),
        ({"code": "server_error", "message": "oh"}, ErrorKind.SERVER),
    ],
)
def test_failures(error: dict[str, Any], kind: ErrorKind) -> None:
    failed = {"type": "response.failed", "response": response(status="failed", error=error)}
    flat = {"type": "error", "sequence_number": 1, "param": None, **error}
    nested = {"type": "error", "error": error}
    for event in (failed, flat, nested):
        found = failure(decode(lines(created(), delta("a"), event))).error
        assert (found.kind, found.message) == (kind, error["message"])
    assert failure(decode(whole(status="failed", error=error), stream=False)).error.kind == kind
    assert failure(decode(json.dumps({"error": error}).encode(), stream=False)).error.kind == kind


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"\n \n", "empty"),
        (lines(created()), "broke off"),
        (lines(created(), delta("a")), "broke off"),
        (lines(created()) + b"data: {oops\n\ndata: {}\n\n", "cannot be read"),
        (b"<html>", "not a JSON object"),
        (b'{"object":"response"}', "no output"),
        (b'{"output":[]}', "neither content nor an ending"),
        (b'{"output":[1],"status":"completed"}', None),
    ],
)
def test_what_cannot_be_read(data: bytes, words: str | None) -> None:
    events = decode(data)
    if words is None:
        assert end(events).reason == "stop"
    else:
        assert words in failure(events).error.message


def test_a_provider_that_never_ends() -> None:
    events = decode(lines(created(), delta("a")), quirks=Quirks(ending=False))
    assert (said(events), end(events).reason) == ([("text", "a")], "stop")
    assert isinstance(decode(lines(created()), quirks=Quirks(ending=False))[-1], Failed)


def test_a_body_without_a_status() -> None:
    body = json.dumps({"id": "r", "output": [message("x")]}).encode()
    events, losses = decode_with_losses(body, stream=False)
    assert (end(events).reason, told(losses)) == ("stop", {"/response/output": "approximated"})


def test_nothing_follows_the_end() -> None:
    events = decode(STREAM + STREAM)
    assert [type(event) for event in events].count(Finished) == 1
    assert events == decode(STREAM)


def test_an_image_that_the_model_made() -> None:
    told = {"result": "AAAA", "output_format": "webp", "size": "1x1"}
    image = {"id": "ig_1", "type": "image_generation_call", "status": "completed", **told}
    events = decode(whole(image))
    opened = next(event for event in events if isinstance(event, PartOpened))
    assert opened.media == Media(kind="image", mime="image/webp", data="AAAA")
    assert opened.raw is not None
    assert json.loads(bytes(opened.raw)) == image
    assert opened.extras == {"size": Raw(b'"1x1"')}


def test_an_image_that_failed_is_told_whole() -> None:
    image = {"id": "ig_1", "type": "image_generation_call", "status": "failed", "result": None}
    opened = next(event for event in decode(whole(image)) if isinstance(event, PartOpened))
    assert (opened.kind, opened.opaque_kind) == ("opaque", "image_generation_call")
