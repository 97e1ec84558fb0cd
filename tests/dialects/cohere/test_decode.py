"""Cohere's answers: streams, whole bodies, what they cite and how they fail."""

import json
from typing import Any

import pytest
from msgspec import Raw

from dragoman.core.errors import ErrorKind
from dragoman.core.events import Citation, Event, Failed, Finished, PartClosed, PartDelta, PartOpened, Started
from dragoman.core.quirks import Quirks
from dragoman.dialects.base import NOTHING, Undo
from dragoman.dialects.cohere import DIALECT


def event(type_: str, message: Any = None, **members: Any) -> bytes:
    delta = {} if message is None else {"delta": {"message": message}}
    return f"event: {type_}\ndata: {json.dumps({'type': type_, **delta, **members})}\n\n".encode()


START = event("message-start", {"role": "assistant"}, id="a1")


def content(text: str, index: int = 0, name: str = "text") -> bytes:
    return event("content-delta", {"content": {name: text}}, index=index)


def end(reason: str | None = "COMPLETE", **members: Any) -> bytes:
    return event("message-end", **{"delta": {**({} if reason is None else {"finish_reason": reason}), **members}})


def whole(message: Any, **members: Any) -> bytes:
    return json.dumps({"id": "a1", "message": message, "finish_reason": "COMPLETE", **members}).encode()


def decode(*pieces: bytes, quirks: Quirks | None = None, undo: Undo = NOTHING) -> list[Event]:
    decoder = DIALECT.decoder(True, quirks or Quirks(), undo)
    events = [each for piece in pieces for each in decoder.feed(piece)]
    return [*events, *decoder.close()]


def told(events: list[Event]) -> list[tuple[str, str]]:
    """(kind, or name of the call; text) of each part."""
    opened = {each.index: each for each in events if isinstance(each, PartOpened)}
    texts = {index: "".join(e.text for e in events if isinstance(e, PartDelta) and e.index == index) for index in opened}
    return [(each.name or each.kind, texts[index]) for index, each in opened.items()]


def ended(events: list[Event]) -> Finished:
    assert isinstance(events[-1], Finished), events[-1]
    return events[-1]


def failed(events: list[Event]) -> Failed:
    assert isinstance(events[-1], Failed), events[-1]
    return events[-1]


def cited(events: list[Event]) -> list[Citation]:
    return [each for part in events if isinstance(part, PartClosed) for each in part.citations]


def test_words_come_as_they_are_told() -> None:
    decoder = DIALECT.decoder(False, Quirks(), NOTHING)
    assert decoder.feed(START) == [Started(id="a1")]
    decoder.feed(event("content-start", {"content": {"type": "text", "text": ""}}, index=0))
    opened, said = decoder.feed(content("Hi"))
    assert opened == PartOpened(index=0, kind="text", at="/message/content/0", told_in="/text")
    assert said == PartDelta(0, "Hi")


def test_a_plan_is_thinking() -> None:
    events = decode(
        START, event("tool-plan-delta", {"tool_plan": "I will"}), event("tool-plan-delta", {"tool_plan": " look."}), end()
    )
    assert told(events) == [("reasoning", "I will look.")]


def test_a_call_gets_the_clients_name() -> None:
    calls = [
        event("tool-call-start", {"tool_calls": {"id": "c", "function": {"name": "f_1", "arguments": ""}}}, index=0),
        event("tool-call-delta", {"tool_calls": {"function": {"arguments": '{"n": 1.50}'}}}, index=0),
        event("tool-call-end", index=0),
    ]
    events = decode(START, *calls, end("TOOL_CALL"), undo=Undo(names={"f_1": "f.1"}))
    assert told(events) == [("f.1", '{"n": 1.50}')]
    assert ended(events).reason == "tool"


def test_a_free_text_call() -> None:
    call = {"id": "c", "type": "function", "function": {"name": "shell", "arguments": '{"input": "ls -l"}'}}
    events = decode(whole({"tool_calls": [call]}), undo=Undo(custom=frozenset({"shell"})))
    assert told(events) == [("shell", "ls -l")]


