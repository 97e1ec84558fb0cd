"""What Responses clients get: the grammar of the stream, the whole body, seals, losses."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw
from openai.types.responses import Response

from dragoman.core import seal
from dragoman.core.errors import Error, ErrorKind
from dragoman.core.events import Citation, Event, Failed, Finished, PartClosed, PartDelta, PartOpened, Started, Usage
from dragoman.core.parts import Media
from support.responses import KEY, ask, encode, events_of, told

USAGE = Usage(input=30, output=12, cache_read=10, cache_write=5, reasoning=7)
ANSWER: list[Event] = [
    Started(id="msg_1", model="real-model"),
    PartOpened(index=0, kind="reasoning"),
    PartDelta(0, "Let me "),
    PartDelta(0, "think."),
    PartClosed(index=0, proof="sig=="),
    PartOpened(index=1, kind="text"),
    PartDelta(1, "Hé"),
    PartDelta(1, "llo"),
    PartClosed(index=1),
    PartOpened(index=2, kind="tool", id="toolu_1", name="f"),
    PartDelta(2, '{"a":'),
    PartDelta(2, "1}"),
    PartClosed(index=2),
    PartOpened(index=3, kind="tool", id="toolu_2", name="g", at="/content/3"),
    PartClosed(index=3),
    Finished(reason="tool", raw_reason="tool_use", usage=USAGE),
]


def answer(*parts: Event, **members: Any) -> list[Event]:
    return [Started(id="msg_1", model="m"), *parts, Finished(**{"reason": "stop", **members})]


def said(text: str = "x", index: int = 0, kind: Any = "text", **closed: Any) -> list[Event]:
    return [PartOpened(index=index, kind=kind, at=f"/content/{index}"), PartDelta(index, text), PartClosed(index=index, **closed)]


def whole(events: list[Event], **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(encode(events, stream=False, **more)[0])
    return found


def stream(events: list[Event], **more: Any) -> list[dict[str, Any]]:
    return events_of(encode(events, **more)[0])


def kinds(events: list[dict[str, Any]]) -> list[str]:
    return [event["type"].removeprefix("response.") for event in events]


def test_the_grammar_of_a_stream() -> None:
    found = stream(ANSWER)
    assert kinds(found) == [
        "created", "in_progress",
        "output_item.added", "reasoning_summary_part.added", "reasoning_summary_text.delta", "reasoning_summary_text.delta",
        "reasoning_summary_text.done", "reasoning_summary_part.done", "output_item.done",
        "output_item.added", "content_part.added", "output_text.delta", "output_text.delta", "output_text.done",
        "content_part.done", "output_item.done",
        "output_item.added", "function_call_arguments.delta", "function_call_arguments.delta", "function_call_arguments.done",
        "output_item.done",
        "output_item.added", "function_call_arguments.delta", "function_call_arguments.done", "output_item.done",
        "completed",
    ]  # fmt: skip
    assert [event["sequence_number"] for event in found] == list(range(len(found)))
    assert [event["output_index"] for event in found if event["type"] == "response.output_item.done"] == [0, 1, 2, 3]
    responses = [event["response"] for event in found if "response" in event]
    assert {response["id"] for response in responses} == {"resp_001"}
    assert [response["status"] for response in responses] == ["in_progress", "in_progress", "completed"]
    assert [response["usage"] is None for response in responses] == [True, True, False]


def test_names_of_events_are_their_types() -> None:
    data = encode(ANSWER)[0].decode()
    for event in data.split("\n\n")[:-1]:
        name, _, body = event.partition("\ndata: ")
        assert name == f"event: {json.loads(body)['type']}"


def test_an_item_is_told_alike_in_pieces_and_when_it_is_done() -> None:
    found = stream(ANSWER)
    done = [event["item"] for event in found if event["type"] == "response.output_item.done"]
    added = [event["item"] for event in found if event["type"] == "response.output_item.added"]
    assert [item["id"] for item in added] == [item["id"] for item in done]
    assert found[-1]["response"]["output"] == done
    assert {item["status"] for item in added} == {"in_progress"}
    assert {item["status"] for item in done} == {"completed"}
    deltas = "".join(event["delta"] for event in found if event["type"] == "response.output_text.delta")
    assert deltas == done[1]["content"][0]["text"] == "Héllo"
    assert [item["arguments"] for item in done[2:]] == ['{"a":1}', "{}"]
    for event in found:
        if "item_id" in event:
            assert event["item_id"] == done[event["output_index"]]["id"]


def test_a_whole_answer_is_what_the_end_of_its_stream_tells() -> None:
    last = stream(ANSWER)[-1]["response"]
    body = whole(ANSWER)
    ids = {item["id"] for item in body["output"]}
    assert len(ids) == 4
    assert body == last
    Response.model_validate(body, strict=False)


def test_what_was_asked_is_repeated() -> None:
    tools = [{"type": "namespace", "name": "n", "tools": [{"type": "function", "name": "f"}]}, {"type": "web_search"}]
    asked = ask(
        instructions="be kind", tools=tools, tool_choice="auto", temperature=0.5, max_output_tokens=99, metadata={"a": "b"},
        parallel_tool_calls=False, text={"verbosity": "low"}, reasoning={"effort": "low"}, store=True, prompt_cache_key="k",
    )  # fmt: skip
    body = whole(answer(*said()), body=asked)
    expected = {
        "instructions": "be kind", "tools": tools, "tool_choice": "auto", "temperature": 0.5, "max_output_tokens": 99,
        "metadata": {"a": "b"}, "parallel_tool_calls": False, "text": {"format": {"type": "text"}, "verbosity": "low"},
        "reasoning": {"effort": "low", "summary": None}, "store": False, "prompt_cache_key": "k", "previous_response_id": None,
        "truncation": "disabled", "top_p": None, "error": None, "incomplete_details": None, "background": False,
    }  # fmt: skip
    assert {name: body.get(name) for name in expected} == expected
    assert (body["model"], body["created_at"]) == ("m", 1_800_000_000)


def test_what_a_message_was_for() -> None:
    call: list[Event] = [PartOpened(index=1, kind="tool", id="c", name="f"), PartClosed(index=1)]
    assert [item.get("phase") for item in whole(answer(*said(), *call, reason="tool"))["output"]] == ["commentary", None]
    assert [item["phase"] for item in whole(answer(*said(), *said(index=1)))["output"]] == ["commentary", "final_answer"]
    picture: list[Event] = [PartOpened(index=1, kind="media", media=Media(kind="image", data="AAAA")), PartClosed(index=1)]
    assert [item.get("phase") for item in whole(answer(*said(), *picture))["output"]] == ["final_answer", None]
    cut = whole(answer(*said(), reason="length", raw_reason="max_tokens"))
    assert (cut["output"][0]["status"], cut["output"][0]["phase"]) == ("incomplete", "final_answer")


@pytest.mark.parametrize(
    ("reason", "status", "detail"),
    [
        ("stop", "completed", None),
        ("stop_sequence", "completed", None),
        ("length", "incomplete", "max_output_tokens"),
        ("context", "incomplete", "max_output_tokens"),
        ("refusal", "incomplete", "content_filter"),
        ("other", "completed", None),
    ],
)
def test_how_it_ends(reason: Any, status: str, detail: str | None) -> None:
    found = stream(answer(*said(), reason=reason))[-1]
    assert found["type"] == f"response.{status}"
    assert found["response"]["status"] == status
    assert found["response"]["incomplete_details"] == (None if detail is None else {"reason": detail})


def test_a_refusal_in_words_is_an_answer() -> None:
    body = whole(answer(*said("No.", kind="refusal"), reason="refusal"))
    assert body["output"][0]["content"] == [{"type": "refusal", "refusal": "No."}]
    assert body["status"] == "completed"
    explained = answer(reason="refusal", extras={"stop_details": Raw(b'{"explanation":"Not this."}')})
    assert whole(explained)["output"][0]["content"] == [{"type": "refusal", "refusal": "Not this."}]
    assert "refusal.delta" in kinds(stream(explained))


def test_a_proof_travels_sealed() -> None:
    item = whole(ANSWER)["output"][0]
    assert item["summary"] == [{"type": "summary_text", "text": "Let me think."}]
    found = seal.unseal(item["encrypted_content"], KEY)
    assert found is not None
    assert (found.origin, found.kind, found.value) == ("anthropic:acme", "sig", "sig==")
    bare = answer(PartOpened(index=0, kind="reasoning", redacted=True), PartClosed(index=0, proof="data"), *said(index=1))
    hidden = whole(bare)["output"][0]
    assert hidden["summary"] == []
    found = seal.unseal(hidden["encrypted_content"], KEY)
    assert found is not None
    assert (found.kind, found.value) == ("red", "data")


def test_usage_of_others_is_told_in_full() -> None:
    assert whole(ANSWER)["usage"] == {
        "input_tokens": 30,
        "input_tokens_details": {"cached_tokens": 10, "cache_write_tokens": 5},
        "output_tokens": 12,
        "output_tokens_details": {"reasoning_tokens": 7},
        "total_tokens": 42,
    }
    assert whole(answer(*said()))["usage"]["total_tokens"] == 0


def test_web_pages_are_cited() -> None:
    page = Citation(raw=Raw(b"{}"), url="https://x", title="X", start=0, end=1, at="/content/0/citations/0")
    other = Citation(raw=Raw(b"{}"), at="/content/0/citations/1")
    out, losses = encode(answer(*said(citations=(page, other))))
    found = events_of(out)
    note = {"type": "url_citation", "url": "https://x", "title": "X", "start_index": 0, "end_index": 1}
    assert [event["annotation"] for event in found if event["type"] == "response.output_text.annotation.added"] == [note]
    assert found[-1]["response"]["output"][0]["content"][0]["annotations"] == [note]
    assert told(losses) == {"/response/content/0/citations/1": "dropped"}


def test_what_has_no_place_is_a_loss() -> None:
    picture = PartOpened(index=0, kind="media", media=Media(kind="image", url="https://example.com/a.png"), at="/content/0")
    block = PartOpened(index=1, kind="opaque", raw=Raw(b"{}"), opaque_kind="server_tool_use", at="/content/1")
    out, losses = encode(answer(picture, PartClosed(index=0), block, PartClosed(index=1), *said(index=2)))
    assert told(losses) == {"/response/content/0": "dropped", "/response/content/1": "dropped"}
    assert [item["type"] for item in events_of(out)[-1]["response"]["output"]] == ["message"]


def test_an_image_of_another_dialect_is_what_a_tool_made() -> None:
    media = Media(kind="image", mime="image/svg+xml", data="PHN2Zz4=")
    picture = PartOpened(index=0, kind="media", media=media, at="/content/0")
    out, losses = encode(answer(picture, PartClosed(index=0)))
    found = events_of(out)
    assert [event["item"]["status"] for event in found if "item" in event] == ["in_progress", "completed"]
    assert found[-1]["response"]["output"] == [
        {"id": "ig_002", "type": "image_generation_call", "status": "completed", "output_format": "svg", "result": "PHN2Zz4="}
    ]
    assert told(losses) == {"/response/content/0": "approximated"}


def test_own_items_go_back_as_they_came() -> None:
    search = b'{"id":"ws_1","type":"web_search_call" , "status":"completed","action":{"type":"search","query":"x"}}'
    part = PartOpened(index=0, kind="opaque", raw=Raw(search), opaque_kind="web_search_call", at="/output/0")
    events: list[Event] = [
        Started(id="resp_9", model="m"),
        part,
        PartClosed(index=0),
        Finished(reason="stop", raw_reason="completed"),
    ]
    out = encode(events, provider="openai-responses")[0]
    assert out.count(search) == 3
    assert events_of(out)[-1]["response"]["id"] == "resp_9"


def test_a_stream_that_fails() -> None:
    failed = Failed(Error(kind=ErrorKind.RATE_LIMIT, message="Slow down.", retry_after=3.5))
    found = stream([*ANSWER[:7], failed])
    assert kinds(found)[-1] == "failed"
    response = found[-1]["response"]
    assert (response["id"], response["status"], [item["type"] for item in response["output"]]) == (
        "resp_001",
        "failed",
        ["reasoning", "message"],
    )
    assert (response["output"][1]["status"], response["output"][1]["content"][0]["text"]) == ("incomplete", "Hé")
    assert response["error"] == {"code": "rate_limit_exceeded", "message": "Slow down. Please try again in 3.5s."}
    assert kinds(stream([failed])) == ["created", "in_progress", "failed"]


@pytest.mark.parametrize(
    ("kind", "text", "status"),
    [
        ("text", "Half a", "incomplete"), ("refusal", "I can", "incomplete"), ("reasoning", "Let", "incomplete"),
        ("reasoning", "", None), ("tool", '{"a":1}', "completed"), ("tool", '{"a":', None), ("tool", "", None),
        ("custom", "rm", None),
    ],
)  # fmt: skip
@pytest.mark.parametrize("provider", ["anthropic", "openai-responses"])
def test_what_there_was_when_a_stream_failed(kind: Any, text: str, status: str | None, provider: str) -> None:
    """A call that is not complete must not be carried out."""
    begun: list[Event] = [Started(id="msg_1", model="m"), PartOpened(index=0, kind=kind, id="c1", name="f")]
    said = [PartDelta(0, text)] if text else []
    failed = Failed(Error(kind=ErrorKind.SERVER, message="Broken."))
    found = stream([*begun, *said, failed], provider=provider)
    done = [event["item"]["status"] for event in found if event["type"] == "response.output_item.done"]
    assert done == ([] if status is None else [status])
    assert len(found[-1]["response"]["output"]) == len(done)


def test_every_call_has_an_id_of_its_own() -> None:
    twice = [
        event
        for index in (0, 1)
        for event in (PartOpened(index=index, kind="tool", id="same", name="f"), PartClosed(index=index))
    ]
    calls = [item["call_id"] for item in whole(answer(*twice, reason="tool"))["output"]]
    assert calls[0] == "same"
    assert len(set(calls)) == 2


@given(st.lists(st.text(max_size=30), min_size=1, max_size=8))
def test_any_text_arrives(pieces: list[str]) -> None:
    events = answer(PartOpened(index=0, kind="text"), *(PartDelta(0, piece) for piece in pieces), PartClosed(index=0))
    found = stream(events)
    assert "".join(event["delta"] for event in found if event["type"] == "response.output_text.delta") == "".join(pieces)
    assert found[-1]["response"]["output"][0]["content"][0]["text"] == "".join(pieces)


def test_a_line_of_a_providers_own_json_stays_one_event() -> None:
    raw = Raw(b'{"id":"ws_1",\n"type":"web_search_call"}')
    part = PartOpened(index=0, kind="opaque", raw=raw, opaque_kind="web_search_call", at="/output/0")
    out = encode([Started(id="r", model="m"), part, PartClosed(index=0), Finished(reason="stop")], provider="openai-responses")[0]
    assert [event["type"] for event in events_of(out)][2:4] == ["response.output_item.added", "response.output_item.done"]
