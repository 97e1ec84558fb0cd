"""Ollama's answers, line by line."""

import json
from typing import Any

import pytest

from dragoman.core.errors import ErrorKind
from dragoman.core.events import Event, Failed, Finished, PartDelta, PartOpened, Started
from dragoman.core.quirks import Quirks
from dragoman.dialects.base import NOTHING, Undo
from dragoman.dialects.ollama import DIALECT


def line(message: dict[str, Any] | None = None, **members: Any) -> bytes:
    told = {"model": "llama3", "message": {"role": "assistant", "content": "", **(message or {})}, "done": False, **members}
    return json.dumps(told).encode() + b"\n"


def end(**members: Any) -> bytes:
    return line(done=True, done_reason="stop", **members)


def decode(*pieces: bytes, quirks: Quirks | None = None, undo: Undo = NOTHING) -> list[Event]:
    decoder = DIALECT.decoder(True, quirks or Quirks(), undo)
    events = [event for piece in pieces for event in decoder.feed(piece)]
    return [*events, *decoder.close()]


def told(events: list[Event]) -> list[tuple[str, str]]:
    """(kind, or name of the call; text) of each part."""
    opened = {event.index: event for event in events if isinstance(event, PartOpened)}
    texts = {index: "".join(e.text for e in events if isinstance(e, PartDelta) and e.index == index) for index in opened}
    return [(event.name or event.kind, texts[index]) for index, event in opened.items()]


def ended(events: list[Event]) -> Finished:
    assert isinstance(events[-1], Finished), events[-1]
    return events[-1]


def failed(events: list[Event]) -> Failed:
    assert isinstance(events[-1], Failed), events[-1]
    return events[-1]


def test_words_come_as_they_are_told_whatever_was_asked_for() -> None:
    """A stream begins with a brace, too: whole and stream are not told apart by the first byte."""
    for stream in (False, True):
        decoder = DIALECT.decoder(stream, Quirks(), NOTHING)
        first = decoder.feed(line({"content": "Hi"}))
        assert first == [Started(model="llama3"), PartOpened(index=0, kind="text", at="/message/content"), PartDelta(0, "Hi")]


def test_a_call_gets_the_clients_name_and_its_exact_arguments() -> None:
    call = b'{"model":"m","message":{"tool_calls":[{"function":{"name":"f_1","arguments":{"n": 1.50}}}]},"done":false}\n'
    events = decode(call, end(), undo=Undo(names={"f_1": "f.1"}))
    assert told(events) == [("f.1", '{"n": 1.50}')]
    assert ended(events).reason == "tool"


def test_a_free_text_call() -> None:
    call = {"tool_calls": [{"function": {"name": "shell", "arguments": {"input": "ls -l"}}}]}
    events = decode(line(call), end(), undo=Undo(custom=frozenset({"shell"})))
    assert told(events) == [("shell", "ls -l")]
    assert next(event for event in events if isinstance(event, PartOpened)).kind == "custom"


def test_length_beats_calls() -> None:
    call = {"tool_calls": [{"function": {"name": "f", "arguments": {}}}]}
    assert ended(decode(line(call), line(done=True, done_reason="length"))).reason == "length"


def test_counts() -> None:
    usage = ended(decode(line({"content": "a"}), end(prompt_eval_count=7, eval_count=3, total_duration=9))).usage
    assert usage is not None
    assert (usage.input, usage.output) == (7, 3)
    assert usage.raw is not None
    assert json.loads(bytes(usage.raw)) == {"prompt_eval_count": 7, "eval_count": 3, "total_duration": 9}
    assert ended(decode(line({"content": "a"}), end())).usage is None


@pytest.mark.parametrize(
    ("told_as", "kind"),
    [
        ("something broke", ErrorKind.SERVER),
        ("the prompt is longer than the context length currently available to the model", ErrorKind.CONTEXT_OVERFLOW),
        ("server busy, please try again.  maximum pending requests exceeded", ErrorKind.OVERLOADED),
    ],
)
def test_an_error_in_the_stream_keeps_its_words(told_as: str, kind: ErrorKind) -> None:
    error = failed(decode(line({"content": "a"}), json.dumps({"error": told_as}).encode())).error
    assert (error.message, error.kind) == (told_as, kind)


@pytest.mark.parametrize(
    "pieces",
    [
        [],
        [line({"content": "a"})],
        [line({"content": "a"}), b'{"model":"m","message":{"content":"b"}}\n'],
        [b'{"response":"of /api/generate","done":false}\n'],
        [line({"content": "a"}), b"not json\n", end()],
        [line({"content": "a"}), b"[1]\n", end()],
        [b"<html>\n<body>"],
        [b'{"message":{"content":7},"done":tru'],
    ],
)
def test_what_has_no_ending_fails(pieces: list[bytes]) -> None:
    assert failed(decode(*pieces)).error.kind == ErrorKind.SERVER


def test_a_server_that_never_ends() -> None:
    events = decode(line({"content": "a"}), quirks=Quirks(ending=False))
    assert told(events) == [("text", "a")]
    assert ended(events).reason == "stop"


def test_odd_shapes_are_read_leniently() -> None:
    odd = {"content": None, "thinking": None, "tool_calls": None}
    events = decode(line(odd, logprobs=None), line({"content": "\ud83d"}), end())
    assert told(events) == [("text", "\ufffd")]


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (404, {"error": "model 'x' not found"}, ErrorKind.NOT_FOUND),
        (400, {"error": '"llama3" does not support thinking'}, ErrorKind.BAD_REQUEST),
        (400, {"error": "the prompt is longer than the context length currently available"}, ErrorKind.CONTEXT_OVERFLOW),
        (401, {"error": "unauthorized", "signin_url": "https://ollama.com/connect"}, ErrorKind.AUTH),
        (429, {"error": "you've reached your hourly usage limit, please upgrade to continue"}, ErrorKind.BILLING),
        (500, {"error": "model requires more system memory (9 GiB) than is available (4 GiB)"}, ErrorKind.SERVER),
        (503, {"error": "server busy, please try again.  maximum pending requests exceeded"}, ErrorKind.OVERLOADED),
    ],
)
def test_errors_by_status(status: int, body: dict[str, Any], kind: ErrorKind) -> None:
    error = DIALECT.parse_error(status, (("content-type", "application/json"),), json.dumps(body).encode())
    assert (error.kind, error.message, error.status) == (kind, body["error"], status)