def test_calls_that_interleave_and_are_never_ended() -> None:
    def begin(place: int) -> bytes:
        return event("tool-call-start", {"tool_calls": {"id": f"c{place}", "function": {"name": f"f{place}"}}}, index=place)

    def more(place: int, text: str) -> bytes:
        return event("tool-call-delta", {"tool_calls": {"function": {"arguments": text}}}, index=place)

    events = decode(START, begin(0), begin(1), more(0, '{"a":'), more(1, "{}"), more(0, "1}"), more(9, "lost"), end("TOOL_CALL"))
    assert told(events) == [("f0", '{"a":1}'), ("f1", "{}")]


@pytest.mark.parametrize(
    ("reason", "expected"),
    [("COMPLETE", "stop"), ("STOP_SEQUENCE", "stop_sequence"), ("MAX_TOKENS", "length"), ("TOOL_CALL", "stop"), ("NEW", "other")],
)
def test_reasons(reason: str, expected: str) -> None:
    found = ended(decode(START, content("a"), end(reason)))
    assert (found.reason, found.raw_reason) == (expected, reason)


def test_counts() -> None:
    told = {
        "billed_units": {"input_tokens": 5, "output_tokens": 4},
        "tokens": {"input_tokens": 34.0, "output_tokens": 56, "reasoning_tokens": 7, "image_tokens": 259},
        "cached_tokens": 16,
    }
    usage = ended(decode(START, content("a"), end(usage=told))).usage
    assert usage is not None
    assert (usage.input, usage.output, usage.cache_read, usage.reasoning) == (293, 56, 16, 7)
    assert usage.raw is not None
    assert json.loads(bytes(usage.raw)) == told


PAGE = {"type": "document", "id": "d", "document": {"url": "https://a.example", "title": "A", "text": "x"}}
RESULT = {"type": "tool", "id": "c:0", "tool_output": {"content": "x"}}
NAMED = {"type": "document", "id": "http://b.example/p", "document": {"text": "x"}}


def note(*sources: Any, **members: Any) -> dict[str, Any]:
    return {"start": 0, "end": 1, "text": "a", "sources": list(sources), "type": "TEXT_CONTENT", **members}


def test_a_source_that_is_a_web_page_is_a_citation_for_all() -> None:
    events = decode(START, content("ab"), event("citation-start", {"citations": note(PAGE, RESULT, NAMED)}, index=0), end())
    found = [(each.url, each.title, each.start, each.end, each.at) for each in cited(events)]
    assert found == [
        ("https://a.example", "A", 0, 1, "/message/citations/0/sources/0"),
        (None, None, 0, 1, "/message/citations/0/sources/1"),
        ("http://b.example/p", None, 0, 1, "/message/citations/0/sources/2"),
    ]
    assert json.loads(bytes(cited(events)[0].raw)) == note(PAGE, RESULT, NAMED)


