"""What Google's clients get: one last chunk with all calls, nothing after it, no comments; whole bodies and errors."""

import json
from typing import Any

import pytest
from msgspec import Raw

from dragoman.core.errors import Error, ErrorKind
from dragoman.core.events import Citation, Event, Failed, Finished, PartClosed, PartDelta, PartOpened, Started, Usage
from dragoman.dialects.gemini import DIALECT
from support import speech
from support.google import ID, frames, told

USAGE = Usage(input=30, output=12, cache_read=10, cache_write=5, reasoning=7)


def said(text: str = "x", index: int = 0, kind: Any = "text", **closed: Any) -> list[Event]:
    return [PartOpened(index=index, kind=kind, at=f"/content/{index}"), PartDelta(index, text), PartClosed(index=index, **closed)]


def called(index: int, name: str = "f", text: str = "{}", ident: str | None = "c", kind: Any = "tool") -> list[Event]:
    opened = PartOpened(index=index, kind=kind, id=ident, name=name, at=f"/content/{index}")
    return [opened, *([PartDelta(index, text)] if text else []), PartClosed(index=index)]


def answer(*parts: Event, **members: Any) -> list[Event]:
    return [Started(id="msg_1", model="m"), *parts, Finished(**{"reason": "stop", **members})]


def stream(events: list[Event]) -> list[Any]:
    return frames(speech.encode(ID, events, stream=True, provider="anthropic")[0])