def test_a_citation_belongs_to_its_block() -> None:
    first, second, plan = note(PAGE, content_index=1), note(NAMED), note(PAGE, type="PLAN")
    blocks = [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
    events = decode(whole({"content": blocks, "citations": [first, second, plan]}))
    closed = [part for part in events if isinstance(part, PartClosed)]
    assert [[each.url for each in part.citations] for part in closed] == [[], ["https://a.example", "http://b.example/p"], []]
    assert json.loads(bytes(ended(events).extras["/message/citations"])) == [plan]


def test_a_block_of_an_unknown_kind_is_kept_as_it_is() -> None:
    picture = {"type": "picture", "url": "https://a.example"}
    for events in (
        decode(START, event("content-start", {"content": picture}, index=0), content("a", 1), end()),
        decode(whole({"content": [picture, {"type": "text", "text": "a"}]})),
    ):
        assert told(events) == [("opaque", ""), ("text", "a")]
        opened = next(each for each in events if isinstance(each, PartOpened))
        assert opened.raw is not None
        assert (json.loads(bytes(opened.raw)), opened.opaque_kind, opened.at) == (picture, "picture", "/message/content/0")


def test_what_the_last_event_says_is_not_lost() -> None:
    events = decode(START, content("a"), event("message-end", delta={"finish_reason": "COMPLETE"}, weather="fair"))
    assert ended(events).extras == {"weather": Raw(b'"fair"')}


def test_a_citation_without_words_is_kept() -> None:
    events = decode(START, event("citation-start", {"citations": note(PAGE)}, index=0), content("a"), end())
    assert cited(events) == []
    assert "/message/citations" in ended(events).extras
    lost = decode(whole({"content": [{"type": "text", "text": ""}], "citations": [note(PAGE)]}))
    assert "/message/citations" in ended(lost).extras


@pytest.mark.parametrize(
    ("pieces", "kind", "message"),
    [
        ([START, content("a"), end("ERROR", error="on fire")], ErrorKind.SERVER, "on fire"),
        ([START, content("a"), end("TIMEOUT", error="too slow")], ErrorKind.TIMEOUT, "too slow"),
        ([START, content("a"), end("COMPLETE", error="odd")], ErrorKind.SERVER, "odd"),
        ([START, content("a"), end("ERROR")], ErrorKind.SERVER, "the provider broke off: finish_reason ERROR"),
        ([START, b'data: {"message":"too many requests","id":"x"}\n\n'], ErrorKind.SERVER, "too many requests"),
        ([b'event: error\ndata: {"type":"error","message":"no"}\n\n'], ErrorKind.SERVER, "no"),
        (
            [b'{"id":"x","message":"too many tokens: the prompt has 9."}'],
            ErrorKind.CONTEXT_OVERFLOW,
            "too many tokens: the prompt has 9.",
        ),
    ],
)
def test_failures(pieces: list[bytes], kind: ErrorKind, message: str) -> None:
    error = failed(decode(*pieces)).error
    assert (error.kind, error.message) == (kind, message)


@pytest.mark.parametrize(
    "pieces",
    [
        [START],
        [START, content("a")],
        [START, content("a"), end(None), b"data: [DONE]\n\n"],
        [START, content("a"), b"data: [1]\n\n", end()],
        [b'{"id":"x"}'],
        [b'{"id":"x","message":{},"finish_reason":""}'],
        [b"\xef\xbb\xbf\n"],
    ],
)
def test_what_has_no_ending_fails(pieces: list[bytes]) -> None:
    assert failed(decode(*pieces)).error.kind == ErrorKind.SERVER


def test_a_server_that_never_ends() -> None:
    events = decode(START, content("a"), quirks=Quirks(ending=False))
    assert (told(events), ended(events).reason) == ([("text", "a")], "stop")


@pytest.mark.parametrize(
    ("status", "message", "kind"),
    [
        (400, "invalid request: prompt must be at least 1 token long.", ErrorKind.BAD_REQUEST),
        (400, "too many tokens: size limit exceeded by 11326 tokens.", ErrorKind.CONTEXT_OVERFLOW),
        (400, "too many tokens: max tokens must be less than or equal to 4096", ErrorKind.BAD_REQUEST),
        (401, "invalid api token", ErrorKind.AUTH),
        (402, "Please add or update your payment method", ErrorKind.BILLING),
        (404, "model 'xyz' not found", ErrorKind.NOT_FOUND),
        (422, "message must be an object", ErrorKind.BAD_REQUEST),
        (429, "You are past the per minute request limit, please wait and try again later.", ErrorKind.RATE_LIMIT),
        (498, "blocked", ErrorKind.CONTENT_POLICY),
        (500, "internal server error", ErrorKind.SERVER),
        (503, "no healthy upstream", ErrorKind.OVERLOADED),
    ],
)
def test_errors_by_status(status: int, message: str, kind: ErrorKind) -> None:
    error = DIALECT.parse_error(status, (), json.dumps({"id": "a", "message": message}).encode())
    assert (error.kind, error.message, error.status) == (kind, message, status)