def whole(events: list[Event]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(speech.encode(ID, events, stream=False, provider="anthropic")[0])
    return found


def parts(chunks: list[Any]) -> list[list[Any]]:
    return [each["candidates"][0]["content"]["parts"] for each in chunks]


def test_texts_go_out_as_they_come_and_calls_in_the_last_chunk() -> None:
    first, second = called(1, "f", '{"a":1}', "c1"), called(2, "g", "", "c2")
    text: list[Event] = [PartOpened(index=0, kind="text"), PartDelta(0, "Hé"), PartDelta(0, "llo"), PartClosed(index=0)]
    events = answer(*text, *first, *second, reason="tool", usage=USAGE)
    found = stream(events)
    calls = [
        {"functionCall": {"id": "c1", "name": "f", "args": {"a": 1}}},
        {"functionCall": {"id": "c2", "name": "g", "args": {}}},
    ]
    assert parts(found) == [[{"text": "Hé"}], [{"text": "llo"}], calls]
    assert [each["candidates"][0].get("finishReason") for each in found] == [None, None, "STOP"]
    assert found[-1]["usageMetadata"] == {
        "promptTokenCount": 30,
        "cachedContentTokenCount": 10,
        "candidatesTokenCount": 5,
        "thoughtsTokenCount": 7,
        "totalTokenCount": 42,
    }
    assert whole(events)["candidates"][0]["content"]["parts"] == [{"text": "Héllo"}, *calls]


def test_text_after_a_call_waits_for_it() -> None:
    """Nothing may follow the calls of an answer, so what a model says behind one goes into the same chunk."""
    found = stream(answer(*said("a"), *called(1), *said("b", 2), reason="tool"))
    assert parts(found) == [[{"text": "a"}], [{"functionCall": {"id": "c", "name": "f", "args": {}}}, {"text": "b"}]]


def test_calls_have_ids_of_their_own() -> None:
    found = whole(answer(*called(0, ident="c"), *called(1, ident="c"), *called(2, ident=None), reason="tool"))
    idents = [part["functionCall"]["id"] for part in found["candidates"][0]["content"]["parts"]]
    assert len(set(idents)) == 3
    assert idents[0] == "c"


@pytest.mark.parametrize(
    ("text", "args", "losses"),
    [
        ("", {}, {}),
        ("null", {}, {}),
        ('{"a":[1.50]}', {"a": [1.5]}, {}),
        ("[1]", {"value": [1]}, {"/response/content/0": "approximated"}),
    ],
)
def test_arguments_are_an_object(text: str, args: Any, losses: dict[str, str]) -> None:
    data, lost = speech.encode(ID, answer(*called(0, text=text), reason="tool"), stream=False, provider="anthropic")
    assert json.loads(data)["candidates"][0]["content"]["parts"][0]["functionCall"]["args"] == args
    assert told(lost) == losses


def test_free_text_is_told_as_an_argument() -> None:
    found = whole(answer(*called(0, "shell", "ls", kind="custom"), reason="tool"))
    assert found["candidates"][0]["content"]["parts"][0]["functionCall"]["args"] == {"input": "ls"}


def test_an_answer_without_a_word_has_a_part() -> None:
    assert parts(stream(answer())) == [[{"text": ""}]]


@pytest.mark.parametrize(
    ("reason", "word"),
    [("stop", "STOP"), ("stop_sequence", "STOP"), ("tool", "STOP"), ("pause", "STOP"), ("length", "MAX_TOKENS"),
     ("context", "MAX_TOKENS"), ("refusal", "SAFETY"), ("other", "OTHER")],
)  # fmt: skip
def test_why_a_model_stopped(reason: Any, word: str) -> None:
    assert whole(answer(*said(), reason=reason))["candidates"][0]["finishReason"] == word


def test_words_of_refusal_are_text_that_ends_for_safety() -> None:
    candidate = whole(answer(*said("No.", kind="refusal")))["candidates"][0]
    assert (candidate["content"]["parts"], candidate["finishReason"]) == ([{"text": "No."}], "SAFETY")


def test_sources_are_told_by_bytes() -> None:
    cited = Citation(url="https://a.example", title="A", start=3, end=5, raw=Raw(b"{}"), at="/c")
    candidate = whole(answer(*said("Hé, da.", citations=(cited,))))["candidates"][0]
    support = candidate["groundingMetadata"]["groundingSupports"][0]
    text = "Hé, da.".encode()
    assert text[support["segment"]["startIndex"] : support["segment"]["endIndex"]].decode() == support["segment"]["text"]
    assert candidate["groundingMetadata"]["groundingChunks"] == [{"web": {"uri": "https://a.example", "title": "A"}}]


def test_a_stream_that_breaks_tells_the_calls_that_were_whole() -> None:
    error = Error(kind=ErrorKind.OVERLOADED, message="Overloaded")
    half: list[Event] = [PartOpened(index=2, kind="tool", id="d", name="g"), PartDelta(2, '{"a":')]
    found = stream([Started(id="msg_1", model="m"), *said("a"), *called(1), *half, Failed(error)])
    assert parts(found[:2]) == [[{"text": "a"}], [{"functionCall": {"id": "c", "name": "f", "args": {}}}]]
    assert found[-1] == {"error": {"code": 503, "message": "Overloaded", "status": "UNAVAILABLE"}}


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (Error(kind=ErrorKind.BAD_REQUEST, message="no", ours=True), 400, "INVALID_ARGUMENT"),
        (Error(kind=ErrorKind.AUTH, message="no", ours=True), 401, "UNAUTHENTICATED"),
        (Error(kind=ErrorKind.AUTH, message="no"), 502, "UNAVAILABLE"),
        (Error(kind=ErrorKind.BILLING, message="no", status=402), 502, "UNAVAILABLE"),
        (Error(kind=ErrorKind.BILLING, message="no"), 429, "RESOURCE_EXHAUSTED"),
        (Error(kind=ErrorKind.NOT_FOUND, message="no", ours=True), 404, "NOT_FOUND"),
        (Error(kind=ErrorKind.RATE_LIMIT, message="no"), 429, "RESOURCE_EXHAUSTED"),
        (Error(kind=ErrorKind.OVERLOADED, message="no"), 503, "UNAVAILABLE"),
        (Error(kind=ErrorKind.TIMEOUT, message="no"), 504, "DEADLINE_EXCEEDED"),
    ],
)
def test_errors_in_googles_words(error: Error, status: int, code: str) -> None:
    found, body = DIALECT.build_error(error, "req")
    told_ = json.loads(body)["error"]
    assert (found, told_["code"], told_["status"]) == (status, status, code)


def test_when_to_ask_again_stands_in_the_details() -> None:
    """Google's clients read it there, and no header."""
    _, body = DIALECT.build_error(Error(kind=ErrorKind.RATE_LIMIT, message="no", retry_after=13.2), "req")
    assert {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "14s"} in json.loads(body)["error"]["details"]
